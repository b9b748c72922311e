"""What tests of windows stand on: one application with our font, a desk in memory, a clock that is told the time."""

import gc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from console.domain.clock import ManualClock
from console.services.desk import Desk
from widgets.messages import Messages
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import NIGHT, Theme, load_fonts
from widgets.tick import Tick


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Any]:
    """Coroutines in these tests run on the application's own loop, as in the program."""
    return {"qasync": lambda: qasync.QEventLoop(QApplication.instance() or QApplication([]))}


@pytest.fixture(autouse=True)
def collect_here() -> Iterator[None]:
    """Python's collector runs on this thread only, as in the program (widgets.collector)."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(scope="session")
def fonts(qapp: QApplication) -> tuple[str, ...]:
    found = load_fonts()
    assert "Console Sans SC" in found
    return found


@pytest.fixture
def app(qapp: QApplication) -> QApplication:
    return qapp


@pytest.fixture
def theme(qapp: QApplication, fonts: tuple[str, ...]) -> Iterator[Theme]:
    theme = Theme(NIGHT)
    theme.apply(qapp)
    yield theme
    qapp.setStyleSheet("")


@pytest.fixture
def clock() -> ManualClock:
    from tests.support import EVENING

    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    from tests.support import make_desk

    return make_desk(clock)


@pytest.fixture
def selection(qapp: QApplication) -> Selection:
    return Selection()


@pytest.fixture
def tick(qapp: QApplication, clock: ManualClock) -> Tick:
    return Tick(clock, steady=lambda: clock().timestamp())


@pytest.fixture
def messages(qapp: QApplication) -> Messages:
    return Messages()


@pytest.fixture
def tasks(messages: Messages) -> Tasks:
    return Tasks(messages)
