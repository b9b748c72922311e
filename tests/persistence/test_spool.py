"""The spool: what it took survives, reaches the journal once, and is never lost to a quarrel."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act
from console.persistence.journal import Committed, Journal
from console.persistence.spool import Spool
from tests.persistence.acts import NOON, act


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"


@pytest.fixture
def spool(file: Path, clock: ManualClock) -> Iterator[Spool]:
    opened = Spool.open(file, clock)
    yield opened
    opened.close()


def test_that_what_was_put_is_there_after_reopening(spool: Spool, file: Path, clock: ManualClock) -> None:
    asked = act("open_incident", place="钟法路", alias="ZZ20261121-L03-01")
    spool.put(asked)
    again = Spool.open(file, clock)
    (row,) = again.pending()
    again.close()
    assert (row.act, row.at, row.why) == (asked, NOON, "")


def test_that_putting_an_act_twice_keeps_one(spool: Spool) -> None:
    asked = act("open_incident")
    assert spool.put(asked)
    assert not spool.put(asked)
    assert spool.count() == 1


async def test_that_what_a_dead_process_held_waits_and_takes_effect_once(
    spool: Spool, file: Path, clock: ManualClock, journal: Journal
) -> None:
    known, lost, done = (act("receive", ingest_id=f"i{n}") for n in range(3))
    for asked in (known, lost, done):
        spool.hold(asked)
    await journal.commit(known)
    spool.let_go(done.act_id)
    assert spool.count() == 0, "a process that lives asks the journal itself"
    again = Spool.open(file, clock)
    again.wait_for_held()
    assert [row.act for row in again.pending()] == [known, lost]
    unloaded = await again.unload(journal)
    again.close()
    assert [told.already for told in unloaded.committed] == [True, False]
    assert spool.count() == 0


def test_that_what_waits_is_held_no_more(spool: Spool) -> None:
    asked = act("receive", ingest_id="i1")
    spool.hold(asked)
    spool.hold(asked)
    assert spool.put(asked)
    spool.wait_for_held()
    assert spool.count() == 1
    spool.remove(asked.act_id)
    spool.wait_for_held()
    assert spool.count() == 0


async def test_that_unloading_commits_in_order_and_empties_the_spool(spool: Spool, journal: Journal) -> None:
    for n in range(3):
        spool.put(act("receive", ingest_id=f"i{n}"))
    unloaded = await spool.unload(journal)
    assert [done.value for done in unloaded.committed] == ["alarm i0", "alarm i1", "alarm i2"]
    assert (unloaded.clashes, unloaded.fault, spool.count()) == (0, None, 0)


async def test_that_what_the_journal_has_already_goes_without_a_second_effect(spool: Spool, journal: Journal) -> None:
    asked = act("receive", ingest_id="i1")
    spool.put(asked)
    await journal.commit(asked)
    before = journal.head()
    unloaded = await spool.unload(journal)
    assert [done.already for done in unloaded.committed] == [True]
    assert spool.count() == 0
    assert journal.head() == before


async def test_that_a_refused_act_is_kept_as_a_clash_and_does_not_stop_the_others(
    spool: Spool, journal: Journal, expected_log: list[str]
) -> None:
    expected_log.append("spooled act bad failed")
    spool.put(act("refuse", act_id="clash", place="甲"))
    spool.put(act("stumble", act_id="bad", place="乙"))
    spool.put(act("open_incident", place="丙"))
    unloaded = await spool.unload(journal)
    assert (len(unloaded.committed), unloaded.clashes) == (1, 2)
    assert spool.count() == 0
    assert [(row.act.act_id, row.why) for row in spool.clashes()] == [
        ("clash", "此路不通"),
        ("bad", "程序错误：RuntimeError('our own bug')"),
    ]
    assert (await spool.unload(journal)).committed == ()
    spool.remove("clash")
    assert len(spool.clashes()) == 1


class Dying:
    """A journal that goes away after so many commits."""

    def __init__(self, journal: Journal, lives: int) -> None:
        self.journal = journal
        self.lives = lives

    async def commit(self, act: Act) -> Committed:
        if not self.lives:
            raise JournalUnavailable("数据库被其他程序锁住")
        self.lives -= 1
        return await self.journal.commit(act)


async def test_that_unloading_stops_when_the_journal_goes_and_goes_on_later(spool: Spool, journal: Journal) -> None:
    for n in range(5):
        spool.put(act("receive", ingest_id=f"i{n}"))
    first = await spool.unload(Dying(journal, lives=2))
    assert len(first.committed) == 2
    assert first.fault is not None
    assert spool.count() == 3
    assert len((await spool.unload(journal)).committed) == 3


def test_that_local_numbers_count_for_each_seat_and_day(spool: Spool, clock: ManualClock) -> None:
    numbers = [spool.local_number("ZZ", seat, clock()) for seat in ("03", "03", "04")]
    tomorrow = spool.local_number("ZZ", "03", clock.advance(13 * 3600))
    assert numbers == ["ZZ20261121-L03-01", "ZZ20261121-L03-02", "ZZ20261121-L04-01"]
    assert tomorrow == "ZZ20261122-L03-01"


def test_that_drafts_are_kept_as_last_typed_oldest_first(spool: Spool, file: Path, clock: ManualClock) -> None:
    spool.save_draft("b", {"place": "钟"})
    spool.save_draft("a", {"place": "人民路"})
    spool.save_draft("b", {"place": "钟法路", "lat": 30.5})
    again = Spool.open(file, clock)
    assert list(again.drafts().items()) == [("b", {"place": "钟法路", "lat": 30.5}), ("a", {"place": "人民路"})]
    again.drop_draft("b")
    again.drop_draft("never there")
    again.close()
    assert list(spool.drafts()) == ["a"]


def test_that_a_place_that_cannot_be_written_is_told_plainly(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(JournalUnavailable, match="打不开数据库文件"):
        Spool.open(tmp_path / "no" / "spool.db", clock)


async def test_that_slow_searches_do_not_hold_up_unloading(spool: Spool, journal: Journal) -> None:
    spool.put(act("receive", ingest_id="i1"))
    free = threading.Event()
    searches = [asyncio.create_task(asyncio.to_thread(free.wait, 10)) for _ in range(40)]
    try:
        async with asyncio.timeout(3):
            unloaded = await spool.unload(journal)
    finally:
        free.set()
        await asyncio.gather(*searches)
    assert (len(unloaded.committed), spool.count()) == (1, 0)


class Flickering:
    """A journal that is away for one moment and back before the next act is asked for."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._asked = 0

    async def commit(self, asked: Act) -> Committed:
        self._asked += 1
        if self._asked == 1:
            raise JournalUnavailable("away for a moment")
        return await self._journal.commit(asked)


async def test_that_nothing_overtakes_an_act_that_found_the_journal_away(spool: Spool, journal: Journal) -> None:
    for n in range(3):
        spool.put(act("receive", ingest_id=f"i{n}"))
    flickering = Flickering(journal)
    interrupted = await spool.unload(flickering)
    assert interrupted.fault is not None
    assert spool.count() == 3
    unloaded = await spool.unload(flickering)
    assert [done.value for done in unloaded.committed] == ["alarm i0", "alarm i1", "alarm i2"]


def test_that_nobody_else_on_the_machine_reads_the_spool(spool: Spool, file: Path) -> None:
    spool.save_draft("d", {"phone": "13800001234"})
    assert [oct(part.stat().st_mode & 0o777) for part in sorted(file.parent.glob("spool.db*"))] == ["0o600"] * 3


async def test_that_a_clash_tried_again_finds_what_its_own_machine_opened(spool: Spool, journal: Journal) -> None:
    alias = "ZZ20261121-L03-01"
    await journal.commit(act("open_incident", place="另一台机器", alias=alias))
    opening, refused = act("open_incident", place="本机", alias=alias), act("refuse", place=alias)
    spool.put(opening)
    spool.put(refused)
    await spool.unload(journal)
    (clash,) = spool.clashes()
    asked: list[Act] = []

    class Patient:
        async def commit(self, act: Act) -> Committed:
            asked.append(act)
            return Committed()

    await spool.retry(clash, Patient())
    assert [again.args["place"] for again in asked] == ["ZZ20261121-0002"]
    assert spool.clashes() == []


async def test_that_what_was_done_during_an_outage_is_stamped_with_the_time_it_was_done(
    spool: Spool, journal: Journal, clock: ManualClock
) -> None:
    for n in range(2):
        spool.put(act("receive", ingest_id=f"i{n}", at=NOON + timedelta(seconds=n)))
    clock.advance(60)
    await spool.unload(journal)
    assert {fact.at for fact in journal.read()} == {NOON, NOON + timedelta(seconds=1)}
    await journal.commit(act("receive", ingest_id="live"))
    spool.put(act("receive", ingest_id="late", at=NOON + timedelta(seconds=2)))
    await spool.unload(journal)
    stamps = [fact.at for fact in journal.read()]
    assert stamps == sorted(stamps)
    assert stamps[-1] == NOON + timedelta(seconds=60), "never before what another seat has stamped meanwhile"
