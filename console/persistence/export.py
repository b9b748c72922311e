"""Export: a span of the journal as a file that a third party can check without us (`resources/verify_export.py`).

One JSON object a line: a header, the rows of the span, and behind them, without their texts, the rows up to the next
head that was kept outside the database, so that the span hangs on something nobody could have rewritten. Personal data
is masked unless the caller says otherwise: a masked row keeps the hash of its text and gives up salt and text, so the
chain still closes and nobody can guess the masked digits.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, func, select

from console.domain.clock import Clock
from console.domain.errors import UserError
from console.persistence import records
from console.persistence.chain import FIRST_FORM, Entry, Head, body_hash, kept_heads
from console.persistence.codec import encode, to_iso
from console.persistence.columns import to_epoch_ms
from console.persistence.dialect import glance, told_plainly
from console.persistence.schema import require_current
from console.persistence.transaction import read_genesis

Mask = Callable[[str, Any], tuple[Any, Sequence[str]]]
"""(fact's name, body as JSON values) -> the body with its personal data masked, and which fields were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is exported: everything recorded from `since` up to before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What an export holds: rows `first` to `last`, `masked` of them masked, and the heads that bear witness."""

    first: int
    last: int
    masked: int
    heads: tuple[Head, ...]


def export(url: str, span: Span, out: Path, heads: Path, mask: Mask | None, clock: Clock) -> Extract:
    """Write the span to a new file that only its owner may read. `mask` None: everything as it is.

    UserError: nothing in the span, or rows that cannot be proven when masked.
    """
    with glance(url) as connection, told_plainly():
        require_current(connection)
        first, last = _range(connection, span)
        witnesses = _witnesses(kept_heads(heads), first, last)
        end = max([last, *(head.seq for head in witnesses)])
        with os.fdopen(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            previous = records.head_at(connection, first - 1) or read_genesis(connection)
            _write(file, _header(previous, first, last, end, witnesses, span, clock))
            masked = 0
            for entry in records.all_entries(connection, first - 1, end):
                shown = _row(entry, mask) if entry.seq <= last else _bare(entry)
                masked += "masked" in shown
                _write(file, shown)
            file.flush()
            os.fsync(file.fileno())
    return Extract(first=first, last=last, masked=masked, heads=witnesses)


def _write(file: IO[str], row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _range(connection: Connection, span: Span) -> tuple[int, int]:
    """The first and last row of the span; times never go back along the journal, so there are no gaps."""
    journal = records.JOURNAL.c
    within = (journal.at >= span.since, journal.at < span.until)
    first, last = connection.execute(select(func.min(journal.seq), func.max(journal.seq)).where(*within)).one()
    if first is None:
        raise UserError("这段时间没有日志")
    return first, last


def _witnesses(kept: Sequence[Head], first: int, last: int) -> tuple[Head, ...]:
    """The heads kept outside that speak of the span, and the first one behind it."""
    behind = [head.seq for head in kept if head.seq >= last]
    end = min(behind, default=last)
    return tuple(head for head in kept if first <= head.seq <= end)


def _header(
    previous: Head, first: int, last: int, end: int, witnesses: Sequence[Head], span: Span, clock: Clock
) -> dict[str, Any]:
    said = {
        "export": "110 console journal",
        "since": span.since,
        "until": span.until,
        "made_at": clock(),
        "algo": previous.algo,
        "previous": previous.hash,
        "first": first,
        "last": last,
        "rows": end - first + 1,
        "heads": [{"seq": head.seq, "hash": head.hash} for head in witnesses],
    }
    return {name: to_iso(value) if isinstance(value, datetime) else value for name, value in said.items()}


def _links(entry: Entry) -> dict[str, Any]:
    """What the row's hash covers, and the hash; nothing of the text."""
    said = {name: getattr(entry, name) for name in ("actor", "seat", "act_id", "name", "version", "incident")}
    covered = body_hash(entry.algo, entry.salt, entry.body)
    chained = {"body_hash": covered, "prev_hash": entry.prev_hash, "algo": entry.algo, "hash": entry.hash}
    at = {"seq": entry.seq, "at": to_iso(entry.at), "at_ms": to_epoch_ms(entry.at)}
    return {**at, **said, **chained}


def _bare(entry: Entry) -> dict[str, Any]:
    """A row that keeps its text to itself; UserError for one of the first form, whose hash covers the text itself."""
    if entry.algo == FIRST_FORM:
        raise UserError(f"第 {entry.seq} 条由旧版本写入，遮蔽后无法证明；请只导出其后的时间段")
    return _links(entry)


def _row(entry: Entry, mask: Mask | None) -> dict[str, Any]:
    shown, fields = mask(entry.name, json.loads(entry.body)) if mask is not None else (None, ())
    if fields:
        return {**_bare(entry), "masked": list(fields), "body": encode(shown)}
    return {**_links(entry), "salt": entry.salt, "body": entry.body}
