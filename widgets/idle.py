"""How long nobody has touched a key or the mouse of a window: what the idle lock counts from. The clock gives way
to what is answered.

Keys and presses are seen where the platform hands them to the window, what an input method commits where the
focus is; neither place sees the hundreds of events a second that belong to nobody's hand.
"""

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtGui import QCursor, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from widgets.tick import Tick

ANSWERED = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.TouchBegin,
    }
)
"""Whoever does one of these looks for its answer."""

BY_HAND = ANSWERED | {QEvent.Type.MouseMove, QEvent.Type.Wheel}


class Idle(QObject):
    """`passed` is emitted once when `after_s` seconds have gone without a hand on the window; 0 never."""

    passed = Signal()

    def __init__(self, window: QWidget, tick: Tick, after_s: float) -> None:
        super().__init__(window)
        self._window, self._tick, self.after_s = window, tick, after_s
        self._last = tick.steady()
        self._told = False
        self._cursor = QCursor.pos()
        self._watched: QObject | None = None
        self._handle: QWindow | None = None
        tick.second.connect(self._beat)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    @property
    def seconds(self) -> float:
        """Since the last touch."""
        return self._tick.steady() - self._last

    def touch(self) -> None:
        """Somebody is here."""
        self._last, self._told = self._tick.steady(), False

    @Slot(QWidget, QWidget)
    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Watch the field that takes the keys; what is committed by an input method comes to no other place."""
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now
        if now is not None:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        kind = event.type()
        if kind in ANSWERED:
            self._tick.give_way()
        if kind in BY_HAND:
            self.touch()
        return False

    @Slot(object)
    def _beat(self, _now: datetime) -> None:
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.installEventFilter(self)
        at = QCursor.pos()
        if at != self._cursor:
            self._cursor = at
            self.touch()
        if self.after_s and not self._told and self.seconds >= self.after_s:
            self._told = True
            self.passed.emit()
