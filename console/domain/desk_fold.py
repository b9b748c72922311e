"""Fold of the facts of the desk's own work: calls, answers, holds, links, orders, emergencies, bulletins, handovers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from console.domain import desk_facts as facts
from console.domain.assignment import Assignment
from console.domain.body import Body
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.call import Call
from console.domain.change import change_incident
from console.domain.emergency import Emergency
from console.domain.facts import Fact
from console.domain.handover import Handover
from console.domain.incident import Incident
from console.domain.link import IncidentLink, StackedJob
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.state import State, need
from console.domain.unit import Unit


def _described(state: State, _: Fact, body: facts.CallDescribed) -> None:
    told = {name: getattr(body, name) for name in ("called", "subscriber", "address", "recording")}
    state.put(replace(need(state, Call, body.call), **{name: value for name, value in told.items() if value}))


def _call_moved(state: State, fact: Fact, body: facts.CallMoved) -> None:
    changes: dict[str, dict[str, Any]] = {
        "hold": {"held_at": fact.at},
        "resume": {"held_at": None},
        "offer": {"transfer_to": body.to},
        "accept": {"transfer_to": "", "held_at": None, "taken_by": fact.actor, "seat": fact.seat},
        "decline": {"transfer_to": ""},
        "call_back": {"called_back_at": fact.at, "called_back_by": fact.actor, "called_back": body.result},
        "released": {"taken_by": "", "taken_at": None, "seat": "", "held_at": None, "transfer_to": ""},
        "given": {"taken_by": body.who, "seat": body.to, "transfer_to": ""},
    }
    call = need(state, Call, body.call)
    if body.act == "given" and call.taken_at is None:
        changes["given"]["taken_at"] = fact.at
    if body.act == "call_back" and body.result and call.called_back_by:
        # Who rang back is who began it; the exchange only tells how it ended.
        changes["call_back"] = {"called_back": body.result}
    state.put(replace(call, **changes[body.act]))


def _protocol(state: State, _: Fact, body: facts.ProtocolChosen) -> None:
    change_incident(state, body.incident, protocol=body.protocol)


def _answered(state: State, _: Fact, body: facts.QuestionAnswered) -> None:
    state.put(body.answer)


def _held(state: State, _: Fact, body: facts.IncidentHeld) -> None:
    field = "scheduled_for" if body.kind == "scheduled" else "held_until"
    changes: dict[str, Any] = {"scheduled_for": None, "held_until": None, field: body.until}
    change_incident(state, body.incident, held_reason=body.reason, **changes)


def _woken(state: State, fact: Fact, body: facts.IncidentWoken) -> None:
    changes: dict[str, Any] = {"held_until": None, "scheduled_for": None, "held_reason": ""}
    # What was promised runs from the moment it is to be worked again.
    change_incident(state, body.incident, t_triaged_again=fact.at, **changes)


def _marked(state: State, fact: Fact, body: facts.IncidentMarked) -> None:
    # Another mark asks for call-backs of its own.
    since = fact.at if body.mark else None
    change_incident(state, body.incident, mark=body.mark, marked_at=since, ring_backs=0, ring_back="")


def _rung_back(state: State, _: Fact, body: facts.CallBackTried) -> None:
    tried = need(state, Incident, body.incident).ring_backs + 1
    change_incident(state, body.incident, ring_backs=tried, ring_back=body.outcome)


def _late_seen(state: State, fact: Fact, body: facts.LateSeen) -> None:
    change_incident(state, body.incident, late_seen_at=fact.at)


def _linked(state: State, _: Fact, body: facts.IncidentLinked) -> None:
    state.put(body.link)


def _unlinked(state: State, fact: Fact, body: facts.IncidentUnlinked) -> None:
    state.put(replace(need(state, IncidentLink, body.link), ended_at=fact.at))


def _stacked(state: State, _: Fact, body: facts.JobStacked) -> None:
    state.put(body.job)


def _stack_ended(state: State, fact: Fact, body: facts.StackEnded) -> None:
    state.put(replace(need(state, StackedJob, body.job), ended_at=fact.at, why=body.why))


def _order_told(state: State, fact: Fact, body: facts.OrderTold) -> None:
    order = need(state, Assignment, body.assignment)
    at = fact.at if body.state in ("delivered", "radio") else None
    changes = {"delivery": body.state, "channel": body.channel or order.channel, "t_delivered": order.t_delivered or at}
    state.put(replace(order, **changes))  # type: ignore[arg-type]


def _unit_checked(state: State, fact: Fact, body: facts.UnitChecked) -> None:
    unit = need(state, Unit, body.unit)
    state.put(replace(unit, checked_at=fact.at, version=unit.version + 1))


def _emergency(state: State, _: Fact, body: facts.EmergencyStarted) -> None:
    state.put(body.emergency)


def _emergency_moved(state: State, fact: Fact, body: facts.EmergencyMoved) -> None:
    emergency = need(state, Emergency, body.emergency)
    if body.act == "acknowledge":
        changed = replace(emergency, acknowledged_at=fact.at, acknowledged_by=fact.actor)
    else:
        changed = replace(emergency, stopped_at=fact.at, stopped_by=fact.actor, reason=body.reason)
    state.put(changed)


def _help_asked(state: State, _: Fact, body: facts.HelpAsked) -> None:
    state.put(body.request)


def _help_answered(state: State, fact: Fact, body: facts.HelpAnswered) -> None:
    request = need(state, HelpRequest, body.request)
    told: dict[str, Any] = {"answered_by": body.by or fact.actor, "answer": body.answer}
    state.put(replace(request, state=body.state, answered_at=fact.at, **told))


def _bulletin(state: State, _: Fact, body: facts.BulletinIssued) -> None:
    state.put(body.bulletin)
    for receipt in body.receipts:
        state.put(receipt)


def _bulletin_told(state: State, fact: Fact, body: facts.BulletinTold) -> None:
    receipt = state.get(BulletinReceipt, body.receipt) or _seat_receipt(fact, body.receipt)
    told: dict[str, Any] = {"told_by": body.by or fact.actor, "text": body.text or receipt.text}
    state.put(replace(receipt, state=body.state, told_at=fact.at, **told))


def _seat_receipt(fact: Fact, key: str) -> BulletinReceipt:
    """A seat that signed on after the bulletin was issued reads it too."""
    bulletin, _, recipient = key.partition("@")
    name = f"{recipient.partition(':')[2]}席"
    return BulletinReceipt(id=key, bulletin=bulletin, recipient=recipient, name=name, channel="screen", sent_at=fact.at)


def _bulletin_cancelled(state: State, fact: Fact, body: facts.BulletinCancelled) -> None:
    bulletin = need(state, Bulletin, body.bulletin)
    state.put(replace(bulletin, cancelled_at=fact.at, cancelled_by=fact.actor, reason=body.reason))
    for receipt in state.where(BulletinReceipt, bulletin=bulletin.id):
        state.put(replace(receipt, state="CANCELLED"))


def _major(state: State, fact: Fact, body: facts.MajorDeclared) -> None:
    since = need(state, Incident, body.incident).major_at
    change_incident(state, body.incident, major_at=since or fact.at)
    for report in body.reports:
        state.put(report)


def _reported_up(state: State, fact: Fact, body: facts.ReportedUp) -> None:
    report = need(state, ReportUp, body.report)
    state.put(replace(report, told_at=fact.at, told_by=body.by or fact.actor, answer=body.answer))


def _handover(state: State, _: Fact, body: facts.HandoverDrawn) -> None:
    state.put(body.handover)


def _handover_signed(state: State, fact: Fact, body: facts.HandoverSigned) -> None:
    handover = need(state, Handover, body.handover)
    if body.side == "from":
        changed = replace(handover, given_at=fact.at, from_actor=body.account, from_name=body.name)
    else:
        changed = replace(handover, taken_at=fact.at, to_actor=body.account, to_name=body.name)
    state.put(changed)


FOLDERS: Mapping[type[Body], Callable[[State, Fact, Any], None]] = {
    facts.CallDescribed: _described,
    facts.CallMoved: _call_moved,
    facts.ProtocolChosen: _protocol,
    facts.QuestionAnswered: _answered,
    facts.IncidentHeld: _held,
    facts.IncidentWoken: _woken,
    facts.IncidentMarked: _marked,
    facts.CallBackTried: _rung_back,
    facts.LateSeen: _late_seen,
    facts.IncidentLinked: _linked,
    facts.IncidentUnlinked: _unlinked,
    facts.JobStacked: _stacked,
    facts.StackEnded: _stack_ended,
    facts.OrderTold: _order_told,
    facts.UnitChecked: _unit_checked,
    facts.EmergencyStarted: _emergency,
    facts.EmergencyMoved: _emergency_moved,
    facts.HelpAsked: _help_asked,
    facts.HelpAnswered: _help_answered,
    facts.BulletinIssued: _bulletin,
    facts.BulletinTold: _bulletin_told,
    facts.BulletinCancelled: _bulletin_cancelled,
    facts.MajorDeclared: _major,
    facts.ReportedUp: _reported_up,
    facts.HandoverDrawn: _handover,
    facts.HandoverSigned: _handover_signed,
}
"""Kind of fact -> its rule, for `fold`."""
