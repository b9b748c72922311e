"""What every command shares: its options, its output, and its exit codes.

`--json` prints one object a line on stdout and nothing else there; everything meant for a person's eye about
the run itself goes to stderr.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from console.persistence.codec import to_iso
from console.settings import Settings, load_settings
from console.station import database_url

GOOD, FAILED, WRONG_USE = 0, 1, 2

Subparsers = Any
"""What argparse's `add_subparsers` gives; its type is private to argparse."""

Run = Callable[[argparse.Namespace], int]


def add_command(subparsers: Subparsers, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    """A sub-command that `run` carries out."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def add_database(parser: argparse.ArgumentParser) -> None:
    """`--db` and `--config`."""
    parser.add_argument(
        "--db", metavar="URL", help="数据库地址，例如 sqlite:////var/lib/110/desk.db；默认为用户数据文件夹"
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="设置文件（TOML）")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="每行输出一个 JSON 对象")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings file's values; what was wrong with it is said on stderr."""
    loaded = load_settings(getattr(options, "config", None))
    for warning in loaded.warnings:
        say(warning)
    return loaded.settings


def url_of(options: argparse.Namespace) -> str:
    """The database this command works on."""
    return database_url(settings_of(options), options.db)


def begin_of(text: str) -> datetime:
    """A moment as 2026-11-21 or 2026-11-21T08:00, local unless it says otherwise; for argparse."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(f"时间写作 2026-11-21 或 2026-11-21T08:00，不是 {text}") from None


def end_of(text: str) -> datetime:
    """Like `begin_of`, but a day alone is meant to its end."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return begin_of(text)
    return datetime.combine(day + timedelta(days=1), time()).astimezone()


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def plain(value: Any) -> Any:
    """A value as JSON shows it: times as UTC ISO 8601, dataclasses as objects."""
    if isinstance(value, datetime):
        return to_iso(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool, columns: Iterable[str] = ()) -> int:
    """Print rows: objects for programs, or the named columns for people. Answers GOOD."""
    names = tuple(columns)
    for row in rows:
        if as_json:
            print(json.dumps(plain(row), ensure_ascii=False))
        else:
            print("  ".join(_text(row.get(name)) for name in names or row))
    return GOOD


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone().strftime("%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "-"
    return str(value) if value not in (None, "") else "-"
