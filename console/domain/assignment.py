"""Assignment 派警: one unit on one incident, with its own order, stamps and report.

Source: domain.md E1, states 3–8; a second unit has its own order. The incident shows the most advanced
state of its lead unit.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.machine import Machine, from_each


class AssignmentState(StrEnum):
    """States 3–8 of domain.md E1, and the two ways an order ends early."""

    DISPATCHED = "DISPATCHED"
    SIGNED = "SIGNED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    HANDLING = "HANDLING"
    FEEDBACK = "FEEDBACK"
    WITHDRAWN = "WITHDRAWN"
    DIVERTED = "DIVERTED"


A = AssignmentState
ORDER_OPEN = (A.DISPATCHED, A.SIGNED, A.EN_ROUTE, A.ON_SCENE, A.HANDLING)

ASSIGNMENT = Machine(
    title="派警单",
    labels={
        A.DISPATCHED: "已派警",
        A.SIGNED: "已签收",
        A.EN_ROUTE: "出警途中",
        A.ON_SCENE: "已到场",
        A.HANDLING: "处置中",
        A.FEEDBACK: "已反馈",
        A.WITHDRAWN: "已撤回",
        A.DIVERTED: "已改派",
    },
    words={
        "sign": "签收",
        "depart": "出发",
        "arrive": "到场",
        "report": "报现场",
        "feedback": "反馈",
        "withdraw": "撤回",
        "divert": "改派",
    },
    moves={
        (A.DISPATCHED, "sign"): A.SIGNED,
        (A.SIGNED, "depart"): A.EN_ROUTE,
        (A.EN_ROUTE, "arrive"): A.ON_SCENE,
        (A.ON_SCENE, "report"): A.HANDLING,
        **from_each((A.ON_SCENE, A.HANDLING), "feedback", A.FEEDBACK),
        **from_each((A.DISPATCHED, A.SIGNED, A.EN_ROUTE), "withdraw", A.WITHDRAWN),
        **from_each((A.DISPATCHED, A.SIGNED, A.EN_ROUTE), "divert", A.DIVERTED),
    },
)

ASSIGNMENT_STAMPS = {
    A.SIGNED: "t_sign",
    A.EN_ROUTE: "t_depart",
    A.ON_SCENE: "t_arrive",
    A.HANDLING: "t_scene_report",
    A.FEEDBACK: "t_feedback",
    A.WITHDRAWN: "t_end",
    A.DIVERTED: "t_end",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One order. `id` is `<incident number>/<n>`; `lead` is the primary unit 主办, whose progress counts.

    `wave` is the reinforcement wave 梯次 it came with. `channel` is how the order went out ('sms', 'terminal',
    'radio'; '' = by no machine), `delivery` how far it came ('sent', 'delivered', 'undelivered', 'radio').
    """

    id: str
    incident: str
    unit: str
    lead: bool = True
    state: AssignmentState = A.DISPATCHED
    reason: str = ""
    scene: str = ""
    result_code: str = ""
    result_text: str = ""
    wave: int = 1
    channel: str = ""
    delivery: str = ""
    t_delivered: datetime | None = None
    t_dispatch: datetime
    t_sign: datetime | None = None
    t_depart: datetime | None = None
    t_arrive: datetime | None = None
    t_scene_report: datetime | None = None
    t_feedback: datetime | None = None
    t_end: datetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state in ORDER_OPEN
