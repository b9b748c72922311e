"""An officer in need in the whole window: the bar, the map that goes there and comes back, the keys, the sound."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.clock import ManualClock
from console.domain.emergency import Emergency
from console.domain.facts import UnitRegistered
from console.domain.incident import Incident
from console.domain.state import need
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from console.services.safety import open_emergencies
from tests.support import EVENING, tell
from tests.widgets.test_calltaker_window import Seat, press, said, scale, seat
from widgets.sound import Sounds
from widgets.tick import Tick

__all__ = ["scale", "seat"]
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


async def in_need(seat: Seat) -> str:
    """A unit on an incident calls for help by its own key."""
    desk = seat.station.desk
    unit = next(row for row in seat.station.picture.units() if row.incident)
    fix = seat.station.picture.positions.get(unit.id)
    lat, lon = (fix.lat, fix.lon) if fix is not None else (24.53, 117.66)
    seat.station.picture.move([Position(unit=unit.id, lat=lat + 0.012, lon=lon + 0.012, at=desk.clock())])
    await desk.do("unit.status", unit=unit.id, status=UnitStatus.NEEDS_HELP.value, on_behalf=False, how="text")
    return unit.id


async def test_that_the_bar_names_who_is_in_need_and_the_map_goes_there_and_back(seat: Seat) -> None:
    window = seat.taker.window
    canvas = window.panes.map_pane.canvas
    assert canvas is not None
    before = canvas.view
    unit = await in_need(seat)
    assert window.emergencies.bar.isVisible()
    assert f"民警紧急求助 {unit}" in window.emergencies.bar.words.text
    assert canvas.is_away
    assert window.emergencies.bar.home.isVisible()
    QTest.keyClick(window, Qt.Key.Key_B, BOTH)
    await seat.taker.tasks.idle()
    QTest.qWait(700)
    assert not canvas.is_away
    assert (canvas.view.x, canvas.view.y) == pytest.approx((before.x, before.y), abs=1)


async def test_that_a_key_acknowledges_it_and_a_line_with_the_reason_ends_it(seat: Seat, qtbot: Any) -> None:
    window = seat.taker.window
    unit = await in_need(seat)
    await press(seat, qtbot, Qt.Key.Key_E, BOTH)
    (row,) = open_emergencies(seat.station.picture.state)
    assert row.acknowledged_by == seat.station.desk.actor
    assert seat.station.picture.state.get(Incident, row.incident) is not None
    assert window.selection.incident == row.incident
    await press(seat, qtbot, Qt.Key.Key_X, BOTH)
    line = window.panes.command_line.input
    assert line.text() == f"解除 {unit} "
    assert line.hasFocus()
    line.insert("增援已到")
    QTest.keyClick(line, Qt.Key.Key_Return)
    await seat.taker.tasks.idle()
    assert open_emergencies(seat.station.picture.state) == []
    assert window.emergencies.bar.isHidden()
    assert said(seat) == f"已解除 {unit} 的紧急求助"


async def test_that_the_bars_button_means_the_officer_it_names(seat: Seat) -> None:
    window, desk = seat.taker.window, seat.station.desk
    asked: list[object] = []
    window.emergencies.asked.connect(asked.append)
    unit = await in_need(seat)
    other = next(row for row in seat.station.picture.units() if not row.incident and row.id != unit)
    seat.hand.seconds += 1
    await desk.do("emergency.start", unit=other.id)
    seat.hand.seconds += 1
    QTest.mouseClick(window.emergencies.bar.know, Qt.MouseButton.LeftButton)
    await seat.taker.tasks.idle()
    assert asked == [f"应援 {unit}"]
    (waits,) = [row for row in open_emergencies(seat.station.picture.state) if row.acknowledged_at is None]
    assert waits.unit == other.id


async def test_that_an_officer_who_came_onto_the_bar_a_moment_ago_is_not_acknowledged_unseen(
    seat: Seat, qtbot: Any
) -> None:
    desk, state = seat.station.desk, seat.station.picture.state
    await in_need(seat)
    other = next(row for row in seat.station.picture.units() if not row.incident)
    seat.hand.seconds += 1
    await desk.do("emergency.start", unit=other.id)
    seat.hand.seconds += 1
    first, second = open_emergencies(state)
    act = desk.act("emergency.acknowledge", {"emergency": first.id})
    await desk.carry_out(replace(act, actor="044", seat="04"))
    await press(seat, qtbot, Qt.Key.Key_E, BOTH)
    assert need(state, Emergency, second.id).acknowledged_at is None
    assert "情况已变化，请再按一次" in said(seat)
    await press(seat, qtbot, Qt.Key.Key_E, BOTH)
    assert need(state, Emergency, second.id).acknowledged_by == desk.actor


@pytest.fixture
def played(desk: Desk, tick: Tick) -> Iterator[SimpleNamespace]:
    rung: list[str] = []
    names = ("officer", "alarm", "notice", "late")
    sounds = Sounds(desk, tick, {name: partial(rung.append, name) for name in names})
    yield SimpleNamespace(rung=rung)
    sounds.close()


async def test_that_its_sound_comes_before_every_other_until_somebody_acknowledges(
    desk: Desk, tick: Tick, clock: ManualClock, played: SimpleNamespace
) -> None:
    free = UnitStatus.AVAILABLE
    tell(desk, UnitRegistered(unit=Unit(id="巡05", status=free, status_since=EVENING)))
    emergency = await desk.do("emergency.start", unit="巡05")
    assert played.rung[-1] == "officer"
    await desk.do("incident.open", kind="0206", place="钟法路")
    assert set(played.rung) == {"officer"}
    await desk.do("emergency.acknowledge", emergency=emergency)
    played.rung.clear()
    tick.second.emit(clock())
    assert played.rung == []
