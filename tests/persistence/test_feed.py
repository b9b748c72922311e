"""The feed: every fact in order, whoever wrote it, within a second."""

import asyncio
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.persistence import records
from console.persistence.feed import Feed
from console.persistence.journal import Journal
from tests.persistence.acts import ACTS, act
from tests.persistence.raw import run, unguard

FOREIGN = """
import sys
from console.domain.clock import system_clock
from console.persistence.journal import Journal
from tests.persistence.acts import ACTS, act
journal = Journal.open(sys.argv[1], ACTS, system_clock)
sys.stdin.readline()
print(journal.commit_blocking(act("open_incident", place="外来")).facts[0].seq, flush=True)
journal.close()
"""


async def taken(feed: Feed, count: int, within_s: float = 20) -> list[Fact]:
    """The next facts, at least so many."""
    facts: list[Fact] = []
    async with asyncio.timeout(within_s):
        while len(facts) < count:
            facts += await anext(feed)
    return facts


async def test_that_a_feed_begins_after_the_number_it_was_given(journal: Journal) -> None:
    for _ in range(3):
        await journal.commit(act("open_incident"))
    feed = Feed(journal.url, since=1)
    assert [fact.seq for fact in await taken(feed, 2)] == [2, 3]
    feed.close()


async def test_that_facts_come_once_and_in_order_while_they_are_written(journal: Journal) -> None:
    feed = Feed(journal.url, since=0)
    await asyncio.gather(*(journal.commit(act("open_incident")) for _ in range(200)))
    facts = await taken(feed, 200)
    feed.close()
    assert [fact.seq for fact in facts] == list(range(1, 201))
    assert facts == journal.read()


async def test_that_the_rows_of_another_process_are_seen_soon_and_without_asking(journal: Journal) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", FOREIGN, journal.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    feed = Feed(journal.url, since=0)
    assert other.stdin is not None
    assert other.stdout is not None
    print(file=other.stdin, flush=True)
    seq = int(await asyncio.to_thread(other.stdout.readline))
    (fact,) = await taken(feed, 1)
    assert fact.seq == seq
    feed.close()
    await asyncio.to_thread(other.communicate)
    assert other.returncode == 0


async def test_that_closing_ends_the_iteration(journal: Journal) -> None:
    await journal.commit(act("open_incident"))
    feed = Feed(journal.url, since=0)
    seen = []
    async for facts in feed:
        seen += facts
        feed.close()
    assert [fact.seq for fact in seen] == [1]


async def test_that_closing_from_a_thread_wakes_who_waits_for_the_next_facts(journal: Journal) -> None:
    feed = Feed(journal.url, since=0)
    waiting = asyncio.create_task(anext(feed))
    await asyncio.sleep(0)
    # A bare thread: the end of one of the loop's own would wake the loop, whatever the feed did.
    closing = threading.Thread(target=feed.close)
    began = time.monotonic()
    closing.start()
    await asyncio.wait({waiting}, timeout=10)
    closing.join()
    assert time.monotonic() - began < 9, "the loop slept until its own time was up"
    assert isinstance(waiting.exception(), StopAsyncIteration)


async def test_that_two_journals_on_one_file_share_one_numbering(journal: Journal, clock: ManualClock) -> None:
    other = Journal.open(journal.url, ACTS, clock)
    await asyncio.gather(*(j.commit(act("open_incident")) for _ in range(40) for j in (journal, other)))
    other.close()
    facts = journal.read()
    assert [fact.seq for fact in facts] == list(range(1, 81))
    assert len({fact.body.incident for fact in facts}) == 80


async def test_that_several_processes_may_open_an_empty_place_at_once(url: str) -> None:
    desks = [
        subprocess.Popen(
            [sys.executable, "-c", FOREIGN, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    answers = await asyncio.gather(*(asyncio.to_thread(desk.communicate, b"\n") for desk in desks))
    assert [stderr.decode() for _, stderr in answers] == [""] * 4
    assert sorted(int(stdout) for stdout, _ in answers) == [1, 2, 3, 4]


async def test_that_a_fact_of_a_newer_program_stops_the_feed_with_a_reason(
    journal: Journal, expected_log: list[str]
) -> None:
    expected_log.append("feed is behind: .*请升级本程序")
    await journal.commit(act("open_incident"))
    unguard(journal.url)
    run(journal.url, "UPDATE journal SET name = 'Teleported'")
    feed = Feed(journal.url, since=0)
    async with asyncio.timeout(20):
        while feed.fault is None:  # noqa: ASYNC110 -- a lamp is looked at, it does not call
            await asyncio.sleep(0.02)
    assert "请升级本程序" in feed.fault.what
    feed.close()


async def test_that_a_bug_in_reading_is_told_and_the_feed_goes_on(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log += ["the feed failed", "feed is behind: .*a bug of ours"]
    monkeypatch.setattr("console.persistence.feed.AGAIN_S", 0.05)
    entries, bugs = records.entries, [ZeroDivisionError("a bug of ours")] * 2

    def stumble(*which: Any) -> Any:
        if bugs:
            raise bugs.pop()
        return entries(*which)

    monkeypatch.setattr(records, "entries", stumble)
    await journal.commit(act("open_incident"))
    told: list[JournalUnavailable | None] = []
    feed = Feed(journal.url, 0, told.append)
    assert [fact.seq for fact in await taken(feed, 1)] == [1]
    async with asyncio.timeout(20):
        while told[-1:] != [None]:  # noqa: ASYNC110 -- a lamp is looked at, it does not call
            await asyncio.sleep(0.01)
    feed.close()
    assert told[0] is not None
    assert "a bug of ours" in told[0].what


async def test_that_a_feed_ahead_of_its_journal_steps_back(journal: Journal, expected_log: list[str]) -> None:
    """A stand-by that lacked the last rows became the server: the next facts have numbers that were seen before."""
    expected_log.append("the journal ends at 1, but 9 has been read")
    await journal.commit(act("open_incident"))
    feed = Feed(journal.url, since=9)
    await asyncio.sleep(0.2)
    await journal.commit(act("open_incident"))
    facts = await taken(feed, 1)
    feed.close()
    assert [fact.seq for fact in facts] == [2]
