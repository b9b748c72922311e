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
from console.domain.site import LINE_LABELS, LineState
from console.services.health import Health
from drivers.address import LineSpec
from drivers.link import Link, LinkPhase, LinkState
from drivers.report import Report
from drivers.streams import PortError

log = logging.getLogger(__name__)

ACK_WAIT_S = 4.0
"""How long a receiver waits before it repeats a frame (protocols.md section 1)."""

LAST_HEARD_EVERY_S = 300.0
"""Heartbeats are not journaled; when the line was last heard is, this often (DESIGN section 4)."""

PHASES = {
    LinkPhase.OPENING: LineState.OPENING,
    LinkPhase.UP: LineState.UP,
    LinkPhase.SILENT: LineState.SILENT,
    LinkPhase.LOST: LineState.LOST,
    LinkPhase.STOPPED: LineState.CLOSED,
}

CAUSES = (
    ("does not exist", "端口不存在", "检查接线和端口名，插好后自动恢复"),
    ("no permission", "没有使用端口的权限", "把本用户加入 dialout 组"),
    ("in use by", "端口被其他程序占用", "关闭占用它的程序，之后自动恢复"),
    ("no USB device", "没有插入该 USB 设备", "插好后自动恢复"),
    ("no connection", "连不上设备服务器", "检查网络和设备电源，之后自动恢复"),
    ("far end closed", "对端关闭了连接", "正在自动重连"),
    ("connection broke", "连接中断", "正在自动重连"),
    ("is gone", "端口已断开", "检查接线，插好后自动恢复"),
    ("nothing heard", "长时间没有收到任何数据", "检查接收机和接线"),
    ("took no bytes", "应答发不出去", "检查接线和接收机"),
)
"""A driver's words in ours: what is wrong, and what to do."""


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
class _Heard:
    """What one read completed, and the monotonic time of its last byte."""

    reports: list[Report]
    at: float


Copied = dict[str, str]
OnRaw = Callable[[str, bytes, float], None]


class WorkingLine:
    """A link, its queue and its lamp. `last` is the line's last stored signal (`intake.receive`, may_be_copy)."""

    def __init__(self, spec: LineSpec, desk: Carrier, last: Copied | None, on_raw: OnRaw) -> None:
        self.spec = spec
        self.opened = asyncio.Event()
        self.state = LineState.OPENING
        self.why = ""
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[_Heard | LinkState | None] = asyncio.Queue()
        self._link = Link(spec, self._hear, self._change, on_raw)
        self._since = desk.clock()
        self._last = last
        # When our answer to the last signal was written; None: it was not. A signal of an earlier run was.
        self._answered_at: float | None = 0.0
        self._opened_at = float("-inf")
        self._last_is_older = True  # than the port's present opening
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
        """Take what comes, in order, until stopped."""
        while (item := await self._queue.get()) is not None:
            if isinstance(item, LinkState):
                await self._take_state(item)
            elif not self._stopping:
                await self._take_reports(item)

    # -- in the link's thread --------------------------------------------------------------------------------

    def _hear(self, reports: list[Report], at: float) -> None:
        self._hop(_Heard(reports, at))

    def _change(self, state: LinkState) -> None:
        self._hop(state)

    def _hop(self, item: _Heard | LinkState) -> None:
        # A loop that has ended takes nothing more: then nothing is answered either.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    # -- frames ----------------------------------------------------------------------------------------------

    async def _take_reports(self, heard: _Heard) -> None:
        glued: dict[bytes, Copied] = {}
        for report in heard.reports:
            if report.type != "heartbeat":
                if not await self._store(report, heard.at, glued):
                    return
                if self._last is not None:
                    glued.setdefault(report.frame, self._last)
            self._answer(report)
        if time.monotonic() - self._told_at > LAST_HEARD_EVERY_S:
            await self._tell()

    async def _store(self, report: Report, at: float, glued: dict[bytes, Copied]) -> bool:
        """Make the frame durable; False (and a red lamp) if it is nowhere, then it must not be answered."""
        act = self._act_for(report, at, glued)
        try:
            await self._desk.carry_out(act)
        except JournalUnavailable as fault:
            self._unstored = act
            remedy = fault.remedy or "检查磁盘空间和数据库"
            self._lamp(f"{self._title} 收到报文但存不下来，未应答：{fault.what}", f"{remedy}；接收机会重发")
            return False
        except Exception:
            # Our own bug must not cost the alarm: the raw bytes go in as a row that a person must see.
            log.exception("%s: a frame could not be taken in: %s", self.name, report.raw.hex())
            if not await self._store_raw(report, at):
                return False
        self._unstored = None
        self._last = {"ingest_id": act.args["ingest_id"], "raw_hex": report.raw.hex()}
        self._last_is_older = False
        self._answered_at = None if report.ack else 0.0
        self._show_lamp()
        return True

    async def _store_raw(self, report: Report, at: float) -> bool:
        raw = Report(type="garbage", raw=report.raw, ack=report.ack, why="程序处理这条报文时出错，请看原始报文")
        try:
            await self._desk.carry_out(self._act(raw, at, None))
        except Exception:
            log.exception("%s: not even the raw bytes could be stored", self.name)
            self._lamp(f"{self._title} 收到报文但程序出错，未应答", "请看日志并报告；接收机会重发")
            return False
        return True

    def _act_for(self, report: Report, at: float, glued: dict[bytes, Copied]) -> Act:
        """The act of a frame. One that was not stored and comes again is the same act: it takes effect once."""
        waiting = self._unstored
        if waiting is not None and waiting.args["report"]["raw_hex"] == report.raw.hex():
            return waiting
        return self._act(report, at, glued.get(report.frame) if report.glued else self._maybe_copied(at))

    def _maybe_copied(self, at: float) -> Copied | None:
        """The last signal, while its sender may still be repeating it."""
        unanswered = self._answered_at is None or at <= self._answered_at
        reopened = self._last_is_older and at - self._opened_at <= ACK_WAIT_S
        return self._last if unanswered or reopened else None

    def _act(self, report: Report, at: float, may_be_copy: Copied | None) -> Act:
        args = {
            "ingest_id": new_id(),
            "line": self.name,
            "protocol": self.spec.protocol,
            "received_at": self._wall(at).isoformat(timespec="milliseconds"),
            "report": report.to_json(),
            "may_be_copy": may_be_copy,
        }
        return Act(
            name="intake.receive", args=args, actor=f"线路{self.name}", seat=self._desk.seat, at=self._desk.clock()
        )

    def _answer(self, report: Report) -> None:
        if not report.ack:
            return
        try:
            self._link.write(report.ack)
        except PortError as problem:
            if not self._stopping:
                self._lamp(*self._explain(str(problem)))
            return
        if report.type != "heartbeat":
            self._answered_at = time.monotonic()

    def _wall(self, at: float) -> datetime:
        return to_ms(self._desk.clock().astimezone(UTC) - timedelta(seconds=time.monotonic() - at))

    # -- the line's state ------------------------------------------------------------------------------------

    @property
    def _title(self) -> str:
        return f"线路{self.name}"

    async def _take_state(self, state: LinkState) -> None:
        before, self.state = self.state, PHASES[state.phase]
        if self.state is LineState.UP and before is not LineState.SILENT:
            self._opened_at = state.at
            self._last_is_older = True
        if before is not self.state:
            self._since = self._wall(state.at)
        self.why = "" if self.state is LineState.UP else self._explain(state.why)[0]
        log.info("%s: %s %s", self.name, state.phase.value, state.why)
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
        act = Act(
            name="line.changed",
            args={"line": line},
            actor=self._title,
            seat=self._desk.seat,
            at=self._desk.clock(),
        )
        try:
            await self._desk.carry_out(act)
            self._told_at = time.monotonic()
        except JournalUnavailable as fault:
            log.warning("%s: its state could not be stored: %s", self.name, fault)
        except Exception:
            log.exception("%s: its state could not be told", self.name)

    def _explain(self, why: str) -> tuple[str, str]:
        what, remedy = next(((what, do) for words, what, do in CAUSES if words in why), (why, "正在自动重试"))
        return f"{self._title} {LINE_LABELS[self.state]}：{what}", remedy

    def _lamp(self, what: str, remedy: str) -> None:
        self._desk.health.fault(f"line:{self.name}", what, remedy)

    def _show_lamp(self) -> None:
        """The lamp of the link itself: lit while it is silent or lost."""
        if self.state in (LineState.SILENT, LineState.LOST):
            self._lamp(*self._explain(self._link.state.why))
        elif self.state is not LineState.CLOSED:
            self._desk.health.mended(f"line:{self.name}")
