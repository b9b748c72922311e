"""Callers: how often a telephone number has called within 30 days, today's call included."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from console.domain.clock import Clock
from console.domain.incident import Incident

WITHIN = timedelta(days=30)
MANY = 200
"""More than this is shown as this; nobody needs the difference."""


class Line(Protocol):
    """A search result: the incident it stands for."""

    @property
    def incident(self) -> Incident: ...


Search = Callable[[str, int], Sequence[Line]]
"""(text, limit) -> incidents that name the text, newest first (`persistence.queries.Queries.search`)."""


def calls_from(search: Search, clock: Clock, phone: str) -> int:
    """Calls of exactly this number within 30 days; 0 for no number. Blocks."""
    if not phone:
        return 0
    since = clock() - WITHIN
    found = (line.incident for line in search(phone, MANY))
    return sum(incident.phone == phone and incident.created_at >= since for incident in found)
