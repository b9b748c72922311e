"""Where the names of streets and beats may stand: points along a street with the way it runs there.

Made once per scale; the frame only asks which of them are free. A steep street's name stands upright, one
character below the other, as on printed Chinese maps.
"""

import math
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate, pairwise

from console.geo.city import City, Line, Road

EVERY_PX = 430.0
"""One name per so many pixels of street."""

STEEP_DEG = 50.0


@dataclass(frozen=True, slots=True)
class Name:
    """A text to write at (x, y) metres. `angle` is degrees clockwise on the screen, -90 < angle <= 90."""

    text: str
    x: float
    y: float
    angle: float = 0.0

    @property
    def steep(self) -> bool:
        return abs(self.angle) > STEEP_DEG


def along(line: Line, share: float) -> tuple[float, float]:
    """The point after `share` (0–1) of a line's length."""
    reached = [0.0, *accumulate(math.dist(a, b) for a, b in pairwise(line))]
    wanted = reached[-1] * min(max(share, 0.0), 1.0)
    n = min(max(bisect(reached, wanted), 1), len(line) - 1)
    (x0, y0), (x1, y1) = line[n - 1], line[n]
    step = reached[n] - reached[n - 1]
    part = (wanted - reached[n - 1]) / step if step else 0.0
    return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part


def street_names(road: Road, scale: float, width_px: float) -> list[Name]:
    """Names along one street at `scale` metres per pixel; none where the street is shorter than its name."""
    length_px = sum(math.dist(a, b) for a, b in pairwise(road.line)) / scale
    if length_px < width_px * 1.4:
        return []
    times = max(round(length_px / EVERY_PX), 1)
    half = width_px / 2 / length_px
    found = []
    for n in range(times):
        middle = (n + 0.5) / times
        (x0, y0), (x1, y1) = along(road.line, middle - half), along(road.line, middle + half)
        angle = math.degrees(math.atan2(-(y1 - y0), x1 - x0))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        found.append(Name(road.name, (x0 + x1) / 2, (y0 + y1) / 2, angle))
    return found


def all_street_names(city: City, scale: float, character_px: float) -> list[Name]:
    """Names of all main streets and ring roads, the long streets first."""
    named = [street_names(road, scale, len(road.name) * character_px) for road in city.roads]
    return [name for names in sorted(named, key=len, reverse=True) for name in names]
