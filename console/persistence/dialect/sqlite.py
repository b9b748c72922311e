"""SQLite in a file: WAL, every commit fsynced, writers take the lock at BEGIN.

A deferred transaction that reads and then writes fails at once in WAL when another process wrote meanwhile.
"""

import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    literal_column,
    make_url,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, Pool, QueuePool

from console.domain.errors import JournalUnavailable, UserError
from console.persistence.mounts import is_remote

BUSY_MS = 2000
PAUSE_S = 0.005
POLL_S = 0.1
ANYWAY_S = 1.0
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


def unfit(connection: Connection) -> str:
    """A file sorts by bytes and holds every character."""
    return ""


def append_only() -> tuple[str, ...]:
    """Triggers that raise."""
    return tuple(
        f"CREATE TRIGGER journal_no_{act.lower()} BEFORE {act} ON journal "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        for act in ("UPDATE", "DELETE")
    )


def locate(url: str) -> Path:
    """The database file of the URL; UserError for anything that is not a file on a disk of this machine."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        # A password may stand in it.
        shown = re.sub(r"//[^/]*@", "//***@", url)
        raise UserError(f"数据库地址写法有误：{shown}") from None
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


def describe(url: str) -> str:
    """The file."""
    return str(locate(url))


def identity(url: str) -> str:
    """The file behind all links."""
    return str(locate(url).resolve())


def require_place(url: str) -> bool:
    """Whether the file is there; UserError if it cannot be made either."""
    file = locate(url)
    if not file.parent.is_dir():
        raise UserError(f"没有这个文件夹：{file.parent}")
    return file.exists()


def make_private(file: Path) -> None:
    """Make an empty file that only its owner may read, unless it is there; its side files get the same rights.

    Callers' names and numbers and people's password hashes are in it. What goes wrong is told when it is opened.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _connect(file: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        if mode == "rwc":
            make_private(file)
        address = f"{file.as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)

    return connect


def writing_engine(url: str, lock_s: float) -> Engine:
    """Every transaction takes the write lock at its begin; the first one creates the file."""
    return _writing(_connect(locate(url), "rwc"), "FULL", NullPool)


def side_engine(url: str) -> Engine:
    """The write lock as ever, and no fsync: what goes this way may be gone after a power cut."""
    return _writing(_connect(locate(url), "rw"), "NORMAL", QueuePool)


def clock_ms() -> ColumnElement[int]:
    """The machine's clock: whoever shares the file shares it."""
    return literal_column("CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)", BigInteger)


def _writing(connect: Callable[[], sqlite3.Connection], synchronous: str, pool: type[Pool]) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _: object) -> None:
        for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def reading_engine(url: str, patience_s: float) -> Engine:
    """UserError if there is no such file."""
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


def _data_version(connection: Connection) -> int:
    """A number that changes when another connection has committed."""
    with connection.begin():
        return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def changes(connection: Connection, closed: threading.Event) -> Iterator[None]:
    """Looks every 100 ms; once a second it yields in any case."""
    while not closed.is_set():
        seen, until = _data_version(connection), time.monotonic() + ANYWAY_S
        yield
        while not closed.wait(POLL_S) and time.monotonic() < until and _data_version(connection) == seen:
            pass


def notify(connection: Connection, seq: int) -> None:
    """Others see it by themselves."""


def listen(connection: Connection, channel: str) -> None:
    """A file tells nobody."""


def hear(connection: Connection, woken: threading.Event, seconds: float) -> None:
    """Only this process's own word comes sooner than the next look."""
    woken.wait(seconds)


def tell(connection: Connection, channel: str) -> None:
    """Others see it at their next look."""


def pour(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """By the driver itself: a fifth of the time of a load would go into putting each row in order again."""
    columns = [table.c[name] for name in rows[0]]
    as_stored = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns]
    names, marks = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
    given = [
        tuple([change(value) if change else value for change, value in zip(as_stored, row.values(), strict=True)])
        for row in rows
    ]
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', given)  # noqa: S608


def together(connection: Connection) -> AbstractContextManager[object]:
    """There is no journey to save."""
    return nullcontext()


def make_room(connection: Connection) -> None:
    """200 MB in memory, for a load whose indexes do not fit otherwise."""
    connection.exec_driver_sql("PRAGMA cache_size=-200000")


def integrity(connection: Connection) -> list[str]:
    """What SQLite finds wrong with its file."""
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [] if found == ["ok"] else [str(line) for line in found]


def copy_slowly(source: Path, target: Path, told: Callable[[int, int], None] = lambda *_: None) -> None:
    """Copy a database that is in use, as it stands at this moment, pausing so that the desk can write.

    `told` hears after each step how many pages are left, and of how many.
    """

    def pause(_: int, left: int, total: int) -> None:
        told(left, total)
        time.sleep(PAUSE_S)

    make_private(target)
    with closing(sqlite3.connect(source, isolation_level=None)) as old, closing(sqlite3.connect(target)) as new:
        # An open read transaction pins the moment; without it every commit meanwhile would start the copy anew.
        old.execute("BEGIN").close()
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # `sleep` would pause only while the source is locked; the desk needs its turn after every step.
        old.backup(new, pages=COPY_PAGES, progress=pause)
        old.execute("ROLLBACK").close()


def fold_in(file: Path) -> None:
    """Bring everything into the one file, if it can still be read; UserError while another program has it open."""
    try:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise UserError("数据库正在使用：先关闭所有接警台和收信服务") from None


def fault(cause: BaseException) -> JournalUnavailable | None:
    """What an error of SQLite means to a person, or None if the fault is our own."""
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return JournalUnavailable(*_FAULTS[code]) if code in _FAULTS else None
