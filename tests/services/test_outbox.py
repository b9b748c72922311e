"""The outbox: one text at a time to the modem of this host, tried again later, delivered, given up in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.clock import ManualClock
from console.domain.desk_facts import BulletinIssued
from console.domain.equipment_facts import MessageQueued
from console.domain.errors import UserError
from console.domain.facts import LineChanged, UnitRegistered
from console.domain.ledger import new_id
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.site import Line, LineState
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from console.services.outbox import ANSWER_S, MOST_LETTERS, MOST_TRIES, Outbox, sending_line
from drivers.wire import PortError
from tests.support import EVENING, MemoryJournal, make_desk, tell


@dataclass
class Modem:
    """A line that notes what it is told to send."""

    name: str = "M1"
    orders: list[Mapping[str, object]] = field(default_factory=list)
    closed: bool = False

    def order(self, order: Mapping[str, object]) -> None:
        if self.closed:
            raise PortError("line M1 is not open")
        self.orders.append(order)


@dataclass
class Stage:
    """A desk, its modem and its outbox."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(EVENING))
    modem: Modem = field(default_factory=Modem)
    desk: Desk = field(init=False)
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.desk = make_desk(self.clock)
        self.line("M1")
        self.outbox = Outbox(self.desk, lambda: [self.modem])

    def line(self, name: str, state: LineState = LineState.UP) -> None:
        line = Line(name=name, protocol="at-modem", address="/dev/ttyUSB3", state=state, since=EVENING)
        tell(self.desk, LineChanged(line=line))

    async def queue(self, text: str = "防区003 收到 3/10", number: str = "138 1111 2222") -> str:
        self.clock.advance(0.001)
        return str(await self.desk.do("outbox.queue", number=number, text=text, purpose="test"))

    async def work(self, seconds: float = 1.0) -> None:
        self.clock.advance(seconds)
        await self.outbox.work()

    async def hear(self, **report: Any) -> None:
        await self.desk.do(
            "intake.receive",
            ingest_id=new_id(),
            line="M1",
            protocol="at-modem",
            received_at=self.clock().isoformat(),
            report={"type": "message", "raw_hex": "4f4b", "ack_hex": "", **report},
        )

    def row(self, id_: str) -> OutboxMessage:
        assert isinstance(self.desk.journal, MemoryJournal)
        found = self.desk.journal.state.get(OutboxMessage, id_)
        assert found is not None
        return found


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_that_texts_go_to_the_modem_one_at_a_time_in_their_order(stage: Stage) -> None:
    first, second = await stage.queue("一"), await stage.queue("二")
    await stage.work()
    await stage.work()
    assert stage.modem.orders == [{"sms": "一", "to": "13811112222", "ref": first}]
    await stage.hear(sms_sent=first, references=[7, 8])
    await stage.work()
    assert [order["ref"] for order in stage.modem.orders] == [first, second]
    row = stage.row(first)
    assert (row.state, row.ref, row.line, row.tries) == (MessageState.SENT, "7,8", "M1", 1)
    await stage.hear(sms_delivered=first)
    assert (stage.row(first).state, stage.row(first).delivered_at) == (MessageState.DELIVERED, stage.clock())


async def test_that_a_refused_text_is_tried_again_later_each_time_and_then_given_up(stage: Stage) -> None:
    id_ = await stage.queue()
    waits = []
    for _ in range(MOST_TRIES):
        waited, before = 0.0, len(stage.modem.orders)
        while len(stage.modem.orders) == before:
            await stage.work(10)
            waited += 10
        waits.append(waited)
        await stage.hear(sms_failed=id_, to="13811112222", reason="the network is out of order", hopeless=False)
    assert waits == [10, 30, 120, 300]
    row = stage.row(id_)
    assert (row.state, row.why, row.tries) == (MessageState.FAILED, "网络故障", MOST_TRIES - 1)
    await stage.work(1000)
    assert len(stage.modem.orders) == MOST_TRIES
    await stage.desk.do("outbox.resend", message=id_)
    await stage.work()
    assert len(stage.modem.orders) == MOST_TRIES + 1


async def test_that_a_hopeless_number_is_given_up_at_once(stage: Stage) -> None:
    id_ = await stage.queue()
    await stage.work()
    await stage.hear(sms_failed=id_, reason="the number is not assigned", hopeless=True)
    assert (stage.row(id_).state, stage.row(id_).why) == (MessageState.FAILED, "空号")


async def test_that_a_sent_text_the_phone_never_got_is_told_and_not_sent_again(stage: Stage) -> None:
    id_ = await stage.queue()
    await stage.work()
    await stage.hear(sms_sent=id_, references=[7])
    await stage.hear(sms_failed=id_, reason="the phone did not get it", hopeless=False)
    assert (stage.row(id_).state, stage.row(id_).why) == (MessageState.FAILED, "对方手机没有收到")


async def test_that_a_receipt_after_a_restart_is_known_by_reference_and_number(stage: Stage) -> None:
    ids = [await stage.queue(number=number) for number in ("13811112222", "13700001111")]
    for id_ in ids:
        await stage.work()
        await stage.hear(sms_sent=id_, references=[6, 7])
    await stage.hear(sms_delivered="", reference=7, recipient="+8613700001111")
    await stage.hear(sms_delivered="", reference=9, recipient="13811112222")
    assert [stage.row(id_).state for id_ in ids] == [MessageState.SENT, MessageState.DELIVERED]


async def test_that_word_that_comes_late_or_of_nobody_changes_nothing(stage: Stage) -> None:
    id_ = await stage.queue()
    await stage.work()
    await stage.hear(sms_sent=id_, references=[7])
    await stage.hear(sms_delivered=id_)
    version = stage.row(id_).version
    await stage.hear(sms_failed=id_, reason="x", hopeless=True)
    await stage.hear(sms_sent="unknown", references=[1])
    assert stage.row(id_).version == version


async def test_that_an_order_nobody_tells_the_end_of_is_tried_again(stage: Stage) -> None:
    id_ = await stage.queue()
    await stage.work()
    await stage.work(ANSWER_S + 1)
    assert (stage.row(id_).state, stage.row(id_).why) == (MessageState.QUEUED, "短信模块没有说明结果")
    await stage.work(60)
    assert len(stage.modem.orders) == 2


async def test_that_no_receipt_within_a_day_is_a_failure_in_words(stage: Stage) -> None:
    id_ = await stage.queue()
    await stage.work()
    await stage.hear(sms_sent=id_, references=[7])
    await stage.work(timedelta(hours=25).total_seconds() + 2)
    assert (stage.row(id_).state, stage.row(id_).why) == (MessageState.FAILED, "一天内没有送达回执")


async def test_that_only_the_host_of_the_first_modem_that_is_up_sends(stage: Stage) -> None:
    stage.line("M0")
    assert sending_line(stage.desk.picture.state) == "M0"
    await stage.queue()
    await stage.work()
    assert stage.modem.orders == []
    stage.line("M0", LineState.LOST)
    await stage.work()
    assert len(stage.modem.orders) == 1


async def test_that_a_line_that_is_not_open_costs_no_try_and_no_modem_at_all_lights_a_lamp(stage: Stage) -> None:
    id_ = await stage.queue()
    stage.modem.closed = True
    await stage.work()
    stage.modem.closed = False
    await stage.work()
    assert (len(stage.modem.orders), stage.row(id_).tries) == (1, 0)
    stage.line("M1", LineState.LOST)
    await stage.work(61)
    assert "没有可用的短信模块线路" in stage.desk.health.faults["outbox"].what
    stage.line("M1")
    await stage.work()
    assert "outbox" not in stage.desk.health.faults


@pytest.mark.parametrize(
    ("number", "text", "why"),
    [("张三", "x", "不是电话号码"), ("110", " ", "不能为空"), ("110", "x" * (MOST_LETTERS + 1), "最多")],
)
async def test_that_what_cannot_be_sent_is_refused_in_words(stage: Stage, number: str, text: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        await stage.queue(text, number)


@pytest.mark.parametrize(
    ("act", "why"), [("withdraw", "派警已撤回"), ("divert", "派警已撤回"), ("feedback", "派警单已结束")]
)
async def test_that_an_order_text_is_not_tried_again_once_its_order_is_over(stage: Stage, act: str, why: str) -> None:
    """It would go out after its own cancellation, and the crew would drive."""
    free = Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING, phone="13811112222")
    tell(stage.desk, UnitRegistered(unit=free))
    old, grave = [await stage.desk.do("incident.open", kind="0206", place="路口", priority=1) for _ in range(2)]
    await stage.desk.do("unit.assign", unit="巡05", incident=old)
    await stage.work()
    (order,) = stage.modem.orders
    await stage.desk.do("unit.report", unit="巡05", step="depart")
    await stage.hear(sms_failed=order["ref"], to="13811112222", reason="the network is congested", hopeless=False)
    if act == "withdraw":
        await stage.desk.do("unit.withdraw", unit="巡05", reason="不用去了")
    elif act == "divert":
        await stage.desk.do("unit.divert", unit="巡05", incident=grave, reason="持刀")
    else:
        await stage.desk.do("unit.report", unit="巡05", step="feedback", text="已调解")
    for _ in range(60):
        await stage.work()
        last = stage.modem.orders[-1]
        if stage.row(str(last["ref"])).state is MessageState.QUEUED and last is not order:
            await stage.hear(sms_sent=last["ref"], references=[7])
    row = stage.row(str(order["ref"]))
    assert (row.state, row.why) == (MessageState.FAILED, why)
    assert [sent["ref"] for sent in stage.modem.orders].count(row.id) == 1
    assert len(stage.modem.orders) == {"withdraw": 2, "divert": 3, "feedback": 1}[act]


@pytest.mark.parametrize("over", [True, False])
async def test_that_a_bulletin_that_is_over_is_not_sent_when_a_modem_comes_back(stage: Stage, over: bool) -> None:
    until = EVENING + timedelta(hours=1 if over else 48)
    bulletin = Bulletin(
        id="BK1", kind="control", title="黑色轿车", text="发现拦停", since=EVENING, until=until, issued_by="010"
    )
    receipt = BulletinReceipt(id="BK1@unit:巡05", bulletin="BK1", recipient="unit:巡05", name="巡05", sent_at=EVENING)
    row = OutboxMessage(
        id="m1", number="13811112222", text="布控", purpose="bulletin", about=receipt.id, queued_at=EVENING
    )
    tell(stage.desk, BulletinIssued(bulletin=bulletin, receipts=(receipt,)), MessageQueued(message=row))
    stage.clock.advance(7200)
    await stage.work()
    await stage.work()
    assert [order["ref"] for order in stage.modem.orders] == ([] if over else ["m1"])
    assert (stage.row("m1").state is MessageState.FAILED) is over
