"""The health of the lines, written down: one small JSON file, whole at every moment, for whoever asks this machine.

Without a window nobody sees a lamp; a monitoring program, `selftest` or a technician at another desk reads the file.
It says when it was written: one that has grown old tells of a service that is gone.
"""

import asyncio
import json
import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from console.domain.clock import Clock
from console.services.line_figures import LineFigures
from console.services.lines import Lines

log = logging.getLogger(__name__)

FILE = "lines-health.json"
EVERY_S = 3.0
"""Written so often, and at each change of a line's state."""


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


def _p50(values: Sequence[float]) -> float | None:
    return round(median(values), 2) if values else None


def row(line: LineFigures) -> dict[str, Any]:
    """One line of the file."""
    return {
        "name": line.line,
        "protocol": line.protocol,
        "address": line.address,
        "state": line.state.value,
        "since": _stamp(line.since),
        "last_heard": _stamp(line.last_heard),
        "why": line.why,
        "peers": line.peers,
        "frames": line.frames,
        "heartbeats": line.heartbeats,
        "garbage": line.garbage,
        "naks": line.naks,
        "bytes_in": line.bytes_in,
        "bytes_out": line.bytes_out,
        "dropped": dict(line.dropped),
        "stored_ms": _p50(line.stored_ms),
        "answered_ms": _p50(line.answered_ms),
    }


def write_whole(file: Path, told: object) -> None:
    """Put it in the place of what the file said; who reads meanwhile reads the old or the new. OSError."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        fresh.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


class HealthFile:
    """Writes the lines' health while it runs, and once more at the end."""

    def __init__(self, lines: Lines, file: Path, clock: Clock, *, seat: str, host: str) -> None:
        self._lines = lines
        self._file = file
        self._clock = clock
        self._who = {"seat": seat, "host": host, "pid": os.getpid()}
        self._failed = False

    async def run(self) -> None:
        """Write now, at each change and every few seconds, until cancelled."""
        while True:
            self._lines.changed.clear()
            await self.write()
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._lines.changed.wait()
            except TimeoutError:
                continue

    async def write(self, *, ended: bool = False) -> None:
        """Write it as it is; a place that cannot be written is told once and costs no alarm."""
        lines = [row(figures) for figures in self._lines.figures().values()]
        told = {"at": _stamp(self._clock()), **self._who, "ended": ended, "lines": lines}
        try:
            await asyncio.to_thread(write_whole, self._file, told)
            self._failed = False
        except OSError as problem:
            if not self._failed:
                log.warning("the health of the lines cannot be written: %s", problem.strerror)
            self._failed = True
