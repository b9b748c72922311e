"""Site 点位, signal 信号 and line 线路: where a button hangs, what a panel sent, and on what it came.

Source of the fields: protocols.md section 11; CLI.md, `signals`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A protected place with one panel. `zones` maps the panel's zone (防区) to the spot people call it by.

    `account` is unique on its `line` ('' = whatever line it comes by). `callback_phone` at a bank is the security
    office, never the counter. `limit_min` is the site's own arrival limit in minutes, None = the priority's.
    `keyholders` are further ones, each `name phone`, in the order they are called. `meu` counts the members of the
    minimum emergency unit (最小应急单元), `meu_drill` is its last drill (ISO date). `hours` are opening hours in words.
    `supervise_s`: a panel not heard for so long has lost its way to us; `test_days`: its button is tried at least so
    often. None = not watched. `registered_at` is when the site was first put on file.
    """

    id: str
    name: str
    kind: str = ""
    account: str = ""
    address: str = ""
    beat: str = ""
    lat: float | None = None
    lon: float | None = None
    urban: bool = True
    moving: bool = False
    keyholder: str = ""
    keyholder_phone: str = ""
    callback_phone: str = ""
    meu: int = 0
    zones: Mapping[str, str] = field(default_factory=dict)
    linkage: tuple[str, ...] = ()
    limit_min: int | None = None
    line: str = ""
    equipment: str = ""
    keyholders: tuple[str, ...] = ()
    guards: int = 0
    guard_phone: str = ""
    meu_phone: str = ""
    meu_drill: str = ""
    hours: str = ""
    supervise_s: int | None = None
    test_days: int | None = None
    registered_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.id

    def spot(self, zone: str) -> str:
        """What people call the zone; '' when the site's record does not name it."""
        return self.zones.get(zone, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One frame of any kind as it was received: raw bytes first, then what the codec made of it.

    `copy_of` names the signal of which this is a repeated copy ('' = it is its own). `test_window` is the one in
    whose lane it went, '' for the live one; `trouble` the technical event it belongs to.
    """

    ingest_id: str
    line: str
    protocol: str
    type: str
    account: str = ""
    partition: str = ""
    zone: str = ""
    event_code: str = ""
    sia_code: str = ""
    qualifier: str = ""
    why: str = ""
    raw_hex: str
    ack_hex: str = ""
    copy_of: str = ""
    alarm: str = ""
    trouble: str = ""
    test_window: str = ""
    extended: Mapping[str, str] = field(default_factory=dict)
    received_at: datetime

    @property
    def key(self) -> str:
        return self.ingest_id


class LineState(StrEnum):
    """What a line's lamp shows."""

    OPENING = "OPENING"
    STANDBY = "STANDBY"
    UP = "UP"
    SILENT = "SILENT"
    LOST = "LOST"
    CLOSED = "CLOSED"


LINE_LABELS = {
    LineState.OPENING: "正在打开",
    LineState.STANDBY: "备用",
    LineState.UP: "正常",
    LineState.SILENT: "无心跳",
    LineState.LOST: "中断",
    LineState.CLOSED: "已关闭",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to a receiver; `why` says what is wrong and what to do.

    `host` and `seat` are the machine and the position that receive it: one at a time, by lease.
    """

    name: str
    protocol: str
    address: str
    state: LineState = LineState.OPENING
    since: datetime
    last_heard: datetime | None = None
    why: str = ""
    host: str = ""
    seat: str = ""

    @property
    def key(self) -> str:
        return self.name
