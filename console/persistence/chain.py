"""Chain: each journal row carries the hash of the row before, so that no row can be changed or taken out unseen.

The last hash kept outside the database (a heads file, the handover sheet) also shows a tail that was cut off.
A row's hash covers not its body but the body's own hash, salted by chance: a row can be shown to a third party
with its personal data masked and still be proven to stand in the chain, and nobody can guess the masked digits
by trying them all against the hash.
"""

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.persistence.codec import decode_value, encode
from console.persistence.columns import to_epoch_ms

log = logging.getLogger(__name__)

SHA256, SM3 = "sha256/2", "sm3/2"
"""The algorithms a journal may be begun with: the hash function (SM3: GB/T 32905) and the form of what it covers."""

FIRST_FORM = "sha256"
"""How rows were hashed before bodies had a hash of their own; read and verified, never written again."""

ALGORITHMS = (SHA256, SM3, FIRST_FORM)
SALT_BYTES = 16


def _function(algo: str) -> str:
    """The hash function's name within an algorithm's."""
    return algo.partition("/")[0]


@cache
def hasher(algo: str) -> Callable[[bytes], Any]:
    """The hash function of an algorithm; JournalUnavailable where this machine's OpenSSL lacks it."""
    if algo != SM3:
        return hashlib.sha256
    try:
        hashlib.new("sm3")
    except ValueError:
        what = "本机的 OpenSSL 不提供国密 SM3，不能读写以 SM3 建立的日志"
        raise JournalUnavailable(what, "换用带 SM3 的 OpenSSL（1.1.1 及以上），或在别的机器上运行") from None
    return lambda data: hashlib.new("sm3", data)


def _hash(algo: str, text: str) -> str:
    return str(hasher(algo)(text.encode()).hexdigest())


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
    salt: str
    prev_hash: str
    algo: str
    hash: str


_ROW = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Made once: making one takes as long as using it."""
_BEFORE_BODY = attrgetter("actor", "seat", "act_id", "name", "version", "incident")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last row: its number, hash, stamp and algorithm. An empty journal: number 0, the genesis hash, no stamp."""

    seq: int = 0
    hash: str = _hash(SHA256, "110 console journal")
    at: datetime | None = None
    algo: str = SHA256


def genesis(algo: str) -> Head:
    """What stands before the first row of a journal that is begun with this algorithm."""
    return Head(hash=_hash(algo, "110 console journal"), algo=algo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first row that is wrong, and why."""

    seq: int
    why: str


def body_hash(algo: str, salt: str, body: str) -> str:
    """What stands for the body in a row's hash; in the first form that is the body itself."""
    return body if algo == FIRST_FORM else _hash(algo, salt + body)


def _digest(seq: int, at: datetime, *said: str | int, prev_hash: str, algo: str) -> str:
    """The hash over everything a row says but its hash, in the order of `Entry` (lower-case hex)."""
    return _hash(algo, _ROW.encode((seq, to_epoch_ms(at), *said, prev_hash, algo)))


def digest(entry: Entry) -> str:
    """The hash the entry ought to have."""
    covered = body_hash(entry.algo, entry.salt, entry.body)
    return _digest(entry.seq, entry.at, *_BEFORE_BODY(entry), covered, prev_hash=entry.prev_hash, algo=entry.algo)


def link(fact: Fact, body: str, head: Head, salt: str = "") -> Entry:
    """The journal's row of a fact, numbered and chained behind the head; `body` is its canonical text.

    The salt is drawn unless one is given. JournalUnavailable where this machine cannot compute the hash.
    """
    algo = SHA256 if head.algo == FIRST_FORM else head.algo
    salt = salt or secrets.token_hex(SALT_BYTES)
    seq, name, version, incident = head.seq + 1, fact.name, fact.body.VERSION, fact.body.incident
    said = (fact.actor, fact.seat, fact.act_id, name, version, incident, body_hash(algo, salt, body))
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
        salt=salt,
        prev_hash=head.hash,
        algo=algo,
        hash=_digest(seq, fact.at, *said, prev_hash=head.hash, algo=algo),
    )


def head_of(entry: Entry) -> Head:
    """The head after this entry was appended."""
    return Head(seq=entry.seq, hash=entry.hash, at=entry.at, algo=entry.algo)


_REWRITTEN = "与库外留存的链头不符，日志被整段改写"


def _wrong_algorithm(entry: Entry, before: Head) -> str:
    """A journal keeps its hash function; its form only ever gets newer."""
    if entry.algo not in ALGORITHMS:
        return f"未知的哈希算法 {entry.algo}"
    older = before.seq > 0 and entry.algo < before.algo
    return "哈希算法与前面不同" if older or _function(entry.algo) != _function(before.algo) else ""


def _wrong(entry: Entry, before: Head) -> str:
    """Why this row does not follow on the one before; '' if it does."""
    if entry.seq != before.seq + 1:
        return f"第 {before.seq + 1} 条缺失"
    if entry.prev_hash != before.hash:
        return "与前一条的哈希不相接"
    if why := _wrong_algorithm(entry, before):
        return why
    if entry.hash != digest(entry):
        return "内容被改动，哈希不符"
    if before.at is not None and entry.at < before.at:
        return "时间早于前一条"
    return ""


def verify(rows: Iterable[Entry], begin: Head, kept: Iterable[Head] = (), named: int = 0) -> Finding | None:
    """The first bad row of those after `begin`, or None.

    `begin` is the genesis, or a head that is known to be good. `kept` are heads written down outside the database:
    each must still stand where it stood, and none may lie beyond the end. `named` is the highest number that other
    tables speak of.
    """
    outside = {head.seq: head.hash for head in kept}
    before = begin
    if outside.get(begin.seq, begin.hash) != begin.hash:
        return Finding(seq=begin.seq, why=_REWRITTEN)
    for entry in rows:
        why = _wrong(entry, before)
        if not why and outside.get(entry.seq, entry.hash) != entry.hash:
            why = _REWRITTEN
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
