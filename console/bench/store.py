"""store: what one commit takes, and how many journal rows a second go in one by one and as a burst."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from console.bench.figure import Figure, p50, p99
from console.bench.floor import FsyncedTable
from console.bench.reception import bench_station
from console.bench.sender import Plan
from console.domain.account import MACHINE
from console.domain.clock import system_clock
from console.domain.ledger import Act, new_id
from console.persistence.journal import Journal
from console.persistence.writer import BATCH_ACTS
from drivers.protocols import codec_for

ACTS = 400
FSYNCED = "fsynced sqlite3 inserts, same disk"


def measure(folder: Path) -> Iterator[Figure]:
    """Panic frames of the real intake: five journal rows with their state in each transaction."""
    single, batched = _bare(folder)
    station = bench_station(folder, [])
    try:
        yield from _one_by_one(station.journal, single)
        yield from _burst(station.journal, batched)
    finally:
        station.close()


def _bare(folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of fsynced inserts, and of fsynced transactions of as many rows as the writer's batch."""
    body = Plan(count=1, rate=1).frame(0)
    with closing(FsyncedTable(folder / "bare.db")) as rows:
        return (
            [_ms(lambda: rows.insert(body)) for _ in range(ACTS)],
            [_ms(lambda: rows.insert(*[body] * BATCH_ACTS)) for _ in range(ACTS // BATCH_ACTS)],
        )


def _ms(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * 1000


def _frames(first: int) -> Iterator[Act]:
    plan = Plan(count=2 * ACTS, rate=1, fresh=True)
    codec = codec_for("surgard")
    for n in range(first, first + ACTS):
        (report,) = codec.feed(plan.frame(n))
        now = system_clock()
        args: dict[str, Any] = {"ingest_id": new_id(), "line": "A1", "protocol": "surgard", "report": report.to_json()}
        args["received_at"] = now.isoformat(timespec="milliseconds")
        yield Act(name="intake.receive", args=args, actor="线路A1", seat="00", roles=MACHINE, at=now)


async def _timed(commit: Callable[[Act], Awaitable[Any]], act: Act) -> float:
    began = time.perf_counter()
    await commit(act)
    return (time.perf_counter() - began) * 1000


def _one_by_one(journal: Journal, single: list[float]) -> Iterator[Figure]:
    async def run() -> list[float]:
        return [await _timed(journal.commit, act) for act in list(_frames(0))]

    before = journal.head().seq
    took = asyncio.run(run())
    facts = journal.head().seq - before
    yield Figure(
        name="store.commit",
        value=p99(took),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=len(took),
        baseline=FSYNCED,
        baseline_value=p99(single),
        note=f"{facts / len(took):g} journal rows and their state each",
    )
    yield Figure(
        name="store.appends_one_by_one",
        value=facts / sum(took) * 1000,
        unit="journal rows/s",
        n=facts,
        baseline=FSYNCED,
        baseline_value=len(single) / sum(single) * 1000,
    )


def _burst(journal: Journal, batched: list[float]) -> Iterator[Figure]:
    async def run() -> float:
        acts = list(_frames(ACTS))
        began = time.perf_counter()
        await asyncio.gather(*map(journal.commit, acts))
        return time.perf_counter() - began

    before = journal.head().seq
    seconds = asyncio.run(run())
    facts = journal.head().seq - before
    yield Figure(
        name="store.appends_batched",
        value=facts / seconds,
        unit="journal rows/s",
        n=facts,
        baseline=f"{FSYNCED}, {BATCH_ACTS} a transaction",
        baseline_value=BATCH_ACTS * len(batched) / sum(batched) * 1000,
        note=f"{ACTS} alarms at once in {seconds * 1000:.0f} ms",
    )
