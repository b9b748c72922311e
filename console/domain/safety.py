"""Officer safety 民警安全: how long a unit may be silent, by its status and by the kind of its incident.

Only the unit's own word resets its clock (`Unit.checked_at`): what the desk enters on its behalf proves nothing. A unit
that is lost besides (no fix) is asked as it was before: silence and no position are no reason to stop asking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.assignment import Assignment
from console.domain.unit import Unit, UnitStatus, may_return

CHECK_IN = "check_in"
"""The rule's name among the broken promises."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Units in one of these statuses, on an incident whose code begins so, answer every `every_s` seconds."""

    statuses: tuple[UnitStatus, ...]
    codes: tuple[str, ...]
    every_s: int

    def applies(self, status: UnitStatus, kind: str) -> bool:
        return status in self.statuses and any(kind.startswith(code) for code in self.codes)


@dataclass(frozen=True, slots=True)
class SafetyTable:
    """`climb_s`: seconds after the due time at which the desk asks, the chief is told, the alarm is raised."""

    check_in: tuple[CheckIn, ...]
    climb_s: tuple[int, ...]

    def every(self, status: UnitStatus, kind: str) -> timedelta | None:
        """How long a unit may be silent; None where nothing is asked. The first row that applies decides."""
        row = next((row for row in self.check_in if row.applies(status, kind)), None)
        return timedelta(seconds=row.every_s) if row is not None else None

    def watches(self, status: UnitStatus) -> bool:
        """Whether a unit in this status may have to be heard at all, whatever its incident."""
        return any(status in row.statuses for row in self.check_in)

    def step(self, due_at: datetime, now: datetime) -> int:
        """How far an unanswered check has climbed: 0 not due, 1 asked, 2 the chief, 3 the alarm."""
        late = (now - due_at).total_seconds()
        return sum(late >= after for after in self.climb_s)


def status_of(unit: Unit) -> UnitStatus:
    """What it is taken to be doing: a lost unit what it did before."""
    before = may_return(unit) if unit.status is UnitStatus.LOST else None
    return unit.status if before is None else before


def check_due(
    unit: Unit, kind: str, orders: Sequence[Assignment], table: SafetyTable, stopped: datetime | None = None
) -> datetime | None:
    """When the unit has to be heard again, None where it need not. `orders` are the unit's open ones.

    The clock runs from the arrival, not from the last status: the desk may have entered that one. It runs anew from
    when a person `stopped` the unit's last emergency, or one that is not heard after that would never be missed again.
    """
    every = table.every(status_of(unit), kind)
    if every is None:
        return None
    arrived = [order.t_arrive for order in orders if order.open and order.t_arrive is not None]
    words = [word for word in (unit.checked_at, stopped) if word is not None]
    # A vehicle that comes out of a tunnel has told nothing: its fix starts no clock.
    begun = min(arrived, default=unit.doing_since or unit.status_since)
    return max([begun, *words]) + every
