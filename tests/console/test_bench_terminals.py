"""The fleet of the bench, small: what it measures is what the database holds."""

from pathlib import Path

import pytest

from console.bench import jobs, terminals


def test_that_a_small_fleet_loses_no_alarm_and_no_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "EVERY_S", 0.5)
    monkeypatch.setattr(terminals, "SETTLED_S", 0.5)
    told = {row.name: row for row in terminals.measure(tmp_path, count=24, rounds=2)}
    assert told["terminals.position"].n == 48
    assert told["terminals.alarm"].n == terminals.PRESSES
    assert told["terminals.lost"].value == told["terminals.untracked"].value == 0
    assert told["terminals.alarm"].baseline_value > 0
    assert "terminals" in jobs.PARTS["lines"]


def test_that_a_server_that_does_not_get_ready_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="did not get ready"):
        terminals.drive(["false"], tmp_path, 1, 1)
