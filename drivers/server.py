"""A port of ours at which many senders call at once: one thread, one selector, a codec and a wire for each.

What they have in common stands here: who is let in, what is a probe, who is held back or dropped, what is said and
ordered. TCP and UDP differ only in how bytes come and go. Nothing a sender does may cost another one its alarm:
each turn reads a little from everybody, answers never wait, and every bound drops the one who reached it.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from queue import SimpleQueue
from threading import Event

from drivers.address import Address
from drivers.codec import Codec
from drivers.crowd import Crowd
from drivers.guard import Bucket, Limits, looks_like_probe
from drivers.peer import Peer
from drivers.port import PortState
from drivers.report import Report, garbage
from drivers.wire import POLL_S, PortError, Wire

log = logging.getLogger(__name__)

SWEEP_S = 0.5
# Few bytes that may yet become a probe's are judged by what they are after so long.
OPENING_S = 2.0
# While whoever takes the frames is behind, senders wait; so often we look.
CROWDED_S = 0.02
# Garbage of those who never said anything else: rows a minute may see, then it is only counted.
GARBAGE_PER_S, GARBAGE_AT_ONCE = 0.1, 20.0
TELL_EVERY_S = 600.0


class Drop(StrEnum):
    """Why a sender was dropped or not let in."""

    PROBE = "probe"
    FLOOD = "flood"
    SLOW = "slow"
    IDLE = "idle"
    FULL = "full"
    UNREAD = "unread"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """What a listening port has seen: senders now, senders ever, and how many were dropped for each reason."""

    peers: int = 0
    accepted: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told; all in the server's thread. `busy` asks whether they can take no more at the moment."""

    on_bytes: Callable[[Peer, bytes, float], None]
    on_reports: Callable[[Peer, list[Report], float], None]
    on_state: Callable[[PortState, str], None]
    on_idle: Callable[[float], None]
    on_sent: Callable[[Peer, bytes], None]
    busy: Callable[[], bool]


def _woken_by_a_bell(address: Address) -> tuple[selectors.BaseSelector, socket.socket, socket.socket]:
    """Return a selector, and the ear and the bell by which other threads wake it.

    Raises PortError with all of it closed again: it is tried once a second while no descriptor is left.
    """
    with ExitStack() as undone:
        try:
            selector = undone.enter_context(selectors.DefaultSelector())
            ear, bell = socket.socketpair()
        except OSError as problem:
            raise PortError(f"port {address} cannot be opened: {os.strerror(problem.errno or 0)}") from problem
        undone.pop_all()
        return selector, ear, bell


class Server:
    """A listening port while it is open; beside `Port`, with the same `run` and `stop`.

    Raises PortError if the system has no descriptor left for it.
    """

    def __init__(
        self, address: Address, codec: Callable[[], Codec], starts: bytes | None, limits: Limits, ears: Ears
    ) -> None:
        self._address = address
        self._codec = codec
        self._starts = starts
        self._limits = limits
        self._ears = ears
        self._stop = Event()
        self._crowd = Crowd(limits)
        self._accounts: dict[str, Peer] = {}
        self._orders: SimpleQueue[tuple[Peer, Mapping[str, object]]] = SimpleQueue()
        self._accepted = 0
        self._dropped: Counter[str] = Counter()
        self._told: dict[str, float] = {}
        # Of all strangers together.
        self._garbage = Bucket(GARBAGE_PER_S, GARBAGE_AT_ONCE)
        self._selector, self._ear, self._bell = _woken_by_a_bell(address)
        self._swept = self._idled = 0.0

    wire = None
    """Nobody in particular is connected: answers go to the wire of their frame."""

    @property
    def figures(self) -> ServerFigures:
        """The counters as they stand; from any thread."""
        return ServerFigures(len(self._crowd), self._accepted, dict(self._dropped))

    # -- from any thread -------------------------------------------------------------------------------------

    def stop(self, timeout: float = 1.0) -> None:
        """Ask the thread to close everything."""
        self._stop.set()
        self.wake()

    def wake(self) -> None:
        """Have the thread look at once."""
        with suppress(OSError):
            self._bell.send(b"!")

    def order(self, order: Mapping[str, object], wire: Wire | None) -> None:
        """Give an order to the codec of this wire, or of whoever spoke last for the order's `account`."""
        account = str(order.get("account", ""))
        peer = self._crowd.by_wire(wire) if wire is not None else self._accounts.get(account)
        if peer is None:
            raise PortError(f"{account or 'this sender'} is not connected to {self._address}")
        self._orders.put((peer, order))
        self.wake()

    # -- the thread ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Listen until stopped; in the calling thread."""
        try:
            self._open()
        except PortError as problem:
            self._close()
            self._ears.on_state(PortState.LOST, str(problem))
            return
        state, why = PortState.CLOSED, "closed on request"
        try:
            self._ears.on_state(PortState.OPEN, f"{self._address} is open")
            while not self._stop.is_set():
                self._turn()
        except PortError as problem:
            state, why = PortState.LOST, f"{self._address}: {problem}"
        finally:
            self._close()
        self._ears.on_state(state, why)

    def _turn(self) -> None:
        events = self._selector.select(POLL_S)
        now = time.monotonic()
        busy = self._ears.busy()
        for key, mask in events:
            if key.fileobj is self._ear:
                self._woken(now)
            elif not (busy and mask == selectors.EVENT_READ):
                self._serve(key.data, mask, now)
        if busy:
            time.sleep(CROWDED_S)
        self._let_go(now)
        if now - self._swept >= SWEEP_S:
            self._swept = now
            self._sweep(now)
        if now - self._idled >= POLL_S:
            self._idled = now
            self._ears.on_idle(now)

    def _woken(self, now: float) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(4096)
        while not self._orders.empty():
            peer, order = self._orders.get_nowait()
            if peer.talker is not None:
                peer.talker.order(order)
                self._speak(peer, now)

    def _close(self) -> None:
        for peer in list(self._crowd):
            self._drop(peer, Drop.GONE, "we stopped listening")
        self._shut()
        self._selector.close()
        self._ear.close()
        self._bell.close()

    # -- what a sender says ----------------------------------------------------------------------------------

    def _take(self, peer: Peer, data: bytes, now: float) -> None:
        peer.heard = now
        if peer.opening is not None:
            data = peer.opening + data
            probe = looks_like_probe(data, self._starts)
            if probe:
                self._drop(peer, Drop.PROBE, f"{peer.name} is a probe: {data[:24]!r}")
                return
            peer.opening = data if probe is None else None
            if probe is None:
                return
        self._feed(peer, data, now)

    def _feed(self, peer: Peer, data: bytes, now: float) -> None:
        self._ears.on_bytes(peer, data, now)
        reports = self._decode(peer, data)
        self._deliver(peer, reports, now)
        if not peer.wire.open:
            return
        self._speak(peer, now)
        if peer.spend(len(data), len(reports), now):
            self._hold(peer, now)

    def _decode(self, peer: Peer, data: bytes) -> list[Report]:
        """A fault of our own in one sender's frame must not cost the others their connection."""
        try:
            return peer.codec.feed(data)
        except Exception:
            log.exception("%s: fault while reading %s: %s", self._address, peer.name, data.hex(" "))
            peer.codec.reset()
            return [garbage(data, "our own fault while reading")]

    def _deliver(self, peer: Peer, reports: list[Report], now: float) -> None:
        """Hand up what it said; garbage of one that never said anything else only while there is little of it."""
        peer.note(reports, now)
        self._address_accounts(peer, reports)
        if not peer.proven:
            reports = [report for report in reports if report.ack or self._garbage.has(1.0, now)]
        if reports:
            # Who answers on the spot may find this one sender gone: that is no loss of the port.
            with suppress(PortError):
                self._ears.on_reports(peer, reports, now)
        if peer.stranger and peer.wire.open:
            self._drop(peer, Drop.PROBE, f"{peer.name} speaks another protocol")

    def _address_accounts(self, peer: Peer, reports: list[Report]) -> None:
        for report in reports:
            if report.account and report.type != "garbage":
                self._accounts[report.account] = peer
        for account in peer.forgotten_accounts():
            self._accounts.pop(account, None)

    def _speak(self, peer: Peer, now: float) -> None:
        data = peer.talker.outgoing(now) if peer.talker is not None else b""
        if data:
            with suppress(PortError):
                # Not `write_now`: while the loop writes an answer to this sender that takes nothing, and what a
                # codec has once said it does not say again. The outlet itself never waits.
                peer.wire.write(data)
                self._ears.on_sent(peer, data)

    def _hold(self, peer: Peer, now: float) -> None:
        if peer.floods(now, self._limits.flood_s):
            self._drop(peer, Drop.FLOOD, f"{peer.name} floods us")
        else:
            self._crowd.held.add(peer)
            self._listen_to(peer)

    def _let_go(self, now: float) -> None:
        for peer in [peer for peer in self._crowd.held if peer.held_until <= now]:
            self._crowd.held.discard(peer)
            self._listen_to(peer)

    # -- who is here -----------------------------------------------------------------------------------------

    def _welcome(self, peer: Peer, now: float) -> None:
        self._accepted += 1
        self._crowd.add(peer)
        self._speak(peer, now)

    def _make_room(self, address: str) -> bool:
        """Whether one more may come from there; who has not said anything yet gives way."""
        if self._crowd.has_room(address):
            return True
        silent = self._crowd.oldest_unproven(address)
        if silent is not None:
            self._drop(silent, Drop.FULL, f"{silent.name} gave way to another sender")
            return True
        self._count(Drop.FULL, f"no room for a sender from {address}")
        return False

    def _drop(self, peer: Peer, reason: Drop, why: str) -> None:
        if not self._crowd.remove(peer):
            return
        for account in peer.accounts:
            if self._accounts.get(account) is peer:
                del self._accounts[account]
        peer.wire.end()
        self._count(reason, why)
        self._part(peer, reason)
        if reason is not Drop.PROBE:
            # Half a frame, and nobody to answer.
            self._deliver(peer, peer.codec.expire(), time.monotonic())

    def _count(self, reason: Drop, why: str) -> None:
        """Count it; said in the log once, and again after some time."""
        self._dropped[reason] += 1
        now = time.monotonic()
        if reason is not Drop.GONE and now - self._told.get(reason, float("-inf")) > TELL_EVERY_S:
            self._told[reason] = now
            log.info("%s: %s (dropped so far: %s)", self._address, why, dict(self._dropped))

    def _sweep(self, now: float) -> None:
        for peer in list(self._crowd):
            if peer.opening and now - peer.heard > OPENING_S:
                opening, peer.opening = peer.opening, None
                self._feed(peer, opening, now)
            elif now - peer.heard > self._limits.idle_s:
                self._drop(peer, Drop.IDLE, f"{peer.name} was silent for {self._limits.idle_s:g} s")
            elif peer.overdue(now, self._limits.frame_s):
                self._drop(peer, Drop.SLOW, f"{peer.name} did not finish a frame in {self._limits.frame_s:g} s")
            elif peer.talker is not None:
                self._speak(peer, now)

    # -- TCP or UDP ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Open the port and register it and the bell."""
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)

    def _serve(self, peer: Peer | None, mask: int, now: float) -> None:
        raise NotImplementedError

    def _listen_to(self, peer: Peer) -> None:
        """Read from it, or not while it is held back."""

    def _part(self, peer: Peer, reason: Drop) -> None:
        """Let its connection go."""

    def _shut(self) -> None:
        raise NotImplementedError
