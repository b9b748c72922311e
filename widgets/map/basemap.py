"""The base map: ground, water, parks, streets and beats, painted once per scale and then only copied.

It is painted into a pixmap larger than the pane, so that dragging copies instead of painting; while a wheel
turns the old pixmap is stretched and the true one follows when the hand rests. Streets are drawn by `drawLines`
with flat or square caps: round caps and joined paths were measured up to fifty times slower.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from console.geo.city import City, Line, Road
from widgets.map.ink import ink
from widgets.map.viewport import Viewport
from widgets.theme import Theme

MARGIN = 0.3
"""How much wider than the pane the pixmap is, at each side."""

WIDTHS_M = {"ring": 30.0, "main": 26.0, "bridge": 26.0, "minor": 9.0}
WIDTHS_PX = {"ring": (4.0, 22.0), "main": (4.0, 18.0), "bridge": (4.0, 18.0), "minor": (1.0, 9.0)}
"""A street's drawn width: its own in metres, but never thinner or wider than so many pixels."""


def _polygon(line: Line) -> QPolygonF:
    return QPolygonF([QPointF(x, -y) for x, y in line])


def _lines(roads: Iterable[Road]) -> list[QLineF]:
    return [
        QLineF(x0, -y0, x1, -y1) for road in roads for (x0, y0), (x1, y1) in zip(road.line, road.line[1:], strict=False)
    ]


def borders(polygons: Sequence[Line]) -> list[Line]:
    """The outlines of polygons that share edges, each edge once, as runs: dashes drawn twice would fill up."""
    drawn: set[frozenset[tuple[float, float]]] = set()
    runs: list[Line] = []
    for polygon in polygons:
        run: list[tuple[float, float]] = []
        for a, b in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
            edge = frozenset((a, b))
            if edge in drawn:
                runs += [tuple(run)] if run else []
                run = []
            else:
                drawn.add(edge)
                run = [*(run or [a]), b]
        runs += [tuple(run)] if run else []
    return runs


class BaseMap:
    """The city's unmoving layer. `beats` says whether their outlines are drawn."""

    def __init__(self, city: City, theme: Theme) -> None:
        self._theme = theme
        self._pixmap = QPixmap()
        self._view: Viewport | None = None
        self._ratio = 0.0
        self.beats = True
        self._areas = [
            ("urban", _polygon(city.urban.polygon)),
            *(("park", _polygon(park.polygon)) for park in city.parks),
            ("water", _polygon(city.river.polygon)),
            *(("water", _polygon(water.polygon)) for water in city.water),
        ]
        self._urban = _polygon((*city.urban.polygon, city.urban.polygon[0]))
        self._beats = [_polygon(run) for run in borders([beat.polygon for beat in city.beats])]
        self._streets = {
            "minor": _lines(city.minor_roads),
            "main": _lines(road for road in city.roads if road.grade == "main"),
            "ring": _lines(road for road in city.roads if road.grade == "ring"),
            "bridge": _lines(city.bridges),
        }

    def forget(self) -> None:
        """Paint anew at the next frame (theme or layers changed)."""
        self._view = None

    def draw(self, painter: QPainter, view: Viewport, ratio: float, *, moving: bool) -> None:
        """Copy the map into the pane; while `moving` a pixmap of another scale is good enough."""
        if not self._serves(view, ratio, moving):
            self._paint(view, ratio)
        cached = self._view
        assert cached is not None
        grown = cached.scale / view.scale
        left, top = view.to_screen(*cached.to_metres(0, 0))
        if grown == 1.0:
            painter.drawPixmap(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), self._pixmap)
            return
        painter.drawPixmap(
            QRectF(left, top, cached.width * grown, cached.height * grown),
            self._pixmap,
            QRectF(self._pixmap.rect()),
        )

    def _serves(self, view: Viewport, ratio: float, moving: bool) -> bool:
        cached = self._view
        if cached is None or ratio != self._ratio or (cached.scale != view.scale and not moving):
            return False
        if not 0.5 <= cached.scale / view.scale <= 2.0:
            return False
        corners = (view.to_metres(0, 0), view.to_metres(view.width, view.height))
        return all(cached.shows(x, y, -1) for x, y in corners)

    def _paint(self, view: Viewport, ratio: float) -> None:
        wide = view.resized(int(view.width * (1 + 2 * MARGIN)), int(view.height * (1 + 2 * MARGIN)))
        size = QSize(wide.width, wide.height) * ratio
        self._ratio = ratio
        if self._pixmap.size() != size:
            self._pixmap = QPixmap(size)
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(ink(self._theme, "ground"))
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(wide.width / 2, wide.height / 2)
        painter.scale(1 / wide.scale, 1 / wide.scale)
        painter.translate(-wide.x, wide.y)
        self._paint_areas(painter)
        for grade in ("minor", "main", "ring", "bridge"):
            self._paint_streets(painter, grade, wide.scale)
        if self.beats:
            self._paint_beats(painter)
        painter.end()
        self._view = wide

    def _paint_areas(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for name, polygon in self._areas:
            painter.setBrush(ink(self._theme, name))
            painter.drawPolygon(polygon)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._pen(ink(self._theme, "urban_edge"), 1.5, Qt.PenCapStyle.FlatCap))
        painter.drawPolyline(self._urban)

    def _paint_streets(self, painter: QPainter, grade: str, scale: float) -> None:
        least, most = WIDTHS_PX[grade]
        width = min(max(WIDTHS_M[grade] / scale, least), most)
        cap = Qt.PenCapStyle.SquareCap if width > 3 else Qt.PenCapStyle.FlatCap
        name = {"minor": "minor", "ring": "ring_road"}.get(grade, "main")
        if grade != "minor":
            painter.setPen(self._pen(ink(self._theme, "casing"), width + 3, cap))
            painter.drawLines(self._streets[grade])
        painter.setPen(self._pen(ink(self._theme, name), width, cap))
        painter.drawLines(self._streets[grade])

    def _paint_beats(self, painter: QPainter) -> None:
        pen = self._pen(ink(self._theme, "beat"), 1.2, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        for run in self._beats:
            painter.drawPolyline(run)

    def _pen(self, color: QColor, width: float, cap: Qt.PenCapStyle) -> QPen:
        """A pen as wide at any scale; a cosmetic pen counts in device pixels."""
        pen = QPen(color, width * self._ratio, Qt.PenStyle.SolidLine, cap)
        pen.setCosmetic(True)
        return pen
