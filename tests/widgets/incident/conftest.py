"""The incident column over a desk in memory, as every test of it needs it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QWidget

from console.domain.clock import ManualClock
from console.services.desk import Desk
from console.services.places import Places, load
from tests.widgets.incident.scene import Bench, build
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


@pytest.fixture(scope="session")
def places() -> Places:
    return load()


@pytest.fixture
async def bench(
    desk: Desk,
    clock: ManualClock,
    theme: Theme,
    selection: Selection,
    tick: Tick,
    tasks: Tasks,
    places: Places,
    tmp_path: Path,
) -> AsyncIterator[Bench]:
    made = build(desk, clock, theme, selection, tick, tasks, places, tmp_path)
    made.panel.resize(548, 900)
    made.panel.show()
    yield made
    made.panel.close_panel()
    await made.settle()
    made.panel.close()
    made.panel.deleteLater()


@pytest.fixture
def queue(bench: Bench) -> Iterator[QListWidget]:
    """A window of the incident column and a list beside it, where a person may go with the focus."""
    window, beside = QWidget(), QListWidget()
    layout = QHBoxLayout(window)
    layout.addWidget(beside)
    layout.addWidget(bench.panel)
    window.resize(900, 900)
    window.show()
    window.activateWindow()
    yield beside
    window.hide()
    bench.panel.setParent(None)
    window.deleteLater()
