"""Life cycles are tables: every move of domain.md E1, E2, E4, E6 is there, every other is refused with words."""

import itertools
from enum import StrEnum
from typing import Any, TypeVar

import pytest

from console.domain.alarm import ALARM, AlarmState
from console.domain.assignment import ASSIGNMENT, AssignmentState
from console.domain.errors import UserError
from console.domain.handoff import HANDOFF, HandoffState
from console.domain.incident import INCIDENT, IncidentState
from console.domain.machine import Machine
from console.domain.outbox import MESSAGE, MessageState
from console.domain.repair import REPAIR, RepairState
from console.domain.trouble import TROUBLE, TroubleState
from console.domain.unit import UNIT, UnitStatus

S = TypeVar("S", bound=StrEnum)

MACHINES = {
    IncidentState: INCIDENT,
    AssignmentState: ASSIGNMENT,
    HandoffState: HANDOFF,
    AlarmState: ALARM,
    TroubleState: TROUBLE,
    RepairState: REPAIR,
    MessageState: MESSAGE,
    UnitStatus: UNIT,
}


@pytest.mark.parametrize(("states", "machine"), MACHINES.items(), ids=lambda x: getattr(x, "__name__", ""))
def test_that_every_state_and_every_act_has_a_word(states: type[StrEnum], machine: Machine[Any]) -> None:
    assert set(machine.labels) == set(states)
    assert {act for _, act in machine.moves} <= set(machine.words)


@pytest.mark.parametrize(("states", "machine"), MACHINES.items(), ids=lambda x: getattr(x, "__name__", ""))
def test_that_an_illegal_move_is_refused_naming_the_state(states: type[StrEnum], machine: Machine[Any]) -> None:
    acts = {act for _, act in machine.moves}
    refused = [(s, a) for s, a in itertools.product(states, acts) if (s, a) not in machine.moves]
    assert refused
    for state, act in refused:
        with pytest.raises(UserError, match=machine.labels[state]):
            machine.next(state, act)


def walk(machine: Machine[S], start: S, *acts: str) -> S:
    state = start
    for act in acts:
        state = machine.next(state, act)
    return state


def test_that_an_incident_goes_from_the_signal_to_the_archive_step_by_step() -> None:
    steps = [
        "answer",
        "triage",
        "dispatch",
        "sign",
        "depart",
        "arrive",
        "report",
        "feedback",
        "review",
        "close",
        "archive",
    ]
    assert walk(INCIDENT, IncidentState.NEW, *steps) is IncidentState.ARCHIVED


@pytest.mark.requirement("Z1-27")
def test_that_a_handoff_goes_from_draft_to_close_step_by_step() -> None:
    steps = ["send", "deliver", "sign", "depart", "arrive", "progress", "result", "call_back", "close"]
    assert walk(HANDOFF, HandoffState.DRAFT, *steps) is HandoffState.CLOSED


@pytest.mark.parametrize("judged", ["confirm", "judge_false", "judge_test", "judge_fault"])
def test_that_an_alarm_ends_only_by_a_verdict_and_a_reset_by_hand(judged: str) -> None:
    assert walk(ALARM, AlarmState.RECEIVED, "annunciate", "acknowledge", judged, "reset", "close") is AlarmState.CLOSED
    for state in (AlarmState.RECEIVED, AlarmState.ANNUNCIATED, AlarmState.ACKNOWLEDGED, AlarmState.VERIFYING):
        assert not ALARM.may(state, "reset")
        assert not ALARM.may(state, "close")


E6_LEGAL = [
    ("01", "06"), ("06", "01"), ("02", "10"), ("17", "10"), ("20", "10"), ("10", "11"), ("11", "12"), ("12", "13"),
    ("13", "14"), ("14", "17"), ("12", "10"), ("00", "01"), ("30", "00"), ("17", "03"), ("04", "20"), ("20", "05"),
    ("01", "21"), ("21", "10"), ("10", "01"), ("12", "01"), ("13", "16"), ("14", "16"), ("16", "17"), ("15", "13"),
    ("90", "14"), ("90", "17"), ("30", "01"), ("14", "15"), ("00", "90"), ("10", "30"),
]  # fmt: skip
E6_ILLEGAL = [
    ("00", "10"), ("10", "12"), ("10", "13"), ("11", "13"), ("12", "14"), ("14", "01"), ("13", "01"), ("16", "13"),
    ("30", "10"), ("90", "10"), ("15", "01"), ("06", "17"), ("21", "20"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), E6_LEGAL)
def test_that_a_unit_may_move_as_the_table_says(before: str, after: str) -> None:
    assert UNIT.next(UnitStatus(before), after) is UnitStatus(after)


@pytest.mark.parametrize(("before", "after"), E6_ILLEGAL)
def test_that_a_unit_may_not_jump(before: str, after: str) -> None:
    assert not UNIT.may(UnitStatus(before), after)
