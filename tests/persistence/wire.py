"""A bad wire: stands between a desk and its server, passes the server's answers in pieces, and breaks where it is told.

Where an answer ends is up to the network: whatever the store does must come out the same for every cut of it.
"""

import select
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Literal

PAUSE_S = 0.0002
"""Between two pieces, so that the reader meets them one by one."""
_FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
FAREWELL = b"E" + struct.pack("!I", 4 + len(_FIELDS)) + _FIELDS
"""What a server says to a client that its administrator sends away."""

End = Literal["closed", "reset", "farewell"]


class Wire:
    """One listening port that leads to the server's. `port` is where to connect to; `close` at the end."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.piece = 0
        """So many bytes at a time; 0: as they come."""
        self.passed = 0
        """Bytes of answers since `break_after`."""
        self.broken = threading.Event()
        self._last: int | None = None
        self._end: End = "closed"
        threading.Thread(target=self._accept, daemon=True).start()

    def break_after(self, count: int | None, end: End = "closed") -> None:
        """Pass so many more bytes of answers on the connection there is, then end it so; None: never.

        A farewell comes where the message that is under way ends.
        """
        self.passed, self._end, self._last = 0, end, count
        self.broken.clear()

    def close(self) -> None:
        """Take no new connection; those there are end with their server or their desk."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._behind))
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, suppress(OSError):
            while True:
                ready, _, _ = select.select([near, far], [], [])
                if near in ready:
                    if not (asked := near.recv(65536)):
                        return
                    far.sendall(asked)
                if far in ready:
                    answer = far.recv(65536)
                    if not answer or not self._answer(answer, near):
                        return

    def _answer(self, unread: bytes, near: socket.socket) -> bool:
        """Whether the wire still holds behind it."""
        while unread:
            size, ending = self._next(unread)
            # Counted first: who has the last byte may ask at once.
            self.passed += size
            near.sendall(unread[:size])
            unread = unread[size:]
            if ending:
                self._break(near)
                return False
            if self.piece:
                time.sleep(PAUSE_S)
        return True

    def _next(self, unread: bytes) -> tuple[int, bool]:
        """How many bytes to pass now, and whether the wire breaks behind them."""
        size = min(self.piece or len(unread), len(unread))
        if self._last is None:
            return size, False
        if self._end == "farewell":
            size = min(1 + struct.unpack("!I", unread[1:5])[0], len(unread))
            return size, self.passed + size > self._last
        left = self._last - self.passed
        return min(size, left), size > left

    def _break(self, near: socket.socket) -> None:
        self._last = None
        if self._end == "farewell":
            near.sendall(FAREWELL)
        if self._end == "reset":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.broken.set()
