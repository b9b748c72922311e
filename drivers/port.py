"""A port: one thread that opens a wire, reads it, and closes it itself.

The callbacks run in that thread; whoever has a loop hops to it with call_soon_threadsafe. Closing from
another thread is unsafe in pyserial, so stop() only asks and waits. A listening port stays open while its
senders come and go; each of them is a wire of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from threading import Event, Thread, current_thread

from drivers.address import Address, AddressError
from drivers.streams import open_stream
from drivers.tcp import ListenStream, SocketStream
from drivers.wire import LineStream, PortError, StreamEnded, Wire

OnBytes = Callable[[bytes, float], None]


class PortState(StrEnum):
    """What became of the port. ENDED: a capture has been played out.

    JOINED and LEFT are said of a sender at a listening port, which stays open.
    """

    OPEN = "open"
    JOINED = "joined"
    LEFT = "left"
    LOST = "lost"
    ENDED = "ended"
    CLOSED = "closed"


def _ignore(_now: float) -> None:
    """Do nothing on an idle turn."""


class Port:
    """One port read by one thread.

    `opener` opens the wire, where the usual way is not the protocol's. `on_bytes` gets what came and the monotonic
    time it came; `on_idle` the time of each quiet turn
    (five a second); `on_state` each change with its reason.
    """

    def __init__(
        self,
        address: Address,
        on_bytes: OnBytes,
        on_state: Callable[[PortState, str], None],
        on_idle: Callable[[float], None] = _ignore,
        opener: Callable[[Address], LineStream] | None = None,
    ) -> None:
        self._address = address
        self._opener = opener or open_stream
        self._on_bytes = on_bytes
        self._on_state = on_state
        self._on_idle = on_idle
        self._stop = Event()
        self._wire: Wire | None = None
        self._thread: Thread | None = None

    @property
    def wire(self) -> Wire | None:
        """Where bytes can be written now; None while the port is closed or nobody is connected to it."""
        return self._wire

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = Thread(target=self.run, name=f"port {self._address}", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Open, read until the wire is lost, played out or stopped, and close; in the calling thread."""
        try:
            stream = self._opener(self._address)
        except (PortError, AddressError) as problem:
            self._on_state(PortState.LOST, str(problem))
            return
        if isinstance(stream, ListenStream):
            stream.on_sender = self._sender_changed
        else:
            self._wire = Wire(stream, str(self._address))
        try:
            self._on_state(PortState.OPEN, f"{self._address} is open")
            state, why = self._read_until_over(stream)
        finally:
            self._close(stream)
        self._on_state(state, why)

    def _close(self, stream: LineStream) -> None:
        self._end_wire()
        # Not under the wire's lock: a stuck port drains as it closes, and a writer would wait with it.
        with suppress(OSError):
            stream.close()

    def _end_wire(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.end()

    def _sender_changed(self, sender: SocketStream | None, why: str) -> None:
        self._end_wire()
        if sender is not None:
            self._wire = Wire(sender, str(self._address))
        self._on_state(PortState.LEFT if sender is None else PortState.JOINED, f"{self._address}: {why}")

    def _read_until_over(self, stream: LineStream) -> tuple[PortState, str]:
        try:
            while not self._stop.is_set():
                data = stream.read()
                now = time.monotonic()
                if data:
                    self._on_bytes(data, now)
                else:
                    self._on_idle(now)
        except PortError as problem:
            return PortState.LOST, f"{self._address}: {problem}"
        except StreamEnded:
            return PortState.ENDED, "the capture has been played to its end"
        return PortState.CLOSED, "closed on request"

    def write(self, data: bytes) -> None:
        """Send bytes, from any thread; raises PortError if the wire is not open or does not take them."""
        self._present().write(data)

    def write_now(self, data: bytes) -> int:
        """Send what goes without waiting, from any thread, and return how many bytes that was.

        Raises PortError as `write`.
        """
        return self._present().write_now(data)

    def _present(self) -> Wire:
        wire = self._wire
        if wire is None:
            raise PortError(f"{self._address} is not open")
        return wire

    def stop(self, timeout: float = 1.0) -> None:
        """Ask the thread to close the wire and wait for it, at most `timeout` seconds."""
        self._stop.set()
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join(timeout)
