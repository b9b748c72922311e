"""Journal: the one feed of the house, and the one way to write to it.

`commit` hands an act to the writer's thread and awaits what became of it; the GUI thread never waits for
the database. An act that is not done in time is given up with JournalUnavailable: what became of it is
unknown, so the caller repeats it under the same `act_id`, which takes effect once.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from console.domain.clock import Clock
from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.domain.fold import fold
from console.domain.ledger import Act, ActFunction
from console.domain.state import State
from console.domain.unit import Position
from console.persistence import records
from console.persistence.chain import Head, head_of
from console.persistence.dialect import WrongAddress, reading_engine, told_plainly
from console.persistence.picture import load_picture
from console.persistence.schema import prepare
from console.persistence.transaction import Committed, read_head
from console.persistence.writer import Ticket, Writer

__all__ = ["Committed", "Journal"]

PATIENCE_S = 2.0
NUMBER_PREFIX = "ZZ"


class Journal:
    """One process's way to the journal: a writer of its own, and connections that only read."""

    def __init__(
        self,
        url: str,
        acts: Mapping[str, ActFunction],
        clock: Clock,
        number_prefix: str,
        patience_s: float,
        away: JournalUnavailable | None = None,
    ) -> None:
        self.url = url
        self._acts = acts
        self._clock = clock
        self._prefix = number_prefix
        self._patience_s = patience_s
        self._reading = reading_engine(url, patience_s)
        self._changing = threading.Lock()
        self._writer = self._new_writer(away, prepared=away is None)

    @classmethod
    def open(
        cls,
        url: str,
        acts: Mapping[str, ActFunction],
        clock: Clock,
        number_prefix: str = NUMBER_PREFIX,
        patience_s: float = PATIENCE_S,
        *,
        wait: bool = True,
    ) -> Self:
        """Open the database of the URL, made or upgraded if need be. `patience_s`: how long a commit may take.

        Without `wait` a journal that is away at this moment is opened nevertheless: its `fault` is set until it
        comes. Raises UserError (not a file of ours, too new, on a network drive) and JournalUnavailable.
        """
        try:
            prepare(url)
        except WrongAddress:
            raise
        except JournalUnavailable as fault:
            if wait:
                raise
            return cls(url, acts, clock, number_prefix, patience_s, fault)
        journal = cls(url, acts, clock, number_prefix, patience_s)
        journal._writer.tried.wait(patience_s)
        lost = journal.fault
        if wait and lost is not None:
            journal.close(0)
            raise lost
        return journal

    @property
    def fault(self) -> JournalUnavailable | None:
        """Why acts are refused at present; None when all is well. Recovers by itself."""
        return self._writer.fault

    def doubt(self, fault: JournalUnavailable) -> None:
        """Somebody saw the ground fail: acts are refused with this fault until a commit has gone through."""
        self._writer.doubt(fault)

    # -- writing -------------------------------------------------------------------------------------------

    async def commit(self, act: Act) -> Committed:
        """Carry the act out, durably.

        Raises UserError (refused; nothing recorded), JournalUnavailable (repeat it later under the same
        `act_id`) or whatever our own bug raised.
        """
        return await self._answer(act)

    async def track(self, positions: Sequence[Position]) -> None:
        """Keep where units were; not journaled. Raises JournalUnavailable."""
        await self._answer(positions)

    def commit_blocking(self, act: Act) -> Committed:
        """`commit` for callers without an event loop."""
        writer = self._writer
        ticket = writer.submit(act)
        try:
            return ticket.answer.result(self._patience_s)
        except TimeoutError:
            return self._give_up(writer, ticket)

    async def _answer(self, work: Act | Sequence[Position]) -> Committed:
        writer = self._writer
        ticket = writer.submit(work)
        try:
            # Not `wait_for`: before Python 3.12 it swallows a cancellation that meets the answer, and a station that
            # stops would wait for its watch for ever.
            async with asyncio.timeout(self._patience_s):
                return await asyncio.wrap_future(ticket.answer)
        except TimeoutError:
            return self._give_up(writer, ticket)

    def _give_up(self, writer: Writer, ticket: Ticket) -> Committed:
        """Call the act off if nobody has begun it, and put a new writer in the place of the one that hangs.

        Raises JournalUnavailable, unless the answer was there all the time and only the caller's loop was late.
        """
        if not ticket.answer.cancel() and ticket.answer.done():
            return ticket.answer.result()
        fault = JournalUnavailable(f"日志 {self._patience_s:g} 秒内没有写成", "检查数据库所在的磁盘；恢复后自动继续")
        with self._changing:
            if self._writer is writer:
                writer.abandon(fault)
                self._writer = self._new_writer(fault, prepared=writer.prepared)
        raise fault

    def _new_writer(self, fault: JournalUnavailable | None, *, prepared: bool) -> Writer:
        return Writer(self.url, self._acts, self._clock, self._prefix, fault, prepared=prepared)

    def close(self, drain_s: float = PATIENCE_S) -> list[Act]:
        """Refuse new acts, give the waiting ones `drain_s` seconds; answers those left (for the spool)."""
        left = self._writer.drain(drain_s)
        self._reading.dispose()
        return left

    # -- reading (blocking; from any thread) ---------------------------------------------------------------

    def head(self) -> Head:
        """The last row of the journal."""
        with told_plainly(), self._reading.begin() as connection:
            return read_head(connection)

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        """The facts after `since`, in order, at most `limit`."""
        with told_plainly(), self._reading.begin() as connection:
            return [records.fact(entry) for entry in records.entries(connection, since, limit)]

    def load_state(self, picture: State) -> Head:
        """Put into the picture what a desk needs on its screens; answers the head that state belongs to.

        That is: open incidents and those ended within 24 h, with their orders, handoffs and alarms; every
        open alarm; all units, sites and lines.
        """
        with told_plainly(), self._reading.begin() as connection:
            load_picture(connection, picture, self._clock())
            return read_head(connection)

    def replay(self, state: State, until: datetime | None = None) -> Head:
        """Fold the whole journal, or what was recorded up to `until`, into an empty state."""
        head = Head()
        with told_plainly(), self._reading.begin() as connection:
            for entry in records.all_entries(connection):
                if until is not None and entry.at > until:
                    break
                fold(state, records.fact(entry))
                head = head_of(entry)
        return head
