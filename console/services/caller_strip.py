"""What stands about a caller in one strip: how often he called, what else he reported, what happens where he is.

The index follows the picture (open incidents and 24 h of ended ones) by number, by place and by squares of the map, so
it may be asked at each key stroke; what is older comes from the database, in a thread.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.incident import Incident
from console.domain.recommend import distance_m
from console.domain.site import Site
from console.services.calls import role_at
from console.services.phone_numbers import plain_number
from console.services.picture import Changes, Picture

RADIUS_M = 300.0
"""Near by: what can be seen and heard from there."""
RADIUS_DEGREES = RADIUS_M / 110_000
"""The same along a meridian (a degree is at least 110.5 km): what is farther north or south need not be measured."""
CELL = 0.005
"""Degrees of a square of the map: about 550 m, so that nine of them hold all that is near."""
SHOWN = 4
"""So many incidents are named; more nobody reads while he talks."""
DAY = timedelta(hours=24)
REPEATS = 3
"""From so many calls within 30 days on a number is a repeat caller's."""


@dataclass(frozen=True, slots=True)
class Beside:
    """An incident and why it is shown: 'number', 'place' or 'near'; `metres` away, None where that is not known."""

    incident: Incident
    why: str
    metres: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFacts:
    """The strip. `today` counts incidents of 24 h with the number; `sites` with what the number is there."""

    number: str = ""
    today: int = 0
    beside: tuple[Beside, ...] = ()
    open_near: int = 0
    sites: tuple[tuple[Site, str], ...] = ()


class CallerIndex:
    """Incidents by number, place and square, and sites by their telephones. `close` ends it."""

    def __init__(self, picture: Picture) -> None:
        self._rows: dict[str, Incident] = {}
        self._keys: defaultdict[tuple[str, object], set[str]] = defaultdict(set)
        self._sites: dict[str, Site] = {}
        for incident in picture.state.where(Incident):
            self._put(incident)
        for site in picture.state.where(Site):
            self._sites[site.id] = site
        self._phones: dict[str, list[tuple[Site, str]]] | None = None
        self.close = picture.observe(self._see)

    def _see(self, changes: Changes) -> None:
        for row in changes.removed:
            if isinstance(row, Incident):
                self._drop(row.number)
            elif isinstance(row, Site):
                self._sites.pop(row.id, None)
                self._phones = None
        for row in (*changes.added, *changes.updated):
            if isinstance(row, Incident):
                self._put(row)
            elif isinstance(row, Site):
                self._sites[row.id] = row
                self._phones = None

    def _put(self, incident: Incident) -> None:
        self._drop(incident.number)
        self._rows[incident.number] = incident
        for key in _keys(incident):
            self._keys[key].add(incident.number)

    def _drop(self, number: str) -> None:
        old = self._rows.pop(number, None)
        for key in _keys(old) if old is not None else ():
            self._keys[key].discard(number)

    def facts(
        self,
        *,
        number: str,
        place: str = "",
        at: tuple[float, float] | None = None,
        now: datetime,
        beyond: str = "",
        hidden: Callable[[Incident], bool] = lambda _incident: False,
    ) -> CallerFacts:
        """The strip for a number and a place; `beyond` is the incident it stands at, `hidden` what must not appear."""
        number = plain_number(number)
        same = [row for row in self._of(("number", number)) if row.number != beyond] if number else []
        found: dict[str, Beside] = {row.number: Beside(row, "number", _metres(row, at)) for row in same}
        for row in self._of(("place", place.strip())) if place.strip() else ():
            found.setdefault(row.number, Beside(row, "place", _metres(row, at)))
        near = list(self._near(at)) if at is not None else []
        for beside in near:
            found.setdefault(beside.incident.number, beside)
        shown = [row for row in found.values() if row.incident.number != beyond and not hidden(row.incident)]
        shown.sort(key=_rank)
        today = [row for row in self._of(("number", number)) if now - row.created_at <= DAY] if number else []
        return CallerFacts(
            number=number,
            today=len(today),
            beside=tuple(shown[:SHOWN]),
            open_near=sum(row.incident.open for row in shown if row.why != "number"),
            sites=tuple(self._sites_of(number)),
        )

    def _of(self, key: tuple[str, object]) -> list[Incident]:
        return [self._rows[number] for number in self._keys.get(key, ())]

    def _near(self, at: tuple[float, float]) -> Iterator[Beside]:
        row, column = _square(*at)
        for key in ((row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
            for incident in self._of(("square", key)):
                if incident.lat is None or abs(incident.lat - at[0]) > RADIUS_DEGREES:
                    continue
                metres = _metres(incident, at)
                if metres is not None and metres <= RADIUS_M:
                    yield Beside(incident, "near", metres)

    def _sites_of(self, number: str) -> list[tuple[Site, str]]:
        """Sites by their telephones; the table of numbers is made anew when a site has changed."""
        if not number:
            return []
        if self._phones is None:
            self._phones = _telephones(self._sites.values())
        return self._phones.get(number, [])


def _keys(incident: Incident) -> Iterator[tuple[str, object]]:
    if incident.phone:
        yield "number", plain_number(incident.phone)
    if incident.place.strip():
        yield "place", incident.place.strip()
    if incident.lat is not None and incident.lon is not None:
        yield "square", _square(incident.lat, incident.lon)


def _square(lat: float, lon: float) -> tuple[int, int]:
    return math.floor(lat / CELL), math.floor(lon / CELL)


def _metres(incident: Incident, at: tuple[float, float] | None) -> float | None:
    if at is None or incident.lat is None or incident.lon is None:
        return None
    return distance_m(*at, incident.lat, incident.lon)


def _rank(row: Beside) -> tuple[bool, int, float, float]:
    """Open ones first, then the same number, the nearer, the younger."""
    order = ("number", "place", "near").index(row.why)
    return not row.incident.open, order, row.metres or 0.0, -row.incident.created_at.timestamp()


def _telephones(sites: Iterable[Site]) -> dict[str, list[tuple[Site, str]]]:
    found: defaultdict[str, list[tuple[Site, str]]] = defaultdict(list)
    for site in sites:
        kept = [person.rpartition(" ")[2] for person in site.keyholders]
        phones = (site.keyholder_phone, site.callback_phone, site.guard_phone, site.meu_phone, site.account, *kept)
        for number in {plain_number(phone) for phone in phones if phone}:
            role = role_at(site, number)
            if role:
                found[number].append((site, role))
    return dict(found)
