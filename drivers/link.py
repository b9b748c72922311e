"""The supervisor of one line: open, run, lost, wait, open again; and a word about every change.

One thread does it all: it opens the port, reads it, feeds the codec and watches the clock. Silence longer
than the supervision time is a state of its own, for a cut wire looks exactly like a quiet night.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread, current_thread

from drivers.address import LISTENING, Address, LineSpec
from drivers.codec import Talker
from drivers.guard import Limits
from drivers.peer import Peer
from drivers.port import Port, PortState
from drivers.protocols import line_codec, protocol_row
from drivers.report import Report
from drivers.server import Ears, Server, ServerFigures
from drivers.server_tcp import TcpServer
from drivers.server_udp import UdpServer
from drivers.wire import POLL_S, LineStream, PortError, Wire

log = logging.getLogger(__name__)

# Quick at first (a shaken cable), then doubling. A port that comes back after a minute or a week, replugged or
# restarted, is to be received within 2 s of it, calling a device server included; a try costs next to nothing.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 1.0
# A line that stood this long, or spoke, was a good one: the next loss starts with quick tries again.
STEADY_S = 5.0
# Senders repeat an unanswered frame after 4 s at the earliest: half a frame is given up before that.
HALF_FRAME_S = 2.0
# While whoever takes the reports is behind, the far end waits; so often we look.
CROWDED_S = 0.02


class LinkPhase(StrEnum):
    """The state of a line; SILENT: the wire is open, but nothing came for the supervision time."""

    OPENING = "opening"
    UP = "up"
    SILENT = "silent"
    LOST = "lost"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LinkState:
    """One change of a line's state, with its reason and its monotonic time in seconds."""

    line: str
    phase: LinkPhase
    why: str
    at: float


OnReports = Callable[[list[Report], float, Wire | None], None]
OnRaw = Callable[[str, bytes, float], None]


def _ignore_raw(_direction: str, _data: bytes, _at: float) -> None:
    """Let raw bytes pass unseen."""


def _never() -> bool:
    """Whoever takes the reports is never behind."""
    return False


def opener_for(spec: LineSpec) -> Callable[[Address], LineStream] | None:
    """Return the protocol's own way of opening its port, None for the usual one."""
    own = protocol_row(spec.protocol).open
    return None if own is None else lambda address: own(address, spec.options, POLL_S)


class Link:
    """One supervised line, whether one sender is at its far end or, at a port of ours, many.

    `on_reports` gets what a read completed, the monotonic time of that read and the wire it came by, to which the
    answers go; `on_state` every change; `on_raw` all bytes with "in" or "out". All run in the link's thread, "out" in
    the writer's. While `busy` says so, nothing more is read: who sends waits.
    """

    def __init__(
        self,
        spec: LineSpec,
        on_reports: OnReports,
        on_state: Callable[[LinkState], None],
        on_raw: OnRaw = _ignore_raw,
        busy: Callable[[], bool] = _never,
    ) -> None:
        self.spec = spec
        self._codec = line_codec(spec.protocol, spec.address, spec.options)
        self._on_reports = on_reports
        self._on_state = on_state
        self._on_raw = on_raw
        self._busy = busy
        self._stop = Event()
        self._thread = Thread(target=self._run, name=f"line {spec.name}", daemon=True)
        self._port: Port | Server | None = None
        self._orders: SimpleQueue[Mapping[str, object]] = SimpleQueue()
        self._heard = 0.0
        self._wait_s = FIRST_WAIT_S
        self.last_heard: float | None = None
        self.state = LinkState(spec.name, LinkPhase.OPENING, "not opened yet", time.monotonic())

    def start(self) -> None:
        """Begin to open the port and keep it open."""
        self._thread.start()

    @property
    def wire(self) -> Wire | None:
        """What is heard comes by this wire; another one after every loss, and for each sender that calls.

        None when there is none.
        """
        port = self._port
        return None if port is None else port.wire

    def write(self, data: bytes, wire: Wire | None = None) -> None:
        """Send bytes, from any thread, over this wire (the present one if not given), waiting for room.

        Raises PortError if it is not open any more or does not take them.
        """
        self._wire(wire).write(data)
        self._on_raw("out", data, time.monotonic())

    def write_now(self, data: bytes, wire: Wire | None = None) -> bytes:
        """Like `write`, without waiting; return the bytes that found no room."""
        sent = self._wire(wire).write_now(data)
        if sent:
            self._on_raw("out", data[:sent], time.monotonic())
        return data[sent:]

    @property
    def figures(self) -> ServerFigures | None:
        """Who is connected to a port of many senders, and who was dropped; None on other lines. From any thread."""
        port = self._port
        return port.figures if isinstance(port, Server) else None

    def order(self, order: Mapping[str, object], wire: Wire | None = None) -> None:
        """Have the line say or do something of its own accord (a text message, a lamp); from any thread.

        Of many senders the one is meant that has this wire, or else spoke last for the order's `account`. PortError
        if nothing can be ordered on a line of this protocol, or that sender is not connected.
        """
        if not isinstance(self._codec, Talker):
            raise PortError(f"nothing can be ordered on line {self.spec.name}: {self.spec.protocol} only listens")
        port = self._port
        if isinstance(port, Server):
            port.order(order, wire)
        elif self._many:
            raise PortError(f"line {self.spec.name} is not open")
        else:
            self._orders.put(order)

    def _speak(self, now: float) -> None:
        """Send what the codec has to say by itself."""
        if not isinstance(self._codec, Talker) or self.wire is None:
            return
        while not self._orders.empty():
            self._codec.order(self._orders.get_nowait())
        data = self._codec.outgoing(now)
        if data:
            self.write(data)

    def _wire(self, given: Wire | None) -> Wire:
        wire = given or self.wire
        if wire is None:
            raise PortError(f"line {self.spec.name} is not open")
        return wire

    def stop(self, timeout: float = 1.0) -> None:
        """Close the line for good and wait for its thread, at most `timeout` seconds."""
        self._stop.set()
        port = self._port
        if port is not None:
            port.stop(0.0)
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join(timeout)

    @property
    def _many(self) -> bool:
        return protocol_row(self.spec.protocol).many and self.spec.address.kind in LISTENING

    def _new_port(self) -> Port | Server:
        spec = self.spec
        if not self._many:
            return Port(spec.address, self._hear, self._port_changed, self._idle, opener_for(spec))
        ears = Ears(
            on_bytes=self._note_bytes,
            on_reports=lambda peer, reports, at: self._on_reports(reports, at, peer.wire),
            on_state=self._port_changed,
            on_idle=self._watch_silence,
            on_sent=lambda _peer, data: self._on_raw("out", data, time.monotonic()),
            busy=self._busy,
        )
        kind = UdpServer if spec.address.kind == "udp-listen" else TcpServer
        starts = protocol_row(spec.protocol).starts
        codec = partial(line_codec, spec.protocol, spec.address, spec.options)
        return kind(spec.address, codec, starts, Limits.of(spec.options), ears)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._run_port()
            if self.state.phase is not LinkPhase.STOPPED:
                self._stop.wait(self._next_wait())
        self._port = None
        self._enter(LinkPhase.STOPPED, "closed on request")

    def _run_port(self) -> None:
        self._port = None
        try:
            self._port = port = self._new_port()
            # Who asked us to stop before it was there could not ask the port.
            if not self._stop.is_set():
                port.run()
                self._give_up_half_frame()
        except PortError as problem:
            self._enter(LinkPhase.LOST, str(problem))
        except Exception as problem:
            # Our own fault, not the wire's: say so and keep the alarm path running.
            log.exception("line %s: fault while reading", self.spec.name)
            self._codec.reset()
            self._enter(LinkPhase.LOST, f"internal fault: {problem}")

    def _next_wait(self) -> float:
        wait = self._wait_s
        self._wait_s = min(2 * wait, LONGEST_WAIT_S)
        return wait

    def _port_changed(self, state: PortState, why: str) -> None:
        if state is PortState.OPEN:
            # Perhaps other equipment, or the same after a power cut: a dialogue begins anew.
            self._codec.reset()
            self._heard = time.monotonic()
            self._enter(LinkPhase.UP, why)
        elif state is PortState.JOINED:
            self._sender_came(why)
        elif state is PortState.LEFT:
            self._sender_went(why)
        elif state is PortState.LOST:
            self._enter(LinkPhase.LOST, why)
        elif state is PortState.ENDED:
            self._stop.set()
            self._enter(LinkPhase.STOPPED, why)

    def _sender_came(self, why: str) -> None:
        if self.state.phase is LinkPhase.LOST:
            self._heard = time.monotonic()
            self._enter(LinkPhase.UP, why)

    def _sender_went(self, why: str) -> None:
        """One that hangs up after a whole frame is done: many senders call for each message.

        A connection that broke, or ended within a frame, is a loss like any other until the next one calls.
        """
        whole = not self._codec.pending
        self._give_up_half_frame()
        if not (whole and "far end closed" in why):
            self._enter(LinkPhase.LOST, why)

    def _note_bytes(self, _peer: Peer | None, data: bytes, now: float) -> None:
        self._on_raw("in", data, now)
        self.last_heard = self._heard = now
        self._wait_s = FIRST_WAIT_S
        if self.state.phase is LinkPhase.SILENT:
            self._enter(LinkPhase.UP, "the line is heard again")

    def _hear(self, data: bytes, now: float) -> None:
        self._note_bytes(None, data, now)
        reports = self._codec.feed(data)
        if reports:
            self._on_reports(reports, now, self.wire)
        self._speak(now)
        while self._busy() and not self._stop.is_set():
            self._stop.wait(CROWDED_S)

    def _idle(self, now: float) -> None:
        quiet = now - self._heard
        if quiet > HALF_FRAME_S:
            self._give_up_half_frame()
        self._watch_silence(now)
        self._speak(now)

    def _watch_silence(self, now: float) -> None:
        quiet = now - self._heard
        if quiet > STEADY_S:
            self._wait_s = FIRST_WAIT_S
        if self.state.phase is LinkPhase.UP and 0 < self.spec.supervise_s < quiet:
            self._enter(LinkPhase.SILENT, f"nothing heard for {self.spec.supervise_s:g} s")

    def _give_up_half_frame(self) -> None:
        reports = self._codec.expire()
        if reports:
            self._on_reports(reports, time.monotonic(), self.wire)

    def _enter(self, phase: LinkPhase, why: str) -> None:
        if (phase, why) != (self.state.phase, self.state.why) and self.state.phase is not LinkPhase.STOPPED:
            self.state = LinkState(self.spec.name, phase, why, time.monotonic())
            self._on_state(self.state)
