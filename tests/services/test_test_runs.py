"""Test runs through a real journal: what each step takes, what ends a run, and what a person must give a reason for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.account import Role
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.test_run import RunState, StepState, TestRun, TestStep
from console.services.test_plan import answers, load_plan
from tests.services.rights_scenes import World
from tests.support import EVENING


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World.open(f"sqlite:///{tmp_path / 'runs.db'}", ManualClock(EVENING))
    yield opened
    opened.journal.close()


def act(world: World, name: str, **args: Any) -> Any:
    return world.act(Role.TECHNICIAN, f"test_run.{name}", args)


def steps(world: World, run: str) -> dict[str, TestStep]:
    return {step.code: step for step in world.state().where(TestStep, run=run)}


def begun(world: World) -> str:
    return str(act(world, "start", site=world.site()))


def test_that_a_run_has_every_step_of_the_plan_waiting_in_its_order(world: World) -> None:
    run = begun(world)
    found = sorted(steps(world, run).values(), key=lambda step: step.place)
    assert [step.code for step in found] == [step.code for step in load_plan().steps]
    assert {step.state for step in found} == {StepState.WAITING}


def test_that_a_site_has_one_run_at_a_time(world: World) -> None:
    run = begun(world)
    site = world.state().get(TestRun, run)
    assert site is not None
    with pytest.raises(UserError, match="正在进行"):
        act(world, "start", site=site.site)


def test_that_ten_presses_pass_with_the_slowest_as_their_figure(world: World) -> None:
    run = begun(world)
    act(world, "step", run=run, code="ten", act="start")
    for press in range(10):
        told = act(world, "step", run=run, code="ten", act="seen", figure=30.0 if press == 4 else 12.0)
    assert told == {"state": "PASSED", "seen": 10}
    assert steps(world, run)["ten"].figure == 30.0


def test_that_a_press_that_came_too_late_fails_its_step(world: World) -> None:
    run = begun(world)
    act(world, "step", run=run, code="press", act="start")
    assert act(world, "step", run=run, code="press", act="seen", figure=2000.1)["state"] == "FAILED"
    act(world, "step", run=run, code="press", act="again")
    assert act(world, "step", run=run, code="press", act="seen", figure=2000.0)["state"] == "PASSED"


@pytest.mark.parametrize(("what", "word"), [("skip", "跳过"), ("fail", "未通过")])
def test_that_leaving_out_or_failing_a_step_needs_a_reason(world: World, what: str, word: str) -> None:
    run = begun(world)
    with pytest.raises(UserError, match=word):
        act(world, "step", run=run, code="power", act=what, note="  ")
    act(world, "step", run=run, code="power", act=what, note="主机无备电")
    assert steps(world, run)["power"].note == "主机无备电"


def test_that_a_run_ends_when_every_step_is_done_and_says_whether_it_is_good(world: World) -> None:
    run = begun(world)
    with pytest.raises(UserError, match="还有 7 项未做"):
        act(world, "end", run=run)
    for code in steps(world, run):
        act(world, "step", run=run, code=code, act="skip" if code == "outage" else "start", note="无双路")
        if code != "outage":
            act(world, "step", run=run, code=code, act="pass", figure=1.0)
    assert act(world, "end", run=run) == RunState.PASSED.value
    with pytest.raises(UserError, match="已结束"):
        act(world, "step", run=run, code="press", act="again")


def test_that_one_failed_step_fails_the_run_and_skipping_everything_is_no_pass(world: World) -> None:
    failed, empty = begun(world), begun(world)
    for code in steps(world, failed):
        act(world, "step", run=failed, code=code, act="start")
        act(world, "step", run=failed, code=code, act="fail" if code == "tamper" else "pass", note="未收到")
        act(world, "step", run=empty, code=code, act="skip", note="雨天")
    assert act(world, "end", run=failed) == act(world, "end", run=empty) == RunState.FAILED.value


def test_that_a_run_can_be_given_up_with_a_reason(world: World) -> None:
    run = begun(world)
    with pytest.raises(UserError, match="理由"):
        act(world, "end", run=run, abandon=True)
    assert act(world, "end", run=run, abandon=True, remark="学校停电") == RunState.ABANDONED.value


@pytest.mark.parametrize(
    ("report", "expects"),
    [
        ({"event_code": "120", "qualifier": "new"}, {"press", "late"}),
        ({"event_code": "120", "qualifier": "restore"}, {"restore"}),
        ({"event_code": "137", "qualifier": "new"}, {"tamper"}),
        ({"event_code": "301", "qualifier": "new"}, {"power"}),
        ({"event_code": "301", "qualifier": "restore"}, {"restore"}),
        ({"sia_code": "PA", "qualifier": "new"}, {"press", "late"}),
        ({"sia_code": "AT", "qualifier": "new"}, {"power"}),
        ({"event_code": "602", "qualifier": "new", "test": True}, set()),
    ],
)
def test_that_a_signal_answers_just_the_steps_it_is_meant_for(report: dict[str, Any], expects: set[str]) -> None:
    asked = ("press", "restore", "tamper", "power", "late", "person")
    found = {name for name in asked if answers(name, {"type": "signal", **report})}  # type: ignore[arg-type]
    assert found - ({"press", "late"} if report.get("event_code") == "137" else set()) == expects


def test_that_what_is_no_signal_answers_no_step() -> None:
    assert not any(answers(step.expects, {"type": "heartbeat"}) for step in load_plan().steps)
