"""window: an alarm with the call-taker's window open, 500 open incidents on it, until its strip is painted.

Every alarm that was painted is acknowledged at once by another seat (the strip keeps what its own seat
acknowledged), so that each one measured is shown by itself.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QWidget

from console.bench.crowd import fill_city
from console.bench.figure import Figure, p50, p99
from console.bench.floor import measure_floor
from console.bench.painting import PaintWatch, settle
from console.bench.reception import Reception, bench_station, receive, timing_figures
from console.bench.sender import Plan, Sender
from console.domain.account import DESK_ROLES
from console.domain.alarm import Alarm
from console.domain.ledger import Act
from console.seat import CallTaker, Desktop, open_calltaker, open_desktop
from console.station import Station
from widgets.loop import make_runner

OPEN = 500
PAINTED_MS = 50.0
PLAN = Plan(count=60, rate=3, fresh=True)
FLOOR_PLAN = Plan(count=100, rate=50, fresh=True)
SETTLE_S = 2.0


class Watched:
    """The strip of a window, and when each alarm stood on it, painted."""

    def __init__(self, station: Station, taker: CallTaker) -> None:
        self._station, self._taker = station, taker
        self.painted: dict[bytes, float] = {}
        strip: QWidget = taker.window.panes.strip
        self._watch = PaintWatch([strip, *strip.findChildren(QWidget)], self._note)

    def _note(self, now: float) -> None:
        shown = self._station.picture.state.get(Alarm, self._taker.window.panes.strip.alarm)
        if shown is None or bytes.fromhex(shown.raw_hex) in self.painted:
            return
        self.painted[bytes.fromhex(shown.raw_hex)] = now
        act = Act(
            name="alarm.acknowledge",
            args={"alarm": shown.id},
            actor="052",
            seat="05",
            roles=DESK_ROLES,
            at=self._station.clock(),
        )
        self._taker.tasks.start(self._station.desk.carry_out(act), "acknowledge")


def measure(folder: Path) -> Iterator[Figure]:
    """The same alarms as in `alarm`, on the loop that also paints."""
    floor = measure_floor(folder, FLOOR_PLAN)
    desktop = open_desktop("night", "zh")
    with Sender(PLAN) as sender, make_runner(desktop.app) as runner:
        station = bench_station(folder, sender.specs)
        fill_city(station, OPEN)
        heard, painted, blank = runner.run(_live(desktop, station, sender))
    yield from timing_figures("alarm.window", heard, floor, f"{OPEN} open incidents")
    unseen = [sent.frame for sent in heard.acknowledged if sent.frame not in painted]
    if unseen:
        raise RuntimeError(f"{len(unseen)} alarms never stood on the strip")
    took = [(painted[sent.frame] - sent.sent_at) * 1000 for sent in heard.acknowledged]
    yield Figure(
        name="alarm.painted",
        value=p99(took),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=len(took),
        at_most=PAINTED_MS,
        baseline="blank widget of the window's size, update to painted",
        baseline_value=p99(blank),
        note=f"{OPEN} open incidents, window {desktop.app.primaryScreen().availableSize().toTuple()}",
    )


async def _live(
    desktop: Desktop, station: Station, sender: Sender
) -> tuple[Reception, dict[bytes, float], list[float]]:
    blank = await _blank(desktop)
    taker = open_calltaker(desktop, station, player={}, keep=False)
    taker.window.resize(desktop.app.primaryScreen().availableSize())
    taker.window.show()
    await taker.start()
    settle()
    await asyncio.sleep(SETTLE_S)
    watched = Watched(station, taker)
    heard = await receive(station, sender)
    taker.window.hide()
    await taker.stop()
    return heard, watched.painted, blank


async def _blank(desktop: Desktop) -> list[float]:
    """Milliseconds from asking an empty widget to repaint to the frame being done."""
    widget = QWidget()
    widget.resize(desktop.app.primaryScreen().availableSize())
    widget.show()
    await asyncio.sleep(0.2)
    took: list[float] = []
    for _ in range(100):
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        watch = PaintWatch([widget], lambda now, done=done: done.done() or done.set_result(now))  # type: ignore[misc]
        asked = time.monotonic()
        widget.update()
        took.append((await done - asked) * 1000)
        watch.stop()
    widget.close()
    return took
