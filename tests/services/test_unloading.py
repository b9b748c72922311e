"""Unloading: what was spooled reaches the journal once and in order, then the picture shows the truth."""

import asyncio
import concurrent.futures
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.bulletin import Bulletin
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.state import MemoryState
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from console.persistence.spool import Spool
from console.services.acts import ACTS
from console.services.alarm_path import on_alarm_path
from console.services.desk import Desk
from console.services.health import Health
from console.services.picture import Picture
from console.services.reference import load
from console.services.unloading import Unloading
from drivers.protocols.surgard_panel import signal_frame
from drivers.report import Report
from tests.support import ALL, EVENING

AWAY = JournalUnavailable("日志 2 秒内没有写成", "稍候")


class Severed:
    """The true journal behind a wire that can be cut. `late` loses only answers; `trips` is a bug in taking frames."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.cut = self.late = self.trips = False

    @property
    def fault(self) -> JournalUnavailable | None:
        return AWAY if self.cut else self.journal.fault

    async def commit(self, act: Act) -> Any:
        if self.cut:
            raise AWAY
        if self.trips and act.name == "intake.receive" and act.args["report"]["type"] == "signal":
            raise KeyError("a bug of ours")
        done = await self.journal.commit(act)
        if self.late:
            raise AWAY
        return done

    def load_state(self, picture: Any) -> Any:
        return self.journal.load_state(picture)

    def read(self, since: int = 0, limit: int = 1000) -> Any:
        return self.journal.read(since, limit)


@dataclass
class Seat:
    """One desk over a true database and a true spool."""

    desk: Desk
    wire: Severed
    spool: Spool
    queries: Queries

    @asynccontextmanager
    async def unloading(self) -> AsyncIterator[None]:
        task = asyncio.create_task(Unloading(self.desk, self.wire, self.spool).run())
        try:
            yield
        finally:
            task.cancel()

    async def call(self, place: str) -> str:
        return str(await self.desk.do("incident.open", kind="0201", place=place))

    async def press(self, n: int) -> dict[str, str]:
        report = Report(
            type="signal", raw=signal_frame(zone=f"{n:03}"), ack=b"\x06", account="7037", zone=f"{n:03}",
            event_code="120", qualifier="new",
        )  # fmt: skip
        answer: dict[str, str] = await self.desk.do(
            "intake.receive", ingest_id=f"press-{n}", line="A1", protocol="surgard",
            received_at=self.desk.clock().isoformat(), report=report.to_json(),
        )  # fmt: skip
        return answer

    def journal_state_into_the_picture(self) -> None:
        """As at a start."""
        fresh = MemoryState()
        head = self.wire.load_state(fresh)
        self.desk.picture.replace_state(fresh, head.seq)

    async def settled(self) -> None:
        async with asyncio.timeout(10):
            while self.desk.health.unsent or not self.desk.health.journal_up:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def seat(tmp_path: Path) -> AsyncIterator[Seat]:
    clock, reference = ManualClock(EVENING), load()
    journal = Journal.open(f"sqlite:///{tmp_path / 'a.db'}", ACTS, clock)
    wire, spool = Severed(journal), Spool.open(tmp_path / "spool.db", clock)
    picture = Picture(reference)
    head = journal.load_state(MemoryState())
    picture.seq = head.seq
    desk = Desk(wire, spool, picture, Health(), reference, ACTS, clock, "031", "03", roles=ALL)
    queries = Queries(journal.url)
    yield Seat(desk, wire, spool, queries)
    queries.close()
    journal.close()
    spool.close()


async def test_that_spooled_acts_arrive_in_order_and_the_picture_becomes_true(seat: Seat) -> None:
    first = await seat.call("钟法路 1 号")
    seat.wire.cut = True
    local = await seat.call("钟法路 2 号")
    await seat.desk.do("incident.triage", incident=local, route="A")
    await seat.press(1)
    assert "-L03-" in local
    assert seat.desk.health.unsent == 3
    assert {incident.number for incident in seat.desk.picture.incidents()} >= {first, local}
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    stored = [line.incident for line in reversed(seat.queries.incidents())]
    assert [incident.place for incident in stored] == ["钟法路 1 号", "钟法路 2 号", "未登记账号 7037"]
    assert stored[1].alias == local
    assert stored[1].state is IncidentState.TRIAGED
    assert seat.desk.picture.incidents() == sorted(stored, key=lambda incident: incident.number)
    assert not seat.desk.picture.provisional
    assert seat.spool.count() == 0


async def test_that_a_desk_started_again_shows_what_waits_in_its_spool(seat: Seat) -> None:
    known = await seat.call("钟法路 1 号")
    seat.wire.cut = True
    local = await seat.call("钟法路 2 号")
    alarm = (await seat.press(1))["alarm"]
    await seat.desk.do("alarm.acknowledge", alarm=alarm)
    shown = seat.desk.picture.state
    seat.desk.picture = Picture(seat.desk.reference)
    seat.journal_state_into_the_picture()
    seat.spool.put(seat.desk.act("incident.note", {"incident": "没有", "text": "无处可记"}))
    await seat.desk.show_spooled([row.act for row in seat.spool.pending()])
    picture = seat.desk.picture
    assert {row.number for row in picture.incidents()} >= {known, local}
    assert picture.incidents() == shown.all(Incident)
    assert picture.state.all(Alarm) == shown.all(Alarm)
    assert picture.provisional


async def test_that_a_desk_in_a_busy_room_comes_back(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is asked every time the state is read: the desk must not wait for a quiet moment."""
    seat.wire.cut = True
    await seat.call("第一件")
    loop, load = asyncio.get_running_loop(), seat.wire.load_state
    asked: list[concurrent.futures.Future[str]] = []

    def meanwhile(picture: Any) -> Any:
        asked.append(asyncio.run_coroutine_threadsafe(seat.call(f"又一件{len(asked)}"), loop))
        return load(picture)

    monkeypatch.setattr(seat.wire, "load_state", meanwhile)
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
        await asyncio.gather(*(asyncio.wrap_future(call) for call in asked))
        await seat.settled()
    assert len(asked) == 1
    assert [row.incident.place for row in reversed(seat.queries.incidents())] == ["第一件", "又一件0"]
    assert not seat.desk.picture.provisional


async def test_that_a_frame_is_durable_at_once_while_the_state_is_read(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that many desks come back to at once may take seconds for it; a sender waits four."""
    seat.wire.cut = True
    await seat.call("第一件")
    load, reading, go_on = seat.wire.load_state, threading.Event(), threading.Event()

    def slowly(picture: Any) -> Any:
        reading.set()
        go_on.wait(10)
        return load(picture)

    monkeypatch.setattr(seat.wire, "load_state", slowly)
    seat.wire.cut = False
    async with seat.unloading():
        await until(reading.is_set)
        async with asyncio.timeout(1):
            await seat.press(1)
        assert seat.spool.count() == 1
        go_on.set()
        await seat.settled()
    assert [row.signal.zone for row in seat.queries.signals()] == ["001"]
    assert len(seat.desk.picture.unacknowledged_alarms()) == 1
    assert not seat.desk.picture.provisional


async def test_that_the_spool_waits_for_no_reader_of_the_journal(seat: Seat) -> None:
    seat.wire.cut = True
    go_on = threading.Event()
    readers = [asyncio.create_task(on_alarm_path(go_on.wait, 10)) for _ in range(8)]
    try:
        async with asyncio.timeout(1):
            await seat.press(1)
    finally:
        go_on.set()
        await asyncio.gather(*readers)
    assert seat.spool.count() == 1


async def test_that_the_unsent_count_falls_with_every_act_that_arrives(seat: Seat) -> None:
    seat.wire.cut = True
    for n in range(5):
        await seat.call(f"甲{n}")
    shown: list[int] = []
    seat.desk.health.observe(lambda: shown.append(seat.desk.health.unsent))
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert [count for n, count in enumerate(shown) if n == 0 or count != shown[n - 1]] == [5, 4, 3, 2, 1, 0]


async def test_that_an_act_asked_while_unloading_does_not_overtake(seat: Seat) -> None:
    seat.wire.cut = True
    for n in range(10):
        await seat.call(f"甲{n}")
    seat.wire.cut = False
    async with seat.unloading():
        await asyncio.sleep(0.02)
        await seat.call("乙")
        await seat.settled()
    places = [line.incident.place for line in reversed(seat.queries.incidents())]
    assert places == [*(f"甲{n}" for n in range(10)), "乙"]


async def test_that_the_unsent_count_is_true_all_the_way(seat: Seat) -> None:
    seat.wire.cut = True
    for n in range(5):
        await seat.call(f"甲{n}")
    counts: list[int] = []
    seat.desk.health.observe(lambda: counts.append(seat.desk.health.unsent))
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert counts[-1] == 0
    assert seat.desk.health.unsent == seat.spool.count() == 0


async def test_that_a_journal_lost_again_on_the_way_loses_nothing(seat: Seat) -> None:
    seat.wire.cut = True
    for n in range(20):
        await seat.press(n)
    async with seat.unloading():
        for _ in range(4):
            seat.wire.cut = False
            await asyncio.sleep(0.03)
            seat.wire.cut = True
            await asyncio.sleep(0.03)
        seat.wire.cut = False
        await seat.settled()
    assert [row.signal.zone for row in seat.queries.signals()] == [f"{n:03}" for n in range(20)]


async def test_that_what_was_waiting_from_the_last_run_is_unloaded(seat: Seat) -> None:
    act = Act(
        name="incident.open",
        args={"kind": "0201", "place": "昨夜", "alias": "ZZ20261121-L03-01"},
        actor="031",
        seat="03",
        roles=ALL,
        at=EVENING,
    )
    seat.spool.put(act)
    async with seat.unloading():
        async with asyncio.timeout(5):
            while not seat.desk.picture.incidents():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await seat.settled()
    (incident,) = seat.desk.picture.incidents()
    assert (incident.place, incident.alias) == ("昨夜", "ZZ20261121-L03-01")


async def test_that_a_clash_is_shown_and_overwrites_nothing(seat: Seat) -> None:
    alarm = (await seat.press(1))["alarm"]
    seat.wire.cut = True
    await seat.desk.do("alarm.acknowledge", alarm=alarm)
    # Another seat was faster while this one was cut off.
    await seat.wire.journal.commit(
        Act(name="alarm.acknowledge", args={"alarm": alarm}, actor="032", seat="04", roles=ALL, at=EVENING)
    )
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    found = seat.desk.picture.state.get(Alarm, alarm)
    assert found is not None
    assert found.owner == "032"
    assert seat.desk.health.clashes == 1
    assert "该报警已由032确认" in seat.desk.health.faults["clash"].what
    assert len(seat.spool.clashes()) == 1


async def test_that_what_hangs_on_an_incident_opened_here_finds_it_after_unloading(seat: Seat) -> None:
    """Its request for help and its report up were named by its local number."""
    seat.wire.cut = True
    number = await seat.call("钟法路")
    request = await seat.desk.do("help.ask", incident=number, kind="zone", recipient="华安", text="一组警力")
    await seat.desk.do("help.answer", request=request, state="ACCEPTED", by="王强")
    await seat.desk.do("incident.major", incident=number, recipients=["duty_chief"])
    await seat.desk.do("report_up.told", report=f"{number}^duty_chief", by="李某")
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert [row.why for row in seat.spool.clashes()] == []
    state = seat.desk.picture.state
    assert [(row.state, row.answered_by) for row in state.all(HelpRequest)] == [("ACCEPTED", "王强")]
    assert [row.told_by for row in state.all(ReportUp)] == ["李某"]


async def test_that_a_number_another_seat_got_meanwhile_never_means_its_order_request_or_bulletin(seat: Seat) -> None:
    number = await seat.call("钟法路")
    for name in ("巡05", "巡08"):
        await seat.wire.journal.commit(elsewhere("unit.register", unit={"id": name, "status": "01"}))
    seat.journal_state_into_the_picture()
    words = {"kind": "broadcast", "text": "白色面包车", "recipients": []}
    seat.wire.cut = True
    bulletin = await seat.desk.do("bulletin.issue", title="本席的", **words)
    order = await seat.desk.do("unit.assign", unit="巡05", incident=number)
    request = await seat.desk.do("help.ask", incident=number, kind="zone", recipient="华安", text="一组警力")
    await seat.desk.do("order.radio", assignment=order)
    await seat.desk.do("help.answer", request=request, state="ACCEPTED", by="王强")
    await seat.desk.do("bulletin.cancel", bulletin=bulletin, reason="已找到")
    await seat.wire.journal.commit(elsewhere("bulletin.issue", title="别席的", **words))
    await seat.wire.journal.commit(elsewhere("unit.assign", unit="巡08", incident=number))
    await seat.wire.journal.commit(
        elsewhere("help.ask", incident=number, kind="zone", recipient="长泰", text="一组警力")
    )
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    state = seat.desk.picture.state
    assert {row.title for row in state.all(Bulletin) if row.cancelled_at is None} == {"本席的", "别席的"}
    assert {(row.unit, row.delivery) for row in state.all(Assignment)} == {("巡05", ""), ("巡08", "")}
    assert {(row.recipient, row.state) for row in state.all(HelpRequest)} == {("长泰", "ASKED"), ("华安", "ASKED")}
    assert len(seat.spool.clashes()) == 3


async def test_that_facts_of_other_seats_are_there_after_unloading(seat: Seat) -> None:
    seat.wire.cut = True
    await seat.call("本席")
    await seat.wire.journal.commit(
        Act(
            name="incident.open",
            args={"kind": "0201", "place": "外席"},
            actor="032",
            seat="04",
            roles=ALL,
            at=EVENING,
        )
    )
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert sorted(incident.place for incident in seat.desk.picture.incidents()) == ["外席", "本席"]
    assert seat.desk.picture.seq == seat.wire.journal.head().seq


async def test_that_an_act_committed_late_gets_the_local_number_it_was_shown_under(seat: Seat) -> None:
    unit = {"id": "巡05", "status": "02"}
    await seat.desk.do("unit.register", unit=unit)
    seat.wire.late = True
    pressed = await seat.press(1)
    seat.wire.late, seat.wire.cut = False, True
    await seat.desk.do("alarm.acknowledge", alarm=pressed["alarm"])
    await seat.desk.do("unit.assign", unit="巡05", incident=pressed["incident"])
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert (seat.spool.clashes(), seat.desk.health.clashes) == ([], 0)
    (incident,) = seat.desk.picture.incidents()
    assert (incident.number, incident.alias) == ("ZZ20261121-0001", pressed["incident"])
    assert incident.state is IncidentState.DISPATCHED
    assert len(seat.queries.signals()) == 1


async def test_that_a_spooled_frame_that_trips_becomes_a_row_that_must_be_seen(
    seat: Seat, expected_log: list[str]
) -> None:
    expected_log.append("spooled frame .* could not be taken in")
    seat.wire.cut = True
    await seat.press(1)
    seat.wire.cut, seat.wire.trips = False, True
    async with seat.unloading():
        await seat.settled()
    (alarm,) = seat.desk.picture.unacknowledged_alarms()
    assert (alarm.kind, alarm.raw_hex) == ("garbage", signal_frame(zone="001").hex())
    assert seat.desk.health.clashes == 0


async def clash(seat: Seat) -> str:
    """Leave an act in the spool that the journal refuses; its id."""
    act = Act(
        name="incident.note",
        args={"incident": "查无", "text": "x"},
        actor="031",
        seat="03",
        roles=ALL,
        at=EVENING,
    )
    seat.spool.put(act)
    await seat.spool.unload(seat.wire.journal)
    return act.act_id


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- any condition will do
            await asyncio.sleep(0.01)


async def test_that_clashes_of_an_earlier_run_light_the_lamp_until_a_person_settles_them(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.services.unloading.CLASHES_EVERY_S", 0.02)
    left = await clash(seat)
    faults = seat.desk.health.faults
    async with seat.unloading():
        await until(lambda: "clash" in faults)
        assert "python -m console spool" in faults["clash"].remedy
        seat.spool.remove(left)
        await until(lambda: "clash" not in faults)
    assert seat.desk.health.clashes == 0


async def test_that_a_state_older_than_what_the_feed_has_shown_is_brought_up_to_it(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat.wire.cut = True
    await seat.call("本席")
    opened = Act(
        name="incident.open",
        args={"kind": "0201", "place": "外席"},
        actor="032",
        seat="04",
        roles=ALL,
        at=EVENING,
    )
    load = seat.wire.load_state
    seqs: list[tuple[int, int]] = []

    def overtaken(picture: Any) -> Any:
        """While the state is loaded another seat commits and the feed shows it."""
        head = load(picture)
        if not seqs:
            seat.desk.picture.apply(seat.wire.read(seat.desk.picture.seq))
            seat.desk.picture.apply(seat.wire.journal.commit_blocking(opened).facts)
        seqs.append((head.seq, seat.desk.picture.seq))
        return head

    monkeypatch.setattr(seat.wire, "load_state", overtaken)
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert seqs == [(1, 2)]
    assert seat.desk.picture.seq == seat.wire.journal.head().seq
    assert sorted(incident.place for incident in seat.desk.picture.incidents()) == ["外席", "本席"]


async def test_that_a_stand_by_that_lacked_the_last_rows_is_followed_and_told(
    seat: Seat, expected_log: list[str]
) -> None:
    expected_log.append("the journal lacks 3 rows that were shown here")
    await seat.call("甲")
    # Three more were shown from the start, and lost with the server.
    seat.desk.picture.seq += 3
    seat.wire.cut = True
    await seat.call("乙")
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert seat.desk.picture.seq == seat.wire.journal.head().seq
    assert sorted(row.place for row in seat.desk.picture.incidents()) == ["乙", "甲"]
    assert "少了最后 3 条" in seat.desk.health.faults["lost"].what


@pytest.mark.parametrize("meanwhile", ["本席暂存", "外席先到"])
async def test_that_rows_lost_in_a_failover_are_told_though_others_have_their_numbers_now(
    seat: Seat, tmp_path: Path, expected_log: list[str], meanwhile: str
) -> None:
    expected_log.append("the journal lacks 1 rows that were shown here")
    await seat.call("甲")
    with closing(sqlite3.connect(tmp_path / "a.db")) as primary, closing(sqlite3.connect(tmp_path / "b.db")) as standby:
        primary.backup(standby)
    await seat.call("丢失")
    seat.wire.cut = True
    await seat.call("乙")
    old = seat.wire.journal
    seat.wire.journal = Journal.open(f"sqlite:///{tmp_path / 'b.db'}", ACTS, seat.desk.clock)
    if meanwhile == "外席先到":
        # Two acts of another seat, and the feed shows the second: its number is the next one here.
        for _ in range(2):
            facts = seat.wire.journal.commit_blocking(elsewhere()).facts
            seat.desk.picture.apply(facts)
        assert seat.desk.picture.seq == 3
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
        assert "少了最后 1 条" in seat.desk.health.faults["lost"].what
        # It is told once: the next cut is none of it.
        seat.desk.health.mended("lost")
        seat.wire.cut = True
        await seat.call("丁")
        seat.wire.cut = False
        await seat.settled()
    assert "lost" not in seat.desk.health.faults
    assert "丢失" not in [row.place for row in seat.desk.picture.incidents()]
    seat.wire.journal.close()
    seat.wire.journal = old


def elsewhere(name: str = "incident.open", **args: Any) -> Act:
    made = args or {"kind": "0201", "place": "外席"}
    return Act(name=name, args=made, actor="032", seat="04", roles=ALL, at=EVENING)


async def test_that_what_is_shown_while_the_journals_end_is_read_is_not_called_lost(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed of a busy room shows another seat's act between the last question and its answer."""
    read, others = seat.wire.read, iter(range(1))

    def overtaken(since: int = 0, limit: int = 1000) -> list[Fact]:
        found: list[Fact] = read(since, limit)
        if not found and next(others, None) is not None:
            seat.desk.picture.apply(read(seat.desk.picture.seq))
            seat.desk.picture.apply(seat.wire.journal.commit_blocking(elsewhere()).facts)
        return found

    seat.wire.cut = True
    await seat.call("本席")
    monkeypatch.setattr(seat.wire, "read", overtaken)
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert "lost" not in seat.desk.health.faults
    assert seat.desk.picture.seq == seat.wire.journal.head().seq
    assert len(seat.desk.picture.incidents()) == 2


async def test_that_an_act_reaches_the_incident_of_its_own_machine_when_another_gave_the_same_local_number(
    seat: Seat, tmp_path: Path
) -> None:
    """Two machines under one seat number, both cut off: each has its ZZ20261121-L03-01."""
    await seat.desk.do("unit.register", unit={"id": "巡05", "status": "02"})
    seat.wire.cut = True
    local = await seat.call("本机")
    await seat.desk.do("unit.assign", unit="巡05", incident=local)
    handoff = await seat.desk.send_handoff(local, "fire_rescue")
    await seat.desk.do("handoff.slip_printed", handoff=handoff, file="x.pdf")
    other = {"kind": "0201", "place": "另一台机器", "alias": local}
    await seat.wire.journal.commit(Act(name="incident.open", args=other, actor="031", seat="03", roles=ALL, at=EVENING))
    seat.wire.cut = False
    async with seat.unloading():
        await seat.settled()
    assert seat.spool.clashes() == []
    picture = seat.desk.picture
    busy = {row.place: [order.unit for order in picture.orders(row.number)] for row in picture.incidents()}
    assert busy == {"本机": ["巡05"], "另一台机器": []}
    assert [row.place for row in picture.incidents() if picture.handoffs(row.number)] == ["本机"]
