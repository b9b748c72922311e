"""A station on a server: it starts without it, works on from its spool while it is away, and says so in time."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from console.domain.errors import EnvironmentFault
from console.persistence import store
from console.persistence.queries import Queries
from console.settings import Settings
from console.station import Station, build_station
from tests.cluster import Cluster, cluster, database, steady

__all__ = ["cluster", "database", "steady"]

OPENING = {"kind": "0206", "place": "钟法路 89 号"}
BEHIND = "feed is behind"
OUTAGES: dict[str, tuple[Callable[[Cluster], None], Callable[[Cluster], object]]] = {
    "killed": (Cluster.kill, Cluster.start),
    "stopped": (Cluster.stop, Cluster.start),
    "suspended": (Cluster.suspend, Cluster.resume),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path)


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- any condition will do
            await asyncio.sleep(0.01)


async def opened(station: Station) -> str:
    return str(await station.desk.do("incident.open", **OPENING))


@pytest.mark.parametrize("how", OUTAGES)
async def test_that_a_desk_says_so_in_two_seconds_works_on_and_brings_everything_afterwards(
    how: str, settings: Settings, steady: Cluster, database: str, expected_log: list[str]
) -> None:
    expected_log.append(BEHIND)
    fall, rise = OUTAGES[how]
    station = build_station(settings, database)
    await station.start()
    first = await opened(station)
    await asyncio.to_thread(fall, steady)
    began = time.monotonic()
    await until(lambda: not station.health.journal_up)
    assert time.monotonic() - began < 2.0
    assert {"feed", "journal"} <= station.health.faults.keys()
    began = time.monotonic()
    local = [await opened(station) for _ in range(5)]
    assert time.monotonic() - began < 1.0, "nobody waits for a journal that is known to be away"
    assert station.health.unsent == 5
    await asyncio.to_thread(rise, steady)
    await until(lambda: station.health.journal_up and not station.health.faults and not station.health.unsent)
    await station.stop()
    with closing(Queries(database)) as queries:
        stored = {line.incident.number: line.incident.alias for line in queries.incidents()}
    assert set(stored.values()) == {"", *local}
    assert first in stored
    assert len(stored) == 6
    assert store.verify(database, settings.data_folder / "none") is None


async def test_that_a_station_starts_without_its_server_and_shows_what_was_there_when_it_comes(
    settings: Settings, steady: Cluster, database: str, expected_log: list[str]
) -> None:
    expected_log.append("the journal is away at the start")
    before = build_station(settings, database)
    await before.start()
    known = await opened(before)
    await before.stop()
    steady.stop()
    station = build_station(settings, database)
    await station.start()
    assert "没有运行" in station.health.faults["journal"].what
    assert station.picture.incidents() == []
    local = await opened(station)
    assert [row.number for row in station.picture.incidents()] == [local]
    steady.start()
    await until(lambda: station.health.journal_up)
    assert {row.number for row in station.picture.incidents()} >= {known}
    assert [row.alias for row in station.picture.incidents() if row.number != known] == [local]
    after = await opened(station)
    await until(lambda: station.picture.seq == station.journal.head().seq)
    assert after in {row.number for row in station.picture.incidents()}
    await station.stop()


def test_that_a_station_with_a_wrong_address_does_not_start(settings: Settings, database: str) -> None:
    with pytest.raises(EnvironmentFault, match="没有这个库"):
        build_station(settings, f"{database}_not")
