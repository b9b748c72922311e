"""The schema: tables like the domain, migrations like the tables, and clear words for a file that does not fit."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.ledger import Act
from console.domain.state import INDEXES, KINDS, Entity
from console.persistence import dialect, schema
from console.persistence.base import Base, table
from console.persistence.columns import to_epoch_ms
from console.persistence.dialect import search
from console.persistence.journal import Journal
from console.persistence.mounts import filesystem, is_remote
from console.persistence.queries import Queries
from console.persistence.rebuild import differences
from console.persistence.tables import ROWS
from console.services.acts import ACTS as SERVICES
from tests.persistence.acts import ACTS
from tests.persistence.conftest import sqlite_only
from tests.persistence.raw import ask, content, plan, run
from tests.support import ALL, EVENING


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_table_has_the_fields_of_its_entity(kind: type[Entity]) -> None:
    named = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    columns = [column.name for column in table(ROWS[kind]).columns if column.name != "seq"]
    assert sorted(columns) == sorted(named)


@pytest.mark.parametrize("kind", KINDS)
def test_that_what_is_quick_in_memory_is_indexed_in_the_table(kind: type[Entity]) -> None:
    indexed = {column.name for index in table(ROWS[kind]).indexes for column in index.columns}
    assert set(INDEXES[kind]) <= indexed


def test_that_migrations_make_exactly_the_tables_of_the_program(url: str) -> None:
    schema.prepare(url)
    engine = dialect.reading_engine(url)
    with engine.connect() as connection:
        # The index of what is searched is each database's own.
        ours = {"compare_type": True, "include_name": lambda name, *_: not (name or "").startswith(search.INDEX)}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_that_calls_that_have_not_ended_are_found_by_index(url: str) -> None:
    """Asked with every call that is taken, among those of years."""
    schema.prepare(url)
    assert "ix_calls_open" in plan(url, "SELECT id FROM calls WHERE ended_at IS NULL ORDER BY id")


def test_that_the_program_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.NEWEST]


def test_that_preparing_twice_changes_nothing(url: str) -> None:
    schema.prepare(url)
    before = content(url)
    schema.prepare(url)
    assert content(url) == before


def test_that_a_newer_file_is_refused_untouched(url: str, clock: ManualClock) -> None:
    schema.prepare(url)
    run(url, "UPDATE alembic_version SET version_num = '0999'")
    before = content(url)
    with pytest.raises(UserError, match=r"0999 比本程序.*新：请升级本程序"):
        Journal.open(url, ACTS, clock)
    with pytest.raises(UserError, match="请升级本程序"):
        Queries(url)
    assert content(url) == before


def test_that_an_empty_database_is_filled(url: str, clock: ManualClock) -> None:
    if not dialect.is_server(url):
        file_of(url).touch()
    with pytest.raises(UserError, match="db upgrade"):
        Queries(url)
    Journal.open(url, ACTS, clock).close()
    Queries(url).close()


def test_that_the_database_of_another_program_is_refused(url: str, clock: ManualClock) -> None:
    run(url, "CREATE TABLE songs (title TEXT)")
    with pytest.raises(UserError, match="别的程序"):
        Journal.open(url, ACTS, clock)


@sqlite_only
def test_that_a_file_that_is_no_database_is_told_plainly(url: str, clock: ManualClock) -> None:
    file_of(url).write_bytes(b"this is a letter, not a database " * 100)
    with pytest.raises(JournalUnavailable, match="不是数据库"):
        Journal.open(url, ACTS, clock)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "必须是一个文件"),
        ("sqlite:///:memory:", "必须是一个文件"),
        ("mysql://desk@host/db", "尚不支持"),
        ("desk.db", "写法有误"),
        ("sqlite:////nowhere/at/all/desk.db", "没有这个文件夹"),
    ],
)
def test_that_an_impossible_place_is_refused(url: str, why: str, clock: ManualClock) -> None:
    with pytest.raises(UserError, match=why):
        Journal.open(url, ACTS, clock)


@sqlite_only
def test_that_questions_to_a_missing_database_make_no_file(url: str) -> None:
    with pytest.raises(UserError, match="没有这个数据库"):
        Queries(url)
    assert not file_of(url).exists()


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/desk /mnt/desk nfs4 rw 0 0
//server/share /mnt/with\\040blank cifs rw 0 0
desk@host:/ /home/desk/far fuse.sshfs rw 0 0
tmpfs /mnt/desk/local tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/desk.db", "ext4"),
        ("/mnt/desk/desk.db", "nfs4"),
        ("/mnt/desk2/desk.db", "ext4"),
        ("/mnt/with blank/desk.db", "cifs"),
        ("/home/desk/far/desk.db", "fuse.sshfs"),
        ("/mnt/desk/local/desk.db", "tmpfs"),
    ],
)
def test_that_the_file_system_of_a_path_is_found(path: str, kind: str) -> None:
    assert filesystem(Path(path), MOUNTS) == kind


@sqlite_only
def test_that_a_network_drive_is_refused(
    url: str, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} nfs rw 0 0\n")
    assert not is_remote(file_of(url))
    monkeypatch.setattr("console.persistence.mounts.MOUNTS", mounts)
    with pytest.raises(UserError, match="网络盘"):
        Journal.open(url, ACTS, clock)
    assert not file_of(url).exists()


def test_that_a_time_without_a_zone_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        to_epoch_ms(datetime(2026, 1, 1))


def test_that_an_address_that_cannot_be_read_is_told_without_its_password(clock: ManualClock) -> None:
    with pytest.raises(UserError, match=r"写法有误：mysql\+//\*\*\*@host") as refused:
        Journal.open("mysql+//desk:geheim@host/db", ACTS, clock)
    assert "geheim" not in str(refused.value)


def test_that_a_call_taken_before_calls_had_a_seat_has_the_one_its_fact_tells(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is made what the journal folds to today, or every check of the database would find a difference."""
    new = f"sqlite:///{tmp_path / 'new'}.db"
    journal = Journal.open(new, SERVICES, clock)
    rang = {"call": "c1", "number": "13800001234", "line": "M1"}
    for name, seat, args in (("call.rang", "03", rang), ("call.take", "03", {}), ("call.take", "05", {})):
        said = {"call": "c1", **args}
        journal.commit_blocking(Act(name=name, args=said, actor="CLI", seat=seat, roles=ALL, at=EVENING))
    journal.close()
    old = _upgraded(new, "0003", ("calls",), monkeypatch)
    with dialect.glance(old) as connection:
        assert differences(connection) == []
    assert ask(old, "SELECT taken_by, seat FROM calls") == [("CLI", "03")]


def test_that_a_unit_lost_before_that_was_kept_does_what_it_did_since_its_facts_tell(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = f"sqlite:///{tmp_path / 'new'}.db"
    journal = Journal.open(new, SERVICES, clock)

    def act(name: str, **args: object) -> None:
        clock.advance(60)
        journal.commit_blocking(Act(name=name, args=args, actor="CLI", seat="03", roles=ALL, at=clock()))

    moves = {
        "巡01": ["05", "90"],
        "巡02": ["05", "90", "05"],
        "巡03": ["05", "90", "05", "02"],
        "巡04": ["02", "15", "90", "02", "90"],
        "巡05": [],
    }
    for name, statuses in moves.items():
        act("unit.register", unit={"id": name, "status": "01"})
        for status in statuses:
            act("unit.status", unit=name, status=status)
    journal.close()
    old = _upgraded(new, "0005", ("units", "emergencies"), monkeypatch)
    with dialect.glance(old) as connection:
        assert differences(connection) == []
    known = "SELECT id FROM units WHERE doing_since IS NOT NULL ORDER BY id"
    assert ask(old, known) == [("巡01",), ("巡02",), ("巡04",)]


def _upgraded(new: str, revision: str, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of an older revision with the journal of `new` and its rows of some tables, upgraded to today's."""
    old = f"sqlite:///{file_of(new).with_name('old.db')}"
    monkeypatch.setattr(schema, "NEWEST", revision)
    monkeypatch.setattr("alembic.command.upgrade", partial(_only_to, revision, command.upgrade))
    schema.prepare(old)
    monkeypatch.undo()
    columns = {name: ", ".join(column for _, column, *_ in ask(old, f"PRAGMA table_info({name})")) for name in names}
    run(
        old,
        f"ATTACH '{file_of(new)}' AS new",
        "INSERT INTO journal SELECT * FROM new.journal",
        *(f"INSERT INTO {name} ({columns[name]}) SELECT {columns[name]} FROM new.{name}" for name in names),
    )
    schema.prepare(old)
    return old


def _only_to(revision: str, upgrade: Callable[[Config, str], None], config: Config, _: str) -> None:
    upgrade(config, revision)
