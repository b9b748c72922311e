"""The incident column in the real window over a real station: real keys, from the queue to the last letter."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.alarm import AlarmState
from console.domain.incident import Incident
from tests.widgets.incident.scene import keys
from tests.widgets.test_calltaker_window import Seat, press, scale, seat

__all__ = ["scale", "seat"]


def type_on(seat: Seat, text: str) -> None:
    """Keys go where the focus is; to the window itself where nothing has it."""
    keys(QApplication.focusWidget() or seat.taker.window, text)


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_F2])
async def test_that_f1_and_f2_while_a_call_is_written_leave_the_call_where_it_is(
    seat: Seat, qtbot: QtBot, key: Qt.Key
) -> None:
    panel, alarm = seat.taker.incident, seat.alarm()
    before = seat.station.picture.state.get(Incident, alarm.incident)
    await press(seat, qtbot, Qt.Key.Key_F9)
    type_on(seat, "Danxia Road")
    panel.form.narrative.setFocus()
    type_on(seat, "neighbour")
    await press(seat, qtbot, key)
    type_on(seat, " smells gas")
    await seat.taker.tasks.idle()
    QApplication.processEvents()
    taken = seat.alarm() if seat.taker.window.panes.strip.alarm == alarm.id else None
    assert taken is None or taken.state is AlarmState.ACKNOWLEDGED
    assert panel.writing
    assert panel.form.narrative.toPlainText() == "neighbour smells gas"
    after = seat.station.picture.state.get(Incident, alarm.incident)
    assert before is not None
    assert after is not None
    assert (after.narrative, after.place) == (before.narrative, before.place)
    assert list(panel.waiting.shown) == [alarm.incident]
    QTest.keyClick(seat.taker.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    type_on(seat, "zzz")
    await seat.taker.tasks.idle()
    assert seat.taker.window.selection.incident == alarm.incident
    assert "neighbour smells gas" in str(panel.drafting._drafts.kept)
    after = seat.station.picture.state.get(Incident, alarm.incident)
    assert after is not None
    assert after.narrative == before.narrative
