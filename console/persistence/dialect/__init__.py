"""Dialect: everything that is particular to the database under the store, in this one place.

A file of SQLite on this machine, or a PostgreSQL server for many seats: chosen by the URL, or by the connection
where there is one. Nobody outside this package knows which one it is. What they share lies here; psycopg is
loaded only for those who use it.
"""

import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Protocol
from urllib.parse import quote

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.exc import DBAPIError

from console.domain.errors import JournalUnavailable
from console.persistence.dialect import sqlite
from console.persistence.dialect.fault import TakenBack, WrongAddress
from console.persistence.dialect.sqlite import (
    BUSY_MS,
    PAUSE_S,
    SIDE_FILES,
    copy_slowly,
    fold_in,
    locate,
    make_private,
    url_of,
)

__all__ = [
    "BUSY_MS",
    "PAUSE_S",
    "SIDE_FILES",
    "TakenBack",
    "WrongAddress",
    "append_only",
    "changes",
    "clock_ms",
    "copy_slowly",
    "count_up",
    "describe",
    "fault_of",
    "fold_in",
    "glance",
    "hear",
    "identity",
    "insert",
    "insert_once",
    "integrity",
    "is_server",
    "listen",
    "locate",
    "make_private",
    "make_room",
    "named",
    "notify",
    "pour",
    "reading_engine",
    "require_place",
    "side_engine",
    "tell",
    "together",
    "told_plainly",
    "unfit",
    "upsert",
    "url_of",
    "writing_engine",
]

LOCK_S = 1.5
READ_S = 10.0
"""How long one statement of a reader may take on a server, in seconds."""

SERVERS = ("postgresql:", "postgresql+psycopg:", "postgres:")


class Ground(Protocol):
    """What each database has of its own; `sqlite` and `postgresql` are the two."""

    def describe(self, url: str) -> str: ...
    def identity(self, url: str) -> str: ...
    def require_place(self, url: str) -> bool: ...
    def writing_engine(self, url: str, lock_s: float) -> Engine: ...
    def reading_engine(self, url: str, patience_s: float) -> Engine: ...
    def side_engine(self, url: str) -> Engine: ...
    def clock_ms(self) -> ColumnElement[int]: ...
    def unfit(self, connection: Connection) -> str: ...
    def append_only(self) -> tuple[str, ...]: ...
    def make_room(self, connection: Connection) -> None: ...
    def integrity(self, connection: Connection) -> list[str]: ...
    def changes(self, connection: Connection, closed: threading.Event) -> Iterator[None]: ...
    def notify(self, connection: Connection, seq: int) -> None: ...
    def listen(self, connection: Connection, channel: str) -> None: ...
    def hear(self, connection: Connection, woken: threading.Event, seconds: float) -> None: ...
    def tell(self, connection: Connection, channel: str) -> None: ...
    def pour(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None: ...
    def together(self, connection: Connection) -> AbstractContextManager[object]: ...
    def fault(self, cause: BaseException) -> JournalUnavailable | None: ...


def is_server(url: str) -> bool:
    """Whether the URL names a database server, which may be away while this machine is well."""
    return url.startswith(SERVERS)


def _ground(server: bool) -> Ground:
    if not server:
        return sqlite
    from console.persistence.dialect import postgresql

    return postgresql


def _under(connection: Connection) -> Ground:
    return _ground(connection.dialect.name == "postgresql")


# -- by URL ------------------------------------------------------------------------------------------------


def describe(url: str) -> str:
    """What to show a person: the file, or the server and database; never a password."""
    return _ground(is_server(url)).describe(url)


def identity(url: str) -> str:
    """The same text for the same database, however its address is written."""
    return _ground(is_server(url)).identity(url)


def named(url: str, name: str) -> str:
    """The URL under which a server's list of connections shows `name` (seat or process); a file has no such list."""
    if not is_server(url) or "application_name=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}application_name={quote(name)}"


def require_place(url: str) -> bool:
    """Whether a database is there to be looked into; UserError where none can ever be."""
    return _ground(is_server(url)).require_place(url)


def writing_engine(url: str, lock_s: float = LOCK_S) -> Engine:
    """For the one writing connection; creates a file. Every transaction takes the append lock at its begin.

    `lock_s`: how long it waits for that on a server (a file: two seconds).
    """
    return _ground(is_server(url)).writing_engine(url, lock_s)


def reading_engine(url: str, patience_s: float = READ_S) -> Engine:
    """For connections that never write; a transaction sees one moment. UserError if there is no such file.

    `patience_s`: how long a server may take for one statement before it counts as away.
    """
    return _ground(is_server(url)).reading_engine(url, patience_s)


def side_engine(url: str) -> Engine:
    """For small rows beside the journal that explain nothing (leases, presence): no append lock, durable or not.

    One connection, kept. Its transactions are short, for on a file they hold the write lock.
    """
    return _ground(is_server(url)).side_engine(url)


@contextmanager
def glance(url: str) -> Iterator[Connection]:
    """One reading transaction on a connection of its own, closed at the end; UserError if there is no such file."""
    engine = reading_engine(url)
    try:
        with told_plainly(), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


# -- by connection -----------------------------------------------------------------------------------------


def clock_ms(connection: Connection) -> ColumnElement[int]:
    """The time by the clock that all who share the database share, in milliseconds since 1970, as SQL."""
    return _under(connection).clock_ms()


def unfit(connection: Connection) -> str:
    """Why an empty database cannot become ours (its order of texts is another than the program's); '' if it can."""
    return _under(connection).unfit(connection)


def append_only(connection: Connection) -> tuple[str, ...]:
    """The statements that make the journal refuse a change, whoever asks."""
    return _under(connection).append_only()


def make_room(connection: Connection) -> None:
    """Let this connection take memory and time, for a load or a migration so large that nothing else fits."""
    _under(connection).make_room(connection)


def integrity(connection: Connection) -> list[str]:
    """What the database itself finds wrong with what it stores; nothing if all is well."""
    return _under(connection).integrity(connection)


def changes(connection: Connection, closed: threading.Event) -> Iterator[None]:
    """Yields at once, whenever another connection may have committed, and now and then anyway, until `closed`."""
    return _under(connection).changes(connection, closed)


def notify(connection: Connection, seq: int) -> None:
    """Tell the others of the number, at the commit of this transaction."""
    _under(connection).notify(connection, seq)


def listen(connection: Connection, channel: str) -> None:
    """From now on `hear` on this connection hears what is told on the channel."""
    _under(connection).listen(connection, channel)


def hear(connection: Connection, woken: threading.Event, seconds: float) -> None:
    """Wait until something was told, `woken` is set or so many seconds have passed."""
    _under(connection).hear(connection, woken, seconds)


def tell(connection: Connection, channel: str) -> None:
    """Wake those who listen on the channel, at the commit of this transaction; a file's readers look by themselves."""
    _under(connection).tell(connection, channel)


def pour(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert many rows (columns by name, the same in each; at least one row) by the quickest way there is."""
    _under(connection).pour(connection, table, rows)


def together(connection: Connection) -> AbstractContextManager[object]:
    """Statements inside that bring no rows back, and a commit, go to the server in one journey; errors at the end."""
    return _under(connection).together(connection)


_INSERTS: dict[str, type[SqliteInsert] | type[PostgresqlInsert]] = {
    "sqlite": SqliteInsert,
    "postgresql": PostgresqlInsert,
}
Upsert = SqliteInsert | PostgresqlInsert


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> Upsert:
    statement = _INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def _insert_once(dialect: str, table: Table) -> Upsert:
    statement = _INSERTS[dialect](table).on_conflict_do_nothing()
    return statement.returning(*table.primary_key)  # type: ignore[return-value]


@cache
def _count_up(dialect: str, table: Table) -> Upsert:
    statement = _INSERTS[dialect](table)
    raised = statement.on_conflict_do_update(index_elements=["name"], set_={"value": table.c.value + 1})
    return raised.returning(table.c.value)  # type: ignore[return-value]


def insert(connection: Connection, table: Table) -> Upsert:
    """An INSERT that can say what to do where the key is there already."""
    return _INSERTS[connection.dialect.name](table)


def upsert(connection: Connection, table: Table, names: tuple[str, ...]) -> Upsert:
    """Insert a row, or replace the named columns of the one with the same key."""
    return _upsert(connection.dialect.name, table, names)


def insert_once(connection: Connection, table: Table) -> Upsert:
    """Insert a row and answer its key, unless that is there already: then no row comes back."""
    return _insert_once(connection.dialect.name, table)


def count_up(connection: Connection, table: Table) -> Upsert:
    """Raise the counter `name` by one, from nothing to 1, and return it."""
    return _count_up(connection.dialect.name, table)


# -- faults ------------------------------------------------------------------------------------------------


def fault_of(error: BaseException) -> JournalUnavailable | None:
    """What the failure of the ground means to a person, or None if the fault is our own."""
    if isinstance(error, JournalUnavailable):
        return error
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        return sqlite.fault(cause)
    if "psycopg" in sys.modules and (told := _ground(server=True).fault(cause)):
        return told
    return (
        JournalUnavailable("读写数据库文件出错", str(cause.strerror or cause)) if isinstance(cause, OSError) else None
    )


def _of_the_ground() -> tuple[type[BaseException], ...]:
    """What a failing ground may raise; psycopg's own where SQLAlchemy did not stand in between."""
    psycopg = sys.modules.get("psycopg")
    return (DBAPIError, sqlite3.Error, OSError, *((psycopg.Error,) if psycopg else ()))


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns a failure of the ground inside the block into JournalUnavailable; our own bugs pass as they are."""
    try:
        yield
    except Exception as error:
        fault = fault_of(error) if isinstance(error, _of_the_ground()) else None
        if fault is None:
            raise
        raise fault from error
