"""Orders on their way: an order is queued for the unit's terminal and telephone in the act that gives it.

One row of the outbox each way, so that an order outlives every process and is sent by the one host that has the line:
a text by the modem (`outbox`), a text to the vehicle by the line that hears its terminal (`terminal_texts`). What was
sent that way is called back the same way. A unit with neither is told by radio.
"""

from contextlib import suppress
from uuid import NAMESPACE_OID, uuid5

from console.domain.assignment import Assignment
from console.domain.equipment_facts import MessageQueued
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.outbox import OutboxMessage
from console.domain.state import need
from console.domain.unit import Unit
from console.services.order_text import cancel_text, order_text, tables
from console.services.phone_numbers import number_to_text
from console.services.questions import checklist

ORDER, CANCEL = "order", "order_cancel"
"""What the outbox's rows of orders are for."""

EXCHANGE = "exchange"
"""What a row is for that the telephone exchange carries out, not a modem (`exchange_orders`)."""

TERMINAL = "jt808:"
"""What the number of a row begins with that goes to a vehicle's terminal."""


def ways_to(unit: Unit) -> tuple[tuple[str, str], ...]:
    """(channel, number) of every way a text can reach it: its terminal, its telephone if that can be dialled."""
    ways = [("terminal", f"{TERMINAL}{unit.terminal}")] if unit.terminal else []
    with suppress(UserError):  # 例：000-… is no number
        ways += [("sms", number_to_text(unit.phone))] if unit.phone else []
    return tuple(ways)


def channel_to(unit: Unit) -> str:
    """The way an order to it goes first; '' if no machine reaches it."""
    return next((channel for channel, _ in ways_to(unit)), "")


def send_order(ledger: Ledger, order: Assignment) -> None:
    """Queue the order's text by every way to the unit."""
    unit, incident = need(ledger, Unit, order.unit), need(ledger, Incident, order.incident)
    ways = ways_to(unit)
    if ways:
        lines = checklist(ledger, incident, tables().protocols)
        _queue(ledger, ways, order, ORDER, order_text(incident, lines))


def cancel_order(ledger: Ledger, order: Assignment, reason: str) -> None:
    """Queue the word that an order is taken back, by every way it went."""
    unit, incident = need(ledger, Unit, order.unit), need(ledger, Incident, order.incident)
    ways = ways_to(unit)
    if ways and order.channel:
        _queue(ledger, ways, order, CANCEL, cancel_text(incident, reason))


def _queue(ledger: Ledger, ways: tuple[tuple[str, str], ...], order: Assignment, purpose: str, text: str) -> None:
    for _, number in ways:
        # The act may be carried out again from the spool: the same rows then.
        name = f"{ledger.act.act_id}\n{order.unit}\n{purpose}\n{number}"
        row = OutboxMessage(
            id=str(uuid5(NAMESPACE_OID, name)),
            number=number,
            text=text,
            purpose=purpose,
            about=order.id,
            queued_at=ledger.now,
        )
        ledger.record(MessageQueued(message=row))
