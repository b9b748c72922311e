"""`python -m console protocols check [FILE…]`: every mistake of question protocols with its file and line.

Without files the shipped protocols and the county's own folder (setting `protocols`) are judged together; with files
those are judged as if they stood in that folder.
"""

import argparse
from pathlib import Path

from console.cli.words import FAILED, GOOD, Subparsers, add_command, add_json, say, settings_of, show
from console.services.protocols import FOLDER, check, files_of, load_book
from console.services.reference import load, names


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "protocols", lambda options: int(options.action(options)), "接警问询要点")
    actions = parser.add_subparsers(dest="what", required=True, metavar="ACTION")
    judging = actions.add_parser("check", help="检查要点文件，列出每处错误的文件和行号")
    judging.add_argument("files", nargs="*", type=Path, metavar="FILE", help="只检查这些文件；不写则检查内置的和本地的")
    judging.add_argument("--config", metavar="FILE", type=Path, help="设置文件（TOML）")
    add_json(judging)
    judging.set_defaults(action=_check)


def _check(options: argparse.Namespace) -> int:
    known = names(load())
    if options.files:
        found = check(files_of(FOLDER), options.files, known)
    else:
        found = load_book(known, settings_of(options).protocols)
    rows = [{"file": str(fault.file), "line": fault.line, "why": fault.why} for fault in found.faults]
    if options.json:
        show(rows, as_json=True)
    for fault in found.faults if not options.json else ():
        print(fault)
    if rows:
        say(f"共 {len(rows)} 处错误")
        return FAILED
    say(f"没有错误，共 {len(found.book.protocols)} 套问询要点")
    return GOOD
