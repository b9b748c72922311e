"""Rights at work: every act passes here before its function is called, on the desk, in the writer and in the spool.

First the role (domain/rights.py), then what depends on more than the role (E1, E2, E7): whose record it is, whose
order or handoff, how grave the incident is. A refusal says who may.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from console.domain.account import Account, Role
from console.domain.assignment import Assignment
from console.domain.errors import NotAllowed
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.ledger import ActFunction, Ledger
from console.domain.rights import may, who_may
from console.domain.state import need

Condition = Callable[[Ledger, Mapping[str, Any]], str]
"""Why this actor may not do this act here; '' if he may."""

GRAVE = (1, 2)
"""Priorities whose incident may not be declared invalid by the person who took it (E1)."""


def _has(ledger: Ledger, *roles: Role) -> bool:
    return not set(roles).isdisjoint(ledger.act.roles)


def _incident(ledger: Ledger, args: Mapping[str, Any]) -> Incident:
    return need(ledger, Incident, str(args["incident"]))


def _own_record(ledger: Ledger, args: Mapping[str, Any]) -> str:
    """A call-taker changes his own records only."""
    if _has(ledger, Role.DISPATCHER, Role.CHIEF):
        return ""
    owner = _incident(ledger, args).owner
    return (
        ""
        if owner in ("", ledger.act.actor)
        else f"警情由{owner}接警，接警员不能改他人的记录；可先“接手”或请值班长处理"
    )


def _lowering(ledger: Ledger, args: Mapping[str, Any]) -> str:
    if args.get("priority", 0) <= _incident(ledger, args).priority or _has(ledger, Role.DISPATCHER, Role.CHIEF):
        return ""
    return "降低级别须由派警员或值班长操作"


def _first_grave(ledger: Ledger, args: Mapping[str, Any]) -> str:
    """A call-taker sends the first unit to a 一级; everything else is the dispatcher's."""
    if _has(ledger, Role.DISPATCHER, Role.CHIEF):
        return ""
    found = _incident(ledger, args)
    if found.priority != 1:
        return "接警员只能对一级警情首派，其他派警请派警员操作"
    sent = any(order.open for order in ledger.where(Assignment, incident=found.number))
    return "一级警情已有警组，增派请派警员操作" if sent else ""


def _own_order(ledger: Ledger, args: Mapping[str, Any]) -> str:
    if _has(ledger, Role.DISPATCHER, Role.CHIEF, Role.MACHINE):
        return ""
    account = ledger.get(Account, ledger.act.actor)
    return "" if account is not None and account.unit and account.unit == args.get("unit") else "只能报备本警组"


def _own_handoff(ledger: Ledger, args: Mapping[str, Any]) -> str:
    if _has(ledger, Role.DISPATCHER, Role.CHIEF):
        return ""
    account = ledger.get(Account, ledger.act.actor)
    handoff = need(ledger, Handoff, str(args["handoff"]))
    return "" if account is not None and account.agency and account.agency == handoff.agency else "只能报告本单位的派单"


def _closing(ledger: Ledger, args: Mapping[str, Any]) -> str:
    if _has(ledger, Role.CHIEF) or _incident(ledger, args).priority != 1:
        return ""
    return "一级警情须由值班长办结"


def _invalid(ledger: Ledger, args: Mapping[str, Any]) -> str:
    found = _incident(ledger, args)
    if found.priority in GRAVE and found.owner == ledger.act.actor:
        return "一、二级警情不得由接警人本人作无效处理，请他人审批"
    return ""


CONDITIONS: Mapping[str, Condition] = {
    "incident.edit": _own_record,
    "incident.triage": _own_record,
    "incident.priority": _lowering,
    "incident.close": _closing,
    "incident.invalidate": _invalid,
    "unit.assign": _first_grave,
    "unit.report": _own_order,
    "unit.status": _own_order,
    "handoff.report": _own_handoff,
}


def refusal(ledger: Ledger, name: str, args: Mapping[str, Any]) -> str:
    """Why this act may not be done by its actor; '' if it may."""
    if not may(ledger.act.roles, name):
        return f"当前角色无权进行这项操作，须由{who_may(name)}操作"
    condition = CONDITIONS.get(name)
    return condition(ledger, args) if condition is not None else ""


def guarded(name: str, function: ActFunction) -> ActFunction:
    """The act's function behind its right; NotAllowed instead of doing it."""

    @wraps(function)
    def carry_out(ledger: Ledger, **args: Any) -> Any:
        why = refusal(ledger, name, args)
        if why:
            raise NotAllowed(why)
        return function(ledger, **args)

    return carry_out
