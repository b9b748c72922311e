"""Unloading 补传: bringing what this machine spooled into the journal, once in effect, in its order.

It works whenever the spool holds something or the journal was away. When the spool is empty and the journal
answers, the picture is filled afresh from the journal, so that every provisional row gives way to its true
one, and only then do new acts go to the journal again. What the journal refuses stays in the spool as a clash
for a person (`python -m console spool`), but never a frame: its bytes become a row that must be seen.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from console.domain.account import MACHINE
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import Fact, SignalReceived
from console.domain.fold import fold
from console.domain.ledger import Act, new_id
from console.domain.state import MemoryState, State
from console.persistence.spool import opened
from console.services.alarm_path import in_spool, on_alarm_path
from console.services.desk import Committed, Desk
from console.services.intake import as_bytes
from console.services.picture import SHOWN

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
CLASHES_EVERY_S = 5.0
"""How often the spool is looked at while it holds clashes: a person settles them from another process."""


class Numbered(Protocol):
    """A place in the journal."""

    @property
    def seq(self) -> int: ...


class Commits(Protocol):
    """What takes acts."""

    async def commit(self, act: Act) -> Committed:
        """Durable, once under each act_id."""


class Journal(Commits, Protocol):
    """The part of `persistence.journal.Journal` that unloading needs."""

    @property
    def fault(self) -> JournalUnavailable | None:
        """Why acts are refused at present."""

    def load_state(self, picture: State) -> Numbered:
        """Fill an empty state; answers the head it belongs to. Blocks."""

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        """Facts after `since`, in order, at most `limit`. Blocks."""


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

    async def unload(self, journal: Any, gone: Callable[[], None]) -> Outcome:
        """Carry out what waits, in order; `gone` is called for each that does not wait any more."""

    def count(self) -> int:
        """Acts not yet delivered."""

    def clashes(self) -> Sequence[Refused]:
        """Acts the journal refused."""


def as_raw(act: Act) -> Act | None:
    """A frame whose act failed, as bytes that a person must see; None for what is no frame, or raw already."""
    report = act.args.get("report")
    if act.name != "intake.receive" or report is None or report["type"] == "garbage":
        return None
    seen = as_bytes(report, "补传时程序处理这条报文出错，请看原始报文")
    return replace(act, args={**act.args, "report": seen, "may_be_copy": None})


class Delivery:
    """The journal as spooled acts see it."""

    def __init__(self, journal: Commits) -> None:
        self._journal = journal

    async def commit(self, act: Act) -> Committed:
        """Like the journal's; a frame goes in as raw bytes rather than not at all.

        An act that turns out to have been committed before, without the local number it was shown under, gets
        it now: what was spooled after it names it by that number.
        """
        done = await self._commit(act)
        alias, number = act.args.get("alias"), opened(done.value)
        if done.already and alias and number:
            made = {"incident": number, "alias": alias}
            await self._journal.commit(replace(act, act_id=new_id(), name="incident.alias", args=made, roles=MACHINE))
        return done

    async def _commit(self, act: Act) -> Committed:
        try:
            return await self._journal.commit(act)
        except JournalUnavailable:
            raise
        except Exception:
            raw = as_raw(act)
            if raw is None:
                raise
            log.exception("spooled frame %s could not be taken in", act.act_id)
            return await self._journal.commit(raw)


def _brought_up(state: State, facts: Sequence[Fact]) -> int:
    """Fold the facts (at least one); the number of the last."""
    for fact in facts:
        if not isinstance(fact.body, SignalReceived):
            fold(state, fact)
    return facts[-1].seq


class Unloading:
    """The task that empties the spool of one desk."""

    def __init__(self, desk: Desk, journal: Journal, spool: Spool) -> None:
        self._desk = desk
        self._journal = journal
        self._spool = spool
        self._wanted = asyncio.Event()
        self._gone: set[tuple[int, str]] = set()
        self._lost = 0

    async def run(self) -> None:
        """Unload whenever there is something to unload, with growing pauses while the journal is away."""
        end = self._desk.health.observe(self._look, lasting=True)
        try:
            async with self._desk.spooling:
                await self._show_what_waits()
            self._look()
            while True:
                await self._until_wanted()
                await self._until_done()
        finally:
            end()

    async def _until_wanted(self) -> None:
        while not self._wanted.is_set():
            try:
                async with asyncio.timeout(CLASHES_EVERY_S if self._desk.health.clashes else None):
                    await self._wanted.wait()
            except TimeoutError:
                async with self._desk.spooling:
                    await self._show_what_waits()

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
            self._desk.health.journal_failed(self._journal.fault)
            return False
        # What is unloaded takes the numbers of what was lost.
        await self._look_for_lost()
        outcome = await self._spool.unload(Delivery(self._journal), self._one_gone)
        if outcome.fault is not None:
            async with self._desk.spooling:
                await self._show_what_waits()
            return False
        fresh, seq = await self._state()
        # In a busy room something is spooled, and something shown, while all this is read: the rest is done with the
        # spool held, or a desk would never come back. Frames wait for their answer meanwhile, so it is little.
        async with self._desk.spooling:
            outcome = await self._spool.unload(Delivery(self._journal), self._one_gone)
            if outcome.fault is not None:
                await self._show_what_waits()
                return False
            await self._show_the_journal(fresh, seq)
            self._desk.health.journal_answered(self._desk.health.latency_ms / 1000)
            log.info("the spool is empty, the journal answers again")
            await self._show_what_waits()
        return True

    async def _state(self) -> tuple[MemoryState, int]:
        """The journal's own state, and the number it belongs to."""
        fresh = MemoryState()
        return fresh, (await on_alarm_path(self._journal.load_state, fresh)).seq

    async def _show_the_journal(self, fresh: MemoryState, seq: int) -> None:
        """That state, brought up to the journal's end, in the place of what was shown; the feed's is not taken back."""
        while True:
            shown = self._desk.picture.seq
            facts = await on_alarm_path(self._journal.read, seq)
            try:
                seq = _brought_up(fresh, facts) if facts else seq
            except UserError:
                # About an incident that ended long ago and was not loaded.
                fresh, seq = await self._state()
            # What was shown before the question and is not in the answer is gone; what was shown since is asked for.
            if not facts and (seq < shown or seq >= self._desk.picture.seq):
                break
        picture = self._desk.picture
        self._tell_lost(picture.seq - seq)
        picture.replace_state(fresh, seq)
        for row in [row for row in picture.shown if row in self._gone]:
            picture.shown.remove(row)
        self._gone, self._lost = set(), 0

    async def _look_for_lost(self) -> None:
        """Compare what was shown with what the journal holds under the same numbers, and tell what is gone.

        The head alone would not tell: other acts have those numbers as soon as anybody has gone on. Beyond the rows
        that the picture remembers nothing is counted.
        """
        picture = self._desk.picture
        shown, seq = set(picture.shown), picture.seq
        if seq == 0:
            return
        last = max([seq, *(number for number, _ in shown)])
        since = max(0, last - SHOWN)
        facts = await on_alarm_path(self._journal.read, since, SHOWN)
        there = {(fact.seq, fact.act_id) for fact in facts}
        self._gone = {row for row in shown if row[0] > since and row not in there}
        # What the picture was filled with is known by its number only.
        head = facts[-1].seq if facts else since
        unknown = set(range(head + 1, seq + 1)) - {number for number, _ in shown}
        self._tell_lost(len(self._gone) + len(unknown))

    def _tell_lost(self, rows: int) -> None:
        """A stand-by that lacked the last transactions has become the server: what was shown is not there any more.

        At the second try of one go there may seem to be fewer, for others have gone on: the most that was found stands.
        """
        if rows <= self._lost:
            return
        self._lost = rows
        what = f"数据库少了最后 {rows} 条记录（切换到的备机还没有收到）"
        remedy = "按交接单和本机打印件核对刚才的操作，缺的重新录入；请管理员设为同步备机"
        self._desk.health.fault("lost", what, remedy)
        log.error("the journal lacks %d rows that were shown here", rows)

    def _one_gone(self) -> None:
        """The count on the screen falls with each; to nothing only when the picture is the journal's again."""
        self._desk.health.spooled(max(1, self._desk.health.unsent - 1))

    async def _show_what_waits(self) -> None:
        """Call it while holding `spooling`: a count taken during a put would be out of date when it is shown."""
        unsent = await in_spool(self._spool.count)
        refused = await in_spool(self._spool.clashes)
        self._desk.health.spooled(unsent, len(refused))
        if refused:
            what = f"本机暂存有 {len(refused)} 项与日志冲突：{refused[-1].why}"
            remedy = "原记录未被覆盖；请值班长核对，用 python -m console spool 查看、重试或移除"
            self._desk.health.fault("clash", what, remedy)
        else:
            self._desk.health.mended("clash")
