"""The chief's count: how much is late, how far it has climbed, and the one that waits the longest is a click away."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.clock import ManualClock
from console.services.desk import Desk
from console.services.watch import Watch
from widgets.late_count import LateCount
from widgets.panels.chip import Chip
from widgets.selection import Selection
from widgets.theme import Theme
from widgets.tick import Tick


@pytest.fixture
def watch(desk: Desk) -> Watch:
    return Watch(desk, tracking=False)


@pytest.fixture
def chip(desk: Desk, watch: Watch, theme: Theme, tick: Tick, selection: Selection) -> Chip:
    made = Chip(theme, "", "bad", tick=False)
    made.hide()
    LateCount(desk, watch, made, selection, tick)
    return made


async def test_that_the_chief_reads_how_much_is_late_and_goes_to_the_latest(
    desk: Desk, clock: ManualClock, tick: Tick, watch: Watch, chip: Chip, selection: Selection
) -> None:
    numbers = [
        str(await desk.do("incident.open", kind="0201", place=place, priority=priority))
        for place, priority in (("东门", 1), ("西门", 3))
    ]
    tick.second.emit(clock())
    assert chip.isHidden()
    clock.advance(200)
    await watch.tick()
    tick.second.emit(clock())
    assert chip.text() == "超时 2 · 须值班长 1"
    first, second = (number.rpartition("-")[2] for number in numbers)
    assert chip.toolTip() == f"{first} 派警超时 2分20秒 · 031 ↑值班长\n{second} 派警超时 20秒 · 031"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert selection.incident == numbers[0]


async def test_that_nobody_but_the_chief_is_shown_the_count(
    desk: Desk, clock: ManualClock, tick: Tick, watch: Watch, chip: Chip
) -> None:
    await desk.do("incident.open", kind="0201", place="东门", priority=1)
    clock.advance(200)
    await watch.tick()
    desk.roles = ("call_taker",)
    tick.second.emit(clock())
    assert chip.isHidden()
