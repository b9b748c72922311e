"""The picture: what changed is told once, in order; provisional acts are shown and give way to the true ones."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.alarm import Alarm, AlarmState
from console.domain.answer import Answer
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.call import Call
from console.domain.emergency import Emergency
from console.domain.equipment_facts import CallRang
from console.domain.errors import EnvironmentFault, JournalUnavailable, UserError
from console.domain.facts import AlarmRaised, Fact, IncidentMoved, NoteAdded, UnitRegistered
from console.domain.handover import Handover
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.link import IncidentLink
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.state import MemoryState, need
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from console.services.picture import Changes
from tests.support import EVENING, MemoryJournal, MemorySpool, make_desk, tell


async def call(desk: Desk, place: str = "路口") -> str:
    return str(await desk.do("incident.open", kind="050301", place=place, title="燃气泄漏"))


def heard(desk: Desk) -> list[Changes]:
    told: list[Changes] = []
    desk.picture.observe(told.append)
    return told


def broken(desk: Desk) -> None:
    assert isinstance(desk.journal, MemoryJournal)
    desk.journal.failure = JournalUnavailable("数据库没有应答", "请检查数据库")


async def test_that_one_act_is_one_change_with_the_last_value_of_each_entity() -> None:
    desk = make_desk()
    told = heard(desk)
    number = await call(desk)
    await desk.do("incident.triage", incident=number, route="B")
    assert [[row.key for row in changes.added] for changes in told] == [[number], []]
    (updated,) = told[1].updated
    assert isinstance(updated, Incident)
    assert (updated.route, updated.state) == ("B", IncidentState.TRIAGED)
    assert [fact.name for fact in told[1].facts] == ["IncidentEdited", "IncidentMoved"]


async def test_that_a_known_fact_is_not_told_twice() -> None:
    desk = make_desk()
    await call(desk)
    told = heard(desk)
    desk.picture.apply(desk.journal.read())
    assert told == []


async def test_that_facts_of_another_process_in_between_are_read_first() -> None:
    desk, other = make_desk(), make_desk()
    other.journal = desk.journal
    first = await call(other)
    second = await call(desk)
    assert {first, second} <= {incident.number for incident in desk.picture.incidents()}
    assert desk.picture.seq == 2


async def test_that_an_act_while_the_journal_is_away_is_spooled_shown_and_marked() -> None:
    desk = make_desk()
    broken(desk)
    number = await call(desk)
    incident = need(desk.picture.state, Incident, number)
    assert number.startswith("ZZ20261121-L03-")
    assert desk.picture.is_provisional(incident)
    assert (desk.health.unsent, desk.health.journal_up) == (1, False)
    assert desk.health.faults["journal"].remedy == "请检查数据库"


async def test_that_a_refused_act_is_refused_without_the_journal_too_and_leaves_nothing() -> None:
    desk = make_desk()
    number = await call(desk)
    broken(desk)
    told = heard(desk)
    with pytest.raises(UserError):
        await desk.do("incident.close", incident=number)
    assert isinstance(desk.spool, MemorySpool)
    assert desk.spool.acts == []
    assert told == []


async def test_that_what_neither_journal_nor_spool_took_is_not_shown() -> None:
    desk = make_desk()
    broken(desk)

    class FullDisk(MemorySpool):
        def put(self, act: Act) -> bool:
            raise JournalUnavailable("磁盘已满", "请清理磁盘")

    desk.spool = FullDisk()
    told = heard(desk)
    with pytest.raises(EnvironmentFault, match="磁盘已满"):
        await call(desk)
    assert told == []


async def test_that_the_true_number_replaces_the_local_one_which_stays_an_alias() -> None:
    desk = make_desk()
    broken(desk)
    local = await call(desk)
    await desk.do("incident.note", incident=local, text="断网期间")
    journal, spool = desk.journal, desk.spool
    assert isinstance(journal, MemoryJournal)
    assert isinstance(spool, MemorySpool)
    journal.failure = None
    for act in spool.acts:
        await journal.commit(act)
    desk.picture.replace_state(journal.state, len(journal.facts))
    incident = need(desk.picture.state, Incident, local)
    assert incident.number == "ZZ20261121-0181"
    assert incident.alias == local
    assert not desk.picture.is_provisional(incident)
    assert [row.number for row in desk.picture.incidents()] == ["ZZ20261121-0181"]


async def test_that_an_impossible_fact_without_a_provisional_act_is_our_bug_and_is_raised() -> None:
    desk = make_desk()
    number = await call(desk)
    with pytest.raises(UserError):
        tell(desk, IncidentMoved(incident=number, act="archive"))


async def test_that_one_failing_observer_keeps_nothing_from_the_others() -> None:
    desk, bugs = make_desk(), list[tuple[str, Exception]]()

    def trips(_: Changes) -> None:
        raise RuntimeError("a row was gone")

    desk.picture.on_bug = lambda where, error: bugs.append((where, error))
    desk.picture.observe(trips)
    told = heard(desk)
    number = await call(desk)
    assert [row.key for row in told[0].added] == [number]
    ((where, error),) = bugs
    assert where.endswith("trips")
    assert str(error) == "a row was gone"


async def test_that_a_failing_observer_is_logged_unless_somebody_listens(expected_log: list[str]) -> None:
    expected_log.append("failed")
    desk = make_desk()
    desk.picture.observe(lambda _: (_ for _ in ()).throw(RuntimeError("a row was gone")))
    assert await call(desk)


async def test_that_nothing_is_folded_beyond_a_gap_until_it_is_read() -> None:
    desk, other = make_desk(), make_desk()
    other.journal = desk.journal
    numbers = [await call(other, place) for place in ("路口", "桥头", "码头")]
    facts = desk.journal.read()
    desk.picture.apply([facts[0], facts[2]])
    assert (desk.picture.seq, desk.picture.missing) == (1, 2)
    assert [incident.number for incident in desk.picture.incidents()] == numbers[:1]
    desk.picture.apply(facts)
    assert (desk.picture.seq, desk.picture.missing) == (3, 0)
    assert [incident.number for incident in desk.picture.incidents()] == numbers


async def test_that_a_fact_that_could_not_be_folded_is_not_counted_as_held() -> None:
    desk = make_desk()
    number = await call(desk)
    told = heard(desk)
    good = Fact(seq=2, at=EVENING, actor="031", seat="03", body=NoteAdded(incident=number, text="一"))
    bad = replace(good, seq=3, body=IncidentMoved(incident=number, act="archive"))
    with pytest.raises(UserError):
        desk.picture.apply([good, bad, replace(good, seq=4)])
    assert desk.picture.seq == 2
    assert [changes.facts for changes in told] == [(good,)]


async def test_that_an_older_state_is_taken_over_only_with_the_facts_it_lacks_still_to_be_read() -> None:
    desk = make_desk()
    first, second = await call(desk), await call(desk)
    fresh = MemoryState()
    fresh.put(need(desk.picture.state, Incident, first))
    desk.picture.replace_state(fresh, 1)
    assert desk.picture.missing == 1
    third = await call(desk)
    assert [incident.number for incident in desk.picture.incidents()] == [first, second, third]


async def test_that_what_was_done_in_the_spool_is_not_undone_while_it_is_unloaded() -> None:
    """The act comes back from the journal before those that were spooled after it."""
    desk, elsewhere = make_desk(), make_desk()
    broken(desk)
    number = await call(desk)
    await desk.do("incident.triage", incident=number, route="B")
    assert isinstance(desk.spool, MemorySpool)
    opened = await elsewhere.journal.commit(desk.spool.acts[0])
    told = heard(desk)
    desk.picture.apply(opened.facts)
    shown = need(desk.picture.state, Incident, number)
    assert (shown.state, shown.route) == (IncidentState.TRIAGED, "B")
    assert [row.key for row in desk.picture.incidents()] == [number]
    assert (desk.picture.seq, desk.picture.missing) == (1, 0)
    assert [fact.act_id for changes in told for fact in changes.facts] == [desk.spool.acts[0].act_id]
    assert isinstance(elsewhere.journal, MemoryJournal)
    desk.picture.replace_state(elsewhere.journal.state, 1)
    assert desk.picture.incidents() == [elsewhere.journal.state.all(Incident)[0]]


def test_that_a_state_older_than_the_one_taken_over_before_is_known_to_lack_facts() -> None:
    picture = make_desk().picture
    picture.replace_state(MemoryState(), 5)
    assert picture.missing == 0
    picture.replace_state(MemoryState(), 3)
    assert picture.missing == 2


async def test_that_taking_over_a_fresh_state_tells_only_the_difference() -> None:
    desk = make_desk()
    first, second = await call(desk), await call(desk)
    fresh = MemoryState()
    fresh.put(replace(need(desk.picture.state, Incident, first), place="别处"))
    changes = desk.picture.replace_state(fresh, 9)
    assert [row.key for row in changes.updated] == [first]
    assert [row.key for row in changes.removed] == [second]
    assert changes.added == ()


async def test_that_an_incident_is_forgotten_a_day_after_its_end_and_an_open_one_never() -> None:
    desk = make_desk()
    ended, running = await call(desk), await call(desk)
    await desk.do("incident.invalidate", incident=ended, reason="误拨")
    desk.picture.forget_old(EVENING + timedelta(hours=25))
    assert [incident.number for incident in desk.picture.incidents()] == [running]


@pytest.mark.parametrize("open_alarm", [True, False])
async def test_that_an_ended_incident_is_kept_while_its_button_is_latched(open_alarm: bool) -> None:
    desk = make_desk()
    number = await call(desk)
    await desk.do("incident.invalidate", incident=number, reason="误拨")
    state = AlarmState.RECEIVED if open_alarm else AlarmState.CLOSED
    tell(desk, AlarmRaised(incident=number, alarm=Alarm(id="a1", incident=number, state=state, received_at=EVENING)))
    desk.picture.forget_old(EVENING + timedelta(hours=25))
    assert (len(desk.picture.incidents()), len(desk.picture.alarms(number))) == ((1, 1) if open_alarm else (0, 0))


async def test_that_what_the_desk_made_goes_a_day_after_it_is_over() -> None:
    """A desk runs for months: neither memory nor a handover's list may grow for ever."""
    desk = make_desk()
    tell(desk, UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING)))
    tell(desk, *(CallRang(call=Call(id=f"c{n}", number="13800000009", line="M1", rang_at=EVENING)) for n in (1, 2)))
    number, other = await call(desk), await call(desk)
    await desk.do("call.take", call="c2")
    await desk.do("incident.answer_question", incident=number, question="c_hurt", value="yes", text="有人受伤")
    await desk.do("incident.link", incident=number, other=other)
    await desk.do("incident.major", incident=number, recipients=["duty_chief"])
    request = await desk.do("help.ask", incident=number, kind="zone", recipient="华安", text="一组警力")
    await desk.do("help.answer", request=request, state="ACCEPTED", by="王强")
    emergency = await desk.do("emergency.start", unit="巡05")
    await desk.do("emergency.stop", emergency=emergency, reason="误触")
    bulletin = await desk.do("bulletin.issue", kind="control", title="车", text="白色面包车", recipients=[])
    await desk.do("bulletin.cancel", bulletin=bulletin, reason="已找到")
    await desk.do("handover.draw", handover="h1", items=[])
    for ended in (number, other):
        await desk.do("incident.invalidate", incident=ended, reason="误拨")
    desk.picture.forget_old(EVENING + timedelta(hours=23))
    kinds = (Answer, IncidentLink, ReportUp, HelpRequest, Emergency, Bulletin, BulletinReceipt)
    assert all(desk.picture.state.all(kind) for kind in kinds)
    desk.picture.forget_old(EVENING + timedelta(hours=25))
    assert [kind for kind in kinds if desk.picture.state.all(kind)] == []
    assert [row.id for row in desk.picture.state.all(Call)] == ["c2"]  # somebody talks still
    assert [row.id for row in desk.picture.state.all(Handover)] == ["h1"]  # nobody has taken it over


def test_that_unreadable_bytes_are_forgotten_a_day_after_they_were_put_away() -> None:
    desk = make_desk()
    tell(
        desk, *(AlarmRaised(alarm=Alarm(id=s.value, kind="garbage", state=s, received_at=EVENING)) for s in AlarmState)
    )
    desk.picture.forget_old(EVENING + timedelta(hours=23))
    assert len(desk.picture.alarms("")) == len(AlarmState)
    desk.picture.forget_old(EVENING + timedelta(hours=25))
    assert AlarmState.CLOSED not in {alarm.state for alarm in desk.picture.alarms("")}
    assert all(alarm.open for alarm in desk.picture.alarms(""))


def test_that_positions_are_told_and_kept_but_change_no_entity() -> None:
    desk = make_desk()
    told = heard(desk)
    desk.picture.move([Position(unit="巡05", lat=24.5, lon=117.6, at=EVENING)])
    assert told[0].positions[0].unit == "巡05"
    assert desk.picture.positions["巡05"].lat == 24.5
    assert (told[0].added, told[0].updated) == ((), ())


def test_that_an_observer_that_left_hears_nothing() -> None:
    desk = make_desk()
    told: list[Changes] = []
    leave = desk.picture.observe(told.append)
    leave()
    leave()
    desk.picture.move([Position(unit="巡05", lat=24.5, lon=117.6, at=EVENING)])
    assert told == []
