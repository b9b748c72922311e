"""The frames of one line: stored first, then answered; what finds no place is kept or left to its sender.

A frame is durable in the journal or the spool before its answer is written. Heartbeats and positions are answered
from memory. A frame that could be stored nowhere is left to its sender, who repeats it for want of an answer; where
a form has no answers it is kept in memory and tried again.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from console.domain.account import MACHINE
from console.domain.clock import Clock, to_ms
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act, new_id
from console.services.health import Health
from console.services.intake import as_bytes
from console.services.line_figures import Counters
from console.services.line_queue import Answer, Read
from console.services.line_tap import Frame, Tap
from console.services.repeats import Heard, Sender, Senders
from drivers.address import LineSpec
from drivers.protocols import protocol_row
from drivers.report import Report
from drivers.wire import PortError

log = logging.getLogger(__name__)

KEPT_UNSTORED = 1000
"""So many frames that nobody will repeat are kept in memory while they can be stored nowhere."""

GREETING = "hello"
"""By this word an exchange tells that it begins anew; it is answered from memory like a heartbeat."""

Order = Callable[[Mapping[str, object]], None]
"""Gives an order to the sender of a frame; PortError if it is gone."""


class Carrier(Protocol):
    """The part of the desk that a line needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def health(self) -> Health: ...
    @property
    def seat(self) -> str: ...

    async def carry_out(self, act: Act, durable: Callable[[], None] = ..., *, spool_first: bool = ...) -> Any:
        """Durable when it answers, and from the moment it calls that; JournalUnavailable when it is nowhere."""


class Vehicles(Protocol):
    """Who takes the positions of terminals, which are no facts of the journal."""

    def take(self, report: Report, at: datetime, order: Order) -> Report | None:
        """The report to be stored in the place of this one; None if it is no business of the journal."""

    def stored(self, report: Report) -> None:
        """A report that `take` returned is durable."""

    def unstored(self, report: Report) -> None:
        """A report that `take` returned could be stored nowhere."""


class Owner(Protocol):
    """The line whose frames these are."""

    def is_ours(self, read: Read) -> bool:
        """Whether the link by which it came still is the line's."""

    def lamp(self, what: str, remedy: str) -> None:
        """Light the line's lamp."""

    def show_lamp(self) -> None:
        """Let the lamp show the link itself again."""

    def unanswered(self, read: Read, problem: PortError) -> None:
        """A stored frame's answer could not be written."""

    def retry_later(self) -> None:
        """Call `try_kept` after a while."""


class Frames:
    """What the line heard, on its way to the journal and back to its sender."""

    def __init__(
        self, spec: LineSpec, desk: Carrier, senders: Senders, owner: Owner, tap: Tap, vehicles: Vehicles | None = None
    ) -> None:
        self._spec = spec
        self._desk = desk
        self._senders = senders
        self._owner = owner
        self._tap = tap
        self._vehicles = vehicles
        self._spool_first = protocol_row(spec.protocol).spooled
        self._kept: deque[Act] = deque()
        self._keeping = asyncio.Lock()
        self.counters = Counters()

    @property
    def kept(self) -> int:
        """Frames in memory that are nowhere else."""
        return len(self._kept)

    def wall(self, at: float) -> datetime:
        """The clock's time of a monotonic one."""
        return to_ms(self._desk.clock().astimezone(UTC) - timedelta(seconds=time.monotonic() - at))

    def named(self, name: str, args: dict[str, Any]) -> Act:
        """An act of this line."""
        actor = f"线路{self._spec.name}"
        return Act(name=name, args=args, actor=actor, seat=self._desk.seat, roles=MACHINE, at=self._desk.clock())

    # -- one read --------------------------------------------------------------------------------------------

    def answer_at_once(self, read: Read) -> Read | None:
        """Do what needs no waiting (heartbeats, positions); what is left of the read, None if nothing is.

        For ports of many senders only: their answers never wait for room.
        """
        rest: list[Report] = []
        for n, heard in enumerate(read.reports):
            report = self._journaled(heard, read)
            if report is not None:
                rest = [report, *read.reports[n + 1 :]]
                break
            self._from_memory(heard, read)
        return replace(read, reports=rest, begun=True) if rest else None

    def _journaled(self, report: Report, read: Read) -> Report | None:
        """What the journal is to hold of it; None for what is answered from memory."""
        self.counters.heard(report)
        if report.type == "heartbeat":
            if (report.more or {}).get("word") == GREETING:
                self._senders.of(report, read.wire, read.at).repeats.begun_anew()
            return None
        if self._vehicles is None:
            return report
        return self._vehicles.take(report, self.wall(read.at), partial(read.link.order, wire=read.wire))

    def _from_memory(self, report: Report, read: Read) -> None:
        if self._owner.is_ours(read):
            answer = Answer(report, read)
            self._give(answer)
            self._tell(answer, None)

    async def take(self, read: Read) -> None:
        """Store and answer what one read completed, in order."""
        glued: dict[bytes, Heard] = {}
        answering = True
        for n, heard in enumerate(read.reports):
            report: Report | None = heard if n == 0 and read.begun else self._journaled(heard, read)
            if heard.ack and not (answering and self._owner.is_ours(read)):
                # An answer now would be taken for that of the frame before, which its sender must repeat; what
                # waited while the line went to another host is repeated there.
                if self._vehicles is not None and report is not None:
                    self._vehicles.unstored(report)
                continue
            answer = Answer(report or heard, read)
            if report is None:
                self._give(answer)
                self._tell(answer, None)
            else:
                # The answer to a frame of several reports stands with the last of them, and is for all.
                awaited = any(other.ack for other in read.reports[n:] if other.raw == heard.raw)
                if not await self._store(answer, glued, awaited=awaited):
                    answering = answering and not awaited
            await self._finish(answer)

    # -- storing ---------------------------------------------------------------------------------------------

    async def _store(self, answer: Answer, glued: dict[bytes, Heard], *, awaited: bool) -> bool:
        """Make the frame durable, and answer it at once; False (and a red lamp) if it is nowhere, then it is not.

        `awaited`: its sender waits for an answer, and repeats the frame if none comes.
        """
        report, at = answer.report, answer.read.at
        sender = self._senders.of(report, answer.read.wire, at)
        async with sender.turn:
            act = self._act_for(sender, report, at, glued)
            durable = (not self._kept or await self._store_kept()) and await self._durable(
                act, answered=awaited, then=partial(self._stored, sender, act, answer)
            )
            if not durable:
                self._keep(sender, act, report, at, awaited=awaited)
                if self._vehicles is not None:
                    self._vehicles.unstored(report)
                return False
            if sender.repeats.last is not None:
                glued.setdefault(report.frame, sender.repeats.last)
        self._owner.show_lamp()
        return True

    def _stored(self, sender: Sender, act: Act, answer: Answer) -> None:
        """The frame is durable: nothing else comes before its answer."""
        if answer.given:
            return
        now = time.monotonic()
        self.counters.stored_ms.append((now - answer.read.at) * 1000)
        stored = {"ingest_id": str(act.args["ingest_id"]), "raw_hex": answer.report.raw.hex()}
        sender.stored(answer.report, stored, answer.read.at)
        self._give(answer, sender)
        if self._vehicles is not None:
            # Behind the answer: what a terminal is told of its press waits in its queue.
            self._vehicles.stored(answer.report)
        self._tell(answer, now)

    async def _durable(self, act: Act, *, answered: bool, then: Callable[[], None] = lambda: None) -> bool:
        """Whether the act could be stored; `then` is called the moment it is."""
        what = "未应答；接收机会重发" if answered else "暂留内存，重启会丢失；能存时自动补存"
        try:
            await self._desk.carry_out(act, then, spool_first=self._spool_first)
        except JournalUnavailable as fault:
            remedy = fault.remedy or "检查磁盘空间和数据库"
            self._owner.lamp(f"线路{self._spec.name} 收到报文但存不下来，{what}：{fault.what}", remedy)
            return False
        except Exception:
            # Our own bug must not cost the alarm: the bytes go in as a row that a person must see.
            raw = bytes.fromhex(act.args["report"]["raw_hex"])
            log.exception("line %s: a frame could not be taken in: %s", self._spec.name, raw.hex(":"))
            return await self._store_bytes(act, what, then)
        return True

    async def _store_bytes(self, act: Act, what: str, then: Callable[[], None]) -> bool:
        report = as_bytes(act.args["report"], "程序处理这条报文时出错，请看原始报文")
        try:
            # Under the same act_id: if the frame went in after all, its bytes do not as well.
            seen = replace(act, args={**act.args, "report": report, "may_be_copy": None})
            await self._desk.carry_out(seen, then, spool_first=self._spool_first)
        except Exception:
            log.exception("line %s: not even the raw bytes could be stored", self._spec.name)
            self._owner.lamp(f"线路{self._spec.name} 收到报文但程序出错，{what}", "请保存日志并报告")
            return False
        return True

    # -- frames that are nowhere yet -------------------------------------------------------------------------

    def _keep(self, sender: Sender, act: Act, report: Report, at: float, *, awaited: bool) -> None:
        if awaited:
            sender.unstored.remember(act, report, at)
        elif len(self._kept) < KEPT_UNSTORED:
            self._kept.append(act)
            if len(self._kept) == 1:
                self._owner.retry_later()
        else:
            log.error("line %s: no room for an unstored frame: %s", self._spec.name, report.raw.hex(":"))

    async def try_kept(self) -> None:
        """Try the kept frames again."""
        if not self._kept:
            return
        if await self._store_kept():
            self._owner.show_lamp()
        else:
            self._owner.retry_later()

    async def try_kept_last(self) -> None:
        """Once more at the end, and say how many are lost."""
        if self._kept and not await self._store_kept():
            log.error("line %s: %d frames could be stored nowhere to the end", self._spec.name, len(self._kept))

    async def _store_kept(self) -> bool:
        """The kept frames in their order; False as soon as one still finds no place."""
        async with self._keeping:
            while self._kept:
                if not await self._durable(self._kept[0], answered=False):
                    return False
                self._kept.popleft()
        return True

    def _act_for(self, sender: Sender, report: Report, at: float, glued: dict[bytes, Heard]) -> Act:
        """The act of a frame. One that was not stored and is repeated is the same act: it takes effect once."""
        waiting = sender.unstored.repeated(report, at)
        if waiting is not None:
            return waiting
        if self._spool_first:
            # What cannot repeat says nothing twice: the same bytes again are another press.
            return self._act(report, at, None)
        return self._act(report, at, glued.get(report.frame) if report.glued else sender.may_be_copy(report, at))

    def _act(self, report: Report, at: float, may_be_copy: Heard | None) -> Act:
        copied = None if may_be_copy is None else {name: may_be_copy[name] for name in ("ingest_id", "raw_hex")}
        args = {
            "ingest_id": new_id(),
            "line": self._spec.name,
            "protocol": self._spec.protocol,
            "received_at": self.wall(at).isoformat(timespec="milliseconds"),
            "report": report.to_json(),
            "may_be_copy": copied,
        }
        return self.named("intake.receive", args)

    # -- answering -------------------------------------------------------------------------------------------

    def _give(self, answer: Answer, sender: Sender | None = None) -> None:
        """Write the answer. `sender`: who repeats the frame if it does not come.

        When it was about to be written counts: a quick sender's next frame is here before the writing is over, and
        would be taken for a copy.
        """
        answer.sender = sender
        began = time.monotonic()
        try:
            if answer.give():
                self._answered(answer, began)
        except PortError as problem:
            self._owner.unanswered(answer.read, problem)

    async def _finish(self, answer: Answer) -> None:
        began = time.monotonic()
        try:
            if await answer.finish():
                self._answered(answer, began)
        except PortError as problem:
            self._owner.unanswered(answer.read, problem)

    def _answered(self, answer: Answer, began: float) -> None:
        if not answer.report.ack:
            return
        answer.answered_at = time.monotonic()
        if answer.sender is not None:
            answer.sender.repeats.answered(began)
            self.counters.answered_ms.append((answer.answered_at - answer.read.at) * 1000)

    def _tell(self, answer: Answer, stored_at: float | None) -> None:
        if self._tap.wanted:
            wire = answer.read.wire
            named = wire.name if wire is not None else ""
            told = Frame(self._spec.name, answer.report, answer.read.at, stored_at, answer.answered_at, named)
            self._tap.tell(told)
