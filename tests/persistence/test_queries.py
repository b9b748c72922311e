"""Queries and the opening of the picture: what lists, searches and windows get."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from console.domain.alarm import Alarm, AlarmState
from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.site import Line, Site
from console.domain.state import MemoryState
from console.domain.unit import Unit
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from tests.persistence.acts import NOON, act
from tests.persistence.raw import plan


@pytest.fixture
def queries(journal: Journal) -> Iterator[Queries]:
    opened = Queries(journal.url)
    yield opened
    opened.close()


async def opened(journal: Journal, **fields: Any) -> str:
    number = str((await journal.commit(act("open_incident"))).value)
    if fields:
        await journal.commit(act("edit", incident=number, **fields))
    return number


async def closed(journal: Journal) -> str:
    number = await opened(journal)
    for move in ("triage", "feedback", "review", "close"):
        await journal.commit(act("move", incident=number, act=move))
    return number


async def test_that_signals_carry_the_number_of_their_fact(journal: Journal, queries: Queries) -> None:
    await opened(journal)
    await asyncio.gather(*(journal.commit(act("receive", ingest_id=f"i{n}")) for n in range(3)))
    signals = queries.signals()
    names = {fact.seq: fact.name for fact in journal.read()}
    assert [names[row.seq] for row in signals] == ["SignalReceived"] * 3
    assert [row.signal.ingest_id for row in signals] == ["i0", "i1", "i2"]
    assert [row.signal.ingest_id for row in queries.signals(since=signals[0].seq)] == ["i1", "i2"]
    assert signals[0].signal.extended == {"text": "紧急"}


async def test_that_open_alarms_are_those_not_reset(journal: Journal, queries: Queries) -> None:
    for n in range(2):
        await journal.commit(act("receive", ingest_id=f"i{n}"))
    for move in ("acknowledge", "judge_false", "reset"):
        await journal.commit(act("alarm", alarm="alarm i0", act=move))
    assert [row.state for row in queries.alarms()] == [AlarmState.RESET, AlarmState.RECEIVED]
    assert [row.id for row in queries.alarms(open_only=True)] == ["alarm i1"]


async def test_that_an_incident_names_its_units_and_agencies_once_each(journal: Journal, queries: Queries) -> None:
    number = await opened(journal)
    for unit in ("巡05", "巡02", "巡05"):
        await journal.commit(act("assign", incident=number, unit=unit))
    for agency in ("消防", "120"):
        await journal.commit(act("hand_off", incident=number, agency=agency))
    (line,) = queries.incidents()
    assert (line.units, line.agencies) == (("巡05", "巡02"), ("消防", "120"))
    assert queries.incident(number) == line


async def test_that_pages_run_from_new_to_old(journal: Journal, queries: Queries, clock: ManualClock) -> None:
    numbers = []
    for _ in range(5):
        clock.advance(1)
        numbers.append(await opened(journal))
    pages = [queries.incidents(limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [line.incident.number for page in pages for line in page] == numbers[::-1]
    assert queries.count_incidents() == 5


async def test_that_ended_incidents_are_not_open(journal: Journal, queries: Queries) -> None:
    await closed(journal)
    number = await opened(journal)
    assert [line.incident.number for line in queries.incidents(open_only=True)] == [number]
    assert queries.count_incidents(open_only=True) == 1


async def test_that_a_local_number_finds_its_incident_for_ever(journal: Journal, queries: Queries) -> None:
    number = (await journal.commit(act("open_incident", alias="ZZ20261121-L03-07"))).value
    line = queries.incident("ZZ20261121-L03-07")
    assert line is not None
    assert line.incident.number == number
    assert queries.incident("ZZ20261121-L03-08") is None
    assert queries.incident("") is None


async def test_that_search_looks_where_a_person_would(journal: Journal, queries: Queries) -> None:
    rows = {
        "place": await opened(journal, place="钟法路12号"),
        "narrative": await opened(journal, narrative="有人在100%酒吧门口打架"),
        "phone": await opened(journal, phone="13800001234"),
        "title": await opened(journal, title="盗窃", kind="010101"),
    }
    for text, where in (("钟法路12", "place"), ("打架", "narrative"), ("00001234", "phone"), ("盗窃", "title")):
        assert [line.incident.number for line in queries.search(text)] == [rows[where]]
    kinds = {"不在标题里": ["010101"]}
    assert [line.incident.number for line in queries.search("不在标题里", kinds=kinds)] == [rows["title"]]
    assert [line.incident.number for line in queries.search("1121-0003")] == [rows["phone"]]
    # A percent sign is looked for as it stands, not as a wildcard.
    assert [line.incident.number for line in queries.search("0%酒")] == [rows["narrative"]]
    # Words in any order and any field, but all of them.
    assert [line.incident.number for line in queries.search("打架 100%")] == [rows["narrative"]]
    assert queries.search("打架 盗窃") == []
    assert queries.search("  ") == []
    assert len(queries.search("ZZ2026", limit=3)) == 3


async def test_that_a_numbers_calls_are_counted_exactly(journal: Journal, queries: Queries, clock: ManualClock) -> None:
    for phone in ("13800001234", "138000012345", "13800001234", ""):
        await opened(journal, phone=phone)
        clock.advance(60)
    assert queries.count_calls("13800001234", NOON) == 2
    assert queries.count_calls("13800001234", NOON + timedelta(seconds=1)) == 1
    assert queries.count_calls("", NOON) == 0


async def test_that_counting_calls_goes_by_an_index(journal: Journal, queries: Queries) -> None:
    """Else a hundred thousand incidents are read at every call, for a tenth of a second each time."""
    asked: list[tuple[str, Any]] = []

    def remember(_: object, __: object, text: str, values: Any, *___: object) -> None:
        if text.startswith("SELECT count"):
            asked.append((text, values))

    event.listen(Engine, "before_cursor_execute", remember)
    queries.count_calls("13800001234", NOON)
    event.remove(Engine, "before_cursor_execute", remember)
    ((text, values),) = asked
    assert "ix_incidents_phone" in plan(journal.url, text, values)


async def test_that_the_timeline_is_the_incidents_own_facts(journal: Journal, queries: Queries) -> None:
    number = await opened(journal)
    await opened(journal)
    order = (await journal.commit(act("assign", incident=number, unit="巡05"))).value
    await journal.commit(act("order", assignment=order, act="sign"))
    names = [fact.name for fact in queries.timeline(number)]
    assert names == ["IncidentOpened", "UnitAssigned", "LeadChanged", "AssignmentMoved"]


async def test_that_journal_rows_are_as_stored(journal: Journal, queries: Queries) -> None:
    await opened(journal)
    await opened(journal)
    first, second = queries.journal_rows()
    assert second.prev_hash == first.hash
    assert first.body.startswith('{"incident":"ZZ20261121-0001","record":{')
    assert queries.journal_rows(since=1, limit=1) == [second]


async def test_that_the_picture_opens_with_what_is_open_and_a_day_of_what_ended(
    journal: Journal, clock: ManualClock
) -> None:
    old, old_open = await closed(journal), await opened(journal)
    await journal.commit(act("assign", incident=old_open, unit="巡05"))
    await journal.commit(act("receive", ingest_id="old"))
    clock.advance(25 * 3600)
    recent = await closed(journal)
    await journal.commit(act("hand_off", incident=recent, agency="消防"))
    await journal.commit(act("register_unit", unit="巡05"))
    await journal.commit(act("register_site", site="S1", account="7037"))
    await journal.commit(act("line", name="A1"))
    picture = MemoryState()
    assert journal.load_state(picture) == journal.head()
    assert {row.number for row in picture.all(Incident)} == {old_open, recent}
    assert picture.get(Incident, old) is None
    assert [row.unit for row in picture.all(Assignment)] == ["巡05"]
    assert [row.agency for row in picture.all(Handoff)] == ["消防"]
    assert [row.id for row in picture.all(Alarm)] == ["alarm old"]
    assert (len(picture.all(Unit)), len(picture.all(Site)), len(picture.all(Line))) == (1, 1, 1)
    assert picture.all(Site)[0].zones == {"004": "门卫室"}
