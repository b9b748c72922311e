"""Acts on units and their orders 派警: assign, report, withdraw, divert, change status.

Source: domain.md E1 (states 3–8), E6. What the tables advise against is refused once and done with `anyway`: the
person was warned. The order goes out in the same act (`order_sending`). A report further along implies the steps
before it: a unit that says 到场 has signed and departed, so those facts are recorded with it, marked implied, and
nobody is blocked by a button that was not pressed.
"""

from console.domain.assignment import ASSIGNMENT, Assignment, AssignmentState
from console.domain.desk_facts import UnitChecked
from console.domain.errors import UserError
from console.domain.facts import (
    AssignmentMoved,
    IncidentMoved,
    IncidentResult,
    LeadChanged,
    UnitAssigned,
    UnitMoved,
)
from console.domain.incident import BEFORE_DISPATCH, ENDED, INCIDENT, UNDER_WAY, Incident, IncidentState
from console.domain.ledger import Ledger
from console.domain.safety import status_of
from console.domain.state import need
from console.domain.unit import ON_ORDER, UNIT, UNIT_LABELS, Unit, UnitStatus, may_return
from console.services import safety
from console.services.order_sending import cancel_order, channel_to, send_order
from console.services.stacks import close_jobs
from console.services.waiting import wake_if_waiting

STEPS: dict[str, tuple[AssignmentState, UnitStatus]] = {
    "sign": (AssignmentState.SIGNED, UnitStatus.SIGNED),
    "depart": (AssignmentState.EN_ROUTE, UnitStatus.EN_ROUTE),
    "arrive": (AssignmentState.ON_SCENE, UnitStatus.ON_SCENE),
    "report": (AssignmentState.HANDLING, UnitStatus.HANDLING),
    "feedback": (AssignmentState.FEEDBACK, UnitStatus.CLEAR),
}
"""What a unit reports, the state of its order and its own status afterwards."""

CHAIN = tuple(STEPS)
FREE = (
    UnitStatus.AVAILABLE,
    UnitStatus.VEHICLE_PATROL,
    UnitStatus.FOOT_PATROL,
    UnitStatus.PARKED,
    UnitStatus.CHECKING,
    UnitStatus.SCHOOL_GUARD,
    UnitStatus.CLEAR,
    UnitStatus.STANDBY,
    UnitStatus.JOINT_TASK,
)
"""Statuses from which a unit can be sent (legal moves to 10 in E6, diversion apart)."""

AT_WORK = (UnitStatus.ON_SCENE, UnitStatus.HANDLING, UnitStatus.NEEDS_HELP, UnitStatus.TRANSPORTING)
"""Nobody is at two places: such a unit is never sent elsewhere, nor one that was lost there."""


def _open_orders(ledger: Ledger, unit: Unit) -> list[Assignment]:
    return [order for order in ledger.where(Assignment, unit=unit.id) if order.open]


def _order_of(ledger: Ledger, unit: Unit, incident: str = "") -> Assignment:
    """The unit's open order; with an `incident` only one for that, since another seat may have sent it elsewhere."""
    open_orders = _open_orders(ledger, unit)
    if incident:
        meant = need(ledger, Incident, incident)
        if open_orders and open_orders[-1].incident != meant.number:
            raise UserError(f"{unit.id}的在办派警单不属于警情{meant.short}")
    if not open_orders:
        raise UserError(f"{unit.id}没有在办派警单（{UNIT_LABELS[unit.status]}）")
    return open_orders[-1]


def _move_unit(
    ledger: Ledger, unit: Unit, status: UnitStatus, *, order: str, reason: str = "", on_behalf: bool, implied: bool
) -> None:
    ledger.record(
        UnitMoved(
            incident=order or unit.incident,
            unit=unit.id,
            status=status.value,
            order=order,
            reason=reason,
            on_behalf=on_behalf,
            implied=implied,
        )
    )


# -- sending -------------------------------------------------------------------------------------------------


def assign(
    ledger: Ledger,
    *,
    unit: str,
    incident: str,
    reason: str = "",
    wave: int = 1,
    anyway: bool = False,
    seen_on: str | None = None,
) -> str:
    """Send a unit to an incident and answer the order's id. Possible before the intake is finished.

    A unit on joint operations needs the chief's word as `reason` (E6). With `anyway` also one that is off duty, out of
    service or lost may be sent, or one that is on its way elsewhere: its old incident goes back to the queue. That is
    the incident it was `seen_on` ('' for none), never one that another seat has sent it to since. `wave` is the
    reinforcement wave 梯次.
    """
    sent, target = need(ledger, Unit, unit), need(ledger, Incident, incident)
    _check_target(target)
    if anyway and seen_on is not None and sent.incident not in ("", seen_on, target.number):
        other = need(ledger, Incident, sent.incident)
        raise UserError(f"{sent.id}刚被派往警情{other.short}，没有改派：仍要派请再派一次")
    why = odd(sent, target, reason)
    if why and (not anyway or status_of(sent) in AT_WORK):
        raise UserError(why)
    if _open_orders(ledger, sent):
        # Judged by the order, not by the status: a lost unit is still expected where it was sent.
        _leave_old(ledger, sent, target, reason or why)
    return _send(ledger, sent, target, reason or why, wave)


def odd(unit: Unit, incident: Incident, reason: str = "") -> str:
    """What speaks against sending this unit, in one sentence; '' if nothing does."""
    label = UNIT_LABELS[unit.status]
    if unit.status in AT_WORK:
        return f"{unit.id}现为“{label}”，不能派警：请先反馈，或另派警组"
    if status_of(unit) in AT_WORK:
        return f"{unit.id}失联前为“{UNIT_LABELS[status_of(unit)]}”，不能派警：请先反馈，或另派警组"
    if unit.status is UnitStatus.JOINT_TASK:
        return "" if reason.strip() else f"{unit.id}在执行合成作战任务，须写明值班长意见"
    if unit.incident == incident.number:
        return f"{unit.id}已派往该警情（{label}）"
    return "" if unit.status in FREE else f"{unit.id}现为“{label}”，不宜派警"


def _check_target(incident: Incident) -> None:
    if incident.state in ENDED or incident.state in (
        IncidentState.FEEDBACK,
        IncidentState.REVIEW,
        IncidentState.HANDED_OFF,
    ):
        raise UserError(f"警情{incident.short}不在可派警阶段")


def _send(ledger: Ledger, unit: Unit, incident: Incident, reason: str, wave: int) -> str:
    incident = wake_if_waiting(ledger, incident)
    close_jobs(ledger, incident.number, unit.id)
    orders = ledger.where(Assignment, incident=incident.number)
    order = Assignment(
        id=f"{incident.number}/{len(orders) + 1}",
        incident=incident.number,
        unit=unit.id,
        lead=not any(o.open for o in orders),
        reason=reason,
        wave=wave,
        channel=channel_to(unit),
        t_dispatch=ledger.now,
    )
    ledger.record(UnitAssigned(incident=incident.number, assignment=order))
    if order.lead and orders:
        ledger.record(LeadChanged(incident=incident.number, assignment=order.id))
    _move_unit(ledger, unit, UnitStatus.ASSIGNED, order=incident.number, reason=reason, on_behalf=False, implied=False)
    if incident.state in BEFORE_DISPATCH:
        ledger.record(IncidentMoved(incident=incident.number, act="dispatch"))
    send_order(ledger, order)
    return order.id


def divert(ledger: Ledger, *, unit: str, incident: str, reason: str, wave: int = 1) -> str:
    """Take a unit that is under way to a gravest incident; its old incident goes back to the queue (E6)."""
    sent, target = need(ledger, Unit, unit), need(ledger, Incident, incident)
    _check_target(target)
    if sent.status is not UnitStatus.EN_ROUTE:
        raise UserError(f"{sent.id}不在出警途中，不能改派")
    if target.priority != 1:
        raise UserError("只有一级警情可以改派途中警组")
    if not reason.strip():
        raise UserError("改派须写明理由")
    _leave_old(ledger, sent, target, reason)
    return _send(ledger, sent, target, reason, wave)


def _leave_old(ledger: Ledger, unit: Unit, target: Incident, reason: str) -> None:
    old = _order_of(ledger, unit)
    if old.incident == target.number:
        raise UserError(f"{unit.id}已在前往该警情")
    ledger.record(AssignmentMoved(incident=old.incident, assignment=old.id, act="divert", reason=reason))
    cancel_order(ledger, old, reason)
    _after_leaving(ledger, old, reason)


def withdraw(ledger: Ledger, *, unit: str, reason: str, incident: str = "") -> None:
    """Take an order back before arrival; the unit is available again, the incident waits for another.

    With an `incident` only an order for that one is meant.
    """
    recalled = need(ledger, Unit, unit)
    if not reason.strip():
        raise UserError("撤回派警须写明理由")
    order = _order_of(ledger, recalled, incident)
    ASSIGNMENT.next(order.state, "withdraw")
    ledger.record(AssignmentMoved(incident=order.incident, assignment=order.id, act="withdraw", reason=reason))
    cancel_order(ledger, order, reason)
    # A lost unit stays lost; only its order is taken from it.
    after = UnitStatus.AVAILABLE if UNIT.may(recalled.status, UnitStatus.AVAILABLE.value) else recalled.status
    _move_unit(ledger, recalled, after, order="", reason=reason, on_behalf=True, implied=False)
    _after_leaving(ledger, order, reason)


def _after_leaving(ledger: Ledger, left: Assignment, reason: str) -> None:
    """A unit left before its work was done: another leads, the incident is done, or it goes back to the queue."""
    remaining = [o for o in ledger.where(Assignment, incident=left.incident) if o.open]
    incident = need(ledger, Incident, left.incident)
    if remaining:
        if left.lead:
            _give_lead(ledger, incident.number, remaining[0])
    elif not _all_done(ledger, incident) and INCIDENT.may(incident.state, "withdraw"):
        ledger.record(IncidentMoved(incident=incident.number, act="withdraw", reason=reason))


def _all_done(ledger: Ledger, incident: Incident) -> bool:
    """Others have been there and told their result: the last word is theirs. Answers whether there was one.

    What was told before the incident came back to the queue was not the end of it, and is not its end now.
    """
    orders = ledger.where(Assignment, incident=incident.number)
    told = [
        (order, order.t_feedback or order.t_dispatch) for order in orders if order.state is AssignmentState.FEEDBACK
    ]
    since = incident.t_triaged_again
    counting = [(order, at) for order, at in told if since is None or at > since]
    if not counting:
        return False
    last, _ = max(counting, key=lambda pair: (pair[0].lead, pair[1]))
    _finish(ledger, last, last.result_text, last.result_code)
    return True


def _give_lead(ledger: Ledger, number: str, order: Assignment) -> None:
    ledger.record(LeadChanged(incident=number, assignment=order.id))
    follow_lead(ledger, order)


def follow_lead(ledger: Ledger, order: Assignment) -> None:
    """Bring the incident to where its new primary unit is."""
    _follow(ledger, order.incident, order.state, implied=True)


# -- reporting -----------------------------------------------------------------------------------------------


def report(
    ledger: Ledger,
    *,
    unit: str,
    step: str,
    text: str = "",
    code: str = "",
    on_behalf: bool = True,
    incident: str = "",
    how: str = "",
) -> None:
    """A unit reports a step: sign, depart, arrive, report, feedback; the desk may enter it on its behalf.

    With an `incident` only an order for that one is meant. A result needs words. Steps in between are filled in,
    marked implied. What the unit says by itself (`how`: 'status', 'text', 'terminal') also counts as its answer.
    """
    if step not in STEPS:
        raise UserError(f"不认识的报备：{step}")
    if step in ("report", "feedback") and not text.strip():
        raise UserError("请填写处置结果" if step == "feedback" else "请填写现场情况")
    reporting = need(ledger, Unit, unit)
    order = _order_of(ledger, reporting, incident)
    if CHAIN.index(step) <= _done(order):
        raise UserError(f"{reporting.id}已报备“{ASSIGNMENT.labels[order.state]}”")
    for missing in CHAIN[_done(order) + 1 : CHAIN.index(step)]:
        # A short visit needs no scene report; every other step must have happened.
        if missing != "report":
            _step(ledger, reporting.id, order.id, missing, on_behalf=on_behalf, implied=True)
    _step(ledger, reporting.id, order.id, step, text=text, code=code, on_behalf=on_behalf, implied=False)
    _checked(ledger, unit, how, on_behalf=on_behalf)


def _checked(ledger: Ledger, unit: str, how: str, *, on_behalf: bool) -> None:
    """Only the unit's own word tells that it is well."""
    if not on_behalf:
        order = need(ledger, Unit, unit).incident
        ledger.record(UnitChecked(incident=order, unit=unit, how=how or "status"))


def _done(order: Assignment) -> int:
    """The place of the order's state in the chain, -1 before the first step."""
    states = [state for state, _ in STEPS.values()]
    return states.index(order.state) if order.state in states else -1


def _step(
    ledger: Ledger,
    unit: str,
    order: str,
    step: str,
    *,
    text: str = "",
    code: str = "",
    on_behalf: bool,
    implied: bool,
) -> None:
    found, moving = need(ledger, Assignment, order), need(ledger, Unit, unit)
    state, status = STEPS[step]
    ledger.record(
        AssignmentMoved(
            incident=found.incident,
            assignment=order,
            act=step,
            text=text,
            code=code,
            on_behalf=on_behalf,
            implied=implied,
        )
    )
    bound = "" if status is UnitStatus.CLEAR else found.incident
    _walk_unit(ledger, moving, status, order=bound, on_behalf=on_behalf, implied=implied)
    if step == "feedback":
        _finish(ledger, found, text, code)
    elif found.lead or not _lead_works(ledger, found.incident):
        _follow(ledger, found.incident, state, implied=implied)


def _lead_works(ledger: Ledger, number: str) -> bool:
    """Whether the primary unit is still at it; after it cleared, the others bring the incident on."""
    return any(order.lead and order.open for order in ledger.where(Assignment, incident=number))


def _walk_unit(ledger: Ledger, unit: Unit, status: UnitStatus, *, order: str, on_behalf: bool, implied: bool) -> None:
    """Move the unit; where the table asks for a step in between (13 → 14 → 17) that step is implied."""
    if status is UnitStatus.CLEAR and unit.status is UnitStatus.ON_SCENE:
        _move_unit(ledger, unit, UnitStatus.HANDLING, order=unit.incident, on_behalf=on_behalf, implied=True)
        unit = need(ledger, Unit, unit.id)
    back = may_return(unit)
    if back is not None and not UNIT.may(unit.status, status.value):
        # A unit that reports a step is found again; it goes on from where it was.
        _move_unit(ledger, unit, back, order=unit.incident, on_behalf=on_behalf, implied=True)
        unit = need(ledger, Unit, unit.id)
    if not UNIT.may(unit.status, status.value):
        raise UserError(f"{unit.id}现为“{UNIT_LABELS[unit.status]}”，不能报备“{UNIT_LABELS[status]}”")
    _move_unit(ledger, unit, status, order=order, on_behalf=on_behalf, implied=implied)


INCIDENT_STEPS = {
    AssignmentState.SIGNED: "sign",
    AssignmentState.EN_ROUTE: "depart",
    AssignmentState.ON_SCENE: "arrive",
    AssignmentState.HANDLING: "report",
}


def _follow(ledger: Ledger, number: str, state: AssignmentState, *, implied: bool) -> None:
    """Bring the incident to where its lead unit is; it never goes back by this."""
    acts = list(INCIDENT_STEPS.values())
    if state not in INCIDENT_STEPS:
        return
    wanted = acts[: acts.index(INCIDENT_STEPS[state]) + 1]
    for act in wanted:
        if INCIDENT.may(need(ledger, Incident, number).state, act):
            ledger.record(IncidentMoved(incident=number, act=act, implied=implied or act != wanted[-1]))


def _finish(ledger: Ledger, order: Assignment, text: str, code: str) -> None:
    """The last unit's result is the incident's; who was primary stays so, also after it has cleared."""
    if any(other.open for other in ledger.where(Assignment, incident=order.incident)):
        return
    incident = need(ledger, Incident, order.incident)
    ledger.record(IncidentResult(incident=order.incident, code=code, text=text))
    if incident.state in UNDER_WAY:
        _follow(ledger, order.incident, AssignmentState.ON_SCENE, implied=True)
        ledger.record(IncidentMoved(incident=order.incident, act="feedback"))


# -- status --------------------------------------------------------------------------------------------------


STEP_STATUSES = (UnitStatus.ASSIGNED, *(status for _, status in STEPS.values()))


def set_status(
    ledger: Ledger, *, unit: str, status: str, reason: str = "", on_behalf: bool = True, how: str = ""
) -> None:
    """A change of status that is no step of an order (一键报备 and the desk's own entries).

    Steps of an order go through `report`. A call for help keeps the unit bound to its incident. `how` as in `report`.
    """
    moving = need(ledger, Unit, unit)
    if status not in set(UnitStatus):
        raise UserError(f"不认识的勤务状态：{status}")
    target = UnitStatus(status)
    returning = target is may_return(moving)
    if target in STEP_STATUSES and not returning:
        raise UserError("派警、签收、出发、到场、处置、处结由派警单报备")
    if not returning:
        UNIT.next(moving.status, target.value)
    bound = moving.incident if target in ON_ORDER or target is UnitStatus.LOST else ""
    if moving.incident and not bound and any(o.open for o in ledger.where(Assignment, unit=moving.id)):
        raise UserError(f"{moving.id}尚有在办派警单，先反馈或撤回")
    _move_unit(ledger, moving, target, order=bound, reason=reason, on_behalf=on_behalf, implied=False)
    _checked(ledger, moving.id, how, on_behalf=on_behalf)
    if target is UnitStatus.NEEDS_HELP:
        safety.start(ledger, unit=moving.id, source="radio" if on_behalf else "unit")
