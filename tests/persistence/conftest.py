"""The store under test: a database URL by parameter, so that each database runs the same suite."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.domain.clock import ManualClock
from console.domain.ledger import new_id
from console.persistence import schema
from console.persistence.dialect import locate, url_of
from console.persistence.journal import Journal
from tests.cluster import Cluster, cluster, steady
from tests.persistence.acts import ACTS, NOON

__all__ = ["cluster", "steady"]

sqlite_only = pytest.mark.parametrize("ground", ["sqlite"], indirect=True)
"""For what only a file has: locks of other programs, bytes on a disk of this machine, a backup by copying."""
postgresql_only = pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
"""For what only a server has: connections, other hosts, a stop."""


PATIENCE_S = 20.0
"""How long a commit may take in a test that is not about that: many work on this machine, and it is no fault."""


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


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By the name of the ground, what `fill` copies: made when it is first needed."""
    return {"folder": str(tmp_path_factory.mktemp("templates"))}


@pytest.fixture
def fill(ground: str, templates: dict[str, str], request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Makes an empty place a database with today's tables, by a copy: far quicker than a migration. Answers its URL."""
    if ground == "sqlite":
        file = Path(templates["folder"]) / "empty.db"
        if not file.exists():
            schema.prepare(url_of(file))
        return lambda url: url_of(Path(shutil.copy(file, locate(url))))
    server: Cluster = request.getfixturevalue("cluster")
    if ground not in templates:
        templates[ground] = server.new_database(name="prepared")
        schema.prepare(server.url(templates[ground]))

    def copy(url: str) -> str:
        name = url.rsplit("/", 1)[1]
        server.drop_database(name)
        return server.url(server.new_database(template=templates[ground], name=name))

    return copy


@pytest.fixture
def prepared(new_place: Callable[[str], str], fill: Callable[[str], str]) -> Callable[[], str]:
    """Gives an empty database that has today's tables already, another one each time; its URL."""
    return lambda: fill(new_place(new_id()))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def journal(url: str, fill: Callable[[str], str], clock: ManualClock) -> Iterator[Journal]:
    opened = Journal.open(fill(url), ACTS, clock, patience_s=PATIENCE_S)
    yield opened
    opened.close()
