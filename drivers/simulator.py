"""The simulator: any protocol's panel at the far end of a wire, with real waiting for the answer and faults on request.

Shipped, not test-only: the demo, the technician's bench, the load figures and the tests all talk to a line
through it. It sends stop-and-wait as real receivers do and measures how long each answer took.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread

from drivers.panel import Panel, Press, Unanswered
from drivers.protocols.surgard_panel import DC4, SurGardPanel
from drivers.wire import PortError, Stream

# Sur-Gard MLR2: an answer is awaited 4 s, a frame sent up to three more times.
ACK_WAIT_S, REPEATS = 4.0, 3
FAULTS = ("drop", "corrupt", "split", "glue")
# One sending in four suffers each of the faults asked for.
FAULT_SHARE = 0.25


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
    """One frame and what became of it: the last answer, seconds from its last sending to it, and the sendings.

    `refused`: why the panel cannot say what it was asked to; then nothing was sent.
    """

    frame: bytes
    answer: bytes
    delay_s: float | None
    attempts: int
    acknowledged: bool
    refused: str = ""


class Simulator:
    """Sends frames over a stream, one at a time, each until it is acknowledged or given up."""

    def __init__(
        self,
        stream: Stream,
        panel: Panel | None = None,
        ack_wait_s: float = ACK_WAIT_S,
        repeats: int = REPEATS,
        faults: Iterable[str] = (),
        seed: int = 0,
    ) -> None:
        self.panel: Panel = panel or SurGardPanel()
        self._stream = stream
        self._ack_wait_s = ack_wait_s
        self._repeats = repeats
        self._faults = tuple(faults)
        self._random = random.Random(seed)  # noqa: S311 - faults to order, no secret
        self._cancelled = Event()

    def cancel(self) -> None:
        """Give up the frame under way within a poll time, and every later one at once; from any thread."""
        self._cancelled.set()

    def press(self, press: Press) -> Exchange:
        """Have the panel send a signal, or show it at the next question if it only answers."""
        return self.send(self.panel.signal(press))

    def greet(self) -> list[Exchange]:
        """Say what the panel says when the line opens."""
        return [self.send(frame) for frame in self.panel.greeting()]

    def send(self, frame: bytes) -> Exchange:
        """Send one frame as a panel does: wait for its answer, repeat it after a refusal or silence.

        A panel that gets no answers sends it once, and that is all there is to acknowledge.
        """
        if isinstance(self.panel, Unanswered) and self.panel.unanswered:
            self._put(frame)
            return Exchange(frame, b"", None, 1, acknowledged=True)
        # A late answer to the frame before must not pass for the answer to this one.
        self._stream.drain()
        answer, taken, attempt = b"", False, 0
        while attempt <= self._repeats and not self._cancelled.is_set():
            attempt += 1
            expected = self._put(frame) if frame else 1
            sent = time.monotonic()
            answer, taken = self._answer(sent, expected)
            if taken:
                return Exchange(frame, answer, time.monotonic() - sent, attempt, acknowledged=True)
        return Exchange(frame, answer, None, attempt, acknowledged=taken)

    def listen(self) -> None:
        """Hear for one poll time and reply: commands, and the questions to a polled box."""
        self._hear()

    def _answer(self, sent: float, expected: int) -> tuple[bytes, bool]:
        """Return the last answer and whether all copies sent were acknowledged by it."""
        left, answer = expected, b""
        while time.monotonic() - sent < self._ack_wait_s and not self._cancelled.is_set():
            data, taken, refused = self._hear()
            answer = data or answer
            left -= taken
            if refused or left <= 0:
                return answer, not refused
        return answer, False

    def _hear(self) -> tuple[bytes, int, bool]:
        data = self._stream.read()
        if not data:
            return b"", 0, False
        heard = self.panel.hear(data)
        if heard.reply:
            self._stream.write(heard.reply)
        return data, heard.taken, heard.refused

    def _put(self, frame: bytes) -> int:
        """Send the frame with the faults that strike it; return how many answers it is worth."""
        struck = [fault for fault in self._faults if self._random.random() < FAULT_SHARE]
        if "drop" in struck:
            return 1
        copies = 2 if "glue" in struck else 1
        data = frame.removesuffix(DC4) * (copies - 1) + frame
        if "corrupt" in struck:
            data = self._corrupt(data)
            copies = 1
        for part in self._parts(data) if "split" in struck else (data,):
            self._stream.write(part)
        return copies

    def _corrupt(self, data: bytes) -> bytes:
        # The eighth bit: what a line with parity would notice, and all that Sur-Gard could ever notice.
        place = self._random.randrange(len(data) - 1)
        return data[:place] + bytes([data[place] ^ 0x80]) + data[place + 1 :]

    def _parts(self, data: bytes) -> Iterable[bytes]:
        place = self._random.randrange(1, len(data))
        yield data[:place]
        time.sleep(0.01)
        yield data[place:]


def _ignore(_exchange: Exchange) -> None:
    """Let an exchange pass unseen."""


class SimulatedLink:
    """A panel with a life of its own: a thread that greets, sends what is posted, and heartbeats in between."""

    def __init__(
        self,
        simulator: Simulator,
        heartbeat_s: float | None = None,
        on_exchange: Callable[[Exchange], None] = _ignore,
    ) -> None:
        self._simulator = simulator
        self._heartbeat_s = simulator.panel.heartbeat_s if heartbeat_s is None else heartbeat_s
        self._on_exchange = on_exchange
        self._posted: SimpleQueue[bytes | Press] = SimpleQueue()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="simulated panel", daemon=True)

    def start(self) -> None:
        """Begin; what it says on opening goes out at once."""
        for frame in self._simulator.panel.greeting():
            self._posted.put(frame)
        self._thread.start()

    def post(self, frame: bytes | Press) -> None:
        """Queue a frame or a press; it goes out when those before it are answered or given up."""
        self._posted.put(frame)

    def stop(self, timeout: float = 1.0) -> None:
        """Give up the exchange under way and wait for the thread, at most `timeout` seconds."""
        self._stop.set()
        self._simulator.cancel()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                posted = self._next()
                if isinstance(posted, Press):
                    self._on_exchange(self._pressed(posted))
                elif posted:
                    self._on_exchange(self._simulator.send(posted))
        except PortError:
            return

    def _pressed(self, press: Press) -> Exchange:
        """A panel that has no such zone or event says so, and lives on."""
        try:
            return self._simulator.press(press)
        except (ValueError, KeyError) as problem:
            return Exchange(b"", b"", None, 0, acknowledged=False, refused=str(problem))

    def _next(self) -> bytes | Press | None:
        # Any traffic resets the heartbeat interval, so each wait begins anew.
        quiet_since = time.monotonic()
        while not self._stop.is_set():
            try:
                return self._posted.get_nowait()
            except Empty:
                self._simulator.listen()
            if 0 < self._heartbeat_s <= time.monotonic() - quiet_since:
                return self._simulator.panel.heartbeat()
        return None
