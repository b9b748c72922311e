"""A list of those who are told: no name is cut, a long line goes on in the next one, and no row is seen by half."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget
from typing_extensions import override


class Names(QListWidget):
    """Takes the room it gets, unless `show_at_most` makes it as high as its first rows."""

    def __init__(self) -> None:
        super().__init__()
        self._most = 0
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_at_most(self, rows: int) -> None:
        """As high as its rows, but at most so many; the others scroll."""
        self._most = rows
        self._fit()

    def _fit(self) -> None:
        rows = min(self._most, self.count())
        if rows:
            first, last = (self.visualItemRect(self.item(row)) for row in (0, rows - 1))
            around = self.height() - self.viewport().height()
            self.setFixedHeight(last.bottom() - first.top() + 1 + around)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()
