"""How long each unacknowledged alarm has waited, whatever becomes of the machine's clock.

The wait begins with the press that put the alarm on the strip (the first one, or the one that brought back an
alarm that had been acknowledged) and runs by the steady clock from the moment this seat has heard of it.
"""

from collections.abc import Iterable

from console.domain.alarm import Alarm
from widgets.tick import Tick


class Waits:
    """Tell it at every change which alarms wait; it answers for how many seconds."""

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._began: dict[str, float] = {}

    def follow(self, waiting: Iterable[Alarm]) -> None:
        """Those that wait now; a wait that has ended is forgotten."""
        known = self._began
        self._began = {alarm.id: known[alarm.id] if alarm.id in known else self._beginning(alarm) for alarm in waiting}

    def _beginning(self, alarm: Alarm) -> float:
        return self._tick.steady() - max(0.0, (self._tick.now() - alarm.waiting_since).total_seconds())

    def seconds(self, alarm: str) -> float:
        """0 for an alarm that does not wait."""
        return self._tick.steady() - self._began[alarm] if alarm in self._began else 0.0

    @property
    def longest(self) -> float:
        """Seconds of the alarm that has waited longest; 0 for none."""
        return max((self.seconds(alarm) for alarm in self._began), default=0.0)
