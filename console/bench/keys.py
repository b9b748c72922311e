"""keys: from a key press to the painted window in every act of the call-taker, with 5 000 open incidents and 500 units.

The keys are real ones, given to the window's native handle, so that shortcuts, focus and fields take part. The clock
stops with the first whole frame that shows what the key meant; an act that ends in the journal is shown when the window
shows what was stored. What follows a moment later (the ranking of the units, the map, possible duplicates) counts for
`settled`: the last frame before 120 ms without another one. `stall` is the longest time the window answered nobody
within 0.4 s after a key. A bare line of text measured in the same run is the baseline.

Every act is done in each of 24 rounds, and of the letters of a word one a round is measured, in turn: a p95 is the
second slowest of 24. The rounds last some four minutes. As in the program, the clock's beat collects the garbage.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from console.bench.crowd import fill_city, more_units
from console.bench.figure import Figure, p50, p99, quantile
from console.bench.painting import settle
from console.bench.reception import bench_station
from console.domain.incident import Incident
from console.seat import CallTaker, Desktop, open_calltaker, open_desktop
from console.station import Station
from widgets.collector import Collector
from widgets.loop import make_runner

OPEN, UNITS = 5_000, 500
AT_MOST_MS = 50.0
ROUNDS = 24
QUIET_S = 0.12
STALL_S = 0.4
SEEN_S = 0.6
"""What an act is about must have stood still for half a second; sooner the window asks once more."""
SETTLE_S = 2.0
PATIENCE_S = 10.0
POLL_S = 0.001
SIZE = (1920, 1080)
KEY, CTRL, ALT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
PLACES = ("jbl", "zfl", "dxl", "ncl", "sll")


def measure(folder: Path) -> Iterator[Figure]:
    """One figure for each act: p95, and the median beside it."""
    desktop = open_desktop("night", "zh")
    with make_runner(desktop.app) as runner:
        station = bench_station(folder, [])
        fill_city(station, OPEN)
        more_units(station, UNITS)
        found = runner.run(_live(desktop, station))
    bare = quantile(found.answered.pop("bare line"), 0.95)
    settled = quantile(found.settled.pop("bare line"), 0.95)
    for name, took in found.answered.items():
        yield _figure(name, took, bare, AT_MOST_MS)
    for name, took in found.settled.items():
        yield _figure(f"{name}, settled", took, settled, None)


def _figure(name: str, took: list[float], bare: float, at_most: float | None) -> Figure:
    return Figure(
        name=f"keys.{name}",
        value=quantile(took, 0.95),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=len(took),
        at_most=at_most,
        baseline="QLineEdit in a window of its own, key to painted (p95)",
        baseline_value=bare,
        note=f"value is p95; {OPEN} open incidents, {UNITS} units, window {SIZE}",
    )


class Frames(QObject):
    """When the last frame of the windows was painted.

    Each window is asked for its frames by itself: a filter of the application's sees a thousand events a key, and
    what it takes would be measured too. The window paints within the filter, so nothing comes between a frame's end
    and the clock.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last = 0.0
        self.answered = 0.0
        """When the first frame that showed what was asked for was whole, 0 until then."""
        self._asks: Callable[[], object] = lambda: False

    def watch(self, asks: Callable[[], object]) -> None:
        """The windows there are now; what a frame must show to be the answer is asked as it begins."""
        self._asks, self.answered = asks, 0.0
        for window in QApplication.topLevelWidgets():
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() is not QEvent.Type.UpdateRequest:
            return False
        shows = not self.answered and self._asks()
        watched.event(event)
        self.last = time.perf_counter()
        if shows:
            self.answered = self.last
        return True


class Fingers:
    """Presses keys and measures; `answered` and `settled` hold milliseconds by the name of the act."""

    def __init__(self) -> None:
        self.frames = Frames()
        self._struck = 0.0
        self.answered: defaultdict[str, list[float]] = defaultdict(list)
        self.settled: defaultdict[str, list[float]] = defaultdict(list)
        self.told: Callable[[], str] = str

    async def press(
        self,
        name: str,
        at: QWindow,
        key: Any,
        more: Qt.KeyboardModifier = NONE,
        holds: Callable[[], object] = lambda: True,
    ) -> None:
        """Press a key and wait until what it means holds and is painted.

        Without a name nothing is noted, nor waited for once it holds; what it left to be done is no part of the next.
        """
        if name:
            await self._quiet(self._struck)
        began = 0.0
        self.frames.watch(lambda: began and holds())

        def strike() -> None:
            nonlocal began
            began = time.perf_counter()
            QTest.keyClick(at, key, more)
            self._struck = time.perf_counter()

        QTimer.singleShot(0, strike)
        ends = time.perf_counter() + PATIENCE_S
        while not (began and holds()):
            if time.perf_counter() > ends:
                raise RuntimeError(f"{name or key}: nothing came of it; {self.told()}")
            await asyncio.sleep(POLL_S)
        if not name:
            return
        held = time.perf_counter()
        await self._quiet(held)
        self.answered[name].append(((self.frames.answered or held) - began) * 1000)
        self.settled[name].append((max(held, self.frames.last) - began) * 1000)

    async def _quiet(self, since: float) -> None:
        """Until for a while after that moment nothing was painted."""
        while time.perf_counter() - max(since, self.frames.last) < QUIET_S:  # noqa: ASYNC110 -- a frame sets no event
            await asyncio.sleep(POLL_S)

    async def stall(self, name: str) -> None:
        """The longest gap in the loop's turns from now on."""
        ends, last, longest = time.perf_counter() + STALL_S, time.perf_counter(), 0.0
        while last < ends:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        self.answered[name].append(longest * 1000)


async def _live(desktop: Desktop, station: Station) -> Fingers:
    fingers = Fingers()
    await _bare(fingers)
    taker = open_calltaker(desktop, station, player={}, keep=False)
    taker.window.resize(*SIZE)
    taker.window.show()
    # The station's own chores stay asleep: 5 000 calls that nobody is sent to would become late in the middle of it.
    await taker.start()
    settle()
    collector = Collector(taker.tick)
    await asyncio.sleep(SETTLE_S)
    seat = Seat(fingers, station, taker)
    for round_ in range(ROUNDS):
        await seat.round(round_)
    collector.close()
    taker.window.hide()
    await taker.stop()
    await station.stop()
    return fingers


async def _bare(fingers: Fingers) -> None:
    """A line of text and nothing else."""
    line = QLineEdit()
    line.resize(*SIZE)
    line.show()
    line.activateWindow()
    await asyncio.sleep(0.2)
    for n in range(ROUNDS):
        await fingers.press("bare line", line.windowHandle(), "abc"[n % 3])
    line.close()


class Seat:
    """A call-taker's acts, one after the other."""

    def __init__(self, fingers: Fingers, station: Station, taker: CallTaker) -> None:
        self._fingers, self._station, self._taker = fingers, station, taker
        self._window, self._panes, self._form = taker.window, taker.window.panes, taker.incident.form
        self._unit = count(100)
        fingers.told = lambda: "；".join(message.text for message in taker.tasks.messages.last)

    async def round(self, n: int) -> None:
        """Every act once."""
        await self._queue(n)
        await self._command_line(n)
        await self._new_call(n)
        await self._duplicate(n)

    async def _key(
        self, name: str, key: Any, more: Qt.KeyboardModifier = NONE, holds: Callable[[], object] = lambda: True
    ) -> None:
        while QApplication.activeWindow() is not self._window:
            # The list of completions is a window of its own; without a window manager nobody gives the keys back.
            self._window.activateWindow()
            await asyncio.sleep(0.05)
        await self._fingers.press(name, self._window.windowHandle(), key, more, holds)

    async def _letters(self, name: str, letters: str, n: int) -> None:
        """A word; of its letters the one whose turn it is in the round `n` is measured."""
        for at, letter in enumerate(letters):
            field = QApplication.focusWidget()
            before = _text(field)
            await self._key(name if at == n % len(letters) else "", letter, holds=partial(_grew, field, before))

    @property
    def _shown(self) -> str:
        return self._window.selection.incident

    def _incident(self) -> Incident | None:
        return self._station.picture.state.get(Incident, self._shown)

    async def _focus(self, widget: QWidget) -> None:
        """Not measured: how the keys came there is no act."""
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
        await asyncio.sleep(QUIET_S)

    # -- acts ------------------------------------------------------------------------------------------------

    async def _queue(self, n: int) -> None:
        """The next incident, another, and letters in the filter."""
        queue = self._panes.queue
        await self._focus(queue.list)
        before = self._shown
        await self._key("queue next", KEY.Key_Down, holds=partial(_differs, self, before))
        await self._key("", KEY.Key_Down)
        await self._fingers.stall("after a choice")
        await self._focus(queue.filter)
        await self._letters("filter letter", "xhl" if n % 2 else "jbl", n)
        queue.filter.clear()
        await self._focus(queue.list)

    async def _command_line(self, n: int) -> None:
        """Ctrl+K with completion, Ctrl+H, a unit sent, a level raised."""
        await self._key("Ctrl+K", KEY.Key_K, CTRL, self._panes.command_line.input.hasFocus)
        await self._letters("command letter", "p xu", n)
        self._panes.command_line.input.clear()
        await self._key("", KEY.Key_Escape)
        await self._key("Ctrl+H", KEY.Key_H, CTRL, lambda: self._panes.command_line.input.text().startswith("暂缓"))
        self._panes.command_line.input.clear()
        await self._key("", KEY.Key_Escape)
        orders = self._station.picture.orders
        unit = f"增{next(self._unit)}"
        number = self._shown
        await self._line("assign by line", f"派 {unit}", lambda: any(o.unit == unit for o in orders(number)))
        incident = self._incident()
        if incident is not None and incident.priority > 1:
            level = "一二三四"[incident.priority - 2]
            await self._line("level", f"级 {level}", lambda: self._level() < incident.priority)

    def _level(self) -> int:
        incident = self._incident()
        return incident.priority if incident is not None else 0

    async def _line(self, name: str, words: str, holds: Callable[[], object]) -> None:
        """A whole command; Enter is what is measured."""
        await self._key("", KEY.Key_K, CTRL, self._panes.command_line.input.hasFocus)
        _commit(words)
        await asyncio.sleep(SEEN_S)
        await self._key(name, KEY.Key_Return, holds=holds)
        await self._taker.tasks.idle()

    async def _new_call(self, n: int) -> None:
        """F9, place, kind, narrative, save, plan, handoff, the first question."""
        form, orders = self._form, self._station.picture.orders
        await self._key("F9", KEY.Key_F9, holds=form.place.hasFocus)
        await self._letters("place letter", PLACES[n % len(PLACES)], n)
        await self._key("place Enter", KEY.Key_Return, holds=form.kind.hasFocus)
        await self._letters("kind letter", "dj", n)
        await self._key("kind Enter", KEY.Key_Return, holds=form.narrative.hasFocus)
        await self._letters("narrative letter", "abc", n)
        _commit("有人打架，一人持刀")
        await self._fingers.stall("pause in typing")
        await self._key("Ctrl+Enter", KEY.Key_Return, CTRL, lambda: self._shown)
        number = self._shown
        await self._taker.tasks.idle()
        await asyncio.sleep(SEEN_S)
        if self._taker.incident.suggested():
            told = self._station.picture.handoffs
            await self._key("F5", KEY.Key_F5, holds=lambda: told(number))
        await self._answer()
        await self._key("Ctrl+D", KEY.Key_D, CTRL)
        await self._key("plan Enter", KEY.Key_Return, holds=lambda: orders(number))
        await self._taker.tasks.idle()

    async def _answer(self) -> None:
        """Questions that are answered in words are skipped until one offers options; its first is taken."""
        card, picture = self._taker.incident.questions, self._station.picture
        for _ in range(4):
            seen, options = picture.seq, card.asking.question is not None and card.asking.question.options
            name, key = ("Alt+1", KEY.Key_1) if options else ("Alt+S", KEY.Key_S)
            await self._key(name, key, ALT, partial(_moved, self._station, seen))
            if options:
                return

    async def _duplicate(self, n: int) -> None:
        """A second caller about the same; Ctrl+1 adds him to it."""
        await self._key("", KEY.Key_F9, holds=self._form.place.hasFocus)
        await self._letters("", PLACES[n % len(PLACES)], n)
        await self._key("", KEY.Key_Return)
        await self._letters("", "dj", n)
        await self._key("", KEY.Key_Return)
        _commit("有人打架，拿着刀")
        await asyncio.sleep(SEEN_S)
        if self._taker.incident.duplicates.matches:
            main = self._taker.incident.duplicates.matches[0].number
            await self._key("Ctrl+1", KEY.Key_1, CTRL, lambda: self._shown == main)
            await self._taker.tasks.idle()
        else:
            await self._key("", KEY.Key_Escape)


def _differs(seat: Seat, before: str) -> bool:
    return seat._shown != before


def _moved(station: Station, seen: int) -> bool:
    return station.picture.seq > seen


def _text(field: QWidget | None) -> str:
    """What stands in a field of one line or of several."""
    if isinstance(field, QTextEdit | QPlainTextEdit):
        return field.toPlainText()
    return field.text() if isinstance(field, QLineEdit) else ""


def _grew(field: QWidget | None, before: str) -> bool:
    return _text(field) != before


def _commit(text: str) -> None:
    """What an input method hands over."""
    at = QApplication.focusWidget()
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    if at is not None:
        QCoreApplication.sendEvent(at, event)
