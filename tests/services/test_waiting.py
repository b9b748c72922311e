"""What waits is never lost: held, scheduled, marked, linked and stacked incidents, their guards and their figures."""

import asyncio
import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import AlarmRaised, UnitRegistered
from console.domain.incident import ENDED, Incident, IncidentState
from console.domain.marks import counted
from console.domain.state import need
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from console.services.lateness import looker, neighbour
from console.services.links import links_of, other_end
from console.services.stacks import job_of, next_job, stack_of
from console.services.waiting import Waited, waited
from console.services.watch import Watch
from tests.support import EVENING, MemoryJournal, make_desk, tell

UNITS = ("巡01", "巡05")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    return staffed(clock)


def staffed(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    for unit in UNITS:
        tell(made, UnitRegistered(unit=Unit(id=unit, status=UnitStatus.VEHICLE_PATROL, status_since=EVENING)))
    return made


async def opened(desk: Desk, **said: object) -> str:
    where = f"某处{len(desk.picture.incidents())}号"
    return str(await desk.do("incident.open", **{"kind": "0201", "place": where, "priority": 3, **said}))


def at(desk: Desk, number: str) -> Incident:
    return need(desk.picture.state, Incident, number)


def soon(desk: Desk, minutes: float = 30) -> str:
    return (desk.clock() + timedelta(minutes=minutes)).isoformat()


async def refused(desk: Desk, act: str, **args: object) -> str:
    with pytest.raises(UserError) as caught:
        await desk.do(act, **args)
    return str(caught.value)


# -- hold and schedule -------------------------------------------------------------------------------------------------


async def test_that_what_may_not_wait_says_why(desk: Desk) -> None:
    number = await opened(desk)
    assert await refused(desk, "incident.hold", incident=number, until=soon(desk), reason=" ") == "暂缓须写明理由"
    assert "须在现在之后" in await refused(desk, "incident.hold", incident=number, until=soon(desk, 0), reason="等")
    assert "最长 31 天" in await refused(desk, "incident.schedule", incident=number, at=soon(desk, 60 * 24 * 32))
    grave = await opened(desk, priority=1)
    assert "一级警情须立即处置" in await refused(desk, "incident.hold", incident=grave, until=soon(desk), reason="等")
    new = await opened(desk, answered=False)
    assert "只有已接警而未派警的可以" in await refused(desk, "incident.schedule", incident=new, at=soon(desk))
    tell(desk, AlarmRaised(incident=number, alarm=Alarm(id="a", incident=number, received_at=EVENING)))
    assert "一键报警尚未复位" in await refused(desk, "incident.hold", incident=number, until=soon(desk), reason="等")
    await desk.do("unit.assign", unit="巡05", incident=new)
    assert "已派警" in await refused(desk, "incident.hold", incident=new, until=soon(desk), reason="等")
    assert "没有暂缓或预约" in await refused(desk, "incident.wake", incident=number)


async def test_that_reserved_is_not_dispatched_and_a_unit_that_is_sent_wakes_it(desk: Desk) -> None:
    number = await opened(desk)
    await desk.do("incident.schedule", incident=number, at=soon(desk), reason="上门取证")
    assert at(desk, number).state is IncidentState.INTAKE
    assert desk.picture.orders(number) == []
    await desk.do("unit.assign", unit="巡05", incident=number)
    assert at(desk, number).waits_until is None
    assert at(desk, number).state is IncidentState.DISPATCHED


async def test_that_a_held_incident_may_be_scheduled_instead_and_keeps_one_time(desk: Desk) -> None:
    number = await opened(desk)
    await desk.do("incident.hold", incident=number, until=soon(desk, 10), reason="等回电")
    await desk.do("incident.schedule", incident=number, at=soon(desk, 60))
    found = at(desk, number)
    assert (found.held_until, found.scheduled_for) == (None, EVENING + timedelta(hours=1))


async def test_that_how_often_and_how_long_it_waited_is_counted(desk: Desk, clock: ManualClock) -> None:
    number = await opened(desk)
    assert isinstance(desk.journal, MemoryJournal)
    await desk.do("incident.hold", incident=number, until=soon(desk), reason="等回电")
    clock.advance(60)
    await desk.do("incident.wake", incident=number)
    clock.advance(100)
    await desk.do("incident.schedule", incident=number, at=soon(desk))
    clock.advance(30)
    assert waited(desk.journal.timeline(number), clock()) == Waited(held=1, scheduled=1, seconds=90)


async def test_that_a_held_duplicate_is_merged_and_split_as_it_was(desk: Desk, clock: ManualClock) -> None:
    number, main = await opened(desk), await opened(desk)
    await desk.do("incident.hold", incident=number, until=soon(desk, 5), reason="等回电")
    before = at(desk, number)
    await desk.do("incident.merge", incident=number, into=main)
    clock.advance(600)
    await Watch(desk, tracking=False).tick()
    assert at(desk, number).state is IncidentState.MERGED
    await desk.do("incident.unmerge", incident=number, reason="两件事")
    assert at(desk, number).held_until == before.held_until
    await Watch(desk, tracking=False).tick()
    assert at(desk, number).waits_until is None


# -- marks -------------------------------------------------------------------------------------------------------------


async def test_that_a_silent_call_is_void_only_after_two_call_backs_or_one_that_is_answered(desk: Desk) -> None:
    number = await opened(desk, place="", place_unknown="无声")
    await desk.do("incident.mark", incident=number, mark="silent")
    for left in (2, 1):
        assert f"还差 {left} 次" in await refused(desk, "incident.invalidate", incident=number, reason="误拨")
        await desk.do("incident.call_back_tried", incident=number, outcome="unreached")
    await desk.do("incident.invalidate", incident=number, reason="误拨")
    other = await opened(desk)
    await desk.do("incident.mark", incident=other, mark="silent")
    await desk.do("incident.call_back_tried", incident=other, outcome="reached", text="孩子玩手机")
    await desk.do("incident.invalidate", incident=other, reason="误拨")
    assert {at(desk, each).state for each in (number, other)} == {IncidentState.INVALID}
    # The evidence stays where it was.
    assert at(desk, number).mark == "silent"


async def test_that_a_dropped_caller_who_is_not_reached_at_a_clear_place_gets_a_unit(desk: Desk) -> None:
    number = await opened(desk)
    await desk.do("incident.mark", incident=number, mark="dropped")
    await desk.do("incident.call_back_tried", incident=number, outcome="unreached")
    assert "先派警核实" in await refused(desk, "incident.invalidate", incident=number, reason="误拨")
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.withdraw", unit="巡05", reason="已核实无事")
    await desk.do("incident.invalidate", incident=number, reason="误拨")
    assert at(desk, number).state is IncidentState.INVALID


async def test_that_a_prank_call_needs_no_call_back_and_is_counted_per_number(desk: Desk) -> None:
    for _ in range(3):
        number = await opened(desk, phone="13800000000")
        await desk.do("incident.mark", incident=number, mark="prank", reason="骂人")
        await desk.do("incident.invalidate", incident=number, reason="骚扰")
    assert counted(desk.picture.incidents()) == {"prank": 3}


async def test_that_only_a_call_is_marked_and_a_new_mark_asks_anew(desk: Desk) -> None:
    number = await opened(desk)
    assert "没有标记" in await refused(desk, "incident.mark", incident=number, mark="")
    assert "不认识的标记" in await refused(desk, "incident.mark", incident=number, mark="odd")
    assert "先标记" in await refused(desk, "incident.call_back_tried", incident=number, outcome="reached")
    await desk.do("incident.mark", incident=number, mark="silent")
    await desk.do("incident.call_back_tried", incident=number, outcome="unreached")
    await desk.do("incident.mark", incident=number, mark="dropped")
    assert (at(desk, number).ring_backs, at(desk, number).ring_back) == (0, "")
    assert "不认识的回拨结果" in await refused(desk, "incident.call_back_tried", incident=number, outcome="maybe")
    tell(desk, AlarmRaised(alarm=Alarm(id="a", received_at=EVENING)))
    await desk.do("unit.assign", unit="巡05", incident=number)
    assert "不能再标为骚扰" in await refused(desk, "incident.mark", incident=number, mark="prank")


# -- links -------------------------------------------------------------------------------------------------------------


async def test_that_a_link_stands_on_both_and_ends_on_both(desk: Desk) -> None:
    main, child = await opened(desk), await opened(desk)
    await desk.do("incident.link", incident=main, other=child, kind="child", reason="同一起火灾")
    (link,) = links_of(desk.picture.state, child)
    assert [other_end(link, number) for number in (main, child)] == [(child, "子警情"), (main, "主警情")]
    assert "已经关联" in await refused(desk, "incident.link", incident=child, other=main)
    await desk.do("incident.unlink", incident=child, other=main, reason="两件事")
    assert links_of(desk.picture.state, main) == links_of(desk.picture.state, child) == []
    assert "没有关联" in await refused(desk, "incident.unlink", incident=main, other=child)
    await desk.do("incident.link", incident=main, other=child)
    assert len(links_of(desk.picture.state, child)) == 1


async def test_that_nothing_becomes_its_own_child(desk: Desk) -> None:
    first, second, third = [await opened(desk) for _ in range(3)]
    await desk.do("incident.link", incident=first, other=second, kind="child")
    await desk.do("incident.link", incident=second, other=third, kind="child")
    assert "主警情" in await refused(desk, "incident.link", incident=third, other=first, kind="child")
    assert "自身" in await refused(desk, "incident.link", incident=first, other=first)
    assert "不认识的关联" in await refused(desk, "incident.link", incident=first, other=third, kind="cousin")


async def test_that_another_takers_incident_is_not_held_by_a_call_taker(desk: Desk) -> None:
    number = await opened(desk)
    desk.actor, desk.roles = "032", ("call_taker",)
    with pytest.raises(NotAllowed, match="不能改他人的记录"):
        await desk.do("incident.hold", incident=number, until=soon(desk), reason="等")


# -- stacked jobs ------------------------------------------------------------------------------------------------------


async def busy(desk: Desk, unit: str = "巡05") -> str:
    number = await opened(desk)
    await desk.do("unit.assign", unit=unit, incident=number)
    return number


def stacked(desk: Desk, unit: str = "巡05") -> list[str]:
    return [job.incident for job in stack_of(desk.picture.state, unit)]


async def test_that_a_busy_units_next_jobs_stand_in_order_and_are_put_in_another(desk: Desk) -> None:
    await busy(desk)
    one, two, three = [await opened(desk) for _ in range(3)]
    for number in (one, two):
        await desk.do("unit.stack", unit="巡05", incident=number)
    await desk.do("unit.stack", unit="巡05", incident=three, place=1)
    assert stacked(desk) == [three, one, two]
    await desk.do("unit.stack", unit="巡05", incident=two, place=1)
    assert stacked(desk) == [two, three, one]
    await desk.do("unit.unstack", unit="巡05", incident=two)
    assert [(job.incident, job.place) for job in stack_of(desk.picture.state, "巡05")] == [(three, 1), (one, 2)]
    assert "不在巡05的叠放里" in await refused(desk, "unit.unstack", unit="巡05", incident=two)


async def test_that_a_freed_unit_is_offered_its_next_job_and_nothing_goes_by_itself(desk: Desk) -> None:
    await busy(desk)
    held, ready = await opened(desk), await opened(desk)
    for number in (held, ready):
        await desk.do("unit.stack", unit="巡05", incident=number)
    await desk.do("incident.hold", incident=held, until=soon(desk), reason="等回电")
    assert next_job(desk.picture.state, "巡05") is None
    await desk.do("unit.report", unit="巡05", step="feedback", text="已处理")
    job = next_job(desk.picture.state, "巡05")
    assert job is not None
    assert job.incident == ready
    assert desk.picture.orders(ready) == []
    await desk.do("unit.assign", unit="巡05", incident=ready)
    assert stacked(desk) == [held]


async def test_that_a_stack_takes_only_what_waits_and_only_for_a_busy_unit(desk: Desk) -> None:
    on_it, waiting = await busy(desk), await opened(desk)
    assert "可直接派警" in await refused(desk, "unit.stack", unit="巡01", incident=waiting)
    assert "已派警或已结束" in await refused(desk, "unit.stack", unit="巡05", incident=on_it)
    grave = await opened(desk, priority=1)
    assert "一级警情不能叠放" in await refused(desk, "unit.stack", unit="巡05", incident=grave)
    await busy(desk, "巡01")
    for unit in UNITS:
        await desk.do("unit.stack", unit=unit, incident=waiting)
    job = job_of(desk.picture.state, waiting)
    assert job is not None
    assert (job.unit, stacked(desk, "巡01")) == ("巡05", [])


async def test_that_a_stacked_duplicate_leaves_the_stack_and_comes_back_with_its_incident(desk: Desk) -> None:
    main, waiting = await busy(desk), await opened(desk)
    await desk.do("unit.stack", unit="巡05", incident=waiting)
    await desk.do("incident.merge", incident=waiting, into=main)
    assert stacked(desk) == []
    await desk.do("incident.unmerge", incident=waiting, reason="两件事")
    assert stacked(desk) == [waiting]


# -- who must look -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seats", "own", "next_"),
    [(("01", "02", "03"), "02", "03"), (("01", "02", "03"), "03", "01"), (("02",), "02", ""), (("01", "02"), "", "")],
)
def test_that_the_neighbour_is_the_next_signed_on_seat_round_the_room(
    seats: tuple[str, ...], own: str, next_: str
) -> None:
    assert neighbour(seats, own) == next_


async def test_that_without_a_chief_or_an_owner_at_a_seat_every_seat_looks(desk: Desk) -> None:
    number = await opened(desk)
    assert [looker(desk.picture.state, number, step) for step in (1, 2, 3)] == ["", "", ""]


# -- property: nothing is ever lost ------------------------------------------------------------------------------------

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["hold", "schedule", "wake", "merge", "unmerge", "send", "clear", "stack", "grave", "tick"]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=25,
)


async def _play(moves: list[tuple[str, int, int]]) -> None:
    clock = ManualClock(EVENING)
    desk = staffed(clock)
    watch = Watch(desk, tracking=False)
    numbers = [await opened(desk) for _ in range(4)]
    for move, one, other in moves:
        number, unit = numbers[one], UNITS[other % 2]
        acts: dict[str, tuple[str, dict[str, object]]] = {
            "hold": ("incident.hold", {"incident": number, "until": soon(desk, 5 + other), "reason": "等"}),
            "schedule": ("incident.schedule", {"incident": number, "at": soon(desk, 5 + other)}),
            "wake": ("incident.wake", {"incident": number}),
            "merge": ("incident.merge", {"incident": number, "into": numbers[other]}),
            "unmerge": ("incident.unmerge", {"incident": number, "reason": "两件事"}),
            "send": ("unit.assign", {"unit": unit, "incident": number}),
            "clear": ("unit.report", {"unit": unit, "step": "feedback", "text": "已处理"}),
            "stack": ("unit.stack", {"unit": unit, "incident": number}),
            "grave": ("incident.priority", {"incident": number, "priority": 1}),
        }
        if move in acts:
            name, args = acts[move]
            with contextlib.suppress(UserError):
                await desk.do(name, **args)
        else:
            clock.advance(60 * (1 + other))
        await watch.tick()
        _nothing_is_lost(desk, numbers, clock())


def _nothing_is_lost(desk: Desk, numbers: list[str], now: datetime) -> None:
    state = desk.picture.state
    for number in numbers:
        incident = need(state, Incident, number)
        if incident.state is IncidentState.MERGED:
            assert need(state, Incident, incident.main).main != number
            continue
        until = incident.waits_until
        # Open and either in somebody's hands, or waiting for a unit with a clock that runs, or with a time to wake.
        assert incident.state in ENDED or until is None or (until > now and incident.priority > 1)
        if incident.state in (IncidentState.INTAKE, IncidentState.TRIAGED) and until is None:
            assert [promise.rule.value for promise in desk.picture.promises(number)] == ["dispatch"]
        held_orders = [order for order in state.where(Assignment, incident=number) if order.open]
        assert not (held_orders and until is not None)


@given(MOVES)
@settings(max_examples=40, deadline=None)
def test_that_no_sequence_loses_an_incident_or_leaves_it_held_without_waking(
    moves: list[tuple[str, int, int]],
) -> None:
    asyncio.run(_play(moves))
