"""Calls in hand: an exchange obeys or says why not, a modem's calls are recorded, and two seats never have the same."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from console.domain.account import MACHINE
from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.equipment_facts import CallEnded, CallRang
from console.domain.errors import UserError
from console.domain.facts import IncidentOpened, LineChanged, NoteAdded, SignedOn
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import new_id
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.site import Line, LineState
from console.services.calls import RINGS_AT_MOST, missed, ringing
from console.services.calls_in_hand import (
    RINGS_BACK,
    OfferWatch,
    of_seat,
    offers_to,
    ring_back_due,
    rung_back_by_another,
)
from console.services.desk import Desk
from console.services.exchange_orders import TOLD_WITHIN, call_key, failure_text
from console.services.exchange_worker import FORGOTTEN_AFTER, GIVE_UP_AFTER, ExchangeOrders
from drivers.protocols.cti import CtiCodec
from drivers.protocols.cti_panel import CtiPanel
from drivers.wire import PortError
from tests.support import EVENING, MemoryJournal, make_desk, tell

NUMBER = "13812345678"
C1 = call_key("T1", "C1")


@dataclass
class Exchange:
    """The exchange behind line T1 of a desk: its codec between the desk's orders and a simulated exchange."""

    desk: Desk
    panel: CtiPanel = field(default_factory=CtiPanel)
    codec: CtiCodec = field(default_factory=CtiCodec)
    now: float = 100.0
    gone: bool = False
    name: str = "T1"

    def order(self, order: Mapping[str, object]) -> None:
        if self.gone:
            raise PortError("not open")
        self.codec.order(order)

    async def say(self, data: bytes) -> None:
        for report in self.codec.feed(data):
            self.panel.hear(report.ack)
            if report.type != "heartbeat":
                await hear(self.desk, "cti", "T1", report.to_json())

    async def turn(self) -> None:
        """Let everything that was ordered happen."""
        for _ in range(6):
            self.now += 0.1
            out = self.codec.outgoing(self.now)
            await self.say(self.panel.hear(out).reply if out else b"")


async def hear(desk: Desk, protocol: str, line: str, report: Mapping[str, Any]) -> None:
    at = desk.clock().isoformat()
    await desk.do("intake.receive", ingest_id=new_id(), line=line, protocol=protocol, received_at=at, report=report)


def line_is(desk: Desk, state: LineState) -> None:
    tell(desk, LineChanged(line=Line(name="T1", protocol="cti", address="x", state=state, since=EVENING)))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    line_is(made, LineState.UP)
    return made


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    made = Exchange(desk)
    ExchangeOrders(desk, lambda: [made])
    return made


def beside(desk: Desk) -> Desk:
    """The seat 04 over the same journal."""
    other = make_desk(desk.clock, actor="042", seat="04")
    other.journal, other.picture = desk.journal, desk.picture
    tell(other, SignedOn(account="042", name="王敏", roles=("call_taker",)))
    return other


def call(desk: Desk, key: str = C1) -> Call:
    found = desk.picture.state.get(Call, key)
    assert found is not None
    return found


def failures(desk: Desk) -> list[str]:
    rows = desk.picture.state.all(OutboxMessage)
    return [failure_text(row) for row in rows if row.state is MessageState.FAILED]


async def taken(desk: Desk, exchange: Exchange) -> None:
    await exchange.say(exchange.panel.ring(NUMBER))
    await desk.do("call.take", call=C1)
    await exchange.turn()


async def test_that_an_exchange_tells_who_rings_with_subscriber_address_and_recording(
    desk: Desk, exchange: Exchange
) -> None:
    exchange.panel.book[NUMBER] = ("张三", "延安北路 12 号")
    await exchange.say(exchange.panel.ring(NUMBER))
    (rings,) = ringing(desk.picture.state, desk.clock)
    assert (rings.number, rings.called, rings.subscriber, rings.address, rings.recording) == (
        NUMBER,
        "110",
        "张三",
        "延安北路 12 号",
        "RC0001",
    )


async def test_that_a_taken_call_is_put_through_held_resumed_and_ended_by_the_exchange(
    desk: Desk, exchange: Exchange
) -> None:
    await taken(desk, exchange)
    assert exchange.panel.calls["C1"].ext == "03"
    await desk.do("call.hold", call=C1)
    assert call(desk).held_at is None
    await exchange.turn()
    assert call(desk).held_at == EVENING
    await desk.do("call.resume", call=C1)
    await exchange.turn()
    assert call(desk).held_at is None
    await desk.do("call.hang_up", call=C1)
    await exchange.turn()
    assert (call(desk).ended_at, exchange.panel.calls) == (EVENING, {})
    assert failures(desk) == []


async def test_that_a_claim_whose_answer_fails_rings_again_and_says_why(desk: Desk, exchange: Exchange) -> None:
    exchange.panel.busy.add("03")
    await taken(desk, exchange)
    assert call(desk).ringing
    assert failures(desk) == ["接起失败：话机占线，请在话机上操作"]


async def test_that_a_caller_the_exchange_still_has_rings_however_long_he_waits(
    desk: Desk, exchange: Exchange, clock: ManualClock
) -> None:
    await exchange.say(exchange.panel.ring(NUMBER))
    clock.advance(RINGS_AT_MOST.total_seconds() + 1)
    assert ([row.id for row in ringing(desk.picture.state, clock)], missed(desk.picture.state, clock)) == ([C1], [])
    with pytest.raises(UserError, match="还没有结束"):
        await desk.do("call.call_back", call=C1)
    await desk.do("call.take", call=C1)
    await exchange.turn()
    assert exchange.panel.calls["C1"].ext == "03"


@pytest.mark.parametrize("state", [LineState.LOST, LineState.SILENT, LineState.UP])
async def test_that_a_caller_of_whom_no_exchange_can_tell_any_more_does_not_ring_for_ever(
    desk: Desk, exchange: Exchange, clock: ManualClock, state: LineState
) -> None:
    """The line is down; or whoever received it died, and its row says UP for good."""
    await exchange.say(exchange.panel.ring(NUMBER))
    line_is(desk, state)
    clock.advance(TOLD_WITHIN.total_seconds() + 1)
    assert ringing(desk.picture.state, clock) == []
    assert [row.id for row in missed(desk.picture.state, clock)] == [C1]
    await desk.do("call.call_back", call=C1, outcome="unreached")
    assert call(desk).ended_at == clock()


async def test_that_a_caller_of_a_line_that_came_back_rings_again_if_he_still_waits(
    desk: Desk, exchange: Exchange, clock: ManualClock
) -> None:
    await exchange.say(exchange.panel.ring(NUMBER))
    line_is(desk, LineState.LOST)
    clock.advance(RINGS_AT_MOST.total_seconds() + 1)
    assert ringing(desk.picture.state, clock) == []
    await desk.do("call.call_back", call=C1, outcome="unreached")
    line_is(desk, LineState.UP)
    exchange.codec.reset()
    await exchange.turn()
    (rings,) = ringing(desk.picture.state, clock)
    assert (rings.number, rings.ended_at) == (NUMBER, None)


async def test_that_a_call_the_exchange_no_longer_knows_has_ended(desk: Desk, exchange: Exchange) -> None:
    """Its end was said and lost: without this it would ring again after each answer."""
    await exchange.say(exchange.panel.ring(NUMBER))
    exchange.panel.drop("C1")
    await desk.do("call.take", call=C1)
    await exchange.turn()
    assert failures(desk) == ["接起失败：这个电话已经没有了，请在话机上操作"]
    assert (call(desk).ended_at, call(desk).taken_by) == (EVENING, "")
    assert [row.id for row in missed(desk.picture.state, desk.clock)] == [C1]


async def test_that_a_caller_who_hung_up_while_he_was_being_answered_is_missed(desk: Desk, exchange: Exchange) -> None:
    await exchange.say(exchange.panel.ring(NUMBER))
    await exchange.say(exchange.panel.drop("C1"))
    await exchange.say(exchange.panel.ring(NUMBER))
    second = call_key("T1", "C2")
    gone = exchange.panel.drop("C2")
    await desk.do("call.take", call=second)
    await exchange.say(gone)
    assert (call(desk, second).ended_at, call(desk, second).taken_by) == (EVENING, "031")
    await exchange.turn()
    assert failures(desk) == ["接起失败：这个电话已经没有了，请在话机上操作"]
    assert (call(desk, second).ended_at, call(desk, second).taken_by) == (EVENING, "")
    assert [row.id for row in missed(desk.picture.state, desk.clock)] == [second], "one a number, the last"
    await desk.do("call.call_back", call=second)


async def test_that_a_caller_who_hung_up_and_was_written_down_stays_his_who_wrote(
    desk: Desk, exchange: Exchange
) -> None:
    record = Incident(number="ZZ20261121-0001", source="call", created_at=EVENING, state=IncidentState.INTAKE)
    tell(desk, IncidentOpened(incident=record.number, record=record))
    await exchange.say(exchange.panel.ring(NUMBER))
    gone = exchange.panel.drop("C1")
    await desk.do("call.take", call=C1)
    await exchange.say(gone)
    await desk.do("call.take", call=C1, incident=record.number)
    await exchange.turn()
    assert (call(desk).taken_by, call(desk).incident) == ("031", record.number)


async def test_that_the_first_of_two_seats_has_the_call(desk: Desk, exchange: Exchange) -> None:
    other = beside(desk)
    await exchange.say(exchange.panel.ring(NUMBER))
    done = await asyncio.gather(desk.do("call.take", call=C1), other.do("call.take", call=C1), return_exceptions=True)
    (lost,) = [said for said in done if isinstance(said, Exception)]
    assert str(lost) == f"来电已由 {call(desk).taken_by} 接起"
    await exchange.turn()
    assert exchange.panel.orders == ["answer"]


async def test_that_a_call_moves_to_the_seat_that_takes_it(desk: Desk, exchange: Exchange) -> None:
    other = beside(desk)
    await taken(desk, exchange)
    await desk.do("call.offer", call=C1, to="04")
    assert [row.id for row in offers_to(desk.picture.state, "04")] == [C1]
    await other.do("call.accept", call=C1)
    await exchange.turn()
    assert (call(desk).taken_by, call(desk).seat, exchange.panel.calls["C1"].ext) == ("042", "04", "04")
    assert of_seat(desk.picture.state, "031", "03") == []


async def test_that_a_transfer_the_exchange_refuses_goes_back_to_the_giver(desk: Desk, exchange: Exchange) -> None:
    other = beside(desk)
    await taken(desk, exchange)
    exchange.panel.busy.add("04")
    await desk.do("call.offer", call=C1, to="04")
    await other.do("call.accept", call=C1)
    await exchange.turn()
    assert (call(desk).taken_by, call(desk).seat, call(desk).transfer_to) == ("031", "03", "")
    assert failures(desk) == ["转接失败：话机占线，请在话机上操作"]


async def test_that_an_offer_declined_or_not_answered_in_time_is_over(
    desk: Desk, exchange: Exchange, clock: ManualClock
) -> None:
    other, watch = beside(desk), OfferWatch(desk)
    await taken(desk, exchange)
    await desk.do("call.offer", call=C1, to="04")
    await other.do("call.decline", call=C1)
    assert call(desk).transfer_to == ""
    await desk.do("call.offer", call=C1, to="04")
    await watch.look()
    clock.advance(desk.reference.desk.transfer_s - 1)
    await watch.look()
    assert call(desk).transfer_to == "04"
    clock.advance(1)
    await watch.look()
    assert (call(desk).transfer_to, call(desk).taken_by) == ("", "031")
    with pytest.raises(UserError, match="可能已被收回"):
        await other.do("call.accept", call=C1)


async def test_that_the_clocks_late_word_ends_no_other_offer(desk: Desk, exchange: Exchange) -> None:
    """Two hosts look; the second one tells of an offer that was taken and given on meanwhile."""
    beside(desk)
    await taken(desk, exchange)
    await desk.do("call.offer", call=C1, to="04")
    for to, left in (("05", "04"), ("04", ""), ("04", "")):
        await desk.carry_out(replace(desk.act("call.decline", {"call": C1, "to": to}), roles=MACHINE))
        assert call(desk).transfer_to == left


async def test_that_calls_are_known_anew_after_the_line_was_away(desk: Desk, exchange: Exchange) -> None:
    await taken(desk, exchange)
    await exchange.say(exchange.panel.ring("13700001111"))
    del exchange.panel.calls["C1"]
    exchange.codec.reset()
    await exchange.turn()
    assert call(desk).ended_at == EVENING
    assert [row.number for row in ringing(desk.picture.state, desk.clock)] == ["13700001111"]


async def test_that_an_exchange_that_begins_its_names_anew_loses_no_caller(desk: Desk, exchange: Exchange) -> None:
    await taken(desk, exchange)
    await desk.do("call.hang_up", call=C1)
    await exchange.turn()
    exchange.panel, exchange.codec = CtiPanel(), CtiCodec()
    await exchange.say(exchange.panel.ring("13700001111"))
    (rings,) = ringing(desk.picture.state, desk.clock)
    assert (rings.number, call(desk).number, call(desk).ended_at) == ("13700001111", NUMBER, EVENING)
    await desk.do("call.take", call=rings.id)
    await exchange.turn()
    assert exchange.panel.calls["C1"].ext == "03"
    exchange.codec.reset()
    await exchange.turn()
    assert call(desk, rings.id).in_hand
    await exchange.say(exchange.panel.drop("C1"))
    assert call(desk, rings.id).ended_at == EVENING
    assert ringing(desk.picture.state, desk.clock) == []


async def test_that_who_lifts_the_telephone_himself_has_the_call(desk: Desk, exchange: Exchange) -> None:
    beside(desk)
    await exchange.say(exchange.panel.ring(NUMBER))
    exchange.codec.order({"cti": "answer", "ref": "by hand", "id": "C1", "ext": "04"})
    await exchange.turn()
    assert (call(desk).taken_by, call(desk).seat) == ("042", "04")


async def test_that_no_order_pretends_while_the_line_is_down(
    desk: Desk, exchange: Exchange, clock: ManualClock
) -> None:
    await taken(desk, exchange)
    line_is(desk, LineState.LOST)
    with pytest.raises(UserError, match="未连通"):
        await desk.do("call.hold", call=C1)
    line_is(desk, LineState.UP)
    exchange.gone = True
    await desk.do("call.hold", call=C1)
    worker = ExchangeOrders(desk, lambda: [exchange])
    clock.advance(GIVE_UP_AFTER.total_seconds() + 1)
    await worker.work()
    assert failures(desk) == ["保留失败：交换机线路未连通，请在话机上操作"]
    assert call(desk).held_at is None


async def test_that_an_order_whose_end_nobody_tells_has_failed_in_the_end(desk: Desk, clock: ManualClock) -> None:
    deaf = Exchange(desk)
    worker = ExchangeOrders(desk, lambda: [deaf])
    tell(desk, CallRang(call=Call(id=C1, number=NUMBER, line="T1", rang_at=EVENING)))
    await desk.do("call.take", call=C1)
    clock.advance(FORGOTTEN_AFTER.total_seconds())
    await worker.work()
    assert failures(desk) == []
    clock.advance(1)
    await worker.work()
    assert len(failures(desk)) == 1
    assert call(desk).ringing


@pytest.mark.parametrize(("silent", "outcome"), [(False, "reached"), (True, "unreached")])
async def test_that_a_missed_caller_is_dialled_and_the_outcome_kept(
    desk: Desk, exchange: Exchange, silent: bool, outcome: str
) -> None:
    await exchange.say(exchange.panel.ring(NUMBER))
    await exchange.say(exchange.panel.drop("C1"))
    assert [row.id for row in missed(desk.picture.state, desk.clock)] == [C1]
    exchange.panel.silent = {NUMBER} if silent else set()
    await desk.do("call.call_back", call=C1)
    await exchange.turn()
    assert exchange.panel.dialled == [("03", NUMBER)]
    assert (call(desk).called_back_by, call(desk).called_back) == ("031", outcome)
    assert bool(missed(desk.picture.state, desk.clock)) is silent


# -- at a modem ----------------------------------------------------------------------------------------------


def at_modem(desk: Desk, **fields: Any) -> str:
    row = Call(id=new_id(), number=NUMBER, line="M1", rang_at=EVENING)
    tell(desk, CallRang(call=replace(row, **fields)))
    return row.id


async def test_that_a_modems_calls_are_recorded_without_any_order(desk: Desk) -> None:
    first, second = at_modem(desk), at_modem(desk)
    await desk.do("call.take", call=first)
    await hear(desk, "at-modem", "M1", {"type": "call", "raw_hex": "00", "number": NUMBER, "ended": True})
    assert call(desk, first).in_hand
    assert call(desk, second).ended_at == EVENING
    await desk.do("call.hold", call=first)
    assert call(desk, first).held_at == EVENING
    with pytest.raises(UserError, match="已经保留"):
        await desk.do("call.hold", call=first)
    await desk.do("call.resume", call=first)
    await desk.do("call.hang_up", call=first)
    assert call(desk, first).ended_at == EVENING
    assert desk.picture.state.all(OutboxMessage) == []


async def test_that_the_next_call_of_a_person_ends_the_former_one_at_a_modem_but_not_a_held_one(desk: Desk) -> None:
    talked, held, third = at_modem(desk), at_modem(desk), at_modem(desk)
    await desk.do("call.take", call=held)
    await desk.do("call.hold", call=held)
    await desk.do("call.take", call=talked)
    await desk.do("call.take", call=third)
    assert [row.id for row in of_seat(desk.picture.state, "031", "03")] == [third, held]
    assert call(desk, talked).ended_at == EVENING


async def test_that_a_call_back_without_an_exchange_waits_for_a_persons_word(desk: Desk) -> None:
    line_is(desk, LineState.LOST)
    key = at_modem(desk, ended_at=EVENING)
    await desk.do("call.call_back", call=key)
    assert (call(desk, key).called_back_by, call(desk, key).called_back) == ("031", "")
    await desk.do("call.call_back", call=key, outcome="reached")
    with pytest.raises(UserError, match="031 已经回电接通"):
        await desk.do("call.call_back", call=key)
    for wrong, said in (({"outcome": "perhaps"}, "不认识的回电结果"),):
        with pytest.raises(UserError, match=said):
            await desk.do("call.call_back", call=key, **wrong)
    with pytest.raises(UserError, match="不能回电"):
        await desk.do("call.call_back", call=at_modem(desk, number="", ended_at=EVENING))
    with pytest.raises(UserError, match="还没有结束"):
        await desk.do("call.call_back", call=at_modem(desk))


async def test_that_a_caller_whose_end_no_modem_told_can_be_rung_back(desk: Desk, clock: ManualClock) -> None:
    line_is(desk, LineState.LOST)
    key = at_modem(desk)
    clock.advance(RINGS_AT_MOST.total_seconds() + 1)
    assert [row.id for row in missed(desk.picture.state, clock)] == [key]
    await desk.do("call.call_back", call=key)
    assert (call(desk, key).ended_at, call(desk, key).called_back_by) == (clock(), "031")


async def test_that_a_second_call_becomes_the_supplement_of_an_incident(desk: Desk) -> None:
    record = Incident(number="ZZ20261121-0001", source="call", created_at=EVENING, state=IncidentState.INTAKE)
    tell(desk, IncidentOpened(incident=record.number, record=record))
    key = at_modem(desk, subscriber="张三", recording="R7")
    with pytest.raises(UserError, match="先接起"):
        await desk.do("call.attach", call=key, incident=record.number)
    await desk.do("call.take", call=key)
    await desk.do("call.attach", call=key, incident=record.number)
    assert isinstance(desk.journal, MemoryJournal)
    notes = [fact.body.text for fact in desk.journal.timeline(record.number) if isinstance(fact.body, NoteAdded)]
    assert notes == ["补充来电 138****5678，机主 张**，录音号 R7"]
    assert call(desk, key).incident == record.number
    with pytest.raises(UserError, match="已附到"):
        await desk.do("call.attach", call=key, incident=record.number)


async def test_that_a_call_that_a_colleague_holds_is_not_attached_before_it_is_over(desk: Desk) -> None:
    record = Incident(number="ZZ20261121-0001", source="call", created_at=EVENING, state=IncidentState.INTAKE)
    tell(desk, IncidentOpened(incident=record.number, record=record))
    key = at_modem(desk, taken_by="042", seat="04")
    with pytest.raises(UserError, match="来电在席位 04（042），本席不能操作"):
        await desk.do("call.attach", call=key, incident=record.number)
    tell(desk, CallEnded(call=key))
    await desk.do("call.attach", call=key, incident=record.number)
    assert call(desk, key).incident == record.number


async def test_that_a_caller_is_rung_back_by_one_person_at_a_time(desk: Desk) -> None:
    line_is(desk, LineState.LOST)
    key, other = at_modem(desk, ended_at=EVENING), beside(desk)
    await other.do("call.call_back", call=key)
    with pytest.raises(UserError, match="042 正在回电，未接通请先按 Ctrl"):
        await desk.do("call.call_back", call=key)
    await desk.do("call.call_back", call=key, outcome="unreached")
    await desk.do("call.call_back", call=key)
    assert (call(desk, key).called_back_by, call(desk, key).called_back) == ("031", "")
    answered = at_modem(desk, taken_by="042", seat="04", ended_at=EVENING)
    with pytest.raises(UserError, match="来电已由 042 接起"):
        await desk.do("call.call_back", call=answered)


def test_that_whoever_was_called_away_keeps_a_missed_caller_for_two_minutes_only() -> None:
    rung = Call(id="c", line="M1", number="13800001111", rang_at=EVENING, called_back_at=EVENING, called_back_by="042")
    just, later = EVENING + RINGS_BACK - timedelta(seconds=1), EVENING + RINGS_BACK
    assert rung_back_by_another(rung, "031", just).startswith("042 正在回电")
    assert (rung_back_by_another(rung, "042", just), rung_back_by_another(rung, "031", later)) == ("", "")


def test_that_a_missed_caller_is_due_again_after_a_try_that_did_not_reach_him() -> None:
    call, minute = Call(id="c", line="M1", number=NUMBER, rang_at=EVENING, ended_at=EVENING), timedelta(minutes=1)
    assert ring_back_due(call, minute) == EVENING + minute
    for outcome in ("", "unreached"):
        tried = replace(call, called_back_at=EVENING + minute, called_back_by="042", called_back=outcome)
        assert ring_back_due(tried, minute) == EVENING + minute + RINGS_BACK


@pytest.mark.parametrize(
    ("fields", "act", "args", "said"),
    [
        ({}, "hold", {}, "请先接起"),
        ({"taken_by": "042", "seat": "04"}, "hold", {}, "席位 04（042）"),
        ({"taken_by": "031", "seat": "03", "ended_at": EVENING}, "hang_up", {}, "已经结束"),
        ({"taken_by": "031", "seat": "03"}, "resume", {}, "没有保留"),
        ({"taken_by": "031", "seat": "03"}, "offer", {"to": "03"}, "已在本席"),
        ({"taken_by": "031", "seat": "03"}, "offer", {"to": "09"}, "无人在席"),
        ({"taken_by": "031", "seat": "03", "transfer_to": "05"}, "offer", {"to": "04"}, "正在转给席位 05"),
        ({"taken_by": "031", "seat": "03"}, "decline", {}, "没有在转接"),
        ({"taken_by": "042", "seat": "04", "transfer_to": "05"}, "decline", {}, "与本席无关"),
    ],
)
async def test_that_what_cannot_be_is_said(
    desk: Desk, fields: dict[str, Any], act: str, args: dict[str, str], said: str
) -> None:
    beside(desk)
    key = at_modem(desk, **fields)
    with pytest.raises(UserError, match=said):
        await desk.do(f"call.{act}", call=key, **args)
