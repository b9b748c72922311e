"""Keeping the database: db (init, upgrade, check, backup, restore, drill, purge, fill), hold, import, selftest."""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from console.cli.importing import IMPORTS, import_file
from console.cli.importing_users import import_users
from console.cli.recording import record
from console.cli.retaining import add_hold, add_purge
from console.cli.selftest import selftest
from console.cli.terminal import add_proof
from console.cli.words import FAILED, GOOD, Subparsers, add_command, add_database, add_json, say, settings_of, show
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.errors import EnvironmentFault, UserError
from console.persistence import backup, store
from console.persistence.chain import SHA256, SM3, Head
from console.persistence.copying import Progress
from console.persistence.dialect import describe
from console.persistence.drill import drill
from console.persistence.filling import fill
from console.station import database_url, heads_file

HASHES: Mapping[str, str] = {"sha256": SHA256, "sm3": SM3}
UNITS = {"rows": "行", "pages": "页"}


def add(subparsers: Subparsers) -> None:
    """Declare the commands."""
    parser = add_command(subparsers, "db", _usage, "数据库维护")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    parser = _action(actions, "init", _init, "新建数据库")
    parser.add_argument("--hash", choices=HASHES, help="日志哈希算法：sha256，或国密 sm3（建库时选定，不能再换）")
    _action(actions, "upgrade", _upgrade, "升级到本程序的版本")
    add_json(_action(actions, "check", _check, "检查完整性和哈希链"))
    parser = _action(actions, "backup", _backup, "备份到文件（不停机）")
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--without-secrets", action="store_true", help="不含密码散列，用于要离开本单位的副本")
    add_json(parser)
    parser = _action(actions, "restore", _restore, "用备份恢复")
    parser.add_argument("file", metavar="FILE", type=Path)
    add_json(parser)
    parser = _action(actions, "drill", _drill, "恢复演练：备份、恢复到临时位置、逐项核对、清除")
    parser.add_argument("--keep", action="store_true", help="保留演练用的备份和恢复出的库")
    add_json(parser)
    add_purge(actions)
    parser = _action(actions, "fill", _fill, "填入演示警情（须为空库）")
    parser.add_argument("--incidents", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    _action(actions, "reindex", _reindex, "重建警情检索词（改过拼音首字母表后，停机时运行）")
    parser = add_command(subparsers, "import", _import, "从 CSV 导入：一次报出全部问题，有错则一行不入")
    parser.add_argument("what", choices=IMPORTS)
    parser.add_argument("file", metavar="FILE.csv", type=Path)
    add_proof(parser)
    parser.add_argument(
        "--passwords", metavar="FILE", type=Path, help="users：一次性密码写到这个文件（默认在 CSV 旁边）"
    )
    add_database(parser)
    add_hold(subparsers)
    parser = add_command(subparsers, "selftest", selftest, "自检：每盏灯一行，写明情况和办法；有不通过的，退出码为 1")
    add_database(parser)
    add_json(parser)


def _action(actions: Subparsers, name: str, run: Callable[[argparse.Namespace], int], about: str) -> Any:
    parser = add_command(actions, name, run, about)
    add_database(parser)
    return parser


def _import(options: argparse.Namespace) -> int:
    return import_users(options) if options.what == "users" else import_file(options)


def _usage(_: argparse.Namespace) -> int:
    raise AssertionError("argparse requires an action")


def _place(options: argparse.Namespace) -> tuple[str, Path]:
    """The database, and this host's file of its heads."""
    settings = settings_of(options)
    url = database_url(settings, options.db)
    return url, heads_file(settings, url)


class _Meter:
    """Says once a second how far it has come: a line for a person, an event for a program."""

    def __init__(self, what: str, *, as_json: bool) -> None:
        self._what = what
        self._as_json = as_json
        self._next = time.monotonic() + 1

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1
        if self._as_json:
            event = {"event": "progress", "done": progress.done, "total": progress.total, "unit": progress.unit}
            show([event], as_json=True)
        else:
            share = 100 * progress.done // max(1, progress.total)
            say(f"{self._what} {share}%（{progress.done}/{progress.total} {UNITS[progress.unit]}）")


def _init(options: argparse.Namespace) -> int:
    store.init(_place(options)[0], HASHES[options.hash] if options.hash else "")
    say("数据库已就绪")
    return GOOD


def _upgrade(options: argparse.Namespace) -> int:
    store.upgrade(_place(options)[0])
    say("数据库已是最新版本")
    return GOOD


def _check(options: argparse.Namespace) -> int:
    findings = store.check(*_place(options))
    if options.json:
        show([{"result": "broken" if findings else "good", "findings": findings}], as_json=True)
    for finding in findings:
        say(finding)
    if not findings:
        say("数据库完好")
    return FAILED if findings else GOOD


def _backup(options: argparse.Namespace) -> int:
    url, _ = _place(options)
    meter = _Meter("备份", as_json=options.json)
    made = backup.backup(url, options.file, meter, secrets=not options.without_secrets)
    if options.json:
        show([{"event": "done", "file": str(options.file), **_fields(made)}], as_json=True)
    say(f"已备份到 {options.file}：{sum(made.rows.values())} 行，日志到第 {made.seq} 条，链头 {made.hash[:16]}")
    try:
        args = {"file": options.file.name, "last": made.seq, "hash": made.hash}
        record(options, "keeping.backed_up", args, Role.SYSTEM)
    except EnvironmentFault as fault:
        say(f"备份已完成，但没有记入日志：{fault}")
    return GOOD


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _restore(options: argparse.Namespace) -> int:
    url, heads = _place(options)
    before = _head(url)
    aside = backup.restore(url, options.file, _Meter("恢复", as_json=options.json))
    if heads.exists():
        # They speak of rows that the backup does not have.
        heads.replace(heads.with_name(f"{heads.name}.before-restore"))
    args = {"file": options.file.name, "last": _head(url).seq, "before_last": before.seq, "before_hash": before.hash}
    try:
        record(options, "keeping.restored", args, Role.SYSTEM)
    except EnvironmentFault as fault:
        say(f"已恢复，但没有记入日志：{fault}")
    if options.json:
        show([{"event": "done", "file": str(options.file), "aside": aside}], as_json=True)
    say(f"已用 {options.file} 恢复{f'；原来的数据保存在 {aside}' if aside else ''}")
    return GOOD


def _head(url: str) -> Head:
    """Where the journal ends; number 0 without a hash where none can be read."""
    with contextlib.suppress(UserError, EnvironmentFault):
        return store.head(url)
    return Head(seq=0, hash="")


@contextmanager
def _drilling(options: argparse.Namespace) -> Iterator[Path]:
    """A folder only its owner can look into, gone afterwards unless it is to be kept."""
    folder = settings_of(options).data_folder
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"drill-{system_clock():%Y%m%d-%H%M%S}-", dir=folder))
    with contextlib.ExitStack() as at_end:
        if not options.keep:
            at_end.callback(_remove, made)
        yield made
    if options.keep:
        say(f"演练的备份和恢复出的库保留在 {made}，内含个人信息和密码散列，用后删除")


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _drill(options: argparse.Namespace) -> int:
    url, heads = _place(options)
    say(f"恢复演练：{describe(url)}")
    good = True
    with _drilling(options) as folder:
        for step in drill(url, folder, heads, _Meter("演练", as_json=options.json), keep=options.keep):
            good = good and step.good
            if options.json:
                show([{"event": "step", **_fields(step)}], as_json=True)
            else:
                print(f"{step.name}  {'通过' if step.good else '不通过'}  {step.seconds:.1f} 秒  {step.what}")
    say("演练通过：这份备份可以恢复" if good else "演练未通过：这份备份不能用来恢复，请立即报告系统管理员")
    return GOOD if good else FAILED


def _fill(options: argparse.Namespace) -> int:
    if options.incidents < 1:
        say("--incidents 至少为 1")
        return FAILED
    head = fill(_place(options)[0], options.incidents, options.seed, system_clock)
    say(f"已填入 {options.incidents} 起警情，日志共 {head.seq} 行")
    return GOOD


def _reindex(options: argparse.Namespace) -> int:
    done = store.reindex(_place(options)[0])
    say(f"已重建 {done} 起警情的检索词")
    return GOOD
