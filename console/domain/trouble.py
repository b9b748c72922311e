"""Trouble 技术事件: equipment that asks for a technician, never for a patrol.

Source: domain.md E4 (technical states, shelving ≤ 60 min), C (ISA-18.2 alarm states: faults may be shelved with name
and reason; panic, duress and hold-up never — they are alarms, and no trouble).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.machine import Machine, from_each

SHELVED_AT_MOST = timedelta(minutes=60)


class TroubleKind(StrEnum):
    """What is the matter."""

    TAMPER = "TAMPER"
    LINE_CUT = "LINE_CUT"
    LOW_BATTERY = "LOW_BATTERY"
    AC_LOSS = "AC_LOSS"
    COMM_LOST = "COMM_LOST"
    MISSED_TEST = "MISSED_TEST"
    LINE_SILENT = "LINE_SILENT"
    DEVICE = "DEVICE"


TROUBLE_KIND_LABELS = {
    TroubleKind.TAMPER: "防拆",
    TroubleKind.LINE_CUT: "断线",
    TroubleKind.LOW_BATTERY: "欠压",
    TroubleKind.AC_LOSS: "停电",
    TroubleKind.COMM_LOST: "失联",
    TroubleKind.MISSED_TEST: "巡检未到",
    TroubleKind.LINE_SILENT: "线路无声",
    TroubleKind.DEVICE: "设备故障",
}


class TroubleState(StrEnum):
    """RESTORED: the equipment says it is well again; a person has not put it away yet."""

    OPEN = "OPEN"
    SHELVED = "SHELVED"
    RESTORED = "RESTORED"
    CLOSED = "CLOSED"


T = TroubleState

TROUBLE_LABELS = {T.OPEN: "未处理", T.SHELVED: "已搁置", T.RESTORED: "已恢复", T.CLOSED: "已关闭"}

TROUBLE = Machine(
    title="技术事件",
    labels=TROUBLE_LABELS,
    words={"shelve": "搁置", "unshelve": "取消搁置", "restore": "恢复", "again": "再次发生", "close": "关闭"},
    moves={
        **from_each((T.OPEN, T.SHELVED), "shelve", T.SHELVED),
        (T.SHELVED, "unshelve"): T.OPEN,
        **from_each((T.OPEN, T.SHELVED), "restore", T.RESTORED),
        (T.RESTORED, "again"): T.OPEN,
        **from_each((T.OPEN, T.RESTORED), "close", T.CLOSED),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One trouble of one site (or of a line, with site ''), by kind and zone; further signals of it are counted.

    `signal` is the ingest_id of the first signal, '' for what the clock found (a silent line, a missed test).
    """

    id: str
    kind: TroubleKind
    state: TroubleState = TroubleState.OPEN
    site: str = ""
    line: str = ""
    account: str = ""
    zone: str = ""
    event_code: str = ""
    sia_code: str = ""
    text: str = ""
    signal: str = ""
    count: int = 1
    opened_at: datetime
    last_at: datetime
    restored_at: datetime | None = None
    shelved_until: datetime | None = None
    shelved_by: str = ""
    reason: str = ""
    closed_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        """Whether anybody still has to do with it."""
        return self.state is not TroubleState.CLOSED
