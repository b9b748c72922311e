"""start: from the start of the process to the window over 100 000 incidents; its memory; its idle hours."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from console.bench.figure import Figure, p50
from console.bench.filling import INCIDENTS, filled_url
from console.bench.sender import Plan, Sender

READY_S, MEMORY_MIB, IDLE_PERCENT = 3.0, 400.0, 5.0
STARTS = 3
SETTLE_S = 3.0
IDLE_S = 20.0
BLANK = "an empty Qt window with one timer a second"


@dataclass(slots=True)
class Started:
    """A program with a window: seconds from its start to the window, and the process."""

    ready_s: float
    process: psutil.Process


@contextmanager
def started(*arguments: str) -> Iterator[Started]:
    """Start a module of ours that prints `ready_at`; ended by SIGTERM. RuntimeError if it never says so."""
    began = time.monotonic()
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            told = process.stdout.readline()
            if not told:
                raise RuntimeError(f"{arguments[0]} ended before its window was there")
            yield Started(json.loads(told)["ready_at"] - began, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(10)
    if process.returncode not in (0, -signal.SIGTERM):
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}")


def measure(folder: Path) -> Iterator[Figure]:
    """Three starts of each for the time; the last of each lives on, side by side, for memory and idleness."""
    with Sender(Plan(count=0, rate=1)) as sender:
        seat = ("console.bench.seat", str(folder), filled_url(folder), sender.specs[0])
        blank = ("console.bench.blank",)
        ours, bare = [_ready(seat) for _ in range(STARTS)], [_ready(blank) for _ in range(STARTS)]
        with started(*seat) as window, started(*blank) as empty:
            time.sleep(SETTLE_S)
            memory = [_mib(process) for process in (window.process, empty.process)]
            busy = _busy_percent([window.process, empty.process])
    note = f"{INCIDENTS} stored incidents"
    yield Figure(
        name="window.ready",
        value=p50(ours),
        unit="s",
        p50=p50(ours),
        p99=max(ours),
        n=STARTS,
        at_most=READY_S,
        baseline="importing PySide6 and showing an empty window",
        baseline_value=p50(bare),
        note=note,
    )
    yield Figure(
        name="window.memory",
        value=memory[0],
        unit="MiB",
        n=1,
        at_most=MEMORY_MIB,
        baseline=BLANK,
        baseline_value=memory[1],
        note=note,
    )
    yield Figure(
        name="window.idle",
        value=busy[0],
        unit="% of a core",
        n=1,
        at_most=IDLE_PERCENT,
        baseline=BLANK,
        baseline_value=busy[1],
        note=f"over {IDLE_S:g} s, line quiet, clocks ticking",
    )


def _ready(arguments: tuple[str, ...]) -> float:
    with started(*arguments) as program:
        return program.ready_s


def _mib(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def _busy_percent(processes: list[psutil.Process]) -> list[float]:
    """Processor time of each over IDLE_S, in percent of one core."""
    before = [_processor_s(process) for process in processes]
    time.sleep(IDLE_S)
    return [(_processor_s(p) - b) / IDLE_S * 100 for p, b in zip(processes, before, strict=True)]


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
