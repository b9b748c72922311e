"""Sprites: every symbol and label of the map, painted once and copied from then on.

A copied pixmap costs a tenth of a painted symbol, and a label with its halo a fiftieth. The caches are emptied
when the theme or the device ratio changes.
"""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from widgets.map.ink import faded, ink
from widgets.map.motion import Freshness
from widgets.paint import paint_priority, priority_color, priority_path
from widgets.theme import Theme

HALO = 3.0
UNIT, INCIDENT, ALARM, SITE = 15, 21, 24, 9
"""Sides of the symbols in pixels at scale 1."""

MOST = 1500
"""Labels kept; past that the cache starts anew (ages in seconds make new texts)."""


class Sprites:
    """Pixmaps by what they show. `ratio` is the pane's device pixel ratio."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._ratio = 1.0
        self._made: dict[tuple[object, ...], QPixmap] = {}
        self._sizes: dict[tuple[str, str], QSize] = {}

    def use_ratio(self, ratio: float) -> None:
        if ratio != self._ratio:
            self._ratio = ratio
            self.forget()

    def forget(self) -> None:
        self._made.clear()
        self._sizes.clear()

    def _get(self, key: tuple[object, ...], size: QSize, paint: Callable[[QPainter, QRectF], None]) -> QPixmap:
        found = self._made.get(key)
        if found is not None:
            return found
        if len(self._made) > MOST:
            self.forget()
        pixmap = QPixmap(size * self._ratio)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, QRectF(0, 0, size.width(), size.height()))
        painter.end()
        self._made[key] = pixmap
        return pixmap

    def unit(self, token: str, fresh: Freshness, *, chosen: bool, best: bool) -> QPixmap:
        """A square in the status colour; hollow when stale; grey and crossed when lost."""
        side = self._theme.px(UNIT)
        room = side + self._theme.px(12)

        def paint(painter: QPainter, box: QRectF) -> None:
            theme = self._theme
            square = QRectF(0, 0, side, side)
            square.moveCenter(box.center())
            color = theme.color("lost" if fresh is Freshness.LOST else token)
            if chosen or best:
                edge = theme.color("accent" if chosen else "available")
                painter.setPen(QPen(edge, 2))
                painter.setBrush(faded(edge, 0.22))
                painter.drawRoundedRect(square.adjusted(-4, -4, 4, 4), 6, 6)
            painter.setPen(QPen(theme.color("bg"), 3))
            painter.setBrush(theme.color("bg"))
            painter.drawRoundedRect(square, 3, 3)
            hollow = fresh is Freshness.STALE
            painter.setPen(QPen(color, 2.4) if hollow else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if hollow else color)
            inner = square.adjusted(1.2, 1.2, -1.2, -1.2) if hollow else square
            painter.drawRoundedRect(inner, 3, 3)
            if fresh is Freshness.LOST:
                painter.setPen(QPen(theme.color("bg"), 2))
                painter.drawLine(square.topLeft() + QPointF(4, 4), square.bottomRight() - QPointF(4, 4))
                painter.drawLine(square.topRight() + QPointF(-4, 4), square.bottomLeft() - QPointF(-4, 4))

        return self._get(("unit", token, fresh, chosen, best), QSize(room, room), paint)

    def incident(self, priority: int, *, chosen: bool) -> QPixmap:
        """The priority's shape with its numeral; ringed when selected."""
        side = self._theme.px(INCIDENT)
        room = side + self._theme.px(16)

        def paint(painter: QPainter, box: QRectF) -> None:
            shape = QRectF(0, 0, side, side)
            shape.moveCenter(box.center())
            if chosen:
                color = priority_color(self._theme, priority)
                painter.setPen(QPen(self._theme.color("text"), 2))
                painter.setBrush(faded(color, 0.25))
                painter.drawEllipse(shape.adjusted(-6, -6, 6, 6))
            edge = QPen(self._theme.color("bg"), 4)
            edge.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(priority_path(shape, priority), edge)
            paint_priority(painter, self._theme, shape, priority)

        return self._get(("incident", priority, chosen), QSize(room, room), paint)

    def alarm(self, *, waiting: bool, bright: bool, chosen: bool) -> QPixmap:
        """A filled triangle with an exclamation mark in a ring; the ring swells while it waits for F1."""
        side = self._theme.px(ALARM)
        room = side + self._theme.px(36)

        def paint(painter: QPainter, box: QRectF) -> None:
            theme, color = self._theme, self._theme.color("p1")
            lit = waiting and bright
            ring = theme.px(21 if lit else 17)
            painter.setPen(QPen(color if waiting else faded(color, 0.75), 2.6 if lit else 1.6))
            painter.setBrush(faded(color, 0.30 if lit else 0.12))
            painter.drawEllipse(box.center(), ring, ring)
            if chosen:
                painter.setPen(QPen(theme.color("text"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(box.center(), ring + 4, ring + 4)
            shape = QRectF(0, 0, side * 0.92, side * 0.82)
            shape.moveCenter(box.center() - QPointF(0, side * 0.06))
            path = QPainterPath()
            path.moveTo(shape.center().x(), shape.top())
            path.lineTo(shape.bottomRight())
            path.lineTo(shape.bottomLeft())
            path.closeSubpath()
            edge = QPen(theme.color("alarm_text"), 1.6)
            edge.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(edge)
            painter.setBrush(theme.color("danger" if not waiting else "alarm_line"))
            painter.drawPath(path)
            painter.setPen(QPen(theme.color("alarm_text"), 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            middle, top, tall = shape.center().x(), shape.top(), shape.height()
            painter.drawLine(QPointF(middle, top + tall * 0.40), QPointF(middle, top + tall * 0.64))
            painter.drawPoint(QPointF(middle, top + tall * 0.83))

        return self._get(("alarm", waiting, bright, chosen), QSize(room, room), paint)

    def site(self) -> QPixmap:
        """A one-key point at rest: a small triangle in outline."""
        side = self._theme.px(SITE)

        def paint(painter: QPainter, box: QRectF) -> None:
            pen = QPen(ink(self._theme, "site"), 1.2)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(self._theme.color("bg"))
            painter.drawPath(priority_path(box.adjusted(1.5, 1.5, -1.5, -1.5), 1))

        return self._get(("site",), QSize(side, side), paint)

    def _font(self, role: str) -> QFont:
        """The theme's roles, and `symbol`: small and bold, for call signs and numbers."""
        if role != "symbol":
            return self._theme.font(role)
        font = QFont(self._theme.font("small"))
        font.setBold(True)
        return font

    def label_size(self, text: str, role: str) -> QSize:
        """Logical pixels of a label without its halo."""
        found = self._sizes.get((text, role))
        if found is None:
            found = self._sizes[text, role] = self._measured(text, role)
        return found

    def _measured(self, text: str, role: str) -> QSize:
        metrics = QFontMetrics(self._font(role))
        return QSize(metrics.horizontalAdvance(text), metrics.height() - self._theme.px(2))

    def label(self, text: str, role: str, color: QColor) -> QPixmap:
        """A text with a halo of the ground's colour; `HALO` pixels wider than `label_size` at each side."""
        size = self.label_size(text, role)
        room = QSize(size.width() + int(2 * HALO), size.height() + int(2 * HALO))

        def paint(painter: QPainter, box: QRectF) -> None:
            font = self._font(role)
            metrics = QFontMetrics(font)
            path = QPainterPath()
            base = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
            path.addText(QPointF(HALO, base), font, text)
            halo = QPen(faded(self._theme.color("bg"), 0.88), HALO)
            halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(path, halo)
            painter.setFont(font)
            painter.setPen(color)
            painter.drawText(QPointF(HALO, base), text)

        return self._get(("label", text, role, color.rgba()), room, paint)
