"""Twenty buses on real connections: one emergency each is one alarm each, whatever happens to the console."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from console.bench.fleet import Caller, Fleet
from console.domain.alarm import Alarm
from console.domain.clock import system_clock
from console.domain.incident import Incident
from console.domain.unit import vehicle_key
from console.persistence.queries import Queries
from console.services.vehicles import EVERY_S, FOR_S
from console.settings import Settings
from console.station import Station, build_station
from drivers.protocols import jt808_words as words

COUNT = 20
TRACKED = {"interval_s": EVERY_S, "valid_s": FOR_S}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@asynccontextmanager
async def station_at(folder: Path, port: int) -> AsyncIterator[Station]:
    settings = Settings(data_folder=folder)
    station = build_station(settings, lines=[f"公交=jt808:tcp-listen://127.0.0.1:{port}"])
    await station.start()
    try:
        assert station.lines is not None
        async with asyncio.timeout(20):
            await station.lines.opened()
        yield station
    finally:
        await station.stop()


@asynccontextmanager
async def calling(fleet: Fleet) -> AsyncIterator[None]:
    await fleet.call()
    try:
        yield
    finally:
        await fleet.hang_up()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 -- any condition will do
            await asyncio.sleep(0.02)


def told(caller: Caller, msg_id: int) -> list[object]:
    return [said for said_id, said in caller.terminal.commands if said_id == msg_id]


def tracked(caller: Caller) -> bool:
    return caller.terminal.interval_s == EVERY_S


async def test_that_each_emergency_of_twenty_buses_is_one_alarm_also_over_a_restart(tmp_path: Path) -> None:
    port = free_port()
    fleet = Fleet(COUNT, port)
    async with station_at(tmp_path, port) as station, calling(fleet):
        await fleet.report(0.2)
        await fleet.press(COUNT, 0.2)
        # The bit stands in every position that follows.
        await fleet.report(0.2)
        await until(lambda: all(map(tracked, fleet.callers)))
        alarms = station.picture.state.all(Alarm)
        assert Counter(alarm.account for alarm in alarms) == Counter(c.terminal.phone for c in fleet.callers)
        assert {told(caller, words.TRACK)[-1] == TRACKED for caller in fleet.callers} == {True}
        assert {len(told(caller, words.CONFIRM)) for caller in fleet.callers} == {1}
        places = {incident.number: incident.lat for incident in station.picture.incidents()}
        assert len(set(places.values())) == COUNT
        first = alarms[0]

    for caller in fleet.callers:
        caller.terminal.interval_s = 0
    async with station_at(tmp_path, port) as station, calling(fleet):
        await fleet.report(0.2)
        await until(lambda: all(map(tracked, fleet.callers)))
        await fleet.callers[0].release()
        await station.desk.do("alarm.acknowledge", alarm=first.id)
        await station.desk.do("alarm.judge", alarm=first.id, verdict="judge_false", reason="误碰")
        await station.desk.do("alarm.reset", alarm=first.id)
        (mine,) = (caller for caller in fleet.callers if caller.terminal.phone == first.account)
        await until(lambda: mine.terminal.interval_s == 0)

    queries = Queries(station.url)
    found = queries.alarms()
    now = system_clock()
    ways = [
        queries.track(vehicle_key(caller.terminal.phone), now - timedelta(hours=1), now + timedelta(hours=1))
        for caller in fleet.callers
    ]
    signals = Counter(row.signal.qualifier for row in queries.signals() if row.signal.type == "signal")
    queries.close()
    assert [alarm.presses for alarm in found] == [1] * COUNT
    assert signals == {"new": COUNT, "restore": 1}
    assert all(len(way) >= 4 for way in ways)


async def test_that_the_incident_of_a_bus_is_where_it_pressed(tmp_path: Path) -> None:
    port = free_port()
    fleet = Fleet(1, port)
    async with station_at(tmp_path, port) as station, calling(fleet):
        await fleet.report(0)
        await fleet.press(1, 0)
        (incident,) = station.picture.state.all(Incident)
    assert (incident.lat, incident.lon) == (35.3, 119.40055)
