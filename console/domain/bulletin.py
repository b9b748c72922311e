"""Bulletin 布控、协查、通播: who or what is looked for, where and until when, and who has been told.

Whether one is in force is read from the clock each time: it ends by itself, once, and nobody has to say so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.unit import Unit, UnitStatus

BULLETIN_KINDS = {"control": "布控", "assist": "协查", "broadcast": "通播"}
RECEIPT_STATES = {
    "SENT": "已发出",
    "DELIVERED": "已送达",
    "READ": "已签收",
    "ANSWERED": "已回复",
    "FAILED": "未送达",
    "CANCELLED": "已撤销",
}
HOLDS = timedelta(hours=24)
"""How long one holds where nobody says otherwise."""

LONGEST = timedelta(days=30)
"""What has to be looked for longer is issued anew."""

SEAT, UNIT = "seat:", "unit:"
"""What the keys of recipients begin with; a receiver of resources/reference has its own id."""

ANSWERED = ("READ", "ANSWERED")
"""Receipts with which a person has said that he knows."""

NOT_TOLD = (UnitStatus.OFF_DUTY, UnitStatus.OUT_OF_SERVICE)
"""Units in these statuses are not told."""

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE = re.compile(rf"[{_PROVINCES}][A-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]")
_BETWEEN = re.compile(r"[\s·・.\-—]+")


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

    @property
    def short(self) -> str:
        """As people say it: BK1121-3."""
        return f"{self.id[:2]}{self.id[6:]}"

    def in_force(self, now: datetime) -> bool:
        """Whether it is looked for now: neither cancelled nor over."""
        return self.cancelled_at is None and now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinReceipt:
    """How far a bulletin came with one recipient, who is told by `channel`. `id` is `<bulletin>@<recipient>`.

    `recipient` is `seat:03`, `unit:巡05` or a receiver of resources/reference (toll station, checkpoint, company).
    `channel` is 'screen', 'terminal', 'sms', or 'radio' and 'phone' where a person has to tell it.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who outside this house is told. `kind` is a key of RECEIVER_KINDS; without `beats` it is told of everything."""

    id: str
    kind: str
    name: str
    phone: str = ""
    beats: tuple[str, ...] = ()


RECEIVER_KINDS = {"toll": "收费站", "checkpoint": "检查站", "taxi": "出租车企业", "bus": "公交企业"}


def concerns(area: Sequence[str], beats: Sequence[str]) -> bool:
    """Whether who stands in `beats` is told of something looked for in `area`; none is everywhere, on either side."""
    return not area or not beats or not set(area).isdisjoint(beats)


def units_in(area: Sequence[str], units: Iterable[Unit]) -> list[Unit]:
    """The units on duty who are told, in the order of their call signs."""
    on_duty = [unit for unit in units if unit.status not in NOT_TOLD]
    return sorted((u for u in on_duty if concerns(area, (u.beat,) if u.beat else ())), key=lambda unit: unit.id)


def plain_plate(text: str) -> str:
    """A plate as it is compared: 闽e·12 345 is 闽E12345; '' if it is none of this country's plates."""
    bare = _BETWEEN.sub("", text).upper()
    return bare if _PLATE.fullmatch(bare) else ""


def plates_in(text: str) -> tuple[str, ...]:
    """The plates that a text names, each once, as they are compared."""
    return tuple(dict.fromkeys(_PLATE.findall(_BETWEEN.sub("", text).upper())))


def matches(text: str, bulletins: Iterable[Bulletin], now: datetime) -> list[Bulletin]:
    """Bulletins in force whose plate the text names, the newest first."""
    named = set(plates_in(text))
    found = [b for b in bulletins if b.plate and plain_plate(b.plate) in named and b.in_force(now)] if named else []
    return sorted(found, key=lambda bulletin: bulletin.since, reverse=True)
