"""What units say by themselves, by text from their telephone or at their vehicle's terminal, as their own report.

A known word moves the order or the status, in the act that stores what came; whatever the unit wrote counts as its own
answer (安全核实). Other words are a note on its incident. What cannot be done is told back to the telephone.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from console.domain.assignment import Assignment
from console.domain.desk_facts import UnitChecked
from console.domain.equipment_facts import MessageQueued
from console.domain.errors import UserError
from console.domain.facts import NoteAdded
from console.domain.incident import Incident
from console.domain.ledger import Ledger, MemoryLedger
from console.domain.outbox import OutboxMessage
from console.domain.overlay import Overlay
from console.domain.site import Signal
from console.domain.unit import Unit, vehicle_key
from console.domain.unit_words import Said, read_event, read_words
from console.services import dispatch
from console.services.order_text import tables
from console.services.phone_numbers import plain_number

EVENT, CHOICE, PASSED = 0x0301, 0x0302, 0x0900
"""Messages of a terminal that carry a word of its crew (JT/T 808; the first two of 2011 and 2013)."""

CLOCKS_DIFFER = timedelta(minutes=2)
"""So far the network's clock may be behind ours."""


def unit_of_phone(ledger: Ledger, number: str) -> Unit | None:
    """The unit whose telephone this is; None for a number of nobody or of several."""
    found = [unit for unit in ledger.where(Unit) if unit.phone and plain_number(unit.phone) == number]
    return found[0] if number and len(found) == 1 else None


def take_text(ledger: Ledger, unit: Unit, text: str, sent_at: str = "") -> str | None:
    """A text from a unit's telephone; answers the incident it belongs to ('' for none).

    None: it is no word of the table and the unit has no order, so it may be a call for help like any other text.
    `sent_at` is the network's time (ISO): what was written before the order it would move is about another one.
    """
    said = read_words(text, tables().reply_words)
    if said is None and not unit.incident:
        return None
    if said is None:
        _note(ledger, unit, text.strip() or "（空白短信）", "短信", "text")
        return unit.incident
    late = _too_late(ledger, unit, said, sent_at)
    refusal = late or _carry_out(ledger, unit, said, "text")
    if refusal:
        # What was written long ago does not tell that the unit is well now.
        _note(ledger, unit, f"{text.strip()}（未办理：{refusal}）", "短信", "" if late else "text")
        _tell_back(ledger, unit, refusal)
    return unit.incident


def _too_late(ledger: Ledger, unit: Unit, said: Said, sent_at: str) -> str:
    """Why it is about the unit's order before this one, '' if it is not: a network may keep a text for a day."""
    if said.says not in dispatch.STEPS or not sent_at:
        return ""
    sent = datetime.fromisoformat(sent_at) + CLOCKS_DIFFER
    given = [order.t_dispatch <= sent for order in ledger.where(Assignment, unit=unit.id) if order.open]
    before = [order.t_dispatch <= sent for order in ledger.where(Assignment, unit=unit.id) if not order.open]
    # With no order before it a clock is wrong, not the text.
    late = bool(given) and not any(given) and any(before)
    return "这条短信在这次派警之前发出，请按现在的情况重发" if late else ""


def take_terminal(ledger: Ledger, signal: Signal, report: Mapping[str, Any]) -> None:
    """A word of a crew at its vehicle's terminal; nothing for the terminals of others."""
    key = vehicle_key(signal.account)
    units = [unit for unit in ledger.where(Unit) if unit.terminal and vehicle_key(unit.terminal) == key]
    shown, said = _read(report)
    if len(units) != 1 or not shown:
        return
    refusal = _carry_out(ledger, units[0], said, "terminal") if said is not None else ""
    if said is None or refusal:
        _note(ledger, units[0], f"{shown}（未办理：{refusal}）" if refusal else shown, "车载终端", "terminal")


def _read(report: Mapping[str, Any]) -> tuple[str, Said | None]:
    """(what a person would read, what it means)."""
    table = tables().reply_words
    if report.get("msg_id") == EVENT and "event" in report:
        return f"事件{report['event']}", read_event(int(report["event"]), table)
    if report.get("msg_id") == CHOICE and "answer" in report:
        return f"应答{report['answer']}", read_event(int(report["answer"]), table)
    if report.get("msg_id") == PASSED and report.get("text"):
        return str(report["text"]), read_words(str(report["text"]), table)
    return "", None


def _carry_out(ledger: Ledger, unit: Unit, said: Said, how: str) -> str:
    """Do what was said; answers why not. Tried beside the ledger first: a refusal half-way must leave nothing."""
    deed = _deed(ledger, unit, said, how)
    try:
        deed(MemoryLedger(Overlay(ledger), ledger.act, ledger.now, lambda: ""))
    except UserError as refusal:
        return str(refusal)
    deed(ledger)
    if said.text and said.says not in ("report", "feedback"):
        ledger.record(NoteAdded(incident=unit.incident, text=f"{unit.id}：{said.text}"))
    return ""


def _deed(ledger: Ledger, unit: Unit, said: Said, how: str) -> Callable[[Ledger], object]:
    if said.says not in dispatch.STEPS:
        return lambda at: dispatch.set_status(at, unit=unit.id, status=said.says, on_behalf=False, how=how)
    incident = ledger.get(Incident, unit.incident)
    code = incident.kind if incident is not None and said.says == "feedback" else ""
    return lambda at: dispatch.report(
        at, unit=unit.id, step=said.says, text=said.text, code=code, on_behalf=False, how=how
    )


def _note(ledger: Ledger, unit: Unit, text: str, way: str, how: str) -> None:
    """`how` '' where it is no answer of the unit."""
    ledger.record(NoteAdded(incident=unit.incident, text=f"{unit.id} {way}：{text}"))
    if how:
        ledger.record(UnitChecked(incident=unit.incident, unit=unit.id, how=how))


def _tell_back(ledger: Ledger, unit: Unit, refusal: str) -> None:
    row = OutboxMessage(
        id=str(uuid5(NAMESPACE_OID, f"{ledger.act.act_id}\n{unit.id}\nreply")),
        number=plain_number(unit.phone),
        text=f"【指挥台】未办理：{refusal}",
        purpose="unit_reply",
        about=unit.id,
        queued_at=ledger.now,
    )
    ledger.record(MessageQueued(message=row))
