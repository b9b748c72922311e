"""Feed: every fact of the journal in order, whoever wrote it, to one reader.

A thread with a connection that never writes reads what is new whenever another has committed, and now and then
in any case. Nothing is ever skipped: it always reads everything after the last number seen.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from sqlalchemy import Connection

from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.persistence import records
from console.persistence.dialect import changes, reading_engine, told_plainly
from console.persistence.transaction import read_head

AGAIN_S = 1.0
CLOSING_S = 1.0
CHUNK = 500
PATIENCE_S = 0.7
"""A look that takes longer than this, and half a second more, means that the server is away."""

log = logging.getLogger(__name__)


OnFault = Callable[[JournalUnavailable | None], None]


def _nobody(_: JournalUnavailable | None) -> None:
    """Hears nothing."""


class Feed:
    """`async for facts in feed`: lists of facts in sequence order, beginning after `since`, until `close`.

    Make it inside the running loop that reads it. `fault` says why it is behind at present, if it is; `on_fault`
    hears of every change of it, on the loop.
    """

    def __init__(self, url: str, since: int, on_fault: OnFault = _nobody) -> None:
        self.fault: JournalUnavailable | None = None
        self._on_fault = on_fault
        self._last = since
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Queue[list[Fact] | None] = asyncio.Queue()
        self._engine = reading_engine(url, PATIENCE_S)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal-feed", daemon=True)
        self._thread.start()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Fact]:
        facts = await self._ready.get()
        if facts is None:
            raise StopAsyncIteration
        return facts

    def close(self) -> None:
        """Stop reading; the iteration ends after what is already there. From any thread."""
        self._closed.set()
        self._thread.join(CLOSING_S)
        # The queue is the loop's: one who waits at it would not be woken from another thread.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ready.put_nowait, None)

    # -- on the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                with told_plainly(), self._engine.connect() as connection:
                    self._follow(connection)
            except JournalUnavailable as fault:
                self._fall_behind(fault)
            except ValueError as newer:
                self._fall_behind(JournalUnavailable(str(newer)))
            except Exception as bug:
                if self.fault is None:
                    log.exception("the feed failed")
                self._fall_behind(JournalUnavailable(f"读日志时程序出错（{bug!r}）", "请保存日志并报告；正在自动重试"))
        self._engine.dispose()

    def _fall_behind(self, fault: JournalUnavailable) -> None:
        if self.fault is None:
            log.warning("feed is behind: %s", fault)
        self._say(fault)
        self._closed.wait(AGAIN_S)

    def _say(self, fault: JournalUnavailable | None) -> None:
        if str(fault) != str(self.fault):
            self.fault = fault
            # A loop that has ended hears nothing more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._on_fault, fault)

    def _follow(self, connection: Connection) -> None:
        self._step_back(connection)
        for _ in changes(connection, self._closed):
            self._hand_over(connection)
            self._say(None)

    def _step_back(self, connection: Connection) -> None:
        """A stand-by that lacked the last rows may be the server now: its next facts get their numbers again."""
        with connection.begin():
            head = read_head(connection).seq
        if head < self._last:
            log.error("the journal ends at %d, but %d has been read", head, self._last)
            self._last = head

    def _hand_over(self, connection: Connection) -> None:
        while not self._closed.is_set():
            with connection.begin():
                rows = records.entries(connection, self._last, CHUNK)
            if rows:
                facts = [records.fact(row) for row in rows]
                self._last = rows[-1].seq
                self._loop.call_soon_threadsafe(self._ready.put_nowait, facts)
            # Whatever is committed from now on is told by `changes`: to look again at once would find nothing.
            if len(rows) < CHUNK:
                return
