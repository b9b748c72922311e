"""The demo's clock: stands at set moments while the past is laid out, then runs, if wanted faster than life."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from console.domain.clock import to_ms


class DemoClock:
    """A `Clock`. `speed` is demo seconds per real second once it runs."""

    def __init__(self, start: datetime, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._start = start
        self._speed = speed
        self._monotonic = monotonic
        self._began: float | None = None

    def __call__(self) -> datetime:
        if self._began is None:
            return to_ms(self._start)
        gone = (self._monotonic() - self._began) * self._speed
        return to_ms(self._start + timedelta(seconds=gone))

    def set(self, at: datetime) -> None:
        """Stand at a moment (before `run`)."""
        self._start = at

    def run(self) -> None:
        """Begin to run from where it stands."""
        self._began = self._monotonic()
