"""Alarm 一键报警: a latched signal that needs a person.

Source: domain.md E4. A panic, duress or hold-up alarm latches: a restore is noted and never closes it; only
a person resets it by hand, after judging it. A further press wants a person again, whatever was judged.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.machine import Machine, from_each


class AlarmState(StrEnum):
    """domain.md E4."""

    RECEIVED = "RECEIVED"
    ANNUNCIATED = "ANNUNCIATED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    VERIFYING = "VERIFYING"
    CONFIRMED = "CONFIRMED"
    FALSE = "FALSE"
    TEST = "TEST"
    FAULT = "FAULT"
    RESET = "RESET"
    CLOSED = "CLOSED"


L = AlarmState
UNACKNOWLEDGED = (L.RECEIVED, L.ANNUNCIATED)
JUDGED = (L.CONFIRMED, L.FALSE, L.TEST, L.FAULT)

ALARM_LABELS = {
    L.RECEIVED: "收到",
    L.ANNUNCIATED: "已声光提示",
    L.ACKNOWLEDGED: "已确认",
    L.VERIFYING: "核实中",
    L.CONFIRMED: "属实",
    L.FALSE: "误报",
    L.TEST: "测试",
    L.FAULT: "故障",
    L.RESET: "已复位",
    L.CLOSED: "已关闭",
}

ALARM = Machine(
    title="一键报警",
    labels=ALARM_LABELS,
    words={
        "annunciate": "提示",
        "press": "再次按压",
        "acknowledge": "确认接警",
        "verify": "核实",
        "confirm": "判为属实",
        "judge_false": "判为误报",
        "judge_test": "判为测试",
        "judge_fault": "判为故障",
        "reset": "手动复位",
        "close": "关闭",
    },
    moves={
        (L.RECEIVED, "annunciate"): L.ANNUNCIATED,
        **from_each(UNACKNOWLEDGED, "acknowledge", L.ACKNOWLEDGED),
        (L.ACKNOWLEDGED, "verify"): L.VERIFYING,
        **{
            (before, act): after
            for before in (L.ACKNOWLEDGED, L.VERIFYING, *JUDGED)
            for act, after in (
                ("confirm", L.CONFIRMED),
                ("judge_false", L.FALSE),
                ("judge_test", L.TEST),
                ("judge_fault", L.FAULT),
            )
            if before is not after
        },
        **from_each((L.ACKNOWLEDGED, L.VERIFYING, *JUDGED), "press", L.RECEIVED),
        **from_each(JUDGED, "reset", L.RESET),
        (L.RESET, "close"): L.CLOSED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One latched alarm.

    `kind` is the event's class (panic, duress, holdup, medical, fire, burglary, gas, unknown … or garbage:
    acknowledged bytes that nobody could read). `paths` are the lines it came by, the first included.
    `presses` counts further presses, copies excluded; `again_at` is the last one that brought the alarm back to
    收到 after somebody had acknowledged it. `incident` is '' for garbage.
    """

    id: str
    state: AlarmState = L.RECEIVED
    kind: str = "unknown"
    site: str = ""
    account: str = ""
    partition: str = ""
    zone: str = ""
    event_code: str = ""
    sia_code: str = ""
    qualifier: str = "new"
    protocol: str = ""
    line: str = ""
    paths: tuple[str, ...] = ()
    presses: int = 1
    silent: bool = False
    latched: bool = True
    priority: int = 1
    incident: str = ""
    owner: str = ""
    reason: str = ""
    raw_hex: str = ""
    why: str = ""
    received_at: datetime
    committed_at: datetime | None = None
    last_press_at: datetime | None = None
    again_at: datetime | None = None
    restored_at: datetime | None = None
    annunciated_at: datetime | None = None
    acknowledged_at: datetime | None = None
    judged_at: datetime | None = None
    reset_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state not in (L.RESET, L.CLOSED)

    @property
    def waiting_since(self) -> datetime:
        """From when the desk's time to acknowledge runs."""
        return self.again_at or self.received_at

    @property
    def unacknowledged(self) -> bool:
        return self.state in UNACKNOWLEDGED
