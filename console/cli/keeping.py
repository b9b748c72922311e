"""Keeping the database: db, import, selftest."""

import argparse
from collections.abc import Callable
from pathlib import Path

from console.cli.importing import IMPORTS, import_file
from console.cli.selftest import selftest
from console.cli.words import FAILED, GOOD, Subparsers, add_command, add_database, add_json, say, url_of
from console.domain.clock import system_clock
from console.persistence import store
from console.persistence.filling import fill


def add(subparsers: Subparsers) -> None:
    """Declare the commands."""
    parser = add_command(subparsers, "db", _usage, "数据库维护")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, run, about in (
        ("init", _on(store.init, "数据库已就绪"), "新建数据库"),
        ("upgrade", _on(store.upgrade, "数据库已是最新版本"), "升级到本程序的版本"),
        ("check", _check, "检查完整性和哈希链"),
    ):
        add_database(add_command(actions, name, run, about))
    for name, run, about in (("backup", _backup, "备份到文件（不停机）"), ("restore", _restore, "用备份恢复")):
        parser = add_command(actions, name, run, about)
        parser.add_argument("file", metavar="FILE", type=Path)
        add_database(parser)
    parser = add_command(actions, "fill", _fill, "填入演示警情（须为空库）")
    parser.add_argument("--incidents", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    add_database(parser)
    parser = add_command(subparsers, "import", import_file, "从 CSV 导入：一次报出全部问题，有错则一行不入")
    parser.add_argument("what", choices=IMPORTS)
    parser.add_argument("file", metavar="FILE.csv", type=Path)
    add_database(parser)
    parser = add_command(subparsers, "selftest", selftest, "自检：字体、声音、端口、数据库、时钟、磁盘")
    add_database(parser)
    add_json(parser)


def _usage(_: argparse.Namespace) -> int:
    raise AssertionError("argparse requires an action")


def _on(act: Callable[[str], None], done: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        act(url_of(options))
        say(done)
        return GOOD

    return run


def _check(options: argparse.Namespace) -> int:
    findings = store.check(url_of(options))
    for finding in findings:
        say(finding)
    if not findings:
        say("数据库完好")
    return FAILED if findings else GOOD


def _backup(options: argparse.Namespace) -> int:
    store.backup(url_of(options), options.file)
    say(f"已备份到 {options.file}")
    return GOOD


def _restore(options: argparse.Namespace) -> int:
    store.restore(url_of(options), options.file)
    say(f"已用 {options.file} 恢复")
    return GOOD


def _fill(options: argparse.Namespace) -> int:
    if options.incidents < 1:
        say("--incidents 至少为 1")
        return FAILED
    head = fill(url_of(options), options.incidents, options.seed, system_clock)
    say(f"已填入 {options.incidents} 起警情，日志共 {head.seq} 行")
    return GOOD
