"""Fold: how each fact changes the state. The only place where state changes.

The writer folds into tables, the picture and the rebuild fold into memory: the same functions, so that
state stored and state rebuilt from the journal are equal field by field.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from console.domain import desk_fold, equipment_fold, facts
from console.domain.account import Account, Seat
from console.domain.alarm import ALARM, JUDGED, Alarm, AlarmState
from console.domain.approval import Approval, ApprovalState, Hold
from console.domain.assignment import ASSIGNMENT, ASSIGNMENT_STAMPS, Assignment
from console.domain.body import Body
from console.domain.change import change_incident
from console.domain.facts import Fact
from console.domain.handoff import HANDOFF, HANDOFF_STAMPS, Handoff
from console.domain.incident import INCIDENT, STAMPS, Incident, IncidentState
from console.domain.state import State, need
from console.domain.unit import ON_ORDER, Unit, UnitStatus

B = TypeVar("B", bound=Body)
Folder = Callable[[State, Fact, Any], None]
_FOLDERS: dict[type[Body], Folder] = {}


def folds(kind: type[B]) -> Callable[[Callable[[State, Fact, B], None]], Callable[[State, Fact, B], None]]:
    """Declare the function that folds this kind of fact."""

    def declare(function: Callable[[State, Fact, B], None]) -> Callable[[State, Fact, B], None]:
        _FOLDERS[kind] = function
        return function

    return declare


def fold(state: State, fact: Fact) -> None:
    """Apply one fact. A kind without a folder changes no state (it is only told)."""
    folder = _FOLDERS.get(type(fact.body))
    if folder is not None:
        folder(state, fact, fact.body)


def _stamp(row: Any, name: str | None, at: datetime) -> dict[str, datetime]:
    """The first entry into a state sets its stamp; later ones stand in the journal."""
    return {name: at} if name and getattr(row, name) is None else {}


# -- master records ------------------------------------------------------------------------------------------


@folds(facts.SiteRegistered)
def _site(state: State, _: Fact, body: facts.SiteRegistered) -> None:
    state.put(body.site)


@folds(facts.UnitRegistered)
def _unit(state: State, _: Fact, body: facts.UnitRegistered) -> None:
    state.put(body.unit)


# -- lines, signals, alarms ----------------------------------------------------------------------------------


@folds(facts.LineChanged)
def _line(state: State, _: Fact, body: facts.LineChanged) -> None:
    state.put(body.line)


@folds(facts.SignalReceived)
def _signal(state: State, _: Fact, body: facts.SignalReceived) -> None:
    state.put(body.signal)


@folds(facts.AlarmRaised)
def _alarm_raised(state: State, fact: Fact, body: facts.AlarmRaised) -> None:
    state.put(replace(body.alarm, committed_at=fact.at))


def _change_alarm(state: State, key: str, /, **changes: Any) -> None:
    alarm = need(state, Alarm, key)
    state.put(replace(alarm, version=alarm.version + 1, **changes))


@folds(facts.AlarmPressedAgain)
def _pressed_again(state: State, _: Fact, body: facts.AlarmPressedAgain) -> None:
    alarm = need(state, Alarm, body.alarm)
    changes: dict[str, Any] = {"presses": alarm.presses + 1, "last_press_at": body.at}
    if ALARM.may(alarm.state, "press"):
        # Somebody had it already, but not this press: it is shown and sounded anew.
        changes |= {"state": ALARM.next(alarm.state, "press"), "annunciated_at": None, "again_at": body.at}
    _change_alarm(state, body.alarm, **changes)


@folds(facts.AlarmSecondPath)
def _second_path(state: State, _: Fact, body: facts.AlarmSecondPath) -> None:
    paths = need(state, Alarm, body.alarm).paths
    if body.line not in paths:
        _change_alarm(state, body.alarm, paths=(*paths, body.line))


@folds(facts.AlarmRestored)
def _restored(state: State, _: Fact, body: facts.AlarmRestored) -> None:
    _change_alarm(state, body.alarm, restored_at=body.at)


@folds(facts.AlarmPlaced)
def _placed(state: State, _: Fact, body: facts.AlarmPlaced) -> None:
    _change_alarm(state, body.alarm, site=body.site)
    if body.incident and body.new:
        change_incident(state, body.incident, **dict(body.new))


@folds(facts.AlarmMoved)
def _alarm_moved(state: State, fact: Fact, body: facts.AlarmMoved) -> None:
    alarm = need(state, Alarm, body.alarm)
    after = ALARM.next(alarm.state, body.act)
    changes: dict[str, Any] = {"state": after, "reason": body.reason or alarm.reason}
    if after is AlarmState.ANNUNCIATED:
        changes |= _stamp(alarm, "annunciated_at", fact.at)
    elif after is AlarmState.ACKNOWLEDGED:
        changes |= {"owner": fact.actor, **_stamp(alarm, "acknowledged_at", fact.at)}
    elif after in JUDGED:
        changes |= {"judged_at": fact.at}
    elif after is AlarmState.RESET:
        changes |= {"reset_at": fact.at, "latched": False}
    _change_alarm(state, body.alarm, **changes)


# -- incidents -----------------------------------------------------------------------------------------------


@folds(facts.IncidentOpened)
def _opened(state: State, _: Fact, body: facts.IncidentOpened) -> None:
    state.put(body.record)


@folds(facts.IncidentMoved)
def _incident_moved(state: State, fact: Fact, body: facts.IncidentMoved) -> None:
    incident = need(state, Incident, body.incident)
    after = INCIDENT.next(incident.state, body.act)
    changes: dict[str, Any] = {"state": after, **_stamp(incident, STAMPS.get(after), fact.at)}
    if after is IncidentState.INTAKE:
        changes |= {"owner": fact.actor, "asked_by": "", "asked_at": None}
    if body.act in ("withdraw", "reopen"):
        changes["t_triaged_again"] = fact.at
    if body.act in ("reopen", "reopen_assigned"):
        changes |= {"t_close": None, "t_review": None, "t_archive": None, "callback": "", "t_callback": None}
    change_incident(state, body.incident, **changes)


@folds(facts.IncidentEdited)
def _edited(state: State, _: Fact, body: facts.IncidentEdited) -> None:
    change_incident(state, body.incident, **dict(body.new))


@folds(facts.PriorityChanged)
def _priority(state: State, _: Fact, body: facts.PriorityChanged) -> None:
    incident = need(state, Incident, body.incident)
    if body.own:
        # As grave by itself as its duplicates make it: nothing is left to go with them.
        change_incident(state, body.incident, own_priority=body.new if body.new != incident.priority else 0)
        return
    own = incident.own_priority or body.old
    # A level that is given otherwise is the incident's own from then on.
    change_incident(state, body.incident, priority=body.new, own_priority=own if body.merged and own != body.new else 0)


@folds(facts.IncidentResult)
def _result(state: State, _: Fact, body: facts.IncidentResult) -> None:
    change_incident(state, body.incident, result_code=body.code, result_text=body.text)


@folds(facts.IncidentMerged)
def _merged(state: State, fact: Fact, body: facts.IncidentMerged) -> None:
    incident = need(state, Incident, body.incident)
    after = INCIDENT.next(incident.state, "merge")
    changes = {"state": after, "main": body.into, "state_before": incident.state.value}
    change_incident(state, body.incident, **changes, **_stamp(incident, STAMPS[after], fact.at))


@folds(facts.IncidentUnmerged)
def _unmerged(state: State, _: Fact, body: facts.IncidentUnmerged) -> None:
    before = IncidentState(need(state, Incident, body.incident).state_before)
    change_incident(state, body.incident, state=before, main="", state_before="", t_close=None)


@folds(facts.IncidentAliased)
def _aliased(state: State, _: Fact, body: facts.IncidentAliased) -> None:
    change_incident(state, body.incident, alias=body.alias)


@folds(facts.CalledBack)
def _called_back(state: State, fact: Fact, body: facts.CalledBack) -> None:
    change_incident(state, body.incident, callback=body.outcome, t_callback=fact.at)


# -- units and their orders ----------------------------------------------------------------------------------


@folds(facts.UnitAssigned)
def _assigned(state: State, _: Fact, body: facts.UnitAssigned) -> None:
    state.put(body.assignment)


@folds(facts.AssignmentMoved)
def _assignment_moved(state: State, fact: Fact, body: facts.AssignmentMoved) -> None:
    order = need(state, Assignment, body.assignment)
    after = ASSIGNMENT.next(order.state, body.act)
    changes: dict[str, Any] = {"state": after, **_stamp(order, ASSIGNMENT_STAMPS.get(after), fact.at)}
    if body.reason:
        changes["reason"] = body.reason
    if body.act == "report":
        changes["scene"] = body.text
    elif body.act == "feedback":
        changes |= {"result_text": body.text, "result_code": body.code}
    state.put(replace(order, **changes))


@folds(facts.LeadChanged)
def _lead(state: State, _: Fact, body: facts.LeadChanged) -> None:
    for order in state.where(Assignment, incident=body.incident):
        state.put(replace(order, lead=order.id == body.assignment))


@folds(facts.UnitMoved)
def _unit_moved(state: State, fact: Fact, body: facts.UnitMoved) -> None:
    unit = need(state, Unit, body.unit)
    after = UnitStatus(body.status)
    before = unit.status
    if before in (UnitStatus.NEEDS_HELP, UnitStatus.LOST):
        before = unit.status_before
    changed = replace(
        unit,
        status=after,
        status_since=fact.at,
        status_before=before,
        doing_since=_doing_since(unit, after),
        incident=body.order if after in ON_ORDER or after is UnitStatus.LOST else "",
        version=unit.version + 1,
    )
    state.put(changed)


def _doing_since(unit: Unit, after: UnitStatus) -> datetime | None:
    """Kept while a unit is lost and when it is found doing the same; whatever else it turns to begins then."""
    if after is UnitStatus.LOST:
        return unit.doing_since or unit.status_since
    return unit.doing_since if unit.status is UnitStatus.LOST and after is unit.status_before else None


# -- handoffs ------------------------------------------------------------------------------------------------


@folds(facts.HandoffDrafted)
def _drafted(state: State, _: Fact, body: facts.HandoffDrafted) -> None:
    state.put(body.handoff)


@folds(facts.HandoffMoved)
def _handoff_moved(state: State, fact: Fact, body: facts.HandoffMoved) -> None:
    handoff = need(state, Handoff, body.handoff)
    after = HANDOFF.next(handoff.state, body.act)
    told = {"person": body.by, "text": body.text, "reason": body.reason, "channel": body.channel}
    changes: dict[str, Any] = {name: value for name, value in told.items() if value}
    if body.suggested:
        changes["suggested"] = body.suggested
    changes |= {"state": after, "on_behalf": body.on_behalf or handoff.on_behalf}
    if body.act == "resend":
        # The chief's order starts the promise anew: the agency is measured from this instruction.
        changes |= {"t_sent": fact.at, "t_delivered": None, "t_sign": None, "t_end": None}
    else:
        changes |= _stamp(handoff, HANDOFF_STAMPS.get(after), fact.at)
    state.put(replace(handoff, **changes))


@folds(facts.HandoffUrged)
def _urged(state: State, _: Fact, body: facts.HandoffUrged) -> None:
    handoff = need(state, Handoff, body.handoff)
    state.put(replace(handoff, urged=handoff.urged + 1))


# -- whose incident it is ------------------------------------------------------------------------------------


@folds(facts.OwnerAsked)
def _owner_asked(state: State, fact: Fact, body: facts.OwnerAsked) -> None:
    change_incident(state, body.incident, asked_by=body.by, asked_at=fact.at)


@folds(facts.OwnerChanged)
def _owner_changed(state: State, _: Fact, body: facts.OwnerChanged) -> None:
    change_incident(state, body.incident, owner=body.new, asked_by="", asked_at=None)


@folds(facts.ConfidentialityChanged)
def _confidentiality(state: State, _: Fact, body: facts.ConfidentialityChanged) -> None:
    change_incident(state, body.incident, confidential=body.confidential)


# -- people, rights, audit -----------------------------------------------------------------------------------


@folds(facts.AccountRegistered)
def _account(state: State, _: Fact, body: facts.AccountRegistered) -> None:
    state.put(body.account)


def _change_account(state: State, number: str, /, **changes: Any) -> None:
    account = state.get(Account, number)
    # Somebody may have typed a number that is nobody's.
    if account is not None:
        state.put(replace(account, version=account.version + 1, **changes))


@folds(facts.PasswordChanged)
def _password(state: State, fact: Fact, body: facts.PasswordChanged) -> None:
    # What somebody else chose must be changed by the person.
    at = fact.at if fact.actor == body.account else None
    _change_account(state, body.account, password_at=at, failures=0, locked_until=None)


@folds(facts.SignedOn)
def _signed_on(state: State, fact: Fact, body: facts.SignedOn) -> None:
    state.put(Seat(id=fact.seat, actor=body.account, name=body.name, roles=body.roles, since=fact.at, host=body.host))
    _change_account(state, body.account, failures=0, locked_until=None)


@folds(facts.SignedOff)
def _signed_off(state: State, fact: Fact, _: facts.SignedOff) -> None:
    state.put(Seat(id=fact.seat, since=fact.at))


@folds(facts.SignOnFailed)
def _sign_on_failed(state: State, _: Fact, body: facts.SignOnFailed) -> None:
    account = state.get(Account, body.account)
    failures = 0 if account is None or body.locked_until is not None else account.failures + 1
    _change_account(state, body.account, failures=failures, locked_until=body.locked_until)


@folds(facts.ApprovalAsked)
def _approval_asked(state: State, _: Fact, body: facts.ApprovalAsked) -> None:
    state.put(body.approval)


@folds(facts.ApprovalDecided)
def _approval_decided(state: State, fact: Fact, body: facts.ApprovalDecided) -> None:
    asked = need(state, Approval, body.approval)
    by, at = fact.actor, fact.at
    state.put(replace(asked, state=ApprovalState(body.state), decided_by=by, decided_at=at, answer=body.answer))


@folds(facts.HoldPlaced)
def _hold_placed(state: State, _: Fact, body: facts.HoldPlaced) -> None:
    state.put(body.hold)


@folds(facts.HoldLifted)
def _hold_lifted(state: State, fact: Fact, body: facts.HoldLifted) -> None:
    state.put(replace(need(state, Hold, body.hold), lifted_by=fact.actor, lifted_at=fact.at))


_FOLDERS.update(equipment_fold.FOLDERS)
_FOLDERS.update(desk_fold.FOLDERS)
