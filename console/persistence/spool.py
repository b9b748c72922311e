"""Spool 本机暂存: what this machine must not lose while the journal is away.

One small SQLite file a machine, fsynced at every change. Acts wait here with their `act_id` and are carried
out later under the same, so each takes effect once, however often a process dies on the way. An act the
journal then refuses is kept as a clash for a person to see; nothing is overwritten. Drafts of forms and the
seat's own incident numbers live here too.
"""

import asyncio
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self

from console.domain.clock import Clock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.ledger import Act
from console.domain.state import split_key
from console.persistence.codec import decode_value, encode, storable
from console.persistence.columns import from_epoch_ms, to_epoch_ms
from console.persistence.dialect import BUSY_MS, PAUSE_S, make_private, told_plainly
from console.persistence.numbers import local_day, local_number
from console.persistence.transaction import Committed

log = logging.getLogger(__name__)

_TABLES = """
CREATE TABLE IF NOT EXISTS spool (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, act TEXT NOT NULL,
    clash TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS held (id TEXT PRIMARY KEY, at INTEGER NOT NULL, act TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS drafts (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS given (alias TEXT PRIMARY KEY, number TEXT NOT NULL);
"""
_GIVEN = "INSERT INTO given VALUES (?, ?) ON CONFLICT (alias) DO UPDATE SET number = excluded.number"
_COUNT = "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
_HELD_WAITS = """
BEGIN IMMEDIATE;
INSERT OR IGNORE INTO spool (id, at, act) SELECT id, at, act FROM held ORDER BY rowid;
DELETE FROM held;
COMMIT;
"""
_DRAFT = "INSERT INTO drafts (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"


AT_ONCE = 10
"""Acts on their way to the journal at the same time: a few of the writer's batches, far from its patience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolRow:
    """An act that waits, since `at`. `why` is '' or the reason the journal refused it with (a clash)."""

    act: Act
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloaded:
    """What came of unloading; `fault` is set when the journal went away meanwhile."""

    committed: tuple[Committed, ...] = ()
    clashes: int = 0
    fault: JournalUnavailable | None = None


class Commits(Protocol):
    """What the spool needs of a journal."""

    async def commit(self, act: Act) -> Committed:
        """See `Journal.commit`."""


def _together(rows: list[SpoolRow]) -> Iterator[list[SpoolRow]]:
    """Acts that may be under way at once, for one at a time falls behind a busy room.

    What opens an incident ends such a run: the acts after it name it by its local number, which the journal may
    have to be told first.
    """
    run: list[SpoolRow] = []
    for row in rows:
        run.append(row)
        if len(run) == AT_ONCE or "alias" in row.act.args:
            yield run
            run = []
    if run:
        yield run


def opened(value: Any) -> str:
    """The incident an opening act answered with; '' for none."""
    return str(value["incident"] if isinstance(value, dict) else value or "")


def _by_given(value: Any, given: Mapping[str, str]) -> Any:
    """An act's arguments with the journal's numbers in the place of this machine's own.

    Another machine under the same seat number may have given the same local number: by that an act could reach its
    incident.
    """
    if isinstance(value, str):
        number, rest = split_key(value)
        return f"{given[number]}{rest}" if number in given else value
    if isinstance(value, Mapping):
        return {key: inner if key == "alias" else _by_given(inner, given) for key, inner in value.items()}
    return [_by_given(inner, given) for inner in value] if isinstance(value, list | tuple) else value


def _addressed(row: SpoolRow, given: Mapping[str, str]) -> SpoolRow:
    return replace(row, act=replace(row.act, args=_by_given(row.act.args, given)))


def _made(done: Sequence[tuple[Act, Committed]]) -> dict[str, str]:
    """The journal's numbers of incidents that these acts opened, by the local ones."""
    made = {str(act.args["alias"]): opened(told.value) for act, told in done if act.args.get("alias")}
    return {alias: number for alias, number in made.items() if number}


async def _one_by_one(journal: Commits, rows: list[SpoolRow]) -> list[Committed | BaseException]:
    """What became of each, handed over in order: where one found the journal away none behind it is even asked.

    A journal may come back between two of them, and the later one would be carried out before the earlier.
    """
    away: list[JournalUnavailable] = []

    async def commit(act: Act) -> Committed:
        if away:
            raise away[0]
        try:
            return await journal.commit(replace(act, waited=True))
        except JournalUnavailable as fault:
            away.append(fault)
            raise

    return await asyncio.gather(*(commit(row.act) for row in rows), return_exceptions=True)


def _why(act: Act, told: object) -> str:
    """Why the act is a clash; '' if it is none."""
    if isinstance(told, UserError):
        return str(told)
    if isinstance(told, Exception) and not isinstance(told, JournalUnavailable):
        # One act that trips over our own bug must not hold up the alarms behind it.
        log.error("spooled act %s failed", act.act_id, exc_info=told)
        return f"程序错误：{told!r}"
    return ""


class Spool:
    """The machine's spool; every call is durable when it returns, and may come from any thread.

    Every call raises JournalUnavailable when the file cannot be written (disk full, locked).
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._turn = threading.Lock()
        # Of its own: acts wait while the last of the spool is unloaded, and slow searches fill the loop's threads.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Self:
        """Open the file, made if need be."""
        make_private(path)
        with told_plainly():
            connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL").close()
            connection.execute("PRAGMA synchronous=FULL").close()
            connection.executescript(_TABLES).close()
        return cls(connection, clock)

    def close(self) -> None:
        """Close the file; what waits in it waits on."""
        self._thread.shutdown(wait=False)
        with self._turn:
            self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[sqlite3.Cursor]:
        """One statement, durable by itself (autocommit)."""
        with self._turn, told_plainly():
            cursor = self._connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    # -- acts ----------------------------------------------------------------------------------------------

    def put(self, act: Act) -> bool:
        """Keep the act until the journal has it. False: it is here already and was left as it is."""
        with self._cursor() as cursor:
            insert = "INSERT OR IGNORE INTO spool (id, at, act) VALUES (?, ?, ?)"
            new = cursor.execute(insert, self._row(act)).rowcount == 1
            # Waiting from now on, it need not be held: in between it is both, which is once in effect.
            cursor.execute("DELETE FROM held WHERE id = ?", (act.act_id,))
        return new

    def _row(self, act: Act) -> tuple[str, int, str]:
        return act.act_id, to_epoch_ms(self._clock()), encode(replace(act, args=storable(act.args)))

    def hold(self, act: Act) -> None:
        """Keep an act that nobody can repeat while the journal is asked; if we die meanwhile it waits like others."""
        with self._cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO held (id, at, act) VALUES (?, ?, ?)", self._row(act))

    def wait_for_held(self) -> None:
        """At a start: whoever held what is still held has died, so it waits for the journal, which may have it."""
        with self._turn, told_plainly():
            self._connection.executescript(_HELD_WAITS).close()

    def let_go(self, act_id: str) -> None:
        """The journal has what was held."""
        with self._cursor() as cursor:
            cursor.execute("DELETE FROM held WHERE id = ?", (act_id,))

    def pending(self) -> list[SpoolRow]:
        """What waits for the journal, oldest first."""
        return self._rows("clash = ''")

    def clashes(self) -> list[SpoolRow]:
        """What the journal refused, with the reason; a person takes it away (`remove`)."""
        return self._rows("clash != ''")

    def _rows(self, which: str) -> list[SpoolRow]:
        with self._cursor() as cursor:
            found = cursor.execute(f"SELECT act, at, clash FROM spool WHERE {which} ORDER BY n").fetchall()  # noqa: S608 -- our own two texts
        return [SpoolRow(act=decode_value(Act, act), at=from_epoch_ms(at), why=why) for act, at, why in found]

    def count(self) -> int:
        """How many acts are not in the journal yet."""
        with self._cursor() as cursor:
            return int(cursor.execute("SELECT count(*) FROM spool WHERE clash = ''").fetchone()[0])

    def remove(self, act_id: str) -> None:
        """Let the act go."""
        with self._cursor() as cursor:
            cursor.execute("DELETE FROM spool WHERE id = ?", (act_id,))

    def _mark(self, act_id: str, why: str) -> None:
        with self._cursor() as cursor:
            cursor.execute("UPDATE spool SET clash = ? WHERE id = ?", (why, act_id))

    async def unload(self, journal: Commits, gone: Callable[[], None] = lambda: None) -> Unloaded:
        """Carry out what waits, in order, a few acts at once; stops when the journal goes away again.

        A row goes only after its commit, so that a crash in between repeats it, and a repeat takes effect once.
        `gone` is called for each that does not wait any more.
        """
        committed: list[Committed] = []
        clashes = 0
        in_thread = partial(asyncio.get_running_loop().run_in_executor, self._thread)
        given = await in_thread(self._given)
        for waiting in _together(await in_thread(self.pending)):
            rows = [_addressed(row, given) for row in waiting]
            outcomes = await _one_by_one(journal, rows)
            told_why = ((row.act.act_id, _why(row.act, told)) for row, told in zip(rows, outcomes, strict=True))
            refused = {act_id: why for act_id, why in told_why if why}
            done = [(row.act, told) for row, told in zip(rows, outcomes, strict=True) if isinstance(told, Committed)]
            given |= _made(done)
            await in_thread(self._settle, done, refused)
            committed += [told for told in outcomes if isinstance(told, Committed)]
            clashes += len(refused)
            for told in outcomes:
                if isinstance(told, JournalUnavailable):
                    return Unloaded(committed=tuple(committed), clashes=clashes, fault=told)
                gone()
            await asyncio.sleep(PAUSE_S)
        return Unloaded(committed=tuple(committed), clashes=clashes)

    def _given(self) -> dict[str, str]:
        """The journal's numbers of what had a local one here."""
        with self._cursor() as cursor:
            return dict(cursor.execute("SELECT alias, number FROM given").fetchall())

    def _settle(self, done: Sequence[tuple[Act, Committed]], refused: Mapping[str, str]) -> None:
        # First, so that what waits behind an incident's opening finds its number after a crash too.
        for alias, number in _made(done).items():
            with self._cursor() as cursor:
                cursor.execute(_GIVEN, (alias, number))
        for act_id, why in refused.items():
            self._mark(act_id, why)
        arrived = [act.act_id for act, _ in done]
        if arrived:
            with self._cursor() as cursor:
                cursor.execute(f"DELETE FROM spool WHERE id IN ({','.join('?' * len(arrived))})", arrived)  # noqa: S608 -- question marks

    async def retry(self, row: SpoolRow, journal: Any) -> None:
        """Try a clash once more and let it go; raises what the journal raises, and has then changed nothing."""
        act = _addressed(row, self._given()).act
        self._settle([(act, await journal.commit(replace(act, waited=True)))], {})

    # -- numbers and drafts --------------------------------------------------------------------------------

    def local_number(self, prefix: str, seat: str, at: datetime) -> str:
        """The next number of an incident this seat opens by itself, `ZZyyyymmdd-L03-07`."""
        with self._cursor() as cursor:
            (n,) = cursor.execute(_COUNT, (f"{local_day(at)} {seat}",)).fetchone()
        return local_number(prefix, at, seat, n)

    def save_draft(self, id: str, body: dict[str, Any]) -> None:  # noqa: A002 -- the spool's word
        """Keep a form as it stands (JSON values)."""
        with self._cursor() as cursor:
            cursor.execute(_DRAFT, (id, encode(body)))

    def drafts(self) -> dict[str, dict[str, Any]]:
        """Every kept form by its id, the oldest first."""
        with self._cursor() as cursor:
            found = cursor.execute("SELECT id, body FROM drafts ORDER BY n").fetchall()
        return {draft_id: json.loads(body) for draft_id, body in found}

    def drop_draft(self, id: str) -> None:  # noqa: A002 -- the spool's word
        """Forget a form: it was saved, or thrown away by a person."""
        with self._cursor() as cursor:
            cursor.execute("DELETE FROM drafts WHERE id = ?", (id,))
