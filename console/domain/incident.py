"""Incident 警情: its states, its legal moves and its record.

Source of states, stamps and guards: domain.md E1. REOPENED is a fact, not a place to stay: the incident
goes back to HANDLING if a unit is assigned, else to TRIAGED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.machine import Machine, from_each


class IncidentState(StrEnum):
    """domain.md E1."""

    NEW = "NEW"
    INTAKE = "INTAKE"
    TRIAGED = "TRIAGED"
    DISPATCHED = "DISPATCHED"
    SIGNED = "SIGNED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    HANDLING = "HANDLING"
    FEEDBACK = "FEEDBACK"
    REVIEW = "REVIEW"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"
    MERGED = "MERGED"
    HANDED_OFF = "HANDED_OFF"
    INVALID = "INVALID"


I = IncidentState  # noqa: E741 -- the table below is read as a table

BEFORE_DISPATCH = (I.NEW, I.INTAKE, I.TRIAGED)
UNDER_WAY = (I.DISPATCHED, I.SIGNED, I.EN_ROUTE, I.ON_SCENE, I.HANDLING)
ENDED = frozenset({I.CLOSED, I.ARCHIVED, I.MERGED, I.INVALID})
"""States in which nobody owes anything any more."""

KEEP_CLOSED = timedelta(hours=24)
"""How long an ended incident stays at hand: in memory, and among what a desk loads when it opens."""

INCIDENT_LABELS = {
    I.NEW: "新警情",
    I.INTAKE: "接警中",
    I.TRIAGED: "已研判",
    I.DISPATCHED: "已派警",
    I.SIGNED: "已签收",
    I.EN_ROUTE: "出警途中",
    I.ON_SCENE: "已到场",
    I.HANDLING: "处置中",
    I.FEEDBACK: "已反馈",
    I.REVIEW: "待审核",
    I.CLOSED: "已办结",
    I.ARCHIVED: "已归档",
    I.MERGED: "已合并",
    I.HANDED_OFF: "已转办",
    I.INVALID: "无效",
}

INCIDENT = Machine(
    title="警情",
    labels=INCIDENT_LABELS,
    words={
        "answer": "接警",
        "triage": "研判分流",
        "dispatch": "派警",
        "sign": "签收",
        "depart": "出发",
        "arrive": "到场",
        "report": "报现场",
        "feedback": "反馈",
        "review": "送审核",
        "return": "退回补充",
        "close": "办结",
        "archive": "归档",
        "merge": "合并",
        "hand_off": "转办",
        "invalidate": "作无效处理",
        "withdraw": "撤回派警",
        "reopen_assigned": "重启",
        "reopen": "重启",
    },
    moves={
        (I.NEW, "answer"): I.INTAKE,
        **from_each((I.NEW, I.INTAKE), "triage", I.TRIAGED),
        # Nothing typed ever blocks a dispatch: it may start before intake ends.
        **from_each(BEFORE_DISPATCH, "dispatch", I.DISPATCHED),
        (I.DISPATCHED, "sign"): I.SIGNED,
        (I.SIGNED, "depart"): I.EN_ROUTE,
        (I.EN_ROUTE, "arrive"): I.ON_SCENE,
        (I.ON_SCENE, "report"): I.HANDLING,
        # A call settled by the desk itself needs a result too, only no unit.
        **from_each((I.ON_SCENE, I.HANDLING, I.INTAKE, I.TRIAGED), "feedback", I.FEEDBACK),
        **from_each((I.FEEDBACK, I.HANDED_OFF), "review", I.REVIEW),
        (I.REVIEW, "return"): I.HANDLING,
        (I.REVIEW, "close"): I.CLOSED,
        (I.CLOSED, "archive"): I.ARCHIVED,
        **from_each((I.INTAKE, I.TRIAGED), "hand_off", I.HANDED_OFF),
        **from_each((*BEFORE_DISPATCH, *UNDER_WAY, I.HANDED_OFF), "invalidate", I.INVALID),
        **from_each((*BEFORE_DISPATCH, *UNDER_WAY, I.HANDED_OFF), "merge", I.MERGED),
        **from_each((I.DISPATCHED, I.SIGNED, I.EN_ROUTE, I.ON_SCENE), "withdraw", I.TRIAGED),
        **from_each((I.CLOSED, I.ARCHIVED, I.INVALID), "reopen_assigned", I.HANDLING),
        **from_each((I.CLOSED, I.ARCHIVED, I.INVALID), "reopen", I.TRIAGED),
    },
)

STAMPS = {
    I.INTAKE: "t_answer",
    I.TRIAGED: "t_triage",
    I.DISPATCHED: "t_dispatch",
    I.SIGNED: "t_sign",
    I.EN_ROUTE: "t_depart",
    I.ON_SCENE: "t_arrive",
    I.HANDLING: "t_scene_report",
    I.FEEDBACK: "t_feedback",
    I.REVIEW: "t_review",
    I.CLOSED: "t_close",
    I.INVALID: "t_close",
    I.MERGED: "t_close",
    I.ARCHIVED: "t_archive",
}
"""The stamp that entering a state sets, once (the first time is the true one; later ones stand in the journal)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident as it stands now. Times are aware UTC, positions WGS-84 degrees.

    `number` is `ZZyyyymmdd-NNNN`; `alias` the number a seat gave it while the journal was away, kept for
    ever. `kind` is a code of resources/reference/codes.json ('' = not chosen yet). `source` is 'call',
    'alarm' or 'sms'. `route` is A (police), B (police first and notify), C (hand off) or ''. `t_triaged_again` is when
    it last came back to the queue (order withdrawn, incident reopened). `recording` is the recorder's number (录音号),
    `protocol` the question protocol in use, `mark` 'silent', 'prank' or 'dropped' for a call that was none,
    `held_until` and `scheduled_for` when a held 暂缓 or scheduled 预约 incident wakes, `major_at` since when it is a
    major one 重大警情. Since `marked_at` the caller was rung back `ring_backs` times, the last time with the outcome
    `ring_back` ('reached', 'unreached'). `late_seen_at` is when a person last said to know what is late on it.
    `own_priority` is the level it has by itself while a merged duplicate raises it (0 = none does).
    """

    number: str
    state: IncidentState = I.NEW
    alias: str = ""
    source: str = "call"
    kind: str = ""
    title: str = ""
    priority: int = 3
    place: str = ""
    place_unknown: str = ""
    lat: float | None = None
    lon: float | None = None
    urban: bool = True
    beat: str = ""
    route: str = ""
    caller: str = ""
    phone: str = ""
    narrative: str = ""
    site: str = ""
    silent: bool = False
    confidential: bool = False
    owner: str = ""
    asked_by: str = ""
    asked_at: datetime | None = None
    result_code: str = ""
    result_text: str = ""
    callback: str = ""
    main: str = ""
    state_before: str = ""
    own_priority: int = 0
    recording: str = ""
    protocol: str = ""
    mark: str = ""
    marked_at: datetime | None = None
    ring_backs: int = 0
    ring_back: str = ""
    late_seen_at: datetime | None = None
    held_until: datetime | None = None
    held_reason: str = ""
    scheduled_for: datetime | None = None
    major_at: datetime | None = None
    created_at: datetime
    t_signal: datetime | None = None
    t_answer: datetime | None = None
    t_triage: datetime | None = None
    t_triaged_again: datetime | None = None
    t_dispatch: datetime | None = None
    t_sign: datetime | None = None
    t_depart: datetime | None = None
    t_arrive: datetime | None = None
    t_scene_report: datetime | None = None
    t_feedback: datetime | None = None
    t_review: datetime | None = None
    t_callback: datetime | None = None
    t_close: datetime | None = None
    t_archive: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.number

    @property
    def open(self) -> bool:
        return self.state not in ENDED

    @property
    def waits_until(self) -> datetime | None:
        """When it wakes, if it is held 暂缓 or scheduled 预约."""
        return self.held_until or self.scheduled_for

    @property
    def short(self) -> str:
        """The last part of the number, as people say it: 0190, or L03-07 while it is local."""
        return self.number.split("-", 1)[1]


EDITABLE: Mapping[str, str] = {
    "kind": "警情类别",
    "title": "标题",
    "place": "地点",
    "place_unknown": "地点不明原因",
    "lat": "纬度",
    "lon": "经度",
    "urban": "城区",
    "beat": "警区",
    "route": "分流",
    "caller": "报警人",
    "phone": "电话",
    "narrative": "描述",
    "site": "点位",
    "recording": "录音号",
}
"""Fields a person may correct by `IncidentEdited`, with their names; everything else moves only by its own fact."""
