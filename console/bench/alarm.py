"""alarm: from the last byte written to the ACK read, and to the committed row; the station without windows."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from console.bench.figure import Figure
from console.bench.floor import measure_floor
from console.bench.reception import bench_station, receive, timing_figures
from console.bench.sender import Plan, Sender

PLAN = Plan(count=240, rate=30, fresh=True)
FLOOR_PLAN = Plan(count=240, rate=60, fresh=True)


def measure(folder: Path) -> Iterator[Figure]:
    """Every frame is a panic that opens an alarm and an incident: the longest way a frame can take."""
    floor = measure_floor(folder, FLOOR_PLAN)
    with Sender(PLAN) as sender:
        heard = asyncio.run(receive(bench_station(folder, sender.specs), sender))
    yield from timing_figures("alarm", heard, floor)
