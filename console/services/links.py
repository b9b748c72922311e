"""Acts on links 关联: two incidents that belong together and yet are two, as child 子警情 or related 相关警情.

Both timelines tell of it, and both rows show it. A duplicate is merged instead.
"""

from console.domain.desk_facts import IncidentLinked, IncidentUnlinked
from console.domain.errors import UserError
from console.domain.facts import NoteAdded
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.link import LINK_KINDS, IncidentLink
from console.domain.state import State, need


def links_of(state: State, number: str) -> list[IncidentLink]:
    """Every link of an incident that holds, in either direction, the oldest first."""
    both = [*state.where(IncidentLink, incident=number), *state.where(IncidentLink, other=number)]
    return sorted((link for link in both if link.ended_at is None), key=lambda link: (link.at, link.id))


def other_end(link: IncidentLink, number: str) -> tuple[str, str]:
    """(the other incident, what it is to this one): 子警情, 主警情 or 相关警情."""
    if link.incident == number:
        return link.other, LINK_KINDS[link.kind]
    return link.incident, "主警情" if link.kind == "child" else LINK_KINDS[link.kind]


def link(ledger: Ledger, *, incident: str, other: str, kind: str = "related", reason: str = "") -> None:
    """`other` becomes a child of `incident`, or related to it."""
    found, second = need(ledger, Incident, incident), need(ledger, Incident, other)
    if kind not in LINK_KINDS:
        raise UserError(f"不认识的关联：{kind}")
    if found.number == second.number:
        raise UserError("不能与自身关联")
    if _between(ledger, found.number, second.number) is not None:
        raise UserError(f"{found.short} 与 {second.short} 已经关联")
    if kind == "child" and second.number in _above(ledger, found.number):
        raise UserError(f"{second.short} 是 {found.short} 的主警情，不能再作它的子警情")
    made = IncidentLink(
        id=f"{found.number}~{second.number}",
        incident=found.number,
        other=second.number,
        kind=kind,
        reason=reason.strip(),
        linked_by=ledger.act.actor,
        at=ledger.now,
    )
    ledger.record(IncidentLinked(incident=found.number, link=made))
    _, back = other_end(made, second.number)
    ledger.record(NoteAdded(incident=second.number, text=f"关联{back} {found.number}"))


def unlink(ledger: Ledger, *, incident: str, other: str, reason: str = "") -> None:
    """The two have nothing to do with each other after all."""
    found, second = need(ledger, Incident, incident), need(ledger, Incident, other)
    held = _between(ledger, found.number, second.number)
    if held is None:
        raise UserError(f"{found.short} 与 {second.short} 没有关联")
    ledger.record(IncidentUnlinked(incident=found.number, link=held.id, reason=reason.strip()))
    ledger.record(NoteAdded(incident=second.number, text=f"取消关联 {found.number}"))


def _between(state: State, one: str, two: str) -> IncidentLink | None:
    return next((link for link in links_of(state, one) if two in (link.incident, link.other)), None)


def _above(state: State, number: str) -> set[str]:
    """The incident's main incidents, and theirs."""
    found: set[str] = set()
    waiting = [number]
    while waiting:
        for link in state.where(IncidentLink, other=waiting.pop(), ended_at=None):
            if link.kind == "child" and link.incident not in found:
                found.add(link.incident)
                waiting.append(link.incident)
    return found
