"""Which jobs a part of the bench consists of, and one job in this process."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path

from console.bench.figure import Figure

FILLING = "filling"
PARTS: dict[str, tuple[str, ...]] = {
    "store": ("store",),
    "search": ("search",),
    "alarm": ("alarm", "window"),
    "lines": ("codec", "codecs", "lines", "terminals", "wires"),
    "queue": ("queue", "start"),
    "map": ("map",),
    "desk": ("duplicates", "classify", "keys"),
    "seats": ("seats", "seats_windows"),
}
"""Each job is a module of this package with `measure(folder)`."""

ON_FILLED = frozenset({"start"})
"""Jobs that work on the filled database."""

SIZED = frozenset({"search"})
"""Jobs that can be asked for another number of incidents: `measure(folder, incidents)`."""


def jobs_of(parts: list[str]) -> list[str]:
    """The jobs of the parts in order; the filling first where it is asked for or needed."""
    jobs = [job for part in parts for job in PARTS[part]]
    filled = "store" in parts or ON_FILLED.intersection(jobs)
    return [FILLING, *jobs] if filled else jobs


def figures(job: str, folder: Path, *size: int) -> Iterator[Figure]:
    """Do one job here; `size` is its number of incidents, where another is asked for."""
    measured: Iterator[Figure] = importlib.import_module(f"console.bench.{job}").measure(folder, *size)
    return measured


def do_job(job: str, folder: Path, *size: int) -> None:
    """Do one job and print each figure as one JSON object."""
    for figure in figures(job, folder, *size):
        print(json.dumps(figure.to_json(), ensure_ascii=False), flush=True)
