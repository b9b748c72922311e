"""Repair order 维修单: who mends what at which site, by when, with which part and result.

Source: issue 4, the bench; GB 50394 (faults are reported). Opened by a fault, an overdue test or the third false alarm
within a month, or by a person; meanwhile the site says in words what still protects it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.machine import Machine, from_each


class RepairState(StrEnum):
    """ASSIGNED: somebody has it, with a date."""

    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


R = RepairState

REPAIR_LABELS = {R.OPEN: "待派工", R.ASSIGNED: "维修中", R.DONE: "已修复", R.CANCELLED: "已取消"}

REPAIR = Machine(
    title="维修单",
    labels=REPAIR_LABELS,
    words={"assign": "派工", "finish": "完工", "cancel": "取消"},
    moves={
        **from_each((R.OPEN, R.ASSIGNED), "assign", R.ASSIGNED),
        **from_each((R.OPEN, R.ASSIGNED), "finish", R.DONE),
        **from_each((R.OPEN, R.ASSIGNED), "cancel", R.CANCELLED),
    },
)

CAUSES = {"fault": "设备故障", "overdue": "测试逾期", "false_alarms": "误报频繁", "manual": "人工报修"}
"""Why an order was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOrder:
    """`cause` is a key of CAUSES, `about` names what it came from (a trouble and its recovery before, an alarm, a day);
    `still` what protects the site meanwhile, in words.
    """

    id: str
    site: str
    cause: str
    about: str = ""
    text: str
    still: str = ""
    state: RepairState = RepairState.OPEN
    who: str = ""
    due: datetime | None = None
    part: str = ""
    result: str = ""
    opened_at: datetime
    opened_by: str = ""
    ended_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.ended_at is None
