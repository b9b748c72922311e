"""Backup, restore and drill, from either database and into either."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.domain.account import Account
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import AccountRegistered
from console.domain.ledger import Ledger
from console.domain.unit import Position
from console.persistence import backup, copying, dialect, store
from console.persistence.copying import Progress
from console.persistence.dialect import sqlite
from console.persistence.drill import Step, drill
from console.persistence.filling import fill
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from console.persistence.rebuild import differences
from tests.persistence.acts import ACTS, NOON, act
from tests.persistence.conftest import postgresql_only, sqlite_only
from tests.persistence.raw import ask, run, unguard

FIRST_REVISION = Path(__file__).parent / "first_revision.sql"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "away"
    folder.mkdir()
    return folder / "backup.db"


def places(url: str) -> list[str]:
    with closing(Queries(url)) as queries:
        return [line.incident.place for line in queries.incidents()]


def register(ledger: Ledger) -> None:
    account = Account(number="031", name="王", roles=("chief",), registered_at=ledger.now)
    ledger.record(AccountRegistered(account=account))


async def varied(url: str, clock: ManualClock) -> None:
    """A row or more in every kind of table, of every type of column."""
    journal = Journal.open(url, {**ACTS, "register": register}, clock)
    number = (await journal.commit(act("open_incident", place="甲"))).value
    for done in (
        act("register_unit", unit="巡01"),
        act("register_site", site="S1", account="7037"),
        act("assign", incident=number, unit="巡01"),
        act("hand_off", incident=number, agency="消防"),
        act("receive", ingest_id="i1"),
        act("line", name="A1"),
        act("late", subject="x", rule="sign", step=1),
        act("edit", incident=number, lat=24.5, narrative="改"),
        act("register"),
    ):
        await journal.commit(done)
    await journal.track([Position(unit="巡01", lat=24.5, lon=117.6, at=NOON)])
    journal.close()
    run(url, "INSERT INTO secrets (account, hash, changed_at) VALUES ('031', '$argon2id$x', 0)")
    run(
        url,
        "INSERT INTO presence (seat, actor, name, incident, field, seen_at) VALUES ('03', '031', '王', '', '', 0)",
    )


def rows(url: str) -> dict[str, list[Any]]:
    """What lies in every table that a backup holds, as the database answers it."""
    return {
        table.name: [tuple(map(plain, row)) for row in ask(url, f"SELECT {names(table)} FROM {table.name} ORDER BY 1")]
        for table in copying.TABLES
    }


def names(table: Any) -> str:
    return ", ".join(table.columns.keys())


def plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


@pytest.fixture
def elsewhere(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """An empty place on the database of that kind."""

    def place(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/elsewhere.db"
        server = request.getfixturevalue("cluster")
        return str(server.url(server.new_database()))

    return place


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
async def test_that_every_row_goes_from_either_database_into_either(
    url: str, clock: ManualClock, file: Path, into: str, elsewhere: Callable[[str], str]
) -> None:
    await varied(url, clock)
    made = backup.backup(url, file, clock=clock)
    target = elsewhere(into)
    assert backup.restore(target, file) == ""
    assert rows(target) == rows(url)
    assert made.rows["track"] == made.rows["secrets"] == made.rows["accounts"] == 1
    assert ask(target, "SELECT count(*) FROM presence") == [(0,)]
    assert store.check(target) == []
    journal = Journal.open(target, ACTS, clock)
    await journal.commit(act("open_incident", place="乙"))
    await journal.track([Position(unit="巡01", lat=24.6, lon=117.6, at=NOON)])
    journal.close()
    assert places(target) == ["乙", "甲"]
    assert store.verify(target) is None


async def test_that_a_backup_is_one_moment_of_a_database_in_use(
    journal: Journal, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "COPY_PAGES", 4)
    monkeypatch.setattr(copying, "CHUNK", 2)
    for _ in range(20):
        await journal.commit(act("bulk", kilobytes=20))
    told: list[Progress] = []
    copying_on = asyncio.create_task(asyncio.to_thread(backup.backup, journal.url, file, told.append))
    meanwhile = 0
    while not copying_on.done():
        await journal.commit(act("open_incident"))
        meanwhile += 1
        await asyncio.sleep(0.01)
    made = await copying_on
    assert meanwhile >= 5
    assert 20 <= made.seq < journal.head().seq
    assert made.rows["journal"] == made.rows["incidents"] == made.seq
    assert store.check(dialect.url_of(file)) == []
    assert [p.done for p in told] == sorted(p.done for p in told)
    assert told[-1].done == told[-1].total


def test_that_a_backup_says_what_is_in_it_and_only_its_owner_may_read_it(
    url: str, file: Path, clock: ManualClock
) -> None:
    head = fill(url, incidents=5, seed=1, clock=clock)
    made = backup.backup(url, file, clock=clock)
    with dialect.glance(dialect.url_of(file)) as connection:
        assert backup.read_manifest(connection) == made
    assert (made.seq, made.hash, made.made_at) == (head.seq, head.hash, NOON)
    assert made.source in url
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


async def test_that_a_copy_that_leaves_the_house_holds_no_secrets(url: str, file: Path, clock: ManualClock) -> None:
    await varied(url, clock)
    made = backup.backup(url, file, secrets=False)
    assert made.rows["secrets"] == 0
    assert not made.secrets
    assert b"argon2id" not in file.read_bytes()
    assert store.check(dialect.url_of(file)) == []


def test_that_a_backup_never_overwrites(journal: Journal, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("a letter")
    with pytest.raises(UserError, match="不会覆盖"):
        backup.backup(journal.url, there)
    with pytest.raises(UserError, match="没有这个文件夹"):
        backup.backup(journal.url, tmp_path / "no" / "b.db")
    assert there.read_text() == "a letter"


def test_that_a_backup_cut_short_leaves_nothing(url: str, file: Path, clock: ManualClock) -> None:
    fill(url, incidents=5, seed=1, clock=clock)

    def pull_the_plug(_: Progress) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(JournalUnavailable, match="No space left"):
        backup.backup(url, file, pull_the_plug)
    assert list(file.parent.iterdir()) == []


# -- the way back --------------------------------------------------------------------------------------------


def test_that_restoring_brings_the_backup_back_and_keeps_the_other(url: str, file: Path, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock)
    journal.commit_blocking(act("open_incident", place="甲"))
    backup.backup(url, file)
    journal.commit_blocking(act("open_incident", place="乙"))
    with pytest.raises(UserError, match="正在使用"):
        backup.restore(url, file)
    journal.close()
    aside = backup.restore(url, file, clock=clock)
    assert places(url) == ["甲"]
    if dialect.is_server(url):
        assert aside == "before_restore_20261121_040000"
        assert ask(url, f"SELECT count(*) FROM {aside}.incidents") == [(2,)]
        with pytest.raises(Exception, match="append-only"):
            run(url, f"DELETE FROM {aside}.journal")
    else:
        assert places(f"sqlite:///{aside}") == ["乙", "甲"]
        assert [dialect.locate(url).stat().st_mode & 0o777, Path(aside).stat().st_mode & 0o777] == [0o600] * 2
    with pytest.raises(Exception, match="append-only"):
        run(url, "DELETE FROM journal")


def broken(url: str, file: Path, *statements: str) -> None:
    """A backup that somebody or something changed."""
    backup.backup(url, file)
    unguard(dialect.url_of(file))
    run(dialect.url_of(file), *statements)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM journal WHERE seq = 2", "日志第 2 条"),
        ("DELETE FROM incidents WHERE number LIKE '%2'", "表 incidents 应有 3 行，实有 2 行"),
        ("DELETE FROM journal WHERE seq = 3", "日志第 3 条"),
    ],
)
def test_that_a_broken_backup_is_not_restored(
    url: str, file: Path, clock: ManualClock, statement: str, why: str
) -> None:
    journal = Journal.open(url, ACTS, clock)
    for _ in range(3):
        journal.commit_blocking(act("open_incident"))
    journal.close()
    broken(url, file, statement)
    with pytest.raises(UserError, match=f"备份不完整，未恢复：{why}"):
        backup.restore(url, file)
    assert store.check(url) == []


def test_that_a_restore_that_fails_midway_changes_nothing(
    url: str, file: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(url, incidents=5, seed=1, clock=clock)
    backup.backup(url, file)
    before = rows(url)

    def pull_the_plug(_: Progress) -> None:
        raise OSError(5, "Input/output error")

    with pytest.raises(JournalUnavailable, match="Input/output"):
        backup.restore(url, file, pull_the_plug)
    assert rows(url) == before
    assert store.check(url) == []


def test_that_a_backup_that_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="没有这个备份文件"):
        backup.restore(url, tmp_path / "nothing.db")


# -- an older database -----------------------------------------------------------------------------------------


@sqlite_only
def test_that_a_database_of_the_first_revision_keeps_its_chain_and_rows(url: str, clock: ManualClock) -> None:
    """What the program of the first revision wrote: 16 facts, hashed in the first form."""
    with closing(sqlite3.connect(dialect.locate(url))) as file:
        file.executescript(FIRST_REVISION.read_text(encoding="utf-8"))
    said = "SELECT seq, at, actor, seat, act_id, name, version, incident, body, prev_hash, hash, algo FROM journal"
    before, incidents = ask(url, said), ask(url, "SELECT number, place, state, version FROM incidents")
    with pytest.raises(UserError, match="db upgrade"):
        store.verify(url)
    store.upgrade(url)
    assert ask(url, said) == before
    assert ask(url, "SELECT number, place, state, version FROM incidents") == incidents
    assert len(incidents) == 3
    assert store.check(url) == []
    with dialect.glance(url) as connection:
        assert differences(connection) == []
    with closing(Queries(url)) as queries:
        assert [[row.incident.number for row in queries.search(number)] for number, *_ in incidents] == [
            [number] for number, *_ in incidents
        ]
    journal = Journal.open(url, ACTS, clock)
    journal.commit_blocking(act("open_incident"))
    journal.close()
    assert ask(url, "SELECT algo, count(*) FROM journal GROUP BY algo ORDER BY algo") == [
        ("sha256", 16),
        ("sha256/2", 1),
    ]
    assert store.check(url) == []
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        run(url, "DELETE FROM journal")


# -- the drill -------------------------------------------------------------------------------------------------


def tried(url: str, folder: Path, **options: Any) -> list[Step]:
    folder.mkdir()
    return list(drill(url, folder, **options))


async def test_that_a_drill_finds_a_good_backup_good_and_leaves_the_database_as_it_was(
    url: str, tmp_path: Path, clock: ManualClock
) -> None:
    await varied(url, clock)
    before = rows(url)
    heads = tmp_path / "heads.jsonl"
    store.note_head(url, heads)
    steps = tried(url, tmp_path / "drill", heads=heads)
    assert [(step.name, step.good) for step in steps] == [
        (name, True) for name in ("备份", "恢复", "行数", "哈希链", "重建")
    ]
    assert rows(url) == before
    if dialect.is_server(url):
        assert ask(url, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^drill'") == []


async def test_that_a_drill_finds_a_state_that_no_fact_explains(url: str, tmp_path: Path, clock: ManualClock) -> None:
    await varied(url, clock)
    run(url, "UPDATE incidents SET place = '丙'")
    last = tried(url, tmp_path / "drill")[-1]
    assert (last.name, last.good) == ("重建", False)
    assert last.what.endswith("：place 与日志重建的不符")


async def test_that_a_drill_ends_at_a_broken_chain(url: str, tmp_path: Path, clock: ManualClock) -> None:
    await varied(url, clock)
    unguard(url)
    run(url, "UPDATE journal SET actor = 'x' WHERE seq = 2")
    last = tried(url, tmp_path / "drill")[-1]
    assert (last.name, last.good) == ("恢复", False)
    assert "日志第 2 条" in last.what


@postgresql_only
async def test_that_a_drill_goes_on_beside_desks_at_work(journal: Journal, tmp_path: Path) -> None:
    await journal.commit(act("open_incident"))
    drilling = asyncio.create_task(asyncio.to_thread(tried, journal.url, tmp_path / "drill"))
    slowest, loop = 0.0, asyncio.get_running_loop()
    while not drilling.done():
        began = loop.time()
        await journal.commit(act("open_incident"))
        slowest = max(slowest, loop.time() - began)
        await asyncio.sleep(0.005)
    assert all(step.good for step in await drilling)
    assert slowest < 1.0


def test_that_what_is_kept_of_a_drill_can_be_looked_into(url: str, tmp_path: Path, clock: ManualClock) -> None:
    fill(url, incidents=5, seed=1, clock=clock)
    tried(url, tmp_path / "drill", keep=True, clock=clock)
    if dialect.is_server(url):
        assert ask(url, "SELECT count(*) FROM drill_20261121_040000.incidents") == [(5,)]
    else:
        assert len(places(f"sqlite:///{tmp_path}/drill/restored.db")) == 5
    assert json.loads(ask(f"sqlite:///{tmp_path}/drill/backup.db", "SELECT value FROM properties")[0][0])["secrets"]
