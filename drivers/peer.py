"""One sender at a listening port among many: its codec, its wire, what it said, and what it may still say."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Lock

from drivers.codec import Codec, Talker
from drivers.guard import Bucket, Limits
from drivers.report import Report
from drivers.wire import Outlet, PortError, Wire

# A sender that goes on after a pause of so many seconds floods anew.
FLOOD_PAUSE_S = 5.0
# So many pieces of garbage and not one message: it speaks something else.
STRANGER = 3
# So many accounts may speak through one connection (a receiver that forwards) before the oldest is forgotten.
ACCOUNTS = 1000


Where = tuple[object, ...]
"""A far end as the socket library names it: host, port, and for IPv6 two more."""


class TcpOutlet:
    """The way back over one connection; it never waits: what finds no room is kept for the server's thread.

    `unsent` bounds what is kept; `wake` has the server flush it.
    """

    def __init__(self, connection: socket.socket, unsent: int, wake: Callable[[], None]) -> None:
        self._socket = connection
        self._cap = unsent
        self._wake = wake
        self._lock = Lock()
        self._kept = bytearray()

    def write(self, data: bytes) -> None:
        """Send, or keep for sending; PortError if the connection is gone or leaves too much unread."""
        self.write_now(data)

    def write_now(self, data: bytes) -> int:
        """Like `write`; all of it is taken."""
        with self._lock:
            sent = 0 if self._kept else self._send(data)
            rest = data[sent:]
            if len(self._kept) + len(rest) > self._cap:
                raise PortError("the far end leaves our answers unread: the connection took no bytes")
            self._kept += rest
        if rest:
            self._wake()
        return len(data)

    def flush(self) -> bool:
        """Send what was kept; whether all of it is gone."""
        with self._lock:
            if self._kept:
                del self._kept[: self._send(bytes(self._kept))]
            return not self._kept

    @property
    def waiting(self) -> bool:
        """Whether something is kept."""
        return bool(self._kept)

    def _send(self, data: bytes) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as problem:
            raise PortError("the connection took no bytes") from problem


class UdpOutlet:
    """The way back to one address over the common socket: a datagram goes whole or not at all."""

    def __init__(self, door: socket.socket, address: Where) -> None:
        self._door = door
        self._address = address

    def write(self, data: bytes) -> None:
        """Send one datagram; PortError if it is not taken."""
        self.write_now(data)

    def write_now(self, data: bytes) -> int:
        """Like `write`, which never waits."""
        try:
            self._door.sendto(data, self._address)
        except OSError as problem:
            raise PortError("the network took no datagram") from problem
        return len(data)


class Peer:
    """One sender. Times are monotonic seconds; only the server's thread changes it."""

    def __init__(self, where: Where, outlet: Outlet, codec: Codec, limits: Limits, now: float) -> None:
        self.where, self.address = where, str(where[0])
        self.name = f"[{where[0]}]:{where[1]}" if ":" in self.address else f"{where[0]}:{where[1]}"
        self.outlet, self.codec = outlet, codec
        self.talker = codec if isinstance(codec, Talker) else None
        self.wire = Wire(outlet, self.name)
        self.since = self.heard = now
        self.frames = self.garbage = 0
        self.proven = False
        self.opening: bytes | None = b""
        self.accounts: dict[str, None] = {}
        self.held_until = 0.0
        self._frame_since: float | None = None
        self._flooding_since = self._last_held = float("-inf")
        self._bytes = Bucket(limits.bytes_per_s, limits.bytes_per_s * limits.burst_s)
        self._frames = Bucket(limits.rate, limits.rate * limits.burst_s)

    @property
    def stranger(self) -> bool:
        """It has said enough for us to know that it does not mean us."""
        return not self.proven and self.garbage >= STRANGER

    def note(self, reports: list[Report], now: float) -> None:
        """Remember what it said; `codec.pending` tells of an unfinished frame."""
        good = [report for report in reports if report.type != "garbage"]
        self.frames += len(good)
        self.garbage += len(reports) - len(good)
        self.proven = self.proven or bool(good)
        for report in good:
            if report.account:
                self.accounts.pop(report.account, None)
                self.accounts[report.account] = None
        if reports or not self.codec.pending:
            self._frame_since = now if self.codec.pending else None
        elif self._frame_since is None:
            self._frame_since = now

    def forgotten_accounts(self) -> list[str]:
        """Let go of the accounts that are one too many."""
        over = list(self.accounts)[: max(0, len(self.accounts) - ACCOUNTS)]
        for account in over:
            del self.accounts[account]
        return over

    def overdue(self, now: float, frame_s: float) -> bool:
        """Whether it has been at one frame for too long."""
        return self._frame_since is not None and now - self._frame_since > frame_s

    def spend(self, amount: int, frames: int, now: float) -> bool:
        """Take so many bytes and frames from its allowance; whether it must be held back (until `held_until`)."""
        wait = max(self._bytes.take(amount, now), self._frames.take(frames, now))
        if not wait:
            return False
        if now - self._last_held > FLOOD_PAUSE_S:
            self._flooding_since = now
        self._last_held = self.held_until = now + wait
        return True

    def floods(self, now: float, flood_s: float) -> bool:
        """Whether it has been held back, on and on, for so long."""
        return now - self._flooding_since > flood_s
