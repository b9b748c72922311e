"""Outbox 发件箱: texts a modem sends for the desk, from queueing to the receipt of the phone.

The rows stand in the journal; the host that receives the modem's line works them, one at a time. Where several
modems are up it is the one of the line whose name comes first, which every host finds alike. A text the network
refused is tried again, later each time; whoever waits for it sees how it stands.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.domain.account import MACHINE
from console.domain.assignment import Assignment, AssignmentState
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.equipment_facts import MessageMoved, MessageQueued
from console.domain.errors import EnvironmentFault, UserError
from console.domain.ledger import Act, Ledger
from console.domain.outbox import MESSAGE, MessageState, OutboxMessage
from console.domain.site import Line, LineState, Signal
from console.domain.state import State, need
from console.services.bulletins import PURPOSE as BULLETIN
from console.services.desk import Desk
from console.services.exchange_orders import order_moved
from console.services.order_sending import CANCEL, EXCHANGE, ORDER
from console.services.order_word import is_terminal, message_moved
from console.services.phone_numbers import number_to_text
from console.services.watch import Chore

log = logging.getLogger(__name__)

ACTOR = "系统"
MODEM = "at-modem"
MOST_LETTERS = 500
"""Longer texts are no messages but letters: eight parts."""
MOST_TRIES = 4
AGAIN_AFTER_S = (0.0, 30.0, 120.0, 300.0)
"""Seconds to wait before the first, second, third and last try."""
ANSWER_S = 240.0
"""The modem tells within this time what became of an order; it gives up by itself after 120 s of waiting."""
RECEIPT_WITHIN = timedelta(hours=25)
"""The network keeps a text for a day (drivers.protocols.sms_pdu_submit); no receipt comes after that."""
FIRST = (ORDER, CANCEL)
"""What goes before every other text."""
ORDER_WITHIN = timedelta(minutes=10)
TOO_OLD = "等待太久，不再发送"
TAKEN_BACK = "派警已撤回"
ORDER_OVER = "派警单已结束"
NO_MODEM_AFTER = timedelta(seconds=60)
"""A text that waits longer for a modem is worth a lamp."""

REASONS = {
    "the number is not assigned": "空号",
    "barred by the operator": "被运营商禁止",
    "the phone is switched off or unreachable": "对方关机或不在服务区",
    "the network is out of order": "网络故障",
    "a temporary failure of the network": "网络临时故障",
    "the network is congested": "网络拥塞",
    "no SIM is inserted": "短信模块没有 SIM 卡",
    "the SIM asks for its PIN": "SIM 卡要求 PIN 码",
    "the message centre's number is not set": "SIM 卡没有设置短信中心号码",
    "no network service": "短信模块没有信号",
    "the network did not answer in time": "网络没有应答",
    "the modem did not answer": "短信模块没有应答",
    "the modem restarted": "短信模块重启",
    "the modem could not send it in time": "短信模块一直发不出",
    "the line was lost": "短信模块断开",
    "the phone did not get it": "对方手机没有收到",
    "too many texts wait to be sent": "待发短信太多",
}
"""A driver's words for why a text was not sent, in ours."""


class ModemLine(Protocol):
    """The part of a line that sending needs."""

    @property
    def name(self) -> str: ...

    def order(self, order: Mapping[str, object]) -> None:
        """Have the modem send a text; OSError if the line cannot be told so now."""


# -- acts ------------------------------------------------------------------------------------------------------------


def queue(ledger: Ledger, *, number: str, text: str, purpose: str = "", about: str = "") -> str:
    """A text is to be sent; answers its id. UserError if the number or the text is none."""
    if not text.strip():
        raise UserError("短信内容不能为空")
    if len(text) > MOST_LETTERS:
        raise UserError(f"短信最多 {MOST_LETTERS} 字，现有 {len(text)} 字")
    message = OutboxMessage(
        id=ledger.act.act_id,
        number=number_to_text(number),
        text=text.strip(),
        purpose=purpose,
        about=about,
        queued_at=ledger.now,
    )
    ledger.record(MessageQueued(message=message))
    return message.id


def told(ledger: Ledger, *, message: str, act: str, line: str = "", ref: str = "", why: str = "") -> bool:
    """What became of a text (an act of MESSAGE); answers whether that was possible: late word changes nothing."""
    found = need(ledger, OutboxMessage, message)
    if not MESSAGE.may(found.state, act):
        return False
    ledger.record(MessageMoved(message=found.id, act=act, line=line, ref=ref, why=why))
    message_moved(ledger, found, act, why)
    order_moved(ledger, found, act, why)
    return True


def resend(ledger: Ledger, *, message: str) -> None:
    """A person has it sent again."""
    found = need(ledger, OutboxMessage, message)
    MESSAGE.next(found.state, "resend")
    ledger.record(MessageMoved(message=found.id, act="resend"))


def after_a_failure(message: OutboxMessage, *, hopeless: bool = False) -> str:
    """The act of MESSAGE when a try came to nothing: once more later, or given up for good."""
    again = message.state is MessageState.QUEUED and not hopeless and message.tries + 1 < MOST_TRIES
    return "retry" if again else "fail"


def take_word(ledger: Ledger, signal: Signal, report: Mapping[str, Any]) -> None:
    """What the modem told of a text (a report with `sms_sent`, `sms_delivered` or `sms_failed`)."""
    key = next((name for name in ("sms_sent", "sms_delivered", "sms_failed") if name in report), "")
    message = _meant(ledger, report, key) if key else None
    if message is None:
        return
    if key == "sms_sent":
        ref = ",".join(str(number) for number in report.get("references", ()))
        told(ledger, message=message.id, act="send", line=signal.line, ref=ref)
    elif key == "sms_delivered":
        told(ledger, message=message.id, act="deliver", line=signal.line)
    else:
        said = str(report.get("reason", ""))
        act = after_a_failure(message, hopeless=bool(report.get("hopeless")))
        told(ledger, message=message.id, act=act, line=signal.line, why=REASONS.get(said, said))


def _meant(ledger: Ledger, report: Mapping[str, Any], key: str) -> OutboxMessage | None:
    """By the order's own word; after a restart of ours by the network's reference and the number."""
    if report[key]:
        return ledger.get(OutboxMessage, str(report[key]))
    reference, to = str(report.get("reference", "")), str(report.get("recipient", ""))
    sent = ledger.where(OutboxMessage, state=MessageState.SENT)
    # The last part's receipt closes a long text.
    found = [row for row in sent if row.ref.rpartition(",")[2] == reference and to.endswith(row.number.lstrip("+"))]
    return max(found, key=lambda row: row.queued_at, default=None)


# -- the worker ------------------------------------------------------------------------------------------------------


def sending_line(state: State) -> str:
    """The line by which texts go out now, '' for none: of the modems that are up the one whose name comes first."""
    modems = [line.name for line in state.where(Line, protocol=MODEM) if line.state is LineState.UP]
    return min(modems, default="")


class Outbox:
    """Works the queue of one process; `lines` gives the lines it receives."""

    def __init__(self, desk: Desk, lines: Callable[[], Iterable[ModemLine]]) -> None:
        self.chore = Chore("outbox", 1.0, self.work)
        self._desk = desk
        self._lines = lines
        self._ordered: dict[str, tuple[int, datetime]] = {}
        self._tried_at: dict[str, datetime] = {}

    async def work(self) -> None:
        """One look at the queue: hand the next text to the modem if that is ours and free."""
        now, state = self._desk.clock(), self._desk.picture.state
        name = sending_line(state)
        texts = [row for row in state.where(OutboxMessage) if not (is_terminal(row) or row.purpose == EXCHANGE)]
        rows = sorted(texts, key=lambda row: (row.purpose not in FIRST, row.queued_at, row.id))
        waiting = [row for row in rows if row.state is MessageState.QUEUED]
        self._show_lamp(waiting, name, now)
        line = next((line for line in self._lines() if line.name == name), None)
        if line is None:
            self._ordered.clear()
            return
        await self._give_up([row for row in rows if row.state is MessageState.SENT], now)
        obsolete = {row.id: why for row in waiting if (why := self._obsolete(row, now))}
        for row in waiting:
            if row.id in obsolete and row.id not in self._ordered:
                await self._tell(row, row.line, obsolete[row.id], hopeless=True)
        if await self._still_busy(name, now):
            return
        due = next((row for row in waiting if row.id not in obsolete and self._due(row, now)), None)
        if due is not None:
            self._hand_over(due, line, now)

    def _due(self, row: OutboxMessage, now: datetime) -> bool:
        """Whether the wait since its last try is over; after a restart nobody knows when that was: at once."""
        wait = AGAIN_AFTER_S[min(row.tries, len(AGAIN_AFTER_S) - 1)]
        tried = self._tried_at.get(row.id)
        return tried is None or now - tried >= timedelta(seconds=wait)

    def _hand_over(self, row: OutboxMessage, line: ModemLine, now: datetime) -> None:
        try:
            line.order({"sms": row.text, "to": row.number, "ref": row.id})
        except OSError as problem:
            log.info("line %s takes no text at present: %s", line.name, problem)
            return
        self._ordered[row.id] = (row.version, now)
        self._tried_at[row.id] = now

    async def _still_busy(self, line: str, now: datetime) -> bool:
        """Whether the modem still has an order nobody has told the end of, or one was just given up."""
        busy = False
        for id_, (version, since) in list(self._ordered.items()):
            row = self._desk.picture.state.get(OutboxMessage, id_)
            if row is None or row.version != version:
                del self._ordered[id_]
                continue
            busy = True
            if now - since > timedelta(seconds=ANSWER_S):
                del self._ordered[id_]
                await self._tell(row, line, "短信模块没有说明结果")
        return busy

    async def _give_up(self, sent: list[OutboxMessage], now: datetime) -> None:
        for row in sent:
            if row.sent_at is not None and now - row.sent_at > RECEIPT_WITHIN:
                await self._tell(row, row.line, "一天内没有送达回执")

    def _obsolete(self, row: OutboxMessage, now: datetime) -> str:
        """Why a text is not to be sent any more, '' if it is.

        An order that comes an hour late sends a crew to nobody: it has long been told by radio. One that comes after
        it was taken back, perhaps even after its cancellation, sends a crew to where it was told not to go. And nobody
        is to look for what is looked for no longer.
        """
        state = self._desk.picture.state
        if row.purpose in FIRST:
            order = state.get(Assignment, row.about) if row.purpose == ORDER else None
            if order is not None and not order.open:
                return ORDER_OVER if order.state is AssignmentState.FEEDBACK else TAKEN_BACK
            return TOO_OLD if now - row.queued_at > ORDER_WITHIN else ""
        receipt = state.get(BulletinReceipt, row.about) if row.purpose == BULLETIN else None
        told = state.get(Bulletin, receipt.bulletin) if receipt is not None else None
        return TOO_OLD if told is not None and not told.in_force(now) else ""

    async def _tell(self, row: OutboxMessage, line: str, why: str, *, hopeless: bool = False) -> None:
        act = after_a_failure(row, hopeless=hopeless)
        args = {"message": row.id, "act": act, "line": line, "why": why}
        desk = self._desk
        try:
            await desk.carry_out(
                Act(name="outbox.told", args=args, actor=ACTOR, seat=desk.seat, roles=MACHINE, at=desk.clock())
            )
        except EnvironmentFault as fault:
            log.warning("the end of a text could not be stored: %s", fault)

    def _show_lamp(self, waiting: list[OutboxMessage], line: str, now: datetime) -> None:
        if not line and any(now - row.queued_at > NO_MODEM_AFTER for row in waiting):
            what = f"{len(waiting)} 条短信发不出去：没有可用的短信模块线路"
            self._desk.health.fault("outbox", what, "检查短信模块的电源、SIM 卡和接线")
        else:
            self._desk.health.mended("outbox")
