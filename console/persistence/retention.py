"""Retention 留存: what may be purged when it is old enough, and what never is.

Of the database only the track may go: positions are no facts. The journal and the state it explains stay for ever.
Nothing younger than 184 days goes (网络安全法: logs at least six months), and a hold 留存令 wins over every purge: the
positions of the units of a held incident while it lasted, or everything of a held span of time.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, false, func, or_, select

from console.domain.approval import Hold
from console.domain.errors import UserError
from console.domain.facts import (
    ActRefused,
    ApprovalAsked,
    ApprovalDecided,
    HoldLifted,
    HoldPlaced,
    PersonRevealed,
    PersonViewed,
)
from console.domain.state import E
from console.domain.unit import TRAIL, vehicle_key
from console.persistence.base import table
from console.persistence.dialect import PAUSE_S, glance, reading_engine, told_plainly, writing_engine
from console.persistence.ledger import entity, selection
from console.persistence.schema import require_current
from console.persistence.tables import AlarmRow, AssignmentRow, IncidentRow, JournalRow, TrackRow

LEAST_DAYS = 184
"""Six calendar months are at most 184 days."""
AT_ONCE = 5000
LATE = timedelta(days=1)
"""A position reaches the table at most so long after its time."""
PATIENCE_S = 120.0

_TRACK = table(TrackRow)
_INCIDENTS = table(IncidentRow)
_ORDERS = table(AssignmentRow)
_ALARMS = table(AlarmRow)
_JOURNAL = table(JournalRow)

_ABOUT = tuple(
    fact.__name__
    for fact in (HoldPlaced, HoldLifted, PersonViewed, PersonRevealed, ActRefused, ApprovalAsked, ApprovalDecided)
)
"""Facts about an incident's record, perhaps years later: nothing moved then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many rows would go, and how many stay under a hold."""

    rows: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A span of time in which nothing goes; `units` None: of nobody. Open ends are None.

    `names` are the numbers of a held incident: the journal's, and the local one that slips printed offline carry.
    """

    since: datetime | None
    until: datetime | None
    names: tuple[str, ...] = ()
    units: frozenset[str] | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the time lies in the span."""
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)


def require_old_enough(before: datetime, now: datetime) -> None:
    """UserError if something younger than the law allows would go."""
    if before > now - timedelta(days=LEAST_DAYS):
        raise UserError(
            f"不满 {LEAST_DAYS} 天的数据不得清除（网络安全法第二十三条）：--before 须早于 {LEAST_DAYS} 天前"
        )


def every(url: str, kind: type[E]) -> list[E]:
    """All stored entities of a kind, in the order of their keys."""
    with glance(url) as connection:
        require_current(connection)
        return _every(connection, kind)


def _every(connection: Connection, kind: type[E]) -> list[E]:
    return sorted((entity(kind, row) for row in connection.execute(selection(kind))), key=lambda row: row.key)


def held(connection: Connection) -> list[Held]:
    """What every hold that stands protects."""
    return [_span(connection, hold) for hold in _every(connection, Hold) if hold.stands]


def holds(url: str) -> list[Held]:
    """What every hold that stands protects."""
    with glance(url) as connection:
        require_current(connection)
        return held(connection)


def _span(connection: Connection, hold: Hold) -> Held:
    """Of an incident: from its opening to the last that happened to it, still open or reopened included."""
    if not hold.incident:
        return Held(since=hold.since, until=hold.until)
    known = select(_INCIDENTS.c.created_at, _INCIDENTS.c.alias).where(_INCIDENTS.c.number == hold.incident)
    last = select(func.max(_JOURNAL.c.at)).where(_JOURNAL.c.incident == hold.incident, _JOURNAL.c.name.not_in(_ABOUT))
    units = select(_ORDERS.c.unit).where(_ORDERS.c.incident == hold.incident)
    moved = connection.execute(select(_ALARMS.c.account).where(_ALARMS.c.incident == hold.incident)).scalars()
    opened, alias = connection.execute(known).one_or_none() or (None, "")
    return Held(
        since=opened,
        until=connection.execute(last).scalar(),
        names=(hold.incident, *((alias,) if alias else ())),
        units=frozenset([*connection.execute(units).scalars(), *(vehicle_key(account) for account in moved)]),
    )


def _protected(spans: Sequence[Held]) -> ColumnElement[bool]:
    return or_(false(), *(_covered(span) for span in spans))


def _covered(span: Held) -> ColumnElement[bool]:
    # The way of a bus before its alarm belongs to the incident that the alarm opened.
    within = [_TRACK.c.at >= span.since - TRAIL] if span.since is not None else []
    within += [_TRACK.c.at <= span.until] if span.until is not None else []
    within += [_TRACK.c.unit.in_(span.units)] if span.units is not None else []
    return and_(*within)


def count(url: str, before: datetime) -> Counted:
    """What a purge would do at this moment."""
    engine = reading_engine(url, PATIENCE_S)
    try:
        with told_plainly(), engine.begin() as connection:
            require_current(connection)
            old = select(func.count()).select_from(_TRACK).where(_TRACK.c.at < before)
            total = connection.execute(old).scalar_one()
            kept = connection.execute(old.where(_protected(held(connection)))).scalar_one()
            return Counted(rows=total - kept, kept=kept)
    finally:
        engine.dispose()


def purge(url: str, before: datetime, now: datetime) -> int:
    """Take out the positions recorded before that time and under no hold; answers how many went.

    Some thousand rows a transaction, with a pause for the desks. Holds are asked for in each, so one placed meanwhile
    stops what has not gone yet. UserError if something younger than 184 days would go.
    """
    require_old_enough(before, now)
    engine = writing_engine(url)
    gone = 0
    try:
        with told_plainly():
            for first, last in _windows(url, before):
                with engine.begin() as connection:
                    window = and_(_TRACK.c.id.between(first, last), _TRACK.c.at < before)
                    gone += connection.execute(delete(_TRACK).where(window, ~_protected(held(connection)))).rowcount
                time.sleep(PAUSE_S)
    finally:
        engine.dispose()
    return gone


def _windows(url: str, before: datetime) -> Iterator[tuple[int, int]]:
    """Ranges of numbers, from the oldest on, as long as something old may lie in them: rows come in by their time."""
    with glance(url) as connection:
        first, last = connection.execute(select(func.min(_TRACK.c.id), func.max(_TRACK.c.id))).one()
    while first is not None and first <= last:
        with glance(url) as connection:
            youngest = select(func.min(_TRACK.c.at)).where(_TRACK.c.id.between(first, first + AT_ONCE - 1))
            at = connection.execute(youngest).scalar()
        if at is not None and at >= before + LATE:
            return
        yield first, first + AT_ONCE - 1
        first += AT_ONCE
