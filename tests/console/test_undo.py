"""Taking back within ten seconds, and lines whose object comes first."""

from typing import Any

import pytest

from console.commands import interpret
from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.facts import UnitRegistered
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.state import need
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from tests.console.test_commands import context_on
from tests.support import EVENING, make_desk, tell


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock=clock)
    free = UnitStatus.AVAILABLE
    tell(made, *(UnitRegistered(unit=Unit(id=name, status=free, status_since=EVENING)) for name in ("巡05", "巡06")))
    return made


async def call(desk: Desk, **said: Any) -> str:
    return str(await desk.do("incident.open", **{"kind": "0206", "place": "钟法路", "priority": 4, **said}))


async def type_in(desk: Desk, line: str, incident: str = "") -> str:
    return await interpret(context_on(desk, incident=incident), line).deed()


async def test_that_a_unit_sent_by_mistake_is_recalled_while_it_has_not_signed(desk: Desk) -> None:
    number = await call(desk)
    await type_in(desk, "派 巡05", number)
    assert await type_in(desk, "反悔") == "已反悔：派警（巡05）"
    assert need(desk.picture.state, Unit, "巡05").status is UnitStatus.AVAILABLE
    assert need(desk.picture.state, Incident, number).state is IncidentState.TRIAGED


async def test_that_a_unit_that_has_signed_is_not_recalled_by_a_key(desk: Desk) -> None:
    number = await call(desk)
    await type_in(desk, "派 巡05", number)
    await desk.do("unit.report", unit="巡05", step="sign")
    with pytest.raises(UserError, match="巡05已签收，不能反悔"):
        await type_in(desk, "反悔")


async def test_that_an_order_somebody_else_gave_meanwhile_is_not_taken_back(desk: Desk) -> None:
    first, second = await call(desk), await call(desk, place="丹霞路")
    await type_in(desk, "派 巡05", first)
    await desk.carry_out(desk.act("unit.withdraw", {"unit": "巡05", "reason": "改派"}))
    await desk.carry_out(desk.act("unit.assign", {"unit": "巡05", "incident": second}))
    with pytest.raises(UserError, match="巡05已不在这起警情上"):
        await type_in(desk, "反悔")
    assert need(desk.picture.state, Unit, "巡05").incident == second


async def test_that_a_level_somebody_else_gave_meanwhile_stays(desk: Desk) -> None:
    number = await call(desk)
    await desk.do("incident.priority", incident=number, priority=3)
    await desk.carry_out(desk.act("incident.priority", {"incident": number, "priority": 1}))
    with pytest.raises(UserError, match="此后已被改过"):
        await type_in(desk, "反悔")
    assert need(desk.picture.state, Incident, number).priority == 1


async def test_that_after_ten_seconds_nothing_is_taken_back(desk: Desk, clock: ManualClock) -> None:
    number = await call(desk)
    await desk.do("incident.priority", incident=number, priority=2)
    clock.advance(10.5)
    with pytest.raises(UserError, match="没有可反悔的操作"):
        await type_in(desk, "反悔")
    assert need(desk.picture.state, Incident, number).priority == 2


async def test_that_acts_are_taken_back_one_after_the_other_and_only_once(desk: Desk) -> None:
    number, other = await call(desk), await call(desk)
    await desk.do("incident.edit", incident=number, fields={"place": "延安北路"})
    await desk.do("incident.priority", incident=number, priority=2)
    await desk.do("incident.merge", incident=other, into=number)
    for _ in range(3):
        await type_in(desk, "反悔")
    found = need(desk.picture.state, Incident, number)
    assert (found.place, found.priority) == ("钟法路", 4)
    assert need(desk.picture.state, Incident, other).open
    with pytest.raises(UserError, match="没有可反悔的操作"):
        await type_in(desk, "反悔")


async def test_that_an_agency_instructed_by_mistake_is_told_to_forget_it(desk: Desk) -> None:
    number = await call(desk)
    handoff = await desk.send_handoff(number, "gas_supply")
    await type_in(desk, "反悔")
    assert need(desk.picture.state, Handoff, handoff).state is HandoffState.CANCELLED


async def test_that_the_echo_says_what_would_be_taken_back(desk: Desk) -> None:
    number = await call(desk)
    await desk.do("incident.priority", incident=number, priority=1)
    assert interpret(context_on(desk), "反悔").echo == f"反悔：改级别（{number.split('-', 1)[1]}）"


@pytest.mark.parametrize("line", ["派 巡05 {short}", "巡05 派 {short}", "{short} 派 巡05", "巡05派 {short}"])
async def test_that_the_object_may_come_before_the_verb(desk: Desk, line: str) -> None:
    number = await call(desk)
    await type_in(desk, line.format(short=number[-4:]))
    assert [order.unit for order in desk.picture.state.where(Assignment, incident=number)] == ["巡05"]


@pytest.mark.parametrize("line", ["巡05 到场", "巡05到场", "到场 巡05"])
async def test_that_a_radio_report_is_typed_as_it_is_heard(desk: Desk, line: str) -> None:
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await type_in(desk, line)
    assert need(desk.picture.state, Unit, "巡05").status is UnitStatus.ON_SCENE


async def test_that_an_unknown_object_before_a_verb_is_refused_with_the_nearest_verbs(desk: Desk) -> None:
    with pytest.raises(UserError, match="不认识的命令：巡99派"):
        await type_in(desk, "巡99派 0001")


async def test_that_nobody_takes_back_what_his_predecessor_did(desk: Desk) -> None:
    number = await call(desk)
    await desk.do("incident.priority", incident=number, priority=2)
    desk.actor = "042"
    with pytest.raises(UserError, match="没有可反悔的操作"):
        await type_in(desk, "反悔")
