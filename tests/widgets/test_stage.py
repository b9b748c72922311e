"""Another language at run time: the window is another one, everything else is the same."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from console.demo.clock import DemoClock
from console.seat import CallTaker, Desktop, open_calltaker
from console.settings import Settings
from console.shots import PICTURE_TIME, lay_out_picture
from console.stage import Stage
from console.station import Station, build_station
from widgets.arrangement import Arrangement
from widgets.language import load_language
from widgets.messages import Messages
from widgets.theme import Theme

TYPED = "中山公园南门有人打架"


@pytest.fixture
def desktop(app: QApplication, theme: Theme) -> Iterator[Desktop]:
    made = Desktop(app, theme, Messages(), load_language(app, "zh"))
    yield made
    for translator in made.kept:
        app.removeTranslator(translator)


async def staged(desktop: Desktop, folder: Path) -> tuple[Station, Stage, list[str]]:
    clock = DemoClock(PICTURE_TIME)
    station = build_station(Settings(data_folder=folder), f"sqlite:///{folder / 'desk.db'}", clock=clock)
    await lay_out_picture(station, clock)
    wanted: list[str] = []
    opener = partial(open_calltaker, player={})
    return station, Stage(desktop, station, opener, closing=lambda: None, wanted=wanted.append), wanted


def taker(stage: Stage) -> CallTaker:
    assert isinstance(stage.opened, CallTaker)
    return stage.opened


async def test_that_a_change_of_language_keeps_person_draft_line_and_whoever_else_listens(
    desktop: Desktop, tmp_path: Path
) -> None:
    station, stage, wanted = await staged(desktop, tmp_path)
    await stage.start(QSize(1366, 768))
    first = taker(stage)
    listening, actor, roles = len(station.picture.observers), station.desk.actor, station.desk.roles
    first.window.perform("window.new")
    first.incident.form.narrative.setPlainText(TYPED)
    first.window.panes.command_line.input.setText("派 巡05")
    first.window.perform("语言 英文")
    await first.tasks.idle()
    assert wanted == ["en"]
    await stage.change_language("en")
    second = taker(stage)
    await second.tasks.idle()
    assert second.window is not first.window
    assert second.window.windowTitle() == "110 dispatch"
    assert second.incident.form.narrative.toPlainText() == TYPED
    assert second.window.panes.command_line.input.text() == "派 巡05"
    assert (station.desk.actor, station.desk.roles) == (actor, roles)
    assert len(station.picture.observers) == listening
    assert Arrangement(tmp_path, "calltaker").language == "en"
    await stage.change_language("")
    assert taker(stage).window.windowTitle() == "110 接处警台"
    await stage.stop()
    await station.stop()
    stage.close()
    await asyncio.sleep(0)


async def test_that_what_waits_in_the_spool_is_brought_in_after_a_change_of_language(
    desktop: Desktop, tmp_path: Path
) -> None:
    """The task that empties the spool begins after the window is built, and outlives it."""
    clock = DemoClock(PICTURE_TIME)
    station = build_station(Settings(data_folder=tmp_path), f"sqlite:///{tmp_path / 'desk.db'}", clock=clock)
    opener = partial(open_calltaker, player={})
    stage = Stage(desktop, station, opener, closing=lambda: None, wanted=lambda _: None)
    await station.start()
    await stage.start(QSize(1366, 768))
    await asyncio.sleep(0)
    await stage.change_language("en")
    number = await station.desk.do("incident.open", kind="0206", place="钟法路")
    station.spool.put(station.desk.act("incident.note", {"incident": number, "text": "断网时记的"}))
    station.health.spooled(1)
    async with asyncio.timeout(10):
        while station.health.unsent:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    told = [fact.body for fact in station.queries.timeline(number)]
    assert "断网时记的" in [getattr(body, "text", "") for body in told]
    await stage.stop()
    await station.stop()
    stage.close()
    await asyncio.sleep(0)
