"""PostgreSQL, for many seats: one append lock for the room, a NOTIFY at every commit, and calls that come back.

The lock is taken as a statement of its own at the begin of every writing transaction; the next statement sees
the last commit, whoever made it, so an act judges by what is so now and the journal has one order. Both go to the
server in one journey (`patient`). The server ends a transaction whose client stands still
(`idle_in_transaction_session_timeout`), and a call on a server that stands still ends by itself.
"""

import logging
import selectors
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

import psycopg
from psycopg import conninfo, sql
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    PoolProxiedConnection,
    Table,
    create_engine,
    event,
    literal_column,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from console.domain.errors import JournalUnavailable, UserError
from console.persistence.dialect.patient import POLL_S, Cursor, Patient
from console.persistence.dialect.server_faults import told

CHANNEL = "console_journal"
LOCK = 110
"""The key of the append lock, an advisory lock of the database."""
CONNECT_S = 2
STATEMENT_S = 2.0
SIDE_LOCK_S = 1.5
IDLE_S = 1.0
GRACE_S = 0.5
"""What the client waits beyond the server's own limit: usually the server says first what is wrong."""
ANYWAY_S = 0.5
BY_BYTES = frozenset({"C", "POSIX", "C.UTF-8", "C.utf8", "ucs_basic"})
CREATEDB = "createdb -T template0 -E UTF8 --locale=C 库名"
PREPARED = 400
"""Statements a connection keeps prepared; the store has fewer."""
READERS = 2
"""Connections an engine for reading keeps, and one more while many ask at once: a room has many desks."""
READING_S = 60.0
"""How long a reader may pause inside a transaction: it holds back nothing but the vacuum."""

# When a connection is lost inside a pipeline psycopg raises that, and warns of it besides.
logging.getLogger("psycopg").setLevel(logging.ERROR)

# select() takes no number from 1024 on, and a host of many lines has more; Windows has no poll, nor that bound.
_Look = getattr(selectors, "PollSelector", selectors.SelectSelector)

_LOCKED = ("BEGIN", f"SELECT pg_advisory_xact_lock({LOCK})")
_ONE_MOMENT = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",)


# -- addresses ---------------------------------------------------------------------------------------------


def _parameters(url: str) -> dict[str, Any]:
    """What libpq makes of the address; UserError if it cannot read it."""
    scheme, _, rest = url.partition(":")
    try:
        named = conninfo.conninfo_to_dict(f"{scheme.removesuffix('+psycopg')}:{rest}")
    except psycopg.Error:
        named = {"port": "?"}
    if not all(port.isdigit() or not port for port in str(named.get("port") or "").split(",")):
        raise UserError("数据库地址写法有误，应为 postgresql+psycopg://用户@主机:端口/库名")
    return named


def _places(url: str) -> list[str]:
    """host:port of every server the address names."""
    named = _parameters(url)
    hosts = str(named.get("host") or named.get("hostaddr") or "localhost").split(",")
    ports = str(named.get("port") or "5432").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    return [f"{host}:{port or 5432}" for host, port in zip(hosts, ports, strict=False)]


def describe(url: str) -> str:
    """Servers and database; no user, no password."""
    return f"{','.join(_places(url))}/{_parameters(url).get('dbname', '')}"


def identity(url: str) -> str:
    """The same whichever of its servers is named first, and whoever signs on."""
    return f"postgresql://{','.join(sorted(_places(url)))}/{_parameters(url).get('dbname', '')}"


def require_place(url: str) -> bool:
    """A server is asked before anything is said about it; UserError if it would sort texts in another order."""
    _parameters(url)
    return True


# -- connections -------------------------------------------------------------------------------------------


def _connect(url: str, patience_s: float, **limits: float) -> Callable[[], Patient]:
    """`limits`: the server's own, in seconds, by the name of the setting."""
    said = _parameters(url)
    settings = " ".join(f"-c {name}={int(1000 * seconds)}ms" for name, seconds in limits.items())
    with_defaults = {
        "connect_timeout": CONNECT_S,
        "tcp_user_timeout": 3000,
        "keepalives_idle": 1,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "fallback_application_name": "console110",
        **said,
        "options": f"{said.get('options', '')} -c jit=off -c timezone=UTC {settings}".strip(),
    }

    def connect() -> Patient:
        try:
            connection = Patient.connect(autocommit=True, prepare_threshold=1, **with_defaults)
        except psycopg.Error as refused:
            # The driver's frames hold the half-made connection: it would stay open as long as somebody keeps the error.
            raise refused.with_traceback(None) from None
        connection.cursor_factory = Cursor
        connection.add_notice_handler(connection.hear_farewell)
        connection.prepared_max = PREPARED
        connection.patience_s = patience_s
        return connection

    return connect


def _engine(connect: Callable[[], Patient], begin: tuple[str, ...], **pool: Any) -> Engine:
    """An engine whose transactions begin with those statements (the driver itself begins none)."""
    engine = create_engine("postgresql+psycopg://", creator=connect, use_native_hstore=False, **pool)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        _driver(connection).unsent = begin

    return engine


def writing_engine(url: str, lock_s: float) -> Engine:
    """Every transaction waits for the append lock at its begin."""
    patience_s = max(STATEMENT_S, lock_s + GRACE_S)
    limits = {
        "statement_timeout": patience_s,
        "lock_timeout": lock_s,
        "idle_in_transaction_session_timeout": IDLE_S,
    }
    return _engine(_connect(url, patience_s + GRACE_S, **limits), _LOCKED, poolclass=NullPool)


def reading_engine(url: str, patience_s: float) -> Engine:
    """A few connections that are kept; one that died in the pool is noticed before it is used."""
    limits = {"statement_timeout": patience_s, "idle_in_transaction_session_timeout": READING_S}
    connect = _connect(url, patience_s + GRACE_S, **limits)
    engine = _engine(connect, _ONE_MOMENT, poolclass=QueuePool, pool_size=READERS, max_overflow=1)
    _look_before_use(engine)
    return engine


def side_engine(url: str) -> Engine:
    """One connection that is kept, with the writer's limits and without the append lock."""
    limits = {
        "statement_timeout": STATEMENT_S,
        "lock_timeout": SIDE_LOCK_S,
        "idle_in_transaction_session_timeout": IDLE_S,
    }
    connect = _connect(url, STATEMENT_S + GRACE_S, **limits)
    engine = _engine(connect, ("BEGIN",), poolclass=QueuePool, pool_size=1, max_overflow=0)
    _look_before_use(engine)
    return engine


def _look_before_use(engine: Engine) -> None:
    @event.listens_for(engine, "checkout")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        if _hung_up(cast("Patient", connection)):
            raise DisconnectionError("the server hung up meanwhile")


def clock_ms() -> ColumnElement[int]:
    """The server's own clock, whatever transaction asks."""
    return literal_column("(extract(epoch from clock_timestamp()) * 1000)::bigint", BigInteger)


def _hung_up(connection: Patient) -> bool:
    """Whether the server closed the connection while nobody looked; costs no journey."""
    if connection.closed:
        return True
    # Nothing is under way: what there is to read can only be its farewell.
    with _Look() as look:
        look.register(connection.fileno(), selectors.EVENT_READ)
        return bool(look.select(0))


def _driver(connection: Connection) -> Patient:
    return cast("Patient", connection.connection.driver_connection)


def make_room(connection: Connection) -> None:
    """No limits of time on this connection, and memory to build indexes in."""
    for setting in ("statement_timeout=0", "idle_in_transaction_session_timeout=0", "maintenance_work_mem='256MB'"):
        connection.exec_driver_sql(f"SET {setting}")
    _driver(connection).patience_s = None


# -- statements --------------------------------------------------------------------------------------------


def unfit(connection: Connection) -> str:
    """Keys must sort by bytes, as they do in memory and in a file, and every character must fit."""
    row = connection.execute(_LOCALE).one()
    if row.collate in BY_BYTES and row.encoding == "UTF8":
        return ""
    return f"库的字符集是 {row.encoding}、排序规则是 {row.collate}，应为 UTF8 和 C：请用 {CREATEDB} 重新建库"


_LOCALE = text(
    "SELECT datcollate AS collate, pg_encoding_to_char(encoding) AS encoding FROM pg_database "
    "WHERE datname = current_database()"
)

_REFUSE = """
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'integrity_constraint_violation';
END$$"""
_TRIGGER = "CREATE TRIGGER journal_no_{name} BEFORE {acts} ON journal EXECUTE FUNCTION journal_is_append_only()"


def append_only() -> tuple[str, ...]:
    """One function that raises, behind triggers that ask once a statement."""
    kinds = {"update": "UPDATE", "delete": "DELETE", "truncate": "TRUNCATE"}
    return (_REFUSE, *(_TRIGGER.format(name=name, acts=acts) for name, acts in kinds.items()))


def integrity(connection: Connection) -> list[str]:
    """Indexes left half-built, and pages whose checksum was wrong when they were read."""
    broken = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    spoiled = text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
    findings = [f"索引 {name} 无效" for name in connection.execute(broken).scalars()]
    pages = connection.execute(spoiled).scalar() or 0
    return [*findings, *([f"{pages} 个数据页校验和不符"] if pages else [])]


def changes(connection: Connection, closed: threading.Event) -> Iterator[None]:
    """Woken by the others' NOTIFY; twice a second it yields in any case."""
    listening = _driver(connection)
    listening.execute(f"LISTEN {CHANNEL}").close()
    while not closed.is_set():
        yield
        until = time.monotonic() + ANYWAY_S
        while not closed.is_set() and time.monotonic() < until:
            if any(True for _ in listening.notifies(timeout=POLL_S, stop_after=1)):
                break


def notify(connection: Connection, seq: int) -> None:
    """Wake every feed, at the commit."""
    connection.execute(_NOTIFY, {"seq": str(seq)})


_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :seq)")
_TELL = text("SELECT pg_notify(:channel, '')")


def listen(connection: Connection, channel: str) -> None:
    """Outside any transaction, so that it holds at once."""
    _driver(connection).execute(f"LISTEN {channel}").close()


def hear(connection: Connection, woken: threading.Event, seconds: float) -> None:
    """Woken by the others' NOTIFY, and within `POLL_S` by `woken`."""
    listening, until = _driver(connection), time.monotonic() + seconds
    while not woken.is_set() and time.monotonic() < until:
        if any(True for _ in listening.notifies(timeout=POLL_S, stop_after=1)):
            return


def tell(connection: Connection, channel: str) -> None:
    """At the commit."""
    connection.execute(_TELL, {"channel": channel})


def pour(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """By COPY, some ten times as quick as inserting."""
    columns = [table.c[name] for name in rows[0]]
    as_stored = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns]
    names = sql.SQL(",").join(sql.Identifier(column.name) for column in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            given = zip(as_stored, row.values(), strict=True)
            copy.write_row([change(value) if change else value for change, value in given])


def together(connection: Connection) -> AbstractContextManager[object]:
    """The driver's pipeline: what fails inside is raised at its end, by psycopg itself."""
    return _driver(connection).pipeline()


def fault(cause: BaseException) -> JournalUnavailable | None:
    """What an error of PostgreSQL means to a person, or None if the fault is our own."""
    return told(cause) if isinstance(cause, psycopg.Error) else None
