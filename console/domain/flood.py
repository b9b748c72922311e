"""Flood 报警洪峰: more news than a person can take in, and what the technical lane then shows.

Source: domain.md C (EEMUA 191: more than 10 in 10 minutes is a flood). Technical events are then grouped by site;
an alarm is never grouped, each keeps its own row. Pure functions of the rows and the time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.alarm import Alarm
from console.domain.trouble import Trouble, TroubleState

WITHIN = timedelta(minutes=10)
OVER = 10

ORDER = (TroubleState.OPEN, TroubleState.RESTORED, TroubleState.SHELVED)
"""What wants somebody first."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One row of the technical lane: a trouble of its own, or all of one site. `key` stays while any of them does."""

    key: str
    troubles: tuple[Trouble, ...]

    @property
    def since(self) -> datetime:
        return min(row.opened_at for row in self.troubles)

    @property
    def count(self) -> int:
        """Signals, repeated ones included."""
        return sum(row.count for row in self.troubles)

    @property
    def state(self) -> TroubleState:
        """That of the one that wants somebody most."""
        return min((row.state for row in self.troubles), key=ORDER.index)


def new_signals(alarms: Iterable[Alarm], troubles: Iterable[Trouble], now: datetime) -> int:
    """How many alarms and troubles came within the last ten minutes."""
    since = now - WITHIN
    times = [alarm.received_at for alarm in alarms] + [row.opened_at for row in troubles]
    return sum(since < at <= now for at in times)


def is_flood(signals: int) -> bool:
    """Whether so many within ten minutes are a flood."""
    return signals > OVER


def lane(troubles: Iterable[Trouble], *, grouped: bool) -> list[LaneRow]:
    """The technical lane: what is not closed, what wants somebody first, then the oldest first."""
    groups: dict[str, list[Trouble]] = {}
    for row in troubles:
        if row.open:
            groups.setdefault(_whose(row) if grouped else row.id, []).append(row)
    rows = [LaneRow(key, tuple(sorted(group, key=lambda row: row.opened_at))) for key, group in groups.items()]
    return sorted(rows, key=lambda row: (ORDER.index(row.state), row.since, row.key))


def _whose(row: Trouble) -> str:
    return row.site or f"{row.line} {row.account}"
