"""Whether what a person acts on stood still before them: an act applies to what they saw (DESIGN section 5).

If the incident, unit, alarm or handoff of an act changed within half a second before Enter, and not by this
seat's own hand, the person is asked to press again.
"""

import time
from collections.abc import Callable, Iterable

from console.domain.body import Body
from console.domain.facts import AlarmPressedAgain, AlarmRestored, AlarmSecondPath, DeadlinePassed
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.safety import open_emergencies

MOMENT_S = 0.5
"""Nobody reads and answers faster."""

NEVER_TURNS: tuple[type[Body], ...] = (AlarmPressedAgain, AlarmSecondPath, AlarmRestored, DeadlinePassed)
"""News that makes no act mean anything else; a button that is pressed without end must not hold up F1."""


class Seen:
    """When things last changed by another hand. Ends with `close`."""

    def __init__(self, desk: Desk, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady` answers seconds that only ever grow, whatever becomes of the machine's clock."""
        self._desk, self._steady = desk, steady
        self._changed: dict[str, float] = {}
        self._waiting = self._in_line()
        self.close = desk.picture.observe(self._note)

    def _note(self, changes: Changes) -> None:
        now = self._steady()
        self._changed = {key: at for key, at in self._changed.items() if now - at < MOMENT_S}
        if not self._by_own_hand(changes):
            changed = {entity.key for entity in (*changes.added, *changes.updated, *changes.removed)}
            self._changed.update(dict.fromkeys(changed, now))
        before, self._waiting = self._waiting, self._in_line()
        for were, wait in zip(before, self._waiting, strict=True):
            if were - wait:
                # Whoever took one alarm off the strip, or one officer off the bar, put the next one there.
                self._changed.update(dict.fromkeys(wait, now))

    def _in_line(self) -> tuple[frozenset[str], frozenset[str]]:
        """What nobody has acknowledged yet: the alarms, and the officers in need."""
        picture = self._desk.picture
        officers = (row.id for row in open_emergencies(picture.state) if row.acknowledged_at is None)
        return frozenset(alarm.id for alarm in picture.unacknowledged_alarms()), frozenset(officers)

    def _by_own_hand(self, changes: Changes) -> bool:
        """What comes without facts (a state read anew) is nobody's own."""
        told = [fact for fact in changes.facts if not isinstance(fact.body, NEVER_TURNS)]
        if not changes.facts:
            return False
        return all(fact.actor == self._desk.actor and fact.seat == self._desk.seat for fact in told)

    def now(self) -> float:
        """The moment to remember when the person is asked."""
        return self._steady()

    def changed_since(self, keys: Iterable[str], asked: float | None) -> bool:
        """Whether one of these changed a moment ago, and after the person was last asked (a `now`)."""
        now = self._steady()
        last = [self._changed[key] for key in keys if key in self._changed]
        return any(now - at < MOMENT_S and (asked is None or at > asked) for at in last)
