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
from console.domain.equipment_facts import CallRang
from console.domain.errors import UserError
from console.domain.facts import NoteAdded
from console.domain.incident import Incident, IncidentState
from console.domain.state import KINDS, Entity, MemoryState, need
from console.services.calls import missed
from console.services.desk import Desk
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
