"""Figures of a line: what came, what was refused, and how long it took from the last byte to the answer.

The line counts on the loop's thread; whoever draws takes a picture of it, a plain value, there as well.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.site import LineState
from drivers.report import Report

KEPT_DELAYS = 500
TAKEN = b"\x06"
"""The one-byte answer by which garbage is acknowledged all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigures:
    """One line at one moment. Delays are in ms from the last byte of a frame, the last 500 of each, oldest first.

    `stored_ms` ends when the frame was durable, `answered_ms` when its answer was written. `peers`: senders connected
    now; `dropped`: how many were dropped or not let in, by reason (probe, flood, slow, idle, full, unread, gone).
    """

    line: str
    protocol: str
    address: str
    state: LineState
    since: datetime
    last_heard: datetime | None
    why: str
    frames: int
    heartbeats: int
    garbage: int
    naks: int
    bytes_in: int
    bytes_out: int
    stored_ms: tuple[float, ...]
    answered_ms: tuple[float, ...]
    peers: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Counters:
    """What a line counts since it began. The bytes are counted by whoever reads or writes, the rest on the loop."""

    frames: int = 0
    heartbeats: int = 0
    garbage: int = 0
    naks: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    stored_ms: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_DELAYS))
    answered_ms: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_DELAYS))

    def passed(self, direction: str, data: bytes) -> None:
        """Bytes went by, "in" or "out"."""
        if direction == "in":
            self.bytes_in += len(data)
        else:
            self.bytes_out += len(data)

    def heard(self, report: Report) -> None:
        """A report came."""
        if report.type == "garbage":
            self.garbage += 1
            self.naks += report.ack not in (b"", TAKEN)
            return
        self.frames += 1
        self.heartbeats += report.type == "heartbeat"
