"""The bench of quiet lines: every heartbeat is answered while it counts, dead and replugged lines are seen."""

from pathlib import Path

import pytest

from console.bench import jobs, wires


def test_that_it_measures_lines_that_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"LINES": 3, "WATCHED_S": 0.5, "IDLE_S": 0.2, "TIMES": 1, "AWAY_S": 1.2, "SUPERVISE_S": 0.5}
    for name, value in small.items():
        monkeypatch.setattr(wires, name, value)
    cost, dead, replug = wires.measure(tmp_path)
    assert (cost.name, cost.n) == ("lines.serial64", 3), "all three were answered"
    assert (dead.n, replug.n) == (1, 1)
    assert dead.value > -0.5
    assert replug.value > 0
    assert "wires" in jobs.PARTS["lines"]
