"""The scene: what stands on the map and where, in metres, kept up to date by the picture's changes.

A bus with an open alarm moves, and drags the way it took around the press; a bus without one is not on the map.

It holds the domain's own values, not copies of them; drawing decides how they look. An incident whose alarm is
still open is drawn as the alarm, once.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from console.domain.alarm import Alarm
from console.domain.incident import Incident
from console.domain.site import Site
from console.domain.unit import TRAIL, VEHICLE, Position, Unit, UnitStatus, vehicle_key
from console.geo.projection import LocalPlane
from console.services.picture import Changes, Picture
from widgets.map.crowd import Crowd
from widgets.map.motion import Motion

T = TypeVar("T")

Step = tuple[datetime, float, float]
"""When a vehicle was where, in metres on the plane."""


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
        self._crowd: Crowd | None = None
        # By alarm: (when, metres) of the way around its press, in order of time.
        self.ways: dict[str, list[Step]] = {}
        self._wheels: dict[str, dict[str, Alarm]] = {}
        for kind in (Site, Unit, Incident, Alarm):
            for entity in picture.state.all(kind):
                self._put(entity)
        for position in picture.positions.values():
            self._move(position, now)

    def apply(self, changes: Changes, now: float) -> bool:
        """Take in what the picture changed; `now` is the steady clock. Whether the map may look different."""
        for entity in changes.removed:
            for table in (self.units, self.sites, self.incidents, self.alarms):
                table.pop(entity.key, None)
            self._crowd = None
            if isinstance(entity, Alarm):
                self._stop_following(entity)
        for entity in (*changes.added, *changes.updated):
            self._put(entity)
        # A thousand buses report, few of them have an alarm: the others repaint nothing.
        moved = [self._move(position, now) for position in changes.positions]
        return bool(changes.added or changes.updated or changes.removed or changes.facts) or any(moved)

    def _move(self, position: Position, now: float) -> bool:
        if not position.unit.startswith(VEHICLE):
            self.motion.move(position, now)
            return True
        for alarm in self._wheels.get(position.unit, {}).values():
            if abs(position.at - alarm.received_at) <= TRAIL:
                step = (position.at, *self._plane.to_metres(position.lat, position.lon))
                if step not in (way := self.ways.setdefault(alarm.id, [])):
                    insort(way, step)
            self._put(alarm)
        return bool(self._wheels.get(position.unit))

    def _stop_following(self, alarm: Alarm) -> None:
        self._wheels.get(vehicle_key(alarm.account), {}).pop(alarm.id, None)
        self.ways.pop(alarm.id, None)

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
            self._crowd = None
            for alarm in self._picture.alarms(entity.number):
                self._put(alarm)
        elif isinstance(entity, Alarm):
            if entity.open and entity.account:
                self._wheels.setdefault(vehicle_key(entity.account), {})[entity.id] = entity
            else:
                self._stop_following(entity)
            self._keep(self.alarms, entity.id, entity, self._place_of(entity) if entity.open else None)

    def _put_unit(self, unit: Unit) -> None:
        if unit.status is UnitStatus.OFF_DUTY:
            self.units.pop(unit.id, None)
        else:
            self.units[unit.id] = unit

    def _place_of(self, alarm: Alarm) -> tuple[float | None, float | None] | None:
        """A bus is where it was seen last; another alarm stands where its incident was placed, else at its site."""
        seen = self._picture.positions.get(vehicle_key(alarm.account))
        if seen is not None and seen.at >= alarm.received_at - TRAIL:
            return seen.lat, seen.lon
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

    @property
    def crowd(self) -> Crowd:
        """The places of all incidents that are drawn here."""
        if self._crowd is None:
            self._crowd = Crowd(self.incidents)
        return self._crowd

    def alarmed(self) -> set[str]:
        """Numbers of the incidents that are drawn as an alarm."""
        return {placed.what.incident for placed in self.alarms.values()}

    def waiting(self) -> list[tuple[float, float]]:
        """Where the alarms that nobody acknowledged yet stand, in metres."""
        return [(placed.x, placed.y) for placed in self.alarms.values() if placed.what.unacknowledged]

    def place(self, incident: str) -> tuple[float, float] | None:
        """Where an incident stands, in metres, a bus where it is now; None if it has no place or is over."""
        placed: Placed[Incident] | Placed[Alarm] | None = self.incidents.get(incident)
        for alarm in self.alarms.values() if placed is not None else ():
            if alarm.what.incident == incident:
                placed = alarm
        return (placed.x, placed.y) if placed is not None else None

    def site_name(self, alarm: Alarm) -> str:
        """What people call the place of an alarm; its account number if the site is unknown."""
        site = self._picture.site(alarm.site)
        return site.name if site is not None else alarm.account
