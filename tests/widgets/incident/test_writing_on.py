"""Whatever is chosen by F1 or F2 while a person writes: the words stay where they were meant, the chosen one waits."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListWidget

from console.domain.incident import Incident
from tests.widgets.incident.scene import GAS, Bench, gas, keys, press, school, units

SCHOOL = "ZZ20261121-0193"


def type_on(bench: Bench, text: str) -> None:
    """Keys go where the focus is; to the window itself where nothing has it."""
    keys(QApplication.focusWidget() or bench.panel.window(), text)


def stored(bench: Bench, number: str) -> Incident:
    found = bench.desk.picture.state.get(Incident, number)
    assert found is not None
    return found


async def write_a_call(bench: Bench) -> None:
    school(bench.desk)
    bench.panel.new_incident()
    bench.panel.form.narrative.setFocus()
    type_on(bench, "neighbour")
    bench.selection.choose_incident(SCHOOL)  # what F1 does
    type_on(bench, " smells gas")
    await bench.settle()
    QApplication.processEvents()


async def test_that_a_new_incident_keeps_column_cursor_and_words_when_an_alarm_is_acknowledged(
    bench: Bench, queue: QListWidget
) -> None:
    await write_a_call(bench)
    form = bench.panel.form
    assert form.narrative.hasFocus()
    assert form.narrative.toPlainText() == "neighbour smells gas"
    assert bench.panel.writing
    assert stored(bench, SCHOOL).narrative == ""
    assert bench.panel.waiting.shown == {SCHOOL: "已确认 · 0193 一键报警 · 漳州市实验小学"}
    assert bench.selection.incident == "", "keys for the chosen incident do not mean one that is not shown"


async def test_that_ctrl_o_opens_the_alarm_keeps_the_draft_and_leaves_every_field(
    bench: Bench, queue: QListWidget
) -> None:
    await write_a_call(bench)
    press(bench.panel.window(), Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    type_on(bench, "xyz")
    await bench.settle()
    assert bench.selection.incident == SCHOOL
    assert bench.panel.incident == stored(bench, SCHOOL)
    assert stored(bench, SCHOOL).narrative == ""
    assert list(bench.panel.drafts.shown.values()) == ["neighbour smells …"]
    assert bench.panel.waiting.isHidden()


async def test_that_esc_in_the_draft_opens_what_waits(bench: Bench, queue: QListWidget) -> None:
    await write_a_call(bench)
    press(bench.panel.form.narrative, Qt.Key.Key_Escape)
    await bench.settle()
    assert bench.panel.incident == stored(bench, SCHOOL)
    assert len(bench.notebook.rows) == 1
    assert not bench.panel.form.narrative.hasFocus()


async def test_that_ctrl_enter_saves_the_call_and_the_alarm_goes_on_waiting(bench: Bench, queue: QListWidget) -> None:
    await write_a_call(bench)
    keys(bench.panel.form.place, "钟法路")
    keys(bench.panel.form.narrative, "，煤气味")
    press(bench.panel.form.narrative, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await bench.settle()
    shown = bench.panel.incident
    assert shown is not None
    assert (shown.source, shown.narrative) == ("call", "neighbour smells gas，煤气味")
    assert list(bench.panel.waiting.shown) == [SCHOOL]
    type_on(bench, ", door 3")
    bench.panel.form.commit()
    await bench.settle()
    assert stored(bench, shown.number).narrative == "neighbour smells gas，煤气味, door 3"


async def test_that_the_bar_says_which_unit_was_sent(bench: Bench, queue: QListWidget) -> None:
    units(bench.desk)
    await write_a_call(bench)
    await bench.desk.do("unit.assign", unit="巡05", incident=SCHOOL)
    assert bench.panel.waiting.shown == {SCHOOL: "已派 巡05 · 0193 一键报警 · 漳州市实验小学"}


async def test_that_a_half_typed_field_is_saved_to_its_own_incident_and_the_keys_leave_it(
    bench: Bench, queue: QListWidget
) -> None:
    school(bench.desk)
    await bench.choose(gas(bench.desk))
    bench.panel.form.caller.setFocus()
    bench.panel.form.caller.selectAll()
    type_on(bench, "Wang")
    bench.selection.choose_incident(SCHOOL)
    type_on(bench, "tail")
    await bench.settle()
    bench.panel.form.commit()
    await bench.settle()
    assert stored(bench, GAS).caller == "Wang"
    assert stored(bench, SCHOOL).caller == ""
    assert bench.panel.incident == stored(bench, SCHOOL)


async def test_that_an_answer_being_written_stays_open_with_its_incident(bench: Bench, queue: QListWidget) -> None:
    school(bench.desk)
    await bench.choose(gas(bench.desk))
    bench.panel.choose_agency()
    asked = bench.panel.sheet.title
    assert "0190" in asked
    bench.selection.choose_incident(SCHOOL)
    type_on(bench, "rq")
    await bench.settle()
    QApplication.processEvents()
    assert bench.panel.sheet.title == asked
    assert bench.panel.sheet.fields["agency"].text() == "rq"
    assert bench.selection.incident == GAS
    assert list(bench.panel.waiting.shown) == [SCHOOL]


@pytest.mark.parametrize("begun", [True, False])
async def test_that_a_saved_call_never_replaces_the_next_one(bench: Bench, queue: QListWidget, begun: bool) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.narrative, "有煤气味")
    bench.panel.save()
    if begun:
        bench.panel.new_incident()
        type_on(bench, "next")
    await bench.settle()
    assert bench.panel.writing is begun
    assert form.place.text() == ("next" if begun else "钟法路")
    assert len(bench.panel.waiting.shown) == begun
