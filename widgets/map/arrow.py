"""The arrow at the map's edge that says where something out of sight lies."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from widgets.map.viewport import Viewport
from widgets.theme import Theme


def paint_arrow(painter: QPainter, theme: Theme, view: Viewport, at: tuple[float, float], text: str) -> QRectF:
    """A pill with a text and an arrow towards `at` (pixels outside the view); answers where it was drawn."""
    px = theme.px
    box = QRectF(0, 0, theme.metrics("small").horizontalAdvance(text) + px(34), px(26))
    half_w, half_h = box.width() / 2 + px(8), box.height() / 2 + px(8)
    x = min(max(at[0], half_w), view.width - half_w)
    y = min(max(at[1], half_h), view.height - half_h)
    box.moveCenter(QPointF(x, y))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.color("accent"))
    painter.setBrush(theme.color("panel2"))
    painter.drawRoundedRect(box, px(13), px(13))
    painter.setPen(theme.color("text"))
    painter.setFont(theme.font("small"))
    painter.drawText(box.adjusted(px(24), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
    painter.translate(box.left() + px(14), y)
    painter.rotate(math.degrees(math.atan2(at[1] - y, at[0] - x)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent"))
    painter.drawPolygon(QPolygonF([QPointF(6, 0), QPointF(-4, -5), QPointF(-4, 5)]))
    painter.restore()
    return box
