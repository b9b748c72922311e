"""Store: what a technician does with the database as a whole: make, upgrade, check, verify. See also `backup`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select

from console.domain.errors import EnvironmentFault, UserError
from console.domain.facts import Fact, JournalVerified
from console.persistence import records
from console.persistence.base import table
from console.persistence.chain import Entry, Finding, Head, genesis, hasher, keep_head, kept_heads
from console.persistence.chain import verify as verify_chain
from console.persistence.dialect import (
    glance,
    integrity,
    is_server,
    locate,
    make_room,
    reading_engine,
    told_plainly,
    upsert,
    writing_engine,
)
from console.persistence.schema import prepare, require_current
from console.persistence.tables import PropertyRow
from console.persistence.terms import cut_anew
from console.persistence.transaction import HASH, read_genesis, read_head


def init(url: str, algo: str = "") -> None:
    """Create the database, or upgrade it; with `algo` the journal is begun with that hash algorithm.

    UserError if the file is newer or not ours, or if its journal has been begun with another algorithm;
    JournalUnavailable if this machine cannot compute that hash.
    """
    if algo:
        hasher(algo)
    prepare(url)
    if algo:
        _choose(url, algo)


def _choose(url: str, algo: str) -> None:
    engine = writing_engine(url)
    with told_plainly(), engine.begin() as connection:
        head = read_head(connection)
        if head.seq and genesis(head.algo) != genesis(algo):
            raise UserError("日志已有记录，不能再换哈希算法；需要另一种算法请新建数据库")
        choice = upsert(connection, table(PropertyRow), ("name", "value"))
        connection.execute(choice, {"name": HASH, "value": algo})
    engine.dispose()


upgrade = init


def reindex(url: str) -> int:
    """Cut the pieces every incident is found by anew, as the table of initials is today; answers of how many.

    Whoever writes meanwhile waits for it: a fraction of a millisecond an incident.
    """
    engine = writing_engine(url)
    try:
        with told_plainly(), engine.begin() as connection:
            make_room(connection)
            require_current(connection)
            return cut_anew(connection)
    finally:
        engine.dispose()


def heads_file(url: str) -> Path:
    """Where the heads of a database in a file are kept unless another place is named: beside it."""
    file = locate(url)
    return file.with_name(f"{file.name}.heads.jsonl")


def _kept(url: str, heads: Path | None) -> list[Head]:
    place = heads or (None if is_server(url) else heads_file(url))
    return [] if place is None else kept_heads(place)


def head(url: str) -> Head:
    """Where the journal ends. UserError and JournalUnavailable where it cannot be read."""
    with glance(url) as connection:
        require_current(connection)
        return read_head(connection)


def note_head(url: str, heads: Path | None = None) -> Head:
    """Write the journal's head down outside the database, so that a cut-off tail can be found.

    `heads` is needed for a database on a server: beside it there is nothing. EnvironmentFault if it cannot be written.
    """
    with glance(url) as connection:
        head = read_head(connection)
    if head.seq:
        place = heads or heads_file(url)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            keep_head(place, head)
        except OSError as problem:
            what = f"链头文件 {place} 写不进：{problem.strerror}"
            raise EnvironmentFault(what, "检查文件夹权限和磁盘空间") from problem
    return head


def verify(url: str, heads: Path | None = None, upto: int | None = None) -> Finding | None:
    """The first bad row of the journal, judged by its own chain and the heads kept outside; None if all is well.

    `upto`: heads kept of later rows say nothing (a backup that is looked through ends there).
    """
    with glance(url) as connection:
        require_current(connection)
        kept = [head for head in _kept(url, heads) if upto is None or head.seq <= upto]
        named = records.last_named(connection)
        return verify_chain(records.all_entries(connection), read_genesis(connection), kept, named)


def walk(url: str, heads: Path, since: int, rest: Callable[[], None]) -> tuple[int, Finding | None]:
    """Verify the rows after number `since`, beside desks at work; answers how far the journal is good, and what is not.

    Each chunk of rows is read in a transaction of its own, and `rest` is called after it. If row `since` is gone the
    walk begins at the first one.
    """
    engine = reading_engine(url)
    try:
        with told_plainly():
            with engine.begin() as connection:
                begin = records.head_at(connection, since) or read_genesis(connection)
                named = records.last_named(connection)
            good = [begin.seq]
            found = verify_chain(_walked(engine, begin.seq, rest, good), begin, _kept(url, heads), named)
            return (found.seq - 1 if found else good[-1]), found
    finally:
        engine.dispose()


def _walked(engine: Engine, since: int, rest: Callable[[], None], seen: list[int]) -> Iterator[Entry]:
    while True:
        with engine.begin() as connection:
            chunk = records.entries(connection, since, records.CHUNK)
        if not chunk:
            return
        yield from chunk
        since = chunk[-1].seq
        seen[0] = since
        rest()


def last_verdict(url: str, after: datetime) -> Fact | None:
    """The newest fact of the journal having been verified, recorded after that time."""
    with glance(url) as connection:
        journal = records.JOURNAL.c
        wanted = select(*records.COLUMNS).where(journal.name == JournalVerified.__name__, journal.at > after)
        row = connection.execute(wanted.order_by(journal.seq.desc()).limit(1)).first()
        return None if row is None else records.fact(records.entry(row))


def check(url: str, heads: Path | None = None, upto: int | None = None) -> list[str]:
    """What is wrong with the file and with the chain, in words; nothing if all is well. `upto`: see `verify`."""
    with glance(url) as connection:
        require_current(connection)
        findings = [f"数据库：{line}" for line in integrity(connection)]
    broken = verify(url, heads, upto)
    return [*findings, *([f"日志第 {broken.seq} 条：{broken.why}"] if broken else [])]
