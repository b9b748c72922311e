"""Line quality of 24 hours from what the journal says."""

from datetime import timedelta

from console.domain.facts import Fact, LineChanged
from console.domain.site import Line, LineState
from console.services.quality import CELL, CELLS, SPAN, Quality, line_quality
from tests.support import EVENING

NOW = EVENING
G, U, S, L = Quality.GOOD, Quality.UNREAD, Quality.SILENT, Quality.LOST


def line(state: LineState, hours_ago: float) -> Line:
    return Line(name="A1", protocol="surgard", address="/dev/x", state=state, since=NOW - timedelta(hours=hours_ago))


def told(*lines: Line) -> list[Fact]:
    return [Fact(at=row.since, actor="线路A1", seat="03", body=LineChanged(line=row)) for row in lines]


def test_that_a_line_that_was_up_all_day_is_good_everywhere() -> None:
    (found,) = line_quality([line(LineState.UP, 30)], [], [], NOW)
    assert found.cells == (G,) * CELLS
    assert found.good_share == 1.0


def test_that_before_the_line_was_known_its_cells_are_empty() -> None:
    (found,) = line_quality([line(LineState.UP, 1)], told(line(LineState.UP, 1)), [], NOW)
    assert found.cells == (Quality.UNKNOWN,) * (CELLS - 2) + (G, G)
    assert found.good_share == 1.0


def test_that_a_cell_takes_the_worst_that_was_in_it() -> None:
    changes = [line(LineState.UP, 30), line(LineState.LOST, 2.1), line(LineState.UP, 2.05), line(LineState.SILENT, 0.4)]
    (found,) = line_quality([changes[-1]], told(*changes), [], NOW)
    assert found.cells[-5:] == (L, G, G, G, S)
    assert found.cells[:-5] == (G,) * (CELLS - 5)
    assert round(found.good_share * CELLS) == CELLS - 2


def test_that_frames_nobody_could_read_mark_their_half_hour_and_no_other_line() -> None:
    stray = [("A1", NOW - 3 * CELL + timedelta(seconds=1)), ("B1", NOW - CELL), ("A1", NOW - SPAN - CELL)]
    (found,) = line_quality([line(LineState.UP, 30)], [], stray, NOW)
    assert found.cells == (G,) * (CELLS - 3) + (U, G, G)
