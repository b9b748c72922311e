"""Python's garbage collector, run on the GUI thread only.

Left to itself it runs in whatever thread happens to allocate, the journal's writer too; a window's part that is
collected there dies outside the GUI thread and takes the process with it. So automatic runs are off while
windows are open, and the clock's beat collects.
"""

import gc
from datetime import datetime

from PySide6.QtCore import QObject, Slot

from widgets.tick import Tick

FULL_EVERY = 30
"""Beats between two full collections; young objects are collected at each beat."""


class Collector(QObject):
    """Switches automatic collection off until `close`."""

    def __init__(self, tick: Tick) -> None:
        super().__init__()
        self._beats = 0
        gc.disable()
        tick.second.connect(self._collect)

    @Slot(object)
    def _collect(self, _now: datetime) -> None:
        self._beats += 1
        gc.collect(2 if self._beats % FULL_EVERY == 0 else 1)

    def close(self) -> None:
        """Automatic again."""
        gc.enable()
