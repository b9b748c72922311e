"""Secrecy 保密: which incidents must not appear before whom.

Source: domain.md E7 (complaints 10 are not the call-taker's; units, liaisons, technicians and administrators see no
incidents here) and B6. Asked by whatever shows incidents (services/sight.py) and by the guard (services/rights.py).
"""

from collections.abc import Collection

from console.domain.account import Role
from console.domain.incident import Incident, IncidentState

COMPLAINT = "10"
"""Class of complaints against the police themselves (投诉监督)."""

READERS = (Role.CALL_TAKER, Role.DISPATCHER, Role.CHIEF, Role.OFFICE)


def is_secret(incident: Incident) -> bool:
    """Whether it is a complaint or was marked confidential."""
    return incident.confidential or incident.kind.startswith(COMPLAINT)


def is_hidden(incident: Incident, actor: str, roles: Collection[str]) -> bool:
    """Whether it must not appear before this person at all: not in a list, on a map, by its number or on paper.

    Without roles (an empty or locked seat) it is judged as for a call-taker, so that the room goes on working in
    front of it. What nobody has taken yet is hidden from nobody at the desk: somebody must answer it.
    """
    held = set(roles or (Role.CALL_TAKER,))
    if held.isdisjoint(READERS):
        return True
    untaken = incident.state is IncidentState.NEW and not incident.owner and Role.CALL_TAKER in held
    if not is_secret(incident) or untaken or (incident.owner and incident.owner == actor):
        return False
    return held.isdisjoint((Role.DISPATCHER, Role.CHIEF))
