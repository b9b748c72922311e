"""The long runs at a twentieth of their length or less, in every run of the suite; `make endurance` has the whole.

Kills stand in test_survival and test_kill, at their own scale.
"""

from pathlib import Path

import pytest

from tests import long_runs
from tests.e2e.process import Place, Wire

pytestmark = pytest.mark.endurance


@pytest.mark.parametrize("lines", [1, 8])
def test_that_a_flood_of_signals_is_acknowledged_and_stored_once(tmp_path: Path, lines: int) -> None:
    counted = long_runs.flood(tmp_path, seconds=2, lines=lines)
    assert counted["signals"] == 400


def test_that_a_line_comes_back_each_time_it_is_unplugged(place: Place, wire: Wire) -> None:
    assert long_runs.unplugged(place, wire, times=3)["unplugged"] == 3


def test_that_an_hour_of_evenings_leaves_nothing_behind(tmp_path: Path) -> None:
    assert long_runs.soak(tmp_path, hours=1.2, speed=720)["hours"] > 0.9


def test_that_three_desks_at_twenty_acts_a_second_grow_nothing(tmp_path: Path) -> None:
    counted = long_runs.seats(tmp_path, desks=3, seconds=8)
    assert counted["acts"] > 100
    assert counted["frames"] == 16


def test_that_a_filled_database_verifies_and_is_what_its_journal_says(tmp_path: Path) -> None:
    counted = long_runs.rebuilt(tmp_path, incidents=1_000)
    assert counted["rows"] > counted["incidents"]
