"""The store under test: a database URL by parameter, so that another database runs the same suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.clock import ManualClock
from console.persistence.journal import Journal
from tests.persistence.acts import ACTS, NOON


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a database."""
    return {"sqlite": f"sqlite:///{tmp_path}/desk.db"}[request.param]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def journal(url: str, clock: ManualClock) -> Iterator[Journal]:
    opened = Journal.open(url, ACTS, clock)
    yield opened
    opened.close()
