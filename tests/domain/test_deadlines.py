"""Promises are pure functions of (state, now): started when they should, due when the rule says, ended when kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.alarm import Alarm, AlarmState
from console.domain.assignment import Assignment, AssignmentState
from console.domain.deadlines import (
    Rule,
    alarm_promise,
    handoff_clock,
    handoff_promises,
    incident_promise,
    order_promise,
)
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
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


def test_that_a_unit_owes_its_signature_then_its_arrival_from_the_order() -> None:
    sign = order_promise(ORDER, replace(CALL, priority=1), REFERENCE, None)
    signed = replace(ORDER, state=AssignmentState.SIGNED)
    arrive = order_promise(signed, replace(CALL, priority=1), REFERENCE, None)
    assert sign is not None
    assert arrive is not None
    assert (sign.rule, sign.due_at) == (Rule.SIGN, EVENING + timedelta(seconds=30))
    assert (arrive.rule, arrive.due_at) == (Rule.ARRIVE, EVENING + after(5))
    assert order_promise(replace(ORDER, state=AssignmentState.ON_SCENE), CALL, REFERENCE, None) is None


def test_that_outside_the_urban_area_a_unit_has_twice_the_time_and_a_sites_own_limit_wins() -> None:
    signed = replace(ORDER, state=AssignmentState.SIGNED)
    rural = order_promise(signed, replace(CALL, priority=1, urban=False), REFERENCE, None)
    site = order_promise(signed, replace(CALL, priority=1), REFERENCE, 180)
    assert rural is not None
    assert site is not None
    assert rural.due_at == EVENING + after(10)
    assert site.due_at == EVENING + after(3)


@pytest.mark.requirement("Z1-40")
def test_that_an_agency_is_due_on_scene_thirty_minutes_after_the_instruction() -> None:
    clock = handoff_clock(HANDOFF, REFERENCE)
    assert clock is not None
    assert clock.rule is Rule.HANDOFF_ARRIVE
    assert clock.due_at == EVENING + after(32)
    assert not clock.late(EVENING + after(32))
    assert clock.late(EVENING + after(32) + timedelta(milliseconds=1))
    assert clock.left_s(EVENING + after(33)) == -60
    assert not clock.amber(EVENING + after(2))
    assert clock.amber(EVENING + after(30))


def test_that_signature_arrival_and_feedback_follow_each_other() -> None:
    assert [p.rule for p in handoff_promises(HANDOFF, REFERENCE)] == [Rule.HANDOFF_SIGN, Rule.HANDOFF_ARRIVE]
    arrived = replace(HANDOFF, state=HandoffState.ARRIVED, t_arrive=EVENING + after(20))
    feedback = handoff_promises(arrived, REFERENCE)
    assert [(p.rule, p.due_at) for p in feedback] == [(Rule.HANDOFF_FEEDBACK, EVENING + after(50))]
    assert handoff_promises(replace(HANDOFF, state=HandoffState.RESULT), REFERENCE) == []


def test_that_without_a_limit_there_is_no_promise_to_arrive() -> None:
    rules = [p.rule for p in handoff_promises(replace(HANDOFF, arrive_s=None), REFERENCE)]
    assert rules == [Rule.HANDOFF_SIGN]


def test_that_an_alarm_is_a_promise_until_a_person_acknowledges() -> None:
    alarm = Alarm(id="a", received_at=EVENING)
    promise = alarm_promise(alarm, REFERENCE)
    assert promise is not None
    assert promise.rule is Rule.ACKNOWLEDGE
    assert alarm_promise(replace(alarm, state=AlarmState.ACKNOWLEDGED), REFERENCE) is None
