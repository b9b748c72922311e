"""How the demo's units move: along the street of their beat while they patrol, straight to the scene when sent.

Positions are WGS-84 degrees outside and metres on the city's plane inside. Not a router: the way to the scene
is a straight line at the unit's speed divided by the usual detour.
"""

import math
from dataclasses import dataclass

from console.domain.recommend import DETOUR
from console.geo.city import City, Point
from console.geo.projection import LocalPlane

PATROL_KMH = 18.0
ARRIVED_M = 25.0


@dataclass(slots=True)
class Walker:
    """One unit on the plane; `street` is the polyline it patrols up and down."""

    plane: LocalPlane
    at: Point
    street: tuple[Point, ...]
    _next: int = 0
    _step: int = 1

    def patrol(self, seconds: float) -> None:
        """Go on along the street."""
        self.go(self.street[self._next], PATROL_KMH / 3.6 * seconds)
        if math.dist(self.at, self.street[self._next]) < 1:
            if not 0 <= self._next + self._step < len(self.street):
                self._step = -self._step
            self._next = max(0, min(len(self.street) - 1, self._next + self._step))

    def drive(self, lat: float, lon: float, speed_kmh: float, seconds: float) -> bool:
        """Drive towards a scene; whether it has arrived."""
        scene = self.plane.to_metres(lat, lon)
        self.go(scene, speed_kmh / 3.6 / DETOUR * seconds)
        return math.dist(self.at, scene) <= ARRIVED_M

    def go(self, target: Point, metres: float) -> None:
        """Straight towards a point, at most so far."""
        distance = math.dist(self.at, target)
        share = 1.0 if distance <= metres else metres / distance
        self.at = (self.at[0] + (target[0] - self.at[0]) * share, self.at[1] + (target[1] - self.at[1]) * share)

    def place(self, lat: float, lon: float) -> None:
        """Stand somewhere at once (the scene is set)."""
        self.at = self.plane.to_metres(lat, lon)

    @property
    def degrees(self) -> tuple[float, float]:
        """(lat, lon) in WGS-84."""
        return self.plane.to_degrees(*self.at)


def nearest_street(city: City, at: Point) -> tuple[Point, ...]:
    """The street that comes closest to a point, begun at its corner nearest to it."""
    streets = [road.line for road in (*city.roads, *city.minor_roads) if len(road.line) > 1]
    return min(streets, key=lambda line: min(math.dist(at, corner) for corner in line))


def walker(city: City, lat: float, lon: float) -> Walker:
    """A unit that stands somewhere and patrols the nearest street, beginning at its nearest corner."""
    at = city.plane.to_metres(lat, lon)
    street = nearest_street(city, at)
    first = min(range(len(street)), key=lambda n: math.dist(at, street[n]))
    return Walker(city.plane, at, street, first)
