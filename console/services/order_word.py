"""Word of an order: sent, delivered, not delivered in time, told by radio. Acts, and the clock that looks for receipts.

A receipt moves the outbox's row and, in the same act, the order it is about. An order that nobody receipted in time
(plans.json, telling.receipt_s) is 未送达 and must be told by radio; a receipt that comes later still counts.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE
from console.domain.assignment import Assignment, AssignmentState
from console.domain.desk_facts import OrderTold
from console.domain.errors import EnvironmentFault, UserError
from console.domain.ledger import Act, Ledger
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.state import State, need
from console.services import bulletins, major
from console.services.desk import Desk
from console.services.order_sending import ORDER, TERMINAL
from console.services.watch import Chore

ACTOR = "系统"
KNOWN = ("delivered", "radio")
"""How an order is told that the unit surely has."""

STATES: dict[str, str] = {"send": "sent", "deliver": "delivered"}
"""A move of an outbox row -> how far the order is."""

SETTLED = ("delivered", "radio", "undelivered")


def is_terminal(message: OutboxMessage) -> bool:
    """Whether a row goes to a vehicle's terminal, not to a telephone."""
    return message.number.startswith(TERMINAL)


def message_moved(ledger: Ledger, message: OutboxMessage, act: str, why: str = "") -> None:
    """A row of the outbox moved: the order, bulletin or report it is about knows. Called within the row's own act."""
    bulletins.message_moved(ledger, message, act, why)
    major.message_moved(ledger, message, act)
    order = ledger.get(Assignment, message.about) if message.purpose == ORDER else None
    if order is None or order.delivery in KNOWN:
        return
    channel = "terminal" if is_terminal(message) else "sms"
    state = STATES.get(act, "")
    if act == "fail" and order.state is AssignmentState.DISPATCHED and _last_way(ledger, message):
        state = "undelivered"
    if state and not (state == "sent" and order.delivery in SETTLED) and state != order.delivery:
        ledger.record(OrderTold(incident=order.incident, assignment=order.id, state=state, channel=channel, why=why))


def _last_way(ledger: Ledger, failed: OutboxMessage) -> bool:
    """Whether no other way of this order is still open."""
    rows = ledger.where(OutboxMessage, about=failed.about, purpose=ORDER)
    return not any(row.open for row in rows if row.id != failed.id)


def told(ledger: Ledger, *, assignment: str, state: str, why: str = "") -> bool:
    """The clock found no receipt in time (state 'undelivered'); answers whether that was news."""
    order = need(ledger, Assignment, assignment)
    if state != "undelivered":
        raise UserError(f"不认识的下达情况：{state}")
    if order.delivery in SETTLED or order.state is not AssignmentState.DISPATCHED:
        return False
    ledger.record(OrderTold(incident=order.incident, assignment=order.id, state=state, why=why))
    return True


def radio(ledger: Ledger, *, assignment: str, unit: str = "") -> None:
    """A person told the unit by voice. With a `unit` only its order is meant: another seat may have got the number."""
    order = need(ledger, Assignment, assignment)
    if unit not in ("", order.unit):
        raise UserError(f"这张派警单现在是{order.unit}的，不是{unit}的，请核对后再记电台通知")
    if not order.open:
        raise UserError(f"{order.unit}的这张派警单已经结束")
    if order.delivery == "radio":
        raise UserError(f"{order.unit}已记为电台通知")
    ledger.record(OrderTold(incident=order.incident, assignment=order.id, state="radio", channel="radio"))


# -- the clock -------------------------------------------------------------------------------------------------------


def unreceipted(state: State, now: datetime, within: timedelta) -> list[Assignment]:
    """Orders on their way by a machine, for longer than `within`, that nobody receipted and nobody signed."""
    waiting = [o for o in state.where(Assignment, state=AssignmentState.DISPATCHED) if o.channel]
    return [o for o in waiting if o.delivery not in SETTLED and now - o.t_dispatch > within]


class ReceiptWatch:
    """Looks once a second for orders nobody receipted. Every host may look: the same news is told once."""

    def __init__(self, desk: Desk) -> None:
        self.chore = Chore("receipts", 1.0, self.look)
        self._desk = desk
        self._told: set[str] = set()

    async def look(self) -> None:
        """One look; what cannot be stored now is told with the next."""
        desk = self._desk
        within = timedelta(seconds=desk.reference.plans.telling.receipt_s)
        late = unreceipted(desk.picture.state, desk.clock(), within)
        self._told &= {order.id for order in late}
        for order in late:
            if order.id not in self._told:
                await self._tell(order, why_of(desk.picture.state, order))

    async def _tell(self, order: Assignment, why: str) -> None:
        desk = self._desk
        args = {"assignment": order.id, "state": "undelivered", "why": why}
        act = Act(name="order.told", args=args, actor=ACTOR, seat=desk.seat, roles=MACHINE, at=desk.clock())
        try:
            await desk.carry_out(replace(act, act_id=str(uuid5(NAMESPACE_OID, f"undelivered\n{order.id}"))))
        except EnvironmentFault:
            return
        self._told.add(order.id)


def why_of(state: State, order: Assignment) -> str:
    """What is known of its rows: no line, the network refused, no receipt yet."""
    rows = [row for row in state.where(OutboxMessage, about=order.id) if row.purpose == ORDER]
    return "；".join(dict.fromkeys(_why(row) for row in rows))


def _why(row: OutboxMessage) -> str:
    said = "还没有发出"
    if row.state is not MessageState.QUEUED:
        said = "发送失败" if row.state is MessageState.FAILED else "没有回执"
    return f"{'车载终端' if is_terminal(row) else '短信'}{said}" + (f"（{row.why}）" if row.why else "")
