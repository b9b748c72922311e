"""What is kept and what may go: hold (place, lift, list), and db purge.

A purge and the lifting of a hold take two persons: the command asks, another person grants at a seat. For a purge the
same command then carries out what was granted; lifting happens with the grant.
"""

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from console.cli.recording import ask, granted, record
from console.cli.terminal import add_proof
from console.cli.words import (
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
from console.domain.account import Role
from console.domain.approval import Hold
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.persistence import retention
from console.persistence.columns import from_epoch_ms
from console.persistence.retention import Held
from console.station import database_url

SLIP = "派单-"
"""How the names of slips begin, each of one incident; what else is printed may be about any."""

COLUMNS = ("id", "stands", "incident", "since", "until", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at")


def add_hold(subparsers: Subparsers) -> None:
    """Declare `hold`."""
    parser = add_command(subparsers, "hold", _usage, "留存令：被留存的数据任何清除都不动")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    parser = add_command(actions, "place", _place, "下达留存令：一起警情，或一段时间")
    add_database(parser)
    parser.add_argument("--incident", default="", metavar="NUMBER")
    parser.add_argument("--from", dest="begin", type=begin_of, metavar="T")
    parser.add_argument("--to", dest="end", type=end_of, metavar="T")
    parser.add_argument("--reason", required=True, metavar="TEXT")
    parser = add_command(actions, "lift", _lift, "解除留存令（须双人审批）")
    add_database(parser)
    parser.add_argument("hold", metavar="ID")
    parser.add_argument("--reason", required=True, metavar="TEXT")
    add_proof(parser)
    parser = add_command(actions, "list", _list, "列出留存令")
    add_database(parser)
    add_json(parser)


def add_purge(actions: Subparsers) -> None:
    """Declare `db purge`."""
    parser = add_command(actions, "purge", _purge, "清除到期的定位轨迹和本机单据（须双人审批；日志和警情永不清除）")
    add_database(parser)
    parser.add_argument("--before", type=begin_of, metavar="DATE", help="清除此前的；默认按设置 retention_days")
    parser.add_argument("--reason", default="", metavar="TEXT", help="申请审批的理由")
    add_proof(parser)
    add_json(parser)


def _usage(_: argparse.Namespace) -> int:
    raise AssertionError("argparse requires an action")


# -- holds -------------------------------------------------------------------------------------------------


def _place(options: argparse.Namespace) -> int:
    args = {"incident": options.incident, "reason": options.reason}
    args |= {"since": options.begin.isoformat()} if options.begin else {}
    args |= {"until": options.end.isoformat()} if options.end else {}
    say(f"已下达留存令 {record(options, 'hold.place', args, Role.AUDIT)}")
    return GOOD


def _lift(options: argparse.Namespace) -> int:
    known = retention.every(database_url(settings_of(options), options.db), Hold)
    if not any(hold.id == options.hold and hold.stands for hold in known):
        raise UserError(f"没有这道有效的留存令：{options.hold}")
    ask(options, "hold.lift", {"hold": options.hold, "reason": options.reason}, options.reason, Role.AUDIT)
    return GOOD


def _list(options: argparse.Namespace) -> int:
    found = retention.every(database_url(settings_of(options), options.db), Hold)
    rows = ({name: getattr(hold, name) for name in COLUMNS} for hold in found)
    shown = (
        {**row, "stands": row["stands"] if options.json else "有效" if row["stands"] else "已解除"} for row in rows
    )
    return show(shown, as_json=options.json, columns=COLUMNS)


# -- the purge ---------------------------------------------------------------------------------------------


def _purge(options: argparse.Namespace) -> int:
    settings, now = settings_of(options), system_clock()
    url = database_url(settings, options.db)
    before = options.before or _midnight(now - timedelta(days=settings.retention_days))
    retention.require_old_enough(before, now)
    counted, held = retention.count(url, before), retention.holds(url)
    files = list(_old_files(settings.slips_folder, before))
    going = [file for file in files if not _is_held(file, held)]
    rows, kept = counted.rows + len(going), counted.kept + len(files) - len(going)
    args = {"what": "track, slips", "before": before.isoformat(), "rows": rows, "kept": kept}
    if not granted(url, "keeping.purged", args, now):
        return _ask(options, args)
    gone = retention.purge(url, before, now)
    for file in going:
        file.unlink()
    done = {**args, "rows": gone + len(going)}
    if options.json:
        show([{"result": "purged", **done}], as_json=True)
    say(f"已清除 {before:%Y-%m-%d} 以前的定位 {gone} 条、单据 {len(going)} 份；留存令保住 {kept} 条")
    return GOOD


def _ask(options: argparse.Namespace, args: Mapping[str, Any]) -> int:
    if not args["rows"]:
        say(f"没有可清除的；留存令保住 {args['kept']} 条")
        return GOOD
    say(f"将清除 {args['rows']} 条，留存令保住 {args['kept']} 条；还没有清除任何数据")
    if not options.reason.strip():
        raise UserError("清除须双人审批：请用 --reason 写明理由提出申请")
    ask(options, "keeping.purged", args, options.reason, Role.SYSTEM)
    say("批准后 24 小时内再运行一次同样的命令即清除；其间数据或留存令有变化须重新申请")
    return GOOD


def _midnight(at: datetime) -> datetime:
    return at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def _old_files(folder: Path, before: datetime) -> Iterator[Path]:
    """Slips and sheets on this machine, by the time they were made."""
    for file in sorted(folder.glob("*.pdf")):
        if _made(file) < before:
            yield file


def _made(file: Path) -> datetime:
    return from_epoch_ms(int(file.stat().st_mtime * 1000))


def _is_held(file: Path, held: list[Held]) -> bool:
    """A slip of a held incident, a sheet that may list it, or anything made in a held span."""
    return any(
        any(name in file.name for name in span.names)
        or ((not span.names or not file.name.startswith(SLIP)) and span.covers(_made(file)))
        for span in held
    )
