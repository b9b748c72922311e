"""Picture: what a desk's live state is filled with when it opens, found by index among years of incidents."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from console.domain.account import Account, Seat
from console.domain.alarm import Alarm, AlarmState
from console.domain.answer import Answer
from console.domain.approval import Approval, ApprovalState, Hold
from console.domain.assignment import Assignment
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.call import Call
from console.domain.emergency import Emergency
from console.domain.handoff import Handoff
from console.domain.handover import Handover
from console.domain.incident import ENDED, KEEP_CLOSED, Incident, IncidentState
from console.domain.link import IncidentLink, StackedJob
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.repair import RepairOrder
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.site import Line, Site
from console.domain.state import E, State
from console.domain.test_run import RunState, TestRun, TestStep
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleState
from console.domain.unit import Unit
from console.persistence.base import table
from console.persistence.ledger import entity, selection
from console.persistence.tables import (
    AlarmRow,
    ApprovalRow,
    AssignmentRow,
    HandoffRow,
    IncidentRow,
    MessageRow,
    RepairRow,
    TestRunRow,
    TestStepRow,
    TestWindowRow,
    TroubleRow,
)
from console.persistence.tables_desk import (
    AnswerRow,
    BulletinRow,
    CallRow,
    EmergencyRow,
    HandoverRow,
    HelpRow,
    LinkRow,
    ReceiptRow,
    ReportUpRow,
    StackedRow,
)

TESTS_KEPT = timedelta(days=400)
"""How far back test runs are held: longer than any site may go untested."""

INCIDENTS = table(IncidentRow)
ALARMS = table(AlarmRow)

OPEN_INCIDENT = INCIDENTS.c.state.in_([state for state in IncidentState if state not in ENDED])
OPEN_ALARM = ALARMS.c.state.in_([s for s in AlarmState if s not in (AlarmState.RESET, AlarmState.CLOSED)])


def load_picture(connection: Connection, picture: State, now: datetime) -> None:
    """Put open incidents and those of the last 24 h, with all that belongs to them, into the picture."""
    since = now - KEEP_CLOSED
    shown = or_(OPEN_INCIDENT, INCIDENTS.c.t_close >= since, INCIDENTS.c.created_at >= since)
    numbers = select(INCIDENTS.c.number).where(shown)
    alarms = or_(OPEN_ALARM, ALARMS.c.received_at >= since, ALARMS.c.incident.in_(numbers))
    _load(connection, picture, Incident, shown)
    _load(connection, picture, Assignment, table(AssignmentRow).c.incident.in_(numbers))
    _load(connection, picture, Handoff, table(HandoffRow).c.incident.in_(numbers))
    _load(connection, picture, Alarm, alarms)
    asked = table(ApprovalRow).c
    _load(connection, picture, Approval, or_(asked.state == ApprovalState.ASKED, asked.asked_at >= since))
    for kind in (Unit, Site, Line, Account, Seat, Hold):
        _load(connection, picture, kind)
    _load_equipment(connection, picture, now)
    _load_desk(connection, picture, now, numbers)


def _load_equipment(connection: Connection, picture: State, now: datetime) -> None:
    """What of the equipment is not finished, what ended a day ago, and when each site was tested last."""
    since = now - KEEP_CLOSED
    windows, repairs, texts, calls = (table(row).c for row in (TestWindowRow, RepairRow, MessageRow, CallRow))
    runs, steps = table(TestRunRow).c, table(TestStepRow).c
    shown = or_(runs.state == RunState.RUNNING, runs.started_at >= now - TESTS_KEPT)
    _load(connection, picture, Trouble, table(TroubleRow).c.state != TroubleState.CLOSED)
    _load(connection, picture, TestWindow, or_(windows.ended_at.is_(None), windows.ended_at >= since))
    _load(connection, picture, RepairOrder, or_(repairs.ended_at.is_(None), repairs.ended_at >= since))
    _load(connection, picture, TestRun, shown)
    _load(connection, picture, TestStep, steps.run.in_(select(runs.id).where(shown)))
    unsent = texts.state.in_((MessageState.QUEUED, MessageState.SENT))
    _load(connection, picture, OutboxMessage, or_(unsent, texts.queued_at >= since))
    _load(connection, picture, Call, calls.rang_at >= since)


def _load_desk(connection: Connection, picture: State, now: datetime, numbers: Select[tuple[str]]) -> None:
    """What belongs to the shown incidents, what is still running, and what ended a day ago."""
    since = now - KEEP_CLOSED
    for kind, row in ((Answer, AnswerRow), (HelpRequest, HelpRow), (ReportUp, ReportUpRow)):
        _load(connection, picture, kind, table(row).c.incident.in_(numbers))
    links, jobs, emergencies = (table(row).c for row in (LinkRow, StackedRow, EmergencyRow))
    bulletins, handovers = table(BulletinRow).c, table(HandoverRow).c
    running = and_(bulletins.until >= since, or_(bulletins.cancelled_at.is_(None), bulletins.cancelled_at >= since))
    shown = select(bulletins.id).where(running)
    _load(connection, picture, IncidentLink, or_(links.incident.in_(numbers), links.other.in_(numbers)))
    _load(connection, picture, StackedJob, or_(jobs.ended_at.is_(None), jobs.ended_at >= since))
    _load(connection, picture, Emergency, or_(emergencies.stopped_at.is_(None), emergencies.stopped_at >= since))
    _load(connection, picture, Bulletin, running)
    _load(connection, picture, BulletinReceipt, table(ReceiptRow).c.bulletin.in_(shown))
    _load(connection, picture, Handover, or_(handovers.taken_at.is_(None), handovers.drawn_at >= since))


def _load(connection: Connection, picture: State, kind: type[E], *which: ColumnElement[bool]) -> None:
    for row in connection.execute(selection(kind).where(*which)):
        picture.put(entity(kind, row))
