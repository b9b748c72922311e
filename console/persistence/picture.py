"""Picture: what a desk's live state is filled with when it opens, found by index among years of incidents."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from console.domain.account import Account, Seat
from console.domain.alarm import Alarm, AlarmState
from console.domain.approval import Approval, ApprovalState, Hold
from console.domain.assignment import Assignment
from console.domain.handoff import Handoff
from console.domain.incident import ENDED, KEEP_CLOSED, Incident, IncidentState
from console.domain.site import Line, Site
from console.domain.state import E, State
from console.domain.unit import Unit
from console.persistence.ledger import entity, selection
from console.persistence.tables import AlarmRow, ApprovalRow, AssignmentRow, HandoffRow, IncidentRow, table

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


def _load(connection: Connection, picture: State, kind: type[E], *which: ColumnElement[bool]) -> None:
    for row in connection.execute(selection(kind).where(*which)):
        picture.put(entity(kind, row))
