"""Acts on test runs 验收测试: begin, tell what a step saw, leave one out with its reason, end.

A run can be laid down and taken up again by anybody entitled; each step keeps its time, its figure and who did it.
"""

from dataclasses import replace
from typing import Any

from console.domain.equipment_facts import TestRunEnded, TestRunStarted, TestStepMoved
from console.domain.errors import UserError
from console.domain.ledger import Ledger
from console.domain.site import Site
from console.domain.state import need
from console.domain.test_run import RunState, StepState, TestRun, TestStep
from console.services.test_plan import load_plan

ENDED = (StepState.PASSED, StepState.FAILED, StepState.SKIPPED)


def start(ledger: Ledger, *, site: str, window: str = "") -> str:
    """Begin a run at a site; answers its id. UserError while one is under way there."""
    found = need(ledger, Site, site)
    if any(run.open for run in ledger.where(TestRun, site=found.id)):
        raise UserError(f"{found.name} 的验收测试正在进行，可继续，不能另开")
    run = TestRun(
        id=ledger.act.act_id,
        site=found.id,
        test_window=window,
        equipment=found.equipment,
        started_at=ledger.now,
        started_by=ledger.act.actor,
    )
    steps = tuple(
        TestStep(
            id=f"{run.id}/{step.code}",
            run=run.id,
            code=step.code,
            place=place,
            title=step.title,
            needed=step.needed,
            unit=step.unit,
            target=step.target,
        )
        for place, step in enumerate(load_plan().steps)
    )
    ledger.record(TestRunStarted(run=run, steps=steps))
    return run.id


def step(
    ledger: Ledger, *, run: str, code: str, act: str, figure: float | None = None, note: str = ""
) -> dict[str, Any]:
    """Begin ('start'), count ('seen'), pass, fail or skip one step, or take it again ('again').

    Answers its state and how many it has seen; `figure` is in the step's unit.
    UserError: the run has ended, the step is not there, or the move makes no sense.
    """
    running = need(ledger, TestRun, run)
    if not running.open:
        raise UserError("这次验收测试已结束")
    found = need(ledger, TestStep, f"{run}/{code}")
    changes = _MOVES[act](ledger, found, figure, note) if act in _MOVES else None
    if changes is None:
        raise UserError(f"不认识的步骤操作：{act}")
    after = replace(found, done_by=ledger.act.actor, **changes)
    ledger.record(TestStepMoved(step=after))
    return {"state": after.state.value, "seen": after.seen}


def _begin(ledger: Ledger, found: TestStep, _figure: float | None, _note: str) -> dict[str, Any]:
    if found.state is not StepState.WAITING:
        raise UserError(f"“{found.title}”已经开始过")
    return {"state": StepState.RUNNING, "started_at": ledger.now}


def _again(ledger: Ledger, found: TestStep, _figure: float | None, _note: str) -> dict[str, Any]:
    fresh = {"seen": 0, "figure": None, "note": "", "ended_at": None}
    return {"state": StepState.RUNNING, "started_at": ledger.now, **fresh}


def _seen(ledger: Ledger, found: TestStep, figure: float | None, note: str) -> dict[str, Any]:
    """The worst figure stands: one slow press of ten is what the site has."""
    if found.state is not StepState.RUNNING:
        raise UserError(f"“{found.title}”没有在进行")
    known = [value for value in (found.figure, figure) if value is not None]
    worst = max(known) if known else None
    changes = {"seen": found.seen + 1, "figure": worst, "note": note or found.note}
    if found.seen + 1 < found.needed:
        return changes
    return changes | {"state": _judged(found, worst), "ended_at": ledger.now}


def _judged(found: TestStep, figure: float | None) -> StepState:
    planned = load_plan().step(found.code)
    late = planned is not None and planned.limit is not None and figure is not None and figure > planned.limit
    return StepState.FAILED if late else StepState.PASSED


def _passed(ledger: Ledger, found: TestStep, figure: float | None, note: str) -> dict[str, Any]:
    if found.state is not StepState.RUNNING:
        raise UserError(f"“{found.title}”没有在进行")
    return {"state": _judged(found, figure), "figure": figure, "note": note, "ended_at": ledger.now}


def _failed(ledger: Ledger, found: TestStep, figure: float | None, note: str) -> dict[str, Any]:
    if not note.strip():
        raise UserError("判为未通过须写明情况")
    return {"state": StepState.FAILED, "figure": figure, "note": note.strip(), "ended_at": ledger.now}


def _skipped(ledger: Ledger, found: TestStep, _figure: float | None, note: str) -> dict[str, Any]:
    if not note.strip():
        raise UserError("跳过一项须写明理由")
    return {"state": StepState.SKIPPED, "note": note.strip(), "ended_at": ledger.now}


_MOVES = {"start": _begin, "again": _again, "seen": _seen, "pass": _passed, "fail": _failed, "skip": _skipped}


def end(ledger: Ledger, *, run: str, abandon: bool = False, remark: str = "") -> str:
    """End a run; answers PASSED, FAILED or ABANDONED. UserError while steps are open, unless it is abandoned."""
    running = need(ledger, TestRun, run)
    if not running.open:
        raise UserError("这次验收测试已结束")
    steps = ledger.where(TestStep, run=running.id)
    waiting = [found for found in steps if found.state not in ENDED]
    if abandon:
        if not remark.strip():
            raise UserError("中止验收测试须写明理由")
        state = RunState.ABANDONED
    elif waiting:
        raise UserError(f"还有 {len(waiting)} 项未做：{waiting[0].title}；可跳过并写明理由，或中止")
    else:
        good = all(found.state is not StepState.FAILED for found in steps)
        tried = any(found.state is StepState.PASSED for found in steps)
        state = RunState.PASSED if good and tried else RunState.FAILED
    ledger.record(TestRunEnded(run=running.id, state=state.value, remark=remark.strip()))
    return state.value
