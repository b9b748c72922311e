"""Sign-on, lock, hand-over and approvals at the whole window over a real station, by real keys."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import shiboken6
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from console.demo.clock import DemoClock
from console.domain.account import MACHINE, Account, Role
from console.domain.alarm import Alarm, AlarmState
from console.domain.approval import Approval, ApprovalState
from console.domain.facts import SignedOff, SignedOn
from console.domain.handover import Handover
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import new_id
from console.seat import CallTaker, Desktop, open_calltaker
from console.services.rights import COMMAND_LINE
from console.services.sign_on import hasher
from console.settings import Settings
from console.shots import PEOPLE, PICTURE_TIME, lay_out_picture
from console.station import Station, build_station
from drivers.report import Report
from tests.widgets.held import repeat
from tests.widgets.incident.scene import keys
from tests.widgets.legible import troubles
from tests.widgets.test_calltaker_window import Hand
from widgets.messages import Messages
from widgets.panels.agencies import AgencyGrid
from widgets.seating import Mode
from widgets.shot import render_soon
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick

WORD = "Zz-110-desk"


@cache
def _hash() -> str:
    return hasher().hash(WORD)


@dataclass
class Room:
    taker: CallTaker
    station: Station
    hand: Hand

    @property
    def gate(self) -> Any:
        return self.taker.window.gate

    def mode(self) -> Mode:
        mode: Mode = self.gate.seating.mode
        return mode

    def said(self) -> str:
        message = self.taker.window.toast.message
        return message.text if message is not None else ""

    def alarm(self) -> Alarm:
        found = self.station.picture.state.get(Alarm, self.taker.window.panes.strip.alarm)
        assert found is not None
        return found

    async def press(self, key: Qt.Key, more: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key where the focus is, as the window gets it."""
        window = self.taker.window
        QTest.keyClick(window.focusWidget() or window, key, more)
        await self.taker.tasks.idle()

    async def type(self, text: str) -> None:
        field = self.taker.window.focusWidget()
        assert field is not None
        keys(field, text)

    async def sign_on(self, number: str, word: str = WORD) -> None:
        """Number, Enter, password, Enter; and Enter once more where roles are asked for."""
        await self.type(number)
        await self.press(Qt.Key.Key_Return)
        await self.type(word)
        await self.press(Qt.Key.Key_Return)
        if self.gate.form.chips or self.gate.hand_over.form.chips:
            await self.press(Qt.Key.Key_Return)

    async def by(self, actor: str, role: Role, name: str, **args: Any) -> None:
        act = self.station.desk.act(name, args)
        await self.station.desk.carry_out(replace(act, actor=actor, seat="05", roles=(role.value,)))
        await self.taker.tasks.idle()

    def own(self) -> Incident:
        """An open incident of 052's, to be given to others."""
        return next(i for i in self.station.picture.incidents() if i.open and i.owner == "052")


@pytest_asyncio.fixture
async def room(theme: Theme, app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    hand = Hand()
    monkeypatch.setattr("console.seat.Tick", partial(Tick, steady=hand))
    monkeypatch.setattr(AgencyGrid, "steady", staticmethod(hand))
    clock = DemoClock(PICTURE_TIME, monotonic=hand)
    station = build_station(Settings(data_folder=tmp_path), f"sqlite:///{tmp_path / 'desk.db'}", clock=clock)
    await lay_out_picture(station, clock)
    asked = station.desk.act("account.import", {"accounts": PEOPLE})
    await station.desk.carry_out(replace(asked, actor="desk", seat="00", roles=(Role.SECURITY.value,)))
    for person in PEOPLE:
        number, roles = str(person["account"]), tuple(map(str, person["roles"]))
        station.secrets.put(number, _hash(), clock())
        chosen = station.desk.act("account.password", {"account": number})
        await station.desk.carry_out(replace(chosen, actor=number, roles=roles))
    taker = open_calltaker(Desktop(app, theme, Messages()), station, player={}, keep=False)
    taker.window.resize(1600, 900)
    taker.window.show()
    await taker.start()
    await taker.tasks.idle()
    async with asyncio.timeout(5):
        while not taker.window.isActiveWindow():
            taker.window.activateWindow()
            await asyncio.sleep(0.02)
    taker.window.gate.bring_forward()
    hand.seconds += 1
    yield Room(taker, station, hand)
    await taker.stop()
    taker.window.hide()
    await station.stop()
    shiboken6.delete(taker.window)


async def test_that_nobody_acts_before_signing_on_and_the_strip_stays_live(room: Room) -> None:
    window = room.taker.window
    assert room.mode() is Mode.EMPTY
    assert (window.columns.isHidden(), room.gate.page.isVisible()) == (True, True)
    assert window.panes.strip.isVisible()
    assert room.alarm().state is AlarmState.ANNUNCIATED, "told by the program, though nobody sits here"
    window.panes.header.night.setFocus()
    await room.press(Qt.Key.Key_F1)
    assert room.alarm().state is AlarmState.ANNUNCIATED
    assert room.said() == "席位未登录，请先登录再操作"
    assert room.gate.form.number.hasFocus(), "the form comes forward"


async def test_that_number_and_password_sign_on_with_the_only_role(room: Room) -> None:
    await room.sign_on("031")
    assert (room.station.desk.actor, room.station.desk.roles) == ("031", ("call_taker",))
    assert room.taker.window.columns.isVisible()
    assert room.gate.page.isHidden()
    assert room.taker.window.panes.header.person.text().startswith("03 席 · 031 李娜 · 接警员")
    await room.press(Qt.Key.Key_F1)
    assert room.alarm().owner == "031"


async def test_that_one_enter_too_many_after_the_password_sends_nothing(room: Room) -> None:
    window = room.taker.window
    window.selection.choose_incident(room.own().number)
    told = len(room.station.journal.read(0, 100000))
    await room.sign_on("031")
    assert window.panes.queue.list.hasFocus()
    await room.press(Qt.Key.Key_Return)
    sent = [f.body for f in room.station.journal.read(told, 100000) if not isinstance(f.body, SignedOn)]
    assert sent == []


async def test_that_roles_are_shown_only_after_the_password_was_right(room: Room) -> None:
    form = room.gate.form
    await room.type("042")
    await room.press(Qt.Key.Key_Return)
    assert form.chips == {}
    await room.type(WORD)
    await room.press(Qt.Key.Key_Return)
    assert list(form.chips) == ["call_taker", "dispatcher"]
    QTest.keyClick(form.chips["dispatcher"], Qt.Key.Key_Space)
    form.enter.setFocus()
    await room.press(Qt.Key.Key_Return)
    assert room.station.desk.roles == ("call_taker",)


async def test_that_a_password_somebody_else_chose_is_changed_before_the_first_sign_on(room: Room) -> None:
    reset = room.station.desk.act("account.password", {"account": "010"})
    terminal = replace(reset, actor="admin", seat=COMMAND_LINE, roles=(Role.SECURITY.value,))
    await room.station.desk.carry_out(terminal)
    form = room.gate.form
    await room.sign_on("010")
    assert form.new.isVisible()
    assert room.mode() is Mode.EMPTY
    QApplication.processEvents()
    assert form.new.height() == form.again.height() >= form.again.minimumHeight(), "nothing is cut off"
    assert form.again.visibleRegion().boundingRect() == form.again.rect()

    async def choose(first: str, second: str) -> str:
        for text in (first, second):
            await room.type(text)
            await room.press(Qt.Key.Key_Return)
        return str(form.wrong.text()) if form.wrong.isVisible() else ""

    await room.type("Nacht")
    await room.press(Qt.Key.Key_F1)
    assert (form.new.hasFocus(), len(form.new.text())) == (True, 5), "an alarm's key takes nobody out of the field"
    form.new.clear()
    assert "不一样" in await choose("Nacht-2026", "Nacht-2027")
    assert "至少 8 位" in await choose("Na-1", "Na-1")
    assert "相同" in await choose(WORD, WORD)
    assert await choose("Nacht-2026", "Nacht-2026") == ""
    assert room.mode() is Mode.SIGNED
    assert room.station.desk.actor == "010"
    account = room.station.picture.state.get(Account, "010")
    assert account is not None
    assert account.password_at is not None
    assert not form.new.text() + form.again.text()


async def test_that_a_wrong_password_and_a_wrong_number_get_one_sentence(room: Room) -> None:
    for number in ("031", "999"):
        room.gate.form.number.clear()
        room.gate.form.number.setFocus()
        await room.sign_on(number, "wrong")
        assert room.gate.form.wrong.text() == "警号或密码不对"
        assert room.gate.form.password.hasFocus(), "typed anew at once"
        assert room.gate.form.password.text() == ""
    assert room.mode() is Mode.EMPTY


async def test_that_the_fifth_wrong_password_says_until_when_the_account_is_locked(room: Room) -> None:
    await room.sign_on("031", "wrong")
    for _ in range(4):
        await room.type("wrong")
        await room.press(Qt.Key.Key_Return)
    assert room.gate.form.wrong.text().startswith("账号已锁定到")


async def test_that_the_password_field_takes_no_input_method_and_tells_of_caps_lock(room: Room) -> None:
    form = room.gate.form
    assert not form.password.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    QTest.keyClicks(form.password, "A")
    assert form.capitals.text() == "⚠ 大写锁定已打开"
    QTest.keyClicks(form.password, "B", Qt.KeyboardModifier.ShiftModifier)
    assert form.capitals.isHidden()


async def test_that_a_locked_seat_is_read_only_masked_and_opened_by_its_person(room: Room) -> None:
    await room.sign_on("031")
    window, mine = room.taker.window, room.own()
    await room.by("052", Role.DISPATCHER, "incident.give", incident=mine.number, to="031")
    window.selection.choose_incident(mine.number)
    await room.taker.tasks.idle()
    assert window.panes.incident.form.caller.text() == mine.caller, "one's own open incident is not masked"
    await room.press(Qt.Key.Key_F12)
    assert room.mode() is Mode.LOCKED
    assert (window.columns.isVisible(), room.gate.bar.isVisible()) == (True, True)
    assert room.gate.bar.who.text == "已锁定 031 李娜 · 输入密码解锁"
    assert window.panes.incident.form.caller.text() == f"{mine.caller[:1]}**"
    await room.press(Qt.Key.Key_F1)
    assert room.alarm().unacknowledged
    assert room.said() == "席位已锁定，请先解锁再操作"
    window.panes.incident.form.place.setFocus()
    assert room.gate.bar.password.hasFocus(), "no field behind the pane takes a key"
    await room.type("wrong")
    await room.press(Qt.Key.Key_Return)
    assert (room.mode(), room.gate.bar.said.text) == (Mode.LOCKED, "警号或密码不对")
    await room.type(WORD)
    await room.press(Qt.Key.Key_Return)
    assert room.mode() is Mode.SIGNED
    assert room.station.desk.roles == ("call_taker",)
    assert window.panes.incident.form.caller.text() == mine.caller


async def test_that_a_click_behind_the_pane_changes_nothing_while_locked(room: Room) -> None:
    await room.sign_on("031")
    window = room.taker.window
    await room.press(Qt.Key.Key_F12)
    button = window.panes.incident.head.new
    at = window.windowHandle()
    QTest.mouseClick(at, Qt.MouseButton.LeftButton, pos=button.mapTo(window, button.rect().center()))
    await room.taker.tasks.idle()
    assert not window.panes.incident.writing


async def test_that_what_is_half_written_stays_in_sight_and_can_be_gone_on_with(room: Room) -> None:
    await room.sign_on("031")
    window = room.taker.window
    await room.press(Qt.Key.Key_F9)
    await room.type("钟法路口")
    await room.press(Qt.Key.Key_F12)
    form = window.panes.incident.form
    assert (form.place.text(), form.isVisible()) == ("钟法路口", True)
    await room.type(WORD)
    await room.press(Qt.Key.Key_Return)
    assert (form.place.text(), window.panes.incident.writing) == ("钟法路口", True)
    assert form.place.hasFocus(), "the keys are where they were"


async def test_that_a_seat_nobody_touches_locks_by_itself_and_any_key_begins_anew(room: Room) -> None:
    await room.sign_on("031")
    idle, tick = room.gate.idle, room.taker.tick
    room.hand.seconds += idle.after_s - 1
    await room.press(Qt.Key.Key_Down)
    room.hand.seconds += idle.after_s - 1
    tick.second.emit(tick.now())
    assert room.mode() is Mode.SIGNED
    room.hand.seconds += 2
    tick.second.emit(tick.now())
    assert room.mode() is Mode.LOCKED
    assert "10分00秒 无操作" in room.gate.bar.said.text


async def test_that_a_chief_frees_a_locked_seat_and_nobody_else_does(room: Room) -> None:
    await room.sign_on("031")
    await room.press(Qt.Key.Key_F12)
    room.gate.bar.release.click()
    await room.sign_on("052")
    assert room.gate.hand_over.form.wrong.text() == "只有值班长能解除他人的锁定"
    room.gate.hand_over.form.number.clear()
    room.gate.hand_over.form.number.setFocus()
    await room.sign_on("010")
    assert (room.mode(), room.station.desk.actor) == (Mode.EMPTY, "")
    last = [f.body for f in room.station.journal.read(0, 100000) if isinstance(f.body, SignedOff)][-1]
    assert (last.account, last.why) == ("031", "released by 010")


async def test_that_a_hand_over_shows_what_is_open_and_gives_it_to_the_next(room: Room) -> None:
    await room.sign_on("031")
    mine = room.own()
    await room.by("052", Role.DISPATCHER, "incident.give", incident=mine.number, to="031")
    room.taker.window.panes.queue.filter.setText("只有我找的")
    await room.press(Qt.Key.Key_F12)
    await room.type(WORD)
    await room.press(Qt.Key.Key_Return)
    assert room.taker.window.panes.queue.filter.text() == "只有我找的"
    await room.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    sheet = room.gate.hand_over
    assert room.gate.cover.isVisible()
    assert (sheet.open_count.figure, sheet.alarm_count.figure) == (1, 2)
    assert mine.short in sheet.rows[0].text
    sheet.notes.setPlainText("西门有人闹事，注意")
    await room.sign_on("042")
    assert room.station.desk.actor == "042"
    given = room.station.picture.state.get(Incident, mine.number)
    assert given is not None
    assert given.owner == "042"
    assert room.taker.window.panes.queue.filter.text() == "", "nothing he takes over is hidden from him"
    assert room.gate.cover.isHidden()
    signed = [f.body for f in room.station.journal.read(0, 100000) if isinstance(f.body, SignedOn | SignedOff)]
    assert [(type(b).__name__, b.account) for b in signed[-2:]] == [("SignedOff", "031"), ("SignedOn", "042")]
    (handover,) = room.station.picture.state.all(Handover)
    assert (handover.from_actor, handover.to_actor, handover.notes) == ("031", "042", "西门有人闹事，注意")
    assert any(mine.number in line for line in handover.items)
    assert handover.taken_at is not None
    assert list(room.station.settings.slips_folder.glob("交接班-*.pdf"))


async def unreadable(room: Room, line: str) -> None:
    """Bytes come in that nobody can read."""
    desk, at = room.station.desk, room.station.desk.clock().isoformat()
    report = Report(type="garbage", raw=b"hello", ack=b"\x06", why="nobody can read it").to_json()
    heard = {"ingest_id": new_id(), "line": line, "protocol": "contact-id", "received_at": at, "report": report}
    await desk.carry_out(replace(desk.act("intake.receive", heard), actor="line", seat="05", roles=MACHINE))
    await room.taker.tasks.idle()


@pytest.mark.parametrize("number", ["042", "010"])
async def test_that_what_came_a_moment_ago_is_shown_before_the_list_is_signed(room: Room, number: str) -> None:
    await room.sign_on("031")
    await room.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    sheet, handovers = room.gate.hand_over, partial(room.station.picture.state.all, Handover)
    await room.type(number)
    await room.press(Qt.Key.Key_Return)
    await room.type(WORD)
    if number == "042":
        await room.press(Qt.Key.Key_Return)
        assert list(sheet.form.chips) == ["call_taker", "dispatcher"]
    await unreadable(room, "A1")
    await room.press(Qt.Key.Key_Return)
    assert (handovers(), room.station.desk.actor) == ([], "031")
    assert sheet.told.text == "未了事项刚刚变化，请看清后再按一次"
    assert any("线路A1收到无法解析的报文" in row.text for row in sheet.rows)
    await room.press(Qt.Key.Key_Return)
    (handover,) = handovers()
    assert (handover.to_actor, room.station.desk.actor) == (number, number)
    assert any("线路A1收到无法解析的报文" in line for line in handover.items)


async def test_that_an_open_hand_over_follows_what_is_open_and_leaves_notes_and_place_alone(room: Room) -> None:
    await room.sign_on("031")
    for each in range(30):
        await unreadable(room, f"A{each}")
    await room.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    sheet, tick = room.gate.hand_over, room.taker.tick
    sheet.notes.setPlainText("西门有人闹事")
    sheet.give.setChecked(False)
    QApplication.processEvents()
    area = sheet.findChild(QScrollArea)
    assert area is not None
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum() // 2)
    assert area.verticalScrollBar().value() > 0
    read = next(row for row in sheet.rows if row.geometry().bottom() >= area.verticalScrollBar().value())
    key, at, rows = read.accessibleName(), read.mapTo(area, read.rect().topLeft()), len(sheet.rows)
    await room.by("052", Role.DISPATCHER, "emergency.start", unit="巡05")
    tick.second.emit(tick.now())
    QApplication.processEvents()
    assert len(sheet.rows) == rows + 1
    again = next(row for row in sheet.rows if row.accessibleName() == key)
    assert again.mapTo(area, again.rect().topLeft()) == at
    assert (sheet.notes.toPlainText(), sheet.give.isChecked()) == ("西门有人闹事", False)
    assert sheet.told.isHidden()
    kept = list(sheet.rows)
    tick.second.emit(tick.now())
    assert sheet.rows == kept, "what has not changed is not drawn anew"
    room.hand.seconds += 1
    await room.sign_on("010")
    (handover,) = room.station.picture.state.all(Handover)
    assert any("巡05 紧急求助未解除" in line for line in handover.items)


async def test_that_a_hand_over_left_by_esc_changes_nothing(room: Room) -> None:
    await room.sign_on("031")
    assert room.taker.window.panes.queue.list.hasFocus()
    await room.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    await room.press(Qt.Key.Key_Escape)
    assert (room.gate.cover.isHidden(), room.station.desk.actor) == (True, "031")
    assert room.taker.window.panes.queue.list.hasFocus(), "the keys are where they were"


async def test_that_signing_off_is_refused_while_incidents_are_open_and_else_empties_the_seat(room: Room) -> None:
    await room.sign_on("031")
    room.taker.window.perform("退出登录")
    await room.taker.tasks.idle()
    assert room.mode() is Mode.EMPTY


async def test_that_a_request_is_counted_told_decided_by_keys_and_answered(room: Room) -> None:
    await room.sign_on("010")
    about = room.own()
    asked = {"act": "incident.invalidate", "args": {"incident": about.number, "reason": "误拨"}}
    await room.by("052", Role.DISPATCHER, "approval.ask", **asked, reason="误拨")
    assert room.taker.window.panes.header.approvals.text() == "待批 1"
    assert room.said().startswith("052 陈芳 请您审批：作无效处理")
    await room.press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    sheet = room.taker.window.deciding.sheet
    assert sheet.answer.hasFocus()
    await room.press(Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    assert sheet.told.text() == "不批准须写明理由"
    await room.type("再核实")
    await room.press(Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    (approval,) = room.station.picture.state.all(Approval)
    assert (approval.state, approval.answer) == (ApprovalState.REFUSED, "再核实")
    assert room.taker.window.deciding.cover.isHidden(), "nothing is left to decide on"
    assert room.taker.window.panes.header.approvals.isHidden()


ALT = Qt.KeyboardModifier.AltModifier


async def request(room: Room, place: str) -> None:
    """052 asks that an incident of his be declared invalid; nothing speaks against it."""
    await room.by("052", Role.DISPATCHER, "incident.open", kind="0105", place=place)
    number = next(i.number for i in room.station.picture.incidents() if i.place == place)
    asked = {"act": "incident.invalidate", "args": {"incident": number, "reason": "误拨"}}
    await room.by("052", Role.DISPATCHER, "approval.ask", **asked, reason="误拨")
    room.hand.seconds += 1


async def three_requests(room: Room) -> list[str]:
    """Three requests of 052's in the sheet before the chief, the oldest first."""
    await room.sign_on("010")
    for place in ("胜利路 1 号", "胜利路 2 号", "胜利路 3 号"):
        await request(room, place)
    await room.press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    waiting = sorted(room.station.picture.state.all(Approval), key=lambda approval: approval.asked_at)
    return [approval.id for approval in waiting]


def states(room: Room, requests: list[str]) -> list[ApprovalState]:
    found = [room.station.picture.state.get(Approval, one) for one in requests]
    return [approval.state for approval in found if approval is not None]


async def test_that_a_request_withdrawn_under_the_finger_grants_no_other(room: Room) -> None:
    requests = await three_requests(room)
    sheet = room.taker.window.deciding.sheet
    await room.press(Qt.Key.Key_Down)
    await room.type("已核实")
    await room.by("052", Role.DISPATCHER, "approval.withdraw", approval=requests[1])
    assert sheet.answer.hasFocus()
    for key in (Qt.Key.Key_Y, Qt.Key.Key_N):
        await room.press(key, ALT)
        assert sheet.told.text() == "该申请已有结论，请重新选择"
    asked, granted = ApprovalState.ASKED, ApprovalState.GRANTED
    assert states(room, requests) == [asked, ApprovalState.WITHDRAWN, asked]
    assert sheet.answer.text() == "已核实", "what was typed is not lost"
    await room.press(Qt.Key.Key_Down)
    await room.press(Qt.Key.Key_Y, ALT)
    assert states(room, requests) == [asked, ApprovalState.WITHDRAWN, granted]


async def test_that_one_press_grants_one_request_and_the_next_is_chosen_by_a_person(room: Room) -> None:
    requests = await three_requests(room)
    sheet = room.taker.window.deciding.sheet
    asked, granted = ApprovalState.ASKED, ApprovalState.GRANTED
    await room.press(Qt.Key.Key_Y, ALT)
    repeat(room.taker.window.focusWidget(), Qt.Key.Key_Y, ALT)
    await room.taker.tasks.idle()
    await room.press(Qt.Key.Key_Y, ALT)
    assert states(room, requests) == [granted, asked, asked]
    await room.press(Qt.Key.Key_Down)
    for at in (sheet.answer, sheet):
        repeat(at, Qt.Key.Key_Y, ALT)
        QTest.keyClick(at, Qt.Key.Key_Y, ALT | Qt.KeyboardModifier.ControlModifier)
    await room.taker.tasks.idle()
    assert states(room, requests) == [granted, asked, asked], "neither a held key nor another command's"
    await room.press(Qt.Key.Key_Y, ALT)
    assert states(room, requests) == [granted, granted, asked], "the next one stood an arrow away"


async def test_that_a_request_that_comes_after_the_chosen_one_went_is_not_chosen_by_itself(room: Room) -> None:
    requests = await three_requests(room)
    sheet = room.taker.window.deciding.sheet
    for one in requests:
        await room.by("052", Role.DISPATCHER, "approval.withdraw", approval=one)
    assert sheet.told.text() == "没有等待审批的申请"
    await request(room, "胜利路 4 号")
    await room.press(Qt.Key.Key_Y, ALT)
    assert all(approval.state is not ApprovalState.GRANTED for approval in room.station.picture.state.all(Approval))
    await room.press(Qt.Key.Key_Escape)
    await room.press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert sheet.chosen is not None, "who opens it reads the first"


async def test_that_a_grave_incident_is_put_to_a_second_person_from_the_command_line(room: Room) -> None:
    await room.sign_on("042")
    about = next(i for i in room.station.picture.incidents() if i.open and i.priority == 2 and not i.t_dispatch)
    await room.by(about.owner or "052", Role.DISPATCHER, "incident.give", incident=about.number, to="042")
    room.hand.seconds += 1
    room.taker.window.perform(f"无效 {about.short} 误拨")
    await room.taker.tasks.idle()
    assert room.said().startswith("已提交审批，等待他人批准")
    (approval,) = room.station.picture.state.all(Approval)
    await room.by("010", Role.CHIEF, "approval.decide", approval=approval.id, granted=True)
    assert room.said().startswith("010 赵建国 已批准")
    now = room.station.picture.state.get(Incident, about.number)
    assert now is not None
    assert now.state is IncidentState.INVALID


async def test_that_personal_data_of_others_are_masked_until_a_reason_is_typed(room: Room) -> None:
    await room.sign_on("031")
    window, other = room.taker.window, room.own()
    window.selection.choose_incident(other.number)
    await room.taker.tasks.idle()
    panel = window.panes.incident
    assert panel.form.caller.text() == f"{other.caller[:1]}**"
    assert panel.form.caller.isReadOnly()
    await room.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert panel.sheet.fields["reason"].hasFocus()
    await room.type("回访")
    await room.press(Qt.Key.Key_Return)
    assert panel.form.caller.text() == other.caller
    assert "还剩 05:00" in panel.sight_bar.said.text
    room.hand.seconds += 301
    room.taker.tick.second.emit(room.taker.tick.now())
    assert panel.form.caller.text() == f"{other.caller[:1]}**"


async def test_that_nothing_overlaps_or_is_cut_in_any_state_of_the_seat(room: Room, app: QApplication) -> None:
    window = room.taker.window

    async def look(what: str, top: QWidget) -> None:
        for width, height in ((1366, 768), (1920, 1080)):
            for theme in (NIGHT, DAY):
                window.theme.use(app, theme)
                await render_soon(window, QSize(width, height))
                assert troubles(top) == [], f"{what} {width}x{height} {theme.name}"

    await look("signon", window)
    await room.sign_on("031")
    await room.press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    await look("handover", room.gate.hand_over)
    await room.press(Qt.Key.Key_Escape)
    await room.press(Qt.Key.Key_F12)
    room.gate.shade.hide()  # a clear pane lies over everything by intention
    await look("locked", window)
    window.theme.use(app, NIGHT)
