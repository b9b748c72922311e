"""Tables: the current state, the journal that explains it, and the small counters beside them.

A column of a state table is a field of its dataclass, no more and no less (a test compares them); only
`signals` carries the journal number of its fact besides. Keys are the domain's own, there are no
relationships: a row becomes a domain value before it leaves this room.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from console.domain.account import Account, Seat
from console.domain.alarm import Alarm, AlarmState
from console.domain.approval import Approval, ApprovalState, Hold
from console.domain.assignment import Assignment, AssignmentState
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.repair import RepairOrder, RepairState
from console.domain.site import Line, LineState, Signal, Site
from console.domain.state import Entity
from console.domain.test_run import RunState, StepState, TestRun, TestStep
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.domain.unit import Unit, UnitStatus
from console.persistence.base import Base
from console.persistence.columns import Code
from console.persistence.tables_desk import DESK_ROWS


class IncidentRow(Base):
    __tablename__ = "incidents"
    number: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[IncidentState] = mapped_column(Code(IncidentState), index=True)
    alias: Mapped[str] = mapped_column(index=True)
    source: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    priority: Mapped[int]
    place: Mapped[str]
    place_unknown: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    urban: Mapped[bool]
    beat: Mapped[str]
    route: Mapped[str]
    caller: Mapped[str]
    phone: Mapped[str]
    narrative: Mapped[str]
    site: Mapped[str]
    silent: Mapped[bool]
    confidential: Mapped[bool]
    owner: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime | None]
    result_code: Mapped[str]
    result_text: Mapped[str]
    callback: Mapped[str]
    main: Mapped[str] = mapped_column(index=True)
    state_before: Mapped[str]
    own_priority: Mapped[int]
    recording: Mapped[str]
    protocol: Mapped[str]
    mark: Mapped[str]
    marked_at: Mapped[datetime | None]
    ring_backs: Mapped[int]
    ring_back: Mapped[str]
    late_seen_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    held_reason: Mapped[str]
    scheduled_for: Mapped[datetime | None]
    major_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    t_signal: Mapped[datetime | None]
    t_answer: Mapped[datetime | None]
    t_triage: Mapped[datetime | None]
    t_triaged_again: Mapped[datetime | None]
    t_dispatch: Mapped[datetime | None]
    t_sign: Mapped[datetime | None]
    t_depart: Mapped[datetime | None]
    t_arrive: Mapped[datetime | None]
    t_scene_report: Mapped[datetime | None]
    t_feedback: Mapped[datetime | None]
    t_review: Mapped[datetime | None]
    t_callback: Mapped[datetime | None]
    t_close: Mapped[datetime | None] = mapped_column(index=True)
    t_archive: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        # Only calls have a number: alarms pay nothing for this index.
        Index(
            "ix_incidents_phone",
            "phone",
            "created_at",
            sqlite_where=text("phone <> ''"),
            postgresql_where=text("phone <> ''"),
        ),
    )


class AssignmentRow(Base):
    __tablename__ = "assignments"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str] = mapped_column(index=True)
    lead: Mapped[bool]
    state: Mapped[AssignmentState] = mapped_column(Code(AssignmentState))
    reason: Mapped[str]
    scene: Mapped[str]
    result_code: Mapped[str]
    result_text: Mapped[str]
    wave: Mapped[int]
    channel: Mapped[str]
    delivery: Mapped[str]
    t_delivered: Mapped[datetime | None]
    t_dispatch: Mapped[datetime]
    t_sign: Mapped[datetime | None]
    t_depart: Mapped[datetime | None]
    t_arrive: Mapped[datetime | None]
    t_scene_report: Mapped[datetime | None]
    t_feedback: Mapped[datetime | None]
    t_end: Mapped[datetime | None]


class HandoffRow(Base):
    __tablename__ = "handoffs"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    agency: Mapped[str]
    duty: Mapped[str]
    state: Mapped[HandoffState] = mapped_column(Code(HandoffState))
    channel: Mapped[str]
    sign_s: Mapped[int | None]
    arrive_s: Mapped[int | None]
    feedback_s: Mapped[int | None]
    basis: Mapped[str]
    person: Mapped[str]
    reason: Mapped[str]
    text: Mapped[str]
    suggested: Mapped[str]
    urged: Mapped[int]
    on_behalf: Mapped[bool]
    t_draft: Mapped[datetime]
    t_sent: Mapped[datetime | None]
    t_delivered: Mapped[datetime | None]
    t_sign: Mapped[datetime | None]
    t_depart: Mapped[datetime | None]
    t_arrive: Mapped[datetime | None]
    t_progress: Mapped[datetime | None]
    t_result: Mapped[datetime | None]
    t_callback: Mapped[datetime | None]
    t_close: Mapped[datetime | None]
    t_end: Mapped[datetime | None]


class AlarmRow(Base):
    __tablename__ = "alarms"
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[AlarmState] = mapped_column(Code(AlarmState), index=True)
    kind: Mapped[str]
    site: Mapped[str] = mapped_column(index=True)
    account: Mapped[str] = mapped_column(index=True)
    partition: Mapped[str]
    zone: Mapped[str]
    event_code: Mapped[str]
    sia_code: Mapped[str]
    qualifier: Mapped[str]
    protocol: Mapped[str]
    line: Mapped[str]
    paths: Mapped[tuple[str, ...]]
    presses: Mapped[int]
    silent: Mapped[bool]
    latched: Mapped[bool]
    priority: Mapped[int]
    incident: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str]
    reason: Mapped[str]
    raw_hex: Mapped[str]
    why: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)
    committed_at: Mapped[datetime | None]
    last_press_at: Mapped[datetime | None]
    again_at: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    annunciated_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    reset_at: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (Index("ix_alarms_line_reset_at", "line", "reset_at"),)


class UnitRow(Base):
    __tablename__ = "units"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    echelon: Mapped[str]
    type: Mapped[str]
    beat: Mapped[str]
    status: Mapped[UnitStatus] = mapped_column(Code(UnitStatus))
    status_since: Mapped[datetime]
    status_before: Mapped[UnitStatus] = mapped_column(Code(UnitStatus))
    doing_since: Mapped[datetime | None]
    incident: Mapped[str] = mapped_column(index=True)
    members: Mapped[int]
    vehicle: Mapped[str]
    phone: Mapped[str]
    speed_kmh: Mapped[float]
    home_lat: Mapped[float | None]
    home_lon: Mapped[float | None]
    terminal: Mapped[str]
    checked_at: Mapped[datetime | None]
    version: Mapped[int]


class SiteRow(Base):
    __tablename__ = "sites"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    account: Mapped[str] = mapped_column(index=True)
    address: Mapped[str]
    beat: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    urban: Mapped[bool]
    moving: Mapped[bool]
    keyholder: Mapped[str]
    keyholder_phone: Mapped[str]
    callback_phone: Mapped[str]
    meu: Mapped[int]
    zones: Mapped[Mapping[str, str]]
    linkage: Mapped[tuple[str, ...]]
    limit_min: Mapped[int | None]
    line: Mapped[str]
    equipment: Mapped[str]
    keyholders: Mapped[tuple[str, ...]]
    guards: Mapped[int]
    guard_phone: Mapped[str]
    meu_phone: Mapped[str]
    meu_drill: Mapped[str]
    hours: Mapped[str]
    supervise_s: Mapped[int | None]
    test_days: Mapped[int | None]
    registered_at: Mapped[datetime | None]


class LineRow(Base):
    __tablename__ = "lines"
    name: Mapped[str] = mapped_column(primary_key=True)
    protocol: Mapped[str]
    address: Mapped[str]
    state: Mapped[LineState] = mapped_column(Code(LineState))
    since: Mapped[datetime]
    last_heard: Mapped[datetime | None]
    why: Mapped[str]
    host: Mapped[str]
    seat: Mapped[str]


class SignalRow(Base):
    """`seq` is the journal's number of the fact that brought the signal; `ingest_id` is given once per frame."""

    __tablename__ = "signals"
    ingest_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    line: Mapped[str] = mapped_column(index=True)
    protocol: Mapped[str]
    type: Mapped[str]
    account: Mapped[str]
    partition: Mapped[str]
    zone: Mapped[str]
    event_code: Mapped[str]
    sia_code: Mapped[str]
    qualifier: Mapped[str]
    why: Mapped[str]
    raw_hex: Mapped[str]
    ack_hex: Mapped[str]
    copy_of: Mapped[str]
    alarm: Mapped[str]
    trouble: Mapped[str]
    test_window: Mapped[str]
    extended: Mapped[Mapping[str, str]]
    received_at: Mapped[datetime] = mapped_column(index=True)


class AccountRow(Base):
    __tablename__ = "accounts"
    number: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    roles: Mapped[tuple[str, ...]]
    unit: Mapped[str]
    agency: Mapped[str]
    disabled: Mapped[bool]
    passwordless: Mapped[bool]
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    password_at: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    version: Mapped[int]


class SeatRow(Base):
    __tablename__ = "seats"
    id: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    roles: Mapped[tuple[str, ...]]
    since: Mapped[datetime | None]
    host: Mapped[str]


class ApprovalRow(Base):
    __tablename__ = "approvals"
    id: Mapped[str] = mapped_column(primary_key=True)
    act: Mapped[str]
    args: Mapped[str]
    about: Mapped[str]
    reason: Mapped[str]
    state: Mapped[ApprovalState] = mapped_column(Code(ApprovalState), index=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str]


class HoldRow(Base):
    __tablename__ = "holds"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str]
    lifted_at: Mapped[datetime | None]


class TroubleRow(Base):
    __tablename__ = "troubles"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[TroubleKind] = mapped_column(Code(TroubleKind))
    state: Mapped[TroubleState] = mapped_column(Code(TroubleState), index=True)
    site: Mapped[str] = mapped_column(index=True)
    line: Mapped[str] = mapped_column(index=True)
    account: Mapped[str]
    zone: Mapped[str]
    event_code: Mapped[str]
    sia_code: Mapped[str]
    text: Mapped[str]
    signal: Mapped[str]
    count: Mapped[int]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    restored_at: Mapped[datetime | None]
    shelved_until: Mapped[datetime | None]
    shelved_by: Mapped[str]
    reason: Mapped[str]
    closed_at: Mapped[datetime | None]
    version: Mapped[int]


class TestWindowRow(Base):
    __tablename__ = "test_windows"
    __test__ = False
    id: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(index=True)
    zones: Mapped[tuple[str, ...]]
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    phone: Mapped[str]
    asked_by: Mapped[str]
    approved_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str]
    version: Mapped[int]


class RepairRow(Base):
    __tablename__ = "repairs"
    id: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(index=True)
    cause: Mapped[str]
    about: Mapped[str]
    text: Mapped[str]
    still: Mapped[str]
    state: Mapped[RepairState] = mapped_column(Code(RepairState))
    who: Mapped[str]
    due: Mapped[datetime | None]
    part: Mapped[str]
    result: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    version: Mapped[int]


class TestRunRow(Base):
    __tablename__ = "test_runs"
    __test__ = False
    id: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(index=True)
    test_window: Mapped[str]
    state: Mapped[RunState] = mapped_column(Code(RunState))
    equipment: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str]
    remark: Mapped[str]
    version: Mapped[int]


class TestStepRow(Base):
    __tablename__ = "test_steps"
    __test__ = False
    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str] = mapped_column(index=True)
    code: Mapped[str]
    place: Mapped[int]
    title: Mapped[str]
    state: Mapped[StepState] = mapped_column(Code(StepState))
    needed: Mapped[int]
    seen: Mapped[int]
    figure: Mapped[float | None]
    unit: Mapped[str]
    target: Mapped[str]
    note: Mapped[str]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    done_by: Mapped[str]


class MessageRow(Base):
    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    text: Mapped[str]
    purpose: Mapped[str]
    about: Mapped[str] = mapped_column(index=True)
    state: Mapped[MessageState] = mapped_column(Code(MessageState), index=True)
    line: Mapped[str]
    ref: Mapped[str]
    tries: Mapped[int]
    why: Mapped[str]
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    version: Mapped[int]


class TermsRow(Base):
    """What an incident is found by, in pieces (`spelling.terms`); each database keeps an index of the pieces beside it.

    `newness` orders as the incidents were opened. Written with the incident's row; a fold of the journal as that is.
    """

    __tablename__ = "incident_terms"
    newness: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    number: Mapped[str]
    terms: Mapped[str]


class JournalRow(Base):
    """One fact, chained to the one before. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "journal"
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    seat: Mapped[str]
    act_id: Mapped[str]
    name: Mapped[str]
    version: Mapped[int]
    incident: Mapped[str] = mapped_column(index=True)
    body: Mapped[str]
    salt: Mapped[str]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    algo: Mapped[str] = mapped_column(String(16))


class ActRow(Base):
    """An act that was carried out, with the number of its last fact and its first answer as JSON."""

    __tablename__ = "acts"
    act_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[str]


class DeadlineRow(Base):
    """Which step of which rule, due when, the clock has announced for which subject: once, whoever comes first."""

    __tablename__ = "deadlines_announced"
    subject: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)


class CounterRow(Base):
    """A running number by its name, for example the incidents of one day."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class TrackRow(Base):
    """Where a unit was: append-only, not journaled (positions are no facts)."""

    __tablename__ = "track"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    unit: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_track_unit_at", "unit", "at"),)


class SecretRow(Base):
    """A password's argon2id hash: no fact and never in the journal, in no export and in no backup that leaves."""

    __tablename__ = "secrets"
    account: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[datetime]


class LeaseRow(Base):
    """Who works something that only one may work at a time: a line, an outbox, the daily check. Not journaled."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    seat: Mapped[str]
    token: Mapped[str]
    taken_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class PresenceRow(Base):
    """Where each seat's person is at present: which incident is open there, which field is being typed in.

    Not journaled; a row that has not been renewed for 45 s is stale.
    """

    __tablename__ = "presence"
    seat: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str]
    name: Mapped[str]
    incident: Mapped[str]
    field: Mapped[str]
    seen_at: Mapped[datetime]


class PropertyRow(Base):
    """A choice made once for the whole database, for example its hash algorithm."""

    __tablename__ = "properties"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


ROWS: Mapping[type[Entity], type[Base]] = {
    Incident: IncidentRow,
    Assignment: AssignmentRow,
    Handoff: HandoffRow,
    Alarm: AlarmRow,
    Unit: UnitRow,
    Site: SiteRow,
    Line: LineRow,
    Signal: SignalRow,
    Account: AccountRow,
    Seat: SeatRow,
    Approval: ApprovalRow,
    Hold: HoldRow,
    Trouble: TroubleRow,
    TestWindow: TestWindowRow,
    RepairOrder: RepairRow,
    TestRun: TestRunRow,
    TestStep: TestStepRow,
    OutboxMessage: MessageRow,
    **DESK_ROWS,
}
