"""Records: the journal's rows read back, as entries for the chain and as facts for everyone else."""

import sys
from collections.abc import Iterator

from sqlalchemy import Connection, Row, bindparam, func, select

from console.domain.facts import Fact
from console.persistence.base import table
from console.persistence.chain import Entry, Head, head_of
from console.persistence.codec import decode
from console.persistence.tables import ActRow, JournalRow, SignalRow

JOURNAL = table(JournalRow)
COLUMNS = tuple(JOURNAL.c[name] for name in Entry.__slots__)
CHUNK = 2000
_SINCE = select(*COLUMNS).where(JOURNAL.c.seq > bindparam("since")).order_by(JOURNAL.c.seq).limit(bindparam("most"))
OF_INCIDENT_SINCE = (
    select(*COLUMNS)
    .where(JOURNAL.c.incident == bindparam("incident"), JOURNAL.c.seq > bindparam("seq"))
    .order_by(JOURNAL.c.seq)
)


def entry(row: Row[*tuple[object, ...]]) -> Entry:
    """The entry of a selected row (`COLUMNS`)."""
    return Entry(**row._mapping)


def fact(entry: Entry) -> Fact:
    """The fact an entry tells, lifted to today's version."""
    body = decode(entry.name, entry.version, entry.body)
    return Fact(seq=entry.seq, at=entry.at, actor=entry.actor, seat=entry.seat, act_id=entry.act_id, body=body)


def entries(connection: Connection, since: int, limit: int | None) -> list[Entry]:
    """The entries after `since`, in order, at most `limit`."""
    most = sys.maxsize if limit is None else limit
    return [entry(row) for row in connection.execute(_SINCE, {"since": since, "most": most})]


def all_entries(connection: Connection, since: int = 0, upto: int | None = None) -> Iterator[Entry]:
    """The journal, or its rows after `since` up to and with `upto`.

    A chunk at a time, so that a long journal needs no more memory than a short one.
    """
    while upto is None or since < upto:
        chunk = entries(connection, since, CHUNK if upto is None else min(CHUNK, upto - since))
        if not chunk:
            return
        yield from chunk
        since = chunk[-1].seq


def head_at(connection: Connection, seq: int) -> Head | None:
    """The head as it was when this row was the last; None if there is no such row."""
    found = entries(connection, seq - 1, 1)
    return head_of(found[0]) if found and found[0].seq == seq else None


def last_named(connection: Connection) -> int:
    """The highest number of the journal that acts and signals speak of; 0 if none."""
    columns = (table(ActRow).c.seq, table(SignalRow).c.seq)
    return max(connection.execute(select(func.max(column))).scalar() or 0 for column in columns)
