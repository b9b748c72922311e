"""The station: everything but windows, from a simulated panel's byte to the picture, and down again in order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.clock import system_clock
from console.domain.errors import EnvironmentFault, UserError
from console.domain.ledger import Act
from console.domain.site import Line, LineState
from console.persistence import records
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from console.services.acts import ACTS
from console.services.kept_lines import FILE
from console.services.lines import SimulatedLine, simulate
from console.settings import Settings
from console.station import Station, build_station
from tests.support import ALL


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path)


@pytest.fixture
async def panel() -> AsyncIterator[SimulatedLine]:
    line = simulate("A1")
    yield line
    await asyncio.to_thread(line.stop)


async def until(condition: object, seconds: float = 10.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- any condition will do
            await asyncio.sleep(0.01)


def opened(station: Station) -> bool:
    return station.lines is not None and all(line.opened.is_set() for line in station.lines)


async def test_that_a_pressed_button_reaches_the_picture_and_the_database(
    settings: Settings, panel: SimulatedLine
) -> None:
    station = build_station(settings, lines=[panel.spec])
    await station.start()
    await until(lambda: opened(station))
    panel.start()
    panel.press("7037", zone="004")
    await until(station.picture.unacknowledged_alarms)
    await station.stop()
    queries = Queries(station.url)
    (alarm,) = queries.alarms()
    queries.close()
    assert (alarm.account, alarm.zone, alarm.line) == ("7037", "004", "A1")
    assert station.picture.state.all(type(alarm)) == [alarm]


async def test_that_a_station_opened_again_shows_what_was_open(settings: Settings) -> None:
    first = build_station(settings)
    await first.start()
    number = await first.desk.do("incident.open", kind="0206", place="钟法路 89 号")
    await first.stop()
    again = build_station(settings)
    assert [incident.number for incident in again.picture.incidents()] == [number]
    again.close()


async def test_that_what_another_process_writes_is_seen(settings: Settings) -> None:
    station = build_station(settings)
    await station.start()
    other = Journal.open(station.url, ACTS, system_clock)
    opening = {"kind": "0206", "place": "外席"}
    await other.commit(Act(name="incident.open", args=opening, actor="032", seat="04", roles=ALL, at=system_clock()))
    await until(station.picture.incidents)
    other.close()
    await station.stop()
    assert [incident.place for incident in station.picture.incidents()] == ["外席"]


async def test_that_a_failing_observer_lights_a_lamp_and_the_act_is_done(
    settings: Settings, expected_log: list[str]
) -> None:
    expected_log.append("failed")
    station = build_station(settings)
    station.picture.observe(lambda _: (_ for _ in ()).throw(RuntimeError("a row was gone")))
    number = await station.desk.do("incident.open", kind="0206", place="钟法路 89 号")
    assert [incident.number for incident in station.picture.incidents()] == [number]
    assert [fault for source, fault in station.health.faults.items() if source.startswith("bug:")]
    await station.stop()


async def test_that_a_task_that_trips_over_a_bug_begins_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log.append("watch failed")
    monkeypatch.setattr("console.station.AGAIN_AFTER_S", 0.01)
    station = build_station(settings)
    calls: list[int] = []

    async def tick() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError

    monkeypatch.setattr(station.watch, "tick", tick)
    await station.start()
    await until(lambda: len(calls) >= 2)
    await station.stop()
    assert "bug:watch" in station.health.faults


async def test_that_a_spool_that_cannot_be_opened_lights_a_lamp_and_the_desk_works(
    settings: Settings, tmp_path: Path, expected_log: list[str]
) -> None:
    expected_log.append("no spool at")
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    station = build_station(settings.model_copy(update={"spool": in_the_way / "spool.db"}))
    await station.start()
    assert await station.desk.do("incident.open", kind="0206", place="钟法路 89 号")
    await station.stop()
    assert "暂存打不开" in station.health.faults["spool"].what


async def test_that_a_badly_written_line_is_refused(settings: Settings) -> None:
    station = build_station(settings, lines=["A1"])
    with pytest.raises(UserError, match="写法有误"):
        await station.start()
    await station.stop()


async def test_that_a_line_added_over_a_file_that_cannot_be_read_works_and_leaves_the_file_alone(
    settings: Settings, panel: SimulatedLine, tmp_path: Path
) -> None:
    before = "# 东门\nB1=surgard:/dev/ttyS7\n".encode("gbk")
    (tmp_path / FILE).write_bytes(before)
    station = build_station(settings)
    await station.start()
    assert "kept-lines" in station.health.faults
    with pytest.raises(EnvironmentFault, match="记不住"):
        station.add_line(panel.spec)
    await until(lambda: opened(station))
    assert station.lines is not None
    assert [line.name for line in station.lines] == ["A1"]
    await station.stop()
    assert (tmp_path / FILE).read_bytes() == before


async def test_that_the_last_signal_of_a_line_is_known_after_a_restart(settings: Settings) -> None:
    """The receiver did not get our ACK before we died and repeats: stored as a copy, no further press."""
    answered: list[object] = []
    panel = simulate("A1", on_exchange=answered.append)
    first = build_station(settings, lines=[panel.spec])
    await first.start()
    await until(lambda: opened(first))
    panel.start()
    panel.press("7037")
    await until(lambda: len(answered) == 2)
    await first.stop()
    again = build_station(settings, lines=[panel.spec])
    await again.start()
    await until(lambda: opened(again))
    panel.press("7037")
    await until(lambda: len(again.queries.signals()) == 2)
    await again.stop()
    await asyncio.to_thread(panel.stop)
    (alarm,) = again.picture.unacknowledged_alarms()
    assert alarm.presses == 1


async def test_that_the_line_is_closed_in_the_journal_after_a_stop(settings: Settings, panel: SimulatedLine) -> None:
    station = build_station(settings, lines=[panel.spec])
    await station.start()
    await until(lambda: opened(station))
    await station.stop()
    again = build_station(settings)
    again.close()
    (line,) = again.picture.state.all(Line)
    assert line.state is LineState.CLOSED


async def test_that_a_feed_that_fell_behind_lights_a_lamp_until_it_is_up_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log += ["the feed failed", "feed is behind"]
    monkeypatch.setattr("console.persistence.feed.AGAIN_S", 0.05)
    entries, broken = records.entries, [True]

    def stumble(*which: Any) -> Any:
        if broken:
            raise ZeroDivisionError("a bug of ours")
        return entries(*which)

    monkeypatch.setattr(records, "entries", stumble)
    station = build_station(settings)
    await station.start()
    await until(lambda: "feed" in station.health.faults)
    assert "看不到其他席位" in station.health.faults["feed"].what
    broken.clear()
    await until(lambda: "feed" not in station.health.faults)
    await station.stop()


def spool_files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("spool-*.db"))


def test_that_one_database_has_one_spool_however_its_address_is_written(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    for address in (f"{tmp_path}/desk.db", f"{tmp_path}/a/../desk.db", "desk.db"):
        build_station(settings, f"sqlite:///{address}").close()
    assert len(spool_files(tmp_path)) == 1
    monkeypatch.chdir(tmp_path / "a")
    build_station(settings, "sqlite:///desk.db").close()
    assert len(spool_files(tmp_path)) == 2, "another database, though its address reads the same"
