"""The bench's keys: one table of them, an action for each, and silence for all of them below a sheet.

A key that works unseen is worse than a dead one: F2 below a sheet would press a panel at a real port.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from widgets.panels.cover import Cover

FREE = frozenset({"lock", "hand_over"})
"""Keys that work whoever sits here."""


@dataclass(frozen=True, slots=True)
class BenchKey:
    """One key of the bench: what it is called, and what it does."""

    id: str
    key: str
    title: str
    do: Callable[[], object]


class BenchKeys(QObject):
    """Gives `window` an action for each key; `refuses` tells whether a key that was pressed may do nothing now."""

    def __init__(
        self,
        window: QWidget,
        keys: Sequence[BenchKey],
        covers: Sequence[Cover],
        refuses: Callable[[BenchKey], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._keys, self._covers, self._refuses = window, keys, covers, refuses
        for key in keys:
            window.addAction(self._action(key))
        for cover in covers:
            cover.installEventFilter(self)

    def _action(self, key: BenchKey) -> QAction:
        action = QAction(key.title, self._window)
        action.setObjectName(key.id)
        action.setShortcut(QKeySequence(key.key))
        action.setAutoRepeat(False)
        action.triggered.connect(self._key)
        return action

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A sheet's own keys (Ctrl+N in the site form) are its own while it is open."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            covered = any(not cover.isHidden() for cover in self._covers)
            for action in self._window.actions():
                action.setEnabled(action.objectName() in FREE or not covered)
        return super().eventFilter(watched, event)

    @Slot()
    def _key(self) -> None:
        key = next(key for key in self._keys if key.id == self.sender().objectName())
        if not self._refuses(key):
            key.do()
