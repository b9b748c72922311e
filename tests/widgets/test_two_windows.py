"""Two call-takers' windows over one database, worked by keys: an alarm has one owner, an incident is asked for and
given, the later act is told, and each sees where the other is."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.demo.clock import DemoClock
from console.domain.alarm import Alarm, AlarmState
from console.domain.incident import Incident
from console.domain.state import need
from console.seat import CallTaker, Desktop, open_calltaker
from console.settings import Settings
from console.shots import PICTURE_TIME, lay_out_picture
from console.station import Station, build_station
from tests.widgets.incident.scene import keys
from widgets.messages import Messages
from widgets.panels.agencies import AgencyGrid
from widgets.panels.seats import SeatsCard
from widgets.theme import Theme
from widgets.tick import Tick

CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


class Hand:
    """The time both windows run by; moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Seat:
    taker: CallTaker
    station: Station
    messages: Messages

    async def press(self, key: Qt.Key, more: Qt.KeyboardModifier = NONE) -> None:
        """A key in this window; only the active one hears its shortcuts."""
        window = self.taker.window
        began = time.monotonic()
        while QApplication.activeWindow() is not window:
            assert time.monotonic() - began < 5, QApplication.activeWindow()
            window.activateWindow()
            await asyncio.sleep(0.01)
        QTest.keyClick(window, key, more)

    def incident(self, number: str) -> Incident:
        return need(self.station.picture.state, Incident, number)

    def said(self) -> str:
        return self.messages.last[-1].text if self.messages.last else ""


@dataclass
class Two:
    one: Seat
    other: Seat
    hand: Hand

    async def settle(self) -> None:
        await self.one.taker.tasks.idle()
        await self.other.taker.tasks.idle()

    async def until(self, holds: Callable[[], bool]) -> None:
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < 5, (self.one.said(), self.other.said())
            await asyncio.sleep(0.02)

    async def same(self) -> None:
        """Both have seen everything, and half a second has passed since."""
        await self.settle()
        await self.until(lambda: self.one.station.picture.seq == self.other.station.picture.seq)
        self.hand.seconds += 1

    async def beat(self, seconds: float) -> None:
        self.hand.seconds += seconds
        for seat in (self.one, self.other):
            seat.taker.tick.second.emit(seat.station.clock())
        await self.settle()


Open = Callable[[], AbstractAsyncContextManager[Two]]
"""Opens two windows inside a test: between a fixture and its test the loop stands, and their tasks would not."""


@pytest.fixture
def open_two(theme: Theme, app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    hand = Hand()
    monkeypatch.setattr("console.seat.Tick", partial(Tick, steady=hand))
    monkeypatch.setattr(AgencyGrid, "steady", staticmethod(hand))
    return partial(two_windows, hand, theme, app, tmp_path)


@asynccontextmanager
async def two_windows(hand: Hand, theme: Theme, app: QApplication, folder: Path) -> AsyncIterator[Two]:
    clock, url = DemoClock(PICTURE_TIME, monotonic=hand), f"sqlite:///{folder / 'room.db'}"
    seats: list[Seat] = []
    for number, actor in (("03", "031"), ("04", "032")):
        own = folder / number
        own.mkdir()
        settings = Settings(data_folder=own, tracking=False)
        station = build_station(settings, url, clock=clock, seat=number, actor=actor)
        if not seats:
            await lay_out_picture(station, clock)
        messages = Messages()
        taker = open_calltaker(Desktop(app, theme, messages), station, player={}, keep=False)
        await station.start()
        taker.window.resize(1366, 768)
        taker.window.show()
        await taker.start()
        seats.append(Seat(taker, station, messages))
    made = Two(seats[0], seats[1], hand)
    try:
        await made.until(lambda: len(seats[0].station.presence.everyone()) == 2)
        await made.same()
        yield made
    finally:
        for seat in seats:
            await seat.taker.stop()
            seat.taker.window.hide()
            await seat.station.stop()
            shiboken6.delete(seat.taker.window)


def a_call(two: Two) -> str:
    """An incident that waits for a unit."""
    waiting = [i for i in two.one.station.picture.incidents() if i.open and i.source == "call" and not i.t_dispatch]
    return next(i.number for i in waiting if i.lat is not None)


async def test_that_an_alarm_rings_at_both_and_the_second_f1_is_told_who_was_faster(open_two: Open) -> None:
    async with open_two() as two:
        alarm = two.one.taker.window.panes.strip.alarm
        assert alarm
        assert two.other.taker.window.panes.strip.alarm == alarm, "it rings everywhere"
        await two.one.press(Qt.Key.Key_F1)
        two.other.taker.window.perform("alarm.acknowledge")  # in the same moment
        await two.settle()
        taken = need(two.one.station.picture.state, Alarm, alarm)
        assert taken.state is AlarmState.ACKNOWLEDGED
        loser = two.other if taken.owner == "031" else two.one
        assert any(message.text == f"该报警已由{taken.owner}确认" for message in loser.messages.last)
        await two.same()
        assert loser.taker.window.panes.strip.alarm != alarm, "its strip and sound have let go of it"


async def test_that_the_later_dispatch_is_told_and_the_same_key_again_sends(open_two: Open) -> None:
    async with open_two() as two:
        number = a_call(two)
        for seat in (two.one, two.other):
            seat.taker.window.selection.choose_incident(number)
        await two.same()
        two.one.taker.window.perform("派 巡06")
        two.other.taker.window.perform("派 巡13")
        await two.settle()
        sent = two.one.station.picture.orders(number) + two.other.station.picture.orders(number)
        first = {order.unit for order in sent}
        assert len(first) == 1, "one took effect"
        winner, loser = (two.one, two.other) if "巡06" in first else (two.other, two.one)
        assert f"{winner.station.desk.actor} " in loser.said()
        assert f"派警 {first.pop()}。请核对，仍要操作请再来一次" in loser.said()
        again = "派 巡13" if loser is two.other else "派 巡06"
        loser.taker.window.perform(again)
        await two.settle()
        assert "情况已变化，请再按一次" in loser.said(), "nobody reads in no time"
        two.hand.seconds += 1
        loser.taker.window.perform(again)
        await two.settle()
        assert {o.unit for o in loser.station.picture.orders(number)} == {"巡06", "巡13"}


async def test_that_each_sees_that_the_other_has_the_same_incident_open(open_two: Open) -> None:
    async with open_two() as two:
        number = a_call(two)
        two.other.taker.window.selection.choose_incident(number)
        two.one.taker.window.selection.choose_incident(number)
        room = two.one.taker.incident.room
        await two.until(lambda: "032 也打开着" in room.said)
        two.other.taker.incident.form.typing.emit("place")
        await two.until(lambda: "032 也打开着 · 正在改 地点" in room.said)
        two.one.taker.window.perform("席位")
        await two.settle()
        card = two.one.taker.window.findChild(SeatsCard)
        assert card is not None
        assert [row[:2] for row in card.rows()] == [("03", "031"), ("04", "032")]
        card.reject()
        two.other.taker.window.selection.choose_incident("")
        await two.until(lambda: not any("032" in said for said in room.said))


async def test_that_an_incident_is_asked_for_and_given_by_keys(open_two: Open) -> None:
    async with open_two() as two:
        number = a_call(two)
        await two.one.station.desk.do("incident.take", incident=number, silent_since="2026-11-21T05:00:00+00:00")
        await two.same()
        two.other.taker.window.selection.choose_incident(number)
        await two.other.press(Qt.Key.Key_T, CTRL)
        await two.same()
        assert "请求接手" in two.one.said()
        assert any("032 请求接手" in said for said in two.one.taker.incident.room.said)
        await two.other.press(Qt.Key.Key_T, CTRL)
        await two.settle()
        assert two.other.incident(number).owner == "031", "asked is not taken"
        await two.one.press(Qt.Key.Key_G, CTRL)
        await two.same()
        assert two.other.incident(number).owner == "032"
        assert "现由您负责：031 让出" in two.other.said()
        assert not any("请求接手" in said for said in two.one.taker.incident.room.said)


async def test_that_the_chief_takes_after_the_grace_only_with_a_reason(open_two: Open) -> None:
    async with open_two() as two:
        number = a_call(two)
        await two.one.station.desk.do("incident.take", incident=number, silent_since="2026-11-21T05:00:00+00:00")
        await two.same()
        window = two.other.taker.window
        window.selection.choose_incident(number)
        window.perform("接手")
        await two.same()
        window.perform("接手 交通堵塞")
        assert "还须等" in two.other.said()
        await two.beat(20)
        await two.other.press(Qt.Key.Key_T, CTRL)
        await two.settle()
        line = window.panes.command_line.input
        assert (line.text(), line.hasFocus()) == (f"接手 {two.one.incident(number).short} ", True)
        keys(line, "交通堵塞")
        QTest.keyClick(line, Qt.Key.Key_Return)
        await two.same()
        assert two.one.incident(number).owner == "032"
        told = "已由 032 接手：031未答复 032的请求，值班长接手；交通堵塞"
        # Not the last word: a clock of its own may have spoken since.
        assert any(told in message.text for message in two.one.messages.last)
