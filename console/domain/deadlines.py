"""Deadlines 时限: what has been promised, until when, and by whom, as pure functions of (state, now).

The limits are the rows of the stage ladder (`ladder`, resources/reference/deadlines.json): domain.md E5 (stages by
priority), E2 (handoffs), 漳平市 2023 第十二条 (30 minutes on scene in the urban area from the instruction), D rule 4
(call-backs of silent calls). One real timer in the program asks these functions; nothing counts sleeps. While an
incident is held 暂缓 or scheduled 预约 the desk promises nothing on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment, AssignmentState
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import BEFORE_DISPATCH, Incident, IncidentState
from console.domain.ladder import LOOKS, WARN_SHARE, Limit, Stage
from console.domain.marks import rings_back
from console.domain.reference import Reference

DESK = "desk"
"""The owner of what the desk itself promises."""

NOT_GOING = (HandoffState.REFUSED, HandoffState.RETURNED, HandoffState.REASSIGNED, HandoffState.CANCELLED)
"""Handoffs whose agency does not come: whoever waits for it waits for nobody."""


class Rule(StrEnum):
    """Which promise it is."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    RING_BACK = "ring_back"
    DISPATCH = "dispatch"
    HAND_OFF = "hand_off"
    SIGN = "sign"
    DEPART = "depart"
    ARRIVE = "arrive"
    FEEDBACK = "feedback"
    CALLBACK = "callback"
    HANDOFF_SIGN = "handoff_sign"
    HANDOFF_ARRIVE = "handoff_arrive"
    HANDOFF_FEEDBACK = "handoff_feedback"


class Level(StrEnum):
    """How far a promise has run."""

    RUNNING = "running"
    WARN = "warn"
    LATE = "late"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One running promise. `subject` is the key of what must move: incident, order, handoff or alarm.

    It warns from `warn_at` on and is late after `due_at`; `climbs` are the moments after which each step begins.
    """

    subject: str
    rule: Rule
    incident: str
    owner: str
    since: datetime
    due_at: datetime
    warn_at: datetime
    climbs: tuple[datetime, ...]

    def left_s(self, now: datetime) -> float:
        """Seconds left; negative = late by so much."""
        return (self.due_at - now).total_seconds()

    def late(self, now: datetime) -> bool:
        return now > self.due_at

    def amber(self, now: datetime) -> bool:
        """Whether it warns: half of the time is used, unless the table says otherwise (E5)."""
        return now >= self.warn_at

    def step(self, now: datetime) -> int:
        """How far it has climbed: 0 not at all, 1 the owner's seat, 2 a neighbour seat, 3 the duty chief."""
        return sum(now > at for at in self.climbs)

    def level(self, now: datetime) -> Level:
        if not self.late(now):
            return Level.WARN if self.amber(now) else Level.RUNNING
        return Level.ESCALATED if self.step(now) > 1 else Level.LATE

    def looks(self, now: datetime) -> str:
        """Who must look now: '' nobody, 'seat', 'neighbour' or 'chief'."""
        return LOOKS[self.step(now)]


def _promise(
    subject: str,
    rule: Rule,
    incident: Incident,
    owner: str,
    since: datetime | None,
    limit: Limit,
    own_s: int | None = None,
) -> Promise | None:
    """The promise of a row of the ladder; `own_s` is a limit of its own (a site's, an agency's), in seconds."""
    limit_s = own_s if own_s is not None else limit.late_s
    if since is None or limit_s is None:
        return None
    due = since + timedelta(seconds=limit_s)
    return Promise(
        subject=subject,
        rule=rule,
        incident=incident.number,
        owner=owner,
        since=since,
        due_at=due,
        warn_at=since + timedelta(seconds=limit_s * limit.warn_share),
        climbs=_climbs(limit, due, owner, incident.late_seen_at),
    )


def _climbs(limit: Limit, due: datetime, owner: str, seen: datetime | None) -> tuple[datetime, ...]:
    """When each step begins. What others owe climbs no further once a person knows of it; what the desk owes, does."""
    moments = tuple(due + timedelta(seconds=seconds) for seconds in limit.climb_s)
    if owner == DESK or seen is None or seen <= due:
        return moments
    return tuple(at for at in moments if at < seen)


def alarm_promise(alarm: Alarm, reference: Reference) -> Promise | None:
    """An alarm must be acknowledged; None once it is (GB 50394; E8 一键报警). It climbs by its own rule (watch)."""
    if not alarm.unacknowledged:
        return None
    since, limit_s = alarm.waiting_since, reference.desk.panel_acknowledge_s
    due = since + timedelta(seconds=limit_s)
    return Promise(
        subject=alarm.id,
        rule=Rule.ACKNOWLEDGE,
        incident=alarm.incident,
        owner=DESK,
        since=since,
        due_at=due,
        warn_at=since + timedelta(seconds=limit_s * WARN_SHARE),
        climbs=(due,),
    )


# -- the desk --------------------------------------------------------------------------------------------------------


def incident_promise(incident: Incident, reference: Reference, handoffs: Sequence[Handoff] = ()) -> Promise | None:
    """The desk's own promise on an incident: answered, then dispatched, at the end rung back. None while a unit is on
    it, and while it is held or scheduled.

    On route C nobody is dispatched: an agency is instructed instead, in the same time, and another one anew when it
    does not go. A panel alarm's dispatch is measured from the signal, a call's from the answer (E5); once an order was
    withdrawn, the incident reopened or woken, from the moment it came back to the queue. A caller who is to be rung
    back is rung back first.
    """
    if incident.state in (IncidentState.FEEDBACK, IncidentState.REVIEW):
        return _callback(incident, reference)
    if incident.state not in BEFORE_DISPATCH or incident.waits_until is not None or rings_back(incident):
        return None
    number, rows = incident.number, reference.stages[incident.priority]
    if incident.state is IncidentState.NEW and incident.source == "call":
        since = incident.t_triaged_again or incident.created_at
        return _promise(number, Rule.ANSWER, incident, DESK, since, rows[Stage.ANSWER])
    panel = incident.source == "alarm"
    since = (incident.t_signal if panel else incident.t_answer) or incident.created_at
    since = incident.t_triaged_again or since
    own_s = reference.desk.panel_dispatch_s if panel else None
    if incident.route != "C":
        return _promise(number, Rule.DISPATCH, incident, DESK, since, rows[Stage.DISPATCH], own_s)
    sent = [handoff for handoff in handoffs if handoff.t_sent is not None]
    if any(handoff.state not in NOT_GOING for handoff in sent):
        return None
    ends = [at for handoff in sent for at in (handoff.t_end, handoff.t_close) if at is not None]
    return _promise(number, Rule.HAND_OFF, incident, DESK, max([since, *ends]), rows[Stage.HAND_OFF], own_s)


def _callback(incident: Incident, reference: Reference) -> Promise | None:
    """The caller is asked how it went, where the rule for the code asks for that."""
    code = reference.codes.get(incident.kind)
    if incident.source != "call" or incident.callback or code is None or not code.needs_callback:
        return None
    since, row = incident.t_feedback or incident.t_review, reference.stages[incident.priority][Stage.CALLBACK]
    return _promise(incident.number, Rule.CALLBACK, incident, DESK, since, row)


def ring_back_promise(incident: Incident, reference: Reference) -> Promise | None:
    """A silent call is rung back twice within two minutes, a dropped one at once (domain.md D, rule 4)."""
    if not rings_back(incident):
        return None
    stage = Stage.RING_BACK_SILENT if incident.mark == "silent" else Stage.RING_BACK_DROPPED
    row = reference.stages[incident.priority][stage]
    return _promise(incident.number, Rule.RING_BACK, incident, DESK, incident.marked_at, row)


# -- units and agencies ----------------------------------------------------------------------------------------------


def order_promises(
    order: Assignment, incident: Incident, reference: Reference, site_s: int | None = None
) -> list[Promise]:
    """What a unit owes now, the earliest due first: its signature, setting out, arrival, its result.

    `site_s` is the alarm site's own limit for the arrival, in seconds.
    """
    rows, state = reference.stages[incident.priority], order.state
    arrive = rows[Stage.ARRIVE_URBAN if incident.urban else Stage.ARRIVE_SUBURB]
    owed: list[tuple[Rule, datetime | None, Limit, int | None]] = []
    signs = rows[Stage.SIGN].late_s is not None
    if state is AssignmentState.DISPATCHED:
        owed.append((Rule.SIGN, order.t_dispatch, rows[Stage.SIGN], None))
    if state is AssignmentState.SIGNED:
        owed.append((Rule.DEPART, order.t_sign, rows[Stage.DEPART], None))
    under_way = state in (AssignmentState.SIGNED, AssignmentState.EN_ROUTE)
    if under_way or (state is AssignmentState.DISPATCHED and not signs):
        # Where nobody need sign, an order nobody signed would owe nothing for ever.
        owed.append((Rule.ARRIVE, order.t_dispatch, arrive, site_s))
    if state in (AssignmentState.ON_SCENE, AssignmentState.HANDLING):
        owed.append((Rule.FEEDBACK, order.t_arrive, rows[Stage.FEEDBACK], None))
    found = (_promise(order.id, rule, incident, order.unit, since, row, own) for rule, since, row, own in owed)
    return sorted((promise for promise in found if promise is not None), key=lambda promise: promise.due_at)


def handoff_promises(handoff: Handoff, incident: Incident, reference: Reference) -> list[Promise]:
    """What an agency owes now, the earliest due first: its signature, people on scene, its result.

    How long it has was written into the handoff when it was instructed; the ladder says when it warns and climbs.
    """
    rows, state = reference.stages[incident.priority], handoff.state
    owed: list[tuple[Rule, datetime | None, int | None, Stage]] = []
    if state in (HandoffState.SENT, HandoffState.DELIVERED):
        owed.append((Rule.HANDOFF_SIGN, handoff.t_sent, handoff.sign_s, Stage.HANDOFF_SIGN))
    if state in (HandoffState.SENT, HandoffState.DELIVERED, HandoffState.SIGNED, HandoffState.EN_ROUTE):
        owed.append((Rule.HANDOFF_ARRIVE, handoff.t_sent, handoff.arrive_s, Stage.HANDOFF_ARRIVE))
    if state in (HandoffState.ARRIVED, HandoffState.IN_PROGRESS):
        owed.append((Rule.HANDOFF_FEEDBACK, handoff.t_arrive, handoff.feedback_s, Stage.HANDOFF_FEEDBACK))
    found = (
        _promise(handoff.id, rule, incident, handoff.agency, since, rows[stage], own_s)
        for rule, since, own_s, stage in owed
        if own_s is not None
    )
    return sorted((promise for promise in found if promise is not None), key=lambda promise: promise.due_at)


def handoff_clock(handoff: Handoff, incident: Incident, reference: Reference) -> Promise | None:
    """The one clock an agency's button shows: people on scene if promised, else whatever is due next."""
    promises = handoff_promises(handoff, incident, reference)
    arrival = next((p for p in promises if p.rule is Rule.HANDOFF_ARRIVE), None)
    return arrival or next(iter(promises), None)
