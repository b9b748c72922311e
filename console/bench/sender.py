"""The far end: receivers on pseudo-terminals in a process of their own, that send frames to a plan.

A process of its own, because a thread of ours would wait for our interpreter and measure that. Times are
monotonic seconds, which both processes share.
"""

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Thread
from types import TracebackType
from typing import Self

from drivers.protocols.surgard_panel import signal_frame
from drivers.simulator import Simulator, make_pty_pair
from drivers.streams import FdStream

KINDS = (("120", "E"), ("120", "R"), ("130", "E"), ("602", "E"))
"""A mixed evening: panic, its restore, a burglary, a periodic test."""
SITES = 30
ROUND = SITES * len(KINDS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: `count` frames, `rate` a second, dealt over `lines`; every frame is unlike every other.

    `fresh`: each is a panic of a site and zone that has no alarm yet. Else mixed signals of SITES sites.
    """

    count: int
    rate: float
    lines: int = 1
    fresh: bool = False

    def frame(self, n: int) -> bytes:
        """The n-th frame."""
        if self.fresh:
            return signal_frame(account=account_of(n % SITES), zone=f"{n // SITES + 1:03}")
        turn, place = divmod(n, ROUND)
        event, qualifier = KINDS[place % len(KINDS)]
        zone, partition = divmod(turn, 100)
        account = account_of(place // len(KINDS))
        return signal_frame(account, event, qualifier, f"{partition:02}", f"{zone + 1:03}")


def account_of(site: int) -> str:
    """The account of the n-th site."""
    return str(2000 + site)


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame and its fate: when its last byte was written, when the ACK was read (None: never), how often sent."""

    frame: bytes
    sent_at: float
    acknowledged_at: float | None
    attempts: int

    @property
    def delay_ms(self) -> float:
        """From last byte to ACK."""
        assert self.acknowledged_at is not None
        return (self.acknowledged_at - self.sent_at) * 1000


class Sender:
    """The process. `specs` are the lines to open; `send` plays the plan once. Use as a context manager."""

    def __init__(self, plan: Plan) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._near, far = spawning.Pipe()
        self._process = spawning.Process(target=_live, args=(far, plan), daemon=True)
        self._process.start()
        far.close()
        paths = self._near.recv()
        self.specs = [f"A{n}=surgard:{path}" for n, path in enumerate(paths, 1)]

    def send(self) -> list[Sent]:
        """Play the plan; blocks until the last frame is acknowledged or given up."""
        self._near.send("go")
        told: list[Sent] = self._near.recv()
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._near.close()
        self._process.join(5)
        self._process.kill()
        self._process.join()
        self._process.close()


def _live(pipe: Connection, plan: Plan) -> None:
    """The life of the process: open, say where, play each time it is told to, end with the pipe."""
    pairs = [make_pty_pair() for _ in range(plan.lines)]
    pipe.send([path for _, path in pairs])
    simulators = [Simulator(FdStream(near)) for near, _ in pairs]
    try:
        while pipe.recv():
            pipe.send(sorted(_play(plan, simulators), key=lambda sent: sent.sent_at))
    except EOFError:
        return


def _play(plan: Plan, simulators: list[Simulator]) -> Iterator[Sent]:
    lists: list[list[Sent]] = [[] for _ in simulators]
    began = time.monotonic()
    threads = [
        Thread(target=_send_share, args=(plan, began, n, simulator, lists[n])) for n, simulator in enumerate(simulators)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sent in lists:
        yield from sent


def _send_share(plan: Plan, began: float, first: int, simulator: Simulator, into: list[Sent]) -> None:
    """One line's share, stop-and-wait: each frame at its time, or at once when the line is behind."""
    for n in range(first, plan.count, plan.lines):
        time.sleep(max(0.0, began + n / plan.rate - time.monotonic()))
        frame = plan.frame(n)
        exchange = simulator.send(frame)
        now = time.monotonic()
        if exchange.delay_s is None:
            into.append(Sent(frame, now, None, exchange.attempts))
        else:
            into.append(Sent(frame, now - exchange.delay_s, now, exchange.attempts))
