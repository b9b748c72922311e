"""A list that keys act on: its chosen row is kept by its key while others come, go and change their places.

If the chosen one goes, nobody is chosen until a person does so: a key that was meant for it must not take another.
"""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem
from typing_extensions import override

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
"""The arrows and where they lead."""

_KEY = Qt.ItemDataRole.UserRole


class KeptList(QListWidget):
    """`lost`: the chosen one has gone, or was let go, and no other has been chosen since."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = False
        self._place = 0
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def key(self) -> str:
        """The key of the chosen row, '' if there is none."""
        item = self.currentItem()
        return str(item.data(_KEY)) if item is not None else ""

    def fill(self, items: Iterable[tuple[str, QListWidgetItem]]) -> None:
        """These rows, each with its key. The first is chosen where none was before; no signal is sent."""
        before, keys = self._left(), list[str]()
        self.blockSignals(True)
        self.clear()
        for key, item in items:
            item.setData(_KEY, key)
            self.addItem(item)
            keys.append(key)
        kept = keys.index(before) if before in keys else -1
        self.lost = kept < 0 and (bool(before) or self.lost)
        self._point(kept if before or self.lost else 0)
        self.blockSignals(False)

    def _left(self) -> str:
        """The chosen key; its place is where the arrows go on if it goes."""
        key = self.key
        if key:
            self._place = self.currentRow()
        return key

    def begin(self) -> None:
        """A person has just come to it: the first row, unless one is chosen."""
        self.lost = False
        if not self.key and self.count():
            self._point(0)

    def let_go(self) -> None:
        """The chosen one is done with; what the next is for, a person says."""
        self._left()
        self.lost = True
        self._point(-1)

    def step(self, by: int) -> None:
        """One up or down; from nobody to who stands now where the last one stood."""
        if self.count():
            at = self.currentRow() + by if self.key else self._place + min(by, 0)
            self.lost = False
            self._point(min(max(at, 0), self.count() - 1))

    def _point(self, row: int) -> None:
        # Not `setCurrentRow`: after that a list without a chosen row takes its first one when it gets the keys.
        self.setCurrentIndex(self.model().index(row, 0))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS and not self.key:
            self.step(STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.begin()
