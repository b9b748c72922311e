"""export: the register of sites as the table that `import sites` reads.

The columns with people in them are left out unless two persons stand behind it (`--reveal`); a table without them can
still be corrected and imported, for what a table does not have stays as it is on file.
"""

import argparse
import csv
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from console.cli.recording import ask, granted, record
from console.cli.terminal import add_proof
from console.cli.words import GOOD, Subparsers, add_command, add_database, say, url_of
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.site import Site
from console.persistence.retention import every
from console.services.site_table import LABELS, PERSONAL, cells_of


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "export", run, "导出点位登记表（CSV），可改后再导入")
    parser.add_argument("what", choices=("sites",))
    parser.add_argument("file", metavar="FILE.csv", type=Path)
    parser.add_argument("--reveal", metavar="REASON", help="含联系人和电话，须写明理由并经两人批准")
    add_proof(parser)
    add_database(parser)


def run(options: argparse.Namespace) -> int:
    """Write the file once the export stands in the journal."""
    file: Path = options.file
    if file.exists():
        raise UserError(f"文件已存在，不会覆盖：{file}")
    if not file.parent.is_dir():
        raise UserError(f"没有这个文件夹：{file.parent}")
    url = url_of(options)
    sites = sorted(every(url, Site), key=lambda site: site.id)
    if not sites:
        raise UserError("还没有登记点位")
    if not _on_record(url, len(sites), options):
        return GOOD
    columns = [name for name in LABELS if options.reveal is not None or name not in PERSONAL]
    write_sites(file, sites, columns)
    left_out = "" if options.reveal is not None else "，不含联系人和电话（个人信息）"
    say(f"已导出 {len(sites)} 个点位到 {file}{left_out}")
    return GOOD


def _on_record(url: str, rows: int, options: argparse.Namespace) -> bool:
    """Journal the export before anybody can have the file; False if a second person has to grant it first."""
    args = {"what": "sites", "rows": rows, "file": options.file.name}
    if options.reveal is None:
        record(options, "audit.exported", args, Role.AUDIT)
        return True
    unmasked = {**args, "masked": False, "reason": options.reveal}
    if granted(url, "audit.exported", unmasked, system_clock()):
        return True
    ask(options, "audit.exported", unmasked, options.reveal, Role.AUDIT)
    say("没有导出：批准后 24 小时内再运行一次同样的命令即导出含联系人的表")
    return False


def write_sites(file: Path, sites: Sequence[Site], columns: Sequence[str]) -> None:
    """The table as a new file that only its owner may read, with the mark by which Excel knows UTF-8."""
    made = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with closing(os.fdopen(made, "w", encoding="utf-8-sig", newline="")) as out:
        table = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\r\n")
        table.writeheader()
        table.writerows(cells_of(site) for site in sites)
