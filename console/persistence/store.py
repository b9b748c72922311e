"""Store: what a technician does with the database as a whole: make, upgrade, check, back up, restore."""

from pathlib import Path

from console.domain.errors import UserError
from console.persistence import records
from console.persistence.chain import Finding, Head, keep_head, kept_heads
from console.persistence.chain import verify as verify_chain
from console.persistence.dialect import (
    SIDE_FILES,
    copy_slowly,
    fold_in,
    glance,
    integrity,
    locate,
    told_plainly,
    url_of,
)
from console.persistence.schema import prepare, require_current
from console.persistence.transaction import read_genesis, read_head


def init(url: str) -> None:
    """Create the database, or upgrade it. UserError if the file is newer or not ours."""
    prepare(url)


upgrade = init


def heads_file(url: str) -> Path:
    """Where the heads are kept unless another place is named: beside the database."""
    file = locate(url)
    return file.with_name(f"{file.name}.heads.jsonl")


def note_head(url: str, heads: Path | None = None) -> Head:
    """Write the journal's head down outside the database, so that a cut-off tail can be found."""
    with glance(url) as connection:
        head = read_head(connection)
    if head.seq:
        keep_head(heads or heads_file(url), head)
    return head


def verify(url: str, heads: Path | None = None) -> Finding | None:
    """The first bad row of the journal, judged by its own chain and the heads kept outside; None if all is well."""
    with glance(url) as connection:
        require_current(connection)
        kept = kept_heads(heads or heads_file(url))
        return verify_chain(
            records.all_entries(connection), read_genesis(connection), kept, records.last_named(connection)
        )


def check(url: str) -> list[str]:
    """What is wrong with the file and with the chain, in words; nothing if all is well."""
    with glance(url) as connection:
        require_current(connection)
        findings = [f"数据库文件：{line}" for line in integrity(connection)]
    broken = verify(url)
    return [*findings, *([f"日志第 {broken.seq} 条：{broken.why}"] if broken else [])]


def backup(url: str, file: Path) -> None:
    """Copy the database while it is in use, to a file that is not there yet; complete or not at all."""
    if file.exists():
        raise UserError(f"文件已存在，不会覆盖：{file}")
    if not file.parent.is_dir():
        raise UserError(f"没有这个文件夹：{file.parent}")
    with glance(url) as connection:
        require_current(connection)
    part = file.with_name(f"{file.name}.part")
    try:
        with told_plainly():
            copy_slowly(locate(url), part)
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def restore(url: str, file: Path) -> None:
    """Put a good backup in the place of the database; nobody may have it open.

    The old one is kept beside it, with its heads: they speak of rows that the backup does not have.
    """
    findings = check(url_of(file))
    if findings:
        raise UserError(f"备份不完整，未恢复：{findings[0]}")
    target = locate(url)
    part = target.with_name(f"{target.name}.part")
    with told_plainly():
        copy_slowly(file.absolute(), part)
        if target.exists():
            _set_aside(target)
        part.replace(target)


def _set_aside(target: Path) -> None:
    """Rename the database; UserError while another program has it open."""
    fold_in(target)
    for suffix in (*SIDE_FILES, ".heads.jsonl"):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.replace(target.with_name(f"{target.name}.before-restore{suffix}"))
