"""A port: one thread that opens a wire, reads it, and closes it itself.

The callbacks run in that thread; whoever has a loop hops to it with call_soon_threadsafe. Closing from
another thread is unsafe in pyserial, so stop() only asks and waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from threading import Event, Lock, Thread, current_thread

from drivers.address import Address, AddressError
from drivers.streams import LineStream, PortError, StreamEnded, open_stream

OnBytes = Callable[[bytes, float], None]


class PortState(StrEnum):
    """What became of the wire. ENDED: a capture has been played out."""

    OPEN = "open"
    LOST = "lost"
    ENDED = "ended"
    CLOSED = "closed"


def _ignore(_now: float) -> None:
    """Do nothing on an idle turn."""


class Port:
    """One wire read by one thread.

    `on_bytes` gets what came and the monotonic time it came; `on_idle` the time of each quiet turn
    (five a second); `on_state` each change with its reason.
    """

    def __init__(
        self,
        address: Address,
        on_bytes: OnBytes,
        on_state: Callable[[PortState, str], None],
        on_idle: Callable[[float], None] = _ignore,
    ) -> None:
        self._address = address
        self._on_bytes = on_bytes
        self._on_state = on_state
        self._on_idle = on_idle
        self._stop = Event()
        self._lock = Lock()
        self._stream: LineStream | None = None
        self._thread: Thread | None = None

    @property
    def is_open(self) -> bool:
        """Whether bytes can be written now."""
        return self._stream is not None

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = Thread(target=self.run, name=f"port {self._address}", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Open, read until the wire is lost, played out or stopped, and close; in the calling thread."""
        try:
            stream = open_stream(self._address)
        except (PortError, AddressError) as problem:
            self._on_state(PortState.LOST, str(problem))
            return
        self._stream = stream
        try:
            self._on_state(PortState.OPEN, f"{self._address} is open")
            state, why = self._read_until_over(stream)
        finally:
            self._close(stream)
        self._on_state(state, why)

    def _close(self, stream: LineStream) -> None:
        with self._lock:
            self._stream = None
        # Not under the lock: a stuck port drains as it closes, and a writer would wait with it.
        with suppress(OSError):
            stream.close()

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
        with self._lock:
            if self._stream is None:
                raise PortError(f"{self._address} is not open")
            self._stream.write(data)

    def write_now(self, data: bytes) -> int:
        """Send what goes without waiting, from any thread, and return how many bytes that was.

        Raises PortError as `write`.
        """
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            if self._stream is None:
                raise PortError(f"{self._address} is not open")
            return self._stream.write_now(data)
        finally:
            self._lock.release()

    def stop(self, timeout: float = 1.0) -> None:
        """Ask the thread to close the wire and wait for it, at most `timeout` seconds."""
        self._stop.set()
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join(timeout)
