"""The journal: what is committed is there once, in order, and nothing else is."""

import asyncio
import threading
from datetime import timedelta

import pytest

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import DeadlinePassed, IncidentOpened
from console.domain.incident import Incident, IncidentState
from console.domain.state import MemoryState
from console.domain.unit import Position
from console.persistence.journal import Committed, Journal
from console.persistence.queries import Queries
from tests.persistence.acts import ACTS, NOON, act


async def test_that_a_commit_answers_its_facts_and_value(journal: Journal) -> None:
    done = await journal.commit(act("open_incident", place="人民路2号"))
    assert done.value == "ZZ20261121-0001"
    assert not done.already
    (fact,) = done.facts
    assert isinstance(fact.body, IncidentOpened)
    assert (fact.seq, fact.actor, fact.seat, fact.at) == (1, "031", "03", NOON)
    assert journal.read() == [fact]
    assert journal.head().seq == 1


async def test_that_reading_goes_on_after_the_last_number_seen(journal: Journal) -> None:
    for _ in range(3):
        await journal.commit(act("open_incident"))
    assert [fact.seq for fact in journal.read(since=1)] == [2, 3]
    assert [fact.seq for fact in journal.read(limit=2)] == [1, 2]


async def test_that_numbers_count_the_days_of_the_desk_not_of_utc(journal: Journal, clock: ManualClock) -> None:
    first = await journal.commit(act("open_incident"))
    clock.advance(12 * 3600)
    second = await journal.commit(act("open_incident"))
    third = await journal.commit(act("open_incident"))
    assert [done.value for done in (first, second, third)] == ["ZZ20261121-0001", "ZZ20261122-0001", "ZZ20261122-0002"]


async def test_that_a_repeated_act_takes_effect_once_and_gets_its_first_answer(journal: Journal) -> None:
    asked = act("open_incident")
    first = await journal.commit(asked)
    again = await journal.commit(asked)
    assert again == Committed(facts=(), value=first.value, already=True)
    assert journal.head().seq == 1


async def test_that_the_same_act_twice_in_one_batch_takes_effect_once(journal: Journal) -> None:
    asked = act("open_incident")
    _, first, again = await asyncio.gather(
        journal.commit(act("nap", seconds=0.1)), journal.commit(asked), journal.commit(asked)
    )
    assert [first.already, again.already] == [False, True]
    assert again.value == first.value
    assert journal.head().seq == 2


async def test_that_a_commit_called_off_while_its_answer_is_on_its_way_is_called_off(journal: Journal) -> None:
    """Whoever calls off waits for the end. A task that goes on instead keeps its station from stopping for ever."""
    called_off = []
    for turns in range(8):
        committing = asyncio.create_task(journal.commit(act("open_incident")))
        await asyncio.sleep(0)
        # The loop stands until the writer has answered both; what was asked first is answered first.
        journal.commit_blocking(act("open_incident"))
        for _ in range(turns):
            await asyncio.sleep(0)
        called_off.append(committing.cancel())
        await asyncio.wait({committing})
        assert committing.cancelled() is called_off[-1], turns
    assert called_off == sorted(called_off, reverse=True)
    assert called_off[0]
    assert not called_off[-1], "so many turns are enough for the answer"


async def test_that_a_refused_act_in_a_batch_leaves_nothing_and_hurts_nobody(journal: Journal) -> None:
    answers = await asyncio.gather(
        journal.commit(act("nap", seconds=0.1)),
        journal.commit(act("open_incident", place="甲")),
        journal.commit(act("refuse", place="乙")),
        journal.commit(act("stumble", place="丙")),
        journal.commit(act("open_incident", place="丁")),
        return_exceptions=True,
    )
    assert isinstance(answers[2], UserError)
    assert str(answers[2]) == "此路不通"
    assert isinstance(answers[3], RuntimeError)
    bodies = [fact.body for fact in journal.read()]
    assert [body.record.place for body in bodies if isinstance(body, IncidentOpened)] == ["睡过头", "甲", "丁"]
    stored = MemoryState()
    journal.load_state(stored)
    # The refused ones give their number back: the day's count has no gap.
    assert [row.number for row in stored.all(Incident)] == [f"ZZ20261121-000{n}" for n in (1, 2, 3)]


async def test_that_what_queued_behind_a_commit_shares_the_next_transaction(journal: Journal) -> None:
    slow = asyncio.create_task(journal.commit(act("nap", seconds=0.2)))
    await asyncio.sleep(0.05)
    await asyncio.gather(*(journal.commit(act("open_incident", place=f"{n}")) for n in range(50)), slow)
    places = [fact.body.record.place for fact in journal.read() if isinstance(fact.body, IncidentOpened)]
    assert places == ["睡过头", *(str(n) for n in range(50))]


async def test_that_stamps_never_go_back_when_the_clock_is_set_back_an_hour(
    journal: Journal, clock: ManualClock
) -> None:
    await journal.commit(act("open_incident"))
    clock.advance(-3600)
    await journal.commit(act("open_incident"))
    clock.advance(3601)
    await journal.commit(act("open_incident"))
    assert [fact.at - NOON for fact in journal.read()] == [timedelta(0), timedelta(0), timedelta(seconds=1)]


async def test_that_an_act_that_recorded_nothing_leaves_no_row(journal: Journal) -> None:
    done = await journal.commit(act("look"))
    assert done == Committed(facts=(), value="nothing happened", already=False)
    assert journal.head().seq == 0


async def test_that_an_act_sees_what_it_has_just_done(journal: Journal) -> None:
    number = (await journal.commit(act("open_incident"))).value
    orders = [(await journal.commit(act("assign", incident=number, unit=unit))).value for unit in ("巡01", "巡02")]
    assert orders == [f"{number}/1", f"{number}/2"]


async def test_that_an_act_finds_what_is_in_any_of_several_states(journal: Journal) -> None:
    for place in ("江滨路", "江滨路", "江滨路", "钟法路"):
        await journal.commit(act("open_incident", place=place))
    await journal.commit(act("move", incident="ZZ20261121-0002", act="triage"))
    await journal.commit(act("move", incident="ZZ20261121-0003", act="invalidate"))
    both = await journal.commit(act("find", place="江滨路", states=["NEW", "TRIAGED"]))
    one = await journal.commit(act("find", place="江滨路", states=["TRIAGED"]))
    assert (both.value, one.value) == ("0001 0002", "0002")
    picture = MemoryState()
    journal.load_state(picture)
    wanted = (IncidentState.NEW, IncidentState.TRIAGED)
    assert [row.number[-4:] for row in picture.where(Incident, state=wanted, place="江滨路")] == ["0001", "0002"]
    assert [row.number[-4:] for row in picture.where(Incident, alias=("", "L03"), state=wanted)] == [
        "0001",
        "0002",
        "0004",
    ]


async def test_that_a_deadline_is_announced_once_for_each_step(journal: Journal) -> None:
    seen = [(await journal.commit(act("late", subject="ZZ-1", rule="sign", step=step))).value for step in (1, 1, 2)]
    assert seen == [False, True, False]
    told = [fact.body for fact in journal.read()]
    assert [body.step for body in told if isinstance(body, DeadlinePassed)] == [1, 2]


async def test_that_an_illegal_move_is_refused_with_the_reason(journal: Journal) -> None:
    number = (await journal.commit(act("open_incident"))).value
    with pytest.raises(UserError, match=r"新警情.*不能办结"):
        await journal.commit(act("move", incident=number, act="close"))


async def test_that_positions_are_kept_but_not_journaled(journal: Journal) -> None:
    fixes = [Position(unit="巡05", lat=30.5, lon=114.3 + n / 1000, at=NOON + timedelta(seconds=n)) for n in range(5)]
    await journal.track(fixes)
    queries = Queries(journal.url)
    assert queries.track("巡05", NOON + timedelta(seconds=1), NOON + timedelta(seconds=3)) == fixes[1:4]
    queries.close()
    assert journal.head().seq == 0


async def test_that_closing_gives_back_what_was_not_begun(url: str, clock: ManualClock) -> None:
    journal = Journal.open(url, ACTS, clock)
    busy = asyncio.create_task(journal.commit(act("nap", seconds=0.5)))
    waiting = [asyncio.create_task(journal.commit(act("open_incident", act_id=f"w{n}"))) for n in range(2)]
    await asyncio.sleep(0.1)
    left = await asyncio.to_thread(journal.close, 0.1)
    outcomes = await asyncio.gather(busy, *waiting, return_exceptions=True)
    assert {row.act_id for row in left} <= {"w0", "w1"}
    reopened = Journal.open(url, ACTS, clock)
    kept = {fact.act_id for fact in reopened.read()}
    reopened.close()
    for n, outcome in enumerate(outcomes[1:]):
        assert (f"w{n}" in kept) == isinstance(outcome, Committed)
        assert (f"w{n}" in kept) != (f"w{n}" in {row.act_id for row in left})


def test_that_closing_a_hanging_writer_takes_no_longer_than_asked(url: str, clock: ManualClock) -> None:
    others = set(threading.enumerate())
    journal = Journal.open(url, ACTS, clock, patience_s=0.1)
    with pytest.raises(JournalUnavailable):
        journal.commit_blocking(act("nap", seconds=1.5))
    journal.close(drain_s=0.3)
    sleepers = set(threading.enumerate()) - others
    assert sleepers, "it waited until the writer woke"
    for thread in sleepers:
        thread.join(10)
