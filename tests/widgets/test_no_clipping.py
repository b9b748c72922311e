"""No text is cut, painted into too little room or covered, in any state of the windows, at three sizes, in Chinese and
English; and an English window shows no Chinese that the catalogue has English for.

Night and day share every font and measure, so the layout is looked at by night.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import shiboken6
from PySide6.QtCore import QRect, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from typing_extensions import override

from console.demo.clock import DemoClock
from console.seat import Desktop, open_calltaker
from console.settings import Settings
from console.shots import PICTURE_TIME, lay_out_picture, pose
from console.shots_bench import open_posed
from console.station import build_station
from tests.widgets.legible import Painted, chinese, painted, settle, troubles
from tests.widgets.window_states import BENCH_STATES, STATES, BenchScene, Scene
from widgets.language import load_language
from widgets.messages import Messages
from widgets.text import said
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick

SIZES = ((1366, 768), (1920, 1080), (2560, 1440))


@pytest.fixture
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def bench(theme: Theme, app: QApplication, tmp_path: Path, language: str) -> AsyncIterator[BenchScene]:
    kept = load_language(app, language)
    clock = DemoClock(PICTURE_TIME, monotonic=lambda: 1.0)
    station = build_station(Settings(data_folder=tmp_path), f"sqlite:///{tmp_path / 'desk.db'}", clock=clock)
    await lay_out_picture(station, clock)
    opened = await open_posed(Desktop(app, theme, Messages()), station)
    opened.window.resize(*SIZES[0])
    opened.window.show()
    yield BenchScene(opened, station)
    await opened.stop()
    opened.window.hide()
    await station.stop()
    shiboken6.delete(opened.window)
    for translator in kept:
        app.removeTranslator(translator)


@pytest_asyncio.fixture
async def scene(
    theme: Theme, app: QApplication, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    kept = load_language(app, language)
    monkeypatch.setattr("console.seat.Tick", partial(Tick, steady=lambda: 1.0))
    clock = DemoClock(PICTURE_TIME, monotonic=lambda: 1.0)
    station = build_station(Settings(data_folder=tmp_path), f"sqlite:///{tmp_path / 'desk.db'}", clock=clock)
    await lay_out_picture(station, clock)
    taker = open_calltaker(Desktop(app, theme, Messages()), station, player={}, keep=False)
    taker.window.resize(*SIZES[0])
    taker.window.show()
    await pose(taker, station)
    yield Scene(taker, station)
    await taker.stop()
    taker.window.hide()
    await station.stop()
    shiboken6.delete(taker.window)
    for translator in kept:
        app.removeTranslator(translator)


async def look(shown: QWidget, size: QSize) -> list[Painted]:
    """What is painted at a size; events must not be processed inside a task (craft.md P8)."""
    drawn: asyncio.Future[list[Painted]] = asyncio.get_running_loop().create_future()

    def paint() -> None:
        shown.resize(size)
        settle(shown)
        texts = painted(shown)
        for _ in range(3):
            # Painting sends what waited; a header that has broken into two rows settles once more.
            if any(text.cut for text in texts):
                settle(shown)
                texts = painted(shown)
        drawn.set_result(texts)

    QTimer.singleShot(0, paint)
    return await drawn


async def wrongs(shown: QWidget, state: str, language: str) -> list[str]:
    """What is cut, covered, painted too small or left Chinese at each size."""
    found: list[str] = []
    for width, height in SIZES:
        texts = await look(shown, shown.size() if isinstance(shown, QDialog) else QSize(width, height))
        seen = [*troubles(shown), *sorted({str(text) for text in texts if text.cut})]
        seen += chinese(shown, texts, said) if language == "en" else []
        found += [f"{state} {width}x{height}: {wrong}" for wrong in seen]
    return found


@pytest.mark.parametrize("language", ["zh", "en"], indirect=True)
async def test_that_no_text_is_cut_or_covered_in_any_state_of_the_call_takers_window(
    scene: Scene, language: str
) -> None:
    found: list[str] = []
    for name, state in STATES.items():
        found += await wrongs(await state(scene), name, language)
    assert found == []


@pytest.mark.parametrize("language", ["zh", "en"], indirect=True)
async def test_that_no_text_is_cut_or_covered_in_any_state_of_the_bench(bench: BenchScene, language: str) -> None:
    found: list[str] = []
    for name, state in BENCH_STATES.items():
        found += await wrongs(await state(bench), name, language)
    assert found == []


def test_that_night_and_day_measure_alike(theme: Theme) -> None:
    roles = ("base", "small", "strong", "title", "spot")
    fonts = {palette.name: [Theme(palette).metrics(role).height() for role in roles] for palette in (NIGHT, DAY)}
    assert fonts[NIGHT.name] == fonts[DAY.name]


def test_that_the_look_hears_what_is_painted_into_too_little_room(theme: Theme, qtbot: QtBot) -> None:
    class Sign(QWidget):
        @override
        def paintEvent(self, event: QPaintEvent) -> None:
            painter = QPainter(self)
            painter.drawText(QRect(0, 0, 200, 30), 0, "有地方")
            painter.drawText(QRect(0, 30, 10, 30), 0, "没有地方")
            painter.drawText(QRect(0, 90, 200, 30), 0, "出了边")
            painter.end()

    sign = Sign()
    qtbot.addWidget(sign)
    sign.resize(200, 100)
    assert [text.text for text in painted(sign) if text.cut] == ["没有地方", "出了边"]
