"""Line quality 线路质量 over 24 hours: one cell for each half hour, from what the journal says of each line.

A cell takes the worst that was in it: good, unread frames, silent, lost; before anything is known of a line it is
empty. What a desk was not running for is known from the next state it journaled.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from console.domain.facts import Fact, LineChanged
from console.domain.site import Line, LineState
from console.persistence.queries import Queries

SPAN = timedelta(hours=24)
CELL = timedelta(minutes=30)
CELLS = SPAN // CELL


class Quality(IntEnum):
    """Worse is more."""

    UNKNOWN = 0
    GOOD = 1
    UNREAD = 2
    SILENT = 3
    LOST = 4


_OF_STATE = {
    LineState.UP: Quality.GOOD,
    LineState.OPENING: Quality.SILENT,
    LineState.SILENT: Quality.SILENT,
    LineState.LOST: Quality.LOST,
}


@dataclass(frozen=True, slots=True)
class LineQuality:
    """A line's cells, the oldest first; the last one holds the present moment."""

    line: str
    cells: tuple[Quality, ...]

    @property
    def good_share(self) -> float:
        """Share of the known cells that are good, 0–1; 1 when nothing is known."""
        known = [cell for cell in self.cells if cell is not Quality.UNKNOWN]
        return sum(cell is Quality.GOOD for cell in known) / len(known) if known else 1.0


def line_quality(
    lines: Iterable[Line], changes: Sequence[Fact], unread: Iterable[tuple[str, datetime]], now: datetime
) -> list[LineQuality]:
    """The cells of each line that stands now. `changes` are LineChanged facts of the span, in order; `unread` are
    (line, when) of frames nobody could read."""
    begin = now - SPAN
    cells = {line.name: [Quality.UNKNOWN] * CELLS for line in lines}
    for line in lines:
        for since, until, state in _stretches(line, changes, now):
            _paint(cells[line.name], begin, max(since, begin), until, _OF_STATE.get(state, Quality.UNKNOWN))
    for name, at in unread:
        if name in cells and begin <= at < now:
            place = (at - begin) // CELL
            cells[name][place] = max(cells[name][place], Quality.UNREAD)
    return [LineQuality(name, tuple(row)) for name, row in cells.items()]


def _stretches(line: Line, changes: Sequence[Fact], now: datetime) -> Iterable[tuple[datetime, datetime, LineState]]:
    told = [f.body.line for f in changes if isinstance(f.body, LineChanged) and f.body.line.name == line.name]
    states = [*told, line] if not told or told[-1] != line else told
    for state, following in zip(states, [*states[1:], None], strict=True):
        yield state.since, now if following is None else following.since, state.state


def _paint(row: list[Quality], begin: datetime, since: datetime, until: datetime, quality: Quality) -> None:
    if until <= since:
        return
    first, last = (since - begin) // CELL, min((until - begin - timedelta(microseconds=1)) // CELL, CELLS - 1)
    for place in range(first, last + 1):
        row[place] = max(row[place], quality)


async def read_quality(queries: Queries, lines: Iterable[Line], now: datetime) -> list[LineQuality]:
    """The same from the database; JournalUnavailable."""
    since = now - SPAN
    changes = await asyncio.to_thread(queries.told, LineChanged.__name__, since)
    unread = await asyncio.to_thread(queries.unread, since)
    return line_quality(list(lines), changes, unread, now)
