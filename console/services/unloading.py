"""Unloading 补传: bringing what this machine spooled into the journal, once in effect, in its order.

It works whenever the spool holds something or the journal was away. When the spool is empty and the journal
answers, the picture is filled afresh from the journal, so that every provisional row gives way to its true
one, and only then do new acts go to the journal again.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.domain.ledger import Act
from console.domain.state import MemoryState, State
from console.services.desk import Committed, Desk

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0


class Numbered(Protocol):
    """A place in the journal."""

    @property
    def seq(self) -> int: ...


class Journal(Protocol):
    """The part of `persistence.journal.Journal` that unloading needs."""

    @property
    def fault(self) -> JournalUnavailable | None:
        """Why acts are refused at present."""

    async def commit(self, act: Act) -> Committed:
        """Durable, once under each act_id."""

    def load_state(self, picture: State) -> Numbered:
        """Fill an empty state; answers the head it belongs to. Blocks."""

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        """Facts after `since`. Blocks."""


class Refused(Protocol):
    """A spooled act that the journal refused."""

    @property
    def why(self) -> str: ...


class Outcome(Protocol):
    """What came of one go at unloading."""

    @property
    def fault(self) -> JournalUnavailable | None: ...


class Spool(Protocol):
    """The part of `persistence.spool.Spool` that unloading needs."""

    async def unload(self, journal: Any) -> Outcome:
        """Carry out what waits, one transaction a row."""

    def count(self) -> int:
        """Acts not yet delivered."""

    def clashes(self) -> Sequence[Refused]:
        """Acts the journal refused."""


class Unloading:
    """The task that empties the spool of one desk."""

    def __init__(self, desk: Desk, journal: Journal, spool: Spool) -> None:
        self._desk = desk
        self._journal = journal
        self._spool = spool
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Unload whenever there is something to unload, with growing pauses while the journal is away."""
        end = self._desk.health.observe(self._look)
        try:
            self._desk.health.spooled(await asyncio.to_thread(self._spool.count))
            self._look()
            while True:
                await self._wanted.wait()
                await self._until_done()
        finally:
            end()

    @property
    def _needed(self) -> bool:
        health = self._desk.health
        return health.unsent > 0 or not health.journal_up

    def _look(self) -> None:
        if self._needed:
            self._wanted.set()
        else:
            self._wanted.clear()

    async def _until_done(self) -> None:
        pause = FIRST_PAUSE_S
        while self._needed:
            try:
                if await self.once():
                    pause = FIRST_PAUSE_S
                    continue
            except JournalUnavailable as fault:
                log.warning("unloading: %s", fault)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def once(self) -> bool:
        """One go. True if it got on (there may be more), False if the journal is still away."""
        if self._journal.fault is not None:
            return False
        outcome = await self._spool.unload(self._journal)
        await self._show_what_waits()
        if outcome.fault is not None:
            return False
        fresh = MemoryState()
        head = await asyncio.to_thread(self._journal.load_state, fresh)
        # No await from the count to the end of the change: nothing is spooled in between.
        if self._spool.count() == 0:
            self._desk.picture.replace_state(fresh, head.seq)
            self._desk.health.journal_answered(self._desk.health.latency_ms / 1000)
            self._desk.health.spooled(0)
            log.info("the spool is empty, the journal answers again")
            self._desk.picture.apply(await asyncio.to_thread(self._journal.read, head.seq))
        return True

    async def _show_what_waits(self) -> None:
        unsent = await asyncio.to_thread(self._spool.count)
        refused = await asyncio.to_thread(self._spool.clashes)
        self._desk.health.spooled(unsent, len(refused))
        if refused:
            what = f"本机暂存有 {len(refused)} 项与日志冲突：{refused[-1].why}"
            self._desk.health.fault("clash", what, "请值班长核对后处理，原记录未被覆盖")
        else:
            self._desk.health.mended("clash")
