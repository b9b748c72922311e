"""Handoff 联动派单: an instruction to a linkage agency, timed until the promise is kept.

Source: domain.md E2. Side states REFUSED and RETURNED wait for the chief's word; URGED is a counter, not a
state.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.machine import Machine, from_each


class HandoffState(StrEnum):
    """domain.md E2."""

    DRAFT = "DRAFT"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    SIGNED = "SIGNED"
    EN_ROUTE = "EN_ROUTE"
    ARRIVED = "ARRIVED"
    IN_PROGRESS = "IN_PROGRESS"
    RESULT = "RESULT"
    CALLED_BACK = "CALLED_BACK"
    CLOSED = "CLOSED"
    REFUSED = "REFUSED"
    RETURNED = "RETURNED"
    REASSIGNED = "REASSIGNED"
    CANCELLED = "CANCELLED"


H = HandoffState
HANDOFF_ENDED = frozenset({H.CLOSED, H.REASSIGNED, H.CANCELLED})
WAITING_FOR_AGENCY = (H.SENT, H.DELIVERED, H.SIGNED, H.EN_ROUTE, H.ARRIVED, H.IN_PROGRESS)

HANDOFF_LABELS = {
    H.DRAFT: "待发",
    H.SENT: "已发送",
    H.DELIVERED: "已送达",
    H.SIGNED: "已签收",
    H.EN_ROUTE: "已出动",
    H.ARRIVED: "已到场",
    H.IN_PROGRESS: "处置中",
    H.RESULT: "已反馈结果",
    H.CALLED_BACK: "已回访",
    H.CLOSED: "办结",
    H.REFUSED: "拒绝推诿",
    H.RETURNED: "退回",
    H.REASSIGNED: "改派",
    H.CANCELLED: "撤销",
}

HANDOFF = Machine(
    title="联动派单",
    labels=HANDOFF_LABELS,
    words={
        "send": "发送",
        "deliver": "送达",
        "sign": "签收",
        "depart": "出动",
        "arrive": "到场",
        "progress": "报处置",
        "result": "反馈结果",
        "call_back": "回访",
        "close": "办结",
        "refuse": "拒绝",
        "return": "退回",
        "reassign": "改派",
        "resend": "责令执行",
        "cancel": "撤销",
    },
    moves={
        (H.DRAFT, "send"): H.SENT,
        (H.SENT, "deliver"): H.DELIVERED,
        (H.DELIVERED, "sign"): H.SIGNED,
        (H.SIGNED, "depart"): H.EN_ROUTE,
        (H.EN_ROUTE, "arrive"): H.ARRIVED,
        (H.ARRIVED, "progress"): H.IN_PROGRESS,
        # An agency that needs nobody on the road (a hotline, a bank) answers straight away.
        **from_each((H.SIGNED, H.EN_ROUTE, H.ARRIVED, H.IN_PROGRESS), "result", H.RESULT),
        (H.RESULT, "call_back"): H.CALLED_BACK,
        **from_each((H.RESULT, H.CALLED_BACK), "close", H.CLOSED),
        **from_each((H.SENT, H.DELIVERED, H.SIGNED), "refuse", H.REFUSED),
        **from_each((H.SENT, H.DELIVERED, H.SIGNED), "return", H.RETURNED),
        **from_each((H.REFUSED, H.RETURNED), "reassign", H.REASSIGNED),
        **from_each((H.REFUSED, H.RETURNED), "resend", H.SENT),
        **from_each((H.DRAFT, H.SENT, H.DELIVERED, H.SIGNED, H.EN_ROUTE, H.REFUSED, H.RETURNED), "cancel", H.CANCELLED),
    },
)

HANDOFF_CHAIN = ("send", "deliver", "sign", "depart", "arrive", "progress", "result")
"""The agency's steps in their order; a report further along implies the ones before."""

HANDOFF_STAMPS = {
    H.SENT: "t_sent",
    H.DELIVERED: "t_delivered",
    H.SIGNED: "t_sign",
    H.EN_ROUTE: "t_depart",
    H.ARRIVED: "t_arrive",
    H.IN_PROGRESS: "t_progress",
    H.RESULT: "t_result",
    H.CALLED_BACK: "t_callback",
    H.CLOSED: "t_close",
    H.REFUSED: "t_end",
    H.RETURNED: "t_end",
    H.REASSIGNED: "t_close",
    H.CANCELLED: "t_close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """One instruction. `id` is `<incident number>#<n>`, printed on the slip.

    `channel` is "slip" (printed) or "phone" (电话代录). `arrive_s` is the promise in seconds from the
    instruction (t_sent), None = no limit; `sign_s` likewise, `feedback_s` from arrival (E2). `on_behalf` marks a
    record the desk made for the agency.
    """

    id: str
    incident: str
    agency: str
    duty: str = ""
    state: HandoffState = H.DRAFT
    channel: str = "slip"
    sign_s: int | None = 300
    arrive_s: int | None = None
    feedback_s: int | None = 1800
    basis: str = ""
    person: str = ""
    reason: str = ""
    text: str = ""
    suggested: str = ""
    urged: int = 0
    on_behalf: bool = False
    t_draft: datetime
    t_sent: datetime | None = None
    t_delivered: datetime | None = None
    t_sign: datetime | None = None
    t_depart: datetime | None = None
    t_arrive: datetime | None = None
    t_progress: datetime | None = None
    t_result: datetime | None = None
    t_callback: datetime | None = None
    t_close: datetime | None = None
    t_end: datetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state not in HANDOFF_ENDED
