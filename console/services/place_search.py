"""Places a caller may mean beside the city's own: sites of the register with their spots, places of recent incidents.

A caller says where he stands in the words of the neighbourhood: the school that has a button, or the corner another
caller named ten minutes ago. Both carry a position, so choosing one locates the new incident.
"""

from collections.abc import Iterator
from datetime import timedelta
from heapq import nlargest

from console.domain.site import Site
from console.services.desk import Desk
from console.services.places import Place, Places, closest, detailed
from console.services.sight import visible

RECENT, MOST = timedelta(hours=24), 500
"""How far back places of incidents are offered, and how many of the newest."""

AGE = timedelta(seconds=5)
"""So long the list of them is used again: reading thousands of rows at every key would be felt."""


class KnownPlaces:
    """The place field's finder over a desk: the city's places, the register's and recent ones."""

    def __init__(self, city: Places, desk: Desk) -> None:
        self._city, self._desk = city, desk
        self._read_at = desk.clock() - 2 * AGE
        self._known: dict[str, Place] = {}

    def __call__(self, text: str, limit: int = 12) -> list[Place]:
        """Places for a typed text, the best first; of two alike the city's own."""
        self._read()
        return closest((*self._city.places, *self._known.values()), text, limit)

    def named(self, name: str) -> Place | None:
        """The place of exactly this name, of the city or of what the desk knows; None if there is none."""
        self._read()
        return self._city.named(name) or self._known.get(name.strip()) or detailed(name, self._known.get)

    def names(self) -> list[str]:
        """What `places.learn` may read beforehand in a thread."""
        self._read()
        return list(self._known)

    def _read(self) -> None:
        now = self._desk.clock()
        if now - self._read_at < AGE:
            return
        self._read_at = now
        known = {place.name: place for place in (*self._recent(), *self._sites())}
        self._known = {name: place for name, place in known.items() if self._city.named(name) is None}

    def _sites(self) -> Iterator[Place]:
        for site in self._desk.picture.state.where(Site):
            if site.lat is None or site.lon is None or site.moving:
                continue
            yield _of_site(site, site.name)
            yield from (_of_site(site, f"{site.name} {spot}") for spot in site.zones.values() if spot)

    def _recent(self) -> Iterator[Place]:
        since = self._desk.clock() - RECENT
        located = (row for row in visible(self._desk) if row.lat is not None and row.place and row.created_at >= since)
        for row in reversed(nlargest(MOST, located, key=lambda row: row.created_at)):
            assert row.lat is not None
            assert row.lon is not None
            yield Place(row.place, row.lat, row.lon, row.beat, row.urban, "recent", f"近期警情 {row.short}")


def _of_site(site: Site, name: str) -> Place:
    assert site.lat is not None
    assert site.lon is not None
    return Place(name, site.lat, site.lon, site.beat, site.urban, "site", site.address or "登记点位")
