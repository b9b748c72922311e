"""`python -m console demo`: the evening in the call-taker's window, or offscreen where there is no display.

With a display the alarms wait for the person at the desk; without one the evening plays by itself at 20×, ends
within 90 s, prints its timeline and names its screenshots.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMainWindow

from console.app import show
from console.cli.words import say, settings_of
from console.demo import telephone
from console.demo.accounts import FIRST, TECHNICIAN, first_person, second_present
from console.demo.chief import grant_windows
from console.demo.clock import DemoClock
from console.demo.evening import Evening
from console.demo.script import load_script
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.facts import Fact
from console.geo.city import load_city
from console.persistence.presence import PresenceBoard
from console.seat import CITY, open_desktop
from console.services import places
from console.services.lines import SimulatedLine, SimulatedTerminal, simulate, simulate_terminal
from console.services.simulated_exchange import SimulatedExchange, simulate_exchange
from console.services.telling import Teller
from console.station import build_station
from widgets.shot import save
from widgets.text import clock_text
from widgets.windows.calltaker import CallTakerWindow
from widgets.windows.gate import Gate

OFFSCREEN_SPEED = 20.0
HEARD = "000000000013"
"""The terminal of 巡13, which is simulated; 巡08's is never heard, and its order stays undelivered."""

SHOTS_AT_S = (12.0, 120.0, 420.0, 880.0)
"""Demo seconds at which the offscreen run takes a picture: the first alarm, a busy minute, the middle, the end."""


def has_display() -> bool:
    """Whether a window can be shown; somebody who set QT_QPA_PLATFORM has decided."""
    if os.environ.get("QT_QPA_PLATFORM"):
        return os.environ["QT_QPA_PLATFORM"] not in ("offscreen", "minimal")
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(options: argparse.Namespace) -> int:
    """Play; answers the exit code."""
    shown = has_display()
    if not shown:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        say(f"没有图形显示：离屏以 {options.speed or OFFSCREEN_SPEED:g} 倍速播放演示，自动结束")
    with tempfile.TemporaryDirectory(prefix="console110-demo-") as folder:
        return _play(options, Path(folder), shown=shown)


def _play(options: argparse.Namespace, folder: Path, *, shown: bool) -> int:
    settings = settings_of(options).model_copy(
        update={"data_folder": folder, "spool": None, "tracking": True, "actor": FIRST}
    )
    desktop = open_desktop(settings.theme, settings.lang)
    clock = DemoClock(system_clock(), options.speed or (1.0 if shown else OFFSCREEN_SPEED))
    line, terminal, exchange = simulate("A1"), simulate_terminal("V1", HEARD), simulate_exchange(telephone.LINE)
    station = build_station(
        settings,
        options.db or f"sqlite:///{folder / 'demo.db'}",
        [line.spec, terminal.spec, exchange.spec],
        clock=clock,
    )
    if station.picture.seq:
        station.close()
        raise UserError("演示要用空的数据库，请另选一个 --db")
    evening = Evening(station.desk, clock, load_script(), load_city(CITY), places.load(), line.press, auto=not shown)
    facts: list[Fact] = []
    station.picture.observe(lambda changes: facts.extend(changes.facts))
    asyncio.run(evening.lay_out())
    window = options.window or "calltaker"
    camera = Camera(evening, options.shots or Path("out") / "shots", window) if options.shots or not shown else None
    leave = not shown or options.seconds is not None
    code = show(
        desktop,
        station,
        window,
        [
            partial(_perform, evening, (line, terminal, exchange), options.seconds, camera, leave=leave),
            partial(_second_desk, evening, station.url),
            partial(telephone.one_call, evening, exchange),
            partial(grant_windows, station.desk),
        ],
    )
    if not shown:
        _tell(evening, facts, camera.taken if camera is not None else [])
    return code


class Camera(QTimer):
    """Takes pictures of the open window at set moments of the evening.

    A timer, not a task: drawing a window lets Qt handle events, and inside a task that would wake other tasks
    while this one runs.
    """

    def __init__(self, evening: Evening, folder: Path, window: str) -> None:
        super().__init__()
        self._window = window
        self.taken: list[Path] = []
        self._evening = evening
        self._folder = folder
        self.setInterval(100)
        self.timeout.connect(self.click)

    @Slot()
    def click(self) -> None:
        """Take the picture whose moment has come."""
        gone = (self._evening.clock() - self._evening.began).total_seconds()
        if len(self.taken) == len(SHOTS_AT_S) or gone < SHOTS_AT_S[len(self.taken)]:
            return
        file = self._folder / f"{self._window}-{SHOTS_AT_S[len(self.taken)]:03.0f}s.png"
        self._folder.mkdir(parents=True, exist_ok=True)
        for window in QApplication.topLevelWidgets():
            if isinstance(window, QMainWindow):
                self.taken.append(file)
                save(window, file, QSize(1920, 1080))


async def _perform(
    evening: Evening,
    lines: Sequence[SimulatedLine | SimulatedTerminal | SimulatedExchange],
    seconds: float | None,
    camera: Camera | None,
    *,
    leave: bool,
) -> None:
    """The evening beside the window; at its end the window closes, or everybody goes on living."""
    await _sign_on(evening)
    for line in lines:
        line.start()
    if camera is not None:
        camera.start()
    try:
        await evening.play(seconds)
        if not leave:
            await evening.play(float("inf"))
    finally:
        if camera is not None:
            camera.stop()
        for line in lines:
            line.stop()
    for window in QApplication.topLevelWidgets():
        window.close()


async def _second_desk(evening: Evening, url: str) -> None:
    """The seat beside is there, for as long as the window is open."""
    board = PresenceBoard(url, lambda _: None, lambda _: None)
    board.say(second_present(evening.desk))
    try:
        await asyncio.Event().wait()
    finally:
        board.close()


async def _sign_on(evening: Evening) -> None:
    """The window's person sits down without a password, and everybody is told."""
    for window in QApplication.topLevelWidgets():
        gate = getattr(window, "gate", None)
        if isinstance(gate, Gate):
            person, notice = first_person(evening.desk, FIRST if isinstance(window, CallTakerWindow) else TECHNICIAN)
            print(notice, flush=True)
            await gate.seating.enter(person, person.roles)
            gate.tell(notice)


def _tell(evening: Evening, facts: Iterable[Fact], shots: Iterable[Path]) -> None:
    """Print the evening as it went, then where it can be seen."""
    teller = Teller(evening.desk.reference)
    for fact in facts:
        # The past is told to the teller too: it learns there who is who.
        sentence = teller.tell(fact)
        if sentence and fact.at >= evening.began:
            number = fact.body.incident.rpartition("-")[2] or "----"
            print(f"{clock_text(fact.at)} {number} {fact.actor} {sentence}")
    for shot in shots:
        print(f"截图 {shot}")
