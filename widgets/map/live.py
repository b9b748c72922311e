"""The live layer: rings, the way to send, symbols and labels, painted over the base map in every frame."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from console.domain.recommend import Candidate
from console.geo.city import City
from widgets.map.ink import faded, ink, mixed
from widgets.map.names import Name, all_street_names
from widgets.map.placing import Box, Placing, Spot, around, farther, nearest
from widgets.map.rings import MINUTES, USUAL_KMH, ring_radius_m, scale_bar
from widgets.map.scene import Scene
from widgets.map.sprites import HALO, Sprites
from widgets.map.symbols import UNITS, Frame, Kind, Layer, Symbol, symbols
from widgets.map.viewport import Viewport
from widgets.text import elapsed_text, word
from widgets.theme import Theme

MOST_LABELS = 150
"""The most urgent symbols get labels; where more crowd together nobody can read them, and labels are what costs."""


class LiveLayer:
    """Paints frames of one scene; `shown` are the last frame's symbols (for the mouse), `labels` their boxes."""

    def __init__(self, city: City, scene: Scene, theme: Theme) -> None:
        self._city, self._scene, self._theme = city, scene, theme
        self.sprites = Sprites(theme)
        self.shown: list[Symbol] = []
        self.labels: dict[str, Box] = {}
        self._names: tuple[float, float, list[Name]] = (0.0, 0.0, [])

    def paint(self, painter: QPainter, frame: Frame, best: Candidate | None, blocked: Sequence[Box]) -> None:
        """One frame; labels stay clear of the `blocked` boxes (buttons)."""
        placing = Placing(frame.view.width, frame.view.height)
        for box in blocked:
            placing.block(box)
        self.labels = {}
        target = self._scene.place(frame.chosen.incident)
        rings = self._ring_radii(frame, best) if target is not None and Layer.RINGS in frame.layers else {}
        self.shown = symbols(self._scene, self.sprites, frame, self._theme.scale)
        for symbol in self.shown:
            kind = symbol.kind
            if kind is Kind.UNIT:
                placing.block(_box_of(symbol), soft=symbol.rank == UNITS)
            elif kind is not Kind.SITE:
                placing.block(_box_of(symbol))
                placing.mark(_spot_of(symbol))
        labelled = [symbol for symbol in self.shown if symbol.label][:MOST_LABELS]
        placed = self._urgent_labels(painter, placing, [symbol for symbol in labelled if symbol.urgent])
        if target is not None:
            self._rings(painter, placing, frame.view.to_screen(*target), rings)
            self._way(painter, frame, placing, target, best)
        self._ways(painter, frame.view)
        placed += self._placed_labels(placing, [symbol for symbol in labelled if not symbol.urgent])
        self._street_names(painter, frame.view, placing)
        if Layer.BEATS in frame.layers:
            self._beat_names(painter, frame.view, placing)
        for symbol in reversed(self.shown):
            _centre(painter, symbol.sprite, symbol.px, symbol.py)
        for pixmap, box in reversed(placed):
            painter.drawPixmap(QPointF(round(box[0] - HALO), round(box[1] - HALO)), pixmap)

    def _ways(self, painter: QPainter, view: Viewport) -> None:
        """The way a bus took from 30 s before its press to 30 s after it."""
        painter.setPen(QPen(self._theme.color("p1"), 2 * self._theme.scale, Qt.PenStyle.DotLine))
        for way in self._scene.ways.values():
            painter.drawPolyline([QPointF(*view.to_screen(x, y)) for _, x, y in way])

    # -- labels ----------------------------------------------------------------------------------------------

    def _urgent_labels(self, painter: QPainter, placing: Placing, urgent: list[Symbol]) -> list[tuple[QPixmap, Box]]:
        """Labels that must be read: where it is crowded they stand further out, tied to their symbol by a line, and
        in the end over the symbol of a unit that is not asked for.
        """
        placed = []
        for symbol in urgent:
            size = self.sprites.label_size(symbol.label, symbol.role)
            where = (symbol.px, symbol.py, symbol.reach, size.width(), size.height())
            near = around(*where)
            choices, own = [*near, *farther(*where)], _spot_of(symbol)
            box = placing.place(choices, own) or placing.place(choices, own, over_soft=True)
            if box is None:
                continue
            if box not in near:
                painter.setPen(QPen(self._theme.color("muted"), 1))
                painter.drawLine(QPointF(symbol.px, symbol.py), QPointF(*nearest(box, symbol.px, symbol.py)))
            placed.append(self._label(symbol, box))
        return placed

    def _placed_labels(self, placing: Placing, others: list[Symbol]) -> list[tuple[QPixmap, Box]]:
        placed = []
        for symbol in others:
            size = self.sprites.label_size(symbol.label, symbol.role)
            near = around(symbol.px, symbol.py, symbol.reach, size.width(), size.height())
            box = placing.place(near, _spot_of(symbol))
            if box is not None:
                placed.append(self._label(symbol, box))
        return placed

    def _label(self, symbol: Symbol, box: Box) -> tuple[QPixmap, Box]:
        self.labels[symbol.key] = box
        return self.sprites.label(symbol.label, symbol.role, self._label_ink(symbol)), box

    def _label_ink(self, symbol: Symbol) -> QColor:
        if symbol.ink == "alarm":
            return mixed(self._theme.color("text"), self._theme.color("p1"), 0.35)
        return self._theme.color(symbol.ink)

    def _text(
        self,
        painter: QPainter,
        placing: Placing,
        key: str,
        text: str,
        color: QColor,
        spots: Sequence[tuple[float, float]],
    ) -> None:
        """A small text centred at the first of the points that is free."""
        size = self.sprites.label_size(text, "small")
        half_w, half_h = size.width() / 2, size.height() / 2
        box = placing.place((x - half_w, y - half_h, x + half_w, y + half_h) for x, y in spots)
        if box is not None:
            self.labels[key] = box
            _centre(painter, self.sprites.label(text, "small", color), box[0] + half_w, box[1] + half_h)

    def _beat_names(self, painter: QPainter, view: Viewport, placing: Placing) -> None:
        color = mixed(ink(self._theme, "name"), self._theme.color("accent"), 0.25)
        for beat in self._city.beats:
            text = QCoreApplication.translate("Map", "警区 {beat}").format(beat=beat.id)
            self._text(painter, placing, f"beat {beat.id}", text, color, [view.to_screen(*beat.label)])

    def _street_names(self, painter: QPainter, view: Viewport, placing: Placing) -> None:
        character = self._theme.metrics("small").horizontalAdvance("路")
        if self._names[:2] != (view.scale, character):
            self._names = (view.scale, character, all_street_names(self._city, view.scale, character))
        color = ink(self._theme, "name")
        for n, name in enumerate(self._names[2]):
            if view.shows(name.x, name.y):
                self._street_name(painter, placing, f"street {n}", name, color, view.to_screen(name.x, name.y))
        for area in (self._city.river, *self._city.water):
            self._text(painter, placing, area.name, area.name, color, [view.to_screen(*area.label)])

    def _street_name(
        self, painter: QPainter, placing: Placing, key: str, name: Name, color: QColor, at: tuple[float, float]
    ) -> None:
        text = "\n".join(name.text) if name.steep else name.text
        size = self.sprites.label_size(name.text[0] if name.steep else name.text, "small")
        count = len(name.text) if name.steep else 1
        slope = 0.0 if name.steep else abs(name.angle) / 57.3
        half_w = size.width() / 2
        half_h = size.height() * count / 2 + half_w * slope
        box = placing.place([(at[0] - half_w, at[1] - half_h, at[0] + half_w, at[1] + half_h)])
        if box is None:
            return
        self.labels[key] = box
        painter.save()
        painter.translate(*at)
        if name.steep:
            for n, character in enumerate(text.split("\n")):
                lower = (n - (count - 1) / 2) * size.height()
                _centre(painter, self.sprites.label(character, "small", color), 0, lower)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.rotate(name.angle)
            _centre(painter, self.sprites.label(name.text, "small", color), 0, 0)
        painter.restore()

    # -- the selected incident -------------------------------------------------------------------------------

    def _ring_radii(self, frame: Frame, best: Candidate | None) -> dict[int, float]:
        """Minutes -> pixels, at the recommended unit's speed."""
        speed = best.unit.speed_kmh if best is not None else USUAL_KMH
        return {minutes: ring_radius_m(minutes, speed) / frame.view.scale for minutes in MINUTES}

    def _rings(self, painter: QPainter, placing: Placing, middle: tuple[float, float], radii: dict[int, float]) -> None:
        (x, y), accent = middle, self._theme.color("accent")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for n, (minutes, radius) in enumerate(radii.items()):
            pen = QPen(faded(accent, (0.95, 0.7, 0.5)[n]), 1.3)
            if n:
                pen.setDashPattern([4, 4] if n == 1 else [1.5, 4])
            painter.setPen(pen)
            painter.setBrush(faded(accent, 0.09) if n == 0 else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), radius, radius)
            text = QCoreApplication.translate("Map", "{minutes} 分钟").format(minutes=minutes)
            away = radius + self._theme.px(10)
            spots = [(x, y - away), (x, y + away), (x - away, y), (x + away, y)]
            self._text(painter, placing, f"ring {minutes}", text, accent, spots)
        painter.restore()

    def _way(
        self, painter: QPainter, frame: Frame, placing: Placing, target: tuple[float, float], best: Candidate | None
    ) -> None:
        """The straight line from the recommended unit, with its time: dashed, for no street runs so."""
        start = self._scene.motion.where(best.unit.id, frame.steady) if best is not None else None
        if best is None or start is None or best.way is None:
            return
        (x0, y0), (x1, y1) = frame.view.to_screen(*start), frame.view.to_screen(*target)
        color = self._theme.color("available")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color, 2.4)
        pen.setDashPattern([4, 2.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
        painter.restore()
        text = f"{best.unit.id} · {elapsed_text(best.way.time_s)}"
        spots = [(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share) for share in (0.5, 0.4, 0.6, 0.3, 0.7)]
        self._text(painter, placing, "way", text, color, spots)

    # -- the frame around it ---------------------------------------------------------------------------------

    def scale_and_origin(self, painter: QPainter, view: Viewport) -> list[Box]:
        """The scale bar and whose data it is; answers the boxes they take."""
        theme, px = self._theme, self._theme.px
        metres, pixels = scale_bar(view.scale)
        text = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
        right, bottom = view.width - px(14), view.height - px(14)
        painter.setPen(QPen(theme.color("muted"), 1.4))
        left = right - pixels
        painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
        painter.drawLine(QPointF(left, bottom - px(6)), QPointF(left, bottom))
        painter.drawLine(QPointF(right, bottom - px(6)), QPointF(right, bottom))
        painter.setFont(theme.font("small"))
        above = QRectF(left - px(20), bottom - px(24), pixels + px(40), px(18))
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)
        width = theme.metrics("small").horizontalAdvance(word(self._city.origin))
        origin = QRectF(px(12), view.height - px(26), width + px(4), px(20))
        painter.drawText(origin, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word(self._city.origin))
        return [
            (left - px(20), bottom - px(24), right + px(14), bottom + px(4)),
            (origin.left(), origin.top(), origin.right(), origin.bottom()),
        ]


def _box_of(symbol: Symbol) -> Box:
    reach = symbol.reach
    return symbol.px - reach, symbol.py - reach, symbol.px + reach, symbol.py + reach


def _spot_of(symbol: Symbol) -> Spot:
    return symbol.px, symbol.py, symbol.reach


def _centre(painter: QPainter, pixmap: QPixmap, px: float, py: float) -> None:
    size = pixmap.deviceIndependentSize()
    painter.drawPixmap(QPointF(px - size.width() / 2, py - size.height() / 2), pixmap)
