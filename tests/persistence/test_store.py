"""The database as a whole: backup while in use, restore, check, and bulk filling."""

import asyncio
import json
import sqlite3
import time
from collections import Counter
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.incident import ENDED, Incident
from console.domain.state import MemoryState
from console.persistence import dialect, store
from console.persistence.cases import KINDS
from console.persistence.filling import LEFT_OPEN, fill
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from tests.persistence.acts import ACTS, NOON, act


async def test_that_a_backup_is_one_moment_of_a_database_in_use(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "COPY_PAGES", 4)
    for _ in range(20):
        await journal.commit(act("bulk", kilobytes=20))
    file = tmp_path / "backup.db"
    copying = asyncio.create_task(asyncio.to_thread(store.backup, journal.url, file))
    meanwhile = 0
    while not copying.done():
        await journal.commit(act("open_incident"))
        meanwhile += 1
        await asyncio.sleep(0.01)
    await copying
    assert meanwhile >= 5
    copied = Queries(dialect.url_of(file))
    assert 20 <= len(copied.journal_rows()) < journal.head().seq
    copied.close()
    assert store.check(dialect.url_of(file)) == []


def test_that_a_backup_never_overwrites(journal: Journal, tmp_path: Path) -> None:
    file = tmp_path / "there.db"
    file.write_text("a letter")
    with pytest.raises(UserError, match="不会覆盖"):
        store.backup(journal.url, file)
    with pytest.raises(UserError, match="没有这个文件夹"):
        store.backup(journal.url, tmp_path / "no" / "b.db")
    assert file.read_text() == "a letter"


def test_that_restoring_brings_the_backup_back_and_keeps_the_other(
    url: str, tmp_path: Path, clock: ManualClock
) -> None:
    journal = Journal.open(url, ACTS, clock)
    journal.commit_blocking(act("open_incident", place="甲"))
    store.backup(url, tmp_path / "backup.db")
    journal.commit_blocking(act("open_incident", place="乙"))
    with pytest.raises(UserError, match="正在使用"):
        store.restore(url, tmp_path / "backup.db")
    journal.close()
    store.restore(url, tmp_path / "backup.db")
    assert places(url) == ["甲"]
    assert places(f"sqlite:///{tmp_path}/desk.db.before-restore") == ["乙", "甲"]


def places(url: str) -> list[str]:
    with closing(Queries(url)) as queries:
        return [line.incident.place for line in queries.incidents()]


def test_that_a_broken_backup_is_not_restored(url: str, tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock)
    for _ in range(3):
        journal.commit_blocking(act("open_incident"))
    journal.close()
    bad = tmp_path / "bad" / "backup.db"
    bad.parent.mkdir()
    store.backup(url, bad)
    with sqlite3.connect(bad) as connection:
        connection.execute("DROP TRIGGER journal_no_delete")
        connection.execute("DELETE FROM journal WHERE seq = 2")
    connection.close()
    with pytest.raises(UserError, match="备份不完整，未恢复：日志第 2 条"):
        store.restore(url, bad)
    assert store.check(url) == []


def test_that_damage_inside_the_file_is_found(url: str, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock)
    for _ in range(3):
        journal.commit_blocking(act("open_incident"))
    journal.close()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_journal_incident'")
    connection.close()
    assert any("数据库文件" in line for line in store.check(url))


def test_that_filling_writes_the_rows_a_desk_would_have_written(
    url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.persistence.queries.AT_ONCE", 100)
    head = fill(url, incidents=300, seed=7, clock=clock)
    assert store.check(url) == []
    journal = Journal.open(url, ACTS, clock)
    rebuilt = MemoryState()
    assert journal.replay(rebuilt) == head
    queries = Queries(url)
    stored = queries.incidents()
    assert sorted((line.incident for line in stored), key=lambda row: row.number) == rebuilt.all(Incident)
    assert Counter(line.incident.state in ENDED for line in stored) == {True: 300 - LEFT_OPEN, False: LEFT_OPEN}
    assert len(rebuilt.all(Assignment)) == 300 - LEFT_OPEN
    assert all(line.units for line in stored if line.incident.state in ENDED)
    assert (NOON - stored[-1].incident.created_at).days > 720
    number = journal.commit_blocking(act("open_incident")).value
    assert len({line.incident.number for line in stored} | {number}) == 301
    queries.close()
    journal.close()


def test_that_filling_is_the_same_for_the_same_seed(tmp_path: Path, clock: ManualClock) -> None:
    first, second, third = (
        fill(f"sqlite:///{tmp_path}/{n}.db", incidents=50, seed=seed, clock=clock).hash
        for n, seed in enumerate((1, 1, 2))
    )
    assert first == second != third


def test_that_filling_refuses_a_journal_with_rows(journal: Journal, clock: ManualClock) -> None:
    journal.commit_blocking(act("open_incident"))
    with pytest.raises(UserError, match="已有日志"):
        fill(journal.url, incidents=10, seed=1, clock=clock)
    assert journal.head().seq == 1


def test_that_filling_keeps_the_pace_of_a_hundred_thousand_in_two_minutes(url: str, clock: ManualClock) -> None:
    began = time.process_time()
    fill(url, incidents=1000, seed=1, clock=clock)
    assert time.process_time() - began < 2 * 1.2


def test_that_filled_kinds_are_codes_of_the_desk() -> None:
    codes = json.loads(files("resources").joinpath("reference/codes.json").read_text(encoding="utf-8"))["codes"]
    known = {(row["code"], row["name"], row["priority"]) for row in codes}
    assert set(KINDS) <= known
