"""Afterwards: work that a key sets off but its answer does not need, done once the answer is painted.

A choice in the queue is answered by the incident; how the units rank for it, what it may repeat, what a plan would
send and where it lies on the map follow a moment later. Whoever presses on at once gets each answer at once, and the
rest is done for the last one only. One such work is done at a time: between two of them the window answers keys.
"""

import asyncio
from collections.abc import Callable
from math import ceil
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Slot

AFTER_MS = 60
"""The answer's layout and paint fit in before; nobody sees the difference."""
LATEST_S = 0.25
"""Asked for again and again it is done all the same after so long."""
BREATH_S = 0.015
"""Between two works that fall due together: a key that waits is answered, a frame painted."""


async def answered() -> None:
    """Wait until the answer is painted: what a coroutine does from here on, in threads too, delays it no more."""
    await asyncio.sleep(AFTER_MS / 1000)


class Afterwards(QObject):
    """Does `work` after the answer; asked again meanwhile, it is done once, a little later."""

    _free = 0.0
    """Monotonic seconds from which the next work, whosever it is, may begin."""

    def __init__(self, parent: QObject, work: Callable[[], object], after_ms: int = AFTER_MS) -> None:
        super().__init__(parent)
        self._work, self._since, self._after_ms = work, 0.0, after_ms
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._due)

    def ask(self) -> None:
        """It is wanted; the moment counts from the last time it was, within bounds."""
        if not self._timer.isActive():
            self._since = monotonic()
        if monotonic() - self._since < LATEST_S:
            self._timer.start(self._after_ms)

    def forget(self) -> None:
        """It is wanted no more."""
        self._timer.stop()

    def do(self) -> None:
        """Now, asked for or not."""
        self._timer.stop()
        try:
            self._work()
        finally:
            Afterwards._free = monotonic() + BREATH_S

    @Slot()
    def _due(self) -> None:
        wait = Afterwards._free - monotonic()
        if wait > 0:
            self._timer.start(ceil(wait * 1000))
        else:
            self.do()
