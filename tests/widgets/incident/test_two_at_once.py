"""Two people on one incident: what another changes is told and lit, what is typed here is never replaced nor lost."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.domain.ledger import Act
from console.services.catching_up import catch_up
from tests.support import people
from tests.widgets.incident.scene import Bench, gas, keys, press, school
from widgets.panels.parts import LIT_BEATS

ALT = Qt.KeyboardModifier.AltModifier
OWN = "女士（未留名）"


async def other(bench: Bench, act: str, **args: Any) -> None:
    """王敏 (032) at desk 04 does something; this desk is shown it at once."""
    asked = Act(name=act, args=args, actor="032", seat="04", roles=bench.desk.roles, at=bench.clock())
    done = await bench.journal.commit(replace(asked))
    await catch_up(bench.desk.picture, bench.journal, done.facts)


@pytest.fixture
async def number(bench: Bench) -> str:
    people(bench.desk)
    found = gas(bench.desk)
    await bench.choose(found)
    return found


async def typing(bench: Bench, text: str) -> None:
    caller = bench.panel.form.caller
    caller.setFocus()
    caller.selectAll()
    keys(caller, text)


def saved(bench: Bench) -> str:
    assert bench.panel.incident is not None
    return bench.panel.incident.caller


async def test_that_a_lit_field_says_who_changed_it_and_what_stood_there(bench: Bench, number: str) -> None:
    place = bench.panel.form.place
    await other(bench, "incident.edit", incident=number, fields={"place": "钟法路"})
    assert place.text() == "钟法路"
    said = "032 王敏 14:30:00 修改，原为“新华北路·钟法路口”"
    assert (place.toolTip(), place.accessibleDescription()) == (said, said)
    for _ in range(LIT_BEATS):
        await bench.beat()
    assert (place.toolTip(), place.accessibleDescription()) == ("钟法路", "")


async def test_that_the_others_value_stands_beside_the_field_that_is_typed_in(bench: Bench, number: str) -> None:
    await typing(bench, "Wa")
    await other(bench, "incident.edit", incident=number, fields={"caller": "陈女士"})
    bar = bench.panel.form.theirs
    assert bench.panel.form.caller.text() == "Wa"
    assert not bar.isHidden()
    assert bar.said.text() == "032 王敏 14:30:00 把报警人改为“陈女士”，您正在改的没有被替换"


async def test_that_alt_y_takes_the_others_value_and_saves_nothing(bench: Bench, number: str) -> None:
    await typing(bench, "Wa")
    await other(bench, "incident.edit", incident=number, fields={"caller": "陈女士"})
    facts = len(bench.journal.facts)
    press(bench.panel.form.caller, Qt.Key.Key_Y, ALT)
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    await bench.settle()
    assert bench.panel.form.caller.text() == "陈女士"
    assert bench.panel.form.theirs.isHidden()
    assert len(bench.journal.facts) == facts


async def test_that_alt_n_keeps_ones_own_and_saves_it_over_the_others_on_purpose(bench: Bench, number: str) -> None:
    await typing(bench, "Wa")
    await other(bench, "incident.edit", incident=number, fields={"caller": "陈女士"})
    press(bench.panel.form.caller, Qt.Key.Key_N, ALT)
    assert bench.panel.form.theirs.isHidden()
    keys(bench.panel.form.caller, "ng")
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    await bench.settle()
    assert saved(bench) == "Wang"
    assert bench.journal.facts[-1].body.old == {"caller": "陈女士"}  # type: ignore[attr-defined]


async def test_that_saving_over_an_unread_change_is_refused_told_and_asked(bench: Bench, number: str) -> None:
    await typing(bench, "Wang")
    await other(bench, "incident.edit", incident=number, fields={"caller": "陈女士"})
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    await bench.settle()
    assert "报警人已被改为“陈女士”，请核对后再改" in bench.tasks.messages.last[-1].text
    assert saved(bench) == "陈女士"
    assert bench.panel.form.caller.text() == "Wang", "what was typed is still there"
    assert bench.panel.form.theirs.field == "caller"
    press(bench.panel.form.place, Qt.Key.Key_N, ALT)
    await bench.settle()
    assert saved(bench) == "Wang"
    assert bench.panel.form.theirs.isHidden()


async def test_that_a_refused_text_is_not_lost_by_looking_at_the_field_again(bench: Bench, number: str) -> None:
    await typing(bench, "Wang")
    await other(bench, "incident.edit", incident=number, fields={"caller": "陈女士"})
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    await bench.settle()
    bench.panel.form.caller.setFocus()
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    assert bench.panel.form.caller.text() == "Wang"


async def test_that_a_change_this_desk_had_not_been_shown_is_refused_and_then_shown(bench: Bench, number: str) -> None:
    await typing(bench, "Wang")
    act = Act(
        name="incident.edit",
        args={"incident": number, "fields": {"caller": "陈女士"}},
        actor="032",
        seat="04",
        roles=bench.desk.roles,
        at=bench.clock(),
    )
    await bench.journal.commit(act)
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    await bench.settle()
    assert saved(bench) == "陈女士"
    assert bench.panel.form.caller.text() == "Wang"
    assert bench.panel.form.theirs.said.text().startswith("032 王敏 14:30:00 把报警人改为“陈女士”")


async def test_that_ones_own_saving_lights_and_asks_nothing(bench: Bench, number: str) -> None:
    await typing(bench, "Wa")
    press(bench.panel.form.caller, Qt.Key.Key_Return)
    await bench.settle()
    keys(bench.panel.form.caller, "ng")
    assert bench.panel.form.theirs.isHidden()
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    await bench.settle()
    assert saved(bench) == "Wang"


async def test_that_what_could_not_be_saved_is_told_word_for_word_when_another_incident_is_shown_by_then(
    bench: Bench, number: str
) -> None:
    next_one = school(bench.desk)
    await typing(bench, "Wa")
    await other(bench, "incident.edit", incident=number, fields={"caller": "陈女士"})
    await bench.choose(next_one)
    assert "您填写的“Wa”未保存" in bench.tasks.messages.last[-1].text
    assert bench.panel.form.theirs.isHidden()
    await bench.choose(number)
    assert bench.panel.form.caller.text() == "陈女士"


async def test_that_typing_is_told_from_the_first_stroke_until_the_field_is_left(bench: Bench, number: str) -> None:
    fields: list[str] = []
    bench.panel.form.typing.connect(fields.append)
    await typing(bench, "W")
    press(bench.panel.form.caller, Qt.Key.Key_Tab)
    assert fields[0] == "caller"
    assert fields[-1] == ""
    await bench.settle()
