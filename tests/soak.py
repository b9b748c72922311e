"""python -m tests.soak FOLDER HOURS SPEED: days of evenings in the window, the process watched as it lives.

The demo's quarter of an hour is played again and again over one station with its window, the clock running
SPEED times faster. Each demo half hour one JSON line tells memory, threads, open files and what is stored.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from console.app import show
from console.demo.clock import DemoClock
from console.demo.evening import Evening
from console.demo.script import load_script
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.geo.city import load_city
from console.seat import CITY, open_desktop
from console.services import places
from console.services.lines import SimulatedLine, simulate
from console.settings import Settings
from console.station import Station, build_station

SAMPLE = timedelta(minutes=30)


def sample(station: Station, clock: DemoClock, began: float) -> dict[str, float]:
    """How the process is."""
    process = psutil.Process(os.getpid())
    return {
        "hours": round((clock().timestamp() - began) / 3600, 2),
        "mib": round(process.memory_info().rss / 2**20, 1),
        "threads": process.num_threads(),
        "files": process.num_fds(),
        "objects": len(gc.get_objects()),
        "incidents": len(station.picture.incidents()),
        "open": sum(incident.open for incident in station.picture.incidents()),
        "journal": station.picture.seq,
        "faults": len(station.health.faults),
        "unsent": station.health.unsent,
    }


async def _watch(station: Station, clock: DemoClock, speed: float) -> None:
    began = clock().timestamp()
    while True:
        print(json.dumps(sample(station, clock, began)), flush=True)
        await asyncio.sleep(SAMPLE.total_seconds() / speed)


async def _end_old(station: Station, before: datetime) -> None:
    """What an evening left open is ended by hand, as a shift does before it goes: nobody leaves 70 cases an hour."""
    picture = station.picture
    for incident in [row for row in picture.incidents() if row.open and row.created_at < before]:
        for alarm in picture.alarms(incident.number):
            for act, said in ENDING_ALARM:
                await _try(station, f"alarm.{act}", alarm=alarm.id, **said)
        for order in picture.orders(incident.number):
            await _try(station, "unit.withdraw", unit=order.unit, incident=incident.number, reason="交班")
        for handoff in picture.handoffs(incident.number):
            await _try(station, "handoff.cancel", handoff=handoff.id, reason="交班")
        await _try(station, "incident.invalidate", incident=incident.number, reason="交班")


ENDING_ALARM: tuple[tuple[str, dict[str, str]], ...] = (
    ("acknowledge", {}),
    ("verify", {"how": "电话核实"}),
    ("judge", {"verdict": "judge_test", "reason": "测试"}),
    ("reset", {}),
)


async def _try(station: Station, act: str, **said: str) -> None:
    """What is not possible any more is left out."""
    with suppress(UserError):
        await station.desk.do(act, **said)


async def _live(station: Station, next_evening: Callable[[], Evening], line: SimulatedLine, hours: float) -> None:
    """Evening after evening until the hours are over; then the window is closed as a person would."""
    line.start()
    evening = next_evening()
    end = evening.clock() + timedelta(hours=hours)
    try:
        while evening.clock() < end:
            await evening.play()
            await _end_old(station, evening.began)
            evening = next_evening()
    finally:
        line.stop()
    for window in QApplication.topLevelWidgets():
        window.close()


def run(folder: Path, hours: float, speed: float) -> int:
    """The soak; answers the program's exit code."""
    desktop = open_desktop("night", "zh")
    clock = DemoClock(system_clock(), speed)
    line = simulate("A1")
    station = build_station(Settings(data_folder=folder), f"sqlite:///{folder / 'soak.db'}", [line.spec], clock=clock)
    next_evening = partial(
        Evening, station.desk, clock, load_script(), load_city(CITY), places.load(), line.press, auto=True
    )
    asyncio.run(next_evening().lay_out())
    background = [partial(_live, station, next_evening, line, hours), partial(_watch, station, clock, speed)]
    return show(desktop, station, background=background)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
