"""Line quality 线路质量 24 小时: a row of cells a line, each half an hour; worse cells are taller as well as redder."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from console.services.quality import CELL, CELLS, SPAN, LineQuality, Quality
from widgets.panels.bench.pane import Pane
from widgets.panels.parts import label
from widgets.text import minute_text, word
from widgets.theme import Theme

COLORS = {
    Quality.UNKNOWN: "line",
    Quality.GOOD: "good",
    Quality.UNREAD: "warn",
    Quality.SILENT: "busy",
    Quality.LOST: "bad",
}
HEIGHTS = {Quality.UNKNOWN: 0.2, Quality.GOOD: 0.55, Quality.UNREAD: 0.75, Quality.SILENT: 0.9, Quality.LOST: 1.0}
"""Share of the row's height: what is wrong stands out without colour."""


class QualityCells(QWidget):
    """The painted rows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: Sequence[LineQuality] = ()
        self._now: datetime | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_quality(self, lines: Sequence[LineQuality], now: datetime) -> None:
        self._lines, self._now = lines, now
        said = (self.tr("{line} {share:.0%} 正常").format(line=q.line, share=q.good_share) for q in lines)
        self.setAccessibleDescription(word("；").join(said))
        self.updateGeometry()
        self.update()

    @property
    def _row(self) -> int:
        return self._theme.px(34)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(260), max(1, len(self._lines)) * self._row + self._theme.px(20))

    def _left(self) -> int:
        metrics = self._theme.metrics("small")
        widest = max((metrics.horizontalAdvance(line.line) for line in self._lines), default=0)
        return widest + self._theme.px(16)

    def _cell(self) -> float:
        return max(2.0, (self.width() - self._left() - self._theme.px(8)) / CELLS)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px, cell, left = self._theme, self._theme.px, self._cell(), self._left()
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        for place, line in enumerate(self._lines):
            top = place * self._row
            painter.setPen(theme.color("text"))
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(px(4), top, left, self._row), middle, line.line)
            full = self._row - px(10)
            for at, quality in enumerate(line.cells):
                height = full * HEIGHTS[quality]
                box = QRectF(left + at * cell, top + px(5) + full - height, cell - 1, height)
                painter.fillRect(box, theme.color(COLORS[quality]))
        painter.setPen(theme.color("muted"))
        if self._now is not None and self._lines:
            for hours in (24, 18, 12, 6, 0):
                middle_at = left + (24 - hours) / 24 * CELLS * cell
                text = minute_text(self._now - SPAN + SPAN * (24 - hours) / 24)
                wide = theme.metrics("small").horizontalAdvance(text)
                where = min(max(middle_at - wide / 2, left), self.width() - wide - px(2))
                painter.drawText(QRectF(where, len(self._lines) * self._row, wide + 2, px(18)), 0, text)
        painter.end()

    @override
    def event(self, event: QEvent) -> bool:
        """Which half hour a cell is, and what was the worst in it."""
        if isinstance(event, QHelpEvent) and self._now is not None:
            row, at = event.y() // self._row, int((event.x() - self._left()) // self._cell())
            if 0 <= row < len(self._lines) and 0 <= at < CELLS:
                begin = self._now - SPAN + at * CELL
                words = f"{self._lines[row].line} {minute_text(begin)}–{minute_text(begin + CELL)}"
                QToolTip.showText(event.globalPos(), f"{words}\n{self._word(self._lines[row].cells[at])}", self)
                return True
        return super().event(event)

    def _word(self, quality: Quality) -> str:
        return {
            Quality.UNKNOWN: self.tr("没有记录"),
            Quality.GOOD: self.tr("正常"),
            Quality.UNREAD: self.tr("有无法解析的报文"),
            Quality.SILENT: self.tr("无心跳"),
            Quality.LOST: self.tr("中断"),
        }[quality]


class QualityPane(Pane):
    """The cells in a frame; many lines scroll."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "")
        self.title.setText(self.tr("线路质量 24 小时"))
        self.setAccessibleName(self.title.text())
        self.cells = QualityCells(theme)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll.setWidget(self.cells)
        scroll.viewport().setAutoFillBackground(False)
        self.cells.setAutoFillBackground(False)
        self.empty = label(self.tr("还没有线路，或正在读取最近 24 小时的记录"), "muted", wrap=True)
        self.body.addWidget(self.empty)
        self.body.addWidget(scroll, 1)

    def show_quality(self, lines: Sequence[LineQuality], now: datetime) -> None:
        """What was read of the last 24 hours."""
        self.empty.setVisible(not lines)
        self.empty.setText(self.tr("还没有线路；按 Ctrl+N 添加"))
        self.cells.show_quality(lines, now)
