"""bench: run the chosen parts, each job in its own process, and tell the figures as they come."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console.bench.figure import table
from console.bench.jobs import FILLING, ON_FILLED, PARTS, SIZED, jobs_of
from console.cli.words import FAILED, GOOD, WRONG_USE, say

LATER = {"route": "道路径路随地图版本提供，届时才有可测的数据"}
JOB_S = 300
"""A job that takes longer hangs."""
INCIDENT_S = 0.01
"""What each incident adds to that, where a number of them is asked for."""

ON_DISK = Path("/var/tmp")  # noqa: S108 -- the folder is made by tempfile inside it
"""Where there is one: /tmp is often memory, and an fsync there costs nothing."""


def run(options: argparse.Namespace) -> int:
    """`console bench [PART]`: 1 if a job could not run; a missed target is said, and shown in the figures."""
    wanted = [*PARTS, *LATER] if options.which == "all" else [options.which]
    for part in wanted:
        if part in LATER:
            say(f"{part}：{LATER[part]}")
    parts = [part for part in wanted if part in PARTS]
    if not parts:
        return WRONG_USE
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ON_DISK if ON_DISK.is_dir() else None) as place:
        rows, failed = _run_jobs(jobs_of(parts), Path(place), options.incidents, as_json=options.json)
    if not options.json:
        print(table(rows))
    missed = [str(row["name"]) for row in rows if row["met"] is False]
    if missed:
        say(f"未达指标：{'、'.join(missed)}")
    return FAILED if failed else GOOD


def _run_jobs(
    jobs: list[str], folder: Path, incidents: int, *, as_json: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    rows: list[dict[str, Any]] = []
    failed: list[str] = []
    for job in jobs:
        if job in ON_FILLED and FILLING in failed:
            say(f"{job}：数据没有填成，未测")
            failed.append(job)
            continue
        own = folder / job
        own.mkdir()
        try:
            size = incidents if job in SIZED else 0
            for row in _run_job(job, folder if job == FILLING or job in ON_FILLED else own, size):
                rows.append(row)
                _tell(row, as_json=as_json)
        except JobFailedError as problem:
            say(f"{job}：未测成：{problem}")
            failed.append(job)
    return rows, failed


class JobFailedError(Exception):
    """A job's process ended badly; the text is its last word."""


def _run_job(job: str, folder: Path, size: int = 0) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "console.bench", job, str(folder), *([str(size)] if size else [])]
    limit_s = JOB_S + size * INCIDENT_S
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=limit_s, check=False, env=screen(folder)
        )
    except subprocess.TimeoutExpired:
        raise JobFailedError(f"{limit_s:g} 秒内没有完成") from None
    for line in done.stdout.splitlines():
        yield json.loads(line)
    if done.returncode:
        last = done.stderr.strip().splitlines()
        raise JobFailedError(last[-1] if last else f"退出码 {done.returncode}")


def screen(folder: Path) -> dict[str, str]:
    """The environment of a job: unless another screen is asked for, one of 1920 × 1080 that nobody sees."""
    if os.environ.get("QT_QPA_PLATFORM", "offscreen") != "offscreen":
        return dict(os.environ)
    size = {"name": "bench", "x": 0, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 1}
    file = folder / "screen.json"
    file.write_text(json.dumps({"screens": [size]}), encoding="utf-8")
    return {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={file}"}


def _tell(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        target = f"（指标 {row['target']}）" if row["target"] else ""
        say(f"{row['name']}：{row['value']} {row['unit']}{target}")
