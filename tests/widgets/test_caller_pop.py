"""The caller's card: what it shows while it rings, that it takes nobody's keys, and what F9 makes of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.domain.account import Role
from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.desk_facts import CallDescribed, CallMoved
from console.domain.equipment_facts import CallEnded, CallRang
from console.domain.errors import JournalUnavailable
from console.domain.facts import IncidentOpened, LineChanged, SiteRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.site import Line, LineState, Site
from console.services.desk import Desk
from tests.support import EVENING, tell
from widgets.messages import Message, Messages
from widgets.panels.caller_pop import CallerPop
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick

NUMBER = "13812345678"


def opened(number: str = "ZZ20261121-0101", **more: object) -> Incident:
    known = {"kind": "050301", "place": "钟法路 12 号", "phone": NUMBER, "created_at": EVENING, **more}
    return Incident(number=number, **known)  # type: ignore[arg-type]


def ring(desk: Desk, key: str = "c1", number: str = NUMBER) -> None:
    tell(desk, CallRang(call=Call(id=key, number=number, line="M1", rang_at=desk.clock())))


@pytest.fixture
def over(theme: Theme, qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.resize(900, 600)
    window.field = QLineEdit(window)  # type: ignore[attr-defined]
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def pop(over: QWidget, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks) -> CallerPop:
    return CallerPop(over, desk, theme, tick, tasks)


def lines(pop: CallerPop) -> list[str]:
    return [line._text.text for line in pop._lines if not line.isHidden()]


def test_that_a_ringing_number_is_shown_with_its_incidents_and_its_site(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    assert pop.isHidden()
    tell(desk, SiteRegistered(site=Site(id="S1", name="漳州市实验小学", guard_phone="138-1234-5678")))
    tell(desk, IncidentOpened(incident="ZZ20261121-0101", record=opened(state=IncidentState.ON_SCENE)))
    closed = opened("ZZ20261120-0007", state=IncidentState.CLOSED, kind="", title="噪音扰民")
    tell(desk, IncidentOpened(incident=closed.number, record=closed))
    ring(desk)
    tick.second.emit(clock.advance(7))
    assert not pop.isHidden()
    assert (pop._number.text, pop._time.text(), pop._heading.text) == ("138 1234 5678", "00:07", "来电 · 线路M1")
    site, now, past = lines(pop)
    assert site == "点位 漳州市实验小学 · 保安"
    assert now.startswith("0101 · ")
    assert now.endswith("钟法路 12 号 · 已到场 · 14:30")
    assert past == "0007 · 噪音扰民 · 钟法路 12 号 · 已办结 · 2026-11-21"


def test_that_a_stranger_and_a_withheld_number_are_said_in_words(pop: CallerPop, desk: Desk) -> None:
    ring(desk)
    assert lines(pop) == ["此号码没有警情记录"]
    tell(desk, CallEnded(call="c1"))
    ring(desk, "c2", "")
    assert (pop._number.text, lines(pop)) == ("号码未显示", ["来电人隐藏了号码，请当面询问"])


def test_that_words_stand_below_the_number_and_beside_an_incidents_sign(pop: CallerPop, desk: Desk) -> None:
    ring(desk)
    first = pop._lines[0]
    assert first._row.contentsMargins().left() == 0
    tell(desk, IncidentOpened(incident="ZZ20261121-0101", record=opened()))
    assert first._row.contentsMargins().left() > 14


def test_that_the_card_says_who_gave_up_and_shows_the_next_that_rings(
    pop: CallerPop, desk: Desk, messages: Messages
) -> None:
    said: list[Message] = []
    messages.said.connect(said.append)
    ring(desk)
    ring(desk, "c2", "13700001111")
    assert pop._more.text == "另有 1 个来电 · 137 0000 1111 00:00"
    tell(desk, CallEnded(call="c1"))
    assert (pop.number, pop._more.text) == ("13700001111", "未接 1")
    assert pop._heading.text == "来电 · 线路M1"
    tell(desk, CallEnded(call="c2"))
    assert (pop.number, pop._heading.text) == ("13700001111", "未接来电 · 线路M1")
    assert [message.text for message in said] == [
        "来电 138 1234 5678 已挂断，没有接起",
        "来电 137 0000 1111 已挂断，没有接起",
    ]


def test_that_a_call_whose_end_was_never_told_does_not_ring_for_ever(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    ring(desk)
    tick.second.emit(clock.advance(181))
    assert pop._heading.text == "未接来电 · 线路M1 · 逾期 02:01"


def test_that_what_is_being_typed_keeps_the_keys(pop: CallerPop, desk: Desk, over: QWidget, qtbot: QtBot) -> None:
    field = over.field  # type: ignore[attr-defined]
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    ring(desk)
    QTest.mouseClick(pop.take_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(field, "abc")
    assert field.hasFocus()
    assert field.text() == "abc"


async def test_that_taking_it_hides_the_card_and_links_the_incident_that_is_written(
    pop: CallerPop, desk: Desk, tasks: Tasks
) -> None:
    ring(desk)
    assert pop.take() == NUMBER
    assert pop.isHidden()
    await tasks.idle()
    number = await desk.do("incident.open", kind="050301", place="钟法路", phone=NUMBER)
    await tasks.idle()
    call = desk.picture.state.get(Call, "c1")
    assert call is not None
    assert (call.taken_by, call.incident) == ("031", number)
    assert pop.take() == ""


async def test_that_a_colleague_who_was_faster_takes_the_card_away(pop: CallerPop, desk: Desk, tasks: Tasks) -> None:
    ring(desk)
    act = replace(desk.act("call.take", {"call": "c1"}), actor="042", seat="04")
    await desk.carry_out(act)
    assert pop.isHidden()
    assert pop.take() == ""


def test_that_nobody_sees_a_number_he_has_no_business_with_and_who_signs_on_meanwhile_does(
    pop: CallerPop, desk: Desk, tick: Tick, clock: ManualClock
) -> None:
    desk.roles = (Role.UNIT.value,)
    ring(desk)
    assert pop.isHidden()
    desk.roles = (Role.CALL_TAKER.value,)
    tick.second.emit(clock.advance(1))
    assert not pop.isHidden()


async def test_that_older_incidents_come_from_the_database_and_their_absence_harms_nothing(
    over: QWidget, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks
) -> None:
    away = [False]

    def find(number: str, _most: int) -> Sequence[Incident]:
        if away[0]:
            raise JournalUnavailable("数据库没有应答")
        return [opened("ZZ20250101-0003", state=IncidentState.ARCHIVED)] if number == NUMBER else []

    pop = CallerPop(over, desk, theme, tick, tasks, find)
    ring(desk)
    assert lines(pop) == ["此号码没有警情记录"]
    await tasks.idle()
    await asyncio.sleep(0)
    assert lines(pop)[0].startswith("0003 · ")
    tell(desk, CallEnded(call="c1"))
    away[0] = True
    ring(desk, "c2", "13700001111")
    await tasks.idle()
    assert lines(pop) == ["此号码没有警情记录"]


async def test_that_an_offered_call_is_taken_by_f9_and_a_colleague_who_was_faster_is_named(
    pop: CallerPop, desk: Desk, tasks: Tasks, messages: Messages
) -> None:
    ring(desk)
    ring(desk, "c2", "13700001111")
    tell(desk, CallDescribed(call="c2", called="122", subscriber="李四", address="胜利路 3 号"))
    await desk.carry_out(replace(desk.act("call.take", {"call": "c2"}), actor="042", seat="04"))
    assert messages.last[-1].text == "来电 137 0000 1111 已由席位04 042 接起"
    tell(desk, CallMoved(call="c2", act="offer", to="03"))
    assert (pop._heading.text, pop.take_button.text()) == ("转接 · 席位04 042 转来", "接起转来的电话")
    assert pop._who.text == "李** · 胜利路 3 号"
    assert pop.take() == "13700001111"
    await tasks.idle()
    taken = desk.picture.state.get(Call, "c2")
    assert taken is not None
    assert (taken.taken_by, taken.seat, taken.transfer_to) == ("031", "03", "")
    assert (pop.number, pop._heading.text) == (NUMBER, "来电 · 线路M1")


def test_that_a_missed_caller_who_was_not_rung_back_in_time_is_told_once(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick, messages: Messages
) -> None:
    ring(desk)
    hang_up(desk)
    for _ in range(3):
        tick.second.emit(clock.advance(40))
    said = [message.text for message in messages.last if "逾期" in message.text]
    assert said == ["未接来电 138 1234 5678 逾期未回电，请按 Shift+F9"]


async def test_that_a_caller_is_late_again_where_a_call_back_was_begun_and_came_to_nothing(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick, messages: Messages
) -> None:
    said: list[Message] = []
    messages.said.connect(said.append)
    ring(desk)
    hang_up(desk)
    await desk.do("call.call_back", call="c1")
    for _ in range(2):
        tick.second.emit(clock.advance(59))
    assert pop._heading.text == "未接来电 · 线路M1 · 031 正在回电"
    for _ in range(2):
        tick.second.emit(clock.advance(4))
    assert pop._heading.text == "未接来电 · 线路M1 · 031 回电无结果 · 逾期 00:06"
    await desk.do("call.call_back", call="c1")
    assert pop._heading.text == "未接来电 · 线路M1 · 031 正在回电"
    await desk.do("call.call_back", call="c1", outcome="unreached")
    tick.second.emit(clock.advance(119))
    assert pop._heading.text == "未接来电 · 线路M1 · 031 未接通"
    for _ in range(3):
        tick.second.emit(clock.advance(5))
    assert pop._heading.text == "未接来电 · 线路M1 · 031 未接通 · 逾期 00:14"
    late = "未接来电 138 1234 5678 逾期未回电，请按 Shift+F9"
    assert [message.text for message in said].count(late) == 2, "once for each try"


def test_that_f9_takes_a_caller_who_has_waited_for_minutes_at_the_exchange(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    tell(desk, LineChanged(line=Line(name="T1", protocol="cti", address="x", state=LineState.UP, since=EVENING)))
    tell(desk, CallRang(call=Call(id="cti:T1:C1", number=NUMBER, line="T1", rang_at=EVENING)))
    tick.second.emit(clock.advance(181))
    assert (pop._heading.text, pop._time.text()) == ("来电 · 线路T1", "03:01")
    assert pop.take_button.isVisibleTo(pop)


def hang_up(desk: Desk, key: str = "c1") -> None:
    tell(desk, CallEnded(call=key))


async def test_that_a_caller_nobody_answered_stays_until_somebody_rings_back(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick, tasks: Tasks
) -> None:
    begun: list[str] = []
    pop.on_take(lambda: begun.append(pop.take()))
    ring(desk)
    hang_up(desk)
    tick.second.emit(clock.advance(600))
    assert not pop.isHidden()
    assert pop._heading.text == "未接来电 · 线路M1 · 逾期 09:00"
    assert pop.take() == "", "F9 is for another caller"
    assert not pop.take_button.isVisibleTo(pop)
    QTest.mouseClick(pop.return_button, Qt.MouseButton.LeftButton)
    assert begun == [NUMBER]
    await tasks.idle()
    assert pop._heading.text == "未接来电 · 线路M1 · 031 正在回电"
    await desk.do("call.call_back", call="c1", outcome="unreached")
    assert pop._heading.text == "未接来电 · 线路M1 · 031 未接通"
    number = await desk.do("incident.open", kind="050301", place="钟法路", phone=NUMBER)
    await tasks.idle()
    call = desk.picture.state.get(Call, "c1")
    assert call is not None
    assert (call.incident, call.called_back, call.called_back_by) == (number, "reached", "031")
    assert pop.isHidden()


def test_that_a_ringing_call_goes_before_a_missed_one_and_the_missed_one_comes_back(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    ring(desk)
    hang_up(desk)
    clock.advance(30)
    ring(desk, "c2", "13900000000")
    assert pop.number == "13900000000"
    assert pop.take_button.isVisibleTo(pop)
    hang_up(desk, "c2")
    tick.second.emit(clock.advance(5))
    assert pop._heading.text == "未接来电 · 线路M1"
    assert pop._more.text == "另有 1 个来电 · 138 1234 5678 00:35"


def test_that_a_missed_caller_who_was_heard_of_since_asks_for_nothing(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    ring(desk)
    hang_up(desk)
    assert not pop.isHidden()
    since = opened(created_at=clock.advance(60))
    tell(desk, IncidentOpened(incident=since.number, record=since))
    tick.second.emit(clock.advance(1))
    assert pop.isHidden()


def test_that_a_missed_call_leaves_the_desk_after_an_hour_and_a_withheld_number_at_once(
    pop: CallerPop, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    ring(desk, number="")
    hang_up(desk)
    assert pop.isHidden()
    ring(desk, "c2")
    hang_up(desk, "c2")
    tick.second.emit(clock.advance(3601))
    assert pop.isHidden()
