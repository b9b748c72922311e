"""The scene: what stands on the map and where, in metres, kept up to date by the picture's changes.

It holds the domain's own values, not copies of them; drawing decides how they look. An incident whose alarm is
still open is drawn as the alarm, once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from console.domain.alarm import Alarm
from console.domain.incident import Incident
from console.domain.site import Site
from console.domain.unit import Unit, UnitStatus
from console.geo.projection import LocalPlane
from console.services.picture import Changes, Picture
from widgets.map.motion import Motion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A thing and its place in metres on the plane."""

    what: T
    x: float
    y: float


class Scene:
    """Units move (see `motion`), everything else stands. `hidden` says which incidents may not be drawn here; an
    alarm that is still open is drawn for everybody."""

    def __init__(
        self,
        picture: Picture,
        plane: LocalPlane,
        now: float,
        hidden: Callable[[Incident], bool] = lambda _: False,
    ) -> None:
        self._picture = picture
        self._hidden = hidden
        self._plane = plane
        self.motion = Motion(plane)
        self.units: dict[str, Unit] = {}
        self.sites: dict[str, Placed[Site]] = {}
        self.incidents: dict[str, Placed[Incident]] = {}
        self.alarms: dict[str, Placed[Alarm]] = {}
        for kind in (Site, Unit, Incident, Alarm):
            for entity in picture.state.all(kind):
                self._put(entity)
        for position in picture.positions.values():
            self.motion.move(position, now)

    def apply(self, changes: Changes, now: float) -> None:
        """Take in what the picture changed; `now` is the steady clock."""
        for entity in changes.removed:
            for table in (self.units, self.sites, self.incidents, self.alarms):
                table.pop(entity.key, None)
        for entity in (*changes.added, *changes.updated):
            self._put(entity)
        for position in changes.positions:
            self.motion.move(position, now)

    def look_again(self) -> None:
        """Another person may see other incidents."""
        for incident in self._picture.incidents():
            self._put(incident)

    def _put(self, entity: object) -> None:
        if isinstance(entity, Unit):
            self._put_unit(entity)
        elif isinstance(entity, Site):
            self._keep(self.sites, entity.id, entity, (entity.lat, entity.lon))
        elif isinstance(entity, Incident):
            shown = entity.open and not self._hidden(entity)
            self._keep(self.incidents, entity.number, entity, (entity.lat, entity.lon) if shown else None)
            for alarm in self._picture.alarms(entity.number):
                self._put(alarm)
        elif isinstance(entity, Alarm):
            self._keep(self.alarms, entity.id, entity, self._place_of(entity) if entity.open else None)

    def _put_unit(self, unit: Unit) -> None:
        if unit.status is UnitStatus.OFF_DUTY:
            self.units.pop(unit.id, None)
        else:
            self.units[unit.id] = unit

    def _place_of(self, alarm: Alarm) -> tuple[float | None, float | None] | None:
        """An alarm stands where its incident was placed (a bus moves), else at its site."""
        incident = self._picture.state.get(Incident, alarm.incident)
        if incident is not None and incident.lat is not None:
            return incident.lat, incident.lon
        site = self._picture.site(alarm.site)
        return (site.lat, site.lon) if site is not None else None

    def _keep(
        self, table: dict[str, Placed[T]], key: str, what: T, place: tuple[float | None, float | None] | None
    ) -> None:
        if place is None or place[0] is None or place[1] is None:
            table.pop(key, None)
        else:
            table[key] = Placed(what, *self._plane.to_metres(place[0], place[1]))

    def alarmed(self) -> set[str]:
        """Numbers of the incidents that are drawn as an alarm."""
        return {placed.what.incident for placed in self.alarms.values()}

    def waiting(self) -> list[tuple[float, float]]:
        """Where the alarms that nobody acknowledged yet stand, in metres."""
        return [(placed.x, placed.y) for placed in self.alarms.values() if placed.what.unacknowledged]

    def place(self, incident: str) -> tuple[float, float] | None:
        """Where an incident stands, in metres; None if it has no place or is over."""
        placed = self.incidents.get(incident)
        return (placed.x, placed.y) if placed is not None else None

    def site_name(self, alarm: Alarm) -> str:
        """What people call the place of an alarm; its account number if the site is unknown."""
        site = self._picture.site(alarm.site)
        return site.name if site is not None else alarm.account
