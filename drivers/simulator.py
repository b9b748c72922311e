"""A simulated Sur-Gard receiver: real frames, real waiting for the answer, and faults on request.

Shipped, not test-only: the demo, the technician's bench, the load figures and the tests all talk to a line
through it. It sends stop-and-wait as the real ones do and measures how long each answer took.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread

from drivers.surgard import ACK, NAK
from drivers.wire import PortError, Stream

# Sur-Gard MLR2: an answer is awaited 4 s, a frame sent up to three more times; a heartbeat each 30 s.
ACK_WAIT_S, REPEATS, HEARTBEAT_S = 4.0, 3, 30.0
FAULTS = ("drop", "corrupt", "split", "glue")
# One sending in four suffers each of the faults asked for.
FAULT_SHARE = 0.25
_DC4 = b"\x14"


def signal_frame(
    account: str = "1234",
    event: str = "120",
    qualifier: str = "E",
    partition: str = "01",
    zone: str = "001",
    receiver: str = "01",
    line: str = "1",
) -> bytes:
    """Return `5 RR L s 18 AAAA Q XYZ GG CCC` with its DC4; `qualifier` is E, R or P."""
    return f"5{receiver}{line} 18{account}{qualifier}{event}{partition}{zone}".encode("ascii") + _DC4


def heartbeat_frame(receiver: str = "01", line: str = "1") -> bytes:
    """Return `1 RR L`, eleven blanks, `@` and four blanks with the DC4."""
    return f"1{receiver}{line}{' ' * 11}@{' ' * 4}".encode("ascii") + _DC4


def make_pty_pair() -> tuple[int, str]:
    """Return a pseudo-terminal: our descriptor, and the path a port opens; raw, without echo. POSIX only."""
    import tty

    near, far = os.openpty()
    tty.setraw(far)
    path = os.ttyname(far)
    os.close(far)
    return near, path


@dataclass(frozen=True, slots=True)
class Exchange:
    """One frame and what became of it: the answer, seconds from its last sending to it, and the sendings."""

    frame: bytes
    answer: bytes
    delay_s: float | None
    attempts: int

    @property
    def acknowledged(self) -> bool:
        """Whether the far side took the frame."""
        return self.answer == ACK


class Simulator:
    """Sends frames over a stream, one at a time, each until it is acknowledged or given up."""

    def __init__(
        self,
        stream: Stream,
        ack_wait_s: float = ACK_WAIT_S,
        repeats: int = REPEATS,
        faults: Iterable[str] = (),
        seed: int = 0,
    ) -> None:
        self._stream = stream
        self._ack_wait_s = ack_wait_s
        self._repeats = repeats
        self._faults = tuple(faults)
        self._random = random.Random(seed)  # noqa: S311 - faults to order, no secret
        self._cancelled = Event()

    def cancel(self) -> None:
        """Give up the frame under way within a poll time, and every later one at once; from any thread."""
        self._cancelled.set()

    def send(self, frame: bytes) -> Exchange:
        """Send one frame as a receiver does: wait for ACK, repeat after NAK or silence."""
        # A late answer to the frame before must not pass for the answer to this one.
        self._stream.drain()
        answer = b""
        attempt = 0
        while attempt <= self._repeats and not self._cancelled.is_set():
            attempt += 1
            expected = self._put(frame)
            sent = time.monotonic()
            answer = self._answer(sent, expected)
            if answer == ACK:
                return Exchange(frame, answer, time.monotonic() - sent, attempt)
        return Exchange(frame, answer, None, attempt)

    def _answer(self, sent: float, expected: int) -> bytes:
        """Return ACK once all copies sent are acknowledged, else the last answer or b"" for silence."""
        left = expected
        while time.monotonic() - sent < self._ack_wait_s and not self._cancelled.is_set():
            for byte in self._stream.read():
                if byte == NAK[0]:
                    return NAK
                left -= byte == ACK[0]
            if left <= 0:
                return ACK
        return b""

    def _put(self, frame: bytes) -> int:
        """Send the frame with the faults that strike it; return how many answers it is worth."""
        struck = [fault for fault in self._faults if self._random.random() < FAULT_SHARE]
        if "drop" in struck:
            return 1
        copies = 2 if "glue" in struck else 1
        data = frame.removesuffix(_DC4) * (copies - 1) + frame
        if "corrupt" in struck:
            data = self._corrupt(data)
            copies = 1
        for part in self._parts(data) if "split" in struck else (data,):
            self._stream.write(part)
        return copies

    def _corrupt(self, data: bytes) -> bytes:
        # The eighth bit: what a line with parity would notice, and all that Sur-Gard could ever notice.
        place = self._random.randrange(len(data) - 1)
        return data[:place] + bytes([data[place] | 0x80]) + data[place + 1 :]

    def _parts(self, data: bytes) -> Iterable[bytes]:
        place = self._random.randrange(1, len(data))
        yield data[:place]
        time.sleep(0.01)
        yield data[place:]


def _ignore(_exchange: Exchange) -> None:
    """Let an exchange pass unseen."""


class SimulatedReceiver:
    """A receiver with a life of its own: a thread that sends what is posted, and heartbeats in between."""

    def __init__(
        self,
        simulator: Simulator,
        heartbeat_s: float = HEARTBEAT_S,
        on_exchange: Callable[[Exchange], None] = _ignore,
    ) -> None:
        self._simulator = simulator
        self._heartbeat_s = heartbeat_s
        self._on_exchange = on_exchange
        self._frames: SimpleQueue[bytes] = SimpleQueue()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="simulated receiver", daemon=True)

    def start(self) -> None:
        """Begin; the first heartbeat goes out at once."""
        self._frames.put(heartbeat_frame())
        self._thread.start()

    def post(self, frame: bytes) -> None:
        """Queue a frame; it goes out when those before it are answered or given up."""
        self._frames.put(frame)

    def stop(self, timeout: float = 1.0) -> None:
        """Give up the exchange under way and wait for the thread, at most `timeout` seconds."""
        self._stop.set()
        self._simulator.cancel()
        self._frames.put(b"")
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            frame = self._next_frame()
            if frame:
                try:
                    self._on_exchange(self._simulator.send(frame))
                except PortError:
                    return

    def _next_frame(self) -> bytes:
        # Any traffic resets the heartbeat interval, so each wait begins anew.
        try:
            return self._frames.get(timeout=self._heartbeat_s)
        except Empty:
            return heartbeat_frame()
