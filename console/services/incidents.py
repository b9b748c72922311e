"""Acts on incidents 警情: open, answer, edit, route, close, merge, reopen.

Source: domain.md E1. The guards live here because they look at more than the incident itself: open orders,
running handoffs, latched alarms, callbacks. Each guard answers with its reason.
"""

from collections.abc import Mapping
from datetime import datetime

from console.domain.alarm import Alarm, AlarmState
from console.domain.assignment import Assignment
from console.domain.body import Scalar
from console.domain.errors import UserError
from console.domain.facts import (
    AlarmMoved,
    CalledBack,
    IncidentAliased,
    IncidentEdited,
    IncidentMoved,
    IncidentOpened,
    IncidentResult,
    NoteAdded,
    PriorityChanged,
)
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import EDITABLE, INCIDENT, Incident, IncidentState
from console.domain.ledger import Ledger
from console.domain.marks import why_not_invalid
from console.domain.state import State, need
from console.services import priorities, required

CALLBACK_OUTCOMES = {"satisfied": "满意", "dissatisfied": "不满意", "unreached": "未接通", "declined": "不愿回访"}


def move_incident(ledger: Ledger, number: str, act: str, reason: str = "", *, implied: bool = False) -> None:
    """One move along the life cycle; UserError from the table if it is not possible."""
    incident = need(ledger, Incident, number)
    INCIDENT.next(incident.state, act)
    ledger.record(IncidentMoved(incident=incident.number, act=act, reason=reason, implied=implied))


def _reason(text: str, what: str) -> str:
    if not text.strip():
        raise UserError(f"{what}须写明理由")
    return text.strip()


# -- intake --------------------------------------------------------------------------------------------------


def open_incident(
    ledger: Ledger,
    *,
    kind: str,
    place: str,
    title: str = "",
    caller: str = "",
    phone: str = "",
    narrative: str = "",
    recording: str = "",
    lat: float | None = None,
    lon: float | None = None,
    beat: str = "",
    urban: bool = True,
    route: str = "",
    priority: int = 3,
    place_unknown: str = "",
    started_at: str = "",
    answered: bool = True,
    alias: str = "",
) -> str:
    """F9: a phone call becomes an incident; kind and place are enough. Answers its number.

    The place may be missing only with a reason (E1). `started_at` (ISO, UTC) is when the call was answered;
    a call that still waits for a call-taker is not `answered`. `priority` is what its
    code and words begin with (the form's proposal), or what the person chose; the circumstances may raise it.
    """
    if not kind:
        raise UserError("请选择警情类别")
    if not place.strip() and not place_unknown.strip():
        raise UserError("请填写地点，或写明地点不明的原因")
    if priority not in (1, 2, 3, 4):
        raise UserError("级别只有一至四级")
    number = ledger.next_number()
    started = min(datetime.fromisoformat(started_at), ledger.now) if started_at else ledger.now
    record = Incident(
        number=number,
        alias=alias if alias != number else "",
        source="call",
        state=IncidentState.INTAKE if answered else IncidentState.NEW,
        kind=kind,
        title=title,
        priority=priority,
        place=place.strip(),
        place_unknown=place_unknown.strip(),
        lat=lat,
        lon=lon,
        beat=beat,
        urban=urban,
        caller=caller,
        phone=phone,
        narrative=narrative,
        recording=recording.strip(),
        owner=ledger.act.actor if answered else "",
        created_at=ledger.now,
        t_signal=started,
        t_answer=started if answered else None,
    )
    ledger.record(IncidentOpened(incident=number, record=record))
    priorities.raise_for(ledger, number, priorities.starting(record))
    if route:
        triage(ledger, incident=number, route=route)
    return number


def answer(ledger: Ledger, *, incident: str) -> None:
    """Take a waiting incident; it has one owner."""
    move_incident(ledger, incident, "answer")


def edit(ledger: Ledger, *, incident: str, fields: dict[str, Scalar], seen: Mapping[str, Scalar] | None = None) -> None:
    """Correct fields. `seen` are old values as the person saw them when typing began.

    A field that is another's by now is refused by name, and nothing of the correction is recorded.
    """
    found = need(ledger, Incident, incident)
    unknown = sorted(fields.keys() - EDITABLE.keys())
    if unknown:
        raise UserError(f"不能直接修改：{'、'.join(unknown)}")
    old = {name: getattr(found, name) for name in fields}
    new = {name: value for name, value in fields.items() if value != old[name]}
    if not new:
        return
    changed = {name: old[name] for name, value in (seen or {}).items() if name in new and old[name] != value}
    if changed:
        said = "；".join(f"{EDITABLE[name]}已被改为“{value}”" for name, value in changed.items())
        raise UserError(f"{said}，请核对后再改")
    weighs = not new.keys().isdisjoint(priorities.WEIGHED)
    before = priorities.reasons(ledger, found) if weighs else ()
    ledger.record(IncidentEdited(incident=found.number, new=new, old={name: old[name] for name in new}))
    if weighs:
        priorities.raise_for(ledger, found.number, before)


def triage(ledger: Ledger, *, incident: str, route: str, kind: str | None = None) -> None:
    """Choose the route: A police, B police first and notify, C hand off (潢川县 2021 第八条)."""
    if route not in ("A", "B", "C"):
        raise UserError(f"不认识的分流类别：{route}")
    found = need(ledger, Incident, incident)
    chosen: dict[str, Scalar] = {"route": route} if kind is None else {"route": route, "kind": kind}
    edit(ledger, incident=incident, fields=chosen)
    if found.state in (IncidentState.NEW, IncidentState.INTAKE):
        if not (found.place or found.place_unknown):
            raise UserError("分流前须有地点，或写明地点不明的原因")
        move_incident(ledger, incident, "triage")


def set_priority(ledger: Ledger, *, incident: str, priority: int, reason: str = "") -> None:
    """Raise freely (a rule may); lower only by a person with a reason. 1 is the highest."""
    found = need(ledger, Incident, incident)
    if priority not in (1, 2, 3, 4):
        raise UserError("级别只有一至四级")
    # What a duplicate made it, somebody now gives it by itself: it stays when the duplicate is taken out.
    own = priority == found.priority
    if own and not found.own_priority:
        return
    if priority > found.priority:
        reason = _reason(reason, "降低级别")
    old = found.own_priority if own else found.priority
    ledger.record(PriorityChanged(incident=found.number, old=old, new=priority, reason=reason, own=own))


def add_note(ledger: Ledger, *, incident: str, text: str) -> None:
    """A remark on the timeline."""
    found = need(ledger, Incident, incident)
    if not text.strip():
        raise UserError("备注不能为空")
    ledger.record(NoteAdded(incident=found.number, text=text.strip()))


# -- the way out ---------------------------------------------------------------------------------------------


def settle(ledger: Ledger, *, incident: str, code: str, text: str) -> None:
    """The desk's own result for a call that needed no unit; units on it must report themselves."""
    found = need(ledger, Incident, incident)
    if any(order.open for order in ledger.where(Assignment, incident=found.number)):
        raise UserError("仍有警组在处置，由警组反馈")
    text = _reason(text, "处结")
    ledger.record(IncidentResult(incident=found.number, code=code, text=text))
    move_incident(ledger, incident, "feedback")


def hand_off(ledger: Ledger, *, incident: str, reason: str = "") -> None:
    """Route C: the agency has accepted and no police go; the caller has been told."""
    found = need(ledger, Incident, incident)
    accepted = {HandoffState.SIGNED, HandoffState.EN_ROUTE, HandoffState.ARRIVED, HandoffState.IN_PROGRESS}
    accepted |= {HandoffState.RESULT, HandoffState.CALLED_BACK, HandoffState.CLOSED}
    if not any(h.state in accepted for h in ledger.where(Handoff, incident=found.number)):
        raise UserError("联动单位尚未签收，不能转办")
    move_incident(ledger, incident, "hand_off", reason)


def what_is_missing(ledger: State, incident: Incident, *, needs_callback: bool) -> list[str]:
    """Why an incident may not be closed yet, in the user's words; empty = it may (E1, row 10)."""
    orders = ledger.where(Assignment, incident=incident.number)
    handoffs = ledger.where(Handoff, incident=incident.number)
    missing = [f"{order.unit}尚未反馈" for order in orders if order.open]
    missing += [f"联动派单{handoff.id.rpartition('#')[2]}号未办结" for handoff in handoffs if handoff.open]
    if any(alarm.open for alarm in ledger.where(Alarm, incident=incident.number)):
        missing.append("一键报警未手动复位")
    if not incident.kind:
        missing.append("未选择警情类别")
    if lacking := required.lacking(incident):
        missing.append(lacking)
    if needs_callback and not incident.callback:
        missing.append("尚未回访")
    return missing


def review(ledger: Ledger, *, incident: str) -> None:
    """The result is accepted; the incident waits for its callback and its end. Fields that are 待补 come first."""
    found = need(ledger, Incident, incident)
    INCIDENT.next(found.state, "review")
    if lacking := required.lacking(found):
        raise UserError(f"不能送审核：{lacking}")
    move_incident(ledger, incident, "review")


def send_back(ledger: Ledger, *, incident: str, reason: str) -> None:
    """The result is not accepted; the incident goes back to handling."""
    move_incident(ledger, incident, "return", _reason(reason, "退回补充"))


def callback(ledger: Ledger, *, incident: str, outcome: str, text: str = "") -> None:
    """What the caller said of it; possible once there is a result."""
    found = need(ledger, Incident, incident)
    if outcome not in CALLBACK_OUTCOMES:
        raise UserError(f"不认识的回访结果：{outcome}")
    if found.state not in (IncidentState.FEEDBACK, IncidentState.REVIEW, IncidentState.HANDED_OFF):
        raise UserError("反馈之后才能回访")
    ledger.record(CalledBack(incident=found.number, outcome=outcome, text=text))


def close(ledger: Ledger, *, incident: str, needs_callback: bool = False, reason: str = "") -> None:
    """The end: result accepted, handoffs ended, latches reset, callback done where the rule asks.

    `needs_callback` is the rule for the incident's code, which the caller looks up in the reference tables.
    """
    found = need(ledger, Incident, incident)
    INCIDENT.next(found.state, "close")
    missing = what_is_missing(ledger, found, needs_callback=needs_callback)
    if missing:
        raise UserError("不能办结：" + "；".join(missing))
    _close_alarms(ledger, found.number)
    move_incident(ledger, incident, "close", reason)


def _close_alarms(ledger: Ledger, number: str) -> None:
    for alarm in ledger.where(Alarm, incident=number):
        if alarm.state is AlarmState.RESET:
            ledger.record(AlarmMoved(incident=number, alarm=alarm.id, act="close"))


def invalidate(ledger: Ledger, *, incident: str, reason: str) -> None:
    """Misdial, nuisance, test: with a reason, nobody under way, and no latched alarm left."""
    found = need(ledger, Incident, incident)
    reason = _reason(reason, "作无效处理")
    busy = [order.unit for order in ledger.where(Assignment, incident=found.number) if order.open]
    if busy:
        raise UserError(f"{'、'.join(busy)}仍在该警情上，先撤回")
    if any(alarm.open for alarm in ledger.where(Alarm, incident=found.number)):
        raise UserError("一键报警未手动复位，不能作无效处理")
    if any(h.open for h in ledger.where(Handoff, incident=found.number)):
        raise UserError("联动派单未办结，不能作无效处理")
    unanswered = why_not_invalid(found, unit_was_sent=bool(ledger.where(Assignment, incident=found.number)))
    if unanswered:
        raise UserError(unanswered)
    _close_alarms(ledger, found.number)
    move_incident(ledger, incident, "invalidate", reason)


def reopen(ledger: Ledger, *, incident: str, reason: str) -> None:
    """New facts: back to handling if a unit is still assigned, else to triage."""
    found = need(ledger, Incident, incident)
    reason = _reason(reason, "重启")
    assigned = any(order.open for order in ledger.where(Assignment, incident=found.number))
    move_incident(ledger, incident, "reopen_assigned" if assigned else "reopen", reason)


def archive(ledger: Ledger, *, incident: str) -> None:
    """Checked and read only from here on."""
    move_incident(ledger, incident, "archive")


def alias(ledger: Ledger, *, incident: str, alias: str) -> None:
    """The local number an incident was shown under while its commit was unknown; it finds it from now on.

    UserError if it is known by another local number already.
    """
    found = need(ledger, Incident, incident)
    if found.alias == alias:
        return
    if found.alias:
        raise UserError(f"警情{found.short}已有本机编号 {found.alias}")
    ledger.record(IncidentAliased(incident=found.number, alias=alias))
