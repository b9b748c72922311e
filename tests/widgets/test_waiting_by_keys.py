"""Hold, mark, link and stack at the whole window over a real station, by real keys."""

import asyncio
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.domain.incident import BEFORE_DISPATCH, Incident
from console.services.links import links_of
from console.services.stacks import stack_of
from tests.widgets.later import a_moment_later
from tests.widgets.test_calltaker_window import Seat, press, said, scale, seat
from widgets.models.queue_row import Tab

__all__ = ["scale", "seat"]

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def waiting_calls(seat: Seat) -> list[Incident]:
    """Calls of this desk that nobody was sent to, none of the gravest, the newest first."""
    found = [i for i in seat.station.picture.incidents() if i.state in BEFORE_DISPATCH and i.source == "call"]
    return sorted((i for i in found if i.priority > 1 and i.owner), key=lambda i: i.number, reverse=True)


def at(seat: Seat, number: str) -> Incident:
    found = seat.station.picture.state.get(Incident, number)
    assert found is not None
    return found


async def finish(seat: Seat, text: str) -> None:
    """The line that a key began is written to its end and carried out."""
    line = seat.taker.window.panes.command_line
    assert line.input.hasFocus(), said(seat)
    line.input.setText(line.input.text() + text)
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await seat.taker.tasks.idle()
    # The list of completions was a window of its own; without a window manager nobody gives the desk its keys back.
    async with asyncio.timeout(5):
        while not seat.taker.window.isActiveWindow():
            seat.taker.window.activateWindow()
            await asyncio.sleep(0.02)


async def test_that_a_call_is_held_by_a_key_stands_in_its_tab_and_wakes_by_itself(seat: Seat, qtbot: QtBot) -> None:
    queue, number = seat.taker.window.panes.queue, waiting_calls(seat)[0].number
    seat.taker.window.selection.choose_incident(number)
    before = queue.model.counts[Tab.WAITING]
    await press(seat, qtbot, Qt.Key.Key_H, CTRL)
    await finish(seat, "30分 等物业回电")
    assert at(seat, number).held_reason == "等物业回电", said(seat)
    assert (queue.model.counts[Tab.WAITING], queue.model.counts[Tab.HELD]) == (before - 1, 1)
    queue.show_tab(Tab.HELD)
    row = queue.model.row(0)
    assert (row.key, row.state[:4], row.second.split(" · ")[0]) == (number, "暂缓至 ", "等物业回电")
    seat.hand.seconds += timedelta(minutes=31).total_seconds()
    await seat.station.watch.tick()
    await seat.taker.tasks.idle()
    assert at(seat, number).waits_until is None
    assert queue.model.counts[Tab.HELD] == 0
    assert any("到时唤醒" in message.text for message in seat.taker.tasks.messages.last)


async def test_that_a_call_is_scheduled_woken_and_its_lateness_known_by_keys(seat: Seat, qtbot: QtBot) -> None:
    number = waiting_calls(seat)[0].number
    seat.taker.window.selection.choose_incident(number)
    await press(seat, qtbot, Qt.Key.Key_Y, CTRL | SHIFT)
    await finish(seat, "2小时 约定上门")
    assert at(seat, number).scheduled_for is not None, said(seat)
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_H, CTRL | SHIFT)
    assert at(seat, number).waits_until is None, said(seat)
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_L, CTRL | SHIFT)
    assert at(seat, number).late_seen_at is not None, said(seat)


async def test_that_one_key_marks_a_call_and_one_tells_how_the_call_back_ended(seat: Seat, qtbot: QtBot) -> None:
    number = waiting_calls(seat)[0].number
    seat.taker.window.selection.choose_incident(number)
    for key, mark in ((Qt.Key.Key_R, "prank"), (Qt.Key.Key_G, "dropped"), (Qt.Key.Key_W, "silent")):
        await press(seat, qtbot, key, ALT)
        assert at(seat, number).mark == mark, said(seat)
        seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_U, ALT)
    assert (at(seat, number).ring_backs, at(seat, number).ring_back) == (1, "unreached")
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_I, ALT)
    assert (at(seat, number).ring_backs, at(seat, number).ring_back) == (2, "reached")


async def test_that_calls_are_linked_and_stacked_and_the_next_job_goes_by_one_key(seat: Seat, qtbot: QtBot) -> None:
    window, picture = seat.taker.window, seat.station.picture
    one, two = (incident.number for incident in waiting_calls(seat)[:2])
    window.selection.choose_incident(one)
    await press(seat, qtbot, Qt.Key.Key_U, CTRL | SHIFT)
    await finish(seat, f"{at(seat, two).short} 子 同一起")
    (link,) = links_of(picture.state, two)
    assert (link.incident, link.kind) == (one, "child")
    unit = next(unit.id for unit in picture.units() if unit.incident and picture.orders(unit.incident))
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_N, CTRL | SHIFT)
    await finish(seat, unit)
    assert [job.incident for job in stack_of(picture.state, unit)] == [one], said(seat)
    a_moment_later()
    row = next(row for row in window.panes.roster.model.rows() if row.unit.id == unit)
    assert row.jobs[0].startswith(at(seat, one).short)
    await seat.station.desk.do("unit.report", unit=unit, step="feedback", text="已处理")
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_N, CTRL)
    assert [order.unit for order in picture.orders(one) if order.open] == [unit], said(seat)
    assert stack_of(picture.state, unit) == []
