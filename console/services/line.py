"""One line at work: what its link hears is stored, then answered, one frame at a time, in order.

The link reads in a thread of its own and hops to the loop; here one task a line takes what came, carries out
`intake.receive` and writes the ACK only when the frame is durable (journal or spool). Heartbeats are answered
from memory. Several lines work side by side.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from console.domain.clock import Clock, to_ms
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act, new_id
from console.domain.site import LineState
from console.services.health import Health
from console.services.line_words import PHASES, explain
from console.services.repeats import Heard, Repeats
from drivers.address import LineSpec
from drivers.link import Link, LinkState
from drivers.report import Report
from drivers.streams import PortError

log = logging.getLogger(__name__)

LAST_HEARD_EVERY_S = 300.0
"""Heartbeats are not journaled; when the line was last heard is, this often (DESIGN section 4)."""

OnRaw = Callable[[str, bytes, float], None]


class Carrier(Protocol):
    """The part of the desk that a line needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def health(self) -> Health: ...
    @property
    def seat(self) -> str: ...

    async def carry_out(self, act: Act) -> Any:
        """Durable when it answers; JournalUnavailable when it is nowhere."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one read completed, and the monotonic time of its last byte."""

    reports: list[Report]
    at: float


class WorkingLine:
    """A link, its queue and its lamp. `last` is the line's last stored signal of an earlier run."""

    def __init__(self, spec: LineSpec, desk: Carrier, last: Heard | None, on_raw: OnRaw) -> None:
        self.spec = spec
        self.opened = asyncio.Event()
        self.state = LineState.OPENING
        self.why = ""
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[_Read | LinkState | None] = asyncio.Queue()
        self._link = Link(spec, self._hear, self._change, on_raw)
        self._since = desk.clock()
        self._repeats = Repeats(last)
        self._unstored: Act | None = None
        self._told_at = 0.0
        self._stopping = False

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def last_heard(self) -> datetime | None:
        """When anything came over the line, heartbeats included."""
        at = self._link.last_heard
        return None if at is None else self._wall(at)

    def start(self) -> None:
        """Begin to open the port and keep it open."""
        self._link.start()

    async def stop(self) -> None:
        """Stop reading; nothing that comes from now on is answered."""
        self._stopping = True
        await asyncio.to_thread(self._link.stop)
        # What the link said last is in the loop's ready list before this returns.
        await asyncio.sleep(0)
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Take what comes, in order, until stopped; a bug of ours must not silence the line."""
        while (item := await self._queue.get()) is not None:
            try:
                if isinstance(item, LinkState):
                    await self._take_state(item)
                elif not self._stopping:
                    await self._take_read(item)
            except Exception:
                log.exception("line %s: fault of our own", self.name)
                self._lamp(f"线路{self.name}：程序内部错误", "线路仍在接收；请保存日志并报告")

    # -- in the link's thread --------------------------------------------------------------------------------

    def _hear(self, reports: list[Report], at: float) -> None:
        self._hop(_Read(reports, at))

    def _change(self, state: LinkState) -> None:
        self._hop(state)

    def _hop(self, item: _Read | LinkState) -> None:
        # A loop that has ended takes nothing more: then nothing is answered either.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    # -- frames ----------------------------------------------------------------------------------------------

    async def _take_read(self, read: _Read) -> None:
        glued: dict[bytes, Heard] = {}
        for report in read.reports:
            if report.type != "heartbeat":
                if not await self._store(report, read.at, glued):
                    return
                if self._repeats.last is not None:
                    glued.setdefault(report.frame, self._repeats.last)
            self._answer(report)
        if time.monotonic() - self._told_at > LAST_HEARD_EVERY_S:
            await self._tell()

    async def _store(self, report: Report, at: float, glued: dict[bytes, Heard]) -> bool:
        """Make the frame durable; False (and a red lamp) if it is nowhere, then it must not be answered."""
        act = self._act_for(report, at, glued)
        try:
            await self._desk.carry_out(act)
        except JournalUnavailable as fault:
            self._unstored = act
            remedy = fault.remedy or "检查磁盘空间和数据库"
            self._lamp(f"线路{self.name} 收到报文但存不下来，未应答：{fault.what}", f"{remedy}；接收机会重发")
            return False
        except Exception:
            # Our own bug must not cost the alarm: the raw bytes go in as a row that a person must see.
            log.exception("line %s: a frame could not be taken in: %s", self.name, report.raw.hex())
            act = self._act(self._as_raw(report), at, None)
            if not await self._store_raw(act):
                return False
        self._unstored = None
        stored = {"ingest_id": act.args["ingest_id"], "raw_hex": report.raw.hex()}
        self._repeats.stored(stored, awaits_answer=bool(report.ack))
        self._show_lamp()
        return True

    @staticmethod
    def _as_raw(report: Report) -> Report:
        why = "程序处理这条报文时出错，请看原始报文"
        return Report(type="garbage", raw=report.raw, ack=report.ack, why=why)

    async def _store_raw(self, act: Act) -> bool:
        try:
            await self._desk.carry_out(act)
        except Exception:
            log.exception("line %s: not even the raw bytes could be stored", self.name)
            self._lamp(f"线路{self.name} 收到报文但程序出错，未应答", "请保存日志并报告；接收机会重发")
            return False
        return True

    def _act_for(self, report: Report, at: float, glued: dict[bytes, Heard]) -> Act:
        """The act of a frame. One that was not stored and comes again is the same act: it takes effect once."""
        waiting = self._unstored
        if waiting is not None and waiting.args["report"]["raw_hex"] == report.raw.hex():
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
        return Act(name=name, args=args, actor=f"线路{self.name}", seat=self._desk.seat, at=self._desk.clock())

    def _answer(self, report: Report) -> None:
        if not report.ack:
            return
        try:
            self._link.write(report.ack)
        except PortError as problem:
            if not self._stopping:
                self._lamp(*explain(self.name, self.state, str(problem)))
            return
        if report.type != "heartbeat":
            self._repeats.answered(time.monotonic())

    def _wall(self, at: float) -> datetime:
        return to_ms(self._desk.clock().astimezone(UTC) - timedelta(seconds=time.monotonic() - at))

    # -- the line's state ------------------------------------------------------------------------------------

    async def _take_state(self, state: LinkState) -> None:
        before, self.state = self.state, PHASES[state.phase]
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
        """Journal the line as it stands; what cannot be told now is told with the next change."""
        heard = self.last_heard
        line = {
            "name": self.name,
            "protocol": self.spec.protocol,
            "address": str(self.spec.address),
            "state": self.state.value,
            "since": self._since.isoformat(),
            "last_heard": heard.isoformat() if heard else None,
            "why": self.why,
        }
        try:
            await self._desk.carry_out(self._named("line.changed", {"line": line}))
            self._told_at = time.monotonic()
        except JournalUnavailable as fault:
            log.warning("line %s: its state could not be stored: %s", self.name, fault)

    def _lamp(self, what: str, remedy: str) -> None:
        self._desk.health.fault(f"line:{self.name}", what, remedy)

    def _show_lamp(self) -> None:
        """The lamp of the link itself: lit while it is silent or lost."""
        if self.state in (LineState.SILENT, LineState.LOST):
            self._lamp(*explain(self.name, self.state, self._link.state.why))
        elif self.state is not LineState.CLOSED:
            self._desk.health.mended(f"line:{self.name}")
