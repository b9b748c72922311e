"""Test run 验收测试 of one site, step by step: what was to be shown, what was seen, and what was left out and why.

Source: issue 4, the bench; DB15/T 3968-2025 (transmission ≤ 2 s), GB 50394-2007 5.2 (latch, no lost signal, tamper and
line faults), GB/T 29315-2022 (periodic test). The steps are data (resources/reference/test_plan.json).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """RUNNING can be laid down and taken up again at any time."""

    RUNNING = "RUNNING"
    PASSED = "PASSED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"


RUN_LABELS = {
    RunState.RUNNING: "进行中",
    RunState.PASSED: "合格",
    RunState.FAILED: "不合格",
    RunState.ABANDONED: "中止",
}


class StepState(StrEnum):
    """WAITING steps have not been begun; SKIPPED carries its reason."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


STEP_LABELS = {
    StepState.WAITING: "待测",
    StepState.RUNNING: "进行中",
    StepState.PASSED: "通过",
    StepState.FAILED: "未通过",
    StepState.SKIPPED: "跳过",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One run at one site, by one technician, under one test window."""

    __test__ = False  # no test of ours, whatever its name begins with

    id: str
    site: str
    test_window: str = ""
    state: RunState = RunState.RUNNING
    equipment: str = ""
    started_at: datetime
    started_by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    remark: str = ""
    version: int = 1

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state is RunState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStep:
    """One step of a run; its `id` is `run/code`. `seen` of `needed` signals have come; `figure` is what was measured
    (ms or s, as the plan's step says), None as long as nothing was.
    """

    __test__ = False

    id: str
    run: str
    code: str
    place: int
    title: str
    state: StepState = StepState.WAITING
    needed: int = 1
    seen: int = 0
    figure: float | None = None
    unit: str = ""
    target: str = ""
    note: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    done_by: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state in (StepState.WAITING, StepState.RUNNING)
