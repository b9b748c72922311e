"""journal: the journal as it is stored, the check of its chain, and a piece of it for a third party."""

import argparse
import json
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from console.cli.recording import ask, granted, record
from console.cli.terminal import add_proof
from console.cli.words import (
    FAILED,
    GOOD,
    Subparsers,
    add_command,
    add_database,
    add_json,
    begin_of,
    end_of,
    say,
    settings_of,
    show,
)
from console.domain.account import Account, Role
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.secrecy import is_secret
from console.persistence import store
from console.persistence.export import Extract, Span, export
from console.persistence.queries import Queries
from console.persistence.retention import every
from console.services.masking import masked_body
from console.station import database_url, heads_file
from resources import ROOT

CHECKER = "verify_export.py"


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "journal", run, "日志；verify 核对哈希链，export 导出一段并附证明")
    add_database(parser)
    add_json(parser)
    parser.add_argument("action", nargs="?", choices=["verify", "export"])
    parser.add_argument("--since", type=int, default=0, metavar="SEQ", help="只列日志号在此之后的")
    parser.add_argument("--heads", type=Path, metavar="FILE", help="核对时用这份库外留存的链头")
    parser.add_argument("--from", dest="begin", type=begin_of, metavar="T", help="导出的起时，如 2026-11-21T08:00")
    parser.add_argument("--to", dest="end", type=end_of, metavar="T", help="导出的止时（只写日期则含当日）")
    parser.add_argument("--out", type=Path, metavar="FILE", help="导出到这个文件，同一文件夹里附核对程序")
    parser.add_argument("--reveal", metavar="REASON", help="不遮蔽个人信息，须写明理由并经两人批准")
    add_proof(parser)


def run(options: argparse.Namespace) -> int:
    """List, verify or export."""
    settings = settings_of(options)
    url = database_url(settings, options.db)
    if options.action == "verify":
        return _verify(url, options.heads or heads_file(settings, url), as_json=options.json)
    if options.action == "export":
        return _export(url, heads_file(settings, url), options)
    with closing(Queries(url)) as queries:
        rows = [_slots(entry) for entry in queries.journal_rows(since=options.since)]
    if every(url, Account):
        rows = list(_outside(rows, {row.number for row in every(url, Incident) if is_secret(row)}))
    return show(rows, as_json=options.json, columns=("seq", "at", "actor", "seat", "name", "incident", "body"))


def _slots(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in type(entry).__slots__} | {"body": json.loads(entry.body)}


def _outside(rows: Iterable[dict[str, Any]], secret: Collection[str]) -> Iterator[dict[str, Any]]:
    """The rows as they are shown where nobody has signed on: persons masked, what is secret withheld."""
    for row in rows:
        yield {**row, "body": {"withheld": True} if row["incident"] in secret else masked_body(row["body"])[0]}


def _verify(url: str, heads: Path, *, as_json: bool) -> int:
    finding = store.verify(url, heads)
    if finding is None:
        return show([{"result": "good"}] if as_json else [{"result": "日志完整，哈希链无误"}], as_json=as_json)
    if as_json:
        show([{"result": "broken", "seq": finding.seq, "why": finding.why}], as_json=True)
    say(f"日志第 {finding.seq} 行有误：{finding.why}")
    return FAILED


def _export(url: str, heads: Path, options: argparse.Namespace) -> int:
    if options.begin is None or options.end is None or options.out is None:
        raise UserError("导出须写明 --from、--to 和 --out")
    if options.begin >= options.end:
        raise UserError("导出的止时须晚于起时")
    if options.reveal is not None and options.end > system_clock():
        # What is granted must be what is exported: the journal grows with the very request.
        raise UserError("未遮蔽的导出只能到已经过去的时刻：请用 --to 写明，例如 2026-11-21T08:00")
    out: Path = options.out
    if out.exists():
        raise UserError(f"文件已存在，不会覆盖：{out}")
    if not out.parent.is_dir():
        raise UserError(f"没有这个文件夹：{out.parent}")
    part = out.with_name(f"{out.name}.part")
    try:
        # What the journal ends with now bears witness to rows that no hourly head has reached yet.
        store.note_head(url, heads)
        made = _written(url, heads, part, options)
        if not _on_record(url, made, options):
            return GOOD
        shutil.copyfile(ROOT / CHECKER, out.with_name(CHECKER))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return _told(made, options)


def _written(url: str, heads: Path, part: Path, options: argparse.Namespace) -> Extract:
    mask = None if options.reveal is not None else lambda _, body: masked_body(body)
    return export(url, Span(since=options.begin, until=options.end), part, heads, mask, system_clock)


def _on_record(url: str, made: Extract, options: argparse.Namespace) -> bool:
    """Journal the export before anybody can have the file; False if a second person has to grant it first."""
    rows = made.last - made.first + 1
    args = {"what": "journal", "first": made.first, "last": made.last, "rows": rows, "file": options.out.name}
    if options.reveal is None:
        record(options, "audit.exported", args, Role.AUDIT)
        return True
    unmasked = {**args, "masked": False, "reason": options.reveal}
    if granted(url, "audit.exported", unmasked, system_clock()):
        return True
    ask(options, "audit.exported", unmasked, options.reveal, Role.AUDIT)
    say("没有导出：批准后 24 小时内再运行一次同样的命令即导出未遮蔽的")
    return False


def _told(made: Extract, options: argparse.Namespace) -> int:
    rows = made.last - made.first + 1
    if options.json:
        show([{"file": str(options.out), "first": made.first, "last": made.last, "rows": rows}], as_json=True)
    say(f"已导出日志第 {made.first}–{made.last} 条共 {rows} 条，其中 {made.masked} 条遮蔽了个人信息")
    say(f"核对：python3 {CHECKER} {options.out.name} [交接单上的链头]")
    return GOOD
