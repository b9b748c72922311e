"""wires: what many serial lines cost while hardly anything is said, and how soon a dead or replugged one is seen."""

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from console.bench.figure import Figure, p50, p99
from console.bench.reception import bench_station
from console.domain.site import LineState
from console.services.line import WorkingLine
from console.station import Station
from drivers.address import parse_address
from drivers.protocols.surgard_panel import heartbeat_frame
from drivers.simulator import make_pty_pair
from drivers.streams import open_stream
from drivers.wire import PortError

LINES = 64
BAUD_S = 10 / 9600
"""A byte takes so long at 9600 Bd, 8N1."""
HEARTBEAT_S = 30.0
WATCHED_S = 30.0
"""Each line speaks once in this time."""
IDLE_S = 10.0
CPU_AT_MOST = 5.0
SUPERVISE_S = 2.0
TIMES = 8
AWAY_S = 3.0
"""A plug is out for so long: longer than the longest pause between two tries."""
LATE_S, BACK_S = 1.0, 2.0


def measure(folder: Path) -> Iterator[Figure]:
    """The cost of 64 quiet lines; a line that falls silent; a line that is replugged."""
    for name, figure in (("quiet", _quiet_lines), ("silent", _falls_silent), ("plug", _comes_back)):
        place = folder / name
        place.mkdir()
        yield asyncio.run(figure(place))


# -- 64 lines --------------------------------------------------------------------------------------------------


class Beats:
    """A process that holds the far ends and sends each line's heartbeats at the pace of 9600 Bd."""

    def __init__(self, lines: int) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._near, far = spawning.Pipe()
        self._process = spawning.Process(target=_beat, args=(far, lines), daemon=True)
        self._process.start()
        far.close()
        self.paths: list[str] = self._near.recv()

    def go(self, seconds: float) -> None:
        """Let every line send one heartbeat in so long, evenly spread."""
        self._near.send(seconds)

    def answered(self) -> int:
        """Wait for the end; how many heartbeats were acknowledged."""
        return int(self._near.recv())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._near.close()
        self._process.join(5)
        self._process.kill()
        self._process.join()
        self._process.close()


def _beat(pipe: Connection, lines: int) -> None:
    pairs = [make_pty_pair() for _ in range(lines)]
    pipe.send([path for _, path in pairs])
    with suppress(EOFError):
        while True:
            seconds, began, answered = pipe.recv(), time.monotonic(), 0
            for n, (near, _) in enumerate(pairs):
                time.sleep(max(0.0, began + n * seconds / lines - time.monotonic()))
                for byte in heartbeat_frame():
                    os.write(near, bytes([byte]))
                    time.sleep(BAUD_S)
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            for near, _ in pairs:
                answered += os.read(near, 64) == b"\x06"
            pipe.send(answered)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _idle_readers(paths: list[str]) -> float:
    """Share of one core, in percent, of bare reader threads on the same ports while nothing is said."""
    over = Event()

    def read(path: str) -> None:
        stream = open_stream(parse_address(path))
        with suppress(PortError):
            while not over.is_set():
                stream.read()
        stream.close()

    threads = [Thread(target=read, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    began, used = time.monotonic(), _cpu_s()
    time.sleep(IDLE_S)
    share = 100 * (_cpu_s() - used) / (time.monotonic() - began)
    over.set()
    for thread in threads:
        thread.join()
    return share


async def _share(seconds: float) -> float:
    began, used = time.monotonic(), _cpu_s()
    await asyncio.sleep(seconds)
    return 100 * (_cpu_s() - used) / (time.monotonic() - began)


async def _quiet_lines(folder: Path) -> Figure:
    """What the lines cost: the whole console beside the same console without lines."""
    alone = bench_station(folder, [])
    await alone.start()
    without = await _share(IDLE_S)
    await alone.stop()
    with Beats(LINES) as beats:
        idle = await asyncio.to_thread(_idle_readers, beats.paths)
        station = bench_station(folder, [f"S{n}=surgard:{path}" for n, path in enumerate(beats.paths)])
        await station.start()
        assert station.lines is not None
        await station.lines.opened()
        # What opening cost is over.
        await asyncio.sleep(1.0)
        beats.go(WATCHED_S)
        share = await _share(WATCHED_S)
        answered = await asyncio.to_thread(beats.answered)
        await station.stop()
    return Figure(
        name="lines.serial64",
        value=share - without,
        unit="% of one core",
        n=answered,
        at_most=CPU_AT_MOST,
        baseline=f"{LINES} idle reader threads on the same ports",
        baseline_value=idle,
        note=f"{LINES} lines, a heartbeat each {HEARTBEAT_S:g} s at 9600 Bd, {answered} answered; "
        f"whole console {share:.1f} %, without lines {without:.1f} %",
    )


# -- dead and replugged ----------------------------------------------------------------------------------------


async def _station_on(folder: Path, line: str) -> tuple[Station, WorkingLine]:
    station = bench_station(folder, [line])
    await station.start()
    assert station.lines is not None
    return station, next(iter(station.lines))


async def _until(line: WorkingLine, state: LineState, lit: bool, station: Station) -> float:
    """When the lamp showed it: monotonic seconds."""
    async with asyncio.timeout(30):
        while line.state is not state or (f"line:{line.name}" in station.health.faults) is not lit:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return time.monotonic()


async def _falls_silent(folder: Path) -> Figure:
    """Seconds from the last byte to the lamp, beyond the supervision time."""
    near, path = make_pty_pair()
    station, line = await _station_on(folder, f"D1=surgard:{path},supervise_s={SUPERVISE_S:g}")
    await line.opened.wait()
    late: list[float] = []
    for _ in range(TIMES):
        os.write(near, heartbeat_frame())
        last = time.monotonic()
        await _until(line, LineState.UP, lit=False, station=station)
        late.append(await _until(line, LineState.SILENT, lit=True, station=station) - last - SUPERVISE_S)
    await station.stop()
    os.close(near)
    return _seconds(
        "lines.dead", late, LATE_S, f"from the last byte to the lamp, beyond {SUPERVISE_S:g} s of supervision"
    )


async def _comes_back(folder: Path) -> Figure:
    """Seconds from the plug to the first answer; the sender repeats each half second."""
    near, path = make_pty_pair()
    name = folder / "line"
    name.symlink_to(path)
    station, line = await _station_on(folder, f"P1=surgard:{name}")
    await line.opened.wait()
    took: list[float] = []
    for _ in range(TIMES):
        name.unlink()
        os.close(near)
        await _until(line, LineState.LOST, lit=True, station=station)
        await asyncio.sleep(AWAY_S)
        near, path = make_pty_pair()
        os.set_blocking(near, False)
        name.symlink_to(path)
        plugged = time.monotonic()
        took.append(await _first_answer(near) - plugged)
    await station.stop()
    os.close(near)
    return _seconds("lines.replug", took, BACK_S, f"from the plug to the first answer, after {AWAY_S:g} s without one")


async def _first_answer(near: int) -> float:
    async with asyncio.timeout(30):
        while True:
            os.write(near, heartbeat_frame())
            for _ in range(100):
                await asyncio.sleep(0.005)
                # Until the port is open at the far end, reading it is an error.
                with suppress(OSError):
                    if os.read(near, 64):
                        return time.monotonic()


def _seconds(name: str, values: list[float], at_most: float, note: str) -> Figure:
    return Figure(
        name=name,
        value=max(values),
        unit="s",
        p50=p50(values),
        p99=p99(values),
        n=len(values),
        at_most=at_most,
        baseline="the poll time of a reader thread",
        baseline_value=0.2,
        note=f"the worst of {len(values)}, {note}",
    )
