"""map: what a frame takes while the map is moved under 31 units and 500 incidents."""

import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from console.bench.crowd import fill_city
from console.bench.figure import Figure, p50
from console.bench.reception import bench_station
from console.geo.city import load_city
from console.seat import CITY, open_desktop
from widgets.advice import Advice
from widgets.map.canvas import MapCanvas
from widgets.map.measure import measure_frames
from widgets.selection import Selection
from widgets.tick import Tick

INCIDENTS = 500
FRAMES = 400
FRAME_MS = 16.0
SIZE = QSize(920, 600)
"""The pane's size in a window of 1920 × 1080."""


class Blit(QWidget):
    """Nothing but one picture of the widget's size."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(SIZE)
        self._pixmap = QPixmap(SIZE)
        self._pixmap.fill(0)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()


def measure(folder: Path) -> Iterator[Figure]:
    """Forced repaints of a shown canvas, from the move to the painted pixels."""
    desktop = open_desktop("night", "zh")
    station = bench_station(folder, [])
    try:
        fill_city(station, INCIDENTS)
        desk = station.desk
        canvas = MapCanvas(load_city(CITY), desk, desktop.theme, Selection(), Tick(station.clock), Advice(desk))
        canvas.resize(SIZE)
        canvas.show()
        desktop.app.processEvents()
        frames = measure_frames(desktop.app, canvas, desk, FRAMES)
        canvas.close()
    finally:
        station.close()
    yield Figure(
        name="map.frame",
        value=frames.median_ms,
        unit="ms",
        p50=frames.median_ms,
        p99=frames.p99_ms,
        n=FRAMES,
        at_most=FRAME_MS,
        baseline="blank picture of the same size",
        baseline_value=p50(_blits(desktop.app)),
        note=f"{frames.units} units, {frames.incidents} incidents, {SIZE.width()} × {SIZE.height()}",
    )


def _blits(app: QApplication) -> list[float]:
    widget = Blit()
    widget.show()
    took = []
    for _ in range(FRAMES):
        began = time.perf_counter()
        widget.repaint()
        took.append((time.perf_counter() - began) * 1000)
        app.processEvents()
    widget.close()
    return took
