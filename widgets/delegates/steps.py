"""Paints a step of a test run: mark, title, what was measured, what is asked."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from console.domain.test_run import StepState, TestStep
from widgets.models.bench_steps import StepRole, figure_text
from widgets.text import word
from widgets.theme import Theme

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
COLORS = {
    StepState.PASSED: "good",
    StepState.FAILED: "bad",
    StepState.RUNNING: "accent",
    StepState.SKIPPED: "warn",
    StepState.WAITING: "muted",
}


class StepDelegate(QStyledItemDelegate):
    """The four columns keep their places whatever is said in them."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._view.viewport().width(), self._theme.px(30))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, px = self._theme, self._theme.px
        step: TestStep | None = index.data(StepRole)
        if step is None:
            return
        box: QRect = option.rect
        painter.save()
        if step.state is StepState.RUNNING or option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("selected"))
        self._paint_mark(painter, QRect(box.left() + px(10), box.top(), px(16), box.height()), step)
        width = box.width() - px(44)
        title, figure = round(width * 0.46), round(width * 0.30)
        left = box.left() + px(38)
        self._text(painter, QRect(left, box.top(), title, box.height()), word(step.title), "base", "text")
        ink = COLORS[step.state] if step.state is not StepState.PASSED else "text"
        place = QRect(left + title, box.top(), figure, box.height())
        self._text(painter, place, figure_text(step), "base", ink)
        rest = QRect(place.right(), box.top(), width - title - figure, box.height())
        self._text(painter, rest, word(step.target), "small", "muted")
        painter.setPen(theme.color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.restore()

    def _text(self, painter: QPainter, box: QRect, text: str, role: str, ink: str) -> None:
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.color(ink))
        room = box.width() - self._theme.px(6)
        shown = self._theme.metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, LEFT, shown)

    def _paint_mark(self, painter: QPainter, box: QRect, step: TestStep) -> None:
        """Tick, cross, dash, filled or empty ring: told by shape as well as by colour."""
        color = self._theme.color(COLORS[step.state])
        middle, half = QPointF(box.center()), self._theme.px(5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if step.state is StepState.PASSED:
            painter.drawPolyline(
                [middle + QPointF(-half, 0), middle + QPointF(-1, half - 1), middle + QPointF(half, -half)]
            )
        elif step.state is StepState.FAILED:
            painter.drawLine(middle + QPointF(-half, -half), middle + QPointF(half, half))
            painter.drawLine(middle + QPointF(-half, half), middle + QPointF(half, -half))
        elif step.state is StepState.SKIPPED:
            painter.drawLine(middle + QPointF(-half, 0), middle + QPointF(half, 0))
        else:
            painter.setBrush(color if step.state is StepState.RUNNING else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, half, half)
        painter.restore()
