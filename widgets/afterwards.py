"""Afterwards: work that a key sets off but its answer does not need, done once the answer is painted.

A choice in the queue is answered by the incident; how the units rank for it, what it may repeat, what a plan would
send and where it lies on the map follow a moment later. Whoever presses on at once gets each answer at once, and the
rest is done for the last one only.
"""

import asyncio
from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer

AFTER_MS = 60
"""The answer's layout and paint fit in before; nobody sees the difference."""
LATEST_S = 0.25
"""Asked for again and again it is done all the same after so long."""


async def answered() -> None:
    """Wait until the answer is painted: what a coroutine does from here on, in threads too, delays it no more."""
    await asyncio.sleep(AFTER_MS / 1000)


class Afterwards(QObject):
    """Does `work` after the answer; asked again meanwhile, it is done once, a little later."""

    def __init__(self, parent: QObject, work: Callable[[], object], after_ms: int = AFTER_MS) -> None:
        super().__init__(parent)
        self._work, self._since = work, 0.0
        self._timer = QTimer(self, interval=after_ms, singleShot=True)
        self._timer.timeout.connect(self.do)

    def ask(self) -> None:
        """It is wanted; the moment counts from the last time it was, within bounds."""
        if not self._timer.isActive():
            self._since = monotonic()
        if monotonic() - self._since < LATEST_S:
            self._timer.start()

    def forget(self) -> None:
        """It is wanted no more."""
        self._timer.stop()

    def do(self) -> None:
        """Now, asked for or not."""
        self._timer.stop()
        self._work()
