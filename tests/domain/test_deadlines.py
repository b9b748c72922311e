"""Promises are pure functions of (state, now): started when they should, due when the rule says, ended when kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.domain.alarm import Alarm, AlarmState
from console.domain.assignment import Assignment, AssignmentState
from console.domain.deadlines import (
    Level,
    Promise,
    Rule,
    alarm_promise,
    handoff_clock,
    handoff_promises,
    incident_promise,
    order_promises,
    ring_back_promise,
)
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.ladder import Stage
from console.services.reference import load
from tests.support import EVENING

REFERENCE = load()
CALL = Incident(number="ZZ20261121-0001", created_at=EVENING, t_answer=EVENING, state=IncidentState.INTAKE)
ORDER = Assignment(id="ZZ20261121-0001/1", incident=CALL.number, unit="巡05", t_dispatch=EVENING)
HANDOFF = Handoff(
    id="ZZ20261121-0001#1",
    incident=CALL.number,
    agency="gas_supply",
    t_draft=EVENING,
    t_sent=EVENING + timedelta(minutes=2),
    state=HandoffState.SENT,
    arrive_s=1800,
)


def after(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


@pytest.mark.parametrize(("priority", "seconds"), [(1, 60), (2, 90), (3, 180), (4, 60)])
def test_that_dispatch_is_due_by_priority_from_the_answer(priority: int, seconds: int) -> None:
    promise = incident_promise(replace(CALL, priority=priority), REFERENCE)
    assert promise is not None
    assert promise.rule is Rule.DISPATCH
    assert promise.due_at == EVENING + timedelta(seconds=seconds)


def test_that_a_panel_alarms_dispatch_runs_from_the_signal() -> None:
    pressed = replace(CALL, source="alarm", t_signal=EVENING - after(1), priority=1)
    promise = incident_promise(pressed, REFERENCE)
    assert promise is not None
    assert promise.since == EVENING - after(1)


@pytest.mark.parametrize(("source", "seconds"), [("call", 180), ("alarm", 30)])
def test_that_an_incident_back_in_the_queue_is_measured_from_its_return(source: str, seconds: int) -> None:
    back = EVENING + after(20 * 60)
    again = replace(CALL, source=source, state=IncidentState.TRIAGED, t_signal=EVENING, t_triaged_again=back)
    promise = incident_promise(again, REFERENCE)
    assert promise is not None
    assert (promise.since, promise.due_at) == (back, back + timedelta(seconds=seconds))


def test_that_the_desk_owes_nothing_once_a_unit_is_on_it() -> None:
    assert incident_promise(replace(CALL, state=IncidentState.DISPATCHED), REFERENCE) is None


def test_that_on_route_c_the_desk_owes_an_instruction_to_an_agency_not_a_unit() -> None:
    handed = replace(CALL, route="C", priority=4)
    promise = incident_promise(handed, REFERENCE)
    assert promise is not None
    assert (promise.rule, promise.due_at) == (Rule.HAND_OFF, EVENING + after(1))
    assert incident_promise(handed, REFERENCE, [HANDOFF]) is None
    assert incident_promise(handed, REFERENCE, [replace(HANDOFF, state=HandoffState.CANCELLED)]) is not None


@pytest.mark.parametrize("state", [HandoffState.REFUSED, HandoffState.RETURNED, HandoffState.REASSIGNED])
def test_that_on_route_c_an_agency_that_does_not_go_leaves_the_instruction_owed_from_then_on(
    state: HandoffState,
) -> None:
    handed = replace(CALL, route="C", priority=4)
    refused = replace(HANDOFF, state=state, t_end=EVENING + after(30))
    promise = incident_promise(handed, REFERENCE, [refused])
    assert promise is not None
    assert (promise.rule, promise.since) == (Rule.HAND_OFF, EVENING + after(30))
    ruled = replace(refused, id="ZZ20261121-0001#2", t_close=EVENING + after(33))
    promise = incident_promise(handed, REFERENCE, [ruled, refused])
    assert promise is not None
    assert promise.since == EVENING + after(33)
    another = replace(HANDOFF, id="ZZ20261121-0001#3", agency="urban_mgmt")
    assert incident_promise(handed, REFERENCE, [refused, another]) is None


def test_that_an_instruction_that_was_never_sent_moves_no_clock() -> None:
    handed = replace(CALL, route="C", priority=4)
    torn_up = replace(HANDOFF, state=HandoffState.CANCELLED, t_sent=None, t_close=EVENING + after(30))
    promise = incident_promise(handed, REFERENCE, [torn_up])
    assert promise is not None
    assert promise.since == EVENING


def rules(promises: list[Promise]) -> list[tuple[Rule, datetime]]:
    return [(promise.rule, promise.due_at) for promise in promises]


def test_that_a_unit_owes_its_signature_then_that_it_sets_out_then_its_arrival_then_its_result() -> None:
    grave, signed_at = replace(CALL, priority=1), EVENING + timedelta(seconds=20)
    signed = replace(ORDER, state=AssignmentState.SIGNED, t_sign=signed_at)
    there = replace(ORDER, state=AssignmentState.ON_SCENE, t_arrive=EVENING + after(4))
    assert rules(order_promises(ORDER, grave, REFERENCE)) == [(Rule.SIGN, EVENING + timedelta(seconds=30))]
    assert rules(order_promises(signed, grave, REFERENCE)) == [
        (Rule.DEPART, signed_at + after(1)),
        (Rule.ARRIVE, EVENING + after(5)),
    ]
    on_the_road = replace(signed, state=AssignmentState.EN_ROUTE)
    assert rules(order_promises(on_the_road, grave, REFERENCE)) == [(Rule.ARRIVE, EVENING + after(5))]
    for state in (AssignmentState.ON_SCENE, AssignmentState.HANDLING):
        owed = order_promises(replace(there, state=state), grave, REFERENCE)
        assert rules(owed) == [(Rule.FEEDBACK, EVENING + after(64))]
    assert order_promises(replace(there, state=AssignmentState.FEEDBACK), grave, REFERENCE) == []


def test_that_an_order_nobody_has_to_sign_still_owes_its_arrival() -> None:
    mild = replace(CALL, priority=4)
    assert REFERENCE.stages[4][Stage.SIGN].late_s is None
    for state in (AssignmentState.DISPATCHED, AssignmentState.SIGNED, AssignmentState.EN_ROUTE):
        order = replace(ORDER, state=state, t_sign=EVENING)
        assert rules(order_promises(order, mild, REFERENCE)) == [(Rule.ARRIVE, EVENING + after(30))]


def test_that_outside_the_urban_area_a_unit_has_twice_the_time_and_a_sites_own_limit_wins() -> None:
    on_the_road = replace(ORDER, state=AssignmentState.EN_ROUTE)
    (rural,) = order_promises(on_the_road, replace(CALL, priority=1, urban=False), REFERENCE)
    (site,) = order_promises(on_the_road, replace(CALL, priority=1), REFERENCE, 180)
    assert rural.due_at == EVENING + after(10)
    assert site.due_at == EVENING + after(3)
    assert site.amber(EVENING + after(1.5))
    assert not site.amber(EVENING + after(1.4))


@pytest.mark.requirement("Z1-40")
def test_that_an_agency_is_due_on_scene_thirty_minutes_after_the_instruction() -> None:
    clock = handoff_clock(HANDOFF, CALL, REFERENCE)
    assert clock is not None
    assert clock.rule is Rule.HANDOFF_ARRIVE
    assert clock.due_at == EVENING + after(32)
    assert not clock.late(EVENING + after(32))
    assert clock.late(EVENING + after(32) + timedelta(milliseconds=1))
    assert clock.left_s(EVENING + after(33)) == -60
    assert not clock.amber(EVENING + after(2))
    assert clock.amber(EVENING + after(30))


def test_that_signature_arrival_and_feedback_follow_each_other() -> None:
    assert [p.rule for p in handoff_promises(HANDOFF, CALL, REFERENCE)] == [Rule.HANDOFF_SIGN, Rule.HANDOFF_ARRIVE]
    arrived = replace(HANDOFF, state=HandoffState.ARRIVED, t_arrive=EVENING + after(20))
    feedback = handoff_promises(arrived, CALL, REFERENCE)
    assert [(p.rule, p.due_at) for p in feedback] == [(Rule.HANDOFF_FEEDBACK, EVENING + after(50))]
    assert handoff_promises(replace(HANDOFF, state=HandoffState.RESULT), CALL, REFERENCE) == []


def test_that_without_a_limit_there_is_no_promise_to_arrive() -> None:
    rules = [p.rule for p in handoff_promises(replace(HANDOFF, arrive_s=None), CALL, REFERENCE)]
    assert rules == [Rule.HANDOFF_SIGN]


def test_that_an_alarm_is_a_promise_until_a_person_acknowledges() -> None:
    alarm = Alarm(id="a", received_at=EVENING)
    promise = alarm_promise(alarm, REFERENCE)
    assert promise is not None
    assert promise.rule is Rule.ACKNOWLEDGE
    assert alarm_promise(replace(alarm, state=AlarmState.ACKNOWLEDGED), REFERENCE) is None


# -- the ladder: every stage at every priority, before, at and after each of its limits --------------------------------

LATER = EVENING + after(3)


def _code_with_callback() -> str:
    return next(code for code, row in REFERENCE.codes.items() if row.needs_callback)


def _promises_of(stage: Stage, priority: int) -> list[Promise]:
    """A stage that began at LATER."""
    call = replace(CALL, priority=priority, t_answer=LATER, created_at=LATER)
    order = replace(ORDER, t_dispatch=LATER)
    desk = {
        Stage.ANSWER: replace(call, state=IncidentState.NEW, t_answer=None),
        Stage.DISPATCH: call,
        Stage.HAND_OFF: replace(call, route="C"),
        Stage.CALLBACK: replace(call, state=IncidentState.REVIEW, kind=_code_with_callback(), t_feedback=LATER),
    }
    if stage in desk:
        return [p for p in [incident_promise(desk[stage], REFERENCE)] if p is not None]
    if stage in (Stage.RING_BACK_SILENT, Stage.RING_BACK_DROPPED):
        marked = replace(call, mark=stage.value.rpartition("_")[2], marked_at=LATER)
        return [p for p in [ring_back_promise(marked, REFERENCE)] if p is not None]
    if stage.value.startswith("handoff_"):
        terms = REFERENCE.handoff(priority)
        limits: dict[str, Any] = {
            "sign_s": terms.sign_s,
            "arrive_s": terms.arrive_urban_s,
            "feedback_s": terms.feedback_s,
        }
        state = HandoffState.ARRIVED if stage is Stage.HANDOFF_FEEDBACK else HandoffState.SENT
        sent = replace(HANDOFF, t_sent=LATER, t_arrive=LATER, state=state, **limits)
        return [p for p in handoff_promises(sent, call, REFERENCE) if p.rule.value == stage.value]
    states = {Stage.SIGN: AssignmentState.DISPATCHED, Stage.DEPART: AssignmentState.SIGNED}
    states |= {Stage.FEEDBACK: AssignmentState.ON_SCENE}
    order = replace(order, state=states.get(stage, AssignmentState.EN_ROUTE), t_sign=LATER, t_arrive=LATER)
    promises = order_promises(order, replace(call, urban=stage is not Stage.ARRIVE_SUBURB), REFERENCE)
    return [p for p in promises if stage.value.startswith(p.rule.value)]


@pytest.mark.parametrize("priority", [1, 2, 3, 4])
@pytest.mark.parametrize("stage", Stage)
def test_that_every_stage_warns_is_late_and_climbs_exactly_at_its_limits(stage: Stage, priority: int) -> None:
    row = REFERENCE.stages[priority][stage]
    promises = _promises_of(stage, priority)
    if row.late_s is None:
        assert promises == []
        return
    (promise,) = promises
    warn, due = LATER + timedelta(seconds=row.warn_s or 0), LATER + timedelta(seconds=row.late_s)
    moment = timedelta(milliseconds=1)
    assert promise.level(warn - moment) is Level.RUNNING
    assert promise.level(warn) is Level.WARN
    assert promise.level(due) is Level.WARN
    assert (promise.level(due + moment), promise.step(due + moment)) == (Level.LATE, 1)
    assert promise.looks(due) == ""
    for step, seconds in enumerate(row.climb_s, 1):
        at = due + timedelta(seconds=seconds)
        assert (promise.step(at), promise.step(at + moment)) == (step - 1, step)
        assert promise.looks(at + moment) == ("seat", "neighbour", "chief")[step - 1]
        assert promise.level(at + moment) is (Level.LATE if step == 1 else Level.ESCALATED)


@pytest.mark.parametrize("field", ["held_until", "scheduled_for"])
def test_that_while_it_is_held_or_scheduled_the_desk_promises_nothing_and_from_its_waking_anew(field: str) -> None:
    assert incident_promise(replace(CALL, **dict[str, Any]({field: EVENING + after(60)})), REFERENCE) is None
    woken = incident_promise(replace(CALL, t_triaged_again=EVENING + after(60)), REFERENCE)
    assert woken is not None
    assert woken.since == EVENING + after(60)


def test_that_what_others_owe_climbs_no_further_once_somebody_knows_but_what_the_desk_owes_does() -> None:
    late, night = EVENING + timedelta(seconds=40), EVENING + after(60)
    known = replace(CALL, priority=1, late_seen_at=late)
    (sign,) = order_promises(ORDER, known, REFERENCE)
    dispatch = incident_promise(replace(known, state=IncidentState.TRIAGED), REFERENCE)
    assert dispatch is not None
    assert (sign.step(night), dispatch.step(night)) == (1, 3)
    early = replace(known, late_seen_at=EVENING)
    assert [promise.step(night) for promise in order_promises(ORDER, early, REFERENCE)] == [3]


# -- silent and dropped calls -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "rung", "outcome", "owed"),
    [
        ("silent", 0, "", True),
        ("silent", 1, "unreached", True),
        ("silent", 2, "unreached", False),
        ("silent", 1, "reached", False),
        ("dropped", 0, "", True),
        ("dropped", 1, "unreached", False),
        ("prank", 0, "", False),
        ("", 0, "", False),
    ],
)
def test_that_a_silent_caller_is_owed_two_call_backs_and_a_dropped_one_one(
    mark: str, rung: int, outcome: str, owed: bool
) -> None:
    call = replace(CALL, mark=mark, marked_at=EVENING if mark else None, ring_backs=rung, ring_back=outcome)
    assert (ring_back_promise(call, REFERENCE) is not None) is owed
    # Nothing else is asked of the desk while the caller is to be rung back.
    assert (incident_promise(call, REFERENCE) is None) is owed
