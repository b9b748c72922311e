"""The lines' health as a file: whole at every moment, at each change, and at the end."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.clock import system_clock
from console.services.line_health import HealthFile, write_whole
from console.services.lines import Lines
from drivers.protocols.surgard_panel import signal_frame
from tests.services.test_lines import ACK, Bench, Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


def health_of(lines: Lines, file: Path) -> HealthFile:
    return HealthFile(lines, file, system_clock, seat="L1", host="equipment-room")


def told(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


async def test_that_a_change_is_written_at_once_and_the_figures_soon(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.services.line_health.EVERY_S", 0.2)
    bench, file = Bench(), tmp_path / "health.json"
    async with bench.open(f"A1=surgard:{wire.path},supervise_s=0.5") as lines:
        writing = asyncio.create_task(health_of(lines, file).run())
        assert await wire.ask(signal_frame()) == ACK
        await bench.until(lambda: file.exists() and told(file)["lines"][0]["frames"] == 1)
        (row,) = told(file)["lines"]
        assert (row["name"], row["state"], row["garbage"], row["dropped"]) == ("A1", "UP", 0, {})
        assert row["answered_ms"] > 0
        monkeypatch.setattr("console.services.line_health.EVERY_S", 60.0)
        await bench.until(lambda: told(file)["lines"][0]["state"] == "SILENT")
        assert told(file)["lines"][0]["why"]
        writing.cancel()
        await lines.stop()
        await health_of(lines, file).write(ended=True)
    last = told(file)
    assert (last["ended"], last["seat"], last["host"], last["lines"][0]["state"]) == (
        True,
        "L1",
        "equipment-room",
        "CLOSED",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["health.json"], "nothing half-written is left"


async def test_that_a_place_that_cannot_be_written_is_told_once(
    wire: Wire, tmp_path: Path, expected_log: list[str]
) -> None:
    expected_log.append("the health of the lines cannot be written")
    bench = Bench()
    async with bench.open(f"A1=surgard:{wire.path}") as lines:
        health = health_of(lines, tmp_path / "no" / "such" / "folder.json")
        await health.write()
        await health.write()
        assert await wire.ask(signal_frame()) == ACK


def test_that_a_failed_writing_leaves_what_was_told_before(tmp_path: Path) -> None:
    file = tmp_path / "health.json"
    write_whole(file, {"n": 1})
    with pytest.raises(TypeError):
        write_whole(file, {"n": object()})
    assert told(file) == {"n": 1}
