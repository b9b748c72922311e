"""Leases 租约: who works something that only one may work at a time (a line, an outbox, a daily check).

A row a lease, renewed by its holder and free for others once it has run out; nothing of it is journaled. Time is
the database's own clock, so that the machines' clocks need not agree. Every call is one short transaction and
blocks: at most some seconds on a server that is away, then it raises JournalUnavailable. Calls come from one
thread at a time.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, case, delete, or_, select, type_coerce, update
from sqlalchemy.exc import ProgrammingError

from console.domain.errors import JournalUnavailable
from console.persistence import dialect
from console.persistence.base import table
from console.persistence.columns import from_epoch_ms
from console.persistence.tables import LeaseRow

RENEW_S = 2.0
LEASE_S = 6.0
"""A lease that was not renewed for so long is free (DESIGN section 5)."""

CLOCK_SLACK_S = 1.0

LEASES = table(LeaseRow)
_LEASE_MS = int(LEASE_S * 1000)
_SLACK_MS = int(CLOCK_SLACK_S * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who asks: a process by its machine's name, its number and its seat; `token` is its alone, at any time."""

    host: str
    pid: int
    seat: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease as it stood when it was read. `left_s` seconds were left of it, 0 or less once it had run out."""

    name: str
    holder: Holder
    taken_at: datetime
    left_s: float

    @property
    def run_out(self) -> bool:
        """Anybody may take it. One that has more left than was ever given was written before the clock was set back."""
        return not 0 < self.left_s <= LEASE_S + CLOCK_SLACK_S


class Leases:
    """The leases of one database. Opens nothing before the first call."""

    def __init__(self, url: str) -> None:
        self._engine = dialect.side_engine(url)

    def take(self, name: str, holder: Holder, *, dead: str = "", from_others: bool = True) -> Lease:
        """Take the lease if it is free, or renew it if it is the holder's; answers the lease as it is now.

        It is ours if the answer's token is. `dead` is the token of a holder that is known to be gone, from whom it
        may be taken before it runs out. Without `from_others` another host keeps what it held last, run out or not.
        """
        with self._begun() as connection:
            now = dialect.clock_ms(connection)
            row = connection.execute(_take(connection, now, from_others), {**_columns(name, holder), "dead": dead})
            got = row.first()
            return _lease(got if got is not None else connection.execute(_read(connection, name)).one())

    def renew(self, names: Collection[str], holder: Holder) -> frozenset[str]:
        """Renew all these leases at once; answers those that still were the holder's, run out or not."""
        with self._begun() as connection:
            mine = and_(LEASES.c.token == holder.token, LEASES.c.name.in_(list(names)))
            renewed = update(LEASES).where(mine).values(expires_at=dialect.clock_ms(connection) + _LEASE_MS)
            return frozenset(connection.execute(renewed.returning(LEASES.c.name)).scalars())

    def release(self, holder: Holder) -> None:
        """Give back every lease of this holder: others may take them at once."""
        with self._begun() as connection:
            connection.execute(delete(LEASES).where(LEASES.c.token == holder.token))

    def give_back(self, name: str, holder: Holder) -> None:
        """Give back one lease, if it is the holder's."""
        with self._begun() as connection:
            connection.execute(delete(LEASES).where(LEASES.c.token == holder.token, LEASES.c.name == name))

    def holder(self, name: str) -> Lease | None:
        """Who holds the lease, or held it last; None if nobody, or it was given back."""
        with self._begun() as connection:
            row = connection.execute(_read(connection, name)).first()
            return None if row is None else _lease(row)

    def all(self, prefix: str = "") -> dict[str, Lease]:
        """Every lease whose name begins so."""
        with self._begun() as connection:
            found = connection.execute(_read(connection).where(LEASES.c.name.startswith(prefix, autoescape=True)))
            return {row.name: _lease(row) for row in found}

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        try:
            with dialect.told_plainly(), self._engine.begin() as connection:
                yield connection
        except ProgrammingError as error:
            # A server that was away at our start is there again, and the journal's writer is about to make its tables.
            raise JournalUnavailable("数据库还没有建好", "稍候；长时间如此请运行 db upgrade") from error

    def close(self) -> None:
        """Let the connection go."""
        self._engine.dispose()


def _columns(name: str, holder: Holder) -> dict[str, Any]:
    return {"name": name, "host": holder.host, "pid": holder.pid, "seat": holder.seat, "token": holder.token}


def _take(connection: Connection, now: Any, from_others: bool) -> Any:
    told: dict[str, Any] = {column: bindparam(column) for column in ("name", "host", "pid", "seat", "token")}
    insert = dialect.insert(connection, LEASES).values(**told, taken_at=now, expires_at=now + _LEASE_MS)
    new = insert.excluded
    # Compared with the statement's own new expiry, so that the clock is read once.
    expires, given = (type_coerce(column, BigInteger) for column in (LEASES.c.expires_at, new.expires_at))
    run_out = or_(expires <= given - _LEASE_MS, expires > given + _SLACK_MS)
    free = run_out if from_others else and_(run_out, LEASES.c.host == new.host)
    mine = LEASES.c.token == new.token
    set_: dict[str, Any] = {column: new[column] for column in ("host", "pid", "seat", "token", "expires_at")}
    set_["taken_at"] = case((mine, LEASES.c.taken_at), else_=new.taken_at)
    taken = insert.on_conflict_do_update(
        index_elements=["name"], set_=set_, where=or_(mine, free, LEASES.c.token == bindparam("dead"))
    )
    return taken.returning(*LEASES.c, now.label("now"))


def _read(connection: Connection, name: str | None = None) -> Any:
    everything = select(*LEASES.c, dialect.clock_ms(connection).label("now"))
    return everything if name is None else everything.where(LEASES.c.name == name)


def _lease(row: Row[Any]) -> Lease:
    at = from_epoch_ms(row.now)
    holder = Holder(host=row.host, pid=row.pid, seat=row.seat, token=row.token)
    return Lease(
        name=row.name, holder=holder, taken_at=row.taken_at, left_s=(row.expires_at - at) / timedelta(seconds=1)
    )
