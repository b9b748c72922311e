"""The yellow bar 测试中: which site and zones are under test, for how long yet; there for as long as a window is open.

It stands below the alarm strip, so that the strip never moves for it. Told by word and mark, not by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from widgets.layouts import ElidedLabel
from widgets.text import word
from widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class Testing:
    """One window in words, and the command line that ends it."""

    __test__ = False

    key: str
    text: str
    left: str
    ends: str


class _Row(QWidget):
    """One window: its words and the button that ends it, on yellow."""

    def __init__(self, theme: Theme, testing: Testing) -> None:
        super().__init__()
        self._theme, self.testing = theme, testing
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(32))
        self.words = ElidedLabel(theme, "strong", "on_fill", self.tr("测试中"), room=240)
        self.ends = _EndButton(theme, self.tr("Ctrl Shift J 结束测试"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(3), theme.px(6), theme.px(3))
        layout.setSpacing(theme.px(10))
        layout.addWidget(self.words, 1)
        layout.addWidget(self.ends)

    def show_testing(self, testing: Testing) -> None:
        self.testing = testing
        self.words.show_text(f"▶ {testing.text} · {testing.left}")

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("warn"))
        painter.drawRoundedRect(QRectF(self.rect()), self._theme.px(6), self._theme.px(6))
        painter.end()


class _EndButton(QAbstractButton):
    """A word in an outline on the yellow ground."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self._theme = theme
        self.setText(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(theme.metrics("base").horizontalAdvance(text) + theme.px(24), theme.px(26))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("on_fill"), 2 if self.hasFocus() or self.underMouse() else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(5), theme.px(5))
        painter.setFont(theme.font("base"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class TestingBar(QWidget):
    """`asked` carries the command line that ends a window. Hidden while none is open."""

    __test__ = False

    asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[_Row] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.px(4))
        self.setAccessibleName(self.tr("测试报备"))
        self.hide()

    def show_windows(self, open_now: Sequence[Testing]) -> None:
        """The windows that are open; a row is kept while its window is, so that a button under a finger stays."""
        if [row.testing.key for row in self.rows] != [testing.key for testing in open_now]:
            self._rebuild(open_now)
        for row, testing in zip(self.rows, open_now, strict=True):
            row.show_testing(testing)
        self.setAccessibleDescription(word("；").join(f"{testing.text} {testing.left}" for testing in open_now))

    def _rebuild(self, open_now: Sequence[Testing]) -> None:
        kept = {row.testing.key: row for row in self.rows}
        self.rows = [kept.pop(t.key) if t.key in kept else self._new(t) for t in open_now]
        for gone in kept.values():
            gone.hide()
            self._layout.removeWidget(gone)
            gone.deleteLater()
        for row in self.rows:
            self._layout.addWidget(row)
        self.setVisible(bool(self.rows))

    def _new(self, testing: Testing) -> _Row:
        row = _Row(self._theme, testing)
        row.ends.clicked.connect(self._end)
        return row

    @Slot()
    def _end(self) -> None:
        button = self.sender()
        row = button.parent() if button is not None else None
        if isinstance(row, _Row):
            self.asked.emit(row.testing.ends)
