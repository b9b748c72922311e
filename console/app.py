"""Composition with windows: runs a desktop over a station and shuts it down.

One asyncio loop on Qt (qasync), one root TaskGroup. Every way out (window closed, SIGTERM, end of the session)
sets one event; then tasks end, lines close without an ACK, the writer drains, the store closes (DESIGN section 5).
"""

import argparse
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from console.cli.words import GOOD, settings_of
from console.domain.errors import UserError
from console.persistence.dialect import is_server
from console.seat import Desktop, kept_language, kept_theme, open_calltaker, open_desktop
from console.shots import screenshot
from console.stage import Opened, Opener, Stage
from console.station import Station, build_station
from widgets.bugs import Bugs
from widgets.loop import make_runner

log = logging.getLogger(__name__)

__all__ = ["Background", "run", "screenshot", "show"]


def _open_bench(desktop: Desktop, station: Station) -> Opened:
    # Read when it is asked for: its plots are half a second that no call-taker should wait for.
    from console.seat_bench import open_bench

    return open_bench(desktop, station)


OPENERS: Mapping[str, Opener] = {"calltaker": open_calltaker, "bench": _open_bench}
"""The windows there are, by their names."""

Background = Callable[[], Coroutine[Any, Any, None]]
"""Something that lives as long as the window does: the demo's evening, an endurance run."""


def run(options: argparse.Namespace) -> int:
    """`python -m console run`."""
    settings = settings_of(options)
    window = options.window or settings.window
    desktop = open_desktop(
        options.theme or kept_theme(settings), options.lang or kept_language(settings), settings.scale
    )
    station = build_station(settings, options.db, options.line)
    station.desk.open_without_accounts = not is_server(station.url)
    return show(desktop, station, window)


def show(desktop: Desktop, station: Station, window: str = "calltaker", background: Sequence[Background] = ()) -> int:
    """Run a window over a station until it is closed; `background` lives as long. Answers the exit code."""
    opener = OPENERS.get(window)
    if opener is None:
        station.close()
        raise UserError(f"窗口 {window} 将随后续版本提供，现有：{'、'.join(OPENERS)}")
    bugs = Bugs(station.health)
    sys.excepthook = bugs.hook
    with make_runner(desktop.app) as runner:
        runner.get_loop().set_exception_handler(bugs.loop_handler)
        runner.run(_live(desktop, station, opener, background))
    return GOOD


async def _live(desktop: Desktop, station: Station, opener: Opener, background: Sequence[Background]) -> None:
    ended = asyncio.Event()
    languages: asyncio.Queue[str] = asyncio.Queue()
    _end_on_signals(ended)
    desktop.app.commitDataRequest.connect(lambda _session: ended.set())
    stage = Stage(desktop, station, opener, closing=ended.set, wanted=languages.put_nowait)
    try:
        await station.start()
        await stage.start(desktop.app.primaryScreen().availableSize())
        gc.collect()
        gc.freeze()
        log.info("window open")
        await _until(ended, [*background, partial(_speak, stage, languages)])
    finally:
        await stage.stop()
        await station.stop()
        stage.close()


async def _speak(stage: Stage, languages: "asyncio.Queue[str]") -> None:
    """The window in another language, as often as somebody asks for it."""
    while True:
        await stage.change_language(await languages.get())


async def _until(ended: asyncio.Event, background: Sequence[Background]) -> None:
    """The root TaskGroup: what runs beside the window ends with it."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(job()) for job in background]
        await ended.wait()
        for task in running:
            task.cancel()


def _end_on_signals(ended: asyncio.Event) -> None:
    """SIGTERM and Ctrl+C close the window; loops on Windows know no signal handlers, so the plain ones serve there."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, ended.set)
        except (NotImplementedError, AttributeError):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
