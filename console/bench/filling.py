"""filling: 100 000 incidents of two years, put into a fresh database; other jobs then work on it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from console.bench.figure import Figure
from console.domain.clock import system_clock
from console.persistence.filling import fill

INCIDENTS = 100_000
SECONDS = 120.0
FILLED = "filled.db"


def filled_url(folder: Path) -> str:
    """The filled database of this run."""
    return f"sqlite:///{folder / FILLED}"


def measure(folder: Path, incidents: int = INCIDENTS) -> Iterator[Figure]:
    """The fill beside a plain insert of as many journal rows without state, chain or index."""
    began = time.perf_counter()
    head = fill(filled_url(folder), incidents, 1, system_clock)
    took = time.perf_counter() - began
    yield Figure(
        name="store.fill",
        value=took,
        unit="s",
        n=incidents,
        at_most=SECONDS * incidents / INCIDENTS,
        baseline="plain executemany of as many journal rows",
        baseline_value=_plain(folder, head.seq),
        note=f"{incidents} incidents, {head.seq} journal rows, {(folder / FILLED).stat().st_size / 2**20:.0f} MiB",
    )


def _plain(folder: Path, rows: int) -> float:
    file = folder / "plain.db"
    body = "x" * 400
    began = time.perf_counter()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, body TEXT)").close()
        connection.executemany("INSERT INTO journal VALUES (?, ?)", ((n, body) for n in range(rows))).close()
        connection.commit()
    took = time.perf_counter() - began
    file.unlink()
    return took
