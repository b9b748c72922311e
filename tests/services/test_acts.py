"""What people may do and what follows: the acts of the desk, from the pressed button to the closed incident."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from console.domain.alarm import Alarm, AlarmState
from console.domain.assignment import Assignment, AssignmentState
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import AlarmRaised, IncidentOpened, UnitRegistered
from console.domain.fold import fold
from console.domain.handoff import HANDOFF, Handoff, HandoffState
from console.domain.incident import ENDED, Incident, IncidentState
from console.domain.ledger import Act, MemoryLedger
from console.domain.outbox import OutboxMessage
from console.domain.overlay import Overlay
from console.domain.state import KINDS, MemoryState, need
from console.domain.unit import ON_ORDER, Unit, UnitStatus, may_return
from console.services.acts import ACTS
from console.services.desk import Desk
from console.services.dispatch import CHAIN
from console.services.order_sending import CANCEL, ORDER
from tests.support import ALL, EVENING, MemoryJournal, MemorySpool, make_desk, tell


def patrol(desk: Desk, *names: str, status: UnitStatus = UnitStatus.AVAILABLE) -> None:
    tell(desk, *(UnitRegistered(unit=Unit(id=n, status=status, status_since=EVENING)) for n in names))


async def call(desk: Desk, **said: Any) -> str:
    known = {"kind": "050301", "place": "新华北路钟法路口", "title": "燃气泄漏", "narrative": "楼道有煤气味"}
    asked = {**known, **said}
    return str(await desk.do("incident.open", **asked))


def press(desk: Desk, *, silent: bool = False) -> str:
    number = "ZZ20261121-0100"
    record = Incident(number=number, source="alarm", kind="13", priority=1, place="校门", created_at=EVENING)
    alarm = Alarm(id="a1", kind="panic", incident=number, silent=silent, received_at=EVENING)
    tell(desk, IncidentOpened(incident=number, record=record), AlarmRaised(incident=number, alarm=alarm))
    return number


def incident(desk: Desk, number: str) -> Incident:
    return need(desk.picture.state, Incident, number)


def unit(desk: Desk, name: str) -> Unit:
    return need(desk.picture.state, Unit, name)


def facts(desk: Desk, name: str) -> list[Any]:
    return [fact.body for fact in desk.journal.read() if fact.name == name]


# -- the whole way -------------------------------------------------------------------------------------------


@pytest.mark.requirement("Z0-01")
async def test_that_a_pressed_button_becomes_a_dispatched_handed_off_closed_incident() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = press(desk)
    await desk.do("alarm.acknowledge", alarm="a1")
    await desk.do("unit.assign", unit="巡05", incident=number)
    handoff = await desk.send_handoff(number, "fire_rescue")
    for step in CHAIN:
        await desk.do("unit.report", unit="巡05", step=step, text="已控制")
    with pytest.raises(UserError, match="未手动复位"):
        await _review_and_close(desk, number)
    for act in ("sign", "arrive", "result"):
        await desk.do("handoff.report", handoff=handoff, act=act, by="王", text="好")
    await desk.do("handoff.close", handoff=handoff)
    await desk.do("alarm.judge", alarm="a1", verdict="confirm")
    await desk.do("alarm.reset", alarm="a1")
    await desk.close_incident(number)
    ended = incident(desk, number)
    assert ended.state is IncidentState.CLOSED
    stamps = [ended.t_answer, ended.t_dispatch, ended.t_sign, ended.t_depart, ended.t_arrive, ended.t_scene_report]
    assert all(stamps)
    assert need(desk.picture.state, Alarm, "a1").state is AlarmState.CLOSED
    assert all(fact.actor == "031" and fact.seat == "03" for fact in desk.journal.read())


async def _review_and_close(desk: Desk, number: str) -> None:
    await desk.do("incident.review", incident=number)
    await desk.close_incident(number)


# -- alarms --------------------------------------------------------------------------------------------------


async def test_that_the_first_acknowledgement_owns_the_alarm_and_the_second_is_told_by_whom() -> None:
    desk = make_desk()
    number = press(desk)
    await desk.do("alarm.acknowledge", alarm="a1")
    assert incident(desk, number).state is IncidentState.INTAKE
    with pytest.raises(UserError, match="031"):
        await desk.do("alarm.acknowledge", alarm="a1")


async def test_that_a_silent_alarm_is_never_called_back() -> None:
    desk = make_desk()
    press(desk, silent=True)
    await desk.do("alarm.acknowledge", alarm="a1")
    with pytest.raises(UserError, match="不得回拨"):
        await desk.do("alarm.verify", alarm="a1", how="回拨")


async def test_that_a_verdict_other_than_true_needs_a_reason() -> None:
    desk = make_desk()
    press(desk)
    await desk.do("alarm.acknowledge", alarm="a1")
    with pytest.raises(UserError, match="理由"):
        await desk.do("alarm.judge", alarm="a1", verdict="judge_false")


async def test_that_a_dispatch_may_come_before_the_acknowledgement_and_the_intake() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = press(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    assert incident(desk, number).state is IncidentState.DISPATCHED
    assert need(desk.picture.state, Alarm, "a1").unacknowledged


# -- intake --------------------------------------------------------------------------------------------------


async def test_that_kind_and_place_are_enough() -> None:
    desk = make_desk()
    number = await call(desk)
    assert incident(desk, number).state is IncidentState.INTAKE
    assert incident(desk, number).owner == "031"


@pytest.mark.parametrize(("said", "why"), [({"kind": ""}, "类别"), ({"place": " "}, "地点"), ({"priority": 5}, "级")])
async def test_that_bad_input_says_one_sentence_and_leaves_nothing(said: dict[str, Any], why: str) -> None:
    desk = make_desk()
    with pytest.raises(UserError, match=why):
        await call(desk, **said)
    assert desk.journal.read() == []


async def test_that_an_unknown_place_is_accepted_with_its_reason() -> None:
    desk = make_desk()
    number = await call(desk, place="", place_unknown="报警人说不清，正在定位")
    assert incident(desk, number).place_unknown


async def test_that_only_a_person_with_a_reason_lowers_a_priority() -> None:
    desk = make_desk()
    number = await call(desk, priority=2)
    with pytest.raises(UserError, match="理由"):
        await desk.do("incident.priority", incident=number, priority=3)
    await desk.do("incident.priority", incident=number, priority=1)
    await desk.do("incident.priority", incident=number, priority=4, reason="核实为误会")
    assert incident(desk, number).priority == 4
    assert [(b.old, b.new) for b in facts(desk, "PriorityChanged")] == [(2, 1), (1, 4)]


async def test_that_a_correction_keeps_the_old_value_in_the_journal() -> None:
    desk = make_desk()
    number = await call(desk)
    await desk.do("incident.edit", incident=number, fields={"place": "延安北路", "caller": ""})
    assert incident(desk, number).place == "延安北路"
    assert [(dict(b.old), dict(b.new)) for b in facts(desk, "IncidentEdited")] == [
        ({"place": "新华北路钟法路口"}, {"place": "延安北路"})
    ]
    with pytest.raises(UserError, match="不能直接修改"):
        await desk.do("incident.edit", incident=number, fields={"state": "CLOSED"})


async def test_that_of_two_corrections_of_what_both_saw_the_second_is_refused_by_name() -> None:
    desk, other = make_desk(), make_desk(seat="04")
    other.journal = desk.journal
    number = await call(desk)
    seen = {"place": "新华北路钟法路口", "caller": ""}
    await other.do("incident.edit", incident=number, fields={"place": "延安北路"}, seen=seen)
    with pytest.raises(UserError, match="地点已被改为“延安北路”"):
        await desk.do("incident.edit", incident=number, fields={"place": "钟法路", "caller": "王"}, seen=seen)
    desk.picture.apply(desk.journal.read())
    assert (incident(desk, number).place, incident(desk, number).caller) == ("延安北路", "")
    await desk.do("incident.edit", incident=number, fields={"place": "延安北路", "caller": "王"}, seen=seen)
    await desk.do("incident.edit", incident=number, fields={"place": "钟法路"}, seen={"place": "延安北路"})
    assert (incident(desk, number).place, incident(desk, number).caller) == ("钟法路", "王")


# -- units ---------------------------------------------------------------------------------------------------


async def test_that_a_report_further_along_fills_in_the_steps_before_marked_implied() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.report", unit="巡05", step="arrive")
    moves = [(b.act, b.implied) for b in facts(desk, "AssignmentMoved")]
    assert moves == [("sign", True), ("depart", True), ("arrive", False)]
    assert unit(desk, "巡05").status is UnitStatus.ON_SCENE
    assert incident(desk, number).state is IncidentState.ON_SCENE


async def test_that_a_busy_unit_is_not_sent_and_the_reason_names_its_status() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    first, second = await call(desk), await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=first)
    with pytest.raises(UserError, match="已派警"):
        await desk.do("unit.assign", unit="巡05", incident=second)


async def test_that_a_withdrawn_order_puts_the_incident_back_into_the_queue() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.withdraw", unit="巡05", reason="改派他组")
    assert incident(desk, number).state is IncidentState.TRIAGED
    assert unit(desk, "巡05").status is UnitStatus.AVAILABLE
    assert unit(desk, "巡05").incident == ""


async def test_that_only_a_gravest_call_diverts_and_the_old_one_goes_back() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    old, mild, grave = await call(desk), await call(desk, priority=2), await call(desk, priority=1)
    await desk.do("unit.assign", unit="巡05", incident=old)
    await desk.do("unit.report", unit="巡05", step="depart")
    with pytest.raises(UserError, match="一级"):
        await desk.do("unit.divert", unit="巡05", incident=mild, reason="更近")
    await desk.do("unit.divert", unit="巡05", incident=grave, reason="持刀")
    assert incident(desk, old).state is IncidentState.TRIAGED
    assert incident(desk, grave).state is IncidentState.DISPATCHED
    states = [order.state for order in desk.picture.state.where(Assignment, unit="巡05")]
    assert sorted(states) == [AssignmentState.DISPATCHED, AssignmentState.DIVERTED]


async def test_that_the_primary_unit_stays_so_after_it_cleared_and_the_last_result_is_the_incidents() -> None:
    desk = make_desk()
    patrol(desk, "巡05", "巡06")
    number = await call(desk)
    for name in ("巡05", "巡06"):
        await desk.do("unit.assign", unit=name, incident=number)
        await desk.do("unit.report", unit=name, step="arrive")
    await desk.do("unit.report", unit="巡05", step="feedback", text="先行撤离")
    assert incident(desk, number).state is IncidentState.ON_SCENE
    await desk.do("unit.report", unit="巡06", step="report", text="在关阀")
    assert incident(desk, number).state is IncidentState.HANDLING
    assert [order.unit for order in desk.picture.orders(number) if order.lead] == ["巡05"]
    await desk.do("unit.report", unit="巡06", step="feedback", text="已关阀")
    assert incident(desk, number).state is IncidentState.FEEDBACK
    assert incident(desk, number).result_text == "已关阀"


async def test_that_a_lost_unit_that_reports_is_found_again_and_goes_on() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.status", unit="巡05", status="90")
    assert unit(desk, "巡05").incident == number
    await desk.do("unit.report", unit="巡05", step="arrive")
    assert unit(desk, "巡05").status is UnitStatus.ON_SCENE


async def test_that_a_lost_unit_that_is_sent_elsewhere_leaves_its_old_order() -> None:
    desk = make_desk()
    tell(
        desk,
        UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING, phone="13811112222")),
    )
    old, new = await call(desk), await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=old)
    await desk.do("unit.report", unit="巡05", step="depart")
    await desk.do("unit.status", unit="巡05", status="90")
    with pytest.raises(UserError, match="失联"):
        await desk.do("unit.assign", unit="巡05", incident=new)
    await desk.do("unit.assign", unit="巡05", incident=new, anyway=True)
    states = {order.incident: order.state for order in desk.picture.state.where(Assignment, unit="巡05")}
    assert states == {old: AssignmentState.DIVERTED, new: AssignmentState.DISPATCHED}
    assert (incident(desk, old).state, unit(desk, "巡05").incident) == (IncidentState.TRIAGED, new)
    texts = [(row.purpose, row.about) for row in desk.picture.state.all(OutboxMessage)]
    assert sorted(texts) == sorted([(ORDER, f"{old}/1"), (CANCEL, f"{old}/1"), (ORDER, f"{new}/1")])


@pytest.mark.parametrize("plan", [False, True])
async def test_that_a_warning_waives_nothing_another_seat_did_since(plan: bool) -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    seen, graver, mine = await call(desk), await call(desk), await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=seen)
    await desk.do("unit.assign", unit="巡05", incident=graver, anyway=True, seen_on=seen)
    if plan:
        late = desk.do("unit.assign_plan", units=["巡05"], incident=mine, anyway=["巡05"], seen_on={"巡05": seen})
    else:
        late = desk.do("unit.assign", unit="巡05", incident=mine, anyway=True, seen_on=seen)
    with pytest.raises(UserError, match="刚被派往警情"):
        await late
    assert unit(desk, "巡05").incident == graver
    await desk.do("unit.withdraw", unit="巡05", reason="误报")
    await desk.do("unit.assign", unit="巡05", incident=mine, anyway=True, seen_on=seen)
    assert unit(desk, "巡05").incident == mine


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("step", ["arrive", "report"])
async def test_that_a_unit_at_work_is_never_sent_away_whether_it_is_lost_or_not(step: str, lost: bool) -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    here, there = await call(desk), await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=here)
    await desk.do("unit.report", unit="巡05", step=step, text="在劝解")
    if lost:
        await desk.do("unit.status", unit="巡05", status="90")
    with pytest.raises(UserError, match="不能派警：请先反馈"):
        await desk.do("unit.assign", unit="巡05", incident=there, anyway=True)
    assert unit(desk, "巡05").incident == here


@pytest.mark.parametrize("help_called", [True, False])
async def test_that_a_lost_unit_or_one_in_need_is_not_sent_twice_to_the_same_incident(help_called: bool) -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.status", unit="巡05", status="15" if help_called else "90")
    with pytest.raises(UserError, match="请求增援" if help_called else "已在前往该警情"):
        await desk.do("unit.assign", unit="巡05", incident=number, anyway=True)
    assert len(desk.picture.orders(number)) == 1


async def test_that_a_lost_unit_whose_order_was_withdrawn_is_free_when_it_is_found_again() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.report", unit="巡05", step="depart")
    await desk.do("unit.status", unit="巡05", status="90")
    await desk.do("unit.withdraw", unit="巡05", reason="联系不上")
    lost = unit(desk, "巡05")
    assert (lost.status, lost.incident, may_return(lost)) == (UnitStatus.LOST, "", UnitStatus.AVAILABLE)
    with pytest.raises(UserError):
        await desk.do("unit.status", unit="巡05", status="12")
    await desk.do("unit.status", unit="巡05", status="01")
    await desk.do("unit.assign", unit="巡05", incident=number)


async def test_that_a_unit_in_need_whose_order_was_withdrawn_is_free_when_its_emergency_is_over() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.report", unit="巡05", step="depart")
    emergency = await desk.do("emergency.start", unit="巡05")
    await desk.do("unit.withdraw", unit="巡05", reason="途中遇袭")
    assert unit(desk, "巡05").status is UnitStatus.NEEDS_HELP
    await desk.do("emergency.stop", emergency=emergency, reason="已控制")
    assert unit(desk, "巡05").status is UnitStatus.AVAILABLE
    await desk.do("unit.assign", unit="巡05", incident=number)


@pytest.mark.parametrize("first", ["巡05", "巡06"])
async def test_that_an_incident_with_its_result_is_done_when_the_last_unit_is_recalled(first: str) -> None:
    """Whether the primary unit or another one told it."""
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    patrol(desk, "巡05", "巡06")
    number = await call(desk)
    for name in ("巡05", "巡06"):
        await desk.do("unit.assign", unit=name, incident=number)
    clock.advance(300)
    await desk.do("unit.report", unit=first, step="feedback", text="已调解")
    await desk.do("unit.withdraw", unit="巡06" if first == "巡05" else "巡05", reason="不用去了")
    done = incident(desk, number)
    assert (done.state, done.result_text) == (IncidentState.FEEDBACK, "已调解")


async def test_that_a_reopened_incident_never_ends_on_its_old_result() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    patrol(desk, "巡05", "巡06")
    kind = next(c.code for c in desk.reference.codes.values() if not c.needs_callback)
    number = await call(desk, kind=kind, phone="无")
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.report", unit="巡05", step="feedback", text="已调解")
    await desk.do("incident.review", incident=number)
    await desk.close_incident(number)
    clock.advance(3600)
    await desk.do("incident.reopen", incident=number, reason="再次来电")
    await desk.do("unit.assign", unit="巡06", incident=number)
    await desk.do("unit.withdraw", unit="巡06", reason="另派")
    assert incident(desk, number).state is IncidentState.TRIAGED
    assert len(facts(desk, "IncidentResult")) == 1


async def test_that_a_unit_with_an_order_cannot_slip_away_by_a_change_of_status() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    for status in ("01", "00", "30", "13", "17"):
        with pytest.raises(UserError):
            await desk.do("unit.status", unit="巡05", status=status)
    await desk.do("unit.status", unit="巡05", status="15")
    assert unit(desk, "巡05").incident == number


async def test_that_joint_operations_units_go_only_with_the_chiefs_word() -> None:
    desk = make_desk()
    patrol(desk, "突01", status=UnitStatus.JOINT_TASK)
    number = await call(desk)
    with pytest.raises(UserError, match="值班长"):
        await desk.do("unit.assign", unit="突01", incident=number)
    await desk.do("unit.assign", unit="突01", incident=number, reason="值班长同意")


# -- handoffs ------------------------------------------------------------------------------------------------


async def test_that_one_key_instructs_with_duty_basis_and_deadline() -> None:
    desk = make_desk()
    number = await call(desk)
    handoff = need(desk.picture.state, Handoff, await desk.send_handoff(number, "gas_supply"))
    assert handoff.state is HandoffState.SENT
    assert handoff.arrive_s == 1800
    assert handoff.basis.startswith("参照（潢川县 2021）")
    assert handoff.duty in desk.reference.duties


async def test_that_outside_the_urban_area_no_minutes_are_promised() -> None:
    desk = make_desk()
    number = await call(desk, urban=False)
    assert need(desk.picture.state, Handoff, await desk.send_handoff(number, "gas_supply")).arrive_s is None


async def test_that_by_phone_the_instruction_counts_as_delivered_and_is_marked() -> None:
    desk = make_desk()
    number = await call(desk)
    handoff = need(desk.picture.state, Handoff, await desk.send_handoff(number, "gas_supply", channel="phone", by="李"))
    assert (handoff.state, handoff.on_behalf, handoff.person) == (HandoffState.DELIVERED, True, "李")


async def test_that_an_agency_is_not_instructed_twice_and_our_police_never() -> None:
    desk = make_desk()
    number = await call(desk)
    await desk.send_handoff(number, "gas_supply")
    with pytest.raises(UserError, match="可催办"):
        await desk.send_handoff(number, "gas_supply")
    with pytest.raises(UserError, match="不是联动单位"):
        await desk.send_handoff(number, "police")


@pytest.mark.requirement("Z1-15")
async def test_that_refusing_needs_a_name_and_a_reason_and_waits_for_the_chiefs_word() -> None:
    desk = make_desk()
    number = await call(desk)
    handoff = await desk.send_handoff(number, "gas_supply")
    with pytest.raises(UserError, match="经办人"):
        await desk.do("handoff.report", handoff=handoff, act="refuse", reason="忙")
    await desk.do("handoff.report", handoff=handoff, act="refuse", reason="非职责", by="张")
    with pytest.raises(UserError, match="催办"):
        await desk.do("handoff.urge", handoff=handoff)
    desk.clock.advance(600)  # type: ignore[attr-defined]
    await desk.do("handoff.rule", handoff=handoff, act="resend", reason="第七条明确")
    again = need(desk.picture.state, Handoff, handoff)
    assert again.state is HandoffState.SENT
    assert again.t_sent == desk.clock()


async def test_that_an_agencys_later_report_implies_the_earlier_ones() -> None:
    desk = make_desk()
    number = await call(desk)
    handoff = await desk.send_handoff(number, "gas_supply")
    await desk.do("handoff.report", handoff=handoff, act="arrive", by="陈", text="两人到场")
    moves = [(b.act, b.implied) for b in facts(desk, "HandoffMoved")]
    assert moves == [("send", False), ("deliver", True), ("sign", True), ("depart", True), ("arrive", False)]


# -- the way out ---------------------------------------------------------------------------------------------


async def test_that_closing_names_everything_that_is_missing_at_once() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.send_handoff(number, "gas_supply")
    await desk.do("incident.settle", incident=number, code="desk", text="电话劝解")
    await desk.do("incident.review", incident=number)
    with pytest.raises(UserError, match="联动派单1号未办结；尚未回访"):
        await desk.close_incident(number)


async def test_that_a_callback_is_asked_only_where_the_code_asks_for_it() -> None:
    desk = make_desk()
    codes = desk.reference.codes.values()
    asked = next(code.code for code in codes if code.needs_callback)
    free = next(code.code for code in codes if not code.needs_callback)
    for kind, outcome in ((free, ""), (asked, "satisfied")):
        number = await call(desk, kind=kind, phone="无")
        await desk.do("incident.settle", incident=number, code="desk", text="已答复")
        await desk.do("incident.review", incident=number)
        if outcome:
            with pytest.raises(UserError, match="尚未回访"):
                await desk.close_incident(number)
            await desk.do("incident.callback", incident=number, outcome=outcome)
        await desk.close_incident(number)
        assert incident(desk, number).state is IncidentState.CLOSED


async def test_that_an_incident_with_people_on_it_is_not_made_invalid() -> None:
    desk = make_desk()
    patrol(desk, "巡05")
    number = await call(desk)
    await desk.do("unit.assign", unit="巡05", incident=number)
    with pytest.raises(UserError, match="巡05"):
        await desk.do("incident.invalidate", incident=number, reason="误拨")


async def test_that_un_merging_restores_the_duplicate_exactly() -> None:
    desk = make_desk()
    main, twice = await call(desk), await call(desk)
    before = incident(desk, twice)
    await desk.do("incident.merge", incident=twice, into=main)
    assert incident(desk, twice).state is IncidentState.MERGED
    await desk.do("incident.unmerge", incident=twice, reason="两处泄漏")
    assert replace(incident(desk, twice), version=before.version) == before


async def test_that_whatever_ends_an_incident_stamps_its_end() -> None:
    desk = make_desk()
    main, twice, nothing = await call(desk), await call(desk), await call(desk, place="延安北路")
    await desk.do("incident.merge", incident=twice, into=main)
    await desk.do("incident.invalidate", incident=nothing, reason="误拨")
    assert [incident(desk, number).t_close for number in (main, twice, nothing)] == [None, EVENING, EVENING]


async def test_that_an_incident_with_a_latched_alarm_is_not_merged_away() -> None:
    desk = make_desk()
    pressed, main = press(desk), await call(desk)
    await desk.do("alarm.acknowledge", alarm="a1")
    with pytest.raises(UserError, match="一键报警未手动复位，不能合并"):
        await desk.do("incident.merge", incident=pressed, into=main)
    assert incident(desk, pressed).open
    await desk.do("alarm.judge", alarm="a1", verdict="confirm")
    await desk.do("alarm.reset", alarm="a1")
    await desk.do("incident.merge", incident=pressed, into=main)
    assert incident(desk, pressed).state is IncidentState.MERGED


async def test_that_an_incident_with_a_running_handoff_is_not_merged_away() -> None:
    desk = make_desk()
    main, twice = await call(desk), await call(desk)
    handoff = await desk.send_handoff(twice, "gas_supply")
    with pytest.raises(UserError, match="联动派单未办结，不能合并"):
        await desk.do("incident.merge", incident=twice, into=main)
    await desk.do("handoff.cancel", handoff=handoff, reason="重复警情")
    await desk.do("incident.merge", incident=twice, into=main)
    assert incident(desk, twice).state is IncidentState.MERGED


@pytest.mark.parametrize(("grave", "after"), [(1, 1), (4, 3)])
async def test_that_the_main_incident_is_as_grave_as_its_gravest_duplicate(grave: int, after: int) -> None:
    desk = make_desk()
    main, twice = await call(desk, priority=3), await call(desk, priority=grave)
    await desk.do("incident.merge", incident=twice, into=main)
    assert incident(desk, main).priority == after
    reasons = [body.reason for body in facts(desk, "PriorityChanged")]
    assert reasons == (["并入更高级别警情"] if grave < 3 else [])


async def test_that_a_reopened_incident_goes_back_to_triage_without_a_unit() -> None:
    desk = make_desk()
    kind = next(c.code for c in desk.reference.codes.values() if not c.needs_callback)
    number = await call(desk, kind=kind, phone="无")
    await desk.do("incident.settle", incident=number, code="desk", text="好")
    await desk.do("incident.review", incident=number)
    await desk.close_incident(number)
    await desk.do("incident.reopen", incident=number, reason="再次来电")
    assert incident(desk, number).state is IncidentState.TRIAGED
    assert incident(desk, number).t_close is None


async def test_that_an_incident_back_in_the_queue_owes_its_dispatch_from_then_on() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    patrol(desk, "巡05")
    withdrawn, reopened = await call(desk), await call(desk)
    await desk.do("incident.invalidate", incident=reopened, reason="误拨")
    await desk.do("unit.assign", unit="巡05", incident=withdrawn)
    clock.advance(20 * 3600)
    await desk.do("incident.reopen", incident=reopened, reason="再次来电")
    await desk.do("unit.withdraw", unit="巡05", reason="改派他组")
    for number in (withdrawn, reopened):
        (promise,) = desk.picture.promises(number)
        assert promise.since == clock()
        assert not promise.late(clock())
    await desk.do("unit.assign", unit="巡05", incident=withdrawn)
    clock.advance(600)
    await desk.do("unit.withdraw", unit="巡05", reason="再改派")
    assert [promise.since for promise in desk.picture.promises(withdrawn)] == [clock()]


async def test_that_route_c_ends_by_handing_off_only_after_the_agency_accepted() -> None:
    desk = make_desk()
    number = await call(desk, kind="1101", route="C")
    handoff = await desk.send_handoff(number, "urban_mgmt")
    with pytest.raises(UserError, match="尚未签收"):
        await desk.do("incident.hand_off", incident=number)
    await desk.do("handoff.report", handoff=handoff, act="sign", by="刘")
    await desk.do("incident.hand_off", incident=number)
    assert incident(desk, number).state is IncidentState.HANDED_OFF


# -- what waited in the spool --------------------------------------------------------------------------------


def away(desk: Desk) -> tuple[MemoryJournal, MemorySpool]:
    """The journal does not answer this seat; another seat goes on with it."""
    journal, spool = desk.journal, desk.spool
    assert isinstance(journal, MemoryJournal)
    assert isinstance(spool, MemorySpool)
    desk.journal = MemoryJournal(desk.clock, failure=JournalUnavailable("没有应答"))
    return journal, spool


async def test_that_a_report_from_the_spool_finds_its_agency_though_another_has_the_number() -> None:
    desk, other = make_desk(), make_desk(seat="04")
    other.journal = desk.journal
    number = await call(desk)
    other.picture.apply(desk.journal.read())
    journal, spool = away(desk)
    fire = await desk.send_handoff(number, "fire_rescue")
    await desk.do("handoff.report", handoff=fire, act="sign", by="陈")
    assert await other.send_handoff(number, "gas_supply") == fire
    for act in spool.acts:
        await journal.commit(act)
    states = {h.agency: h.state for h in journal.state.where(Handoff, incident=number)}
    assert states == {"fire_rescue": HandoffState.SIGNED, "gas_supply": HandoffState.SENT}


async def test_that_a_report_from_the_spool_never_moves_the_handoff_of_another_agency() -> None:
    desk = make_desk()
    number = await call(desk)
    handoff = await desk.send_handoff(number, "gas_supply")
    with pytest.raises(UserError, match="没有给该单位的联动派单"):
        await desk.do("handoff.report", handoff=handoff, agency="fire_rescue", act="sign", by="陈")
    assert [h.state for h in desk.picture.handoffs(number)] == [HandoffState.SENT]


async def test_that_a_report_from_the_spool_never_moves_the_order_for_another_incident() -> None:
    desk, other = make_desk(), make_desk(seat="04")
    other.journal = desk.journal
    patrol(desk, "巡05")
    first, second = await call(desk), await call(desk)
    other.picture.apply(desk.journal.read())
    journal, spool = away(desk)
    await desk.do("unit.assign", unit="巡05", incident=first)
    await desk.do("unit.report", unit="巡05", step="arrive")
    await other.do("unit.assign", unit="巡05", incident=second)
    for act in spool.acts:
        with pytest.raises(UserError, match="巡05"):
            await journal.commit(act)
    (order,) = journal.state.where(Assignment, unit="巡05")
    assert (order.incident, order.state) == (second, AssignmentState.DISPATCHED)


# -- whatever people do --------------------------------------------------------------------------------------

NUMBERS = [f"ZZ20261121-{n:04}" for n in range(1, 4)]
UNITS = ["巡01", "巡02", "突01"]


class Evening(RuleBasedStateMachine):
    """Random acts in any order: refused ones leave no trace, and what is stored is always consistent."""

    def __init__(self) -> None:
        super().__init__()
        self.state = MemoryState()
        self.journal: list[Any] = []
        self.opened = 0
        self.clock = EVENING
        for name in UNITS:
            self.act("unit.register", unit={"id": name, "status": "01", "status_since": EVENING.isoformat()})

    def act(self, name: str, **args: Any) -> None:
        act = Act(name=name, args=args, actor="031", seat="03", roles=ALL, at=self.clock)
        ledger = MemoryLedger(Overlay(self.state), act, self.clock, self._number)
        try:
            ACTS[name](ledger, **args)
        except UserError:
            return
        for fact in ledger.facts:
            fold(self.state, fact)
            self.journal.append(fact)

    def _number(self) -> str:
        self.opened += 1
        return f"ZZ20261121-{self.opened:04}"

    @rule()
    def call(self) -> None:
        if self.opened < len(NUMBERS):
            self.act("incident.open", kind="050301", place="路口")

    @rule(
        unit=st.sampled_from(UNITS),
        number=st.sampled_from(NUMBERS),
        act=st.sampled_from(["unit.assign", "unit.divert"]),
    )
    def send(self, unit: str, number: str, act: str) -> None:
        self.act(act, unit=unit, incident=number, reason="值班长同意")

    @rule(unit=st.sampled_from(UNITS))
    def lose(self, unit: str) -> None:
        self.act("unit.status", unit=unit, status=UnitStatus.LOST.value)

    @rule(unit=st.sampled_from(UNITS), number=st.sampled_from(NUMBERS))
    def send_anyway(self, unit: str, number: str) -> None:
        self.act("unit.assign", unit=unit, incident=number, anyway=True)

    @rule(unit=st.sampled_from(UNITS), step=st.sampled_from(CHAIN))
    def report(self, unit: str, step: str) -> None:
        self.act("unit.report", unit=unit, step=step, text="情况")

    @rule(unit=st.sampled_from(UNITS), status=st.sampled_from([s.value for s in UnitStatus]))
    def status(self, unit: str, status: str) -> None:
        self.act("unit.status", unit=unit, status=status)

    @rule(unit=st.sampled_from(UNITS))
    def withdraw(self, unit: str) -> None:
        self.act("unit.withdraw", unit=unit, reason="撤")

    @rule(number=st.sampled_from(NUMBERS), agency=st.sampled_from(["gas_supply", "fire_rescue"]))
    def hand(self, number: str, agency: str) -> None:
        self.act("handoff.send", incident=number, agency=agency)

    @rule(
        number=st.sampled_from(NUMBERS), n=st.integers(1, 3), act=st.sampled_from(sorted({a for _, a in HANDOFF.moves}))
    )
    def agency(self, number: str, n: int, act: str) -> None:
        said = {"handoff": f"{number}#{n}", "act": act, "by": "王", "text": "好", "reason": "由"}
        if act == "close":
            self.act("handoff.close", handoff=f"{number}#{n}")
        elif act in ("resend", "reassign"):
            self.act("handoff.rule", handoff=f"{number}#{n}", act=act, reason="由")
        else:
            self.act("handoff.report", **said)

    @rule(
        number=st.sampled_from(NUMBERS),
        act=st.sampled_from(["review", "close", "invalidate", "reopen", "answer", "settle", "hand_off", "send_back"]),
    )
    def incident(self, number: str, act: str) -> None:
        more: dict[str, Any] = {"reason": "由"} if act in ("invalidate", "reopen", "send_back") else {}
        if act == "settle":
            more = {"code": "desk", "text": "好"}
        self.act(f"incident.{act}", incident=number, **more)

    @rule(one=st.sampled_from(NUMBERS), other=st.sampled_from(NUMBERS))
    def merge(self, one: str, other: str) -> None:
        self.act("incident.merge", incident=one, into=other)

    @rule(number=st.sampled_from(NUMBERS))
    def unmerge(self, number: str) -> None:
        self.act("incident.unmerge", incident=number, reason="拆")

    @invariant()
    def every_bound_unit_has_exactly_one_open_order(self) -> None:
        for unit in self.state.all(Unit):
            orders = [o for o in self.state.where(Assignment, unit=unit.id) if o.open]
            assert len(orders) <= 1
            if orders:
                assert unit.incident == orders[0].incident
                assert unit.status in ON_ORDER or unit.status is UnitStatus.LOST
            else:
                assert unit.incident == ""
                # A unit in need may have none: but nobody goes back to the way to an order that is not there.
                assert unit.status not in ON_ORDER or unit.status is UnitStatus.NEEDS_HELP
                assert may_return(unit) not in ON_ORDER

    @invariant()
    def an_ended_incident_owes_nothing(self) -> None:
        for row in self.state.all(Incident):
            if row.state in ENDED and row.state is not IncidentState.MERGED:
                assert not [o for o in self.state.where(Assignment, incident=row.number) if o.open]
                assert not [h for h in self.state.where(Handoff, incident=row.number) if h.open]

    @invariant()
    def one_order_leads(self) -> None:
        for row in self.state.all(Incident):
            orders = self.state.where(Assignment, incident=row.number)
            assert not any(o.open for o in orders) or sum(o.lead for o in orders) == 1

    def teardown(self) -> None:
        rebuilt = MemoryState()
        for fact in self.journal:
            fold(rebuilt, fact)
        for kind in KINDS:
            assert rebuilt.all(kind) == self.state.all(kind)


def test_that_no_order_of_acts_leaves_the_desk_inconsistent_and_the_journal_rebuilds_it() -> None:
    run_state_machine_as_test(Evening, settings=settings(max_examples=60, stateful_step_count=50, deadline=None))
