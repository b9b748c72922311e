"""Drill 恢复演练: what a centre ought to try before it needs it. A backup is made, put into an empty place beside the
real one, and looked through to the last field; then everything is thrown away again.

A database in a file is restored into a file, one on a server into a schema of its own there: the way is the one a
real restore takes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from console.domain.clock import Clock, system_clock
from console.domain.errors import UserError
from console.persistence import backup, store
from console.persistence.copying import Told, nobody
from console.persistence.dialect import glance, is_server, make_room, side_engine, upkeep, url_of
from console.persistence.rebuild import differences

BACKUP, RESTORED = "backup.db", "restored.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried: whether it is as it should be, what was found, and how long it took in seconds."""

    name: str
    good: bool
    what: str
    seconds: float


@contextmanager
def _place(url: str, folder: Path, clock: Clock, keep: bool) -> Iterator[str]:
    """An empty place of the same kind as the database, gone afterwards unless it is to be kept."""
    if not is_server(url):
        yield url_of(folder / RESTORED)
        return
    drawer = f"drill_{clock():%Y%m%d_%H%M%S}"
    with _doing(url) as connection:
        upkeep.open_drawer(connection, drawer)
    try:
        yield upkeep.in_drawer(url, drawer)
    finally:
        if not keep:
            with _doing(url) as connection:
                upkeep.throw_away(connection, drawer)


@contextmanager
def _doing(url: str) -> Iterator[Connection]:
    engine = side_engine(url)
    try:
        with engine.begin() as connection:
            make_room(connection)
            yield connection
    finally:
        engine.dispose()


def drill(
    url: str,
    folder: Path,
    heads: Path | None = None,
    told: Told = nobody,
    *,
    keep: bool = False,
    clock: Clock = system_clock,
) -> Iterator[Step]:
    """Each step as it is done; the first bad one is the last. The backup is made in `folder`, an empty one.

    UserError and JournalUnavailable where the drill cannot even begin or the ground gives way.
    """
    file = folder / BACKUP
    began = time.monotonic()
    made = backup.backup(url, file, told, clock=clock)
    rows = sum(made.rows.values())
    yield Step(name="备份", good=True, what=f"{rows} 行，日志到第 {made.seq} 条", seconds=time.monotonic() - began)
    with _place(url, folder, clock, keep) as place:
        for name, run, well in _steps(place, file, made, heads, told, clock):
            began = time.monotonic()
            try:
                findings = list(run())
            except UserError as refusal:
                findings = [str(refusal)]
            took = time.monotonic() - began
            yield Step(name=name, good=not findings, what=findings[0] if findings else well, seconds=took)
            if findings:
                return


Tried = tuple[str, Callable[[], Sequence[str]], str]
"""A step's name, what finds faults, and what to say if there are none."""


def _steps(
    place: str, file: Path, made: backup.Manifest, heads: Path | None, told: Told, clock: Clock
) -> Iterator[Tried]:
    def restored() -> Sequence[str]:
        backup.restore(place, file, told, clock=clock)
        return ()

    yield "恢复", restored, "已恢复到临时位置"
    yield "行数", lambda: _in(place, lambda c: backup.faults(c, made)), f"{len(made.rows)} 张表与备份清单一致"
    yield "哈希链", lambda: store.check(place, heads, upto=made.seq), f"{made.seq} 条逐条核对无误"
    yield "重建", lambda: _in(place, differences), "由日志第 1 条重建的状态与表逐项一致"


def _in(place: str, look: Callable[[Connection], list[str]]) -> list[str]:
    with glance(place) as connection:
        return look(connection)
