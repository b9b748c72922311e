"""The database as a whole: check and bulk filling."""

import json
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.incident import ENDED, Incident
from console.domain.state import MemoryState
from console.persistence import store
from console.persistence.cases import KINDS
from console.persistence.filling import LEFT_OPEN, fill
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from tests.persistence.acts import ACTS, NOON, act
from tests.persistence.conftest import postgresql_only, sqlite_only
from tests.persistence.raw import run


@postgresql_only
def test_that_an_index_left_half_built_is_found(url: str) -> None:
    store.init(url)
    run(url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_journal_incident'::regclass")
    assert store.check(url) == ["数据库：索引 ix_journal_incident 无效"]


@sqlite_only
def test_that_damage_inside_the_file_is_found(url: str, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock)
    for _ in range(3):
        journal.commit_blocking(act("open_incident"))
    journal.close()
    run(url, "PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE name = 'ix_journal_incident'")
    assert any(line.startswith("数据库：") for line in store.check(url))


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
