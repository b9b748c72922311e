"""The clock is an argument: rules compare times they are given, tests give the times.

All times inside are aware UTC with millisecond resolution; local time exists only where it is drawn.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Answers the present moment, aware UTC, cut to milliseconds."""


def to_ms(at: datetime) -> datetime:
    """Cut to milliseconds, the resolution of every stamp (domain.md E1)."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def system_clock() -> datetime:
    """The machine's clock."""
    return to_ms(datetime.now(UTC))  # noqa: TID251 -- the one place that asks the machine


class SteeredClock:
    """A machine's clock, moved by as much as it is known to be wrong.

    One desk whose clock is an hour ahead would otherwise push every stamp of the room an hour ahead, because no
    stamp may lie before the last one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong = timedelta()

    def __call__(self) -> datetime:
        return self._clock() - self._wrong

    def steer(self, wrong_s: float) -> None:
        """The clock is so many seconds ahead of the room's; 0 lets it run as it is."""
        self._wrong = timedelta(milliseconds=round(wrong_s * 1000))


class ManualClock:
    """A clock that stands still until it is told to move; for tests and for replay."""

    def __init__(self, start: datetime) -> None:
        self._now = to_ms(start)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Move by seconds; a negative figure sets the clock back."""
        self._now = to_ms(self._now + timedelta(seconds=seconds))
        return self._now
