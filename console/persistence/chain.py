"""Chain: each journal row carries the hash of the row before, so that no row can be changed or taken out unseen.

The last hash kept outside the database (a heads file, the handover sheet) also shows a tail that was cut off.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from console.persistence.codec import decode_value, encode
from console.persistence.columns import to_epoch_ms

ALGORITHM = "sha256"
GENESIS = hashlib.sha256(b"110 console journal").hexdigest()
"""What stands for the hash before the first row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the journal as it is stored; `body` is the canonical JSON text of the fact."""

    seq: int
    at: datetime
    actor: str
    seat: str
    act_id: str
    name: str
    version: int
    incident: str
    body: str
    prev_hash: str = ""
    hash: str = ""
    algo: str = ALGORITHM


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last row: its number, hash and stamp. An empty journal has number 0, the genesis hash and no stamp."""

    seq: int = 0
    hash: str = GENESIS
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first row that is wrong, and why."""

    seq: int
    why: str


def digest(entry: Entry, seq: int, prev_hash: str) -> str:
    """The hash over everything the row says, the former hash and the algorithm's name (lower-case hex)."""
    said = (
        seq,
        to_epoch_ms(entry.at),
        entry.actor,
        entry.seat,
        entry.act_id,
        entry.incident,
        entry.name,
        entry.version,
        entry.body,
        prev_hash,
        entry.algo,
    )
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def link(entry: Entry, head: Head) -> Entry:
    """The entry numbered and chained behind the head."""
    seq = head.seq + 1
    return replace(entry, seq=seq, prev_hash=head.hash, hash=digest(entry, seq, head.hash))


def head_of(entry: Entry) -> Head:
    """The head after this entry was appended."""
    return Head(seq=entry.seq, hash=entry.hash, at=entry.at)


def _wrong(entry: Entry, before: Head) -> str:
    """Why this row does not follow on the one before; '' if it does."""
    if entry.seq != before.seq + 1:
        return f"第 {before.seq + 1} 条缺失"
    if entry.prev_hash != before.hash:
        return "与前一条的哈希不相接"
    if entry.algo != ALGORITHM:
        return f"未知的哈希算法 {entry.algo}"
    if entry.hash != digest(entry, entry.seq, entry.prev_hash):
        return "内容被改动，哈希不符"
    if before.at is not None and entry.at < before.at:
        return "时间早于前一条"
    return ""


def verify(rows: Iterable[Entry], kept: Iterable[Head] = (), named: int = 0) -> Finding | None:
    """The first bad row of the journal, or None.

    `kept` are heads written down outside the database: each must still stand where it stood, and none may
    lie beyond the end. `named` is the highest number that other tables speak of.
    """
    outside = {head.seq: head.hash for head in kept}
    before = Head()
    for entry in rows:
        why = _wrong(entry, before)
        if not why and outside.get(entry.seq, entry.hash) != entry.hash:
            why = "与库外留存的链头不符，日志被整段改写"
        if why:
            return Finding(seq=min(entry.seq, before.seq + 1), why=why)
        before = head_of(entry)
    last = max(named, *outside) if outside else named
    if last > before.seq:
        return Finding(seq=before.seq + 1, why=f"日志尾部被截断：曾有第 {last} 条")
    return None


def keep_head(file: Path, head: Head) -> None:
    """Write the head down at the end of a heads file, fsynced (one JSON object a line)."""
    with file.open("a", encoding="utf-8") as out:
        out.write(encode(head) + "\n")
        out.flush()
        os.fsync(out.fileno())


def kept_heads(file: Path) -> list[Head]:
    """The heads of a heads file; none if there is no file. A last line torn by a crash is passed over."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [decode_value(Head, line) for line in lines if line.endswith("\n") and line.strip()]
