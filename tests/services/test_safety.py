"""Officer safety: who has to be heard when, what only the unit's own word does, and an emergency from start to stop."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.account import MACHINE, Role
from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.emergency import Emergency
from console.domain.errors import UserError
from console.domain.facts import DeadlinePassed, UnitRegistered
from console.domain.ledger import MemoryLedger
from console.domain.overlay import Overlay
from console.domain.safety import CHECK_IN, check_due
from console.domain.state import need
from console.domain.unit import Position, Unit, UnitStatus
from console.services.acts import ACTS
from console.services.desk import Desk
from console.services.safety import due, open_emergencies, table
from console.services.watch import Watch
from tests.support import EVENING, make_desk, tell

EVERY = timedelta(seconds=1200)
CLOCK_SAYS = {"unit": "巡05", "source": "clock"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
async def desk(clock: ManualClock) -> Desk:
    """巡05 has just arrived at a noise complaint, told by the desk on its behalf."""
    made = make_desk(clock=clock)
    tell(made, UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING)))
    number = await made.do("incident.open", kind="0206", place="钟法路", priority=4)
    await made.do("unit.assign", unit="巡05", incident=number)
    await made.do("unit.report", unit="巡05", step="arrive")
    return made


def unit(desk: Desk) -> Unit:
    return need(desk.picture.state, Unit, "巡05")


async def test_that_a_unit_on_scene_has_to_be_heard_again_in_time(desk: Desk) -> None:
    assert due(desk.picture.state, unit(desk)) == EVENING + EVERY


async def test_that_what_the_desk_enters_on_its_behalf_does_not_reset_the_clock(desk: Desk, clock: ManualClock) -> None:
    clock.advance(600)
    await desk.do("unit.report", unit="巡05", step="report", text="正在劝解")
    assert due(desk.picture.state, unit(desk)) == EVENING + EVERY


@pytest.mark.parametrize("how", ["its own report", "its voice on the radio"])
async def test_that_only_its_own_word_resets_it(desk: Desk, clock: ManualClock, how: str) -> None:
    clock.advance(600)
    if how == "its own report":
        await desk.do("unit.report", unit="巡05", step="report", text="平安", on_behalf=False)
    else:
        await desk.do("unit.checked", unit="巡05")
    assert due(desk.picture.state, unit(desk)) == EVENING + timedelta(seconds=600) + EVERY


async def test_that_silence_climbs_from_the_desk_to_the_chief_and_then_takes_the_room(
    desk: Desk, clock: ManualClock
) -> None:
    desk.picture.move([Position(unit="巡05", lat=24.5, lon=117.6, at=EVENING)])
    watch = Watch(desk, tracking=False)
    clock.advance(1200)
    for passed, steps, taken in ((0, [1], 0), (60, [1, 2], 0), (120, [1, 2, 3], 1), (60, [1, 2, 3], 1)):
        clock.advance(passed)
        await watch.tick()
        await watch.tick()
        told = [f.body for f in desk.journal.read() if isinstance(f.body, DeadlinePassed) and f.body.rule == CHECK_IN]
        assert [body.step for body in told] == steps
        assert len(open_emergencies(desk.picture.state)) == taken
    (row,) = open_emergencies(desk.picture.state)
    assert (row.source, row.lat, row.lon) == ("clock", 24.5, 117.6)
    assert unit(desk).status is UnitStatus.NEEDS_HELP


async def test_that_a_unit_that_is_lost_besides_goes_on_being_asked(desk: Desk, clock: ManualClock) -> None:
    clock.advance(60)
    await desk.do("unit.status", unit="巡05", status=UnitStatus.LOST.value, reason="120 秒没有定位")
    assert due(desk.picture.state, unit(desk)) == EVENING + EVERY


async def test_that_the_loss_of_its_fix_and_its_return_leave_the_clock_of_a_stop_and_search_alone(
    desk: Desk, clock: ManualClock
) -> None:
    tell(desk, UnitRegistered(unit=Unit(id="巡06", status=UnitStatus.VEHICLE_PATROL, status_since=EVENING)))
    await desk.do("unit.status", unit="巡06", status=UnitStatus.CHECKING.value)
    asked = clock() + timedelta(seconds=600)

    def checked() -> datetime | None:
        return due(desk.picture.state, need(desk.picture.state, Unit, "巡06"))

    for status in (UnitStatus.LOST, UnitStatus.CHECKING, UnitStatus.LOST, UnitStatus.CHECKING):
        clock.advance(100)
        await desk.do("unit.status", unit="巡06", status=status.value, reason="定位")
        assert checked() == asked
        assert need(desk.picture.state, Unit, "巡06").status_since == clock()
    for status in (UnitStatus.VEHICLE_PATROL, UnitStatus.CHECKING):
        await desk.do("unit.status", unit="巡06", status=status.value)
    assert checked() == clock() + timedelta(seconds=600)


async def test_that_who_falls_silent_after_an_emergency_was_stopped_is_missed_again(
    desk: Desk, clock: ManualClock
) -> None:
    watch = Watch(desk, tracking=False)
    clock.advance(1200 + 180)
    await watch.tick()
    (first,) = open_emergencies(desk.picture.state)
    await desk.do("emergency.stop", emergency=first.id, reason="电台已叫通")
    told = len(desk.journal.read())
    for _ in range(3):
        clock.advance(1)
        await watch.tick()
    assert (open_emergencies(desk.picture.state), len(desk.journal.read())) == ([], told)
    clock.advance(1200 + 180)
    await watch.tick()
    assert [row.id for row in open_emergencies(desk.picture.state)] not in ([], [first.id])


async def test_that_the_clock_raises_no_alarm_for_a_unit_that_has_answered_elsewhere_meanwhile(
    desk: Desk, clock: ManualClock
) -> None:
    """Its word is in the journal, the seat that looks has not seen it yet."""
    clock.advance(1200 + 180)
    await desk.do("unit.checked", unit="巡05")
    assert await desk.carry_out(replace(desk.act("emergency.start", CLOCK_SAYS), roles=MACHINE)) == ""
    assert open_emergencies(desk.picture.state) == []
    assert unit(desk).status is UnitStatus.ON_SCENE


async def test_that_an_emergency_keeps_its_name_when_its_act_is_carried_out_again(desk: Desk) -> None:
    act = desk.act("emergency.start", {"unit": "巡05"})
    names = {ACTS[act.name](MemoryLedger(Overlay(desk.picture.state), act, act.at, str), **act.args) for _ in range(2)}
    assert len(names) == 1


async def test_that_a_units_own_call_for_help_begins_an_emergency_once(desk: Desk) -> None:
    for _ in range(2):
        status = UnitStatus.NEEDS_HELP.value
        if unit(desk).status is not UnitStatus.NEEDS_HELP:
            await desk.do("unit.status", unit="巡05", status=status, on_behalf=False, how="text")
    await desk.do("emergency.start", unit="巡05", source="radio")
    (row,) = desk.picture.state.all(Emergency)
    assert (row.source, row.incident) == ("unit", unit(desk).incident)


async def test_that_an_emergency_is_acknowledged_stopped_with_a_reason_and_logged(desk: Desk) -> None:
    emergency = await desk.do("emergency.start", unit="巡05")
    await desk.do("emergency.acknowledge", emergency=emergency)
    with pytest.raises(UserError, match="须写明情况"):
        await desk.do("emergency.stop", emergency=emergency, reason=" ")
    await desk.do("emergency.stop", emergency=emergency, reason="增援到达，控制住了")
    row = need(desk.picture.state, Emergency, emergency)
    assert (row.acknowledged_by, row.stopped_by, row.reason) == ("031", "031", "增援到达，控制住了")
    assert unit(desk).status is UnitStatus.ON_SCENE
    assert unit(desk).incident


async def test_that_a_call_taker_alone_does_not_stop_an_emergency(desk: Desk) -> None:
    emergency = await desk.do("emergency.start", unit="巡05")
    desk.roles = (Role.CALL_TAKER.value,)
    with pytest.raises(UserError, match="当前角色无权"):
        await desk.do("emergency.stop", emergency=emergency, reason="没事了")


@given(
    st.sampled_from(list(UnitStatus)),
    st.sampled_from(["", "0103", "0206", "0204", "1302"]),
    st.one_of(st.none(), st.integers(-3600, 3600)),
    st.one_of(st.none(), st.integers(0, 3600)),
)
def test_that_a_later_word_never_makes_a_check_due_sooner(
    status: UnitStatus, kind: str, checked: int | None, arrived: int | None
) -> None:
    said = EVENING + timedelta(seconds=checked) if checked is not None else None
    at = EVENING + timedelta(seconds=arrived) if arrived is not None else None
    order = Assignment(id="ZZ1/1", incident="ZZ1", unit="巡05", t_dispatch=EVENING, t_arrive=at)
    silent = Unit(id="巡05", status=status, status_since=EVENING)
    heard = Unit(id="巡05", status=status, status_since=EVENING, checked_at=said)
    first, second = (check_due(row, kind, [order], table()) for row in (silent, heard))
    judged = UnitStatus.OFF_DUTY if status is UnitStatus.LOST else status
    assert (first is None) == (second is None) == (table().every(judged, kind) is None)
    assert first is None or second is None or second >= first
