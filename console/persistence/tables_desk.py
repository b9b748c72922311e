"""Tables of the desk's own work: calls, answers, links, stacked jobs, emergencies, bulletins, reports up, handovers.

As in `tables`, a column is a field of its dataclass, no more and no less.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from console.domain.answer import Answer
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.call import Call
from console.domain.emergency import Emergency
from console.domain.handover import Handover
from console.domain.link import IncidentLink, StackedJob
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.state import Entity
from console.persistence.base import Base


class CallRow(Base):
    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(index=True)
    line: Mapped[str]
    called: Mapped[str]
    subscriber: Mapped[str]
    address: Mapped[str]
    recording: Mapped[str]
    rang_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    taken_by: Mapped[str]
    taken_at: Mapped[datetime | None]
    seat: Mapped[str]
    held_at: Mapped[datetime | None]
    transfer_to: Mapped[str]
    called_back_at: Mapped[datetime | None]
    called_back_by: Mapped[str]
    called_back: Mapped[str]
    incident: Mapped[str]

    # Whoever takes a call ends his former one; of millions of calls a handful has not ended.
    __table_args__ = (
        Index(
            "ix_calls_open",
            "ended_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class AnswerRow(Base):
    __tablename__ = "answers"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    protocol: Mapped[str]
    question: Mapped[str]
    value: Mapped[str]
    text: Mapped[str]
    skipped: Mapped[bool]
    reason: Mapped[str]
    answered_by: Mapped[str]
    at: Mapped[datetime]


class LinkRow(Base):
    __tablename__ = "links"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    other: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    reason: Mapped[str]
    linked_by: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StackedRow(Base):
    __tablename__ = "stacked_jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(index=True)
    incident: Mapped[str] = mapped_column(index=True)
    place: Mapped[int]
    stacked_by: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    why: Mapped[str]


class EmergencyRow(Base):
    __tablename__ = "emergencies"
    id: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(index=True)
    incident: Mapped[str]
    source: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    fix_age_s: Mapped[float | None]
    started_at: Mapped[datetime] = mapped_column(index=True)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str]
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str]
    reason: Mapped[str]


class HelpRow(Base):
    __tablename__ = "help_requests"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    recipient: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str]
    answer: Mapped[str]


class BulletinRow(Base):
    __tablename__ = "bulletins"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    plate: Mapped[str]
    person: Mapped[str]
    photo: Mapped[str]
    area: Mapped[tuple[str, ...]]
    incident: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    issued_by: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str]
    reason: Mapped[str]


class ReceiptRow(Base):
    __tablename__ = "bulletin_receipts"
    id: Mapped[str] = mapped_column(primary_key=True)
    bulletin: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str]
    text: Mapped[str]
    told_by: Mapped[str]
    sent_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class ReportUpRow(Base):
    __tablename__ = "reports_up"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    channel: Mapped[str]
    text: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str]
    answer: Mapped[str]


class HandoverRow(Base):
    __tablename__ = "handovers"
    id: Mapped[str] = mapped_column(primary_key=True)
    seat: Mapped[str] = mapped_column(index=True)
    from_actor: Mapped[str]
    from_name: Mapped[str]
    to_actor: Mapped[str]
    to_name: Mapped[str]
    items: Mapped[tuple[str, ...]]
    notes: Mapped[str]
    head: Mapped[int]
    drawn_at: Mapped[datetime] = mapped_column(index=True)
    given_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]


DESK_ROWS: Mapping[type[Entity], type[Base]] = {
    Call: CallRow,
    Answer: AnswerRow,
    IncidentLink: LinkRow,
    StackedJob: StackedRow,
    Emergency: EmergencyRow,
    HelpRequest: HelpRow,
    Bulletin: BulletinRow,
    BulletinReceipt: ReceiptRow,
    ReportUp: ReportUpRow,
    Handover: HandoverRow,
}
"""Which table holds which kind."""
