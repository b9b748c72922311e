"""spool: what this machine keeps for the journal: what waits, what was refused, and what a person decides on that.

The journal refuses a spooled act when the world has moved on meanwhile (a clash). A person looks at it and
tries it again, or takes it away with a reason, which the journal keeps together with the act.
"""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from console.cli.terminal import act_of
from console.cli.words import GOOD, WRONG_USE, Subparsers, add_command, add_database, add_json, say, settings_of, show
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.errors import EnvironmentFault, UserError
from console.persistence.journal import Journal
from console.persistence.spool import Spool, SpoolRow
from console.services.acts import ACTS
from console.services.unloading import Delivery
from console.settings import Settings
from console.station import database_url, spool_file

COLUMNS = ("id", "state", "at", "actor", "name", "incident", "why")


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    about = "本机暂存：列出待补传和与日志冲突的操作；重试一项冲突，或写明理由移除"
    parser = add_command(subparsers, "spool", run, about)
    add_database(parser)
    parser.add_argument("--spool", type=Path, metavar="FILE", help="本机暂存文件（默认在用户数据文件夹）")
    add_json(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="移除的理由，记入日志")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--retry", metavar="ID", help="再试一次这项冲突")
    chosen.add_argument("--remove", metavar="ID", help="移除这项冲突（须有 --reason）")


def run(options: argparse.Namespace) -> int:
    """List, or settle one clash. Exit 1 if the journal refuses again, or if there is no such clash."""
    if options.remove and not options.reason.strip():
        say("移除须写明理由：--reason TEXT")
        return WRONG_USE
    settings = settings_of(options)
    if options.spool:
        settings = settings.model_copy(update={"spool": options.spool})
    url = database_url(settings, options.db)
    with _opened(spool_file(settings, url)) as spool:
        if options.retry:
            _retry(_clash(spool, options.retry), spool, settings, url)
        elif options.remove:
            _remove(_clash(spool, options.remove), spool, settings, url, options.reason.strip())
        else:
            return show(_listed(spool), as_json=options.json, columns=COLUMNS)
    return GOOD


@contextmanager
def _opened(file: Path) -> Iterator[Spool]:
    """The spool as it is; looking at it makes no file."""
    if not file.exists():
        raise UserError(f"没有本机暂存文件：{file}")
    with closing(Spool.open(file, system_clock)) as spool:
        yield spool


def _listed(spool: Spool) -> Iterator[dict[str, Any]]:
    for row in (*spool.pending(), *spool.clashes()):
        act = row.act
        told = {"id": act.act_id, "state": "冲突" if row.why else "待补传", "why": row.why, "name": act.name}
        yield {**told, "at": row.at, "actor": act.actor, "incident": act.args.get("incident", ""), "args": act.args}


def _clash(spool: Spool, act_id: str) -> SpoolRow:
    for row in spool.clashes():
        if row.act.act_id == act_id:
            return row
    raise UserError(f"本机暂存里没有这项冲突：{act_id}")


def _retry(row: SpoolRow, spool: Spool, settings: Settings, url: str) -> None:
    with closing(Journal.open(url, ACTS, system_clock, settings.number_prefix)) as journal:
        try:
            asyncio.run(spool.retry(row, Delivery(journal)))
        except (UserError, EnvironmentFault):
            raise
        except Exception as bug:
            raise UserError(f"仍不能补传，程序出错：{bug!r}") from bug
    say("已补传")


def _remove(row: SpoolRow, spool: Spool, settings: Settings, url: str, reason: str) -> None:
    told = {"name": row.act.name, "args": dict(row.act.args), "why": row.why, "reason": reason}
    # Once in effect, should this program die before the row is gone.
    act = act_of("spool.discard", told, Role.SYSTEM, f"{row.act.act_id}/discarded")
    with closing(Journal.open(url, ACTS, system_clock, settings.number_prefix)) as journal:
        journal.commit_blocking(act)
    spool.remove(row.act.act_id)
    say("已移除，理由和原内容已记入日志")
