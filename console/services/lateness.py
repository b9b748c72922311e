"""Lateness 超时: who must look when something is late, and who said that he knows.

Step 1 is for the seat of whoever owns the incident, step 2 for a neighbour, step 3 for the duty chief
(`domain.ladder`). Where the one who should look has no seat, every seat is meant.
"""

from collections.abc import Sequence

from console.domain.account import DESK_ROLES, Role, Seat
from console.domain.desk_facts import LateSeen
from console.domain.facts import DeadlinePassed
from console.domain.incident import Incident
from console.domain.ladder import LOOKS
from console.domain.ledger import Ledger
from console.domain.state import State, need

CHIEF = "chief"
"""Stands for every seat that is signed on as duty chief."""


def looker(state: State, incident: str, step: int) -> str:
    """Who must look at this step: a seat, `CHIEF`, or '' for every seat."""
    seats = [seat for seat in state.where(Seat) if seat.actor and not set(DESK_ROLES).isdisjoint(seat.roles)]
    if LOOKS[min(step, len(LOOKS) - 1)] == CHIEF:
        return CHIEF if any(Role.CHIEF in seat.roles for seat in seats) else ""
    found = state.get(Incident, incident)
    own = next((seat.id for seat in seats if found is not None and seat.actor == found.owner), "")
    return own if step <= 1 else neighbour([seat.id for seat in seats], own)


def neighbour(seats: Sequence[str], own: str) -> str:
    """The next signed-on seat after one's own, in their order and round the room; '' where there is no other."""
    ordered = sorted(set(seats))
    if own not in ordered or len(ordered) < 2:
        return ""
    return ordered[(ordered.index(own) + 1) % len(ordered)]


def concerns(body: DeadlinePassed, seat: str, roles: Sequence[str]) -> bool:
    """Whether whoever sits here must look."""
    return body.looks in ("", seat) or (body.looks == CHIEF and Role.CHIEF in roles)


def seen(ledger: Ledger, *, incident: str) -> None:
    """知晓: a person knows what is late here. What others owe climbs no further, what the desk owes does."""
    ledger.record(LateSeen(incident=need(ledger, Incident, incident).number))
