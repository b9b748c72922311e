"""The picture: the live state in memory, and the one place that tells others what changed.

It folds committed facts in sequence order and spooled ones at once (marked provisional), and hands each
batch on as one `Changes` to its observers: item models, the map, the sounds. It holds the open incidents and
24 h of closed ones; older ones are read from the database. It lives on the loop's thread only.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.body import Body
from console.domain.deadlines import (
    Promise,
    alarm_promise,
    handoff_promises,
    incident_promise,
    order_promises,
    ring_back_promise,
)
from console.domain.errors import UserError
from console.domain.facts import Fact, IncidentMoved, IncidentUnmerged, SignalReceived
from console.domain.fold import fold
from console.domain.handoff import Handoff
from console.domain.incident import KEEP_CLOSED, Incident
from console.domain.reference import Reference
from console.domain.site import Site
from console.domain.state import KINDS, Entity, MemoryState
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble
from console.domain.unit import Position, Unit
from console.services.forgetting import gone_with, over

log = logging.getLogger(__name__)


REOPENING = ("reopen", "reopen_assigned")
SHOWN = 1000
"""So many of the last committed facts are remembered by number and act."""


class NotHeld(Exception):  # noqa: N818 -- no error: the journal's state must be read anew
    """An incident that was let go long ago is open again, with all that belongs to it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one batch changed. An updated entity stands once, with its last value."""

    added: tuple[Entity, ...] = ()
    updated: tuple[Entity, ...] = ()
    removed: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    positions: tuple[Position, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.removed or self.facts or self.positions)


Observer = Callable[[Changes], None]


def log_bug(where: str, error: Exception) -> None:
    """Something of ours failed while the picture changed: into the log with its traceback."""
    log.error("%s failed", where, exc_info=error)


class _Watched(MemoryState):
    """State that remembers what a batch touched: the entity before, or None."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[tuple[type[Entity], str], Entity | None] = {}

    def put(self, entity: Entity) -> None:
        kind = type(entity)
        self.before.setdefault((kind, entity.key), self.get(kind, entity.key))
        super().put(entity)

    def forget(self, kind: type[Entity], key: str) -> None:
        """Let go of an entity, as a change."""
        self.before.setdefault((kind, key), self.get(kind, key))
        self.drop(kind, key)

    def take_changes(self) -> tuple[list[Entity], list[Entity], list[Entity]]:
        """(added, updated, removed) since the last call."""
        added: list[Entity] = []
        updated: list[Entity] = []
        removed: list[Entity] = []
        for (kind, key), old in self.before.items():
            new = self.get(kind, key)
            if new is None and old is not None:
                removed.append(old)
            elif new is not None and old is None:
                added.append(new)
            elif new is not None and new != old:
                updated.append(new)
        self.before.clear()
        return added, updated, removed


@dataclass(slots=True)
class Picture:
    """The live state. `seq` is the last committed fact it holds; `reference` gives the limits of promises.

    `on_bug` hears which observer failed and how; the others are told all the same. `shown`: number and act of the
    last committed facts; after a failover the same numbers may stand for other acts.
    """

    reference: Reference
    seq: int = 0
    on_bug: Callable[[str, Exception], None] = log_bug
    state: _Watched = field(default_factory=_Watched)
    positions: dict[str, Position] = field(default_factory=dict)
    provisional: set[str] = field(default_factory=set)
    shown: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=SHOWN))
    _heard: int = 0
    _spooled: set[str] = field(default_factory=set)
    _observers: list[Observer] = field(default_factory=list)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` after every batch; the answer is the function that ends it."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    @property
    def observers(self) -> tuple[Observer, ...]:
        """Who listens now."""
        return tuple(self._observers)

    def keep_only(self, observers: Sequence[Observer]) -> None:
        """A window has gone: whoever came with it is told nothing any more."""
        self._observers[:] = [each for each in self._observers if each in observers]

    # -- how it changes --------------------------------------------------------------------------------------

    def apply(self, facts: Iterable[Fact]) -> Changes:
        """Fold facts: provisional ones at once, committed ones in sequence.

        Known ones are skipped; beyond a gap nothing is folded, and `missing` says so until the gap has been
        read (`services.catching_up`). Raises what a fold raises; `seq` then stands before the fact that failed.
        """
        told: list[Fact] = []
        try:
            told.extend(fact for fact in facts if self._take(fact))
        finally:
            changes = self._tell(facts=tuple(told))
        return changes

    @property
    def missing(self) -> int:
        """How many committed facts we have heard of but do not hold."""
        return max(0, self._heard - self.seq)

    def _take(self, fact: Fact) -> bool:
        """Whether the fact was news and in its turn."""
        if fact.provisional:
            self._spooled.add(fact.act_id)
            self._fold(fact)
            return True
        self._heard = max(self._heard, fact.seq)
        if fact.seq != self.seq + 1:
            return False
        # What came out of our own spool has been shown, and what was spooled after it: an alarm that was acknowledged
        # here must not ring again while the two are unloaded.
        if fact.act_id not in self._spooled:
            self._fold(fact)
        self.seq = fact.seq
        self.shown.append((fact.seq, fact.act_id))
        return True

    def _fold(self, fact: Fact) -> None:
        if isinstance(fact.body, SignalReceived):
            return  # Signals are many and are read from the journal; only their alarms are live.
        try:
            fold(self.state, fact)
        except UserError:
            # Or an act that stands only in our spool made this move impossible here; `replace_state` settles it.
            if not self.provisional and not self._is_of_old(fact.body):
                raise
        if fact.provisional:
            self.provisional.update(f"{kind.__name__}:{key}" for kind, key in self.state.before)

    def _is_of_old(self, body: Body) -> bool:
        """Whether it happened to an incident that ended so long ago that it is not held; NotHeld if it is back."""
        if not body.incident or self.state.get(Incident, body.incident) is not None:
            return False
        if isinstance(body, IncidentUnmerged) or (isinstance(body, IncidentMoved) and body.act in REOPENING):
            raise NotHeld(body.incident)
        return True

    def replace_state(self, state: MemoryState, seq: int) -> Changes:
        """Take over a freshly loaded state (start, or after the spool was unloaded); observers see the difference.

        Where it is older than what was shown, `missing` counts what must be read again before anything new.
        """
        for kind in KINDS:
            fresh = {row.key: row for row in state.all(kind)}
            for old in self.state.all(kind):
                if old.key not in fresh:
                    self.state.forget(kind, old.key)
            for row in fresh.values():
                self.state.put(row)
        self.seq = seq
        self._heard = max(self._heard, seq)
        self.provisional.clear()
        self._spooled.clear()
        return self._tell()

    def move(self, positions: Iterable[Position]) -> Changes:
        """Units were seen somewhere; not journaled. What is told late is told, but moves nobody back."""
        moved = tuple(positions)
        for position in moved:
            known = self.positions.get(position.unit)
            if known is None or known.at <= position.at:
                self.positions[position.unit] = position
        return self._tell(positions=moved)

    def forget_old(self, now: datetime) -> Changes:
        """Let go of incidents that ended more than 24 h ago, with what hangs on them, if nothing of it is open.

        Rows of unreadable bytes belong to no incident; they go a day after they were put away, as do technical events,
        test windows, and what `forgetting` names.
        """
        for incident in self.state.all(Incident):
            ended = incident.t_close or incident.created_at
            if incident.open or now - ended < KEEP_CLOSED:
                continue
            belonging: list[Assignment | Handoff | Alarm] = [
                *self.orders(incident.number),
                *self.handoffs(incident.number),
                *self.alarms(incident.number),
            ]
            if any(row.open for row in belonging):
                continue
            for row in belonging:
                self.state.forget(type(row), row.key)
            self.state.forget(Incident, incident.number)
            self._let_go(gone_with(self.state, incident.number))
        self._let_go(over(self.state, now))
        for alarm in self.alarms(""):
            if not alarm.open and now - (alarm.reset_at or alarm.received_at) >= KEEP_CLOSED:
                self.state.forget(Alarm, alarm.key)
        self._forget_equipment(now)
        return self._tell()

    def _let_go(self, rows: Iterable[Entity]) -> None:
        for row in list(rows):
            self.state.forget(type(row), row.key)

    def _forget_equipment(self, now: datetime) -> None:
        ended: list[tuple[Trouble | TestWindow, datetime | None]] = [
            *((trouble, trouble.closed_at) for trouble in self.state.all(Trouble)),
            *((window, window.ended_at) for window in self.state.all(TestWindow)),
        ]
        for row, at in ended:
            if at is not None and now - at >= KEEP_CLOSED:
                self.state.forget(type(row), row.key)

    def _tell(self, facts: tuple[Fact, ...] = (), positions: tuple[Position, ...] = ()) -> Changes:
        added, updated, removed = self.state.take_changes()
        changes = Changes(tuple(added), tuple(updated), tuple(removed), facts, positions)
        if changes:
            for observer in tuple(self._observers):
                self._tell_one(observer, changes)
        return changes

    def _tell_one(self, observer: Observer, changes: Changes) -> None:
        """A window that trips must not keep an alarm from the strip and the sound."""
        try:
            observer(changes)
        except Exception as error:  # noqa: BLE001 -- told through on_bug
            self.on_bug(getattr(observer, "__qualname__", repr(observer)), error)

    # -- what it answers -------------------------------------------------------------------------------------

    def is_provisional(self, entity: Entity) -> bool:
        """Whether the entity carries acts that stand only in this machine's spool (本机暂存)."""
        return f"{type(entity).__name__}:{entity.key}" in self.provisional

    def incidents(self) -> list[Incident]:
        return self.state.all(Incident)

    def units(self) -> list[Unit]:
        return self.state.all(Unit)

    def unacknowledged_alarms(self) -> list[Alarm]:
        """The strip's stack: the gravest first, then the oldest."""
        waiting = [alarm for alarm in self.state.all(Alarm) if alarm.unacknowledged]
        return sorted(waiting, key=lambda alarm: (alarm.priority, alarm.received_at))

    def orders(self, number: str) -> list[Assignment]:
        return self.state.where(Assignment, incident=number)

    def handoffs(self, number: str) -> list[Handoff]:
        return self.state.where(Handoff, incident=number)

    def alarms(self, number: str) -> list[Alarm]:
        return self.state.where(Alarm, incident=number)

    def site(self, key: str) -> Site | None:
        return self.state.get(Site, key)

    def promises(self, number: str) -> list[Promise]:
        """Every promise that runs on an incident, the earliest due first."""
        incident = self.state.get(Incident, number)
        if incident is None:
            return []
        site_s = self._site_s(incident)
        found = [incident_promise(incident, self.reference, self.handoffs(number))]
        found += [alarm_promise(alarm, self.reference) for alarm in self.alarms(number)]
        found.append(ring_back_promise(incident, self.reference))
        for order in self.orders(number):
            found += order_promises(order, incident, self.reference, site_s)
        for handoff in self.handoffs(number):
            found += handoff_promises(handoff, incident, self.reference)
        return sorted((promise for promise in found if promise is not None), key=lambda promise: promise.due_at)

    def order_promise(self, order: Assignment) -> Promise | None:
        """What a unit owes first by this order."""
        incident = self.state.get(Incident, order.incident)
        if incident is None:
            return None
        return next(iter(order_promises(order, incident, self.reference, self._site_s(incident))), None)

    def _site_s(self, incident: Incident) -> int | None:
        """The alarm site's own limit for the arrival, in seconds."""
        site = self.site(incident.site) if incident.site else None
        return site.limit_min * 60 if site is not None and site.limit_min is not None else None
