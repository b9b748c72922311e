"""Rights at work: every act passes here before its function is called, on the desk, in the writer and in the spool.

First the role (domain/rights.py), then what depends on more than the role (E1, E2, E7): whose record it is, whose
order or handoff, how grave the incident is. A refusal says who may.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from console.domain.account import DESK_ROLES, MACHINE, Account, Role, nobody
from console.domain.assignment import Assignment
from console.domain.errors import NotAllowed
from console.domain.facts import Fact, IncidentMoved, IncidentOpened, OwnerChanged, PriorityChanged
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.ledger import ActFunction, Ledger
from console.domain.rights import may, who_may
from console.domain.secrecy import is_hidden
from console.domain.state import need
from console.services.accounts import is_administrator, why_unknown

Condition = Callable[[Ledger, Mapping[str, Any]], str]
"""Why this actor may not do this act here; '' if he may."""

COMMAND_LINE = "CLI"
"""The seat of whoever works on the database itself, from a terminal."""

GRAVE = (1, 2)
"""Priorities whose incident may not be declared invalid by the person who took it (E1)."""


def _has(ledger: Ledger, *roles: Role) -> bool:
    return not set(roles).isdisjoint(ledger.act.roles)


def _incident(ledger: Ledger, args: Mapping[str, Any]) -> Incident:
    return need(ledger, Incident, str(args["incident"]))


def _own(ledger: Ledger, incident: Incident) -> str:
    """A call-taker changes his own records only (E7)."""
    if _has(ledger, Role.DISPATCHER, Role.CHIEF) or incident.owner in ("", ledger.act.actor):
        return ""
    return f"警情由{incident.owner}接警，接警员不能改他人的记录；可先“接手”或请值班长处理"


def _own_record(ledger: Ledger, args: Mapping[str, Any]) -> str:
    return _own(ledger, _incident(ledger, args))


def _own_instruction(ledger: Ledger, args: Mapping[str, Any]) -> str:
    return _own(ledger, need(ledger, Incident, need(ledger, Handoff, str(args["handoff"])).incident))


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


def _own_need(ledger: Ledger, args: Mapping[str, Any]) -> str:
    """A crew calls for help for itself; a desk for whom it hears."""
    return "" if _has(ledger, Role.CALL_TAKER) else _own_order(ledger, args)


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
    """Not by who took a 一、二级 (E1), neither after giving it away nor after lowering it himself."""
    found, actor = _incident(ledger, args), ledger.act.actor
    told = ledger.since(0, found.number)
    took = found.owner == actor or any(_makes_his(fact, actor) for fact in told)
    grave = found.priority in GRAVE or any(
        isinstance(fact.body, PriorityChanged) and fact.body.old in GRAVE and fact.actor == actor for fact in told
    )
    return "一、二级警情不得由接警人本人（含接手过的人）作无效处理，须由另一人审批" if took and grave else ""


def _makes_his(fact: Fact, actor: str) -> bool:
    body = fact.body
    if isinstance(body, IncidentMoved):
        return body.act == "answer" and fact.actor == actor
    return (isinstance(body, IncidentOpened) and body.record.owner == actor) or (
        isinstance(body, OwnerChanged) and body.new == actor
    )


def _own_password(ledger: Ledger, args: Mapping[str, Any]) -> str:
    if args.get("account") == ledger.act.actor or _has(ledger, Role.SECURITY):
        return ""
    return "只能更改自己的密码"


def _own_seat(ledger: Ledger, args: Mapping[str, Any]) -> str:
    return "" if args.get("account") == ledger.act.actor else "只能以自己的账号登录"


def _sharp_account(ledger: Ledger, args: Mapping[str, Any]) -> str:
    """An administrator is made by two persons, but for the first ones of a database."""
    rows = args.get("accounts") or (args,)
    sharp = any(is_administrator(row.get("roles", ())) for row in rows)
    return "管理员账号须双人审批" if sharp and ledger.where(Account) else ""


def _unmasked(ledger: Ledger, args: Mapping[str, Any]) -> str:
    return "" if args.get("masked", True) else "导出未遮蔽的个人信息须双人审批"


def _always_two(_: Ledger, __: Mapping[str, Any]) -> str:
    return "这项操作须双人审批"


TWO_PERSONS: Mapping[str, Condition] = {
    "incident.invalidate": _invalid,
    "account.register": _sharp_account,
    "account.import": _sharp_account,
    "audit.exported": _unmasked,
    "hold.lift": _always_two,
    "keeping.purged": _always_two,
    "test_window.open": _always_two,
}
"""Why an act needs a second person; it is then done by an approval (services/approvals.py)."""


def _in_sight(ledger: Ledger, args: Mapping[str, Any]) -> str:
    """What is hidden from a person is not there for him, whichever way he names it."""
    numbers = [str(args[name]) for name in ("incident", "into", "other") if args.get(name)]
    act = ledger.act
    hidden = (n for n in numbers if is_hidden(need(ledger, Incident, n), act.actor, act.roles))
    return next((f"查无此警情：{number}" for number in hidden), "")


WAITING_ACTS = ("hold", "schedule", "link", "unlink", "mark", "call_back_tried", "late_seen")

IN_SIGHT = (
    frozenset(
        f"incident.{act}"
        for act in ("note", "edit", "triage", "priority", "settle", "merge", "unmerge", "ask_for", "take")
    )
    | {"incident.supplement", "incident.protocol", "incident.answer_question", "incident.skip_question"}
    | {"incident.major", "command.log", "help.ask", "call.attach", "call.take"}
    | {"person.viewed", "person.revealed", *(f"incident.{act}" for act in WAITING_ACTS)}
)
"""Acts that need an incident one may see; a unit or an agency sent to an alarm never waits for that."""

CONDITIONS: Mapping[str, Condition] = {
    "incident.edit": _own_record,
    "incident.triage": _own_record,
    "incident.priority": _lowering,
    "incident.close": _closing,
    # Also of the person who decides: two persons do not make the taker another one.
    "incident.invalidate": _invalid,
    "incident.settle": _own_record,
    "incident.hand_off": _own_record,
    "incident.hold": _own_record,
    "incident.schedule": _own_record,
    "incident.mark": _own_record,
    "incident.merge": _own_record,
    "incident.unmerge": _own_record,
    "handoff.cancel": _own_instruction,
    "unit.assign": _first_grave,
    "unit.assign_plan": _first_grave,
    "unit.report": _own_order,
    "unit.status": _own_order,
    "emergency.start": _own_need,
    "handoff.report": _own_handoff,
    "account.password": _own_password,
    "seat.sign_on": _own_seat,
}


def refusal(ledger: Ledger, name: str, args: Mapping[str, Any], *, approved: bool = False) -> str:
    """Why this act may not be done by its actor; '' if it may. `approved`: two persons stand behind it."""
    if not ledger.act.roles:
        return "席位未登录或已锁定，请先登录"
    if not may(ledger.act.roles, name):
        return f"当前角色无权进行这项操作，须由{who_may(name)}操作"
    stranger = "" if ledger.act.roles == MACHINE else _why_unknown(ledger)
    conditions = [
        _in_sight if name in IN_SIGHT else None,
        CONDITIONS.get(name),
        None if approved else TWO_PERSONS.get(name),
    ]
    return stranger or next((why for c in conditions if c is not None and (why := c(ledger, args))), "")


def _why_unknown(ledger: Ledger) -> str:
    act = ledger.act
    if act.seat == COMMAND_LINE:
        # Whoever holds the database's own password is its administrator; what he does is journaled under his name.
        return ""
    if act.waited and act.actor == nobody(act.seat) and set(act.roles) <= set(DESK_ROLES):
        # Done at a seat that never reached its server: it happened, and the journal says that nobody had signed on.
        return ""
    return why_unknown(ledger, act.actor, act.roles)


def guarded(name: str, function: ActFunction) -> ActFunction:
    """The act's function behind its right; NotAllowed instead of doing it."""

    @wraps(function)
    def carry_out(ledger: Ledger, **args: Any) -> Any:
        why = refusal(ledger, name, args)
        if why:
            raise NotAllowed(why)
        return function(ledger, **args)

    return carry_out
