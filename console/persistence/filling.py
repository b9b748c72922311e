"""Filling: a database with years of incidents in it, for bench and for trying out, made in bulk.

Rows, states and chain are exactly what the desk would have written: facts are folded and chained by the
same functions; only the way into the tables is wider. All or nothing: it is one transaction.
"""

import heapq
import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection

from console.domain.assignment import Assignment
from console.domain.clock import Clock, to_ms
from console.domain.errors import UserError
from console.domain.facts import Fact
from console.domain.fold import fold
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.state import Entity, MemoryState
from console.persistence.base import Base, table
from console.persistence.cases import CaseMaker, typical_case
from console.persistence.chain import SALT_BYTES, Entry, Head, head_of, link
from console.persistence.codec import encode
from console.persistence.dialect import make_room, pour, search, told_plainly, writing_engine
from console.persistence.journal import NUMBER_PREFIX
from console.persistence.ledger import values
from console.persistence.numbers import day_counter, incident_number
from console.persistence.schema import prepare
from console.persistence.tables import ROWS, ActRow, CounterRow, JournalRow, TermsRow
from console.persistence.terms import terms_row
from console.persistence.transaction import columns, read_head

SPAN = timedelta(days=730)
OPEN_SPAN = timedelta(hours=8)
LEFT_OPEN = 40
CASES_AT_ONCE = 500
SPOKEN_OF: tuple[type[Entity], ...] = (Incident, Assignment, Handoff)
"""The kinds a case consists of (`cases.CaseMaker`)."""


def fill(url: str, incidents: int, seed: int, clock: Clock, maker: CaseMaker = typical_case) -> Head:
    """Fill an empty database with so many incidents of the two years before now, the newest 40 still open.

    The same seed and clock give the same incidents. UserError if anything is in the journal already.
    """
    prepare(url)
    engine = writing_engine(url)
    with told_plainly(), engine.begin() as connection:
        make_room(connection)
        if read_head(connection).seq:
            raise UserError("数据库里已有日志，不能批量填充；请用新的数据库文件")
        filling = _Filling(connection, Random(seed), maker)  # noqa: S311 -- not a secret
        with search.unindexed(connection):
            return filling.run(_openings(Random(seed), incidents, to_ms(clock())))  # noqa: S311


def _openings(rng: Random, incidents: int, now: datetime) -> Iterator[tuple[datetime, bool]]:
    """When each incident was opened, in order, and whether it is still open."""
    left = min(LEFT_OPEN, incidents)
    for number, begin, span, is_open in (
        (incidents - left, now - SPAN, SPAN - 2 * OPEN_SPAN, False),
        (left, now - OPEN_SPAN, OPEN_SPAN - timedelta(minutes=5), True),
    ):
        for n in range(number):
            yield to_ms(begin + span * ((n + rng.random()) / number)), is_open


class _Filling:
    """Cases on their way into the tables; steps of overlapping cases are put into the order of their times."""

    def __init__(self, connection: Connection, rng: Random, maker: CaseMaker) -> None:
        self._connection = connection
        self._rng = rng
        self._maker = maker
        self._head = read_head(connection)
        self._opened: Counter[str] = Counter()
        self._coming: list[tuple[datetime, int, list[Fact]]] = []
        self._order = itertools.count()

    def run(self, openings: Iterator[tuple[datetime, bool]]) -> Head:
        while chunk := list(itertools.islice(openings, CASES_AT_ONCE)):
            states = [self._begin(at, is_open) for at, is_open in chunk]
            self._store_states(states)
            self._append(until=chunk[-1][0])
        self._append(until=None)
        self._store(CounterRow, [{"name": day, "value": n} for day, n in self._opened.items()])
        return self._head

    def _begin(self, at: datetime, is_open: bool) -> MemoryState:
        """Make one case: its steps are queued, the state they lead to is the answer."""
        day = day_counter(at)
        self._opened[day] += 1
        number = incident_number(NUMBER_PREFIX, at, self._opened[day])
        state = MemoryState()
        for step in self._maker(self._rng, number, at, is_open):
            act_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
            said = [
                Fact(at=step.at, actor=step.actor, seat=step.seat, act_id=act_id, body=body) for body in step.bodies
            ]
            for fact in said:
                fold(state, fact)
            heapq.heappush(self._coming, (step.at, next(self._order), said))
        return state

    def _append(self, until: datetime | None) -> None:
        """Chain and store the steps up to a time, or all."""
        entries: list[Entry] = []
        acts: list[dict[str, object]] = []
        while self._coming and (until is None or self._coming[0][0] <= until):
            _, _, said = heapq.heappop(self._coming)
            for fact in said:
                salt = self._rng.randbytes(SALT_BYTES).hex()
                entries.append(link(fact, encode(fact.body), self._head, salt))
                self._head = head_of(entries[-1])
            acts.append({"act_id": said[-1].act_id, "seq": self._head.seq, "result": "null"})
        self._store(JournalRow, [columns(entry) for entry in entries])
        self._store(ActRow, acts)

    def _store_states(self, states: list[MemoryState]) -> None:
        for kind in SPOKEN_OF:
            self._store(ROWS[kind], [values(row) for state in states for row in state.all(kind)])
        self._store(TermsRow, [terms_row(row) for state in states for row in state.all(Incident)])

    def _store(self, row: type[Base], rows: list[dict[str, object]]) -> None:
        if rows:
            pour(self._connection, table(row), rows)
