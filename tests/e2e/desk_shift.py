"""A real seat worked by keys alone: the call-taker's window over a station with its lines, and a hand on the keys.

Every act goes the way a person's does: a key event at the window's native handle (shortcuts, focus and fields decide
what it means), Hanzi as an input method commits them. What is outside the room is simulated on pseudo-terminals: a
receiver of panels and a telephone exchange. The room's time is moved by the hand, so that nothing waits for a clock.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.cli.importing import UnitRow, read_rows, read_sites
from console.demo import accounts
from console.demo.clock import DemoClock
from console.demo.evening import UNITS
from console.demo.script import FOLDER
from console.domain.account import DESK_ROLES, Role
from console.domain.call import Call
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.domain.state import need
from console.domain.unit import Position, UnitStatus
from console.seat import CallTaker, Desktop, open_calltaker
from console.services.exchange_orders import call_key
from console.services.lines import SimulatedLine, simulate
from console.services.simulated_exchange import SimulatedExchange, simulate_exchange
from console.settings import Settings
from console.station import Station, build_station
from widgets.loop import make_runner
from widgets.messages import Messages
from widgets.panels.agencies import AgencyGrid
from widgets.theme import NIGHT, Theme, load_fonts
from widgets.tick import Tick

BEGAN = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
PATIENCE_S = 20.0
"""How long a busy machine may take for what a person sees at once."""

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
BARE = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta)


class Hand:
    """The time that everything in the room runs by, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class KeyCount(QObject):
    """Counts the presses that reach the window: each offers itself once to what has the focus, before anything else.

    A chord (Ctrl+Enter) is one press; Hanzi of an input method are free text and come by no key.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pressed = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            at = QApplication.focusWidget() or QApplication.activeWindow()
            if event.key() not in BARE and watched == at:
                self.pressed += 1
        return False


@dataclass
class Room:
    """The seat, its station and what is outside. `count` holds the key presses so far."""

    station: Station
    taker: CallTaker
    exchange: SimulatedExchange
    panel: SimulatedLine
    hand: Hand
    exchange_line: str
    count: KeyCount = field(default_factory=KeyCount)

    # -- the hand --------------------------------------------------------------------------------------------

    async def key(self, key: Qt.Key, more: Qt.KeyboardModifier = NONE) -> None:
        """One press and its release."""
        await self._ready()
        await self._strike(partial(QTest.keyClick, self.taker.window.windowHandle(), key, more))

    async def letters(self, text: str) -> None:
        """Latin letters and digits, each a press."""
        for letter in text:
            await self._ready()
            await self._strike(partial(QTest.keyClick, self.taker.window.windowHandle(), letter))

    async def hanzi(self, text: str) -> None:
        """Free text, as the input method commits it."""
        await self._ready()
        at = QApplication.focusWidget()
        assert at is not None, "nothing takes what is typed"
        event = QInputMethodEvent("", [])
        event.setCommitString(text)
        QCoreApplication.sendEvent(at, event)
        await self.turn()

    async def line(self, words: str) -> None:
        """A command: Ctrl+K, the words, Enter."""
        await self.key(Qt.Key.Key_K, CTRL)
        await self.finish(words)

    async def finish(self, words: str) -> None:
        """The rest of a line that a key began."""
        await self.hanzi(words)
        await self.key(Qt.Key.Key_Return)
        await self.idle()

    async def _strike(self, press: Callable[[], object]) -> None:
        """Outside of any task: a key at the native handle makes Qt work off its events, and tasks run meanwhile."""
        done = asyncio.get_running_loop().create_future()

        def strike() -> None:
            press()
            done.set_result(None)

        QTimer.singleShot(0, strike)
        await done
        await self.turn()

    async def _ready(self) -> None:
        """The window has the keys; half a second has passed since anything moved, so that what is meant stood still."""
        self.hand.seconds += 0.6
        window = self.taker.window
        if QApplication.activeWindow() is not window:
            window.activateWindow()
            await self.until(lambda: QApplication.activeWindow() is window)

    # -- waiting ---------------------------------------------------------------------------------------------

    async def turn(self) -> None:
        """What Qt and the loop have to do now is done."""
        for _ in range(3):
            await asyncio.sleep(0)

    async def idle(self) -> None:
        """Everything begun at the window is in the journal and shown."""
        await self.taker.tasks.idle()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for what the program does by itself."""
        ends = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < ends, self.said
            await asyncio.sleep(0.005)

    async def passes(self, seconds: float) -> None:
        """So much of the room's time; the cars tell where they are."""
        self.hand.seconds += seconds
        send_positions(self.station)
        self.taker.tick.second.emit(self.station.clock())
        await self.station.watch.tick()
        await self.idle()

    # -- outside ---------------------------------------------------------------------------------------------

    async def ring(self, number: str) -> str:
        """Somebody calls; answers the call's key once it rings at the seat."""
        key = call_key(self.exchange_line, self.exchange.ring(number, "", ""))
        await self.until(lambda: (call := self.picture.get(Call, key)) is not None and call.ringing)
        return key

    # -- what is there ---------------------------------------------------------------------------------------

    @property
    def picture(self) -> Any:
        return self.station.picture.state

    @property
    def said(self) -> list[str]:
        """What the window told the person."""
        return [message.text for message in self.taker.tasks.messages.last]

    @property
    def shown(self) -> str:
        """The number of the incident in the column."""
        return self.taker.window.selection.incident

    def incident(self, number: str) -> Incident:
        return need(self.station.picture.state, Incident, number)

    @property
    def focus(self) -> QWidget | None:
        return QApplication.focusWidget()

    def field(self, name: str) -> bool:
        """Whether the form's field has the keys."""
        return getattr(self.taker.incident.form, name) is QApplication.focusWidget()


def send_positions(station: Station) -> None:
    """Every car tells where it is: at its post."""
    now = station.clock()
    posts = read_rows(UNITS, UnitRow)
    station.picture.move([Position(unit=row["id"], lat=row["home_lat"], lon=row["home_lon"], at=now) for row in posts])


async def furnish(station: Station) -> None:
    """Sites, units and people on file, as an administrator's import puts them there."""
    units = [{**row, "status": UnitStatus.AVAILABLE.value} for row in read_rows(UNITS, UnitRow)]
    for name, args in (("site.import", {"sites": read_sites(FOLDER / "sites.csv")}), ("unit.import", {"units": units})):
        act = Act(name=name, args=args, actor="901", seat="00", roles=(*DESK_ROLES, Role.SYSTEM), at=station.clock())
        await station.desk.carry_out(act)
    await accounts.register(station.desk, [str(row["id"]) for row in units])


@asynccontextmanager
async def room(folder: Path, desktop: Desktop, hand: Hand) -> AsyncIterator[Room]:
    """The seat at work, nobody signed on yet; a folder that was worked in before goes on where it was."""
    clock = DemoClock(BEGAN + timedelta(seconds=hand.seconds), monotonic=hand)
    panel = simulate("A1")
    # Names of calls begin anew with each simulated exchange, so each has a line of its own.
    exchange_line = "T1" if hand.seconds == 0 else "T2"
    exchange = simulate_exchange(exchange_line)
    url = f"sqlite:///{folder / 'shift.db'}"
    fresh = not (folder / "shift.db").exists()
    station = build_station(Settings(data_folder=folder), url, [panel.spec, exchange.spec], clock=clock, actor="")
    if fresh:
        await furnish(station)
    clock.run()
    taker = open_calltaker(desktop, station, player={}, keep=False)
    made = Room(station, taker, exchange, panel, hand, exchange_line)
    desktop.app.installEventFilter(made.count)
    try:
        await station.start()
        taker.window.resize(1920, 1080)
        taker.window.show()
        await taker.start()
        panel.start()
        exchange.start()
        assert station.lines is not None
        await station.lines.opened()
        send_positions(station)
        yield made
    finally:
        desktop.app.removeEventFilter(made.count)
        panel.stop()
        exchange.stop()
        await taker.stop()
        taker.window.hide()
        await station.stop()
        shiboken6.delete(taker.window)


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Python's collector runs on this thread only, as in the program."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.enable()


Script = Callable[[Room], Coroutine[Any, Any, None]]
"""What a person does at the seat."""


def play(folder: Path, script: Script, hand: Hand | None = None) -> None:
    """Open the seat in a folder and let a person at it."""
    hand = hand or Hand()
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([])
    load_fonts()
    desktop = Desktop(app, Theme(NIGHT), Messages())
    desktop.theme.apply(app)
    with pytest.MonkeyPatch.context() as patch, quiet_collector(), make_runner(desktop.app) as runner:
        patch.setattr("console.seat.Tick", partial(Tick, steady=hand))
        patch.setattr(AgencyGrid, "steady", staticmethod(hand))
        runner.run(_played(folder, desktop, hand, script))
    app.setStyleSheet("")


async def _played(
    folder: Path, desktop: Desktop, hand: Hand, script: Callable[[Room], Coroutine[Any, Any, None]]
) -> None:
    async with room(folder, desktop, hand) as made:
        await script(made)


async def sign_on(room: Room, number: str) -> None:
    """One of the demo's people, by his digit, on the page or on the hand-over sheet, whichever is open."""
    form = room.taker.window.gate._asking
    await room.until(lambda: form.people_buttons)
    place = next(n for n, button in enumerate(form.people_buttons) if button.property("number") == number)
    await room.letters("1234567890"[place])
    await room.until(lambda: room.station.desk.actor == number)
    await room.idle()
