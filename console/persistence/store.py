"""Store: what a technician does with the database as a whole: make, upgrade, check, verify. See also `backup`."""

from pathlib import Path

from console.domain.errors import UserError
from console.persistence import records
from console.persistence.chain import Finding, Head, genesis, hasher, keep_head, kept_heads
from console.persistence.chain import verify as verify_chain
from console.persistence.dialect import glance, integrity, is_server, locate, told_plainly, upsert, writing_engine
from console.persistence.schema import prepare, require_current
from console.persistence.tables import PropertyRow, table
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


def heads_file(url: str) -> Path:
    """Where the heads of a database in a file are kept unless another place is named: beside it."""
    file = locate(url)
    return file.with_name(f"{file.name}.heads.jsonl")


def _kept(url: str, heads: Path | None) -> list[Head]:
    place = heads or (None if is_server(url) else heads_file(url))
    return [] if place is None else kept_heads(place)


def note_head(url: str, heads: Path | None = None) -> Head:
    """Write the journal's head down outside the database, so that a cut-off tail can be found.

    `heads` is needed for a database on a server: beside it there is nothing.
    """
    with glance(url) as connection:
        head = read_head(connection)
    if head.seq:
        keep_head(heads or heads_file(url), head)
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


def check(url: str, heads: Path | None = None, upto: int | None = None) -> list[str]:
    """What is wrong with the file and with the chain, in words; nothing if all is well. `upto`: see `verify`."""
    with glance(url) as connection:
        require_current(connection)
        findings = [f"数据库：{line}" for line in integrity(connection)]
    broken = verify(url, heads, upto)
    return [*findings, *([f"日志第 {broken.seq} 条：{broken.why}"] if broken else [])]
