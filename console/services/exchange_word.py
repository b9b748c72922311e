"""What a telephone exchange says becomes what the desk knows of its calls. Called within the frame's own act.

Every word may come twice (said again, or asked for anew when the link opened), so each records only what it changes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from console.domain.account import Seat
from console.domain.call import Call
from console.domain.desk_facts import CallDescribed, CallMoved
from console.domain.equipment_facts import CallEnded, CallRang
from console.domain.facts import SignalReceived
from console.domain.ledger import Ledger
from console.domain.outbox import OutboxMessage
from console.domain.site import Signal
from console.services import outbox
from console.services.exchange_orders import AGAIN, REASONS, call_key, call_name
from console.services.phone_numbers import plain_number

TOLD = ("called", "subscriber", "address", "recording")


def take_exchange(ledger: Ledger, signal: Signal, report: Mapping[str, Any]) -> None:
    """Take in one line of the exchange, of type `call` or `message`."""
    ledger.record(SignalReceived(signal=signal))
    if "call" in report:
        _call(ledger, signal.line, report)
    elif "calls" in report:
        _only_these(ledger, signal.line, {str(name) for name in report["calls"]})
    else:
        _order(ledger, signal.line, report)


def _call(ledger: Ledger, line: str, report: Mapping[str, Any]) -> None:
    state = str(report["state"])
    key = _key(ledger, line, str(report["call"]), rings=state == "ringing")
    call = ledger.get(Call, key)
    told = {name: str(report[name]) for name in TOLD if report.get(name)}
    if call is None:
        # Whatever is said first of a call, it exists; one that has ended is no news.
        if state != "ended":
            number = plain_number(str(report.get("number", "")))
            call = Call(id=key, number=number, line=line, rang_at=ledger.now)
            ledger.record(CallRang(call=replace(call, **told)))  # type: ignore[arg-type]
    elif {name: getattr(call, name) for name in told} != told:
        ledger.record(CallDescribed(call=key, **told))
    call = ledger.get(Call, key)
    if call is not None and call.ended_at is None:
        _moved(ledger, call, state, str(report.get("ext", "")))


def _key(ledger: Ledger, line: str, name: str, *, rings: bool) -> str:
    """The key of the call that the exchange means now: of those it named so, the last.

    An exchange that begins its names anew (it should not, but a restarted program does) must not lose a caller: what
    rings while we know it as ended is another call.
    """
    first, count = call_key(line, name), 1
    while ledger.get(Call, f"{first}{AGAIN}{count + 1}") is not None:
        count += 1
    last = ledger.get(Call, first if count == 1 else f"{first}{AGAIN}{count}")
    if rings and last is not None and last.ended_at is not None:
        count += 1
    return first if count == 1 else f"{first}{AGAIN}{count}"


def _moved(ledger: Ledger, call: Call, state: str, ext: str) -> None:
    if state == "ended":
        ledger.record(CallEnded(call=call.id))
    elif state == "held" and call.held_at is None:
        ledger.record(CallMoved(call=call.id, act="hold"))
    elif state == "resumed" and call.held_at is not None:
        ledger.record(CallMoved(call=call.id, act="resume"))
    elif state in ("up", "moved") and ext and ext != call.seat:
        # Answered or moved at the telephone itself: whoever sits there has it.
        seat = ledger.get(Seat, ext)
        who = seat.actor if seat is not None and seat.actor else f"席位{ext}"
        ledger.record(CallMoved(call=call.id, act="given", who=who, to=ext))


def _only_these(ledger: Ledger, line: str, calls: set[str]) -> None:
    """The exchange told all its calls: any other one has ended while nobody listened."""
    for call in ledger.where(Call, line=line, ended_at=None):
        if call_name(line, call.id) not in calls:
            ledger.record(CallEnded(call=call.id))


def _order(ledger: Ledger, line: str, report: Mapping[str, Any]) -> None:
    key = next((name for name in ("order_done", "order_failed", "reached", "unreached") if report.get(name)), "")
    row = ledger.get(OutboxMessage, str(report[key])) if key else None
    if row is None:
        return
    if key == "order_done":
        outbox.told(ledger, message=row.id, act="send", line=line)
        outbox.told(ledger, message=row.id, act="deliver", line=line)
    elif key == "order_failed":
        said = str(report.get("reason", ""))
        outbox.told(ledger, message=row.id, act="fail", line=line, why=REASONS.get(said, said or "交换机拒绝"))
    else:
        ledger.record(CallMoved(call=row.about, act="call_back", result=key))
