"""F9 again after an unknown outcome: one incident, with the last words that were typed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.domain.errors import JournalUnavailable
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.services.places import Places
from tests.support import MemoryJournal
from tests.widgets.incident.scene import GAS_NARRATIVE, Bench, build, keys, press, slow_journal


async def test_that_saving_again_after_an_unknown_outcome_opens_no_second_incident(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log.append("incident.open: 结果未知")
    journal, spool = bench.desk.journal, bench.desk.spool
    assert isinstance(journal, MemoryJournal)
    commit = journal.commit

    async def late(act: Act) -> Any:
        await commit(act)
        raise JournalUnavailable("日志 2 秒内没有写成")

    def full(*_: object) -> None:
        raise JournalUnavailable("磁盘已满")

    with monkeypatch.context() as broken:
        broken.setattr(journal, "commit", late)
        broken.setattr(spool, "put", full)
        bench.panel.new_incident()
        keys(bench.panel.form.place, "钟法路")
        keys(bench.panel.form.narrative, GAS_NARRATIVE)
        bench.panel.save()
        await bench.settle()
    assert "结果未知" in bench.tasks.messages.last[-1].text
    assert bench.notebook.rows, "the draft stays"
    bench.desk.health.journal_answered(0.01)
    keys(bench.panel.form.caller, "Wang")
    bench.panel.save()
    await bench.settle()
    (incident,) = journal.state.all(Incident)
    assert (incident.place, incident.caller) == ("钟法路", "Wang")
    assert bench.notebook.rows == {}


async def test_that_a_draft_a_crash_left_of_a_saved_call_becomes_an_edit_of_it(
    bench: Bench, places: Places, tmp_path: Path
) -> None:
    bench.panel.new_incident()
    keys(bench.panel.form.place, "钟法路")
    keys(bench.panel.form.narrative, GAS_NARRATIVE)
    await bench.settle()
    left = dict(bench.notebook.rows)
    bench.panel.save()
    await bench.settle()
    bench.notebook.rows.update(left)
    after_the_crash = build(
        bench.desk, bench.clock, bench.theme, bench.selection, bench.tick, bench.tasks, places, tmp_path, bench.notebook
    )
    await after_the_crash.panel.start()
    (draft,) = after_the_crash.panel.drafts.shown
    after_the_crash.panel.drafts.resumed.emit(draft)
    keys(after_the_crash.panel.form.caller, "Wang")
    after_the_crash.panel.save()
    await after_the_crash.settle()
    journal = bench.desk.journal
    assert isinstance(journal, MemoryJournal)
    (incident,) = journal.state.all(Incident)
    assert (incident.place, incident.caller) == ("钟法路", "Wang")
    assert bench.notebook.rows == {}
    after_the_crash.panel.close_panel()


async def resume_after_the_crash(
    bench: Bench, places: Places, tmp_path: Path, narrative: str, graver: bool = False
) -> Bench:
    """A call that was saved, whose draft a killed process left; the draft is in the form again."""
    bench.panel.new_incident()
    keys(bench.panel.form.place, "钟法路")
    keys(bench.panel.form.narrative, narrative)
    if graver:
        press(bench.panel.form.level, Qt.Key.Key_Home)
    await bench.settle()
    left = dict(bench.notebook.rows)
    bench.panel.save()
    await bench.settle()
    bench.notebook.rows.update(left)
    again = build(
        bench.desk, bench.clock, bench.theme, bench.selection, bench.tick, bench.tasks, places, tmp_path, bench.notebook
    )
    again.panel.show()
    await again.panel.start()
    (draft,) = again.panel.drafts.shown
    again.panel.drafts.resumed.emit(draft)
    return again


def choose_kind(bench: Bench, initials: str) -> None:
    bench.panel.form.kind.clear()
    keys(bench.panel.form.kind, initials)
    press(bench.panel.form.kind, Qt.Key.Key_Return)


async def test_that_kind_level_and_route_chosen_after_the_first_try_hold(
    bench: Bench, places: Places, tmp_path: Path
) -> None:
    again = await resume_after_the_crash(bench, places, tmp_path, GAS_NARRATIVE)
    (before,) = bench.journal.state.all(Incident)
    choose_kind(again, "dj")
    press(again.panel.form.level, Qt.Key.Key_Home)
    again.panel.card.chosen.emit("A")
    chosen = again.panel.form.kind_code
    assert (before.kind, before.priority, before.route) != (chosen, 1, "A")
    again.panel.save()
    await again.settle()
    (incident,) = bench.journal.state.all(Incident)
    assert (incident.kind, incident.priority, incident.route) == (chosen, 1, "A")
    assert (again.panel.form.kind_code, again.panel.form.level.level) == (chosen, 1)
    again.panel.close_panel()
    again.panel.close()


async def test_that_a_draft_saved_again_as_it_was_changes_nothing_another_person_decided_meanwhile(
    bench: Bench, places: Places, tmp_path: Path
) -> None:
    again = await resume_after_the_crash(bench, places, tmp_path, "有人持刀打架")
    (before,) = bench.journal.state.all(Incident)
    await bench.desk.do("incident.priority", incident=before.number, priority=3, reason="已核实")
    again.panel.save()
    await again.settle()
    (incident,) = bench.journal.state.all(Incident)
    assert (before.priority, incident.priority, incident.kind) == (1, 3, before.kind)
    assert again.tasks.messages.last[-1].text == f"已建立警情 {incident.number}"
    again.panel.close_panel()
    again.panel.close()


async def test_that_a_level_lowered_again_without_a_reason_is_told(
    bench: Bench, places: Places, tmp_path: Path
) -> None:
    again = await resume_after_the_crash(bench, places, tmp_path, "有人吵闹", graver=True)
    press(again.panel.form.level, Qt.Key.Key_End)
    again.panel.save()
    await again.settle()
    (incident,) = bench.journal.state.all(Incident)
    assert incident.priority == 1
    assert again.selection.incident == incident.number
    assert again.tasks.messages.last[-1].text == "降低级别须写明理由（您填写的“四级”未保存）"
    again.panel.close_panel()
    again.panel.close()


async def test_that_kind_and_level_chosen_while_the_act_is_under_way_hold(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = slow_journal(bench, monkeypatch)
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.narrative, GAS_NARRATIVE)
    bench.panel.save()
    choose_kind(bench, "dj")
    chosen = form.kind_code
    press(form.level, Qt.Key.Key_Home)
    bench.panel.card.chosen.emit("A")
    await asyncio.sleep(0)
    asked.set()
    await bench.settle()
    (incident,) = bench.journal.state.all(Incident)
    assert (incident.kind, incident.priority, incident.route) == (chosen, 1, "A")
    assert (form.kind_code, form.level.level) == (chosen, 1)
