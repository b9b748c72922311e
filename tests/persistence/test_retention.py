"""What a purge takes, and what it never takes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from console.domain.alarm import Alarm
from console.domain.approval import Hold
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.facts import AlarmRaised, HoldLifted, HoldPlaced
from console.domain.ledger import Ledger
from console.domain.unit import Position, vehicle_key
from console.persistence import retention
from console.persistence.journal import Journal
from console.persistence.retention import Counted
from tests.persistence.acts import ACTS, NOON, act
from tests.persistence.raw import ask

LONG_AGO = NOON - timedelta(days=1200)
BEFORE = NOON - timedelta(days=1095)


def place_hold(ledger: Ledger, key: str, incident: str = "", since: str = "", until: str = "") -> None:
    begin, end = (datetime.fromisoformat(text) if text else None for text in (since, until))
    row = Hold(id=key, incident=incident, since=begin, until=end, reason="x", placed_by="1", placed_at=ledger.now)
    ledger.record(HoldPlaced(incident=incident, hold=row))


def raise_alarm(ledger: Ledger, incident: str, account: str, received_at: str) -> None:
    alarm = Alarm(id="a1", account=account, incident=incident, received_at=datetime.fromisoformat(received_at))
    ledger.record(AlarmRaised(incident=incident, alarm=alarm))


def lift_hold(ledger: Ledger, key: str) -> None:
    ledger.record(HoldLifted(hold=key, reason="x"))


@pytest.fixture
async def number(url: str) -> str:
    """An incident of 1200 days ago that lasted ten minutes, with a unit on it; three units were seen once a minute."""
    clock = ManualClock(LONG_AGO)
    journal = Journal.open(url, ACTS, clock)
    for unit in ("巡01", "巡02", "巡03"):
        await journal.commit(act("register_unit", unit=unit))
    clock.advance(600)
    made = (await journal.commit(act("open_incident"))).value
    await journal.commit(act("assign", incident=made, unit="巡01"))
    clock.advance(600)
    await journal.commit(act("edit", incident=made, narrative="完"))
    for minute in range(30):
        at = LONG_AGO + timedelta(minutes=minute)
        await journal.track([Position(unit=unit, lat=24.5, lon=117.6, at=at) for unit in ("巡01", "巡02", "巡03")])
    await journal.track([Position(unit="巡01", lat=24.5, lon=117.6, at=NOON)])
    journal.close()
    return str(made)


async def hold(url: str, clock: ManualClock, **args: str) -> None:
    journal = Journal.open(url, {"place_hold": place_hold, "lift_hold": lift_hold}, clock)
    given: dict[str, Any] = {**args}
    await journal.commit(act("place_hold" if len(args) > 1 else "lift_hold", **given))
    journal.close()


def left(url: str) -> int:
    return int(ask(url, "SELECT count(*) FROM track")[0][0])


async def test_that_old_positions_go_and_everything_else_stays(url: str, number: str) -> None:
    facts = ask(url, "SELECT * FROM journal ORDER BY seq")
    assert retention.count(url, BEFORE) == Counted(rows=90, kept=0)
    assert retention.purge(url, BEFORE, NOON) == 90
    assert left(url) == 1
    assert ask(url, "SELECT * FROM journal ORDER BY seq") == facts
    assert ask(url, "SELECT number FROM incidents") == [(number,)]


async def test_that_nothing_younger_than_the_law_allows_goes(url: str, number: str) -> None:
    young = NOON - timedelta(days=184) + timedelta(seconds=1)
    with pytest.raises(UserError, match="不满 184 天"):
        retention.purge(url, young, NOON)
    assert left(url) == 91
    assert retention.purge(url, NOON - timedelta(days=184), NOON) == 90


async def test_that_a_held_incident_keeps_the_track_of_its_units_while_it_lasted(
    url: str, number: str, clock: ManualClock
) -> None:
    await hold(url, clock, key="h1", incident=number)
    assert retention.count(url, BEFORE) == Counted(rows=79, kept=11)
    assert retention.purge(url, BEFORE, NOON) == 79
    assert ask(url, "SELECT DISTINCT unit FROM track") == [("巡01",)]
    assert left(url) == 12


async def test_that_a_held_incident_keeps_the_way_of_the_bus_that_raised_it_from_before_its_press(
    url: str, number: str, clock: ManualClock
) -> None:
    pressed = LONG_AGO + timedelta(minutes=10)
    journal = Journal.open(url, {"raise_alarm": raise_alarm}, clock)
    await journal.commit(act("raise_alarm", incident=number, account="013800001111", received_at=pressed.isoformat()))
    for bus in ("013800001111", "013800002222"):
        at = [pressed + timedelta(seconds=seconds) for seconds in (-40, -20, 0, 20)]
        await journal.track([Position(unit=vehicle_key(bus), lat=24.5, lon=117.6, at=each) for each in at])
    journal.close()
    await hold(url, clock, key="h1", incident=number)
    retention.purge(url, BEFORE, NOON)
    kept = ask(url, "SELECT unit, count(*) FROM track WHERE unit NOT LIKE '巡__' GROUP BY unit")
    assert kept == [("vehicle:13800001111", 3)]


async def test_that_a_held_span_keeps_everybody(url: str, number: str, clock: ManualClock) -> None:
    since, until = LONG_AGO + timedelta(minutes=5), LONG_AGO + timedelta(minutes=9)
    await hold(url, clock, key="h1", since=since.isoformat(), until=until.isoformat())
    await hold(url, clock, key="h2", since=(LONG_AGO + timedelta(minutes=29)).isoformat())
    assert retention.purge(url, BEFORE, NOON) == 90 - 15 - 3


async def test_that_a_lifted_hold_holds_nothing(url: str, number: str, clock: ManualClock) -> None:
    await hold(url, clock, key="h1", incident=number)
    await hold(url, clock, key="h1")
    assert retention.purge(url, BEFORE, NOON) == 90


async def test_that_a_hold_placed_meanwhile_stops_the_rest(
    url: str, number: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    windows = list(retention._windows(url, BEFORE))
    assert len(windows) == 9
    await_hold = iter(windows)

    def interrupted(_: str, __: datetime) -> object:
        yield next(await_hold)
        journal = Journal.open(url, {"place_hold": place_hold}, clock)
        journal.commit_blocking(act("place_hold", key="h1", since=LONG_AGO.isoformat()))
        journal.close()
        yield from await_hold

    monkeypatch.setattr(retention, "_windows", interrupted)
    assert retention.purge(url, BEFORE, NOON) == 10
    assert left(url) == 81
