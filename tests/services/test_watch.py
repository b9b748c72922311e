"""The watch: what was promised and broken is told once, an alarm nobody takes climbs, a silent unit is lost."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from console.domain.account import DESK_ROLES, Role, Seat
from console.domain.body import Body
from console.domain.clock import ManualClock
from console.domain.desk_facts import IncidentWoken
from console.domain.errors import EnvironmentFault, JournalUnavailable
from console.domain.facts import DeadlinePassed, UnitRegistered
from console.domain.incident import Incident
from console.domain.state import need
from console.domain.unit import Position, Unit, UnitStatus
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.services.catching_up import catch_up
from console.services.desk import Desk
from console.services.picture import Picture
from console.services.watch import UNOWNED, Chore, Watch
from drivers.report import Report
from tests.support import EVENING, MemoryJournal, MemorySpool, make_desk, tell

B = TypeVar("B", bound=Body)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    tell(made, UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.VEHICLE_PATROL, status_since=EVENING)))
    return made


async def press(desk: Desk) -> dict[str, str]:
    report = Report(
        type="signal", raw=b"press", ack=b"\x06", account="7037", zone="001", event_code="120", qualifier="new"
    )
    answer: dict[str, str] = await desk.do(
        "intake.receive",
        ingest_id="press",
        line="A1",
        protocol="surgard",
        received_at=desk.clock().isoformat(),
        report=report.to_json(),
    )
    return answer


def told(desk: Desk) -> list[tuple[str, str, int, str]]:
    assert isinstance(desk.journal, MemoryJournal)
    bodies = [fact.body for fact in desk.journal.facts if isinstance(fact.body, DeadlinePassed)]
    return [(body.subject, body.rule, body.step, body.owner) for body in bodies]


def bodies(desk: Desk, kind: type[B]) -> list[B]:
    assert isinstance(desk.journal, MemoryJournal)
    return [fact.body for fact in desk.journal.facts if isinstance(fact.body, kind)]


def steps(desk: Desk) -> list[tuple[str, str, int, str]]:
    return [(body.subject, body.rule, body.step, body.looks) for body in bodies(desk, DeadlinePassed)]


def sit(desk: Desk, seats: dict[str, tuple[str, tuple[Role, ...]]]) -> None:
    """Who sits where, as it was signed on."""
    assert isinstance(desk.journal, MemoryJournal)
    for seat, (actor, roles) in seats.items():
        row = Seat(id=seat, actor=actor, roles=roles, since=EVENING)
        desk.journal.state.put(row)
        desk.picture.state.put(row)


async def test_that_an_alarm_nobody_takes_climbs_to_all_seats_and_then_to_the_chief(
    desk: Desk, clock: ManualClock
) -> None:
    watch = Watch(desk)
    await press(desk)
    limit = desk.reference.desk.unowned_s
    climbs: list[list[tuple[int, str]]] = []
    for seconds in (limit, 1, limit):
        clock.advance(seconds)
        await watch.tick()
        climbs.append([(step, owner) for _, rule, step, owner in told(desk) if rule == UNOWNED])
    assert climbs == [[], [(1, "desk")], [(1, "desk"), (2, "chief")]]


async def test_that_an_acknowledged_alarm_does_not_climb(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk)
    await press(desk)
    await desk.do("alarm.acknowledge", alarm="press")
    clock.advance(desk.reference.desk.unowned_s + 1)
    await watch.tick()
    assert not [row for row in told(desk) if row[1] == UNOWNED]


async def test_that_a_broken_promise_is_told_once(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk)
    number = (await press(desk))["incident"]
    await desk.do("alarm.acknowledge", alarm="press")
    clock.advance(desk.reference.desk.panel_dispatch_s)
    await watch.tick()
    assert told(desk) == []
    clock.advance(1)
    for _ in range(3):
        await watch.tick()
        clock.advance(1)
    assert told(desk) == [(number, "dispatch", 1, "desk")]


async def test_that_a_unit_owes_its_signature_and_its_arrival(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk, tracking=False)
    number = (await press(desk))["incident"]
    await desk.do("alarm.acknowledge", alarm="press")
    await desk.do("unit.assign", unit="巡05", incident=number)
    clock.advance(31)
    await watch.tick()
    clock.advance(301)
    await desk.do("unit.report", unit="巡05", step="sign")
    await watch.tick()
    assert [(rule, owner) for _, rule, _, owner in told(desk)] == [("sign", "巡05"), ("arrive", "巡05")]


async def test_that_a_second_seat_tells_nothing_twice(clock: ManualClock, tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'a.db'}", ACTS, clock)
    seats = [make_desk(clock, seat=seat) for seat in ("03", "04")]
    for seat in seats:
        seat.journal = journal
    watches = [Watch(seat) for seat in seats]
    await press(seats[0])
    await catch_up(seats[1].picture, journal, journal.read())
    clock.advance(60)
    for watch in watches:
        await watch.tick()
    bodies = [fact.body for fact in journal.read() if isinstance(fact.body, DeadlinePassed)]
    journal.close()
    told_once = [(body.subject, body.rule, body.step) for body in bodies]
    # Acknowledgement; nobody took it, twice; the dispatch is late and has climbed to the neighbour.
    assert len(told_once) == len(set(told_once)) == 5


async def test_that_a_late_promise_climbs_from_the_owners_seat_to_a_neighbour_and_to_the_chief(
    desk: Desk, clock: ManualClock
) -> None:
    watch = Watch(desk, tracking=False)
    sit(desk, {"02": ("032", (Role.CALL_TAKER,)), "03": ("031", DESK_ROLES), "05": ("035", (Role.CHIEF,))})
    number = str(await desk.do("incident.open", kind="0201", place="某处", priority=1))
    looked: list[list[tuple[int, str]]] = []
    for seconds in (60, 1, 15, 15):
        clock.advance(seconds)
        await watch.tick()
        looked.append([(step, looks) for subject, _, step, looks in steps(desk) if subject == number])
    first, second, third = (1, "03"), (2, "05"), (3, "chief")
    assert looked == [[], [first], [first, second], [first, second, third]]


async def test_that_a_late_unit_climbs_no_further_once_a_person_knows(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk, tracking=False)
    number = str(await desk.do("incident.open", kind="0201", place="某处", priority=1))
    await desk.do("unit.assign", unit="巡05", incident=number)
    clock.advance(31)
    await watch.tick()
    await desk.do("incident.late_seen", incident=number)
    clock.advance(600)
    await watch.tick()
    assert [(rule, step) for _, rule, step, _ in told(desk)] == [("sign", 1)]


async def test_that_an_unanswered_call_climbs_while_nobody_takes_it(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk, tracking=False)
    await desk.do("incident.open", kind="0201", place="某处", priority=1, answered=False)
    clock.advance(31)
    await watch.tick()
    assert [(rule, step, looks) for _, rule, step, looks in steps(desk)] == [("answer", n, "") for n in (1, 2, 3)]


# -- held and scheduled ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "name"), [("incident.hold", "until"), ("incident.schedule", "at")])
async def test_that_what_waits_wakes_once_at_its_time_and_is_promised_anew(
    desk: Desk, clock: ManualClock, act: str, name: str
) -> None:
    watch = Watch(desk, tracking=False)
    number = str(await desk.do("incident.open", kind="0201", place="某处", priority=3))
    await desk.do(act, incident=number, **{name: (clock() + timedelta(hours=1)).isoformat()}, reason="约定时间")
    clock.advance(3599)
    await watch.tick()
    assert desk.picture.promises(number) == []
    assert told(desk) == []
    clock.advance(1)
    for _ in range(3):
        await watch.tick()
    assert [body.why for body in bodies(desk, IncidentWoken)] == ["time"]
    (promise,) = desk.picture.promises(number)
    assert promise.since == clock()


async def test_that_a_held_incident_that_becomes_a_grave_one_wakes_at_once(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk, tracking=False)
    number = str(await desk.do("incident.open", kind="0201", place="某处", priority=3))
    await desk.do("incident.hold", incident=number, until=(clock() + timedelta(hours=1)).isoformat(), reason="等回电")
    await desk.do("incident.priority", incident=number, priority=1)
    await watch.tick()
    assert len(bodies(desk, IncidentWoken)) == 1


async def test_that_two_seats_and_a_restart_wake_an_incident_once(clock: ManualClock, tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'a.db'}", ACTS, clock)
    seats = [make_desk(clock, seat=seat) for seat in ("03", "04")]
    for seat in seats:
        seat.journal = journal
    number = str(await seats[0].do("incident.open", kind="0201", place="某处", priority=3))
    until = (clock() + timedelta(minutes=10)).isoformat()
    await seats[0].do("incident.hold", incident=number, until=until, reason="等回电")
    journal.close()
    journal = Journal.open(f"sqlite:///{tmp_path / 'a.db'}", ACTS, clock)
    for seat in seats:
        seat.journal, seat.picture = journal, Picture(seat.reference)
        await catch_up(seat.picture, journal, journal.read())
    watches = [Watch(seat) for seat in seats]
    clock.advance(601)
    await watches[1]._wake(clock())
    # The first seat has not heard of it yet.
    await watches[0].tick()
    await catch_up(seats[0].picture, journal, journal.read())
    told = [fact.body for fact in journal.read() if isinstance(fact.body, IncidentWoken)]
    journal.close()
    assert len(told) == 1
    assert all(need(seat.picture.state, Incident, number).waits_until is None for seat in seats)


async def test_that_a_desk_started_anew_without_a_journal_tells_nothing_twice(clock: ManualClock) -> None:
    desk = make_desk(clock)
    await press(desk)
    desk.health.journal_failed(JournalUnavailable("没有应答"))
    clock.advance(desk.reference.desk.unowned_s + 1)
    for _ in range(3):
        await Watch(desk).tick()
    assert isinstance(desk.spool, MemorySpool)
    assert [act.args["rule"] for act in desk.spool.acts] == [UNOWNED]
    assert desk.health.unsent == 1


async def test_that_what_could_not_be_stored_is_told_later(
    desk: Desk, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log.append("watch.announce could not be stored")
    watch = Watch(desk)
    await press(desk)
    clock.advance(16)
    true_do = Desk.carry_out

    async def refuse(self: Desk, act: Any) -> Any:
        raise JournalUnavailable("磁盘已满")

    monkeypatch.setattr(Desk, "carry_out", refuse)
    await watch.tick()
    assert told(desk) == []
    monkeypatch.setattr(Desk, "carry_out", true_do)
    await watch.tick()
    assert told(desk)


@pytest.mark.parametrize("restart", [False, True])
async def test_that_a_handoff_sent_again_is_late_again(
    desk: Desk, clock: ManualClock, tmp_path: Path, restart: bool
) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'a.db'}", ACTS, clock)
    desk.journal, desk.picture = journal, Picture(desk.reference)
    watch = Watch(desk, tracking=False)
    number = str(await desk.do("incident.open", kind="050301", place="路口", route="C"))
    handoff = await desk.send_handoff(number, "fire_rescue")
    clock.advance(301)
    await watch.tick()
    refused = {"act": "refuse", "by": "李某", "reason": "不属本单位", "suggested": "urban_mgmt"}
    await desk.do("handoff.report", handoff=handoff, **refused)
    await desk.do("handoff.rule", handoff=handoff, act="resend", reason="值班长裁定")
    await watch.tick()
    if restart:
        watch = Watch(desk, tracking=False)
    clock.advance(301)
    for _ in range(2):
        await watch.tick()
    bodies = [fact.body for fact in journal.read() if isinstance(fact.body, DeadlinePassed)]
    journal.close()
    due = [body.due_at for body in bodies if (body.subject, body.rule) == (handoff, "handoff_sign")]
    assert due == [EVENING + timedelta(seconds=seconds) for seconds in (300, 601)]


async def test_that_what_was_told_is_remembered_only_while_it_is_broken(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk, tracking=False)
    number = (await press(desk))["incident"]
    clock.advance(3600)
    await watch.tick()
    assert watch._told
    await desk.do("alarm.acknowledge", alarm="press")
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.report", unit="巡05", step="arrive")
    await watch.tick()
    assert not watch._told


# -- units ---------------------------------------------------------------------------------------------------


def status(desk: Desk) -> UnitStatus:
    (unit,) = desk.picture.units()
    return unit.status


def seen(desk: Desk) -> None:
    desk.picture.move([Position(unit="巡05", lat=24.5, lon=117.6, at=desk.clock())])


async def test_that_a_unit_no_longer_seen_is_lost_and_found_where_it_was(desk: Desk, clock: ManualClock) -> None:
    watch = Watch(desk)
    seen(desk)
    clock.advance(desk.reference.desk.fix_lost_s)
    await watch.tick()
    assert status(desk) is UnitStatus.VEHICLE_PATROL
    clock.advance(1)
    await watch.tick()
    assert status(desk) is UnitStatus.LOST
    clock.advance(30)
    seen(desk)
    await watch.tick()
    assert status(desk) is UnitStatus.VEHICLE_PATROL


async def test_that_a_unit_never_seen_is_not_lost(desk: Desk, clock: ManualClock) -> None:
    clock.advance(600)
    await Watch(desk).tick()
    assert status(desk) is UnitStatus.VEHICLE_PATROL


async def test_that_without_tracking_nobody_is_lost(desk: Desk, clock: ManualClock) -> None:
    seen(desk)
    clock.advance(600)
    await Watch(desk, tracking=False).tick()
    assert status(desk) is UnitStatus.VEHICLE_PATROL


async def test_that_a_unit_off_duty_may_be_silent(desk: Desk, clock: ManualClock) -> None:
    seen(desk)
    await desk.do("unit.status", unit="巡05", status=UnitStatus.OFF_DUTY.value)
    clock.advance(600)
    await Watch(desk).tick()
    assert status(desk) is UnitStatus.OFF_DUTY


async def test_that_silence_never_takes_back_a_call_for_help(desk: Desk, clock: ManualClock) -> None:
    number = (await press(desk))["incident"]
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.report", unit="巡05", step="arrive")
    seen(desk)
    await desk.do("unit.status", unit="巡05", status=UnitStatus.NEEDS_HELP.value)
    clock.advance(600)
    await Watch(desk).tick()
    assert status(desk) is UnitStatus.NEEDS_HELP


# -- chores --------------------------------------------------------------------------------------------------


async def test_that_chores_are_done_at_their_time_and_their_faults_light_a_lamp(desk: Desk) -> None:
    done: list[str] = []
    broken = True

    async def sheet() -> None:
        done.append("sheet")
        if broken:
            raise EnvironmentFault("磁盘已满", "清出空间")

    watch = Watch(desk)
    watch.add_chore(Chore("sheet", 0.05, sheet))
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(1.3)
    assert desk.health.faults["chore:sheet"].what == "磁盘已满"
    broken = False
    await asyncio.sleep(1.2)
    task.cancel()
    assert len(done) == 2
    assert "chore:sheet" not in desk.health.faults
