"""保留, 挂机, 附, 回电: which of several callers a key means, and that it never means one it must not touch."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.commands import BY_ID, interpret
from console.commands.command import Context, Prepared
from console.commands.rehearsal import about
from console.commands.seen import Seen
from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.equipment_facts import CallEnded, CallRang
from console.domain.errors import UserError
from console.domain.facts import IncidentOpened
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.state import need
from console.services.desk import Desk
from tests.console.test_commands import context_on
from tests.support import ALL, EVENING, make_desk, tell

N = "ZZ20261121-0190"
A, B = "13811110001", "13811110002"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    record = Incident(number=N, title="燃气泄漏", state=IncidentState.INTAKE, created_at=EVENING)
    tell(made, IncidentOpened(incident=N, record=record))
    return made


def calls(desk: Desk, key: str, number: str, **fields: Any) -> None:
    """One who rang at a modem."""
    tell(desk, CallRang(call=replace(Call(id=key, number=number, line="M1", rang_at=desk.clock()), **fields)))


def talked(desk: Desk, key: str, number: str, **fields: Any) -> None:
    calls(desk, key, number, taken_by="031", seat="03", taken_at=desk.clock(), **fields)


def missed(desk: Desk, key: str, number: str, by: str, **fields: Any) -> None:
    begun = {"called_back_at": desk.clock(), "called_back_by": by} if by else {}
    calls(desk, key, number, ended_at=desk.clock(), **{**begun, **fields})


def on(desk: Desk, **focus: Any) -> Context:
    return context_on(desk, **{"incident": N, **focus})


def press(desk: Desk, command: str, **focus: Any) -> Prepared:
    """What a command's key prepares."""
    return BY_ID[command].prepare(on(desk, **focus), ())


def call(desk: Desk, key: str) -> Call:
    return need(desk.picture.state, Call, key)


# -- callers in hand ---------------------------------------------------------------------------------------------------


async def test_that_the_key_that_ends_a_call_never_ends_a_caller_on_hold(desk: Desk) -> None:
    talked(desk, "a", A)
    talked(desk, "b", B, held_at=EVENING)
    assert press(desk, "call.hang_up").echo == f"挂机 {A}"
    tell(desk, CallEnded(call="a"))
    with pytest.raises(UserError, match=r"只剩保留的来电，请先按 Alt\+B 取回再挂机"):
        press(desk, "call.hang_up")
    await press(desk, "call.hold").deed()
    assert press(desk, "call.hang_up").echo == f"挂机 {B}"


async def test_that_attaching_twice_attaches_no_caller_on_hold(desk: Desk) -> None:
    talked(desk, "a", A)
    talked(desk, "b", B, held_at=EVENING)
    await press(desk, "call.attach").deed()
    with pytest.raises(UserError, match="来电已附到警情0190"):
        press(desk, "call.attach")
    assert (call(desk, "a").incident, call(desk, "b").incident) == (N, "")


async def test_that_the_one_caller_on_hold_is_attached_but_none_of_two(desk: Desk) -> None:
    talked(desk, "a", A, held_at=EVENING)
    talked(desk, "b", B, held_at=EVENING)
    for focus in (N, ""):
        with pytest.raises(UserError, match="有几个保留的来电，请先取回要附的一个"):
            press(desk, "call.attach", incident=focus)
    tell(desk, CallEnded(call="b"))
    await press(desk, "call.attach").deed()
    assert call(desk, "a").incident == N


async def test_that_a_call_that_changed_a_moment_ago_is_asked_about_again(desk: Desk) -> None:
    talked(desk, "a", A)
    talked(desk, "b", B)
    seen = Seen(desk)
    by_another = Act(name="call.hold", args={"call": "a"}, actor="042", seat="03", roles=ALL, at=EVENING)
    await desk.carry_out(by_another)
    assert (call(desk, "a").held_at, call(desk, "b").held_at) == (EVENING, None)
    held = interpret(on(desk), "取回")
    assert held.about == ("a",)
    assert seen.changed_since(held.about, None)
    assert not seen.changed_since(press(desk, "call.hang_up").about, None), "the other one stood still"
    seen.close()


def test_that_an_act_on_an_emergency_is_about_that_officer() -> None:
    assert about(("emergency.acknowledge", {"emergency": "e1"})) == ("e1",)


# -- callers rung back -------------------------------------------------------------------------------------------------


async def test_that_a_doubled_key_marks_no_other_caller_as_reached(desk: Desk, clock: ManualClock) -> None:
    missed(desk, "a", A, by="031")
    missed(desk, "b", B, by="042")
    assert await press(desk, "call.reached").deed() == f"已记 {A} 回电接通"
    with pytest.raises(UserError, match="031 已经回电接通"):
        press(desk, "call.reached")
    clock.advance(timedelta(minutes=5).total_seconds())
    with pytest.raises(UserError, match="031 已经回电接通"):
        press(desk, "call.reached")
    assert (call(desk, "b").called_back, call(desk, "b").called_back_by) == ("", "042")


async def test_that_nobody_says_for_another_what_came_of_his_call_back(desk: Desk) -> None:
    missed(desk, "b", B, by="042")
    missed(desk, "c", A, by="")
    for command in ("call.reached", "call.unreached"):
        with pytest.raises(UserError, match="没有正在回电的未接来电"):
            press(desk, command)


async def test_that_the_outcome_is_that_of_the_call_back_begun_last(desk: Desk, clock: ManualClock) -> None:
    missed(desk, "a", A, by="031", called_back="unreached")
    clock.advance(60)
    missed(desk, "b", B, by="031")
    assert await press(desk, "call.unreached").deed() == f"已记 {B} 回电未接通"
    assert await press(desk, "call.reached").deed() == f"已记 {B} 回电接通", "he rang in this moment after all"
    assert call(desk, "a").called_back == "unreached"
