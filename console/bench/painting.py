"""Watching Qt paint: when the frame that shows a change is on the screen.

A paint event tells that painting begins; the turn of the loop after it begins when the whole frame is done
and handed over. That later moment is what is measured.
"""

import gc
import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


def settle() -> None:
    """As the program does once its window stands: what was built for good is no matter for the collector."""
    gc.collect()
    gc.freeze()


class PaintWatch(QObject):
    """Calls `painted(monotonic seconds)` after every frame in which one of the widgets was painted."""

    def __init__(self, widgets: Iterable[QWidget], painted: Callable[[float], None]) -> None:
        super().__init__()
        self._painted = painted
        self._waiting = False
        self._watched = list(widgets)
        for widget in self._watched:
            widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() == QEvent.Type.Paint and not self._waiting:
            self._waiting = True
            QTimer.singleShot(0, self._done)
        return False

    def stop(self) -> None:
        """Watch no longer."""
        for widget in self._watched:
            widget.removeEventFilter(self)

    def _done(self) -> None:
        self._waiting = False
        self._painted(time.monotonic())
