"""Presence board: one row a seat in the database, written and read by a thread of its own.

The room's loop never waits for it, and it never takes the append lock: a server that stands still costs nobody an
act. A change is written at once and read by the others as soon as the database says so (PostgreSQL) or within a
second (a file). Ages are told by the database's clock. While the database is away the last rows stand, `fault` says
so, and it begins anew by itself.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, select

from console.domain.errors import JournalUnavailable
from console.domain.presence import RENEW_S, Present
from console.persistence import dialect
from console.persistence.base import table
from console.persistence.columns import from_epoch_ms
from console.persistence.tables import PresenceRow

CHANNEL = "console_presence"
LOOK_S = 1.0
"""The others' rows are read at least so often."""
AGAIN_S = 1.0
PATIENCE_S = 1.0
NAMES = ("seat", "actor", "name", "incident", "field")
PRESENCE = table(PresenceRow)

log = logging.getLogger(__name__)

T = TypeVar("T")
OnRows = Callable[[list[Present]], None]
OnFault = Callable[[JournalUnavailable | None], None]


class PresenceBoard:
    """Make it inside the running loop, which hears `on_rows` (about once a second) and `on_fault`."""

    def __init__(self, url: str, on_rows: OnRows, on_fault: OnFault) -> None:
        self.fault: JournalUnavailable | None = None
        self._url, self._on_rows, self._on_fault = url, on_rows, on_fault
        self._loop = asyncio.get_running_loop()
        self._mine: Present | None = None
        self._due = 0.0
        self._woken, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
        self._thread.start()

    def say(self, mine: Present) -> None:
        """Where this seat's person is now; renewed until something else is said. Never blocks."""
        self._mine, self._due = mine, 0.0
        self._woken.set()

    def close(self, patience_s: float = AGAIN_S) -> None:
        """The person leaves: the seat's row goes, unless the database is away. Blocks at most `patience_s`."""
        self._closed.set()
        self._woken.set()
        self._thread.join(patience_s)

    # -- on the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        writing: Engine | None = None
        reading: Engine | None = None
        while not self._closed.is_set():
            try:
                writing = writing or dialect.side_engine(self._url)
                reading = reading or dialect.reading_engine(self._url, PATIENCE_S)
                with dialect.told_plainly(), reading.connect() as connection:
                    self._live(writing, connection)
            except JournalUnavailable as fault:
                self._fall_silent(fault)
            except Exception as bug:
                if self.fault is None:
                    log.exception("presence failed")
                self._fall_silent(JournalUnavailable(f"在席信息出错（{bug!r}）", "请保存日志并报告；正在自动重试"))
        for engine in (writing, reading):
            if engine is not None:
                engine.dispose()

    def _live(self, writing: Engine, connection: Connection) -> None:
        dialect.listen(connection, CHANNEL)
        while not self._closed.is_set():
            self._woken.clear()
            self._write(writing)
            self._tell(self._on_rows, self._read(connection))
            self._say(None)
            dialect.hear(connection, self._woken, LOOK_S)
        if self._mine is not None:
            with writing.begin() as writes:
                writes.execute(delete(PRESENCE).where(PRESENCE.c.seat == self._mine.seat))
                dialect.tell(writes, CHANNEL)

    def _write(self, writing: Engine) -> None:
        mine, now = self._mine, time.monotonic()
        if mine is None or now < self._due:
            return
        with writing.begin() as connection:
            values = {name: getattr(mine, name) for name in NAMES}
            statement = dialect.upsert(connection, PRESENCE, (*NAMES, "seen_at"))
            connection.execute(statement.values(**values, seen_at=dialect.clock_ms(connection)))
            dialect.tell(connection, CHANNEL)
        if self._mine is mine:
            self._due = now + RENEW_S

    @staticmethod
    def _read(connection: Connection) -> list[Present]:
        with connection.begin():
            now = dialect.clock_ms(connection).label("now")
            rows = connection.execute(select(*PRESENCE.c, now).order_by(PRESENCE.c.seat)).all()
        return [
            Present(
                **{name: row._mapping[name] for name in NAMES},
                age_s=max(0.0, (from_epoch_ms(row.now) - row.seen_at).total_seconds()),
            )
            for row in rows
        ]

    def _fall_silent(self, fault: JournalUnavailable) -> None:
        if self.fault is None:
            log.info("presence is unknown: %s", fault)
        self._say(fault)
        self._due = 0.0
        self._closed.wait(AGAIN_S)

    def _say(self, fault: JournalUnavailable | None) -> None:
        if str(fault) != str(self.fault):
            self.fault = fault
            self._tell(self._on_fault, fault)

    def _tell(self, hears: Callable[[T], None], what: T) -> None:
        # A loop that has ended hears nothing more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(hears, what)
