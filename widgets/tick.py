"""The one clock of the windows: a beat at each full second, and a slow flash while somebody needs it.

No widget has a timer of its own; a second's work is to repaint the time columns that are visible. It gives way to a
key, so that nobody waits for it: the beat comes a little later then, and a clock is never a quarter of a second slow.
What is drawn is the time of day; what measures how long something stood or waited is `steady`, which nobody can set.
"""

import time
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from console.domain.clock import Clock

FLASH_MS = 500
"""Half a period: one flash a second, below the 2 Hz that may be shown (LOOK.md)."""

ANSWERED_S = 0.1
"""So long after a key its answer is on the screen."""

AGAIN_MS, LATEST_MS = 20, 220
"""A beat that gave way tries again so soon, and comes so long after the full second however fast somebody types."""


class Tick(QObject):
    """`second` carries the present moment (aware UTC), `flash` whether the flashing thing shows its bright side."""

    second = Signal(object)
    flash = Signal(object)

    def __init__(
        self, clock: Clock, parent: QObject | None = None, steady: Callable[[], float] = time.monotonic
    ) -> None:
        """`steady` answers seconds that only ever grow, whatever becomes of the machine's clock."""
        super().__init__(parent)
        self._clock = clock
        self.steady = steady
        self._flashing: set[str] = set()
        self._key_at = -ANSWERED_S
        self._bright = True
        self.flash_allowed = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._flash_timer = QTimer(self)
        self._flash_timer.setInterval(FLASH_MS)
        self._flash_timer.timeout.connect(self._turn)

    def now(self) -> datetime:
        return self._clock()

    def start(self) -> None:
        self._beat()

    def stop(self) -> None:
        self._timer.stop()
        self._flash_timer.stop()

    def give_way(self) -> None:
        """A key was pressed: a beat that falls due before it is answered comes after the answer."""
        self._key_at = self.steady()

    @Slot()
    def _beat(self) -> None:
        now = self._clock()
        if self.steady() - self._key_at < ANSWERED_S and now.microsecond < LATEST_MS * 1000:
            self._timer.start(AGAIN_MS)
            return
        self.second.emit(now)
        self._timer.start(1000 - now.microsecond // 1000)

    def flash_for(self, who: str, wanted: bool) -> None:
        """Ask for the flash, or no longer; it runs while anyone wants it and it is allowed."""
        (self._flashing.add if wanted else self._flashing.discard)(who)
        runs = bool(self._flashing) and self.flash_allowed
        if runs and not self._flash_timer.isActive():
            self._flash_timer.start()
        elif not runs and self._flash_timer.isActive():
            self._flash_timer.stop()
            self._bright = True
            self.flash.emit(True)

    def allow_flash(self, allowed: bool) -> None:
        """A person stops all flashing (state stays told by glyph, text and colour)."""
        self.flash_allowed = allowed
        for who in tuple(self._flashing) or ("",):
            self.flash_for(who, wanted=who in self._flashing)

    @Slot()
    def _turn(self) -> None:
        self._bright = not self._bright
        self.flash.emit(self._bright)
