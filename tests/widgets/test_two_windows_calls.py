"""Two call-takers' windows over one database and the telephone, worked by keys: one takes the call, holds it, gives it
to the other, and what is typed there keeps its keys."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.account import MACHINE
from console.domain.call import Call
from console.domain.ledger import Act
from console.domain.state import need
from tests.widgets.test_two_windows import CTRL, Hand, Open, Seat, Two, a_call, two_windows
from widgets.panels.agencies import AgencyGrid
from widgets.panels.call_bar import CallBar
from widgets.panels.caller_pop import CallerPop
from widgets.panels.cover import Cover
from widgets.theme import Theme
from widgets.tick import Tick
from widgets.windows.ringing_strip import RingingStrip

NUMBER = "13812345678"
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def open_room(theme: Theme, app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    hand = Hand()
    monkeypatch.setattr("console.seat.Tick", partial(Tick, steady=hand))
    monkeypatch.setattr(AgencyGrid, "steady", staticmethod(hand))
    return partial(two_windows, hand, theme, app, tmp_path)


async def ring(two: Two, key: str = "c1") -> None:
    desk = two.one.station.desk
    args = {"call": key, "number": NUMBER, "line": "M1"}
    await desk.carry_out(Act(name="call.rang", args=args, actor="M1", seat="03", roles=MACHINE, at=desk.clock()))
    await two.same()


def pop(seat: Seat) -> CallerPop:
    found = seat.taker.window.findChild(CallerPop)
    assert isinstance(found, CallerPop)
    return found


def bar(seat: Seat) -> CallBar:
    found = seat.taker.window.findChild(CallBar)
    assert isinstance(found, CallBar)
    return found


def call(seat: Seat) -> Call:
    return need(seat.station.picture.state, Call, "c1")


async def test_that_a_call_is_taken_held_given_and_ended_by_keys_at_two_seats(open_room: Open) -> None:
    async with open_room() as two:
        await ring(two)
        assert not pop(two.one).isHidden()
        assert not pop(two.other).isHidden()
        await two.other.press(Qt.Key.Key_F9)
        await two.same()
        assert two.other.taker.incident.form.phone.number == NUMBER
        assert pop(two.one).isHidden()
        assert "来电 138 1234 5678 已由席位04 032 接起" in [message.text for message in two.one.messages.last]
        await two.other.press(Qt.Key.Key_B, ALT)
        await two.same()
        assert call(two.one).held_at is not None
        assert bar(two.other).texts[0].startswith("‖ 保留 138 1234 5678")
        assert bar(two.one).isHidden()
        assert bar(two.one).text_of_seat("04").startswith("‖ 保留 138****5678")
        two.other.taker.window.perform("转接 03")
        await two.same()
        assert pop(two.one)._heading.text == "转接 · 席位04 032 转来"
        await two.one.press(Qt.Key.Key_F9)
        await two.same()
        assert (call(two.other).taken_by, call(two.other).seat, call(two.other).held_at) == ("031", "03", None)
        assert two.one.taker.incident.form.phone.number == NUMBER
        assert bar(two.other).isHidden()
        await two.one.press(Qt.Key.Key_E, ALT)
        await two.same()
        assert call(two.other).ended_at is not None


async def test_that_an_offer_is_declined_by_key_and_a_second_call_is_attached_by_key(open_room: Open) -> None:
    async with open_room() as two:
        number = a_call(two)
        await ring(two)
        await two.one.press(Qt.Key.Key_F9)
        await two.same()
        two.one.taker.window.perform("转接 04")
        await two.same()
        await two.other.press(Qt.Key.Key_D, ALT)
        await two.same()
        assert (call(two.one).transfer_to, call(two.one).taken_by) == ("", "031")
        await two.one.press(Qt.Key.Key_X, ALT)
        await two.same()
        line = two.one.taker.window.panes.command_line.input
        assert line.text() == "附 ", "while a new one is written the number has to be said"
        QTest.keyClicks(line, number[-4:])
        QTest.keyClick(line, Qt.Key.Key_Return)
        await two.same()
        assert call(two.other).incident == number
        assert two.one.said() == f"已作为补充来电附到 {number[-4:]}"


async def test_that_ctrl_1_makes_the_taken_call_part_of_the_known_incident(open_room: Open) -> None:
    async with open_room() as two:
        known = two.one.incident(a_call(two))
        await ring(two)
        await two.one.press(Qt.Key.Key_F9)
        await two.same()
        form = two.one.taker.incident.form
        form.place.setText(known.place)
        form.narrative.setPlainText(known.narrative)
        form.beat_second()
        await two.same()
        await two.until(lambda: bool(two.one.taker.incident.duplicates.matches))
        main = two.one.taker.incident.duplicates.matches[0].number
        await two.one.press(Qt.Key.Key_1, CTRL)
        await two.same()
        assert (call(two.other).incident, call(two.other).taken_by) == (main, "031")
        assert bar(two.one).texts[0].endswith(f" · {main[-4:]}"), "the bar says where the call belongs"
        assert pop(two.one).call_of(NUMBER) == "", "what is written next is not about it"


@pytest.mark.parametrize("sheet", ["bulletins", "handing over", "technical"])
async def test_that_a_ringing_call_stays_in_sight_above_a_sheet_and_f9_takes_it(open_room: Open, sheet: str) -> None:
    async with open_room() as two:
        window = two.one.taker.window
        window.perform("求助 巡05")  # the lowest the sheet may be: an officer in need and the alarm strip as well
        await two.same()
        shown: dict[str, tuple[Callable[[], None], Cover]] = {
            "bulletins": (window.bulletins.open, window.bulletins.cover),
            "handing over": (window.gate.open_hand_over, window.gate.cover),
            "technical": (window.technical.open, window.technical.cover),
        }
        opened, cover = shown[sheet]
        strip = window.findChild(RingingStrip)
        assert isinstance(strip, RingingStrip)
        opened()
        await two.same()
        assert strip.isHidden()
        assert cover.isVisible()
        high = cover.height()
        await ring(two)
        assert strip.isVisible()
        assert strip.number.text == "138 1234 5678"
        assert strip.geometry().bottom() < cover.geometry().top()
        assert window.ground.rect().contains(cover.geometry())
        assert strip.rect().contains(strip.take_button.geometry())
        await two.one.press(Qt.Key.Key_F9)
        await two.same()
        assert call(two.other).taken_by == "031"
        assert strip.isHidden()
        assert cover.height() == high
