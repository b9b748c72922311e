"""Ledger: what an act sees while it is carried out on the tables.

Reads go through a cache that lives as long as the act, writes are collected and laid down in one statement
a kind: before the next query by fields, and when the act ends.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from inspect import signature
from operator import attrgetter

from sqlalchemy import Connection, Select, bindparam, literal_column, select

from console.domain.body import Body
from console.domain.facts import DeadlinePassed, Fact
from console.domain.fold import fold
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.domain.state import KINDS, E, Entity
from console.persistence import records
from console.persistence.base import table
from console.persistence.dialect import count_up, insert_once, together, upsert
from console.persistence.numbers import day_counter, incident_number
from console.persistence.tables import ROWS, CounterRow, DeadlineRow
from console.persistence.terms import COLUMNS, TERMS, terms_row
from console.spelling.terms import searched


@cache
def _names(kind: type[Entity]) -> tuple[str, ...]:
    """An entity's fields, which are its constructor's arguments."""
    return tuple(signature(kind).parameters)


@cache
def selection(kind: type[E]) -> Select[*tuple[object, ...]]:
    """The columns of an entity, in the order of its fields."""
    columns = table(ROWS[kind]).c
    return select(*(columns[name] for name in _names(kind)))


def entity(kind: type[E], row: object) -> E:
    """The domain value of a selected row."""
    return kind(**dict(zip(_names(kind), row, strict=True)))  # type: ignore[call-overload]


@cache
def _by_key(kind: type[E]) -> Select[*tuple[object, ...]]:
    (key,) = table(ROWS[kind]).primary_key
    return selection(kind).where(key == bindparam("key"))


@cache
def _by_fields(
    kind: type[E], names: tuple[str, ...], several: tuple[tuple[str, int], ...], empty: tuple[str, ...]
) -> Select[*tuple[object, ...]]:
    """Rows whose fields `names` have the values bound under these names, whose fields `several` one of so many values
    (bound as `state_0`, `state_1` …), and whose fields `empty` are NULL.

    Built once per question: building it anew cost more than asking it.
    """
    columns = table(ROWS[kind]).c
    wanted = selection(kind).where(*(columns[name] == bindparam(name) for name in names))
    wanted = wanted.where(
        *(
            columns[name].in_([bindparam(f"{name}_{n}", type_=columns[name].type) for n in range(count)])
            for name, count in several
        )
    )
    if kind is Incident and "phone" in names:
        # The index knows only incidents with a number: the statement has to say that it asks for no others.
        wanted = wanted.where(columns.phone != literal_column("''"))
    return wanted.where(*(columns[name].is_(None) for name in empty)).order_by(*table(ROWS[kind]).primary_key)


@cache
def _fields(kind: type[Entity]) -> Callable[[Entity], tuple[object, ...]]:
    return attrgetter(*_names(kind))


def values(row: Entity) -> dict[str, object]:
    """The columns of an entity by name."""
    kind = type(row)
    return dict(zip(_names(kind), _fields(kind)(row), strict=True))


class SqlLedger:
    """A ledger over one connection inside a transaction; `facts` are what the act has recorded so far.

    `earlier` gives the facts of acts before it in the same transaction, which have no number yet.
    """

    def __init__(
        self,
        connection: Connection,
        act: Act,
        now: datetime,
        prefix: str,
        earlier: Callable[[], list[Fact]] = list,
    ) -> None:
        self._connection = connection
        self._earlier = earlier
        self._prefix = prefix
        self._known: dict[tuple[type[Entity], str], Entity | None] = {}
        self._unwritten: dict[type[Entity], dict[str, Entity]] = {kind: {} for kind in KINDS}
        self._found_by: dict[str, tuple[str, ...]] = {}
        self.act = act
        self.now = now
        self.facts: list[Fact] = []

    def get(self, kind: type[E], key: str) -> E | None:
        if (kind, key) not in self._known:
            row = self._connection.execute(_by_key(kind), {"key": key}).first()
            stored = self._known[kind, key] = None if row is None else entity(kind, row)
            if isinstance(stored, Incident):
                self._found_by[key] = searched(stored)
        found = self._known[kind, key]
        return found if isinstance(found, kind) else None

    def put(self, entity: Entity) -> None:
        self._known[type(entity), entity.key] = entity
        self._unwritten[type(entity)][entity.key] = entity

    def where(self, kind: type[E], **equal: object) -> list[E]:
        self.flush()
        several = {name: values for name, values in equal.items() if isinstance(values, tuple)}
        one = {name: value for name, value in equal.items() if value is not None and name not in several}
        counts = tuple((name, len(values)) for name, values in several.items())
        wanted = _by_fields(kind, tuple(one), counts, tuple(sorted(equal.keys() - one.keys() - several.keys())))
        bound = one | {f"{name}_{n}": value for name, values in several.items() for n, value in enumerate(values)}
        return [entity(kind, row) for row in self._connection.execute(wanted, bound)]

    def record(self, body: Body) -> None:
        if isinstance(body, DeadlinePassed) and not self._first_to_announce(body):
            return
        fact = Fact(at=self.now, actor=self.act.actor, seat=self.act.seat, act_id=self.act.act_id, body=body)
        fold(self, fact)
        self.facts.append(fact)

    def next_number(self) -> str:
        row = {"name": day_counter(self.now), "value": 1}
        value = self._connection.execute(count_up(self._connection, table(CounterRow)), row).scalar_one()
        return incident_number(self._prefix, self.now, value)

    def announced(self, subject: str, rule: str, step: int, due_at: datetime) -> bool:
        told = table(DeadlineRow)
        same = (told.c.subject == subject, told.c.rule == rule, told.c.step == step, told.c.due_at == due_at)
        wanted = select(told.c.step).where(*same)
        return self._connection.execute(wanted).first() is not None

    def since(self, seq: int, incident: str) -> list[Fact]:
        wanted = records.OF_INCIDENT_SINCE
        rows = self._connection.execute(wanted, {"incident": incident, "seq": seq})
        told = [records.fact(records.entry(row)) for row in rows]
        return told + [fact for fact in self._earlier() if fact.body.incident == incident]

    def flush(self) -> None:
        """Lay down what has been put since the last time."""
        unwritten = [(kind, rows) for kind, rows in self._unwritten.items() if rows]
        if not unwritten:
            return
        with together(self._connection):
            for kind, rows in unwritten:
                statement = upsert(self._connection, table(ROWS[kind]), _names(kind))
                self._connection.execute(statement, [values(row) for row in rows.values()])
                if kind is Incident:
                    self._write_terms([row for row in rows.values() if isinstance(row, Incident)])
                rows.clear()

    def _write_terms(self, incidents: Sequence[Incident]) -> None:
        """What incidents are found by, where that is new: most acts move them and change no word of it."""
        changed = [row for row in incidents if self._found_by.get(row.number) != searched(row)]
        if changed:
            statement = upsert(self._connection, TERMS, COLUMNS)
            self._connection.execute(statement, [terms_row(row) for row in changed])
            self._found_by |= {row.number: searched(row) for row in changed}

    def _first_to_announce(self, body: DeadlinePassed) -> bool:
        key = {"subject": body.subject, "rule": body.rule, "step": body.step, "due_at": body.due_at}
        return self._connection.execute(insert_once(self._connection, table(DeadlineRow)), key).first() is not None
