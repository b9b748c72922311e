"""Copying: the rows of a whole database from one connection to another, whatever database each of them is.

Values go over as they are stored (a time stays its number, a list its JSON text): nothing is read as a domain
value on the way, so nothing can come out otherwise than it went in.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select
from sqlalchemy.types import TypeDecorator, TypeEngine

from console.persistence.base import Base
from console.persistence.dialect import PAUSE_S
from console.persistence.tables import LeaseRow, PresenceRow

CHUNK = 2000
PASSING = frozenset({LeaseRow.__tablename__, PresenceRow.__tablename__})
"""Tables that say who is at work this second: of no use a minute later, so they are never copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a long piece of work has come: `done` of `total` in `unit`s ('rows', 'pages')."""

    done: int
    total: int
    unit: str = "rows"


Told = Callable[[Progress], None]
"""Who is told how it goes, after every chunk."""


def nobody(_: Progress) -> None:
    """For those who need not be told."""


def _stored(kind: TypeEngine[object]) -> TypeEngine[object]:
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _as_stored(table: Table) -> Table:
    columns = (Column(c.name, _stored(c.type), primary_key=c.primary_key) for c in table.columns)
    return Table(table.name, MetaData(), *columns)


TABLES: Sequence[Table] = tuple(
    _as_stored(table) for name, table in sorted(Base.metadata.tables.items()) if name not in PASSING
)
"""Every table that is copied, with the values as they are stored."""


def counts(connection: Connection) -> Mapping[str, int]:
    """How many rows each table has."""
    return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in TABLES}


@dataclass(slots=True)
class Copying:
    """One database on its way into another, empty one. `pause_s` after each chunk lets others have their turn."""

    source: Connection
    target: Connection
    rows: Mapping[str, int]
    told: Told = nobody
    pause_s: float = PAUSE_S
    _done: int = field(default=0, init=False)

    def run(self, without: frozenset[str] = frozenset()) -> None:
        """Copy every table but those named."""
        for table in TABLES:
            if table.name not in without:
                self._copy(table)

    def _copy(self, table: Table) -> None:
        wanted = select(*table.c).order_by(*table.primary_key)
        with self.source.execute(wanted, execution_options={"yield_per": CHUNK}) as found:
            for chunk in found.mappings().partitions():
                self.target.execute(insert(table), [dict(row) for row in chunk])
                self._done += len(chunk)
                self.told(Progress(done=self._done, total=sum(self.rows.values())))
                time.sleep(self.pause_s)
