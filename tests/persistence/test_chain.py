"""The chain: a journal that somebody changed, shortened or rewrote is found out."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from console.domain.clock import ManualClock
from console.persistence import store
from console.persistence.chain import Finding, Head, kept_heads
from console.persistence.journal import Journal
from tests.persistence.acts import ACTS, act


@pytest.fixture
def written(url: str, clock: ManualClock) -> str:
    """A database with ten facts and its head kept outside."""
    journal = Journal.open(url, ACTS, clock)
    for n in range(10):
        clock.advance(1)
        journal.commit_blocking(act("open_incident", place=f"钟法路{n}号"))
    journal.close()
    store.note_head(url)
    return url


@pytest.fixture
def forge(written: str) -> Callable[[str], None]:
    """What somebody with the file and no respect for triggers can do."""

    def run(statement: str) -> None:
        with sqlite3.connect(written.removeprefix("sqlite:///")) as connection:
            connection.execute("DROP TRIGGER journal_no_update")
            connection.execute("DROP TRIGGER journal_no_delete")
            assert connection.execute(statement).rowcount > 0
        connection.close()

    return run


def test_that_an_untouched_journal_is_good(written: str) -> None:
    assert store.verify(written) is None
    assert store.check(written) == []


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, '4号', '5号')",
        "at = at + 1",
        "actor = '099'",
        "seat = '09'",
        "act_id = 'another'",
        "incident = 'ZZ20261121-0009'",
        "name = 'NoteAdded'",
        "version = 2",
        "hash = prev_hash",
    ],
)
def test_that_a_changed_row_is_found(written: str, forge: Callable[[str], None], change: str) -> None:
    forge(f"UPDATE journal SET {change} WHERE seq = 5")
    found = store.verify(written)
    assert found is not None
    assert (found.seq, found.why) == (5, "内容被改动，哈希不符")


@pytest.mark.parametrize("seq", [1, 5, 9])
def test_that_a_removed_row_is_found(written: str, forge: Callable[[str], None], seq: int) -> None:
    forge(f"DELETE FROM journal WHERE seq = {seq}")
    assert store.verify(written) == Finding(seq=seq, why=f"第 {seq} 条缺失")


def test_that_a_cut_off_tail_is_found_by_the_head_kept_outside(written: str, forge: Callable[[str], None]) -> None:
    forge("DELETE FROM journal WHERE seq > 7")
    found = store.verify(written)
    assert found is not None
    assert found.seq == 8
    assert "截断" in found.why


def test_that_a_cut_off_tail_is_found_by_what_other_tables_speak_of(
    written: str, forge: Callable[[str], None], tmp_path: Path
) -> None:
    forge("DELETE FROM journal WHERE seq = 10")
    found = store.verify(written, heads=tmp_path / "none.jsonl")
    assert found == Finding(seq=10, why="日志尾部被截断：曾有第 10 条")


def test_that_an_emptied_journal_is_found(written: str, forge: Callable[[str], None]) -> None:
    forge("DELETE FROM journal")
    assert store.verify(written) is not None


def test_that_a_journal_written_anew_is_found_by_the_head_kept_outside(
    written: str, tmp_path: Path, clock: ManualClock
) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    journal = Journal.open(other, ACTS, clock)
    for _ in range(12):
        journal.commit_blocking(act("open_incident", place="改写"))
    journal.close()
    assert store.verify(other) is None
    found = store.verify(other, heads=store.heads_file(written))
    assert found is not None
    assert found.seq == 10
    assert "改写" in found.why


@pytest.mark.parametrize("statement", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal WHERE seq = 10"])
def test_that_triggers_refuse_any_change(written: str, statement: str) -> None:
    connection = sqlite3.connect(written.removeprefix("sqlite:///"))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert store.verify(written) is None


def test_that_heads_outlive_a_line_torn_by_a_crash(written: str, tmp_path: Path) -> None:
    with (tmp_path / "desk.db.heads.jsonl").open("a") as out:
        out.write('{"seq": 11, "ha')
    assert [head.seq for head in kept_heads(tmp_path / "desk.db.heads.jsonl")] == [10]


def test_that_a_head_written_after_a_torn_line_stands_and_the_torn_one_is_told(
    written: str, tmp_path: Path, clock: ManualClock, expected_log: list[str]
) -> None:
    expected_log.append(r"desk\.db\.heads\.jsonl 第 2 行读不出来")
    file = tmp_path / "desk.db.heads.jsonl"
    with file.open("ab") as out:
        out.write('{"seq": 11, "h链'.encode()[:-1])
    journal = Journal.open(written, ACTS, clock)
    journal.commit_blocking(act("open_incident"))
    journal.close()
    store.note_head(written)
    assert [head.seq for head in kept_heads(file)] == [10, 11]
    assert store.verify(written) is None


def test_that_the_head_of_an_empty_journal_is_the_genesis(url: str) -> None:
    store.init(url)
    assert store.note_head(url) == Head()
    assert not store.heads_file(url).exists()
