"""One line at work: its link's states are journaled and shown by a lamp, what it hears goes to the frames.

The link reads in a thread of its own and hops to the loop; here one task a line takes what came in order. What
different senders at one port say is carried out side by side (`line_lanes`); lines always are.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime

from console.domain.errors import JournalUnavailable
from console.domain.site import LineState
from console.services.line_figures import LineFigures
from console.services.line_frames import Carrier, Frames, Vehicles
from console.services.line_lanes import Lanes
from console.services.line_queue import Change, Read, Retry, Tell
from console.services.line_tap import Tap
from console.services.line_words import MOVABLE, PHASES, RECEIVED_BY, explain
from console.services.repeats import History, Senders
from drivers.address import LISTENING, LineSpec
from drivers.link import Link, LinkState
from drivers.protocols import protocol_row
from drivers.report import Report
from drivers.wire import PortError, Wire

log = logging.getLogger(__name__)

LAST_HEARD_EVERY_S = 300.0
"""Heartbeats are not journaled; when the line was last heard is, this often (DESIGN section 4)."""

RETRY_S = 1.0
"""So often frames that are nowhere yet are tried again."""

BEHIND = 2000
"""So many reports may wait before a port is read no further: its senders repeat, or their network holds them."""


def _nobody() -> None:
    """Nobody asks for changes."""


class WorkingLine:
    """A link while it receives, its queue and its lamp. `history` is what the line stored lately in an earlier run.

    It opens its port when it is told to `receive`, and closes it when it is told to `stand_by`; `opened` is set once
    it was open, or stood by. `changed` is called at each change of its state.
    """

    def __init__(
        self,
        spec: LineSpec,
        desk: Carrier,
        history: History,
        tap: Tap,
        host: str = "",
        vehicles: Vehicles | None = None,
        changed: Callable[[], None] = _nobody,
    ) -> None:
        self.spec = spec
        self.opened = asyncio.Event()
        self.state = LineState.OPENING
        self.why = ""
        self._desk = desk
        self._host = host
        self._tap = tap
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Read | Change | Retry | Tell | None] = asyncio.Queue()
        self._link: Link | None = None
        self._lease: str | None = None
        self._heard_at: float | None = None
        self._since = desk.clock()
        many = protocol_row(spec.protocol).many and spec.address.kind in LISTENING
        self._senders = Senders(history, desk.clock(), many=many)
        self._frames = Frames(spec, desk, self._senders, self, tap, vehicles)
        self._lanes = Lanes(self._take_safely) if many else None
        self._by_account = vehicles is not None
        # Each written by one thread only: what was heard, and what was taken.
        self._heard = self._taken = 0
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
        return None if self._heard_at is None else self._frames.wall(self._heard_at)

    @property
    def figures(self) -> LineFigures:
        """The line as it stands, for whoever draws it or writes it down."""
        counted = self._frames.counters
        server = self._link.figures if self._link is not None else None
        return LineFigures(
            line=self.name,
            protocol=self.spec.protocol,
            address=str(self.spec.address),
            state=self.state,
            since=self._since,
            last_heard=self.last_heard,
            why=self.why,
            frames=counted.frames,
            heartbeats=counted.heartbeats,
            garbage=counted.garbage,
            naks=counted.naks,
            bytes_in=counted.bytes_in,
            bytes_out=counted.bytes_out,
            stored_ms=tuple(counted.stored_ms),
            answered_ms=tuple(counted.answered_ms),
            peers=server.peers if server is not None else 0,
            dropped=server.dropped if server is not None else {},
        )

    def order(self, order: Mapping[str, object]) -> None:
        """Have the line say or do something of its own accord; PortError if it cannot (see `Link.order`)."""
        if self._link is None:
            raise PortError(f"line {self.name} is not received here")
        self._link.order(order)

    def receive(self, lease: str | None = None, last: History = ()) -> None:
        """Begin to open the port and keep it open; nothing more if it is so already.

        `lease`: since when the line is ours by lease (ISO 8601), '' if nobody could be asked, None where there are
        no leases. `last`: what the host before us stored lately, the last of it perhaps without an answer.
        """
        if self._stopping or (self._link is not None and lease in ("", self._lease)):
            return
        self._lease = lease
        if self._link is not None:
            self._queue.put_nowait(Tell())
            return
        self._senders.taken_over(last, self._desk.clock())
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
        self._changed()

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
        try:
            while (item := await self._queue.get()) is not None:
                if isinstance(item, Read):
                    await self._take_heard(item)
                else:
                    await self._guarded(self._take(item))
            if self._lanes is not None:
                await self._lanes.finish()
        finally:
            if self._lanes is not None:
                self._lanes.cancel()
        await self._frames.try_kept_last()

    async def _take_heard(self, read: Read) -> None:
        """One sender's frames in order; those of many senders side by side, what needs no waiting at once."""
        if self._lanes is None:
            await self._take_safely(read)
            return
        rest: Read | None = read
        lane = self._lane_of(read)
        if not self._stopping and not self._lanes.busy(lane):
            try:
                rest = self._frames.answer_at_once(read)
            except Exception:
                log.exception("line %s: fault of our own", self.name)
                self._own_fault()
        self._taken += len(read.reports) - (len(rest.reports) if rest else 0)
        if rest is None:
            await self._now_and_then()
        else:
            self._lanes.put(lane, rest)

    def _lane_of(self, read: Read) -> object:
        """Whose turn it takes: its connection's, and a vehicle's own, which may have called again meanwhile."""
        return (self._by_account and read.reports[0].account) or read.wire

    async def _take_safely(self, read: Read) -> None:
        try:
            if not self._stopping:
                await self._guarded(self._frames.take(read))
                await self._now_and_then()
        finally:
            self._taken += len(read.reports)

    async def _now_and_then(self) -> None:
        if time.monotonic() - self._told_at > LAST_HEARD_EVERY_S:
            self._told_at = time.monotonic()
            await self._guarded(self._tell())

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:
            log.exception("line %s: fault of our own", self.name)
            self._own_fault()

    def _own_fault(self) -> None:
        self.lamp(f"线路{self.name}：程序内部错误", "线路仍在接收；请保存日志并报告")

    async def _take(self, item: "Change | Retry | Tell") -> None:
        if isinstance(item, Change):
            if item.link is self._link:
                await self._take_state(item.state)
        elif isinstance(item, Retry):
            await self._frames.try_kept()
        else:
            await self._tell()

    # -- in the link's thread --------------------------------------------------------------------------------

    def _new_link(self) -> Link:
        def hear(reports: list[Report], at: float, wire: Wire | None) -> None:
            self._heard += len(reports)
            self._hop(Read(reports, at, link, wire))

        def change(state: LinkState) -> None:
            self._hop(Change(state, link))

        link = Link(self.spec, hear, change, self._passed, lambda: self._heard - self._taken > BEHIND)
        return link

    def _passed(self, direction: str, data: bytes, at: float) -> None:
        self._frames.counters.passed(direction, data)
        self._tap.passed(self.name, direction, data, at)

    def _hop(self, item: Read | Change) -> None:
        # A loop that has ended takes nothing more: then nothing is answered either.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    # -- what the frames ask of their line -------------------------------------------------------------------

    def is_ours(self, read: Read) -> bool:
        """Whether the link by which it came still is the line's."""
        return read.link is self._link

    def unanswered(self, read: Read, problem: PortError) -> None:
        """A stored frame's answer could not be written; of one sender among many that is no fault of the line."""
        log.info("line %s: a stored frame goes unanswered: %s", self.name, problem)
        if not self._stopping and self._link is not None and self.is_ours(read) and read.wire is self._link.wire:
            self.lamp(*explain(self.name, self.state, str(problem)))

    def retry_later(self) -> None:
        """Try the frames again that are nowhere yet, after a while."""
        self._loop.call_later(RETRY_S, self._queue.put_nowait, Retry())

    # -- the line's state ------------------------------------------------------------------------------------

    async def _take_state(self, state: LinkState) -> None:
        before, self.state = self.state, PHASES[state.phase]
        self._desk.health.stands_by(self.name, "")
        if self.state is LineState.UP and before is not LineState.SILENT:
            self._senders.opened(state.at)
        if before is not self.state:
            self._since = self._frames.wall(state.at)
        self.why = "" if self.state is LineState.UP else explain(self.name, self.state, state.why)[0]
        log.info("line %s: %s %s", self.name, state.phase.value, state.why)
        self.show_lamp()
        if self.state is LineState.UP:
            self.opened.set()
        self._changed()
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
            await self._desk.carry_out(self._frames.named("line.changed", {"line": line, "lease": self._lease}))
            self._told_at = time.monotonic()
        except JournalUnavailable as fault:
            log.warning("line %s: its state could not be stored: %s", self.name, fault)

    def lamp(self, what: str, remedy: str) -> None:
        """Light the line's lamp."""
        self._desk.health.fault(f"line:{self.name}", what, remedy)

    def show_lamp(self) -> None:
        """The lamp of the link itself: lit while it is silent or lost."""
        if self._link is None:
            return
        if self.state in (LineState.SILENT, LineState.LOST):
            self.lamp(*explain(self.name, self.state, self._link.state.why))
        elif self.state is not LineState.CLOSED:
            self._desk.health.mended(f"line:{self.name}")
