"""Unit 警组 and its status 勤务状态.

Source: domain.md E6, codes, availability and legal moves. The act of a move is the code of the status it
leads to: a unit reports where it is, it does not press abstract buttons.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.machine import Machine


class UnitStatus(StrEnum):
    """domain.md E6; the value is the code."""

    OFF_DUTY = "00"
    AVAILABLE = "01"
    VEHICLE_PATROL = "02"
    FOOT_PATROL = "03"
    PARKED = "04"
    CHECKING = "05"
    SCHOOL_GUARD = "06"
    ASSIGNED = "10"
    SIGNED = "11"
    EN_ROUTE = "12"
    ON_SCENE = "13"
    HANDLING = "14"
    NEEDS_HELP = "15"
    TRANSPORTING = "16"
    CLEAR = "17"
    STANDBY = "20"
    JOINT_TASK = "21"
    OUT_OF_SERVICE = "30"
    LOST = "90"


U = UnitStatus

PATROL = (U.AVAILABLE, U.VEHICLE_PATROL, U.FOOT_PATROL, U.PARKED, U.CHECKING, U.SCHOOL_GUARD)
ON_ORDER = (U.ASSIGNED, U.SIGNED, U.EN_ROUTE, U.ON_SCENE, U.HANDLING, U.NEEDS_HELP, U.TRANSPORTING)
"""Statuses in which the unit is bound to an incident."""

UNIT_LABELS = {
    U.OFF_DUTY: "未上岗",
    U.AVAILABLE: "待命",
    U.VEHICLE_PATROL: "车巡",
    U.FOOT_PATROL: "步巡",
    U.PARKED: "亮灯停靠",
    U.CHECKING: "盘查",
    U.SCHOOL_GUARD: "护学岗",
    U.ASSIGNED: "已派警",
    U.SIGNED: "已签收",
    U.EN_ROUTE: "出警",
    U.ON_SCENE: "到场",
    U.HANDLING: "处置中",
    U.NEEDS_HELP: "请求增援",
    U.TRANSPORTING: "押送送医",
    U.CLEAR: "处结返回",
    U.STANDBY: "备勤就餐",
    U.JOINT_TASK: "合成作战",
    U.OUT_OF_SERVICE: "装备故障",
    U.LOST: "失联",
}


def _moves() -> dict[tuple[UnitStatus, str], UnitStatus]:
    legal: set[tuple[UnitStatus, UnitStatus]] = {(U.OFF_DUTY, U.AVAILABLE), (U.OUT_OF_SERVICE, U.AVAILABLE)}
    free = (*PATROL, U.CLEAR, U.STANDBY)
    legal |= {(a, b) for a in PATROL for b in PATROL if a != b}
    legal |= {(a, U.ASSIGNED) for a in (*free, U.JOINT_TASK)}
    chain = (U.ASSIGNED, U.SIGNED, U.EN_ROUTE, U.ON_SCENE, U.HANDLING, U.CLEAR)
    legal |= set(itertools.pairwise(chain))
    legal |= {(a, b) for a in UnitStatus for b in (U.NEEDS_HELP, U.OUT_OF_SERVICE, U.LOST) if a != b}
    legal |= {(a, U.OFF_DUTY) for a in (*free, U.JOINT_TASK, U.OUT_OF_SERVICE)}
    legal |= {(U.CLEAR, b) for b in PATROL}
    legal |= {(a, b) for a in PATROL for b in (U.STANDBY, U.JOINT_TASK)}
    legal |= {(b, a) for a in PATROL for b in (U.STANDBY, U.JOINT_TASK)}
    legal |= {(a, U.AVAILABLE) for a in (U.ASSIGNED, U.SIGNED, U.EN_ROUTE)}
    legal |= {(U.EN_ROUTE, U.ASSIGNED)}
    legal |= {(U.ON_SCENE, U.TRANSPORTING), (U.HANDLING, U.TRANSPORTING), (U.TRANSPORTING, U.CLEAR)}
    # A unit that called for help or was lost returns to where it was (see `may_return`) or, by the desk, to these.
    legal |= {(a, b) for a in (U.NEEDS_HELP, U.LOST) for b in (U.ON_SCENE, U.HANDLING, U.CLEAR)}
    return {(a, b.value): b for a, b in sorted(legal)}


UNIT = Machine(
    title="警组",
    labels=UNIT_LABELS,
    words={status.value: f"转为“{label}”" for status, label in UNIT_LABELS.items()},
    moves=_moves(),
)

ORDER_CHAIN = (U.ASSIGNED, U.SIGNED, U.EN_ROUTE, U.ON_SCENE, U.HANDLING, U.CLEAR)
"""The steps of an order in their order; a report further along implies the ones before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit that can be sent. `id` is its call sign 呼号 (巡05).

    `status_before` is where a unit returns to after a call for help or a loss of contact, `doing_since` since when it
    does what it did before it was lost (None = `status_since`): a loss and its end change nothing of that. Its position
    is not here: positions are no facts (see `Position`). `terminal` is the number of its vehicle's JT/T 808 terminal;
    `checked_at` is when the unit itself last answered (安全核实): only its own word resets that clock.
    """

    id: str
    name: str = ""
    echelon: str = ""
    type: str = ""
    beat: str = ""
    status: UnitStatus = U.OFF_DUTY
    status_since: datetime
    status_before: UnitStatus = U.OFF_DUTY
    doing_since: datetime | None = None
    incident: str = ""
    members: int = 2
    vehicle: str = ""
    phone: str = ""
    speed_kmh: float = 30.0
    home_lat: float | None = None
    home_lon: float | None = None
    terminal: str = ""
    checked_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a unit was last seen: WGS-84 degrees and the time of the fix. Not journaled (DESIGN section 4).

    `unit` is a unit's id, or the `vehicle_key` of a terminal that reports an alarm site on wheels.
    """

    unit: str
    lat: float
    lon: float
    at: datetime


TRAIL = timedelta(seconds=30)
"""How much of a vehicle's way before and after a press belongs to its alarm."""


VEHICLE = "vehicle:"
"""What the keys of terminals begin with; no unit's id does."""


def vehicle_key(account: str) -> str:
    """The key of a terminal's positions; padding zeros of its number do not count."""
    return f"{VEHICLE}{account.lstrip('0') or '0'}"


def may_return(unit: Unit) -> UnitStatus | None:
    """The status a unit in need of help, or lost, goes back to; None if it is neither.

    One whose order was taken from it meanwhile is free: it is on its way to nothing.
    """
    if unit.status not in (U.NEEDS_HELP, U.LOST):
        return None
    return U.AVAILABLE if unit.status_before in ON_ORDER and not unit.incident else unit.status_before


def availability(status: UnitStatus, priority: int) -> tuple[bool, str]:
    """Whether a unit in this status may be proposed for an incident of this priority, and why not (E6)."""
    if status in (U.AVAILABLE, U.VEHICLE_PATROL, U.FOOT_PATROL, U.PARKED, U.CHECKING, U.CLEAR):
        return True, ""
    if status is U.SCHOOL_GUARD:
        return priority <= 2, "" if priority <= 2 else "护学岗只出一、二级警情"
    if status is U.STANDBY:
        return priority == 1, "" if priority == 1 else "备勤就餐只出一级警情"
    if status is U.EN_ROUTE:
        return False, "已在出警途中（一级警情可改派）"
    if status is U.JOINT_TASK:
        return False, "合成作战任务，须值班长同意"
    return False, UNIT_LABELS[status]
