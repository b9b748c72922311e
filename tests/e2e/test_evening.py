"""The demo evening over the real station: bytes on a pseudo-terminal become dispatched, handed-off incidents."""

from collections.abc import Callable
from pathlib import Path

import pytest

from console.demo.clock import DemoClock
from console.demo.evening import Evening
from console.demo.script import load_script
from console.domain.alarm import Alarm
from console.domain.clock import system_clock
from console.domain.incident import Incident, IncidentState
from console.domain.state import KINDS, MemoryState
from console.geo.city import load_city
from console.persistence import store
from console.services import places
from console.services.lines import simulate
from console.settings import Settings
from console.station import Station, build_station
from resources import ROOT

SPEED = 20.0
"""As `make run` plays it. Faster, a busy machine has not answered the first press when the second one comes, and an
unanswered frame that comes again is a copy."""
SCHOOL = "1234"


async def played(folder: Path, seconds: float, until: Callable[[Station], bool] = lambda _: True) -> Station:
    """A station after so many demo seconds of the evening, stopped; a busy machine gets time until `until` holds."""
    clock = DemoClock(system_clock(), SPEED)
    line = simulate("A1")
    settings = Settings(data_folder=folder)
    station = build_station(settings, f"sqlite:///{folder / 'evening.db'}", [line.spec], clock=clock)
    city = load_city(ROOT / "map" / "demo_city.json")
    evening = Evening(station.desk, clock, load_script(), city, places.load(), line.press, auto=True)
    await evening.lay_out()
    await station.start()
    line.start()
    try:
        assert station.lines is not None
        await station.lines.opened()
        await evening.play(seconds)
        while not until(station) and seconds < 900:
            seconds += 60
            await evening.play(seconds)
    finally:
        line.stop()
        await station.stop()
    return station


def has_left(station: Station) -> bool:
    """Whether a unit is on its way to the school and both agencies have been told."""
    for alarm in station.picture.state.where(Alarm, account=SCHOOL):
        incident = station.picture.state.get(Incident, alarm.incident)
        told = station.picture.handoffs(alarm.incident)
        return incident is not None and incident.t_depart is not None and len(told) == 2 and alarm.presses == 2
    return False


@pytest.mark.requirement("Z0-01")
async def test_that_a_school_button_is_acknowledged_dispatched_and_linked_and_the_journal_rebuilds_it(
    tmp_path: Path,
) -> None:
    station = await played(tmp_path, 180, has_left)
    (alarm,) = station.picture.state.where(Alarm, account=SCHOOL)
    assert alarm.presses == 2
    assert alarm.line == "A1"
    assert bytes.fromhex(alarm.raw_hex).startswith(b"5")
    incident = station.picture.state.get(Incident, alarm.incident)
    assert incident is not None
    stamps = [incident.t_signal, incident.t_answer, incident.t_dispatch, incident.t_sign, incident.t_depart]
    known = [at for at in stamps if at is not None]
    assert len(known) == len(stamps)
    assert known == sorted(known)
    assert {h.agency for h in station.picture.handoffs(alarm.incident)} == {"education", "ems_120"}
    assert all(unit.id in station.picture.positions for unit in station.picture.units())
    assert_rebuilt(station)


def assert_rebuilt(station: Station) -> None:
    """Stored, shown and rebuilt from the journal are equal field by field."""
    assert store.check(station.url) == []
    rebuilt, stored = MemoryState(), MemoryState()
    journal = build_station(station.settings, station.url)
    try:
        journal.journal.replay(rebuilt)
        journal.journal.load_state(stored)
    finally:
        journal.close()
    for kind in KINDS:
        rows = {row.key: row for row in rebuilt.all(kind)}
        assert {row.key: row for row in stored.all(kind)}.items() <= rows.items()
        for shown in station.picture.state.all(kind):
            assert rows[shown.key] == shown


async def test_that_before_the_first_second_the_room_is_already_at_work(tmp_path: Path) -> None:
    station = await played(tmp_path, 0)
    states = {incident.state for incident in station.picture.incidents()}
    assert len([i for i in station.picture.incidents() if i.open]) >= 12
    assert {IncidentState.NEW, IncidentState.ON_SCENE, IncidentState.TRIAGED} <= states
    assert len(station.picture.units()) == 31
    assert len(station.picture.unacknowledged_alarms()) == 1
