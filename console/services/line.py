"""One line at work: what its link hears is stored, then answered, one frame at a time, in order.

The link reads in a thread of its own and hops to the loop; here one task a line takes what came, carries out
`intake.receive` and writes the ACK only when the frame is durable (journal or spool). Heartbeats are answered
from memory. A frame that could be stored nowhere is left to its sender, who repeats it for want of an answer;
where a form has no answers it is kept in memory and tried again. Several lines work side by side.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from console.domain.account import MACHINE
from console.domain.clock import Clock, to_ms
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act, new_id
from console.domain.site import LineState
from console.services.health import Health
from console.services.intake import as_bytes
from console.services.line_queue import Answer, Change, Read, Retry, Tell
from console.services.line_words import MOVABLE, PHASES, RECEIVED_BY, explain
from console.services.repeats import Heard, Repeats, Unstored
from drivers.address import LineSpec
from drivers.link import Link, LinkState
from drivers.report import Report
from drivers.wire import PortError, Wire

log = logging.getLogger(__name__)

LAST_HEARD_EVERY_S = 300.0
"""Heartbeats are not journaled; when the line was last heard is, this often (DESIGN section 4)."""

KEPT_UNSTORED = 1000
"""So many frames that nobody will repeat are kept in memory while they can be stored nowhere."""

RETRY_S = 1.0
"""So often they are tried again."""

OnRaw = Callable[[str, bytes, float], None]


class Carrier(Protocol):
    """The part of the desk that a line needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def health(self) -> Health: ...
    @property
    def seat(self) -> str: ...

    async def carry_out(self, act: Act, durable: Callable[[], None] = ...) -> Any:
        """Durable when it answers, and from the moment it calls that; JournalUnavailable when it is nowhere."""


def _nothing() -> None:
    """No answer waits."""


class WorkingLine:
    """A link while it receives, its queue and its lamp. `last` is the line's last stored signal of an earlier run.

    It opens its port when it is told to `receive`, and closes it when it is told to `stand_by`; `opened` is set once
    it was open, or stood by.
    """

    def __init__(self, spec: LineSpec, desk: Carrier, last: Heard | None, on_raw: OnRaw, host: str = "") -> None:
        self.spec = spec
        self.opened = asyncio.Event()
        self.state = LineState.OPENING
        self.why = ""
        self._desk = desk
        self._host = host
        self._on_raw = on_raw
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Read | Change | Retry | Tell | None] = asyncio.Queue()
        self._link: Link | None = None
        self._lease: str | None = None
        self._heard_at: float | None = None
        self._since = desk.clock()
        self._repeats = Repeats(last)
        self._unstored = Unstored()
        self._kept: deque[Act] = deque()
        self._told_at = 0.0
        self._stopping = False

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def movable(self) -> bool:
        """Whether another host can reach the port: where one listens or calls, but nothing plugged into this one."""
        return self.spec.address.kind in MOVABLE

    @property
    def last_heard(self) -> datetime | None:
        """When anything came over the line, heartbeats included."""
        if self._link is not None and self._link.last_heard is not None:
            self._heard_at = self._link.last_heard
        return None if self._heard_at is None else self._wall(self._heard_at)

    def receive(self, lease: str | None = None, last: Heard | None = None) -> None:
        """Begin to open the port and keep it open; nothing more if it is so already.

        `lease`: since when the line is ours by lease (ISO 8601), '' if nobody could be asked, None where there are
        no leases. `last`: what the host before us stored last, perhaps without an answer.
        """
        if self._stopping or (self._link is not None and lease in ("", self._lease)):
            return
        self._lease = lease
        if self._link is not None:
            self._queue.put_nowait(Tell())
            return
        if last is not None:
            self._repeats.taken_over(last)
        self.state, self.why, self._since = LineState.OPENING, "", self._desk.clock()
        self._link = self._new_link()
        self._link.start()

    def stand_by(self, seat: str, host: str) -> None:
        """Another host receives the line: close the port, say who, and let go of what was not begun."""
        receiver = RECEIVED_BY.format(seat=seat, host=host)
        if self._stopping or (self.state is LineState.STANDBY and self.why == receiver):
            return
        link, self._link = self._link, None
        if link is not None:
            log.info("line %s: %s", self.name, receiver)
            # Without waiting: its thread closes the port by itself.
            link.stop(0.0)
        self.state, self.why, self._since = LineState.STANDBY, receiver, self._desk.clock()
        self._desk.health.mended(f"line:{self.name}")
        self._desk.health.stands_by(self.name, receiver)
        self.opened.set()

    async def stop(self) -> None:
        """Stop reading and close the wire; the frame at hand is still stored."""
        self._stopping = True
        if self._link is not None:
            await asyncio.to_thread(self._link.stop)
        # What the link said last is in the loop's ready list before this returns.
        await asyncio.sleep(0)
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Take what comes, in order, until stopped; a bug of ours must not silence the line."""
        while (item := await self._queue.get()) is not None:
            try:
                await self._take(item)
            except Exception:
                log.exception("line %s: fault of our own", self.name)
                self._lamp(f"线路{self.name}：程序内部错误", "线路仍在接收；请保存日志并报告")
        if self._kept and not await self._store_kept():
            log.error("line %s: %d frames could be stored nowhere to the end", self.name, len(self._kept))

    async def _take(self, item: "Read | Change | Retry | Tell") -> None:
        if isinstance(item, Change):
            if item.link is self._link:
                await self._take_state(item.state)
        elif isinstance(item, Retry):
            await self._try_kept()
        elif isinstance(item, Tell):
            await self._tell()
        elif not self._stopping:
            await self._take_read(item)

    # -- in the link's thread --------------------------------------------------------------------------------

    def _new_link(self) -> Link:
        def hear(reports: list[Report], at: float, wire: Wire | None) -> None:
            self._hop(Read(reports, at, link, wire))

        def change(state: LinkState) -> None:
            self._hop(Change(state, link))

        link = Link(self.spec, hear, change, self._on_raw)
        return link

    def _hop(self, item: Read | Change) -> None:
        # A loop that has ended takes nothing more: then nothing is answered either.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    # -- frames ----------------------------------------------------------------------------------------------

    async def _take_read(self, read: Read) -> None:
        glued: dict[bytes, Heard] = {}
        answering = True
        for report in read.reports:
            if report.ack and not (answering and read.link is self._link):
                # An answer now would be taken for that of the frame before, which its sender must repeat; what
                # waited while the line went to another host is repeated there.
                continue
            answer = Answer(report, read)
            if report.type == "heartbeat":
                self._give(answer)
            elif await self._store(answer, glued):
                if self._repeats.last is not None:
                    glued.setdefault(report.frame, self._repeats.last)
            else:
                answering = answering and not report.ack
            await self._finish(answer)
        if time.monotonic() - self._told_at > LAST_HEARD_EVERY_S:
            await self._tell()

    async def _store(self, answer: Answer, glued: dict[bytes, Heard]) -> bool:
        """Make the frame durable, and answer it at once; False (and a red lamp) if it is nowhere, then it is not."""
        report, at = answer.report, answer.read.at
        act = self._act_for(report, at, glued)
        if self._kept and not await self._store_kept():
            durable = False
        else:
            durable = await self._durable(act, answered=bool(report.ack), then=partial(self._stored, act, answer))
        if not durable:
            self._keep(act, report, at)
            return False
        self._show_lamp()
        return True

    def _stored(self, act: Act, answer: Answer) -> None:
        """The frame is durable: nothing else comes before its answer."""
        if answer.given:
            return
        self._unstored.forget()
        stored = {"ingest_id": act.args["ingest_id"], "raw_hex": answer.report.raw.hex()}
        self._repeats.stored(stored, awaits_answer=bool(answer.report.ack))
        self._give(answer)

    async def _durable(self, act: Act, *, answered: bool, then: Callable[[], None] = _nothing) -> bool:
        """Whether the act could be stored; `then` is called the moment it is."""
        what = "未应答；接收机会重发" if answered else "暂留内存，重启会丢失；能存时自动补存"
        try:
            await self._desk.carry_out(act, then)
        except JournalUnavailable as fault:
            remedy = fault.remedy or "检查磁盘空间和数据库"
            self._lamp(f"线路{self.name} 收到报文但存不下来，{what}：{fault.what}", remedy)
            return False
        except Exception:
            # Our own bug must not cost the alarm: the bytes go in as a row that a person must see.
            raw = bytes.fromhex(act.args["report"]["raw_hex"])
            log.exception("line %s: a frame could not be taken in: %s", self.name, raw.hex(":"))
            return await self._store_bytes(act, what, then)
        return True

    async def _store_bytes(self, act: Act, what: str, then: Callable[[], None]) -> bool:
        report = as_bytes(act.args["report"], "程序处理这条报文时出错，请看原始报文")
        try:
            # Under the same act_id: if the frame went in after all, its bytes do not as well.
            await self._desk.carry_out(replace(act, args={**act.args, "report": report, "may_be_copy": None}), then)
        except Exception:
            log.exception("line %s: not even the raw bytes could be stored", self.name)
            self._lamp(f"线路{self.name} 收到报文但程序出错，{what}", "请保存日志并报告")
            return False
        return True

    # -- frames that are nowhere yet -------------------------------------------------------------------------

    def _keep(self, act: Act, report: Report, at: float) -> None:
        if report.ack:
            self._unstored.remember(act, at)
        elif len(self._kept) < KEPT_UNSTORED:
            self._kept.append(act)
            if len(self._kept) == 1:
                self._retry_later()
        else:
            log.error("line %s: no room for an unstored frame: %s", self.name, report.raw.hex(":"))

    def _retry_later(self) -> None:
        self._loop.call_later(RETRY_S, self._queue.put_nowait, Retry())

    async def _try_kept(self) -> None:
        if not self._kept:
            return
        if await self._store_kept():
            self._show_lamp()
        else:
            self._retry_later()

    async def _store_kept(self) -> bool:
        """The kept frames in their order; False as soon as one still finds no place."""
        while self._kept:
            if not await self._durable(self._kept[0], answered=False):
                return False
            self._kept.popleft()
        return True

    def _act_for(self, report: Report, at: float, glued: dict[bytes, Heard]) -> Act:
        """The act of a frame. One that was not stored and is repeated is the same act: it takes effect once."""
        waiting = self._unstored.repeated(report.raw.hex(), at)
        if waiting is not None:
            return waiting
        return self._act(report, at, glued.get(report.frame) if report.glued else self._repeats.possible(at))

    def _act(self, report: Report, at: float, may_be_copy: Heard | None) -> Act:
        args = {
            "ingest_id": new_id(),
            "line": self.name,
            "protocol": self.spec.protocol,
            "received_at": self._wall(at).isoformat(timespec="milliseconds"),
            "report": report.to_json(),
            "may_be_copy": may_be_copy,
        }
        return self._named("intake.receive", args)

    def _named(self, name: str, args: dict[str, Any]) -> Act:
        return Act(
            name=name, args=args, actor=f"线路{self.name}", seat=self._desk.seat, roles=MACHINE, at=self._desk.clock()
        )

    def _give(self, answer: Answer) -> None:
        began = time.monotonic()
        try:
            if answer.give():
                self._note_answered(answer.report, began)
        except PortError as problem:
            self._unanswered(answer, problem)

    async def _finish(self, answer: Answer) -> None:
        began = time.monotonic()
        try:
            if await answer.finish():
                self._note_answered(answer.report, began)
        except PortError as problem:
            self._unanswered(answer, problem)

    def _note_answered(self, report: Report, began: float) -> None:
        """`began`: when the answer was about to be written, for a quick sender's next frame is here before we return.

        Counted from after the writing, that next press would be taken for a copy.
        """
        if report.ack and report.type != "heartbeat":
            self._repeats.answered(began)

    def _unanswered(self, answer: Answer, problem: PortError) -> None:
        read = answer.read
        log.info("line %s: a stored frame goes unanswered: %s", self.name, problem)
        if not self._stopping and read.link is self._link and read.wire is self._link.wire:
            self._lamp(*explain(self.name, self.state, str(problem)))

    def _wall(self, at: float) -> datetime:
        return to_ms(self._desk.clock().astimezone(UTC) - timedelta(seconds=time.monotonic() - at))

    # -- the line's state ------------------------------------------------------------------------------------

    async def _take_state(self, state: LinkState) -> None:
        before, self.state = self.state, PHASES[state.phase]
        self._desk.health.stands_by(self.name, "")
        if self.state is LineState.UP and before is not LineState.SILENT:
            self._repeats.opened(state.at)
        if before is not self.state:
            self._since = self._wall(state.at)
        self.why = "" if self.state is LineState.UP else explain(self.name, self.state, state.why)[0]
        log.info("line %s: %s %s", self.name, state.phase.value, state.why)
        self._show_lamp()
        if self.state is LineState.UP:
            self.opened.set()
        await self._tell()

    async def _tell(self) -> None:
        """Journal the line as it stands; what cannot be told now is told with the next change.

        Only who receives it does: two hosts must not fight over the row.
        """
        if self._link is None:
            return
        heard = self.last_heard
        line = {
            "name": self.name,
            "protocol": self.spec.protocol,
            "address": str(self.spec.address),
            "state": self.state.value,
            "since": self._since.isoformat(),
            "last_heard": heard.isoformat() if heard else None,
            "why": self.why,
            "host": self._host,
            "seat": self._desk.seat,
        }
        try:
            await self._desk.carry_out(self._named("line.changed", {"line": line, "lease": self._lease}))
            self._told_at = time.monotonic()
        except JournalUnavailable as fault:
            log.warning("line %s: its state could not be stored: %s", self.name, fault)

    def _lamp(self, what: str, remedy: str) -> None:
        self._desk.health.fault(f"line:{self.name}", what, remedy)

    def _show_lamp(self) -> None:
        """The lamp of the link itself: lit while it is silent or lost."""
        if self._link is None:
            return
        if self.state in (LineState.SILENT, LineState.LOST):
            self._lamp(*explain(self.name, self.state, self._link.state.why))
        elif self.state is not LineState.CLOSED:
            self._desk.health.mended(f"line:{self.name}")
