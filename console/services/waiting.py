"""Acts on incidents that wait: held 暂缓 with a reason and a time, scheduled 预约 for a time, woken by clock or hand.

Neither is dispatched, and neither is lost: the clock wakes both at their time, a raise to 一级 wakes at once, and so
does a unit that is sent. While it waits the desk promises nothing on it (`deadlines`); how often and how long it
waited is counted from its facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.account import MACHINE
from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.desk_facts import IncidentHeld, IncidentWoken
from console.domain.errors import UserError
from console.domain.facts import Fact
from console.domain.incident import INCIDENT_LABELS, Incident, IncidentState
from console.domain.ledger import Ledger
from console.domain.state import State, need

MAY_WAIT = (IncidentState.INTAKE, IncidentState.TRIAGED)
"""Answered, and nobody is on it yet."""

LONGEST = timedelta(days=31)
"""Nobody remembers longer what an incident waits for."""

GRAVEST = 1


def hold(ledger: Ledger, *, incident: str, until: str, reason: str) -> None:
    """暂缓: nobody is sent before `until` (ISO, UTC), for this reason; then it wakes by itself."""
    if not reason.strip():
        raise UserError("暂缓须写明理由")
    _wait(ledger, incident, "held", until, reason)


def schedule(ledger: Ledger, *, incident: str, at: str, reason: str = "") -> None:
    """预约: it is to be worked at a time. Reserved is not dispatched: no unit is bound by it."""
    _wait(ledger, incident, "scheduled", at, reason)


def _wait(ledger: Ledger, number: str, kind: str, until: str, reason: str) -> None:
    found, at = need(ledger, Incident, number), datetime.fromisoformat(until)
    what = "预约" if kind == "scheduled" else "暂缓"
    why = why_not(ledger, found)
    if why:
        raise UserError(f"不能{what}：{why}")
    if at <= ledger.now:
        raise UserError(f"{what}到的时间须在现在之后")
    if at - ledger.now > LONGEST:
        raise UserError(f"{what}最长 {LONGEST.days} 天")
    ledger.record(IncidentHeld(incident=found.number, kind=kind, until=at, reason=reason.strip()))


def why_not(state: State, incident: Incident) -> str:
    """Why an incident may not wait; '' if it may."""
    if incident.state not in MAY_WAIT:
        return f"警情“{INCIDENT_LABELS[incident.state]}”，只有已接警而未派警的可以"
    if incident.priority == GRAVEST:
        return "一级警情须立即处置"
    if any(alarm.open for alarm in state.where(Alarm, incident=incident.number)):
        return "一键报警尚未复位"
    busy = [order.unit for order in state.where(Assignment, incident=incident.number) if order.open]
    return f"{'、'.join(busy)}已在该警情上" if busy else ""


def wake(ledger: Ledger, *, incident: str, until: str = "") -> None:
    """It is to be worked again. The clock names the time it was due (`until`): of many seats one is the first."""
    found = need(ledger, Incident, incident)
    by_clock = ledger.act.roles == MACHINE
    if found.waits_until is None or not found.open:
        if by_clock:
            return
        raise UserError(f"警情{found.short}没有暂缓或预约")
    if by_clock and until and datetime.fromisoformat(until) != found.waits_until:
        return
    ledger.record(IncidentWoken(incident=found.number, why="time" if by_clock else "person"))


def wake_if_waiting(ledger: Ledger, incident: Incident) -> Incident:
    """A unit is sent to it: it waits no longer. Answers the incident as it stands then."""
    if incident.waits_until is None:
        return incident
    ledger.record(IncidentWoken(incident=incident.number, why="person"))
    return need(ledger, Incident, incident.number)


def due_to_wake(incident: Incident, now: datetime) -> bool:
    """Whether the clock has to wake it: its time has come, or it has become a 一级 meanwhile."""
    until = incident.waits_until
    return incident.open and until is not None and (now >= until or incident.priority == GRAVEST)


@dataclass(frozen=True, slots=True)
class Waited:
    """How often and how long an incident was held and scheduled; seconds up to `now` while it still waits."""

    held: int = 0
    scheduled: int = 0
    seconds: float = 0.0


def waited(facts: Iterable[Fact], now: datetime) -> Waited:
    """The figures of one incident, from its timeline: what a promise was suspended for (指标)."""
    held = scheduled = 0
    seconds, since = 0.0, None
    for fact in facts:
        if isinstance(fact.body, IncidentHeld):
            held, scheduled = held + (fact.body.kind == "held"), scheduled + (fact.body.kind == "scheduled")
            since = since or fact.at
        elif isinstance(fact.body, IncidentWoken) and since is not None:
            seconds, since = seconds + (fact.at - since).total_seconds(), None
    if since is not None:
        seconds += (now - since).total_seconds()
    return Waited(held, scheduled, seconds)
