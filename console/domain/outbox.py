"""Outbox 发件箱: texts that a modem sends for the desk, one row each until it is known whether it arrived.

Each is worked by the host that holds the modem's line (DESIGN section 5); a row outlives every process.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.machine import Machine, from_each


class MessageState(StrEnum):
    """SENT: the network took it; DELIVERED: the phone did."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


M = MessageState

MESSAGE_LABELS = {M.QUEUED: "待发", M.SENT: "已发出", M.DELIVERED: "已送达", M.FAILED: "发送失败"}

MESSAGE = Machine(
    title="短信",
    labels=MESSAGE_LABELS,
    words={"send": "发出", "retry": "重试", "deliver": "送达", "fail": "判为失败", "resend": "重发"},
    moves={
        (M.QUEUED, "send"): M.SENT,
        (M.QUEUED, "retry"): M.QUEUED,
        (M.SENT, "deliver"): M.DELIVERED,
        **from_each((M.QUEUED, M.SENT), "fail", M.FAILED),
        **from_each((M.SENT, M.FAILED), "resend", M.QUEUED),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """`number` is whom it goes to, `about` the key of what it is about; `ref` the network's message reference, by which
    its delivery is told."""

    id: str
    number: str
    text: str
    purpose: str = ""
    about: str = ""
    state: MessageState = MessageState.QUEUED
    line: str = ""
    ref: str = ""
    tries: int = 0
    why: str = ""
    queued_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something for it."""
        return self.state in (MessageState.QUEUED, MessageState.SENT)
