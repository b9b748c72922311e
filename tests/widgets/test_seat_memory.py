"""The whole window over a database of 300 incidents: 查 finds the old ones, and what a person set is kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.clock import ManualClock
from console.domain.incident import Incident
from console.persistence.filling import fill
from console.seat import CallTaker, Desktop, kept_theme, open_calltaker
from console.settings import Settings
from console.station import Station, build_station
from widgets.messages import Messages
from widgets.models.queue_row import Tab
from widgets.panels.queue_past import PAUSE_MS
from widgets.sound import Play
from widgets.theme import Theme


@dataclass
class Seat:
    taker: CallTaker
    station: Station


@pytest.fixture
async def seat(theme: Theme, app: QApplication, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Seat]:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    fill(url, 300, 7, clock)
    settings = Settings(data_folder=tmp_path, volume=0.25, theme="night")
    station = build_station(settings, url, clock=clock)
    taker = open_calltaker(Desktop(app, theme, Messages()), station, player={})
    taker.window.resize(1920, 1080)
    taker.window.show()
    yield Seat(taker, station)
    await taker.stop()
    taker.window.hide()
    await station.stop()
    shiboken6.delete(taker.window)


async def test_that_the_command_line_finds_an_incident_of_last_year_and_shows_it(seat: Seat) -> None:
    window, state = seat.taker.window, seat.station.picture.state
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    await seat.taker.tasks.idle()
    line = window.panes.command_line.input
    assert line.text() == "查 "
    old = seat.station.queries.incidents(limit=1, offset=290)[0].incident
    assert state.get(Incident, old.number) is None
    QTest.keyClicks(line, old.number)
    QTest.keyClick(line, Qt.Key.Key_Return)
    await seat.taker.tasks.idle()
    await asyncio.sleep((PAUSE_MS + 50) / 1000)
    await seat.taker.tasks.idle()
    queue = window.panes.queue
    assert queue.model.tab is Tab.ALL
    assert [row.key for row in queue.model.past] == [old.number]
    assert queue.foot.text() == "共 1 条（数据库 300 条）"
    QTest.keyClick(queue.list, Qt.Key.Key_Down)
    await seat.taker.tasks.idle()
    assert seat.taker.incident.form.place.text() == old.place
    assert seat.taker.incident.head.title.text().startswith("历史警情，只读")
    window.perform("派 巡05")
    await seat.taker.tasks.idle()
    assert window.toast.message is not None
    assert window.toast.message.level == "error"


async def test_that_night_or_day_is_as_the_person_left_it(seat: Seat, theme: Theme) -> None:
    settings = seat.station.settings
    assert kept_theme(settings) == "night"
    QTest.mouseClick(seat.taker.window.panes.header.night, Qt.MouseButton.LeftButton)
    assert theme.tokens.name == "day"
    assert kept_theme(settings) == "day"


async def test_that_the_set_volume_goes_to_the_player(
    seat: Seat, app: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def player(volume: float) -> dict[str, Play]:
        asked.append(volume)
        return {}

    monkeypatch.setattr("console.seat.open_player", player)
    other = open_calltaker(Desktop(app, theme, Messages()), seat.station, keep=False)
    assert asked == [0.25]
    await other.stop()
    shiboken6.delete(other.window)
