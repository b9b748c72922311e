"""Possible duplicates in the column: found while a call is written, taken with one key, never by themselves."""

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.errors import UserError
from console.domain.facts import ConfidentialityChanged, NoteAdded
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from tests.support import tell
from tests.widgets.incident.scene import GAS, Bench, gas, keys, press, slow_journal
from tests.widgets.later import a_moment_later
from widgets.panels.card import Show


async def write_again(bench: Bench) -> None:
    """A second caller about the gas on the staircase."""
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "xhblzflk")
    press(form.place, Qt.Key.Key_Return)
    keys(form.narrative, "楼道里煤气味很大，三楼老人还没下来")
    form.beat_second()
    await bench.settle()
    QTest.qWait(300)
    a_moment_later()


def notes(bench: Bench) -> list[str]:
    return [fact.body.text for fact in bench.journal.facts if isinstance(fact.body, NoteAdded)]


async def test_that_a_second_call_about_one_event_is_offered_the_first_with_reasons(bench: Bench) -> None:
    gas(bench.desk)
    await write_again(bench)
    card = bench.panel.duplicates
    assert card.shown is Show.OPEN
    assert [match.number for match in card.matches] == [GAS]
    assert "分钟前" in card.rows[0].why.text()
    assert "0190" in card.rows[0].title.text()
    assert card.rows[0].take.text() == "Ctrl+1 附为补充"


async def test_that_one_key_adds_the_call_to_the_known_incident_and_opens_no_second_one(bench: Bench) -> None:
    gas(bench.desk)
    await write_again(bench)
    bench.panel.take_duplicate(0)
    await bench.settle()
    assert notes(bench) == ["补充来电：楼道里煤气味很大，三楼老人还没下来"]
    assert bench.names().count("IncidentOpened") == 1
    assert bench.selection.incident == GAS
    assert not bench.notebook.rows


async def test_that_what_the_second_caller_says_of_place_kind_and_level_goes_with_the_call(bench: Bench) -> None:
    gas(bench.desk)
    await write_again(bench)
    form = bench.panel.form
    keys(form.place, " 3 号楼")
    keys(form.kind, "dj")
    press(form.kind, Qt.Key.Key_Return)
    press(form.level, Qt.Key.Key_End)
    press(form.level, Qt.Key.Key_Home)
    keys(form.recording, "R77")
    bench.panel.duplicates.supplement_wanted.emit(GAS)
    await bench.settle()
    kind = bench.desk.reference.codes["0201"].name
    (said,) = notes(bench)
    assert said.startswith("补充来电：楼道里煤气味很大，三楼老人还没下来；地点：新华北路·钟法路口 3 号楼；")
    assert said.endswith(f"；类别：{kind}；级别：一级；录音号：R77")
    assert not bench.notebook.rows


async def test_that_what_is_typed_while_the_call_is_being_added_is_added_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gas(bench.desk)
    await write_again(bench)
    asked = slow_journal(bench, monkeypatch)
    bench.panel.take_duplicate(0)
    bench.panel.take_duplicate(0)
    keys(bench.panel.form.narrative, "，有人晕倒")
    keys(bench.panel.form.caller, "Wang")
    await asyncio.sleep(0)
    asked.set()
    await bench.settle()
    assert notes(bench) == ["补充来电：楼道里煤气味很大，三楼老人还没下来", "补充来电 Wang：有人晕倒"]
    assert bench.selection.incident == GAS
    assert not bench.notebook.rows


async def test_that_a_call_whose_rest_cannot_be_added_stays_a_draft(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gas(bench.desk)
    await write_again(bench)
    commit = bench.journal.commit

    async def refusing(act: Act) -> Any:
        if "晕倒" in act.args["text"]:
            raise UserError("警情已结束")
        return await commit(act)

    monkeypatch.setattr(bench.journal, "commit", refusing)
    asked = slow_journal(bench, monkeypatch)
    bench.panel.take_duplicate(0)
    keys(bench.panel.form.narrative, "，有人晕倒")
    await asyncio.sleep(0)
    asked.set()
    await bench.settle()
    assert bench.tasks.messages.last[-1].text == "警情已结束"
    assert bench.panel.writing
    (kept,) = bench.notebook.rows.values()
    assert kept["narrative"].endswith("，有人晕倒")


async def test_that_an_incident_is_merged_into_the_likely_one_with_one_key(bench: Bench) -> None:
    gas(bench.desk)
    twice = await bench.desk.do(
        "incident.open", kind="050302", place="新华北路·钟法路口", narrative="三楼煤气味很大", lat=24.515, lon=117.655
    )
    await bench.choose(str(twice))
    a_moment_later()
    assert bench.panel.duplicates.rows[0].take.text() == "Ctrl+1 并入"
    bench.panel.take_duplicate(0)
    await bench.settle()
    found = bench.desk.picture.state.get(Incident, str(twice))
    assert found is not None
    assert (found.state, found.main) == (IncidentState.MERGED, GAS)


async def test_that_what_is_hidden_from_the_person_is_not_offered(bench: Bench) -> None:
    gas(bench.desk)
    tell(bench.desk, ConfidentialityChanged(incident=GAS, confidential=True, reason="涉密"))
    bench.desk.actor, bench.desk.roles = "099", ("call_taker",)
    await write_again(bench)
    assert bench.panel.duplicates.matches == ()
    assert bench.panel.duplicates.shown is Show.HIDDEN


async def test_that_a_key_without_a_match_says_so(bench: Bench) -> None:
    await write_again(bench)
    with pytest.raises(UserError, match="没有第1条疑似重复警情"):
        bench.panel.take_duplicate(0)
