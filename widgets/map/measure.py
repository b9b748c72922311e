"""How long a frame of the map takes: 500 incidents and 31 moving units, panned and zoomed, for the bench.

Each frame is a forced repaint of a shown canvas, from the event to the painted pixels, as in the measurements
the map's design rests on (budget: 16 ms median).
"""

import statistics
import time
from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtWidgets import QApplication

from console.domain.unit import Position
from console.services.desk import Desk
from widgets.map.canvas import MapCanvas

FRAMES = 120


@dataclass(frozen=True, slots=True)
class FrameTimes:
    """Milliseconds per frame, and what was on the map."""

    median_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    units: int
    incidents: int


def measure_frames(app: QApplication, canvas: MapCanvas, desk: Desk, frames: int = FRAMES) -> FrameTimes:
    """Pan, wheel and move the units of a shown canvas; its picture is the desk's own.

    Every tenth frame is a wheel step, at which the base map is painted anew once the wheel rests; in each
    frame the units move.
    """
    took: list[float] = []
    for n in range(frames):
        _move_units(desk, n)
        started = time.perf_counter()
        if n % 10 == 9:
            canvas.zoom(1.25 if n % 20 == 9 else 0.8)
        else:
            canvas.pan(12 if n % 40 < 20 else -12, 5)
        canvas.repaint()
        took.append((time.perf_counter() - started) * 1000)
        app.processEvents()
    took.sort()
    return FrameTimes(
        median_ms=statistics.median(took),
        p95_ms=took[int(len(took) * 0.95)],
        p99_ms=took[int(len(took) * 0.99)],
        worst_ms=took[-1],
        units=len(canvas.scene.units),
        incidents=len(canvas.scene.incidents),
    )


def _move_units(desk: Desk, n: int) -> None:
    positions = desk.picture.positions.values()
    step = 0.00002 if n % 2 else -0.00002
    at = desk.clock() + timedelta(milliseconds=n)
    desk.picture.move([Position(unit=p.unit, lat=p.lat + step, lon=p.lon, at=at) for p in positions])
