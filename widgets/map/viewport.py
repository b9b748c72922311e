"""The viewport: which piece of the plane the map shows, as one frozen value.

Metres in, logical pixels out; y turns round here and nowhere else. Panning, zooming and coming to something answer a
new viewport, so what a gesture does can be tested without a window.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

FINEST, COARSEST = 0.4, 60.0
"""Metres per logical pixel: a house front, and the whole district."""

FILLING = 0.88
"""Share of the town's shorter way that must be seen at least when the whole is shown."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """(`x`, `y`) metres stand in the middle of `width` × `height` logical pixels; `scale` is metres per pixel."""

    x: float
    y: float
    scale: float
    width: int
    height: int

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x) / self.scale + self.width / 2, (self.y - y) / self.scale + self.height / 2

    def to_metres(self, px: float, py: float) -> tuple[float, float]:
        return self.x + (px - self.width / 2) * self.scale, self.y - (py - self.height / 2) * self.scale

    def shows(self, x: float, y: float, margin: float = 0) -> bool:
        """Whether a point in metres is inside, at least `margin` pixels from the edge (negative: outside it)."""
        px, py = self.to_screen(x, y)
        return margin <= px <= self.width - margin and margin <= py <= self.height - margin

    def seen(self, x: float, y: float, reach: float) -> tuple[float, float] | None:
        """A point in metres on the screen; None if it is further than `reach` pixels outside."""
        px = (x - self.x) / self.scale + self.width / 2
        py = (self.y - y) / self.scale + self.height / 2
        inside = -reach <= px <= self.width + reach and -reach <= py <= self.height + reach
        return (px, py) if inside else None

    def panned(self, dx: float, dy: float) -> "Viewport":
        """The ground moved by so many pixels, as a hand drags it."""
        return replace(self, x=self.x - dx * self.scale, y=self.y + dy * self.scale)

    def zoomed(self, factor: float, px: float, py: float) -> "Viewport":
        """`factor` times larger; what is under (`px`, `py`) stays there."""
        scale = min(max(self.scale / factor, FINEST), COARSEST)
        x, y = self.to_metres(px, py)
        moved = replace(self, scale=scale)
        there_x, there_y = moved.to_metres(px, py)
        return replace(moved, x=self.x + x - there_x, y=self.y + y - there_y)

    def resized(self, width: int, height: int) -> "Viewport":
        """Another size, the same middle."""
        return replace(self, width=max(width, 1), height=max(height, 1))

    def centred(self, x: float, y: float) -> "Viewport":
        return replace(self, x=x, y=y)

    def showing(self, points: Sequence[tuple[float, float]], margin: float) -> "Viewport":
        """All points at least `margin` pixels inside, by the least move; a coarser scale only where it must be."""
        if not points:
            return self
        (west, east), (south, north) = ((min(values), max(values)) for values in zip(*points, strict=True))
        margin = min(margin, self.width / 4, self.height / 4)
        wide, high = self.width - 2 * margin, self.height - 2 * margin
        scale = min(max(self.scale, (east - west) / wide, (north - south) / high), COARSEST)
        half_w, half_h = wide * scale / 2, high * scale / 2
        x = min(max(self.x, east - half_w), west + half_w)
        y = min(max(self.y, north - half_h), south + half_h)
        return replace(self, x=x, y=y, scale=scale)

    def kept_near(self, bounds: tuple[float, float, float, float]) -> "Viewport":
        """The middle stays over the map, so that nobody drags the town out of sight."""
        west, south, east, north = bounds
        return replace(self, x=min(max(self.x, west), east), y=min(max(self.y, south), north))


def fitted(bounds: tuple[float, float, float, float], width: int, height: int) -> Viewport:
    """The whole of `bounds` (west, south, east, north in metres), as large as it goes, filling the pane's longer way.

    Between showing all and filling all: the pane is filled, and at most an eighth of the town is cut at the sides.
    """
    west, south, east, north = bounds
    width, height = max(width, 1), max(height, 1)
    across, along = (east - west) / width, (north - south) / height
    scale = max(min(across, along), max(across, along) * FILLING)
    return Viewport((west + east) / 2, (south + north) / 2, min(max(scale, FINEST), COARSEST), width, height)
