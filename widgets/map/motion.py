"""Motion: where a unit's symbol stands between two fixes, and how old its last fix is.

A fix comes about once a second; the symbol slides to it instead of jumping. A jump too far to have been
driven is shown at once: sliding there would draw a way nobody took.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from console.domain.unit import Position
from console.geo.projection import LocalPlane

SLIDE_S = 1.0
"""How long a symbol slides to a new fix."""

JUMP_M = 400.0
"""Further than this between two fixes is no drive."""

STALE_S, LOST_S = 60.0, 120.0
"""Age of a fix after which it is shown stale, and lost (domain.md E6)."""


class Freshness(Enum):
    """How far a fix may be trusted."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"


def freshness(age_s: float | None) -> Freshness:
    """By the age of the fix in seconds; None = never seen."""
    if age_s is None or age_s > LOST_S:
        return Freshness.LOST
    return Freshness.STALE if age_s > STALE_S else Freshness.FRESH


@dataclass(frozen=True, slots=True)
class Slide:
    """From one point to another (metres), begun at `start` (seconds of a steady clock)."""

    x0: float
    y0: float
    x: float
    y: float
    start: float
    fix_at: datetime

    def at(self, now: float) -> tuple[float, float]:
        share = min(max((now - self.start) / SLIDE_S, 0.0), 1.0)
        return self.x0 + (self.x - self.x0) * share, self.y0 + (self.y - self.y0) * share

    def moving(self, now: float) -> bool:
        return now - self.start < SLIDE_S and (self.x0, self.y0) != (self.x, self.y)


class Motion:
    """The slide of every unit that was ever seen. `now` is always a steady clock in seconds."""

    def __init__(self, plane: LocalPlane) -> None:
        self._plane = plane
        self._slides: dict[str, Slide] = {}

    def move(self, position: Position, now: float) -> None:
        """A unit was seen; its symbol sets off from where it is drawn now."""
        x, y = self._plane.to_metres(position.lat, position.lon)
        old = self._slides.get(position.unit)
        x0, y0 = old.at(now) if old is not None else (x, y)
        if abs(x - x0) + abs(y - y0) > JUMP_M:
            x0, y0 = x, y
        self._slides[position.unit] = Slide(x0, y0, x, y, now, position.at)

    def where(self, unit: str, now: float) -> tuple[float, float] | None:
        """Metres on the plane; None if the unit was never seen."""
        slide = self._slides.get(unit)
        return slide.at(now) if slide is not None else None

    def age_s(self, unit: str, clock: datetime) -> float | None:
        """Seconds since the fix, by the desk's clock; None if the unit was never seen."""
        slide = self._slides.get(unit)
        return max((clock - slide.fix_at).total_seconds(), 0.0) if slide is not None else None

    def anything_moves(self, now: float) -> bool:
        return any(slide.moving(now) for slide in self._slides.values())
