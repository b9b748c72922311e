"""The daily walk along the journal: by itself, by one host, told to all."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console.domain.clock import ManualClock
from console.domain.facts import JournalVerified
from console.persistence import records, store
from console.persistence.chain import kept_heads
from console.persistence.filling import fill
from console.persistence.leases import Holder, Leases
from console.services.verifying import LEASE, SOURCE, Verifying
from console.settings import Settings
from console.station import Station, build_station
from tests.persistence.conftest import cluster, ground, new_place, url  # noqa: F401
from tests.persistence.raw import run, unguard

SATURDAY = datetime(2026, 11, 21, 4, 30).astimezone()
SUNDAY = SATURDAY + timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SATURDAY)


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "kept.jsonl"


@pytest.fixture
async def station(url: str, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Station]:  # noqa: F811
    fill(url, incidents=20, seed=1, clock=clock)
    built = build_station(Settings(data_folder=tmp_path / "data"), url, clock=clock)
    yield built
    await asyncio.to_thread(built.close)


def verdicts(station: Station) -> list[JournalVerified]:
    facts = station.journal.read(0, limit=100000)
    return [fact.body for fact in facts if isinstance(fact.body, JournalVerified)]


@asynccontextmanager
async def looked(verifying: Verifying) -> AsyncIterator[None]:
    """One look, to its end: the thread, what it brought, and what was journaled of it."""
    await verifying.chore.run()
    async with asyncio.timeout(20):
        while any(thread.name == "verifying" for thread in threading.enumerate()):  # noqa: ASYNC110 -- a thread
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        if verifying._recording is not None:
            await verifying._recording
    yield


async def test_that_the_journal_is_verified_once_a_day(station: Station, heads: Path, clock: ManualClock) -> None:
    verifying = Verifying(station.desk, station.url, heads)
    last = station.journal.head().seq
    for _ in range(2):
        async with looked(verifying):
            assert verdicts(station) == [JournalVerified(last=last)]
    assert [head.seq for head in kept_heads(heads)] == [last]
    clock.advance(24 * 3600)
    async with looked(verifying):
        assert verdicts(station)[1:] == [JournalVerified(last=last + 1)]
    assert SOURCE not in station.health.faults


async def test_that_it_waits_for_the_quiet_hour(station: Station, heads: Path, clock: ManualClock) -> None:
    clock.advance(-2 * 3600)
    async with looked(Verifying(station.desk, station.url, heads)):
        assert verdicts(station) == []


async def test_that_a_bad_row_lights_the_lamp_of_every_host(station: Station, heads: Path, clock: ManualClock) -> None:
    unguard(station.url)
    run(station.url, "UPDATE journal SET actor = 'x' WHERE seq = 5")
    async with looked(Verifying(station.desk, station.url, heads)):
        assert verdicts(station) == [JournalVerified(last=4, why="第 5 条内容被改动，哈希不符")]
    assert station.health.faults[SOURCE].what == "日志哈希链有误：第 5 条内容被改动，哈希不符"
    assert "journal verify" in station.health.faults[SOURCE].remedy
    station.health.mended(SOURCE)
    async with looked(Verifying(station.desk, station.url, heads)):
        assert SOURCE in station.health.faults
    assert len(verdicts(station)) == 1


async def test_that_weekdays_go_on_where_the_last_walk_ended_and_sundays_begin_anew(
    station: Station, heads: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[int] = []
    walk = store.walk

    def noted(url: str, heads: Path, since: int, rest: Callable[[], None]) -> object:  # noqa: F811
        walked.append(since)
        return walk(url, heads, since, rest)

    monkeypatch.setattr(store, "walk", noted)
    verifying = Verifying(station.desk, station.url, heads)
    last = station.journal.head().seq
    for _ in range(3):
        async with looked(verifying):
            clock.advance(24 * 3600)
    assert walked == [0, 0, last + 1]


async def test_that_one_host_walks(station: Station, heads: Path, clock: ManualClock) -> None:
    leases = Leases(station.url)
    leases.take(LEASE, Holder(host="other", pid=1, seat="09", token="t"))
    async with looked(Verifying(station.desk, station.url, heads)):
        assert verdicts(station) == []
    leases.close()


async def test_that_the_lease_is_kept_over_a_long_walk(
    station: Station, heads: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "CHUNK", 20)
    monkeypatch.setattr("console.services.verifying.RENEW_S", 0.0)
    renewed: list[object] = []
    renew = Leases.renew

    def noted(leases: Leases, names: list[str], holder: Holder) -> object:
        renewed.append(names)
        return renew(leases, names, holder)

    monkeypatch.setattr(Leases, "renew", noted)
    async with looked(Verifying(station.desk, station.url, heads)):
        assert len(verdicts(station)) == 1
    assert len(renewed) >= 3


async def test_that_a_tail_cut_off_since_the_last_walk_is_found(
    station: Station, heads: Path, clock: ManualClock
) -> None:
    store.note_head(station.url, heads)
    unguard(station.url)
    last = station.journal.head().seq
    run(station.url, f"DELETE FROM journal WHERE seq = {last}", f"UPDATE acts SET seq = 1 WHERE seq = {last}")
    async with looked(Verifying(station.desk, station.url, heads)):
        (told,) = verdicts(station)
    # The verdict itself took the number of the row that was cut off.
    assert "截断" in told.why
