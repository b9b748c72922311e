"""The chain: a journal that somebody changed, shortened or rewrote is found out."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import Fact, NoteAdded
from console.persistence import chain, store
from console.persistence.chain import SHA256, SM3, Finding, Head, genesis, kept_heads, link
from console.persistence.filling import fill
from console.persistence.journal import Journal
from tests.persistence.acts import ACTS, NOON, act
from tests.persistence.conftest import postgresql_only, sqlite_only
from tests.persistence.raw import ask, run, unguard


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    """The file of heads outside the database."""
    return tmp_path / "kept.heads.jsonl"


@pytest.fixture
def written(url: str, clock: ManualClock, heads: Path) -> str:
    """A database with ten facts and its head kept outside."""
    journal = Journal.open(url, ACTS, clock)
    for n in range(10):
        clock.advance(1)
        journal.commit_blocking(act("open_incident", place=f"钟法路{n}号"))
    journal.close()
    store.note_head(url, heads)
    return url


@pytest.fixture
def forge(written: str) -> Callable[[str], None]:
    """What somebody with the database and no respect for triggers can do."""

    def forged(statement: str) -> None:
        unguard(written)
        assert run(written, statement) > 0

    return forged


def test_that_an_untouched_journal_is_good(written: str, heads: Path) -> None:
    assert store.verify(written, heads) is None
    assert store.check(written, heads) == []


@pytest.mark.requirement("Z4-36")
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
        "salt = '0123456789abcdef0123456789abcdef'",
        "salt = ''",
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


def test_that_a_cut_off_tail_is_found_by_the_head_kept_outside(
    written: str, forge: Callable[[str], None], heads: Path
) -> None:
    forge("DELETE FROM journal WHERE seq > 7")
    found = store.verify(written, heads)
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
    written: str, heads: Path, clock: ManualClock, new_place: Callable[[str], str]
) -> None:
    other = new_place("other")
    journal = Journal.open(other, ACTS, clock)
    for _ in range(12):
        journal.commit_blocking(act("open_incident", place="改写"))
    journal.close()
    assert store.verify(other) is None
    found = store.verify(other, heads)
    assert found is not None
    assert found.seq == 10
    assert "改写" in found.why


@pytest.mark.parametrize("statement", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal WHERE seq = 10"])
def test_that_triggers_refuse_any_change(written: str, heads: Path, statement: str) -> None:
    with pytest.raises(Exception, match="append-only"):
        run(written, statement)
    assert store.verify(written, heads) is None


@postgresql_only
def test_that_the_journal_cannot_be_emptied_at_one_stroke(written: str, heads: Path) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
        run(written, "TRUNCATE journal")
    assert store.verify(written, heads) is None


def test_that_heads_outlive_a_line_torn_by_a_crash(written: str, heads: Path) -> None:
    with heads.open("a") as out:
        out.write('{"seq": 11, "ha')
    assert [head.seq for head in kept_heads(heads)] == [10]
    assert store.verify(written, heads) is None


def test_that_a_head_written_after_a_torn_line_stands_and_the_torn_one_is_told(
    written: str, heads: Path, clock: ManualClock, expected_log: list[str]
) -> None:
    expected_log.append(r"kept\.heads\.jsonl 第 2 行读不出来")
    with heads.open("ab") as out:
        out.write('{"seq": 11, "h链'.encode()[:-1])
    journal = Journal.open(written, ACTS, clock)
    journal.commit_blocking(act("open_incident"))
    journal.close()
    store.note_head(written, heads)
    assert [head.seq for head in kept_heads(heads)] == [10, 11]
    assert store.verify(written, heads) is None


def test_that_the_head_of_an_empty_journal_is_the_genesis(url: str, heads: Path) -> None:
    store.init(url)
    assert store.note_head(url, heads) == Head() == genesis(SHA256)
    assert not heads.exists()


@sqlite_only
def test_that_the_heads_of_a_file_are_kept_beside_it(written: str, tmp_path: Path) -> None:
    store.note_head(written)
    assert [head.seq for head in kept_heads(tmp_path / "desk.db.heads.jsonl")] == [10]


# -- SM3 -----------------------------------------------------------------------------------------------------


def test_that_sm3_is_the_one_of_the_standard() -> None:
    """GB/T 32905-2016, appendix A.1."""
    standard = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert chain.hasher(SM3)(b"abc").hexdigest() == standard


def test_that_a_journal_begun_with_sm3_goes_on_with_it(url: str, clock: ManualClock, heads: Path) -> None:
    store.init(url, SM3)
    fill(url, incidents=3, seed=1, clock=clock)
    journal = Journal.open(url, ACTS, clock)
    journal.commit_blocking(act("open_incident"))
    head = journal.head()
    journal.close()
    assert ask(url, "SELECT DISTINCT algo FROM journal") == [(SM3,)]
    assert ask(url, "SELECT prev_hash FROM journal WHERE seq = 1") == [(genesis(SM3).hash,)]
    assert genesis(SM3).hash != genesis(SHA256).hash
    assert head.algo == SM3
    assert store.note_head(url, heads) == head
    assert store.verify(url, heads) is None


def test_that_a_changed_row_is_found_under_sm3_too(url: str, clock: ManualClock) -> None:
    store.init(url, SM3)
    fill(url, incidents=3, seed=1, clock=clock)
    unguard(url)
    run(url, "UPDATE journal SET actor = 'x' WHERE seq = 4")
    assert store.verify(url) == Finding(seq=4, why="内容被改动，哈希不符")


def test_that_the_hash_cannot_be_chosen_anew_once_the_journal_has_begun(written: str) -> None:
    with pytest.raises(UserError, match="不能再换哈希算法"):
        store.init(written, SM3)
    store.init(written, SHA256)
    assert store.verify(written) is None


def test_that_a_row_hashed_otherwise_than_the_one_before_is_found(url: str, clock: ManualClock) -> None:
    fact = Fact(at=NOON, actor="031", seat="03", body=NoteAdded(text="x"))
    first = link(fact, "{}", genesis(SHA256))
    second = link(fact, "{}", Head(seq=1, hash=first.hash, at=NOON, algo=SM3))
    assert chain.verify([first, second], genesis(SHA256)) == Finding(seq=2, why="哈希算法与前面不同")


def test_that_without_sm3_in_openssl_the_remedy_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_sm3(name: str, *_: Any) -> None:
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr(hashlib, "new", without_sm3)
    chain.hasher.cache_clear()
    with pytest.raises(JournalUnavailable, match=r"OpenSSL 不提供国密 SM3.*换用"):
        store.init(url, SM3)
    chain.hasher.cache_clear()
    with pytest.raises(UserError):  # nothing was made
        store.check(url)


# -- what a hash must not tell -------------------------------------------------------------------------------


def test_that_the_hash_of_a_text_cannot_be_guessed_from_the_text() -> None:
    fact = Fact(at=NOON, actor="031", seat="03", body=NoteAdded(text="13800000190"))
    one, other = (link(fact, '{"text":"13800000190"}', genesis(SHA256)) for _ in range(2))
    assert one.salt != other.salt
    assert len(one.salt) == 32
    assert chain.body_hash(SHA256, one.salt, one.body) != chain.body_hash(SHA256, other.salt, other.body)
