"""Seen since: the later act is told what another person changed meanwhile, and asked again (DESIGN section 5).

An act carries the journal's number up to which its person had seen what happened (`Act.seen`). If another person's
fact after that makes the act mean something else, it is refused with what was done, by whom and when; whoever asks
again has seen that. Not every fact matters to every act: a remark never holds up a unit. An act from the spool was
done on the spot and asks nothing; a real conflict there becomes a clash.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

from console.domain.account import Account
from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.body import Body
from console.domain.errors import UserError
from console.domain.facts import (
    AlarmMoved,
    AssignmentMoved,
    CalledBack,
    Fact,
    HandoffDrafted,
    HandoffMoved,
    IncidentEdited,
    IncidentMerged,
    IncidentMoved,
    IncidentResult,
    IncidentUnmerged,
    NoteAdded,
    PriorityChanged,
    UnitAssigned,
)
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.ledger import Act, ActFunction, Ledger
from console.domain.reference import Reference
from console.domain.state import State, need
from console.domain.unit import Unit
from console.services.masking import mask_text, masked_body
from console.services.telling import Teller
from console.services.wording import clock_text

TOLD = 3
"""So many changes are named; more would not be read."""


class ChangedMeanwhile(UserError):  # noqa: N818 -- a question, not an error
    """Another person was faster; `facts` say with what. Asking again means having seen it."""

    def __init__(self, facts: Sequence[Fact], said: str = "") -> None:
        super().__init__(said or "情况刚被他人改变，请核对后再操作一次")
        self.facts = tuple(facts)


Matters = Callable[[Ledger, Mapping[str, Any], Body], bool]
"""Whether another person's fact makes an act with these arguments mean something else."""


def _any_of(*kinds: type[Body]) -> Matters:
    return lambda _ledger, _args, body: isinstance(body, kinds)


def _edited(*fields: str) -> Matters:
    return lambda _ledger, _args, body: isinstance(body, IncidentEdited) and not body.new.keys().isdisjoint(fields)


def _ended(_: Ledger, _args: Mapping[str, Any], body: Body) -> bool:
    """The incident ended, came back, or is another's duplicate."""
    return isinstance(body, IncidentMerged | IncidentUnmerged) or (
        isinstance(body, IncidentMoved)
        and body.act in ("close", "invalidate", "hand_off", "archive", "reopen", "reopen_assigned", "return")
    )


def _left(_: Ledger, _args: Mapping[str, Any], body: Body) -> bool:
    """A unit was taken off again."""
    return isinstance(body, AssignmentMoved) and body.act in ("withdraw", "divert")


def _same_order(ledger: Ledger, args: Mapping[str, Any], body: Body) -> bool:
    """The very unit reported, or was taken off."""
    order = ledger.get(Assignment, body.assignment) if isinstance(body, AssignmentMoved) else None
    return order is not None and order.unit == need(ledger, Unit, str(args["unit"])).id


def _same_agency(_: Ledger, args: Mapping[str, Any], body: Body) -> bool:
    return isinstance(body, HandoffDrafted) and body.handoff.agency == args.get("agency")


def _same_handoff(ledger: Ledger, args: Mapping[str, Any], body: Body) -> bool:
    return isinstance(body, HandoffMoved) and body.handoff == need(ledger, Handoff, str(args["handoff"])).id


def _same_alarm(ledger: Ledger, args: Mapping[str, Any], body: Body) -> bool:
    """A person did something with this alarm; that another screen showed it too is nothing new."""
    if not isinstance(body, AlarmMoved) or body.act == "annunciate":
        return False
    return body.alarm == need(ledger, Alarm, str(args["alarm"])).id


def _confirmed(_: Ledger, _args: Mapping[str, Any], body: Body) -> bool:
    return isinstance(body, AlarmMoved) and body.act == "confirm"


_SENT, _GRAVER = _any_of(UnitAssigned), _any_of(PriorityChanged)
_WHERE = _edited("place", "lat", "lon", "site", "kind")

WATCHED: Mapping[str, tuple[Matters, ...]] = {
    "unit.assign": (_SENT, _left, _GRAVER, _WHERE, _ended),
    "unit.assign_plan": (_SENT, _left, _GRAVER, _WHERE, _ended),
    "unit.divert": (_SENT, _left, _GRAVER, _WHERE, _ended, _same_order),
    "unit.withdraw": (_same_order, _GRAVER),
    "incident.priority": (_GRAVER, _ended),
    "incident.triage": (_edited("route", "kind"), _SENT, _ended),
    "incident.close": (_SENT, _edited("kind"), _any_of(IncidentResult, CalledBack), _ended),
    "incident.invalidate": (
        *(_SENT, _GRAVER, _ended, _confirmed, _any_of(NoteAdded)),
        _edited("place", "kind", "narrative", "caller", "phone"),
    ),
    "incident.merge": (_SENT, _GRAVER, _WHERE, _ended),
    "handoff.send": (_same_agency, _edited("place"), _ended),
    "handoff.cancel": (_same_handoff,),
    "handoff.rule": (_same_handoff,),
    "alarm.judge": (_same_alarm,),
    "alarm.reset": (_same_alarm,),
}
"""Which facts of another person make which act ask again; an act that is not here never does."""


def _incidents(ledger: Ledger, args: Mapping[str, Any]) -> list[str]:
    """The incidents whose timelines tell what an act is about."""
    found = [need(ledger, Incident, str(args[name])).number for name in ("incident", "into") if args.get(name)]
    about: tuple[Alarm | Handoff | Unit | None, ...] = (
        ledger.get(Alarm, str(args.get("alarm", ""))),
        ledger.get(Handoff, str(args.get("handoff", ""))),
        ledger.get(Unit, str(args.get("unit", ""))),
    )
    found += [row.incident for row in about if row is not None and row.incident]
    return list(dict.fromkeys(found))


def changes(ledger: Ledger, name: str, args: Mapping[str, Any]) -> list[Fact]:
    """What other persons did since the act's person looked, as far as it matters to the act."""
    act, matters = ledger.act, WATCHED.get(name, ())
    if not act.seen or not matters:
        return []
    return [
        fact
        for number in _incidents(ledger, args)
        for fact in ledger.since(act.seen, number)
        if _by_another(fact, act) and any(counts(ledger, args, fact.body) for counts in matters)
    ]


def _by_another(fact: Fact, act: Act) -> bool:
    return (fact.actor, fact.seat) != (act.actor, act.seat)


def asking_again(name: str, function: ActFunction) -> ActFunction:
    """The act's function; ChangedMeanwhile instead of doing it when its person should look again."""
    if name not in WATCHED:
        return function

    @wraps(function)
    def carry_out(ledger: Ledger, **args: Any) -> Any:
        found = changes(ledger, name, args)
        if found:
            raise ChangedMeanwhile(found)
        return function(ledger, **args)

    return carry_out


def in_words(refused: ChangedMeanwhile, reference: Reference, state: State) -> ChangedMeanwhile:
    """The same refusal with who, when and what: `032 王敏 14:32:07 派警 巡05；…`."""
    told = []
    for fact in refused.facts:
        teller = Teller(reference)
        teller.units = {order.id: order.unit for order in state.where(Assignment, incident=fact.body.incident)}
        teller.agencies = {row.id: row.agency for row in state.where(Handoff, incident=fact.body.incident)}
        said = teller.tell(_without_persons(fact)) or _agency_sent(teller, fact.body)
        told.append(f"{person(state, fact.actor)} {clock_text(fact.at)} {mask_text(said)}".strip())
    more = f"等 {len(told)} 项变化" if len(told) > TOLD else ""
    return ChangedMeanwhile(refused.facts, f"{'；'.join(told[:TOLD])}{more}。请核对，仍要操作请再来一次")


def _without_persons(fact: Fact) -> Fact:
    """Whoever is refused may be one who must not read the names and numbers in it."""
    if not isinstance(fact.body, IncidentEdited):
        return fact
    masked, _ = masked_body(dict(fact.body.new))
    return replace(fact, body=replace(fact.body, new=masked))


def _agency_sent(teller: Teller, body: Body) -> str:
    """A handoff that was drafted has no sentence of its own on the timeline; here it is the news."""
    return f"联动派单 {teller.agency(body.handoff.id)}" if isinstance(body, HandoffDrafted) else ""


def person(state: State, actor: str) -> str:
    """032 王敏; the bare number where no account tells the name."""
    account = state.get(Account, actor)
    return f"{actor} {account.name}".strip() if account is not None else actor
