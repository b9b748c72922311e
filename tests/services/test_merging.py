"""Merging and un-merging: both records are kept, and come back exactly; a further call adds to what is known."""

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.equipment_facts import CallRang
from console.domain.errors import UserError
from console.domain.facts import NoteAdded, PriorityChanged
from console.domain.incident import Incident, IncidentState
from console.domain.state import KINDS, Entity, MemoryState, need
from console.services.calls import missed
from console.services.desk import Desk
from console.services.telling import Teller
from tests.support import EVENING, make_desk, tell


async def call(desk: Desk, priority: int = 3) -> str:
    number = await desk.do("incident.open", kind="0206", place="钟法路", priority=priority)
    assert isinstance(number, str)
    return number


def incident(desk: Desk, number: str) -> Incident:
    return need(desk.picture.state, Incident, number)


def notes(desk: Desk) -> list[str]:
    bodies = (fact.body for fact in desk.journal.read())
    return [body.text for body in bodies if isinstance(body, NoteAdded)]


def everything(state: MemoryState) -> dict[tuple[str, str], Entity]:
    """All rows, without the counts of how often an incident changed."""
    rows = ((kind.__name__, row) for kind in KINDS for row in state.all(kind))
    return {(name, row.key): replace(row, version=0) if isinstance(row, Incident) else row for name, row in rows}


@pytest.mark.parametrize(("own", "graver"), [(3, 1), (2, 2), (1, 4)])
async def test_that_un_merging_restores_every_row_of_both_incidents(own: int, graver: int) -> None:
    desk = make_desk()
    main, twice = await call(desk, priority=own), await call(desk, priority=graver)
    before = everything(desk.picture.state)
    await desk.do("incident.merge", incident=twice, into=main)
    assert everything(desk.picture.state) != before
    await desk.do("incident.unmerge", incident=twice, reason="两处泄漏")
    assert everything(desk.picture.state) == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_that_several_duplicates_come_out_in_any_order(order: tuple[int, ...]) -> None:
    desk = make_desk()
    main = await call(desk, priority=4)
    twins = [await call(desk, priority=level) for level in (3, 2, 1)]
    before = everything(desk.picture.state)
    for twin in twins:
        await desk.do("incident.merge", incident=twin, into=main)
    for index in order:
        await desk.do("incident.unmerge", incident=twins[index], reason="不是一回事")
    assert everything(desk.picture.state) == before


async def test_that_a_level_somebody_gave_meanwhile_stays() -> None:
    desk = make_desk()
    main, twice = await call(desk, priority=3), await call(desk, priority=2)
    await desk.do("incident.merge", incident=twice, into=main)
    await desk.do("incident.priority", incident=main, priority=1)
    await desk.do("incident.unmerge", incident=twice, reason="不是一回事")
    assert incident(desk, main).priority == 1


async def weapon(desk: Desk, number: str, level: int) -> None:
    """The caller answers what asks for a level."""
    said = {"question": "s_weapon", "value": "knife", "text": "凶器：刀具", "raise_to": level}
    await desk.do("incident.answer_question", incident=number, **said)


@pytest.mark.parametrize(("own", "asked", "after"), [(3, 2, 2), (4, 3, 3), (4, 2, 2), (3, 1, 1), (3, 3, 3)])
async def test_that_what_the_main_incidents_own_caller_said_outlives_the_duplicate(
    own: int, asked: int, after: int
) -> None:
    desk = make_desk()
    main, twice = await call(desk, priority=own), await call(desk, priority=2)
    await desk.do("incident.merge", incident=twice, into=main)
    await weapon(desk, main, asked)
    assert incident(desk, main).priority == min(asked, 2)
    await desk.do("incident.unmerge", incident=twice, reason="不是一回事")
    assert (incident(desk, main).priority, incident(desk, main).own_priority) == (after, 0)
    assert incident(desk, twice).priority == 2


async def test_that_the_timeline_tells_how_an_incidents_own_level_rose_under_its_duplicate() -> None:
    desk = make_desk()
    main, twice = await call(desk, priority=4), await call(desk, priority=2)
    await desk.do("incident.merge", incident=twice, into=main)
    await weapon(desk, main, 3)
    assert (incident(desk, main).priority, incident(desk, main).own_priority) == (2, 3)
    changes = [fact for fact in desk.journal.read() if isinstance(fact.body, PriorityChanged)]
    assert Teller(desk.reference).tell(changes[-1]) == "升级：四级 → 三级：自动：问询 凶器：刀具"


async def test_that_a_person_may_give_an_incident_the_level_its_duplicate_made_it() -> None:
    desk = make_desk()
    main, twice = await call(desk, priority=3), await call(desk, priority=2)
    await desk.do("incident.merge", incident=twice, into=main)
    await desk.do("incident.priority", incident=main, priority=2)
    facts = len(desk.journal.read())
    await desk.do("incident.priority", incident=main, priority=2)
    assert len(desk.journal.read()) == facts, "said twice is said once"
    await desk.do("incident.unmerge", incident=twice, reason="不是一回事")
    assert incident(desk, main).priority == 2


def elsewhere(number: int) -> dict[str, str]:
    """Opened for one matter by callers who name other places."""
    return {"kind": "0801", "place": f"钟法路 {number} 号"}


async def test_that_duplicates_raise_by_their_number_and_take_that_with_them() -> None:
    desk = make_desk()
    main, *twins = [str(await desk.do("incident.open", priority=3, **elsewhere(each))) for each in range(4)]
    before = everything(desk.picture.state)
    levels = []
    for twin in twins:
        await desk.do("incident.merge", incident=twin, into=main)
        levels.append(incident(desk, main).priority)
    reasons = [fact.body.reason for fact in desk.journal.read() if isinstance(fact.body, PriorityChanged)]
    for twin in twins:
        await desk.do("incident.unmerge", incident=twin, reason="不是一回事")
        levels.append(incident(desk, main).priority)
    assert levels == [3, 2, 2, 2, 3, 3]
    assert reasons == ["自动：60 分钟内 3 次报警"]
    assert everything(desk.picture.state) == before


async def test_that_duplicates_of_other_hours_are_no_repeats() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    numbers = []
    for each in range(3):
        numbers.append(str(await desk.do("incident.open", priority=3, **elsewhere(each))))
        clock.advance(45 * 60)
    for twin in numbers[1:]:
        await desk.do("incident.merge", incident=twin, into=numbers[0])
    assert incident(desk, numbers[0]).priority == 3


PHONE = "13800001234"


async def rings(desk: Desk, key: str) -> str:
    tell(desk, CallRang(call=Call(id=key, number=PHONE, line="M1", rang_at=desk.clock())))
    await desk.do("call.take", call=key)
    return key


@pytest.mark.parametrize("ways", [("supplement", "attach"), ("attach", "supplement")])
@pytest.mark.parametrize(("minutes", "after"), [(20, 2), (40, 3)])
async def test_that_a_number_that_rings_a_third_time_raises_the_incident_its_calls_are_added_to(
    minutes: int, after: int, ways: tuple[str, str]
) -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    first = await rings(desk, "c1")
    number = str(await desk.do("incident.open", priority=3, phone=PHONE, **elsewhere(1)))
    await desk.do("call.take", call=first, incident=number)
    levels = []
    for key, way in zip(("c2", "c3"), ways, strict=True):
        clock.advance(minutes * 60)
        await rings(desk, key)
        if way == "supplement":
            await desk.do("incident.supplement", incident=number, text="又打起来了", phone=PHONE, call=key)
        else:
            await desk.do("call.attach", call=key, incident=number)
        levels.append(incident(desk, number).priority)
    assert levels == [3, after]


async def test_that_a_call_added_to_a_main_incident_raises_it_for_good_and_its_duplicates_do_not() -> None:
    desk = make_desk()
    main, *twins = [str(await desk.do("incident.open", priority=3, **elsewhere(each))) for each in range(3)]
    for twin in twins:
        await desk.do("incident.merge", incident=twin, into=main)
    await desk.do("incident.supplement", incident=main, text="又打起来了")
    for twin in twins:
        await desk.do("incident.unmerge", incident=twin, reason="不是一回事")
    assert incident(desk, main).priority == 3


@given(st.lists(st.tuples(st.sampled_from(["merge", "unmerge"]), st.integers(0, 3), st.integers(0, 3)), max_size=12))
@settings(max_examples=20, deadline=None)
def test_that_no_sequence_of_merges_loses_a_record_or_a_level(steps: list[tuple[str, int, int]]) -> None:
    asyncio.run(_merge_and_take_apart(steps))


async def _merge_and_take_apart(steps: list[tuple[str, int, int]]) -> None:
    desk = make_desk()
    numbers = [await call(desk, priority=level) for level in (4, 3, 2, 1)]
    before = everything(desk.picture.state)
    for act, one, other in steps:
        args = {"into": numbers[other]} if act == "merge" else {"reason": "拆"}
        try:
            await desk.do(f"incident.{act}", incident=numbers[one], **args)
        except UserError:
            continue
    for _ in numbers:
        for number in reversed(numbers):
            if incident(desk, number).state is IncidentState.MERGED:
                await desk.do("incident.unmerge", incident=number, reason="拆")
    assert everything(desk.picture.state) == before


async def test_that_a_further_call_adds_to_the_incident_and_keeps_the_number_masked() -> None:
    desk = make_desk()
    number = await call(desk)
    ring = Call(id=str(uuid4()), number="13800001234", line="M1", rang_at=EVENING)
    tell(desk, CallRang(call=ring))
    await desk.do("call.take", call=ring.id)
    said = {"text": "又冒烟了", "caller": "王先生", "phone": "13800001234", "call": ring.id}
    await desk.do("incident.supplement", incident=number, **said)
    assert notes(desk)[-1] == "补充来电 王先生 138****1234：又冒烟了"
    assert (desk.picture.state.get(Call, ring.id) or ring).incident == number


async def test_that_a_further_call_tells_only_what_differs_from_the_incident() -> None:
    desk = make_desk()
    number = await call(desk, priority=2)
    known = incident(desk, number)
    said: dict[str, Any] = {"place": known.place, "kind": known.kind, "priority": 3}
    await desk.do("incident.supplement", incident=number, text="", **said)
    assert notes(desk)[-1] == "补充来电：未补充内容"
    more = {"place": "码头仓库", "place_unknown": "说不清门牌", "kind": "冒黑烟", "priority": 1}
    await desk.do("incident.supplement", incident=number, text="", **more)
    assert notes(desk)[-1] == "补充来电：地点：码头仓库；地点不明原因：说不清门牌；类别：冒黑烟；级别：一级"


@pytest.mark.parametrize(("more", "why"), [({}, "请先接起来电"), ({"taken_by": "042", "seat": "04"}, "由 042 接起")])
async def test_that_a_call_that_rings_or_that_a_colleague_has_adds_to_nothing(more: dict[str, Any], why: str) -> None:
    desk = make_desk()
    number = await call(desk)
    tell(desk, CallRang(call=Call(id="c1", number="13800001234", line="M1", rang_at=EVENING, **more)))
    before = everything(desk.picture.state)
    with pytest.raises(UserError, match=why):
        await desk.do("incident.supplement", incident=number, text="又冒烟了", call="c1")
    assert everything(desk.picture.state) == before


async def test_that_a_missed_caller_who_was_rung_back_is_no_longer_owed_a_call() -> None:
    desk = make_desk()
    number = await call(desk)
    tell(desk, CallRang(call=Call(id="c1", number="13800001234", line="M1", rang_at=EVENING, ended_at=EVENING)))
    await desk.do("call.call_back", call="c1")
    await desk.do("incident.supplement", incident=number, text="又冒烟了", call="c1")
    row = desk.picture.state.get(Call, "c1")
    assert row is not None
    assert (row.incident, row.called_back, missed(desk.picture.state, desk.clock)) == (number, "reached", [])


async def test_that_an_ended_incident_takes_no_further_call() -> None:
    desk = make_desk()
    number = await call(desk, priority=4)
    await desk.do("incident.invalidate", incident=number, reason="误拨")
    with pytest.raises(UserError, match="已结束，请新建警情"):
        await desk.do("incident.supplement", incident=number, text="又来电")
