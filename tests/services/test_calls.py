"""Calls: a fact when they ring, somebody's when he takes them, and what a number stands for here."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.equipment_facts import CallRang
from console.domain.errors import UserError
from console.domain.facts import IncidentOpened, SiteRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import new_id
from console.domain.site import Site
from console.services.calls import RINGS_AT_MOST, SHOWN, caller_of, ringing
from console.services.desk import Desk
from console.services.masking import masked_body
from tests.support import EVENING, MemoryJournal, make_desk, tell

NUMBER = "13812345678"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    return make_desk(clock)


async def hear(desk: Desk, **report: object) -> None:
    await desk.do(
        "intake.receive",
        ingest_id=new_id(),
        line="M1",
        protocol="at-modem",
        received_at=desk.clock().isoformat(),
        report={"type": "call", "raw_hex": "52494e47", "ack_hex": "", **report},
    )


def calls(desk: Desk) -> list[Call]:
    assert isinstance(desk.journal, MemoryJournal)
    return desk.journal.state.all(Call)


async def test_that_a_call_rings_until_it_ends(desk: Desk) -> None:
    await hear(desk, number="+8613812345678")
    (call,) = ringing(desk.picture.state, desk.clock)
    assert (call.number, call.line) == (NUMBER, "M1")
    await hear(desk, number="+8613812345678", ended=True, rings=4)
    assert ringing(desk.picture.state, desk.clock) == []
    assert calls(desk)[0].ended_at == EVENING


async def test_that_withheld_numbers_are_calls_of_their_own(desk: Desk) -> None:
    await hear(desk, number="")
    await hear(desk, number=NUMBER)
    await hear(desk, number="", ended=True)
    assert [call.number for call in ringing(desk.picture.state, desk.clock)] == [NUMBER]


async def test_that_one_person_takes_a_call_and_names_its_incident_later(desk: Desk) -> None:
    await hear(desk, number=NUMBER)
    (call,) = calls(desk)
    await desk.do("call.take", call=call.id)
    number = await desk.do("incident.open", kind="0206", place="钟法路")
    await desk.do("call.take", call=call.id, incident=number)
    (taken,) = calls(desk)
    assert (taken.taken_by, taken.incident) == ("031", number)
    other = make_desk(ManualClock(EVENING), actor="042", seat="04")
    tell(other, CallRang(call=taken))
    with pytest.raises(UserError, match="来电已由 031 接起"):
        await other.do("call.take", call=call.id)


async def test_that_a_call_whose_end_was_never_told_stops_ringing(desk: Desk, clock: ManualClock) -> None:
    await hear(desk, number=NUMBER)
    clock.advance(RINGS_AT_MOST.total_seconds() + 1)
    assert ringing(desk.picture.state, clock) == []


def incident(number: int, **more: object) -> Incident:
    known = {"phone": NUMBER, "created_at": EVENING - timedelta(days=number), "number": f"ZZ20261121-{number:04}"}
    return Incident(**{**known, **more})  # type: ignore[arg-type]


def test_that_a_number_stands_for_its_incidents_and_sites(desk: Desk) -> None:
    rows = [incident(1), *(incident(n, state=IncidentState.CLOSED) for n in range(2, 7)), incident(8, phone="10086")]
    tell(desk, *(IncidentOpened(incident=row.number, record=row) for row in rows))
    sites = (
        Site(id="S1", name="一小", keyholder="张敏", keyholder_phone="138 1234 5678"),
        Site(id="S2", name="二小", keyholders=("李强 10086", "王芳 +8613812345678")),
        Site(id="S3", name="三小", meu_phone="10010"),
    )
    tell(desk, *(SiteRegistered(site=site) for site in sites))
    found = caller_of(desk.picture.state, NUMBER)
    assert [row.number[-4:] for row in found.open] == ["0001"]
    assert [row.number[-4:] for row in found.former] == ["0002", "0003", "0004"]
    assert [(site.name, role) for site, role in found.sites] == [("一小", "联系人 张敏"), ("二小", "联系人 王芳")]
    assert caller_of(desk.picture.state, "").open == ()


def test_that_older_incidents_are_asked_for_and_hidden_ones_stay_hidden(desk: Desk) -> None:
    asked: list[tuple[str, int]] = []

    def find(number: str, most: int) -> Sequence[Incident]:
        asked.append((number, most))
        return [incident(1, confidential=True), incident(2, state=IncidentState.ARCHIVED)]

    found = caller_of(desk.picture.state, NUMBER, find, hidden=lambda row: row.confidential)
    assert asked == [(NUMBER, 2 * SHOWN)]
    assert ([row.number[-4:] for row in found.former], found.open) == (["0002"], ())


def test_that_a_callers_number_is_masked_in_what_leaves_the_program() -> None:
    body = {"call": {"id": "c1", "number": NUMBER}, "record": {"number": "ZZ20261121-0190"}}
    masked, fields = masked_body(body)
    assert masked == {"call": {"id": "c1", "number": "138****5678"}, "record": {"number": "ZZ20261121-0190"}}
    assert fields == ["call.number"]
