"""Orders on their way: at the terminal and on the telephone, receipted, late, called back; and what units answer.

Real parts: a terminal over TCP and a modem on a pseudo-terminal, both the simulators that ship, at a whole station.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.domain.assignment import Assignment, AssignmentState
from console.domain.clock import ManualClock, system_clock
from console.domain.desk_facts import OrderTold, UnitChecked
from console.domain.facts import NoteAdded, UnitRegistered
from console.domain.incident import Incident
from console.domain.ledger import new_id
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.protocol import asked
from console.domain.state import need
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from console.services.order_sending import ways_to
from console.services.order_word import ReceiptWatch
from console.services.questions import answer_step, checklist, protocol_of
from console.services.terminal_texts import TerminalTexts
from console.services.vehicles import Vehicles
from console.settings import Settings
from console.station import Station, build_station
from drivers.codec import Talker
from drivers.protocols import codec_for
from drivers.protocols import jt808_words as words
from drivers.protocols.at_modem_panel import AtModemPanel
from drivers.protocols.jt808_frame import read_frame
from drivers.protocols.jt808_terminal import Terminal
from drivers.simulator import SimulatedLink, Simulator, make_pty_pair
from drivers.streams import FdStream
from drivers.tcp import SocketStream
from tests.support import ALL, EVENING, MemoryJournal, make_desk, tell

TERMINAL, PHONE = "000000001105", "13800001105"


def a_unit(name: str = "巡05", **more: Any) -> Unit:
    return Unit(id=name, type="处警巡逻", status=UnitStatus.AVAILABLE, status_since=EVENING, beat="05", **more)


@dataclass
class Stage:
    """A desk in memory with one unit that has a terminal and a telephone."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(EVENING))
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = make_desk(self.clock)
        tell(self.desk, UnitRegistered(unit=a_unit(terminal=TERMINAL, phone=PHONE)))

    async def send(self, **incident: Any) -> Assignment:
        said = {"kind": "0201", "place": "钟法路 89 号", "priority": 2, **incident}
        number = await self.desk.do("incident.open", **said)
        return need(self.state, Assignment, await self.desk.do("unit.assign", unit="巡05", incident=number))

    @property
    def state(self) -> Any:
        assert isinstance(self.desk.journal, MemoryJournal)
        return self.desk.journal.state

    @property
    def order(self) -> Assignment:
        found: Assignment = self.state.all(Assignment)[-1]
        return found

    @property
    def unit(self) -> Unit:
        return need(self.state, Unit, "巡05")

    def rows(self, purpose: str) -> list[OutboxMessage]:
        return [row for row in self.state.all(OutboxMessage) if row.purpose == purpose]

    def told(self, kind: type) -> list[Any]:
        assert isinstance(self.desk.journal, MemoryJournal)
        return [fact.body for fact in self.desk.journal.facts if isinstance(fact.body, kind)]

    async def text(self, said: str, sender: str = PHONE, sent_at: str = "") -> str:
        report = {"type": "text", "raw_hex": "0a", "sender": f"+86{sender}", "text": said, "sent_at": sent_at}
        return await self._hear("at-modem", report)

    async def terminal(self, **said: Any) -> str:
        return await self._hear("jt808", {"type": "message", "raw_hex": "7e", "account": TERMINAL, **said})

    async def _hear(self, protocol: str, report: dict[str, Any]) -> str:
        self.clock.advance(1)
        heard = {"ingest_id": new_id(), "line": "M1", "protocol": protocol, "received_at": self.clock().isoformat()}
        answer = await self.desk.do("intake.receive", **heard, report={"ack_hex": "", **report})
        return str(answer["incident"])


class Nowhere:
    """A track that is not kept."""

    async def track(self, positions: Sequence[Position]) -> None:
        assert positions == ()


@pytest.fixture
def stage() -> Stage:
    return Stage()


# -- on the way ------------------------------------------------------------------------------------------------------


async def test_that_an_order_is_queued_by_both_ways_in_the_act_that_gives_it(stage: Stage) -> None:
    order = await stage.send(caller="张三", phone="13911112222", narrative="有人持刀追打，请打13911112222")
    rows = stage.rows("order")
    assert {row.number for row in rows} == {f"jt808:{TERMINAL}", PHONE}
    assert {row.about for row in rows} == {order.id}
    assert (order.channel, order.delivery) == ("terminal", "")
    text = rows[0].text
    assert "钟法路 89 号" in text
    assert "打架斗殴" in text
    assert "13911112222" not in text
    assert "张三" not in text


async def test_that_the_order_carries_the_checklist_of_what_was_asked(stage: Stage) -> None:
    number = await stage.desk.do("incident.open", kind="0201", place="钟法路 89 号", priority=2)
    incident, book = need(stage.state, Incident, number), stage.desk.reference.protocols
    protocol = protocol_of(incident, book)
    assert protocol is not None
    question = next(q for q in asked(protocol, {}) if q.id == "s_weapon")
    step = answer_step(number, protocol, question, "knife")
    await stage.desk.do(step[0], **step[1])
    await stage.desk.do("unit.assign", unit="巡05", incident=number)
    text = stage.rows("order")[0].text
    assert "刀具" in text
    assert checklist(stage.state, incident, book)[0] in text


async def test_that_a_confidential_or_silent_order_tells_no_story_and_no_caller(stage: Stage) -> None:
    await stage.send(kind="1001", caller="张三", narrative="民警打人")
    assert "民警打人" not in stage.rows("order")[0].text
    assert "内容保密" in stage.rows("order")[0].text


async def test_that_a_number_that_cannot_be_dialled_and_no_terminal_leave_the_radio() -> None:
    assert ways_to(a_unit(phone="例：000-1100001")) == ()


async def test_that_the_first_receipt_delivers_and_a_later_failure_changes_nothing(stage: Stage) -> None:
    order = await stage.send()
    by_terminal, by_text = sorted(stage.rows("order"), key=lambda row: row.number.startswith("1"))
    await stage.desk.do("outbox.told", message=by_text.id, act="send", line="M1")
    assert stage.order.delivery == "sent"
    stage.clock.advance(1.5)
    await stage.desk.do("outbox.told", message=by_terminal.id, act="send")
    await stage.desk.do("outbox.told", message=by_terminal.id, act="deliver")
    assert (stage.order.delivery, stage.order.channel) == ("delivered", "terminal")
    assert stage.order.t_delivered == order.t_dispatch + timedelta(seconds=1.5)
    await stage.desk.do("outbox.told", message=by_text.id, act="fail", why="空号")
    assert stage.order.delivery == "delivered"


async def test_that_nobodys_receipt_in_ten_seconds_is_undelivered_once_and_a_late_one_still_counts(
    stage: Stage,
) -> None:
    await stage.send()
    watch = ReceiptWatch(stage.desk)
    stage.clock.advance(10)
    await watch.look()
    assert stage.order.delivery == ""
    stage.clock.advance(0.1)
    await watch.look()
    await ReceiptWatch(stage.desk).look()
    assert [body.state for body in stage.told(OrderTold)] == ["undelivered"]
    assert "车载终端还没有发出" in stage.told(OrderTold)[0].why
    row = stage.rows("order")[0]
    for act in ("send", "deliver"):
        await stage.desk.do("outbox.told", message=row.id, act=act)
    assert stage.order.delivery == "delivered"


async def test_that_a_signed_order_is_never_called_undelivered_and_radio_is_told_once(stage: Stage) -> None:
    order = await stage.send()
    await stage.desk.do("order.radio", assignment=order.id)
    assert (stage.order.delivery, stage.order.channel) == ("radio", "radio")
    stage.clock.advance(60)
    await ReceiptWatch(stage.desk).look()
    assert stage.order.delivery == "radio"


async def test_that_a_text_waits_a_minute_for_its_terminal_and_is_never_shown_an_hour_late(stage: Stage) -> None:
    order = await stage.send()
    vehicles = Vehicles(stage.desk.picture, Nowhere())
    texts, codec, terminal = TerminalTexts(stage.desk, vehicles), codec_for("jt808"), Terminal(TERMINAL)
    assert isinstance(codec, Talker)

    def say(frame: bytes) -> None:
        for report in codec.feed(frame):
            vehicles.take(report, stage.clock(), codec.order)

    def row() -> OutboxMessage:
        return next(row for row in stage.rows("order") if row.number == f"jt808:{TERMINAL}")

    await texts.work()
    assert row().state is MessageState.QUEUED
    stage.clock.advance(61)
    await texts.work()
    assert (row().state, row().why) == (MessageState.FAILED, "车载终端不在线")
    say(terminal.say(words.HEARTBEAT))
    await texts.work()
    assert codec.outgoing(0.0) == b""
    await stage.desk.do("unit.withdraw", unit="巡05", incident=order.incident, reason="误报")
    await texts.work()
    heard = terminal.hear(codec.outgoing(0.0))
    assert "误报" in terminal.commands[-1][1]["text"]
    say(heard.reply)
    await texts.work()
    (back,) = [row for row in stage.rows("order_cancel") if row.number.startswith("jt808")]
    assert back.state is MessageState.DELIVERED


async def test_that_a_terminal_that_refuses_the_text_is_named(stage: Stage) -> None:
    await stage.send()
    row = next(row for row in stage.rows("order") if row.number.startswith("jt808"))
    await stage.desk.do("outbox.told", message=row.id, act="send")
    vehicles = Vehicles(stage.desk.picture, Nowhere())
    texts, codec, terminal = TerminalTexts(stage.desk, vehicles), codec_for("jt808"), Terminal(TERMINAL)
    assert isinstance(codec, Talker)
    list(codec.feed(terminal.say(words.HEARTBEAT)))
    codec.order({"do": "text", "account": TERMINAL, "text": "x", "ref": row.id})
    said = read_frame(codec.outgoing(0.0)[1:-1])
    answer = terminal.say(words.TERMINAL_ANSWER, words.answer(said.serial, words.TEXT, words.UNSUPPORTED))
    for report in codec.feed(answer):
        vehicles.take(report, stage.clock(), codec.order)
    await texts.work()
    failed = next(found for found in stage.rows("order") if found.id == row.id)
    assert (failed.state, failed.why) == (MessageState.FAILED, "终端不支持文本")


async def test_that_an_order_taken_back_is_called_back_by_every_way_it_went(stage: Stage) -> None:
    await stage.send()
    await stage.desk.do("unit.withdraw", unit="巡05", reason="误报")
    assert {row.number for row in stage.rows("order_cancel")} == {f"jt808:{TERMINAL}", PHONE}
    assert "误报" in stage.rows("order_cancel")[0].text


# -- what units say --------------------------------------------------------------------------------------------------


async def test_that_reply_words_move_order_and_status_and_are_the_units_own_answer(stage: Stage) -> None:
    order = await stage.send()
    for said, state in (
        ("收到", AssignmentState.SIGNED),
        ("２", AssignmentState.EN_ROUTE),
        ("到场，两人受伤", AssignmentState.ON_SCENE),
        ("反馈：已调解", AssignmentState.FEEDBACK),
    ):
        assert await stage.text(said) == order.incident
        assert stage.order.state is state, said
        assert stage.unit.checked_at == stage.clock()
    assert stage.order.result_text == "已调解"
    assert "巡05：两人受伤" in [note.text for note in stage.told(NoteAdded)]
    assert {checked.how for checked in stage.told(UnitChecked)} == {"text"}
    assert len(stage.state.all(Incident)) == 1
    await stage.text("步巡")
    assert stage.unit.status is UnitStatus.FOOT_PATROL


async def test_that_9_calls_for_help_and_other_words_are_a_note_on_its_incident(stage: Stage) -> None:
    order = await stage.send()
    await stage.text("堵车，绕行")
    assert "巡05 短信：堵车，绕行" in [note.text for note in stage.told(NoteAdded) if note.incident == order.incident]
    await stage.text("9")
    assert stage.unit.status is UnitStatus.NEEDS_HELP
    assert stage.unit.incident == order.incident


async def test_that_what_cannot_be_done_leaves_no_trace_but_a_note_and_is_told_back(stage: Stage) -> None:
    await stage.send()
    await stage.text("到场")
    before = stage.order
    await stage.text("收到")
    assert stage.order == before
    assert "未办理" in stage.told(NoteAdded)[-1].text
    assert [row.number for row in stage.rows("unit_reply")] == [PHONE]


async def test_that_a_word_the_network_kept_back_is_not_taken_for_the_next_order(stage: Stage) -> None:
    """到场, written on the way to one place, came when the unit had been sent to another."""
    await stage.send()
    stage.clock.advance(300)
    written = stage.clock().isoformat()
    stage.clock.advance(300)
    await stage.desk.do("unit.withdraw", unit="巡05", reason="改派")
    order = await stage.send()
    await stage.text("到场", sent_at=written)
    assert need(stage.state, Assignment, order.id).state is AssignmentState.DISPATCHED
    assert "之前发出" in stage.told(NoteAdded)[-1].text
    assert stage.told(UnitChecked) == []
    assert [row.number for row in stage.rows("unit_reply")] == [PHONE]
    await stage.text("到场", sent_at=stage.clock().isoformat())
    assert need(stage.state, Assignment, order.id).state is AssignmentState.ON_SCENE


async def test_that_unknown_words_of_a_unit_without_an_order_are_a_call_like_any_other(stage: Stage) -> None:
    number = await stage.text("有人拿刀，快来")
    assert need(stage.state, Incident, number).source == "sms"


async def test_that_events_answers_and_words_at_the_terminal_are_reports(stage: Stage) -> None:
    await stage.send()
    states = []
    for said in ({"msg_id": words.EVENT, "event": 1}, {"msg_id": words.CHOICE, "reply_serial": 3, "answer": 3}):
        await stage.terminal(**said)
        states.append(stage.order.state)
    assert states == [AssignmentState.SIGNED, AssignmentState.ON_SCENE]
    await stage.terminal(msg_id=words.PASSED, passed=0xF0, text="现场 两人受伤")
    assert stage.order.scene == "两人受伤"
    await stage.terminal(msg_id=words.EVENT, event=77)
    assert stage.told(NoteAdded)[-1].text == "巡05 车载终端：事件77"
    assert {checked.how for checked in stage.told(UnitChecked)} == {"terminal"}


async def test_that_only_the_units_own_word_counts_as_its_answer(stage: Stage) -> None:
    await stage.send()
    await stage.desk.do("unit.report", unit="巡05", step="sign")
    assert stage.unit.checked_at is None
    await stage.desk.do("unit.report", unit="巡05", step="depart", on_behalf=False)
    assert stage.unit.checked_at == stage.clock()


# -- real parts ------------------------------------------------------------------------------------------------------


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- any condition will do
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(tmp_path: Path, *lines: str) -> AsyncIterator[Station]:
    station = build_station(Settings(data_folder=tmp_path), lines=lines, clock=system_clock)
    await station.start()
    try:
        await until(lambda: station.lines is not None and all(line.opened.is_set() for line in station.lines))
        yield station
    finally:
        await station.stop()


async def dispatched(station: Station, **unit: Any) -> str:
    known = {"id": "巡05", "type": "处警巡逻", "status": "01", **unit}
    await station.desk.carry_out(replace(station.desk.act("unit.register", {"unit": known}), roles=ALL))
    number = await station.desk.do("incident.open", kind="0201", place="钟法路 89 号", priority=2)
    return str(await station.desk.do("unit.assign", unit="巡05", incident=number))


async def test_that_a_terminal_over_tcp_shows_the_order_receipts_it_and_its_event_signs_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    async with running(tmp_path, f"V1=jt808:tcp-listen://127.0.0.1:{port}") as station:
        terminal = Terminal(TERMINAL)
        with closing(SocketStream.to(("127.0.0.1", port), 0.02)) as stream:
            link = SimulatedLink(Simulator(stream, terminal), heartbeat_s=1.0)
            link.start()
            await until(lambda: terminal.code)
            order = await dispatched(station, terminal=TERMINAL)
            state = station.picture.state
            await until(lambda: need(state, Assignment, order).delivery == "delivered")
            (shown,) = [said["text"] for msg_id, said in terminal.commands if msg_id == words.TEXT]
            assert "钟法路 89 号" in shown
            link.post(terminal.say(words.EVENT, b"\x01"))
            await until(lambda: need(state, Assignment, order).state is AssignmentState.SIGNED)
            await station.desk.do("unit.withdraw", unit="巡05", reason="误报")
            await until(lambda: sum(msg_id == words.TEXT for msg_id, _ in terminal.commands) == 2)
            await asyncio.to_thread(link.stop)
    assert need(state, Unit, "巡05").checked_at is not None


async def test_that_a_modem_sends_the_order_its_report_delivers_it_and_the_reply_word_signs_it(tmp_path: Path) -> None:
    near, path = make_pty_pair()
    async with running(tmp_path, f"M1=at-modem:{path}") as station:
        modem = AtModemPanel()
        with closing(FdStream(near, 0.02)) as stream:
            link = SimulatedLink(Simulator(stream, modem), heartbeat_s=0.0)
            link.start()
            order = await dispatched(station, phone=PHONE)
            state = station.picture.state
            await until(lambda: need(state, Assignment, order).delivery == "delivered", 20)
            assert need(state, Assignment, order).channel == "sms"
            (row,) = [row for row in state.all(OutboxMessage) if row.about == order]
            assert row.state is MessageState.DELIVERED
            link.post(modem.text(PHONE, "收到"))
            await until(lambda: need(state, Assignment, order).state is AssignmentState.SIGNED)
            await asyncio.to_thread(link.stop)
