"""Test window 测试报备: for a while the signals of named zones go to the test lane with the sound off.

Source: domain.md E4: a technician asks, the duty chief approves, ≤ 2 h; a duress code and any zone not named go live.
It exists only granted: what was asked for stands in its approval.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW_AT_MOST = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestWindow:
    """`phone` is the tester's own, which is told of each press; `ended_at` is set by a person or by the clock.

    What came with a later `since` than a signal or an earlier end does not touch it.
    """

    __test__ = False  # no test, whatever its name begins with

    id: str
    site: str
    zones: tuple[str, ...]
    since: datetime
    until: datetime
    reason: str
    phone: str = ""
    asked_by: str = ""
    approved_by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    version: int = 1

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        """Whether nobody has ended it; the clock does at `until`."""
        return self.ended_at is None

    def covers(self, zone: str, at: datetime) -> bool:
        """Whether a signal of this zone, received at this time, belongs to the test lane."""
        end = self.until if self.ended_at is None else min(self.until, self.ended_at)
        return zone in self.zones and self.since <= at < end
