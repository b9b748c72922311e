"""The bar of calls in hand: who is talked to and who waits, a failed order told, no key taken from what is typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.domain.account import Role
from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.desk_facts import CallMoved
from console.domain.equipment_facts import CallEnded, CallRang, CallTaken, MessageMoved
from console.domain.facts import IncidentOpened, LineChanged
from console.domain.incident import Incident
from console.domain.outbox import OutboxMessage
from console.domain.site import Line, LineState
from console.services.desk import Desk
from tests.support import EVENING, tell
from widgets.messages import Messages
from widgets.panels.call_bar import CallBar
from widgets.panels.caller_pop import CallerPop
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


@pytest.fixture
def over(qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.resize(900, 600)
    window.field = QLineEdit(window)  # type: ignore[attr-defined]
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def pop(over: QWidget, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks) -> CallerPop:
    return CallerPop(over, desk, theme, tick, tasks)


@pytest.fixture
def bar(over: QWidget, pop: CallerPop, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks) -> CallBar:
    return CallBar(over, pop, desk, theme, tick, tasks)


def talk(desk: Desk, key: str = "c1", number: str = "13812345678", line: str = "M1") -> None:
    tell(desk, CallRang(call=Call(id=key, number=number, line=line, rang_at=desk.clock())), CallTaken(call=key))


def test_that_it_says_who_is_talked_to_who_waits_and_to_whom_one_goes(
    bar: CallBar, desk: Desk, tick: Tick, clock: ManualClock
) -> None:
    assert bar.isHidden()
    talk(desk)
    tick.second.emit(clock.advance(65))
    assert bar.texts == ["● 通话 138 1234 5678 01:05"]
    tell(desk, CallMoved(call="c1", act="hold"))
    assert bar.hold_button.text() == "取回"
    talk(desk, "c2", "")
    tick.second.emit(clock.advance(5))
    assert bar.texts == ["● 通话 号码未显示 00:05", "‖ 保留 138 1234 5678 00:05"]
    assert bar.hold_button.text() == "保留"
    tell(desk, CallMoved(call="c2", act="offer", to="04"))
    assert bar.texts[0] == "● 通话 号码未显示 00:05 · 正在转给席位04，Alt+D 收回"
    tell(desk, CallEnded(call="c1"), CallEnded(call="c2"))
    assert bar.isHidden()


def test_that_a_seats_calls_are_named_masked_for_the_list_of_seats(bar: CallBar, desk: Desk) -> None:
    talk(desk)
    talk(desk, "c2", "")
    tell(desk, CallMoved(call="c2", act="hold"))
    assert bar.text_of_seat("03") == "● 通话 138****5678 00:00 · ‖ 保留 号码未显示 00:00"
    assert bar.text_of_seat("04") == ""


def test_that_it_lies_below_the_card_of_who_rings(bar: CallBar, pop: CallerPop, desk: Desk) -> None:
    talk(desk)
    before = bar.y()
    tell(desk, CallRang(call=Call(id="c9", number="13700001111", line="M1", rang_at=desk.clock())))
    assert not pop.isHidden()
    assert bar.y() > pop.geometry().bottom() > before


def test_that_a_click_performs_the_command_and_leaves_the_keys_where_they_are(
    bar: CallBar, desk: Desk, over: QWidget, qtbot: QtBot
) -> None:
    done: list[str] = []
    bar.on_command(done.append)
    field = over.field  # type: ignore[attr-defined]
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    talk(desk)
    QTest.mouseClick(bar.hold_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(field, "abc")
    assert (done, field.text()) == (["call.hold"], "abc")


async def test_that_an_order_the_exchange_refused_is_told_at_its_seat(
    bar: CallBar, desk: Desk, messages: Messages
) -> None:
    tell(desk, LineChanged(line=Line(name="T1", protocol="cti", address="x", state=LineState.UP, since=EVENING)))
    talk(desk, "cti:T1:C1", line="T1")
    await desk.do("call.hold", call="cti:T1:C1")
    (row,) = desk.picture.state.all(OutboxMessage)
    tell(desk, MessageMoved(message=row.id, act="fail", why="交换机没有应答"))
    assert messages.last[-1].text == "保留失败：交换机没有应答，请在话机上操作"
    assert bar.texts == ["● 通话 138 1234 5678 00:00"]


def test_that_who_may_not_take_calls_sees_none(bar: CallBar, desk: Desk, tick: Tick, clock: ManualClock) -> None:
    talk(desk)
    desk.roles = (Role.UNIT.value,)
    tick.second.emit(clock.advance(1))
    assert bar.isHidden()


@pytest.mark.parametrize("held", [1, 2, 3])
def test_that_card_and_bar_both_fit_on_a_low_map(
    bar: CallBar, pop: CallerPop, desk: Desk, over: QWidget, held: int
) -> None:
    over.resize(602, 272)  # the map at 1366 × 768 below the strip and an officer in need
    for key in range(5):
        record = Incident(number=f"ZZ20261121-010{key}", kind="050301", phone="13700001111", created_at=EVENING)
        tell(desk, IncidentOpened(incident=record.number, record=record))
    tell(desk, CallRang(call=Call(id="c9", number="13700001111", line="M1", rang_at=EVENING, address="钟法路 12 号")))
    full = [line for line in pop._lines if not line.isHidden()]
    for key in range(held):
        talk(desk, f"c{key}", f"1380000000{key}")
    assert over.rect().contains(bar.geometry())
    assert bar.geometry().top() > pop.geometry().bottom()
    assert pop.rect().contains(pop.take_button.geometry())
    assert pop._number.text == "137 0000 1111"
    tell(desk, *(CallEnded(call=f"c{key}") for key in range(held)))
    assert [line for line in pop._lines if not line.isHidden()] == full
