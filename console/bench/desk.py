"""python -m console.bench.desk --db URL --seat 03 --actor 031 --folder DIR: one seat, worked over a pipe.

The real composition, with the real window where it is asked for; what a person would do comes as JSON lines on
standard input, and what he would see goes out as JSON lines. It uses public services only, so what it does is what
the window does. It ends when its input ends, so it never outlives whoever started it.

In:  {"id": 1, "ask": "do", "name": "incident.note", "args": {…}}, or another of the asks below.
Out: {"id": 1, …answer}, and unasked {"event": "ready"} and {"event": "health", …} at each change of the lamps.
All times are monotonic seconds, which every process of the machine shares.
"""

import argparse
import asyncio
import json
import logging
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from multiprocessing import freeze_support
from pathlib import Path
from typing import Any

import psutil

from console.__main__ import SWITCH_S
from console.domain.errors import JournalUnavailable, UserError
from console.domain.incident import Incident
from console.domain.state import KINDS
from console.domain.unit import Unit
from console.persistence.codec import encode
from console.services.picture import Changes
from console.settings import Settings
from console.station import Station, build_station

Answer = dict[str, Any]
Shown = tuple[int, str, float]
"""A fact that came onto the picture: its number, who made it, when its observers had shown it."""


class Worked:
    """A seat and the asks it answers. `afterwards` calls back when what was told now is on the screen."""

    def __init__(self, station: Station, afterwards: Callable[[Callable[[], None]], None]) -> None:
        self.station = station
        self._afterwards = afterwards
        self._shown: list[Shown] = []
        self._told: Answer = {}
        self._asks: dict[str, Callable[..., Awaitable[Answer]]] = {
            "do": self._do,
            "call": self._call,
            "see": self._see,
            "state": self._state,
            "shown": self._take_shown,
            "health": self._health,
            "footprint": self._footprint,
        }

    def watch(self) -> None:
        """From now on tell of the lamps, and keep when facts are shown; after the window's own observers."""
        self.station.picture.observe(self._note)
        self.station.health.observe(self._tell_health)
        self._tell_health()

    def _note(self, changes: Changes) -> None:
        facts = [(fact.seq, fact.actor) for fact in changes.facts]
        if facts:
            self._afterwards(lambda: self._keep(facts))

    def _keep(self, facts: list[tuple[int, str]]) -> None:
        now = time.monotonic()
        self._shown += [(seq, actor, now) for seq, actor in facts]

    def _tell_health(self) -> None:
        said = self._lamps()
        if said != self._told:
            self._told = said
            tell({"event": "health", "at": time.monotonic(), **said})

    def _lamps(self) -> Answer:
        health = self.station.health
        return {
            "journal_up": health.journal_up,
            "unsent": health.unsent,
            "clashes": health.clashes,
            "faults": {source: fault.what for source, fault in health.faults.items()},
        }

    async def answer(self, asked: Answer) -> None:
        """Answer one line; our own bug is an answer, too."""
        number, what = asked.pop("id"), asked.pop("ask")
        try:
            said = await self._asks[what](**asked)
        except UserError as refusal:
            said = {"refused": str(refusal)}
        except JournalUnavailable as fault:
            said = {"unavailable": str(fault)}
        except Exception as bug:
            logging.getLogger(__name__).exception("%s", what)
            said = {"bug": repr(bug)}
        tell({"id": number, **said})

    # -- what can be asked -------------------------------------------------------------------------------------

    async def _do(self, name: str, args: Answer) -> Answer:
        """An act of this seat. `value` is its answer; `shown` the own facts that came onto the screen by it."""
        return await self._timed(partial(self.station.desk.do, name, **args))

    async def _call(self, method: str, args: Answer) -> Answer:
        """A ready-made act of the desk: send_handoff, close_incident."""
        return await self._timed(partial(getattr(self.station.desk, method), **args))

    async def _timed(self, act: Callable[[], Awaitable[Any]]) -> Answer:
        before, began = len(self._shown), time.monotonic()
        value = await act()
        ended = time.monotonic()
        on_screen = asyncio.get_running_loop().create_future()
        self._afterwards(lambda: on_screen.set_result(None))
        await on_screen
        own = [shown for shown in self._shown[before:] if shown[1] == self.station.desk.actor]
        return {"value": value, "began": began, "ended": ended, "shown": own}

    async def _see(self) -> Answer:
        """What a person needs to choose the next thing to do."""
        picture = self.station.picture
        return {
            "seq": picture.seq,
            "alarms": [alarm.id for alarm in picture.unacknowledged_alarms()],
            "incidents": [[row.number, row.state.value, row.priority] for row in picture.state.all(Incident)],
            "units": [[row.id, row.status.value, row.incident] for row in picture.state.all(Unit)],
        }

    async def _state(self) -> Answer:
        """Every field of every entity of the picture, by kind."""
        picture = self.station.picture
        rows = {kind.__name__: [json.loads(encode(row)) for row in picture.state.all(kind)] for kind in KINDS}
        return {
            "seq": picture.seq,
            "missing": picture.missing,
            "provisional": sorted(picture.provisional),
            "rows": rows,
        }

    async def _take_shown(self) -> Answer:
        """Every fact that came onto the picture since this was asked last."""
        told, self._shown = self._shown, []
        return {"shown": told}

    async def _health(self) -> Answer:
        return {**self._lamps(), "seq": self.station.picture.seq, "latency_ms": self.station.health.latency_ms}

    async def _footprint(self) -> Answer:
        process = psutil.Process()
        times = process.cpu_times()
        return {
            "mib": process.memory_info().rss / 2**20,
            "threads": process.num_threads(),
            "files": process.num_fds(),
            "cpu_s": times.user + times.system,
        }

    async def serve(self) -> None:
        """Answer what comes on standard input until it ends or says quit."""
        lines = _read_stdin()
        under_way: set[asyncio.Task[None]] = set()
        self.watch()
        tell({"event": "ready", "at": time.monotonic(), "seq": self.station.picture.seq})
        while (line := await lines.get()) is not None:
            asked = json.loads(line)
            if asked["ask"] == "quit":
                break
            task = asyncio.create_task(self.answer(asked))
            under_way.add(task)
            task.add_done_callback(under_way.discard)


def tell(said: Answer) -> None:
    """One line out."""
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _read_stdin() -> "asyncio.Queue[str | None]":
    """The lines of standard input on this loop; None at its end."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return lines


async def _live(station: Station) -> None:
    await station.start()
    try:
        await Worked(station, lambda call: call()).serve()
    finally:
        await station.stop()


def _show(station: Station, settings: Settings) -> int:
    """The same in the call-taker's window."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from console.app import show
    from console.seat import open_desktop

    async def serve() -> None:
        # The turn of the loop after the one that paints.
        await Worked(station, partial(QTimer.singleShot, 0)).serve()
        for window in QApplication.topLevelWidgets():
            window.close()

    return show(open_desktop(settings.theme, settings.lang), station, background=[serve])


def main() -> int:
    """The program; answers its exit code."""
    parser = argparse.ArgumentParser(prog="python -m console.bench.desk")
    for name in ("--db", "--seat", "--actor"):
        parser.add_argument(name, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="the machine's data folder: spool, slips, drafts")
    parser.add_argument("--line", action="append", default=[])
    parser.add_argument("--window", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = Settings(
        data_folder=options.folder,
        spool=options.folder / "spool.db",
        seat=options.seat,
        actor=options.actor,
        volume=0.0,
        tracking=False,
    )
    station = build_station(settings, options.db, options.line)
    if options.window:
        return _show(station, settings)
    asyncio.run(_live(station))
    return 0


if __name__ == "__main__":
    freeze_support()
    sys.setswitchinterval(SWITCH_S)
    sys.exit(main())
