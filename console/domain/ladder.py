"""Stage ladder 环节时限: one table that says for each priority and stage when it warns, is late, and who looks.

A late stage climbs: step 1 the seat of whoever owns the incident, step 2 a neighbour seat, step 3 the duty chief. The
values are data (`resources/reference/deadlines.json`); a county changes them there. Source of the stages: domain.md E1,
E2, E5; of the climb: DESIGN section 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Stage(StrEnum):
    """What has to be done in time; arrival is measured by where it is, call-backs by what the call was."""

    ANSWER = "answer"
    DISPATCH = "dispatch"
    HAND_OFF = "hand_off"
    SIGN = "sign"
    DEPART = "depart"
    ARRIVE_URBAN = "arrive_urban"
    ARRIVE_SUBURB = "arrive_suburb"
    FEEDBACK = "feedback"
    CALLBACK = "callback"
    HANDOFF_SIGN = "handoff_sign"
    HANDOFF_ARRIVE = "handoff_arrive"
    HANDOFF_FEEDBACK = "handoff_feedback"
    RING_BACK_SILENT = "ring_back_silent"
    RING_BACK_DROPPED = "ring_back_dropped"


LOOKS: tuple[str, ...] = ("", "seat", "neighbour", "chief")
"""Who must look at each step: nobody, the owner's seat, a neighbour seat, the duty chief."""

WARN_SHARE = 0.5
"""The part of a limit after which a clock turns amber where the table does not say (domain.md E5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row. Seconds since the stage began; `climb_s` are seconds after it became late, one for each step.

    `late_s` None: nothing is promised at this priority. A shorter `climb_s` ends before the chief.
    """

    priority: Literal[1, 2, 3, 4]
    stage: Stage
    warn_s: int | None = None
    late_s: int | None = None
    climb_s: tuple[int, ...] = (0,)

    @property
    def warn_share(self) -> float:
        """The part of the limit after which it warns, for a promise that has a limit of its own."""
        return WARN_SHARE if self.warn_s is None or not self.late_s else self.warn_s / self.late_s

    def fault(self) -> str:
        """What is wrong with the row, in the words of who edits the file; '' for nothing."""
        steps = len(LOOKS) - 1
        if not 1 <= len(self.climb_s) <= steps:
            return f"climb_s 须有 1 至 {steps} 个秒数"
        if list(self.climb_s) != sorted(self.climb_s) or self.climb_s[0] < 0:
            return "climb_s 须由小到大，且不为负"
        if self.late_s is None:
            return "有提醒时间 warn_s 却没有时限 late_s" if self.warn_s is not None else ""
        if self.late_s <= 0:
            return "late_s 须大于零"
        if self.warn_s is not None and not 0 <= self.warn_s <= self.late_s:
            return "warn_s 须在零与 late_s 之间"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLimits:
    """The rows of one priority. `dispatch_goal_s` is the goal that is reported, not a promise."""

    priority: Literal[1, 2, 3, 4]
    name: str
    dispatch_goal_s: int | None
    limits: Mapping[Stage, Limit]

    def __getitem__(self, stage: Stage) -> Limit:
        return self.limits[stage]
