"""An existing incident: a field is saved when it is left, never replaced while it is typed in, lit when changed."""

import asyncio
from typing import cast

from PySide6.QtCore import Qt

from tests.support import people
from tests.widgets.incident.scene import Bench, gas, keys, press
from widgets.panels.parts import LIT_BEATS, ChangedMark
from widgets.seating import Door, Seating


async def test_that_a_left_field_is_saved_with_old_and_new(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    caller = bench.panel.form.caller
    caller.setFocus()
    caller.selectAll()
    keys(caller, "Wang")
    press(caller, Qt.Key.Key_Tab)
    await bench.settle()
    edited = bench.journal.facts[-1].body
    assert edited.new == {"caller": "Wang"}  # type: ignore[attr-defined]
    assert edited.old == {"caller": "女士（未留名）"}  # type: ignore[attr-defined]


async def test_that_nothing_is_saved_when_nothing_was_typed(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    before = len(bench.journal.facts)
    for field in (bench.panel.form.caller, bench.panel.form.place, bench.panel.form.narrative):
        field.setFocus()
        press(field, Qt.Key.Key_Tab)
    await bench.settle()
    assert len(bench.journal.facts) == before


async def test_that_a_field_being_typed_in_is_never_replaced_and_others_light_up(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    form = bench.panel.form
    form.caller.setFocus()
    form.caller.selectAll()
    keys(form.caller, "Wa")
    await bench.desk.do("incident.edit", incident=number, fields={"caller": "另一席", "place": "钟法路"})
    assert form.caller.text() == "Wa"
    assert form.place.text() == "钟法路"
    assert not form.place.findChildren(ChangedMark)[0].isHidden()
    assert form.caller.findChildren(ChangedMark)[0].isHidden()
    for _ in range(LIT_BEATS):
        await bench.beat()
    assert form.place.findChildren(ChangedMark)[0].isHidden()


async def test_that_what_another_changed_while_it_was_typed_is_not_overwritten_unseen(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    caller = bench.panel.form.caller
    caller.setFocus()
    caller.selectAll()
    keys(caller, "Wa")
    await bench.desk.do("incident.edit", incident=number, fields={"caller": "另一席"})
    keys(caller, "ng")
    press(caller, Qt.Key.Key_Return)
    await bench.settle()
    assert "报警人已被改为“另一席”" in bench.tasks.messages.last[-1].text
    assert bench.panel.incident is not None
    assert bench.panel.incident.caller == "另一席"
    assert caller.text() == "Wang"
    keys(caller, "!")
    press(caller, Qt.Key.Key_Return)
    await bench.settle()
    assert bench.panel.incident.caller == "Wang!"


async def test_that_a_field_saved_twice_without_leaving_it_is_no_conflict_with_oneself(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    caller = bench.panel.form.caller
    caller.setFocus()
    caller.selectAll()
    for typed in ("Wa", "ng"):
        keys(caller, typed)
        press(caller, Qt.Key.Key_Return)
    await bench.settle()
    assert bench.panel.incident is not None
    assert bench.panel.incident.caller == "Wang"


async def test_that_typing_taken_back_shows_what_another_wrote_meanwhile(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    caller = bench.panel.form.caller
    caller.setFocus()
    keys(caller, "x")
    await bench.desk.do("incident.edit", incident=number, fields={"caller": "另一席"})
    press(caller, Qt.Key.Key_Backspace)
    press(caller, Qt.Key.Key_Tab)
    await bench.settle()
    assert caller.text() == "另一席"
    assert bench.panel.incident is not None
    assert bench.panel.incident.caller == "另一席"


async def test_that_esc_saves_what_was_typed_and_leaves(bench: Bench) -> None:
    left: list[bool] = []
    bench.panel.left.connect(lambda: left.append(True))
    await bench.choose(gas(bench.desk))
    narrative = bench.panel.form.narrative
    narrative.setFocus()
    keys(narrative, "x")
    press(narrative, Qt.Key.Key_Escape)
    bench.panel.form.commit()
    await bench.settle()
    assert left == [True]
    incident = bench.panel.incident
    assert incident is not None
    assert incident.narrative.startswith("x")


async def test_that_choosing_another_incident_saves_what_was_typed_in_the_first(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    keys(bench.panel.form.caller, "!")
    bench.selection.choose_incident("")
    await bench.settle()
    assert bench.journal.facts[-1].body.incident == number
    assert bench.journal.facts[-1].name == "IncidentEdited"


async def test_that_a_place_from_the_list_brings_its_position_and_beat(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    place = bench.panel.form.place
    place.setFocus()
    place.selectAll()
    keys(place, "dtlsxdjk")
    found = place.found[0].text
    press(place, Qt.Key.Key_Return)
    await bench.settle()
    incident = bench.panel.incident
    assert incident is not None
    assert incident.place == found
    assert (incident.lat, incident.lon) != (24.515, 117.655)
    assert bench.panel.form.beat.text == f"警区 {incident.beat}"


async def test_that_the_phone_is_masked_until_it_is_typed_in(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    phone = bench.panel.form.phone
    assert phone.text().startswith("138")
    assert "0000" not in phone.text()
    phone.setFocus()
    assert phone.text() == "13800006621"
    bench.panel.form.caller.setFocus()
    assert "0000" not in phone.text()


async def test_that_a_level_is_raised_at_once_and_lowered_only_with_a_reason(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    form = bench.panel.form
    form.level.setFocus()
    press(form.level, Qt.Key.Key_Up)
    await bench.settle()
    assert bench.panel.incident is not None
    assert bench.panel.incident.priority == 1
    press(form.level, Qt.Key.Key_Down)
    press(form.level, Qt.Key.Key_Down)
    await bench.settle()
    assert bench.panel.incident.priority == 1
    assert form.reason.hasFocus()
    keys(form.reason, "已脱险")
    press(form.reason, Qt.Key.Key_Return)
    await bench.settle()
    assert bench.panel.incident.priority == 3


async def test_that_the_card_shows_basis_words_and_takes_the_route(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    card = bench.panel.card
    assert card.route == "B"
    assert "参照（潢川县 2021）" in card.basis.text()
    assert "“煤气味”" in card.words.text()
    assert card.raise_level.text() == "升为一级"
    press(card.raise_level, Qt.Key.Key_Space)
    press(card.buttons["C"], Qt.Key.Key_Space)
    await bench.settle()
    assert bench.panel.incident is not None
    assert (bench.panel.incident.priority, bench.panel.incident.route) == (1, "C")
    assert card.buttons["C"].isChecked()
    assert "已选 第三类" in card.conflict.text()


async def test_that_a_conflict_of_code_and_words_shows_both_and_takes_the_stricter(bench: Bench) -> None:
    number = gas(bench.desk)
    code = next(c.code for c in bench.desk.reference.codes.values() if c.route == "C" and c.code != "0503")
    await bench.choose(number)
    await bench.desk.do("incident.edit", incident=number, fields={"kind": code, "narrative": "有人持刀砍人"})
    assert bench.panel.card.route == "A"
    assert "为 C 类" in bench.panel.card.conflict.text()


async def test_that_proposals_follow_a_pause_in_typing(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    form = bench.panel.form
    paused: list[bool] = []
    form.paused.connect(lambda: paused.append(True))
    keys(form.narrative, "有人")
    assert paused == []
    await asyncio.sleep(0.35)
    assert paused == [True]
    await bench.settle()


async def test_that_a_field_only_looked_at_catches_up_when_it_is_left(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    form = bench.panel.form
    form.caller.setFocus()
    await bench.desk.do("incident.edit", incident=number, fields={"caller": "另一席"})
    assert form.caller.text() == "女士（未留名）"
    press(form.caller, Qt.Key.Key_Tab)
    assert form.caller.text() == "另一席"


async def test_that_the_focus_returns_from_the_sheet_to_where_it_was(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.form.narrative.setFocus()
    bench.panel.choose_agency()
    field = bench.panel.sheet.fields["agency"]
    assert field.hasFocus()
    press(field, Qt.Key.Key_Escape)
    assert bench.panel.form.narrative.hasFocus()


async def test_that_a_correction_half_typed_when_the_seat_is_locked_is_saved_by_who_typed_it(bench: Bench) -> None:
    people(bench.desk)
    number = gas(bench.desk)
    await bench.choose(number)
    seating = Seating(bench.desk, cast("Door", None))
    seating.changed.connect(bench.panel.refresh)
    bench.panel.form.narrative.setFocus()
    keys(bench.panel.form.narrative, "door 3, ")
    bench.panel.form.commit()  # what the gate does before it locks, in the same turn
    seating.lock("")
    await bench.settle()
    edited = next(fact for fact in bench.journal.facts if fact.name == "IncidentEdited")
    assert (edited.actor, "door 3" in edited.body.new["narrative"]) == ("031", True)  # type: ignore[attr-defined]
    assert bench.tasks.messages.last == []
    assert bench.desk.roles == ()
    assert bench.desk.undo.last(bench.clock(), "031").name == "incident.edit"
    seating.close()
