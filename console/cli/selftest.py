"""selftest: is this machine fit to be a desk? Fonts, sound, ports, database, clock, disk."""

import argparse
import os
import shutil
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from console.cli.words import FAILED, GOOD, settings_of, show
from console.domain.clock import system_clock
from console.domain.errors import EnvironmentFault, UserError
from console.persistence.dialect import locate
from console.persistence.queries import Queries
from console.settings import Settings
from console.station import database_url
from drivers.streams import plugged_in
from resources import ROOT

FREE_MB = 500
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time than this program's own year."""

TRUETYPE = b"\x00\x01\x00\x00"


def selftest(options: argparse.Namespace) -> int:
    """Run every check; exit 1 if one fails."""
    settings = settings_of(options)
    rows = list(_results(settings, options.db))
    if options.json:
        show(rows, as_json=True)
    else:
        for row in rows:
            print(f"{'通过' if row['ok'] else '不通过'}  {row['title']}：{row['text']}")
    return GOOD if all(row["ok"] for row in rows) else FAILED


def _results(settings: Settings, db: str | None) -> Iterator[dict[str, object]]:
    checks: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("fonts", "字体", _fonts),
        ("sound", "声音", _sounds),
        ("ports", "端口", _ports),
        ("database", "数据库", lambda: _database(database_url(settings, db))),
        ("clock", "时钟", _clock),
        ("disk", "磁盘", lambda: _disk(settings.data_folder)),
    )
    for name, title, check in checks:
        try:
            yield {"name": name, "title": title, "ok": True, "text": check()}
        except (UserError, EnvironmentFault, OSError) as problem:
            yield {"name": name, "title": title, "ok": False, "text": str(problem)}


def _fonts() -> str:
    files = sorted((ROOT / "fonts").glob("*.ttf"))
    if not files:
        raise UserError("缺少自带字体（resources/fonts）")
    for file in files:
        with file.open("rb") as font:
            if font.read(4) != TRUETYPE:
                raise UserError(f"字体文件损坏：{file.name}")
    return f"自带字体 {len(files)} 个"


def _sounds() -> str:
    files = sorted((ROOT / "sounds").glob("*.wav"))
    if not files:
        raise UserError("缺少提示音（resources/sounds）")
    for file in files:
        try:
            with wave.open(str(file)) as sound:
                if not sound.getnframes():
                    raise UserError(f"提示音是空的：{file.name}")
        except (wave.Error, EOFError) as problem:
            raise UserError(f"提示音损坏：{file.name}（{problem}）") from problem
    return f"提示音 {len(files)} 个"


def _ports() -> str:
    ports = [str(port.get("device", "")) for port in plugged_in()]
    return f"串口 {len(ports)} 个：{'、'.join(ports)}" if ports else "没有插入串口设备"


def _database(url: str) -> str:
    file = locate(url)
    if not file.exists():
        if not os.access(file.parent, os.W_OK):
            raise UserError(f"文件夹不能写入：{file.parent}")
        return f"{file} 尚未建立，首次运行时自动建立"
    with closing(Queries(url)) as queries:
        return f"{file}，未办结警情 {queries.count_incidents(open_only=True)} 起"


def _clock() -> str:
    now = system_clock()
    if now < OLDEST:
        raise UserError(f"系统时间 {now:%Y-%m-%d %H:%M} 不对，请校时")
    return f"系统时间 {now:%Y-%m-%d %H:%M:%S} UTC，本地 {time.strftime('%H:%M:%S %z')}"


def _disk(folder: Path) -> str:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free // 1_000_000
    if free < FREE_MB:
        raise UserError(f"{there} 只剩 {free} MB，至少需要 {FREE_MB} MB")
    return f"{there} 剩余 {free} MB"
