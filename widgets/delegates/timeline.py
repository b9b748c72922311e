"""Paints a line of the timeline: time, person, sentence, marks. Long sentences wrap, nothing is cut off."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from widgets.models.timeline import Row, RowRole
from widgets.paint import paint_pill, pill_width
from widgets.text import clock_text
from widgets.theme import Theme

Index = QModelIndex | QPersistentModelIndex
WRAP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere


class TimelineDelegate(QStyledItemDelegate):
    """Two columns: time and person, then the sentence with its marks as pills before it."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: Row = index.data(RowRole)
        width = self._view.viewport().width()
        text = self._theme.metrics("small").boundingRect(
            self._text_box(QRect(0, 0, width, 10_000), row), WRAP, row.text
        )
        return QSize(width, max(text.height(), self._theme.px(16)) + self._theme.px(6))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, px, row = self._theme, self._theme.px, index.data(RowRole)
        box: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("selected"))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("muted"))
        inner = box.adjusted(px(4), px(3), -px(4), 0)
        painter.drawText(inner, WRAP, clock_text(row.at))
        painter.drawText(inner.adjusted(self._time_width(), 0, 0, 0), WRAP, row.actor)
        text = self._text_box(box, row)
        left = text.left() - self._marks_width(row)
        for mark in row.marks:
            width = pill_width(theme, mark)
            paint_pill(painter, theme, QRectF(left, text.top(), width, px(17)), mark, theme.color("lost"))
            left += width + px(4)
        painter.setPen(theme.color("text"))
        painter.drawText(text, WRAP, row.text)
        painter.restore()

    def _time_width(self) -> int:
        return self._theme.metrics("small").horizontalAdvance("00:00:00") + self._theme.px(8)

    def _marks_width(self, row: Row) -> int:
        return sum(pill_width(self._theme, mark) + self._theme.px(4) for mark in row.marks)

    def _text_box(self, box: QRect, row: Row) -> QRect:
        px = self._theme.px
        person = max(px(28), self._theme.metrics("small").horizontalAdvance(row.actor) + px(8))
        left = px(4) + self._time_width() + person + self._marks_width(row)
        return box.adjusted(left, px(3), -px(4), 0)
