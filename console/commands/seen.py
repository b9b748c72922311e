"""Whether what a person acts on stood still before them: an act applies to what they saw (DESIGN section 5).

If the incident, unit, alarm or handoff of an act changed within half a second before Enter, and not by this
seat's own hand, the person is asked to press again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from console.domain.alarm import Alarm
from console.services.desk import Desk
from console.services.picture import Changes

MOMENT = timedelta(milliseconds=500)
"""Nobody reads and answers faster."""


class Seen:
    """When things last changed by another hand. Ends with `close`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._changed: dict[str, datetime] = {}
        self.close = desk.picture.observe(self._note)

    def _note(self, changes: Changes) -> None:
        now = self._desk.clock()
        self._changed = {key: at for key, at in self._changed.items() if now - at < MOMENT}
        changed = {entity.key for entity in (*changes.added, *changes.updated, *changes.removed)}
        if not all(f.actor == self._desk.actor and f.seat == self._desk.seat for f in changes.facts):
            self._changed.update(dict.fromkeys(changed, now))
        elif any(isinstance(entity, Alarm) for entity in changes.updated):
            # Whoever took one alarm off the strip put the next one there.
            waiting = [alarm.id for alarm in self._desk.picture.unacknowledged_alarms()]
            self._changed.update(dict.fromkeys(waiting, now))

    def changed_since(self, keys: Iterable[str], asked: datetime | None) -> bool:
        """Whether one of these changed a moment ago, and after the person was last asked."""
        now = self._desk.clock()
        last = [self._changed[key] for key in keys if key in self._changed]
        return any(timedelta(0) <= now - at < MOMENT and (asked is None or at > asked) for at in last)
