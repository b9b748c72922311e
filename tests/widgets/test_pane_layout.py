"""The window's layout: panes to a second screen and home, undo, the usual one, kept per role."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.test_calltaker_window import Seat, press, said, scale, seat
from widgets.arrangement import Arrangement
from widgets.windows.pane_layout import PaneLayout

__all__ = ["scale", "seat"]
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def layout(seat: Seat) -> PaneLayout:
    return seat.taker.window.layout_of_panes


async def test_that_a_pane_goes_out_with_its_keys_and_comes_home_when_its_window_is_closed(
    seat: Seat, qtbot: Any
) -> None:
    window = seat.taker.window
    await press(seat, qtbot, Qt.Key.Key_M, BOTH)
    out = layout(seat).out["map"]
    assert window.panes.map_pane.window() is out
    assert out.isVisible()
    window.panes.queue.list.setFocus()
    QTest.keyClick(out, Qt.Key.Key_F9)
    await seat.taker.tasks.idle()
    assert window.panes.incident.drafting.id, "a key of the desk works in the pane's window as well"
    out.close()
    assert window.panes.map_pane.window() is window
    assert window.rows.indexOf(window.panes.map_pane) == 0
    assert layout(seat).out == {}


async def test_that_map_and_roster_both_out_leave_their_column_to_the_others(seat: Seat, qtbot: Any) -> None:
    window = seat.taker.window
    await press(seat, qtbot, Qt.Key.Key_M, BOTH)
    await press(seat, qtbot, Qt.Key.Key_R, BOTH)
    assert window.rows.isHidden()
    await press(seat, qtbot, Qt.Key.Key_R, BOTH)
    await press(seat, qtbot, Qt.Key.Key_M, BOTH)
    assert [window.rows.widget(i) for i in range(2)] == [window.panes.map_pane, window.panes.roster]
    assert not window.rows.isHidden()


async def test_that_a_change_is_taken_back_and_the_usual_layout_restored(seat: Seat, qtbot: Any) -> None:
    window = seat.taker.window
    usual = window.columns.sizes()
    await press(seat, qtbot, Qt.Key.Key_Q, BOTH)
    await press(seat, qtbot, Qt.Key.Key_U, BOTH)
    assert layout(seat).out == {}
    assert window.columns.indexOf(window.panes.queue) == 0
    window.columns.setSizes([500, 700, 700])
    window.columns.splitterMoved.emit(500, 1)
    QTest.qWait(500)
    await press(seat, qtbot, Qt.Key.Key_0, BOTH)
    assert window.columns.sizes() == usual
    assert said(seat) == "已恢复默认布局"
    await press(seat, qtbot, Qt.Key.Key_U, BOTH)
    assert abs(window.columns.sizes()[0] - 500) < 10


async def test_that_without_a_change_nothing_is_taken_back(seat: Seat, qtbot: Any) -> None:
    await press(seat, qtbot, Qt.Key.Key_U, BOTH)
    assert said(seat) == "没有可撤销的布局改动"


async def test_that_a_persons_layout_is_kept_per_role(seat: Seat, qtbot: Any, tmp_path: Path) -> None:
    kept = Arrangement(tmp_path, "calltaker")
    layout(seat)._arrangement = kept
    await press(seat, qtbot, Qt.Key.Key_R, BOTH)
    layout(seat).keep()
    assert len(kept.load()["out_roster"]) == 4
    assert Arrangement(tmp_path, "chief").load() == {}
    layout(seat).bring_all_home()
    layout(seat).arrange()
    assert list(layout(seat).out) == ["roster"]
