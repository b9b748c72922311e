"""The store under test: a database URL by parameter, so that each database runs the same suite."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.domain.clock import ManualClock
from console.persistence.journal import Journal
from tests.cluster import Cluster, cluster, steady
from tests.persistence.acts import ACTS, NOON

__all__ = ["cluster", "steady"]

sqlite_only = pytest.mark.parametrize("ground", ["sqlite"], indirect=True)
"""For what only a file has: locks of other programs, bytes on a disk of this machine, a backup by copying."""
postgresql_only = pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
"""For what only a server has: connections, other hosts, a stop."""


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def new_place(ground: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Gives an empty place for a database by its name; its URL."""
    if ground == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path}/{name}.db"
        return
    server: Cluster = request.getfixturevalue("cluster")
    made: list[str] = []

    def place(_: str) -> str:
        made.append(server.new_database())
        return server.url(made[-1])

    yield place
    for name in made:
        server.drop_database(name)


@pytest.fixture
def url(new_place: Callable[[str], str]) -> str:
    """An empty place for a database."""
    return new_place("desk")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def journal(url: str, clock: ManualClock) -> Iterator[Journal]:
    opened = Journal.open(url, ACTS, clock)
    yield opened
    opened.close()
