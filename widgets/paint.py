"""Marks that mean something: priority shapes, status pills, lamps, key caps. Each is shape + text + colour.

Nothing is told by colour alone (LOOK.md): a priority has its own shape and numeral, a lamp its own glyph.
Painters take logical coordinates and leave the painter as they found it.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from console.domain.unit import PATROL, UnitStatus
from console.services.health import Lamp
from widgets.theme import Theme

U = UnitStatus

SHAPES = {1: "▲", 2: "◆", 3: "●", 4: "■"}
"""Priority -> glyph, for text (tool tips, command echo, paper)."""

LAMP_COLORS = {Lamp.GOOD: "good", Lamp.WARN: "warn", Lamp.BAD: "bad", Lamp.OFF: "muted"}

STATUS_COLORS = {
    **dict.fromkeys((*PATROL, U.CLEAR), "available"),
    **dict.fromkeys((U.ASSIGNED, U.SIGNED, U.EN_ROUTE), "en_route"),
    **dict.fromkeys((U.ON_SCENE, U.HANDLING), "on_scene"),
    **dict.fromkeys((U.TRANSPORTING, U.STANDBY, U.JOINT_TASK), "busy"),
    **dict.fromkeys((U.OFF_DUTY, U.OUT_OF_SERVICE, U.LOST), "lost"),
    U.NEEDS_HELP: "p1",
}
"""Unit status -> token (domain.md E6)."""


def priority_color(theme: Theme, priority: int) -> QColor:
    return theme.color(f"p{min(max(priority, 1), 4)}")


def priority_path(rect: QRectF, priority: int) -> QPainterPath:
    """The shape of a priority in the largest square in the middle of `rect`."""
    side = min(rect.width(), rect.height())
    box = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
    path = QPainterPath()
    if priority == 1:
        path.addPolygon(QPolygonF([QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()]))
    elif priority == 2:
        middle = box.center()
        path.addPolygon(
            QPolygonF(
                [
                    QPointF(middle.x(), box.top()),
                    QPointF(box.right(), middle.y()),
                    QPointF(middle.x(), box.bottom()),
                    QPointF(box.left(), middle.y()),
                ]
            )
        )
    elif priority == 3:
        path.addEllipse(box)
    else:
        path.addRect(box.adjusted(side * 0.06, side * 0.06, -side * 0.06, -side * 0.06))
    path.closeSubpath()
    return path


def paint_priority(painter: QPainter, theme: Theme, rect: QRectF, priority: int, *, numeral: bool = True) -> None:
    """The shape in its colour, with its numeral inside when there is room for it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(priority_color(theme, priority))
    painter.drawPath(priority_path(rect, priority))
    if numeral:
        share = 0.5 if priority in (1, 2) else 0.62
        painter.setFont(theme.numeral(max(8, int(min(rect.width(), rect.height()) * share))))
        painter.setPen(theme.color("on_fill"))
        box = rect.translated(0, rect.height() * 0.16) if priority == 1 else rect
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(priority))
    painter.restore()


def paint_alarm(painter: QPainter, theme: Theme, rect: QRectF, color: QColor | None = None) -> None:
    """The one-key alarm's sign: a triangle in outline with an exclamation mark, unlike any priority."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = color or theme.color("p1")
    inset = max(1.0, rect.width() * 0.06)
    painter.setPen(QPen(ink, inset * 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(priority_path(rect.adjusted(inset, inset, -inset, -inset), 1))
    middle, top, height = rect.center().x(), rect.top(), rect.height()
    painter.drawLine(QPointF(middle, top + height * 0.40), QPointF(middle, top + height * 0.62))
    painter.drawPoint(QPointF(middle, top + height * 0.77))
    painter.restore()


def pill_width(theme: Theme, text: str) -> int:
    return theme.metrics("small").horizontalAdvance(text) + theme.px(14)


def paint_pill(painter: QPainter, theme: Theme, rect: QRectF, text: str, color: QColor) -> None:
    """A filled pill with its text; the text takes the colour that is easier to read on the fill."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
    painter.setFont(theme.font("small"))
    painter.setPen(readable_on(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def paint_status(painter: QPainter, theme: Theme, rect: QRectF, status: UnitStatus, text: str) -> None:
    """A unit's status pill; `text` is the (translated) label."""
    paint_pill(painter, theme, rect, text, theme.color(STATUS_COLORS[status]))


def paint_lamp(painter: QPainter, theme: Theme, rect: QRectF, lamp: Lamp) -> None:
    """A lamp: disc, diamond, triangle or ring, so that it reads without colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = theme.color(LAMP_COLORS[lamp])
    if lamp is Lamp.OFF:
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPath(priority_path(rect, {Lamp.GOOD: 3, Lamp.WARN: 2, Lamp.BAD: 1}[lamp]))
    painter.restore()


def luminance(color: QColor) -> float:
    """Relative luminance 0–1 (WCAG 2.1)."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio 1–21 (WCAG 2.1)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


DARK_INK, LIGHT_INK = "#0c1014", "#ffffff"


def readable_on(fill: QColor) -> QColor:
    """Dark or light ink, whichever is easier to read on the fill."""
    dark, light = QColor(DARK_INK), QColor(LIGHT_INK)
    return dark if contrast(fill, dark) >= contrast(fill, light) else light
