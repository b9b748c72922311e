"""Deadlines 时限: what has been promised, until when, and by whom, as pure functions of (state, now).

Sources: domain.md E5 (stages by priority), E2 (handoffs), 漳平市 2023 第十二条 (30 minutes on scene in the
urban area from the instruction). One real timer in the program asks these functions; nothing counts sleeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment, AssignmentState
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.reference import Reference


class Rule(StrEnum):
    """Which promise it is."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    DISPATCH = "dispatch"
    HAND_OFF = "hand_off"
    SIGN = "sign"
    ARRIVE = "arrive"
    HANDOFF_SIGN = "handoff_sign"
    HANDOFF_ARRIVE = "handoff_arrive"
    HANDOFF_FEEDBACK = "handoff_feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One running promise. `subject` is the key of what must move: incident, order, handoff or alarm."""

    subject: str
    rule: Rule
    incident: str
    owner: str
    since: datetime
    due_at: datetime
    amber_share: float = 0.5

    def left_s(self, now: datetime) -> float:
        """Seconds left; negative = late by so much."""
        return (self.due_at - now).total_seconds()

    def late(self, now: datetime) -> bool:
        return now > self.due_at

    def amber(self, now: datetime) -> bool:
        """More than the amber share of the time is used (50 % by E5)."""
        whole = (self.due_at - self.since).total_seconds()
        return (now - self.since).total_seconds() >= whole * self.amber_share


def _promise(
    subject: str, rule: Rule, incident: str, owner: str, since: datetime | None, limit_s: int | None, amber: float
) -> Promise | None:
    if since is None or limit_s is None:
        return None
    due = since + timedelta(seconds=limit_s)
    return Promise(
        subject=subject, rule=rule, incident=incident, owner=owner, since=since, due_at=due, amber_share=amber
    )


def alarm_promise(alarm: Alarm, reference: Reference) -> Promise | None:
    """An alarm must be acknowledged; None once it is (GB 50394; E8 一键报警)."""
    if not alarm.unacknowledged:
        return None
    limit, amber = reference.desk.panel_acknowledge_s, reference.desk.stage_amber_share
    return _promise(alarm.id, Rule.ACKNOWLEDGE, alarm.incident, "desk", alarm.waiting_since, limit, amber)


def incident_promise(incident: Incident, reference: Reference, handoffs: Sequence[Handoff] = ()) -> Promise | None:
    """The desk's own promise on an incident: answered, then dispatched. None once a unit is on it.

    On route C nobody is dispatched: an agency is instructed instead, in the same time. A panel alarm's dispatch
    is measured from the signal, a call's from the answer (E5); once an order was withdrawn or the incident
    reopened, from the moment it came back to the queue.
    """
    number, amber = incident.number, reference.desk.stage_amber_share
    if incident.state is IncidentState.NEW and incident.source == "call":
        limit = reference.desk.unowned_s
        return _promise(number, Rule.ANSWER, number, "desk", incident.created_at, limit, amber)
    if incident.state not in (IncidentState.NEW, IncidentState.INTAKE, IncidentState.TRIAGED):
        return None
    if incident.source == "alarm":
        since, limit = incident.t_signal or incident.created_at, reference.desk.panel_dispatch_s
    else:
        since, limit = incident.t_answer or incident.created_at, reference.stages[incident.priority].dispatch_s
    since = incident.t_triaged_again or since
    if incident.route != "C":
        return _promise(number, Rule.DISPATCH, number, "desk", since, limit, amber)
    instructed = any(handoff.t_sent is not None and handoff.state is not HandoffState.CANCELLED for handoff in handoffs)
    return None if instructed else _promise(number, Rule.HAND_OFF, number, "desk", since, limit, amber)


def order_promise(order: Assignment, incident: Incident, reference: Reference, site_s: int | None) -> Promise | None:
    """What a unit owes: to sign its order, then to arrive; `site_s` is the alarm site's own limit in seconds."""
    stage, amber = reference.stages[incident.priority], reference.desk.stage_amber_share
    if order.state is AssignmentState.DISPATCHED:
        return _promise(order.id, Rule.SIGN, order.incident, order.unit, order.t_dispatch, stage.sign_s, amber)
    if order.state in (AssignmentState.SIGNED, AssignmentState.EN_ROUTE):
        general = stage.arrive_urban_s if incident.urban else stage.arrive_suburb_s
        limit = site_s if site_s is not None else general
        return _promise(order.id, Rule.ARRIVE, order.incident, order.unit, order.t_dispatch, limit, amber)
    return None


def handoff_promises(handoff: Handoff, reference: Reference) -> list[Promise]:
    """What an agency owes now, the earliest due first: its signature, people on scene, its result."""
    amber = reference.handoff.amber_share
    number, owner, state = handoff.incident, handoff.agency, handoff.state
    found: list[Promise | None] = []
    if state in (HandoffState.SENT, HandoffState.DELIVERED):
        found.append(_promise(handoff.id, Rule.HANDOFF_SIGN, number, owner, handoff.t_sent, handoff.sign_s, amber))
    if state in (HandoffState.SENT, HandoffState.DELIVERED, HandoffState.SIGNED, HandoffState.EN_ROUTE):
        found.append(_promise(handoff.id, Rule.HANDOFF_ARRIVE, number, owner, handoff.t_sent, handoff.arrive_s, amber))
    if state in (HandoffState.ARRIVED, HandoffState.IN_PROGRESS):
        since = handoff.t_arrive
        found.append(_promise(handoff.id, Rule.HANDOFF_FEEDBACK, number, owner, since, handoff.feedback_s, amber))
    return sorted((p for p in found if p is not None), key=lambda p: p.due_at)


def handoff_clock(handoff: Handoff, reference: Reference) -> Promise | None:
    """The one clock an agency's button shows: people on scene if promised, else whatever is due next."""
    promises = handoff_promises(handoff, reference)
    arrival = next((p for p in promises if p.rule is Rule.HANDOFF_ARRIVE), None)
    return arrival or next(iter(promises), None)
