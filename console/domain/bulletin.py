"""Bulletin 布控、协查、通播: who or what is looked for, where and until when, and who has been told."""

from dataclasses import dataclass
from datetime import datetime

BULLETIN_KINDS = {"control": "布控", "assist": "协查", "broadcast": "通播"}
RECEIPT_STATES = {"SENT": "已发出", "READ": "已签收", "ANSWERED": "已回复", "FAILED": "未送达", "CANCELLED": "已撤销"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """`id` is `BK<day>-<n>`. `area` are beats' names (none = everywhere); `photo` names a file in the photos' folder.

    It holds from `since` until `until`, or until it is cancelled with a reason.
    """

    id: str
    kind: str
    title: str
    text: str
    plate: str = ""
    person: str = ""
    photo: str = ""
    area: tuple[str, ...] = ()
    incident: str = ""
    since: datetime
    until: datetime
    issued_by: str
    cancelled_at: datetime | None = None
    cancelled_by: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinReceipt:
    """How far a bulletin came with one recipient, who is told by `channel`. `id` is `<bulletin>@<recipient>`.

    `recipient` is `seat:03`, `unit:巡05` or a receiver of resources/reference (toll station, checkpoint, company).
    """

    id: str
    bulletin: str
    recipient: str
    name: str
    channel: str = ""
    state: str = "SENT"
    text: str = ""
    told_by: str = ""
    sent_at: datetime
    told_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.id
