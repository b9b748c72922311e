"""Chain: each journal row carries the hash of the row before, so that no row can be changed or taken out unseen.

The last hash kept outside the database (a heads file, the handover sheet) also shows a tail that was cut off.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import IO

from console.domain.facts import Fact
from console.persistence.codec import decode_value, encode
from console.persistence.columns import to_epoch_ms

log = logging.getLogger(__name__)

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
    prev_hash: str
    algo: str
    hash: str


_SAID = attrgetter(*Entry.__slots__[:-1])


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


def _digest(seq: int, at: datetime, *said: str | int) -> str:
    """The hash over everything a row says but its hash, in the order of `Entry` (lower-case hex)."""
    row = json.dumps((seq, to_epoch_ms(at), *said), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(row.encode()).hexdigest()


def digest(entry: Entry) -> str:
    """The hash the entry ought to have."""
    return _digest(*_SAID(entry))


def link(fact: Fact, body: str, head: Head) -> Entry:
    """The journal's row of a fact, numbered and chained behind the head; `body` is its canonical text."""
    seq, name, version, incident = head.seq + 1, fact.name, fact.body.VERSION, fact.body.incident
    by = (fact.actor, fact.seat, fact.act_id)
    return Entry(
        seq=seq,
        at=fact.at,
        actor=fact.actor,
        seat=fact.seat,
        act_id=fact.act_id,
        name=name,
        version=version,
        incident=incident,
        body=body,
        prev_hash=head.hash,
        algo=ALGORITHM,
        hash=_digest(seq, fact.at, *by, name, version, incident, body, head.hash, ALGORITHM),
    )


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
    if entry.hash != digest(entry):
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
    with file.open("a+b") as out:
        # What a crash left half-written ends here, so that it cannot spoil this line too.
        begin = b"\n" if _ends_torn(out) else b""
        out.write(begin + encode(head).encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())


def _ends_torn(file: IO[bytes]) -> bool:
    size = file.seek(0, os.SEEK_END)
    if not size:
        return False
    file.seek(size - 1)
    return file.read(1) != b"\n"


def kept_heads(file: Path) -> list[Head]:
    """The heads of a heads file; none if there is no file.

    A line that cannot be read (torn by a crash, or tampered with) is passed over with a warning in the log: the
    others still bear witness. A torn last line is not even worth that.
    """
    if not file.exists():
        return []
    heads: list[Head] = []
    *lines, _ = file.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            heads.append(decode_value(Head, line.decode()))
        except ValueError:
            log.warning("链头文件 %s 第 %d 行读不出来，已跳过", file, number)
    return heads
