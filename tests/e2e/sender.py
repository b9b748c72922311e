"""A receiver on the network, as the take-over of its line finds it: calls or is called, repeats until answered."""

import contextlib
import socket
import threading
import time

from tests.e2e.process import ACK, frame

ACK_WAIT_S = 4.0
AGAIN_S = 0.25


class NetworkSender:
    """Sends numbered frames one after the other; each goes out again, over a new connection, until its ACK came.

    It calls the ports it is given in turn, or, as a device server, waits to be called (`listen`).
    """

    def __init__(self, *ports: int, every_s: float = 0.05) -> None:
        self.ports = ports
        self.answered: list[tuple[int, float]] = []
        self.next = 0
        self._every_s = every_s
        self._server: socket.socket | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def listen(self) -> int:
        """Be a device server; answers its port."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.2)
        return int(self._server.getsockname()[1])

    def start(self) -> "NetworkSender":
        self._thread.start()
        return self

    def stop(self) -> None:
        """End when the frame at hand is answered, or after 15 s."""
        self._stop.set()
        self._thread.join(15)
        if self._server is not None:
            self._server.close()

    def answered_after(self, at: float) -> float | None:
        """Seconds from `at` (monotonic) to the first answer after it."""
        return next((when - at for _, when in tuple(self.answered) if when > at), None)

    def _run(self) -> None:
        turn = 0
        while not self._stop.is_set():
            connection = self._connected(turn)
            turn += 1
            if connection is None:
                self._stop.wait(AGAIN_S)
                continue
            with contextlib.closing(connection), contextlib.suppress(OSError):
                connection.settimeout(ACK_WAIT_S)
                self._send_on(connection)

    def _connected(self, turn: int) -> socket.socket | None:
        with contextlib.suppress(OSError):
            if self._server is not None:
                return self._server.accept()[0]
            return socket.create_connection(("127.0.0.1", self.ports[turn % len(self.ports)]), 1.0)
        return None

    def _send_on(self, connection: socket.socket) -> None:
        while not self._stop.is_set():
            connection.sendall(frame(self.next))
            if connection.recv(1) != ACK:
                return
            self.answered.append((self.next, time.monotonic()))
            self.next += 1
            self._stop.wait(self._every_s)
