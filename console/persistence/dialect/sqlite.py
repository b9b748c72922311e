"""Dialect: everything that is particular to the database under the store, in this one place.

Today SQLite in a file: WAL, every commit fsynced, writers take the lock at BEGIN (a deferred transaction
that reads and then writes fails at once in WAL when another process wrote meanwhile). Another database adds
its own branch here and nowhere else.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from console.domain.errors import JournalUnavailable, UserError
from console.persistence.mounts import is_remote

BUSY_MS = 2000
PAUSE_S = 0.005
COPY_PAGES = 500
SIDE_FILES = ("", "-wal", "-shm")
"""What a database may consist of on disk."""
NETWORK_DRIVE = "数据库不能放在网络盘上：{file}；请改用本机磁盘，多席位请用数据库服务器"

_FAULTS = {
    sqlite3.SQLITE_BUSY: ("数据库被其他程序锁住", "关闭占用它的程序；解除后自动恢复"),
    sqlite3.SQLITE_LOCKED: ("数据库被其他程序锁住", "关闭占用它的程序；解除后自动恢复"),
    sqlite3.SQLITE_FULL: ("数据库所在磁盘已满", "清出磁盘空间；腾出后自动恢复"),
    sqlite3.SQLITE_IOERR: ("读写数据库出错", "检查磁盘和接线；恢复后自动继续"),
    sqlite3.SQLITE_CORRUPT: ("数据库文件已损坏", "停止使用并用最近的备份恢复（db restore）"),
    sqlite3.SQLITE_NOTADB: ("文件不是数据库", "核对路径，或用备份恢复（db restore）"),
    sqlite3.SQLITE_READONLY: ("数据库不能写入", "检查文件和文件夹的权限"),
    sqlite3.SQLITE_CANTOPEN: ("打不开数据库文件", "检查路径、权限和磁盘空间"),
    sqlite3.SQLITE_PERM: ("无权打开数据库", "检查文件和文件夹的权限"),
    sqlite3.SQLITE_PROTOCOL: ("数据库被其他程序锁住", "关闭占用它的程序；解除后自动恢复"),
    sqlite3.SQLITE_NOMEM: ("内存不足，不能读写数据库", "关闭其他程序；恢复后自动继续"),
}

APPEND_ONLY = tuple(
    f"CREATE TRIGGER journal_no_{act.lower()} BEFORE {act} ON journal "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for act in ("UPDATE", "DELETE")
)
"""What makes the journal refuse a change, whoever asks."""


def locate(url: str) -> Path:
    """The database file of the URL; UserError for anything that is not a file on a disk of this machine."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UserError(f"数据库地址写法有误：{url}") from None
    if parsed.get_backend_name() != "sqlite":
        raise UserError(f"尚不支持这种数据库：{parsed.get_backend_name()}")
    if not parsed.database or parsed.database == ":memory:":
        raise UserError("数据库必须是一个文件，例如 sqlite:////var/lib/110/desk.db")
    file = Path(parsed.database).absolute()
    if is_remote(file):
        raise UserError(NETWORK_DRIVE.format(file=file))
    return file


def url_of(file: Path) -> str:
    """The URL of a database file."""
    return f"sqlite:///{file.absolute()}"


def _connect(file: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        address = f"{file.as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)

    return connect


def writing_engine(url: str) -> Engine:
    """For the one writing connection; creates the file. Every transaction takes the write lock at its begin."""
    engine = create_engine("sqlite://", creator=_connect(locate(url), "rwc"), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _: object) -> None:
        for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def reading_engine(url: str) -> Engine:
    """For connections that never write; a transaction sees one moment. UserError if there is no such file."""
    file = locate(url)
    if not file.exists():
        raise UserError(f"没有这个数据库：{file}")
    engine = create_engine("sqlite://", creator=_connect(file, "rw"), poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=ON").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def data_version(connection: Connection) -> int:
    """A number that changes when another connection has committed."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def make_room(connection: Connection) -> None:
    """Let this connection keep 200 MB in memory, for a load so large that its indexes do not fit otherwise."""
    connection.exec_driver_sql("PRAGMA cache_size=-200000")


def integrity(connection: Connection) -> list[str]:
    """What the database itself finds wrong with its file; nothing if all is well."""
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [] if found == ["ok"] else [str(line) for line in found]


def copy_slowly(source: Path, target: Path) -> None:
    """Copy a database that is in use, as it stands at this moment, pausing so that the desk can write."""
    with closing(sqlite3.connect(source, isolation_level=None)) as old, closing(sqlite3.connect(target)) as new:
        # An open read transaction pins the moment; without it every commit meanwhile would start the copy anew.
        old.execute("BEGIN").close()
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # `sleep` would pause only while the source is locked; the desk needs its turn after every step.
        old.backup(new, pages=COPY_PAGES, progress=lambda *_: time.sleep(PAUSE_S))
        old.execute("ROLLBACK").close()


def fold_in(file: Path) -> None:
    """Bring everything into the one file, if it can still be read; UserError while another program has it open."""
    try:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise UserError("数据库正在使用：先关闭所有接警台和收信服务") from None


@cache
def upsert(table: Table, names: tuple[str, ...]) -> Insert:
    """Insert a row, or replace the named columns of the one with the same key."""
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def insert_once(table: Table) -> Insert:
    """Insert a row unless its key is there already."""
    return insert(table).on_conflict_do_nothing()


@cache
def count_up(table: Table) -> Insert:
    """Raise the counter `name` by one, from nothing to 1, and return it."""
    statement = insert(table)
    raised = statement.on_conflict_do_update(index_elements=["name"], set_={"value": table.c.value + 1})
    return raised.returning(table.c.value)


def fault_of(error: BaseException) -> JournalUnavailable | None:
    """What the failure of the ground means to a person, or None if the fault is our own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        return JournalUnavailable(*_FAULTS[code]) if code in _FAULTS else None
    return (
        JournalUnavailable("读写数据库文件出错", str(cause.strerror or cause)) if isinstance(cause, OSError) else None
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns a failure of the ground inside the block into JournalUnavailable; our own bugs pass as they are."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise fault from error


@contextmanager
def glance(url: str) -> Iterator[Connection]:
    """One reading transaction on a connection of its own, closed at the end; UserError if there is no such file."""
    engine = reading_engine(url)
    try:
        with told_plainly(), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
