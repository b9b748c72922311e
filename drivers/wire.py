"""What a wire is to the rest of the library: bytes in, bytes out, and one way to say that it is gone.

A stream reads whatever is there, or b"" after its poll time of quiet, and raises PortError when the far end is
gone. It is read and closed by one thread; any other may write.
"""

from __future__ import annotations

from threading import Lock
from typing import Protocol

POLL_S = 0.2
WRITE_S = 1.0


class PortError(OSError):
    """The wire cannot be opened, read or written; the text is one sentence for a person."""


class StreamEnded(Exception):  # noqa: N818 - not an error: the capture has been played to its end
    """A replay is over."""


class Stream(Protocol):
    """A wire in both directions."""

    def read(self) -> bytes:
        """Return the bytes at hand, waiting up to the poll time for the first; b"" for quiet."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes, waiting for room; raises PortError if they are not taken."""
        ...

    def drain(self) -> None:
        """Throw away what has come and was not read."""
        ...

    def close(self) -> None:
        """Let the wire go."""
        ...


class Outlet(Protocol):
    """The way back to whoever was heard."""

    def write(self, data: bytes) -> None:
        """Send bytes, waiting for room; raises PortError if they are not taken."""
        ...

    def write_now(self, data: bytes) -> int:
        """Send what goes without waiting and return how many bytes that was; raises PortError as `write`."""
        ...


class LineStream(Stream, Outlet, Protocol):
    """A wire that a loop answers on, which must not wait for it."""


class Wire:
    """What a frame came by: a port while it is open, or one sender's connection to a listening port.

    An answer is written to the wire of its frame, never to the one that followed it.
    """

    def __init__(self, stream: Outlet, name: str) -> None:
        self._stream: Outlet | None = stream
        self.name = name
        self._lock = Lock()

    def write(self, data: bytes) -> None:
        """Send bytes, from any thread; raises PortError if the wire is gone or does not take them."""
        with self._lock:
            self._present().write(data)

    def write_now(self, data: bytes) -> int:
        """Send what goes without waiting, from any thread, and return how many bytes that was.

        Raises PortError as `write`.
        """
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            return self._present().write_now(data)
        finally:
            self._lock.release()

    def end(self) -> None:
        """Take nothing more; when it returns, nobody is writing."""
        with self._lock:
            self._stream = None

    @property
    def open(self) -> bool:
        """Whether it takes bytes."""
        return self._stream is not None

    def _present(self) -> Outlet:
        if self._stream is None:
            raise PortError(f"{self.name} is not open")
        return self._stream
