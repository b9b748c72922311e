"""Queries: what the command line, the lists and the reports ask of the database.

Blocking, on connections of their own that never write: windows call them by `asyncio.to_thread`. Every
answer is made of domain values.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Select, Table, and_, func, literal_column, or_, select

from console.domain.alarm import Alarm
from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.domain.incident import Incident
from console.domain.site import Signal
from console.domain.test_window import TestWindow
from console.domain.unit import Position
from console.persistence import records
from console.persistence.base import table
from console.persistence.chain import Entry
from console.persistence.dialect import glance, is_server, reading_engine, told_plainly
from console.persistence.ledger import entity, selection
from console.persistence.picture import ALARMS, INCIDENTS, OPEN_ALARM, OPEN_INCIDENT
from console.persistence.schema import require_current
from console.persistence.searching import NO_KINDS, Question
from console.persistence.tables import AssignmentRow, HandoffRow, SignalRow, TrackRow

_NEWEST_FIRST = (INCIDENTS.c.created_at.desc(), INCIDENTS.c.number.desc())
AT_ONCE = 500
"""Numbers asked for in one statement; a database takes only so many."""
_SIGNALS = table(SignalRow)
_TRACK = table(TrackRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """An incident with the units and agencies ever put on it, each once, in the order they came."""

    incident: Incident
    units: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSignal:
    """A signal with the number of its fact in the journal."""

    seq: int
    signal: Signal


class Queries:
    """Questions to one database; from any thread. Raises UserError (no such database) and JournalUnavailable."""

    def __init__(self, url: str) -> None:
        try:
            with glance(url) as connection:
                require_current(connection)
        except JournalUnavailable:
            # A server that is away now is asked again with the first question.
            if not is_server(url):
                raise
        self._url = url
        self._engine = reading_engine(url)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def signals(self, since: int = 0, limit: int | None = None) -> list[StoredSignal]:
        """Every stored signal after the number `since`, in order."""
        wanted = selection(Signal).add_columns(_SIGNALS.c.seq).where(_SIGNALS.c.seq > since)
        with told_plainly(), self._engine.begin() as connection:
            rows = connection.execute(wanted.order_by(_SIGNALS.c.seq).limit(limit)).all()
        return [StoredSignal(seq=seq, signal=entity(Signal, signal)) for *signal, seq in rows]

    def signals_of_window(self, window: TestWindow) -> list[StoredSignal]:
        """What went to the test lane of this window, in order."""
        of_window = and_(
            _SIGNALS.c.received_at.between(window.since, window.until), _SIGNALS.c.test_window == window.id
        )
        wanted = selection(Signal).add_columns(_SIGNALS.c.seq).where(of_window)
        with told_plainly(), self._engine.begin() as connection:
            rows = connection.execute(wanted.order_by(_SIGNALS.c.seq)).all()
        return [StoredSignal(seq=seq, signal=entity(Signal, signal)) for *signal, seq in rows]

    def last_heard(self, since: datetime) -> dict[tuple[str, str], datetime]:
        """When each account was heard last, by (line, account), of what was received since then."""
        columns = _SIGNALS.c
        wanted = select(columns.line, columns.account, func.max(columns.received_at))
        wanted = wanted.where(columns.received_at >= since, columns.account != "")
        with told_plainly(), self._engine.begin() as connection:
            rows = connection.execute(wanted.group_by(columns.line, columns.account)).all()
        return {(line, account): at for line, account, at in rows}

    def signals_of(self, account: str, line: str, since: datetime, limit: int) -> list[Signal]:
        """An account's last signals since then, newest first; `line` '' is any line."""
        columns = _SIGNALS.c
        wanted = selection(Signal).where(columns.received_at >= since, columns.account == account)
        wanted = wanted.where(columns.line == line) if line else wanted
        with told_plainly(), self._engine.begin() as connection:
            rows = connection.execute(wanted.order_by(columns.received_at.desc()).limit(limit)).all()
        return [entity(Signal, row) for row in rows]

    def signals_with(
        self, since: datetime, event_codes: Collection[str], sia_codes: Collection[str]
    ) -> list[tuple[str, str, datetime]]:
        """(line, account, when) of every signal with one of these codes since then, copies left out, oldest first."""
        columns = _SIGNALS.c
        coded = or_(columns.event_code.in_(event_codes), columns.sia_code.in_(sia_codes))
        wanted = select(columns.line, columns.account, columns.received_at)
        wanted = wanted.where(columns.received_at >= since, columns.copy_of == "", coded)
        with told_plainly(), self._engine.begin() as connection:
            return [
                (line, account, at) for line, account, at in connection.execute(wanted.order_by(columns.received_at))
            ]

    def alarms(self, open_only: bool = False) -> list[Alarm]:
        """One-key alarms, oldest first."""
        wanted = selection(Alarm).order_by(ALARMS.c.received_at, ALARMS.c.id)
        if open_only:
            wanted = wanted.where(OPEN_ALARM)
        with told_plainly(), self._engine.begin() as connection:
            return [entity(Alarm, row) for row in connection.execute(wanted)]

    def incidents(self, open_only: bool = False, limit: int | None = None, offset: int = 0) -> list[IncidentLine]:
        """A page of incidents, newest first."""
        wanted = selection(Incident).order_by(*_NEWEST_FIRST).limit(limit).offset(offset)
        return self._lines(wanted.where(OPEN_INCIDENT) if open_only else wanted)

    def count_incidents(self, open_only: bool = False) -> int:
        """How many incidents there are, for the pages of the list."""
        wanted = select(func.count()).select_from(INCIDENTS)
        with told_plainly(), self._engine.begin() as connection:
            return int(connection.execute(wanted.where(OPEN_INCIDENT) if open_only else wanted).scalar_one())

    def incident(self, number: str) -> IncidentLine | None:
        """One incident by its number, or by the local number it was given while the journal was away."""
        named = or_(INCIDENTS.c.number == number, INCIDENTS.c.alias == number)
        return next(iter(self._lines(selection(Incident).where(named))), None) if number else None

    def search(
        self, text: str, limit: int = 50, kinds: Mapping[str, Collection[str]] = NO_KINDS, before: str = ""
    ) -> list[IncidentLine]:
        """Incidents that name every word of the text anywhere a person would look, newest first; found by index.

        `kinds`: codes whose label fits a word, by the word, found by the caller. `before`: only those opened before
        the incident of this number, for the next page.
        """
        question = Question(text, kinds)
        with told_plainly(), self._engine.begin() as connection:
            found = list(islice(question.answers(connection, before), limit)) if question.sought else []
            return _with_orders(connection, found)

    def count_calls(self, phone: str, since: datetime) -> int:
        """How many incidents were opened for exactly this telephone number since then; found by index."""
        # The index knows only incidents with a number: the statement has to say that it asks for no others.
        named = and_(
            INCIDENTS.c.phone == phone, INCIDENTS.c.phone != literal_column("''"), INCIDENTS.c.created_at >= since
        )
        wanted = select(func.count()).select_from(INCIDENTS).where(named)
        with told_plainly(), self._engine.begin() as connection:
            return int(connection.execute(wanted).scalar_one())

    def incidents_of(self, phone: str, limit: int) -> list[Incident]:
        """The incidents of exactly this telephone number, newest first; found by index."""
        named = and_(INCIDENTS.c.phone == phone, INCIDENTS.c.phone != literal_column("''"))
        wanted = selection(Incident).where(named).order_by(*_NEWEST_FIRST).limit(limit)
        with told_plainly(), self._engine.begin() as connection:
            return [entity(Incident, row) for row in connection.execute(wanted)]

    def timeline(self, number: str) -> list[Fact]:
        """Every fact of one incident, in order."""
        wanted = select(*records.COLUMNS).where(records.JOURNAL.c.incident == number)
        with told_plainly(), self._engine.begin() as connection:
            rows = connection.execute(wanted.order_by(records.JOURNAL.c.seq)).all()
        return [records.fact(records.entry(row)) for row in rows]

    def told(self, name: str, since: datetime) -> list[Fact]:
        """Every fact of one name from `since` on, in order; found by the journal's index of times."""
        columns = records.JOURNAL.c
        wanted = select(*records.COLUMNS).where(columns.at >= since, columns.name == name).order_by(columns.seq)
        with told_plainly(), self._engine.begin() as connection:
            rows = connection.execute(wanted).all()
        return [records.fact(records.entry(row)) for row in rows]

    def unread(self, since: datetime) -> list[tuple[str, datetime]]:
        """(line, when) of every stored frame from `since` on that nobody could read, in order."""
        columns = _SIGNALS.c
        wanted = select(columns.line, columns.received_at)
        wanted = wanted.where(columns.received_at >= since, columns.type == "garbage").order_by(columns.received_at)
        with told_plainly(), self._engine.begin() as connection:
            return [(line, at) for line, at in connection.execute(wanted)]

    def journal_rows(self, since: int = 0, limit: int | None = None) -> list[Entry]:
        """The journal as it is stored, after the number `since`."""
        with told_plainly(), self._engine.begin() as connection:
            return records.entries(connection, since, limit)

    def track(self, unit: str, since: datetime, until: datetime) -> list[Position]:
        """Where a unit was between two times, in order."""
        columns = _TRACK.c
        wanted = select(columns.unit, columns.lat, columns.lon, columns.at)
        wanted = wanted.where(columns.unit == unit, columns.at.between(since, until)).order_by(columns.at)
        with told_plainly(), self._engine.begin() as connection:
            return [Position(unit=u, lat=lat, lon=lon, at=at) for u, lat, lon, at in connection.execute(wanted)]

    def _lines(self, wanted: Select[*tuple[object, ...]]) -> list[IncidentLine]:
        with told_plainly(), self._engine.begin() as connection:
            return _with_orders(connection, [entity(Incident, row) for row in connection.execute(wanted)])


def _with_orders(connection: Connection, found: Sequence[Incident]) -> list[IncidentLine]:
    numbers = [incident.number for incident in found]
    units_of = _named(connection, table(AssignmentRow), "unit", "t_dispatch", numbers)
    agencies_of = _named(connection, table(HandoffRow), "agency", "t_draft", numbers)
    return [IncidentLine(incident=row, units=units_of[row.number], agencies=agencies_of[row.number]) for row in found]


def _named(
    connection: Connection, rows: Table, name: str, since: str, numbers: Sequence[str]
) -> defaultdict[str, tuple[str, ...]]:
    """What was put on each of these incidents, each name once, in the order it came."""
    columns = rows.c
    wanted = select(columns.incident, columns[name]).order_by(columns[since], columns.id)
    names: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for start in range(0, len(numbers), AT_ONCE):
        some = columns.incident.in_(numbers[start : start + AT_ONCE])
        for incident, found in connection.execute(wanted.where(some)):
            if found not in names[incident]:
                names[incident] = (*names[incident], found)
    return names
