"""Faults of the ground, really made: a locked database, a full disk, a writer that hangs. Each is told in
words, loses nothing, and is over by itself."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.ledger import Act
from console.persistence import dialect, store, writer
from console.persistence.journal import Committed, Journal
from console.persistence.spool import Spool
from tests.persistence.acts import ACTS, act
from tests.persistence.raw import locked


async def until_well(journal: Journal, within_s: float = 8) -> None:
    async with asyncio.timeout(within_s):
        while journal.fault is not None:  # noqa: ASYNC110 -- a lamp is looked at, it does not call
            await asyncio.sleep(0.02)


async def test_that_a_locked_database_is_told_and_is_over_by_itself(journal: Journal) -> None:
    asked = act("open_incident")
    with locked(journal.url):
        began = time.monotonic()
        with pytest.raises(JournalUnavailable):
            await journal.commit(asked)
        assert 1.5 <= time.monotonic() - began <= 5
        with pytest.raises(JournalUnavailable) as told:
            # Before the loop turns even once: while the journal is away nobody waits.
            journal.commit(act("open_incident")).send(None)
        assert told.value.remedy
        assert journal.read() == []
        await asyncio.sleep(2.2)
        assert journal.fault is not None
        assert "锁住" in journal.fault.what
    await until_well(journal)
    done = await journal.commit(asked)
    assert [fact.act_id for fact in journal.read()] == [asked.act_id]
    assert done.value == "ZZ20261121-0001"


async def test_that_a_locked_database_does_not_open(journal: Journal, clock: ManualClock) -> None:
    with locked(journal.url), pytest.raises(JournalUnavailable):
        await asyncio.to_thread(Journal.open, journal.url, ACTS, clock, patience_s=0.5)


async def test_that_a_hanging_writer_is_abandoned_and_its_act_takes_effect_once(url: str, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock, patience_s=0.4)
    hanging, waiting = act("nap", seconds=0.8), act("open_incident", place="后面")
    outcomes = await asyncio.gather(journal.commit(hanging), journal.commit(waiting), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [JournalUnavailable, JournalUnavailable]
    await until_well(journal)
    assert (await journal.commit(hanging)).already, "it had been committed after all"
    await journal.commit(waiting)
    ids = [fact.act_id for fact in journal.read()]
    assert ids == [hanging.act_id, waiting.act_id]
    journal.close()


async def test_that_a_loop_that_was_late_still_gets_its_answer(url: str, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock, patience_s=0.3)
    asked = asyncio.create_task(journal.commit(act("open_incident")))
    await asyncio.sleep(0)
    time.sleep(0.6)  # noqa: ASYNC251 -- the window was painting, the writer was not late
    assert (await asked).value == "ZZ20261121-0001"
    assert journal.fault is None
    journal.close()


async def test_that_a_caller_who_gives_up_early_calls_its_act_off(journal: Journal) -> None:
    slow = asyncio.create_task(journal.commit(act("nap", seconds=0.3)))
    await asyncio.sleep(0.05)
    hasty = asyncio.create_task(journal.commit(act("open_incident", place="算了")))
    await asyncio.sleep(0.05)
    hasty.cancel()
    await slow
    await journal.commit(act("open_incident", place="后面"))
    assert len(journal.read()) == 2


PAGES = 150
"""What stands for a full disk where nothing can be mounted: a database that may not grow beyond this."""


@dataclass
class SmallDisk:
    """A disk of 4 MiB, or at least a folder whose databases may not grow; `use_up` and `free` do what they say."""

    folder: Path
    mounted: bool
    pages: int = PAGES

    def use_up(self) -> None:
        if self.mounted:
            with (self.folder / "filler").open("wb", buffering=0) as out:
                for size in (65536, 4096, 1):
                    with contextlib.suppress(OSError):
                        while True:
                            out.write(b"x" * size)

    def free(self) -> None:
        self.pages = 1 << 30
        if self.mounted:
            (self.folder / "filler").unlink()

    def limit(self, connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}").close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = (
        sys.platform == "linux" and os.geteuid() == 0 and not subprocess.run(mount, capture_output=True).returncode
    )
    disk = SmallDisk(folder, mounted)
    if mounted:
        yield disk
        subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        event.listen(Engine, "connect", disk.limit)
        yield disk
        event.remove(Engine, "connect", disk.limit)


async def test_that_a_full_disk_is_told_and_is_over_by_itself(small_disk: SmallDisk, clock: ManualClock) -> None:
    url = dialect.url_of(small_disk.folder / "desk.db")
    journal = Journal.open(url, ACTS, clock)
    first = await journal.commit(act("open_incident"))
    small_disk.use_up()
    asked = act("bulk", kilobytes=600)
    with pytest.raises(JournalUnavailable, match="磁盘已满"):
        await journal.commit(asked)
    assert [fact.act_id for fact in journal.read()] == [first.facts[0].act_id]
    small_disk.free()
    assert not (await persistently(journal, asked)).already
    assert [fact.act_id for fact in journal.read()] == [first.facts[0].act_id, asked.act_id]
    journal.close()
    assert store.check(url) == []


async def persistently(journal: Journal, asked: Act, within_s: float = 8) -> Committed:
    """What the spool does: the same act again until it is in."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await journal.commit(asked)
            except JournalUnavailable:
                await asyncio.sleep(0.05)


def test_that_a_spool_that_cannot_grow_says_so_and_keeps_what_it_has(tmp_path: Path, clock: ManualClock) -> None:
    spool = Spool.open(tmp_path / "spool.db", clock)
    spool.put(act("open_incident"))
    spool._connection.execute("PRAGMA max_page_count=1").close()
    with pytest.raises(JournalUnavailable, match="磁盘已满"):
        spool.put(act("open_incident", place="长" * 100_000))
    spool._connection.execute("PRAGMA max_page_count=100000").close()
    assert spool.count() == 1
    spool.put(act("open_incident", place="长" * 100_000))
    assert spool.count() == 2
    spool.close()


async def test_that_a_failing_ground_is_told_to_everyone_who_waits(journal: Journal) -> None:
    with locked(journal.url):
        outcomes = await asyncio.gather(
            *(journal.commit(act("refuse", place=f"{n}")) for n in range(30)), return_exceptions=True
        )
    assert {type(outcome) for outcome in outcomes} == {JournalUnavailable}
    await until_well(journal)
    with pytest.raises(UserError):
        await journal.commit(act("refuse", place="x"))


def _busy_beyond_waiting() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("locking protocol")
    error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
    return error


@pytest.mark.parametrize(
    ("error", "told", "logged"),
    [
        (_busy_beyond_waiting(), "锁住", []),
        (ZeroDivisionError("a bug of ours"), "a bug of ours", ["the writer cannot work"]),
    ],
)
async def test_that_nothing_that_goes_wrong_at_opening_ends_the_writer(
    url: str,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    expected_log: list[str],
    error: Exception,
    told: str,
    logged: list[str],
) -> None:
    expected_log += logged
    Journal.open(url, ACTS, clock).close()
    engine, tries = dialect.writing_engine, [error] * 3

    def stumble(address: str) -> Engine:
        if tries:
            raise tries.pop()
        return engine(address)

    monkeypatch.setattr("console.persistence.writer.writing_engine", stumble)
    opening = writer.Writer(url, ACTS, clock, "ZZ")
    assert opening.tried.wait(5)
    assert opening.fault is not None
    assert told in opening.fault.what
    async with asyncio.timeout(5):
        while opening.fault is not None:  # noqa: ASYNC110 -- a lamp is looked at, it does not call
            await asyncio.sleep(0.01)
    done = await asyncio.wrap_future(opening.submit(act("open_incident")).answer)
    assert done.value == "ZZ20261121-0001"
    opening.drain(1)
