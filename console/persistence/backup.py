"""Backup: one moment of a whole database in one file, whatever database it comes from, and the way back.

The file is a SQLite database of the same tables, so that it can be looked into, checked and put to work anywhere.
It says itself what ought to be in it (`Manifest`). It holds the password hashes, because a centre that has lost its
server needs them: only its owner may read it. A copy that leaves the house is made without them.
"""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from console.domain.clock import Clock, system_clock
from console.domain.errors import UserError
from console.persistence import store
from console.persistence.base import Base, table
from console.persistence.codec import decode_value, encode
from console.persistence.copying import PASSING, Copying, Progress, Told, counts, nobody
from console.persistence.dialect import (
    SIDE_FILES,
    copy_slowly,
    fold_in,
    glance,
    is_server,
    locate,
    make_room,
    reading_engine,
    search,
    side_engine,
    told_plainly,
    upkeep,
    url_of,
    writing_engine,
)
from console.persistence.schema import NEWEST, migrate, prepare, require_current
from console.persistence.tables import PropertyRow, SecretRow
from console.persistence.transaction import read_head

PROPERTIES = table(PropertyRow)
MANIFEST = "backup"
"""The property that holds the manifest; only a backup has it."""
SECRETS = frozenset({SecretRow.__tablename__})
PATIENCE_S = 120.0
"""How long counting the rows of one table may take on a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup ought to hold: the journal's last number and hash, and the rows of every table."""

    made_at: datetime
    program: str
    source: str
    revision: str
    seq: int
    hash: str
    rows: Mapping[str, int]
    secrets: bool


def _program() -> str:
    try:
        return version("console110")
    except PackageNotFoundError:
        return ""


# -- making one --------------------------------------------------------------------------------------------


def backup(url: str, file: Path, told: Told = nobody, *, secrets: bool = True, clock: Clock = system_clock) -> Manifest:
    """Copy the database while it is in use, to a file that is not there yet; complete or not at all.

    Others write on meanwhile; what they write is not in it. UserError (a file in the way, no folder, an old
    database) and JournalUnavailable (source or disk failed).
    """
    _require_free(file)
    with glance(url) as connection:
        require_current(connection)
    part = file.with_name(f"{file.name}.part")
    try:
        with told_plainly():
            # Made before anything is in it, so that nobody else can read it at any moment.
            os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            if is_server(url):
                _copy_from_server(url, part, told, SECRETS if not secrets else frozenset())
            else:
                copy_slowly(locate(url), part, lambda left, total: told(_pages(left, total)))
            made = _finish(part, "postgresql" if is_server(url) else "sqlite", secrets, clock)
            _fsync(part)
            part.replace(file)
            return made
    finally:
        for suffix in SIDE_FILES:
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def _require_free(file: Path) -> None:
    if file.exists():
        raise UserError(f"文件已存在，不会覆盖：{file}")
    if not file.parent.is_dir():
        raise UserError(f"没有这个文件夹：{file.parent}")


def _pages(left: int, total: int) -> Progress:
    return Progress(done=total - left, total=total, unit="pages")


def _copy_from_server(url: str, part: Path, told: Told, without: frozenset[str]) -> None:
    prepare(url_of(part))
    reading, writing = reading_engine(url, PATIENCE_S), writing_engine(url_of(part))
    try:
        with reading.begin() as source, writing.begin() as target:
            make_room(target)
            Copying(source, target, counts(source), told).run(without)
    finally:
        reading.dispose()
        writing.dispose()


def _finish(part: Path, source: str, secrets: bool, clock: Clock) -> Manifest:
    """Take out what does not belong into a backup, write down what is in it, and bring it all into the one file."""
    engine = writing_engine(url_of(part))
    with engine.begin() as connection:
        for name in PASSING if secrets else PASSING | SECRETS:
            connection.execute(delete(Base.metadata.tables[name]))
        connection.execute(delete(PROPERTIES).where(PROPERTIES.c.name == MANIFEST))
        head = read_head(connection)
        made = Manifest(
            made_at=clock(),
            program=_program(),
            source=source,
            revision=NEWEST,
            seq=head.seq,
            hash=head.hash,
            rows=_rows(connection),
            secrets=secrets,
        )
        connection.execute(insert(PROPERTIES), {"name": MANIFEST, "value": encode(made)})
    engine.dispose()
    with closing(sqlite3.connect(part, isolation_level=None)) as plain:
        if not secrets:
            # What was deleted would still lie in the free pages.
            plain.execute("VACUUM").close()
        plain.execute("PRAGMA journal_mode=DELETE").close()
    return made


def _rows(connection: Connection) -> Mapping[str, int]:
    """The rows of every table but the one that holds the manifest itself."""
    return {name: rows for name, rows in counts(connection).items() if name != PROPERTIES.name}


def _fsync(file: Path) -> None:
    with file.open("rb+") as written:
        os.fsync(written.fileno())


# -- looking at one ----------------------------------------------------------------------------------------


def read_manifest(connection: Connection) -> Manifest | None:
    """What the backup says of itself; None for one made before backups said so."""
    said = connection.execute(select(PROPERTIES.c.value).where(PROPERTIES.c.name == MANIFEST)).scalar()
    return None if said is None else decode_value(Manifest, said)


def faults(connection: Connection, made: Manifest) -> list[str]:
    """Where a database differs from the manifest of the backup it is, or was made from; in words."""
    present, head = _rows(connection), read_head(connection)
    found = [
        f"表 {name} 应有 {rows} 行，实有 {present.get(name, 0)} 行"
        for name, rows in made.rows.items()
        if present.get(name, 0) != rows
    ]
    if (head.seq, head.hash) != (made.seq, made.hash):
        found.append(f"日志应到第 {made.seq} 条，实到第 {head.seq} 条，或链头不符")
    return found


def verified(file: Path) -> Manifest | None:
    """A backup that was looked through: file, chain, rows. UserError for one that must not be restored."""
    if not file.exists():
        raise UserError(f"没有这个备份文件：{file}")
    findings = store.check(url_of(file))
    with glance(url_of(file)) as connection:
        made = read_manifest(connection)
        findings += faults(connection, made) if made is not None and not findings else []
    if findings:
        raise UserError(f"备份不完整，未恢复：{findings[0]}")
    return made


# -- the way back ------------------------------------------------------------------------------------------


def restore(url: str, file: Path, told: Told = nobody, *, clock: Clock = system_clock) -> str:
    """Put a good backup in the place of the database; nobody may have it open. Answers where the old one is kept.

    '' if there was none. A file's old database is kept beside it with its heads: they speak of rows that the
    backup does not have; a server's in a schema of its own, `before_restore_<time>`.
    """
    made = verified(file)
    if is_server(url):
        return _into_server(url, file, made, told, f"before_restore_{clock():%Y%m%d_%H%M%S}")
    return _into_file(locate(url), file, told)


def _into_file(target: Path, file: Path, told: Told) -> str:
    part = target.with_name(f"{target.name}.part")
    try:
        with told_plainly():
            copy_slowly(file.absolute(), part, lambda left, total: told(_pages(left, total)))
            with closing(sqlite3.connect(part)) as plain, plain:
                plain.execute("DELETE FROM properties WHERE name = ?", (MANIFEST,)).close()
            aside = _set_aside(target) if target.exists() else ""
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return aside


def _set_aside(target: Path) -> str:
    """Rename the database; UserError while another program has it open."""
    fold_in(target)
    for suffix in (*SIDE_FILES, ".heads.jsonl"):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.replace(target.with_name(f"{target.name}.before-restore{suffix}"))
    return f"{target}.before-restore"


def _into_server(url: str, file: Path, made: Manifest | None, told: Told, aside: str) -> str:
    """All in one transaction: whoever asks meanwhile waits, and then finds the old tables or the new, never both."""
    engine = side_engine(url)
    try:
        with told_plainly(), engine.begin() as target, glance(url_of(file)) as source:
            make_room(target)
            moved = _make_way(target, aside)
            migrate(target)
            with search.unindexed(target):
                Copying(source, target, counts(source), told, pause_s=0).run()
            target.execute(delete(PROPERTIES).where(PROPERTIES.c.name == MANIFEST))
            upkeep.count_on(target)
            differences = faults(target, made) if made is not None else []
            if differences:
                raise UserError(f"恢复后与备份不符，已全部撤销：{differences[0]}")
    finally:
        engine.dispose()
    return aside if moved else ""


def _make_way(connection: Connection, aside: str) -> bool:
    """Move the old tables away, if there are any; UserError while another program is connected."""
    if upkeep.is_empty(connection):
        return False
    others = upkeep.other_sessions(connection)
    if others:
        raise UserError(f"数据库正在使用：先关闭所有接警台和收信服务。还连着：{'、'.join(others)}")
    upkeep.set_aside(connection, aside)
    return True
