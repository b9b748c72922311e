"""search: words a call-taker looks for, over all stored incidents."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from console.bench.figure import Figure, p50, p99
from console.bench.filling import FILLED, filled_url
from console.persistence.queries import Queries

WORDS = ("钟法路12号", "盗窃", "站前路399号", "1380000", "没有这样的词")
"""A place, a frequent kind, a rare place, part of a telephone number, and nothing at all: the longest look."""
ROUNDS = 3


def measure(folder: Path) -> Iterator[Figure]:
    """Each word some times; the slowest word decides what a person waits for."""
    with closing(Queries(filled_url(folder))) as queries:
        took = [_ms(partial(queries.search, word)) for _ in range(ROUNDS) for word in WORDS]
        stored = queries.count_incidents()
    with closing(sqlite3.connect(folder / FILLED)) as connection:
        bare = [_ms(partial(_count, connection, word)) for _ in range(ROUNDS) for word in WORDS]
    yield Figure(
        name="search",
        value=p99(took),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=len(took),
        baseline="SELECT count(*) … WHERE place LIKE",
        baseline_value=p99(bare),
        note=f"over {stored} incidents, {len(WORDS)} words",
    )


def _count(connection: sqlite3.Connection, word: str) -> None:
    connection.execute("SELECT count(*) FROM incidents WHERE place LIKE ?", (f"%{word}%",)).fetchone()


def _ms(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * 1000
