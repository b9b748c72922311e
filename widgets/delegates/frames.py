"""Paints a live frame: time, arrow, bytes in cells of one width (a tabular face for hex needs no other font), words."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from widgets.models.bench_frames import SIMULATED, FrameRole, FrameRow, MarkRole
from widgets.text import stamp_text
from widgets.theme import Theme

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
COLORS = {"signal": "accent", "heartbeat": "muted", "other": "on_scene", "garbage": "bad", "out": "on_scene"}
"""Kind of frame -> token; the arrow and the words say the same without colour."""


class FrameDelegate(QStyledItemDelegate):
    """Bytes wrap into as many rows as the width asks for; the words stand below them."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view
        self.with_hex, self.with_words = True, True

    @property
    def _line(self) -> int:
        return self._theme.px(21)

    @property
    def _cell(self) -> int:
        metrics = self._theme.metrics("small")
        return max(metrics.horizontalAdvance(pair) for pair in ("DD", "00", "A8")) + self._theme.px(5)

    @property
    def _left(self) -> int:
        small = self._theme.metrics("small")
        return small.horizontalAdvance("00:00:00.000") + self._theme.px(40)

    def _per_row(self, width: int) -> int:
        return max(8, (width - self._left - self._theme.px(8)) // self._cell)

    def _hex_rows(self, row: FrameRow, width: int) -> int:
        return -(-len(row.data) // self._per_row(width)) if self.with_hex and row.data else 0

    def _beside(self, row: FrameRow, words: str, width: int) -> bool:
        """Whether the words fit behind the bytes: those of short frames do."""
        used = self._left + len(row.data) * self._cell + self._theme.px(16)
        return used + self._theme.metrics("small").horizontalAdvance(words) < width

    def _words(self, index: Index) -> str:
        """Where it passed is said even where the words are off."""
        row: FrameRow = index.data(FrameRole)
        mark = str(index.data(MarkRole) or "")
        delay = "" if row.delay_ms is None else f"{row.delay_ms:.1f} ms"
        said = (row.words, delay) if self.with_words else ()
        return "  ".join(part for part in (f"[{mark}]" if mark else "", *said) if part)

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: FrameRow = index.data(FrameRole)
        width = self._view.viewport().width()
        lines = self._hex_rows(row, width)
        words = self._words(index)
        if words and not (lines and self._beside(row, words, width)):
            lines += 1
        return QSize(width, max(1, lines) * self._line)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, px, row = self._theme, self._theme.px, index.data(FrameRole)
        box: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("selected"))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("muted"))
        painter.drawText(QRect(box.left() + px(6), box.top(), self._left, self._line), LEFT, stamp_text(row.at))
        words = self._words(index)
        ink = theme.color("muted" if index.data(MarkRole) == SIMULATED else COLORS[row.kind])
        painter.setPen(ink)
        painter.drawText(QRect(box.left() + self._left - px(28), box.top(), px(20), self._line), LEFT, row.arrow)
        below = box.top() + self._paint_hex(painter, box, row) * self._line
        if words:
            painter.setPen(theme.color("bad" if row.kind == "garbage" else "text"))
            if self.with_hex and row.data and self._beside(row, words, box.width()):
                left = box.left() + self._left + len(row.data) * self._cell + px(12)
                place = QRect(left, box.top(), box.right() - left, self._line)
            else:
                top = below if self.with_hex else box.top()
                place = QRect(box.left() + self._left, top, box.width() - self._left - px(6), self._line)
            shown = theme.metrics("small").elidedText(words, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, LEFT, shown)
        painter.restore()

    def _paint_hex(self, painter: QPainter, box: QRect, row: FrameRow) -> int:
        rows = self._hex_rows(row, box.width())
        per = self._per_row(box.width())
        for place, byte in enumerate(row.data if rows else b""):
            at = QRect(
                box.left() + self._left + place % per * self._cell,
                box.top() + place // per * self._line,
                self._cell,
                self._line,
            )
            painter.drawText(at, LEFT, f"{byte:02X}")
        return rows
