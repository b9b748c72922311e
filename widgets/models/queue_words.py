"""Words of a queue row for what waits, what belongs together and who owes what is late."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.domain.deadlines import DESK, Promise
from console.domain.incident import Incident
from console.domain.marks import MARKS, rings_back, tries_left
from console.domain.reference import Reference
from console.domain.state import State
from console.services.links import links_of
from console.services.stacks import job_of
from widgets.text import date_text, local, minute_text, word
from widgets.wording import owner_name


def moment_text(at: datetime, now: datetime) -> str:
    """15:00, on another day 11-25 09:00."""
    return minute_text(at) if date_text(at) == date_text(now) else f"{local(at):%m-%d %H:%M}"


def waiting_text(incident: Incident, until: datetime) -> str:
    """暂缓至 15:00, 预约 11-25 09:00."""
    pattern = (
        QCoreApplication.translate("queue", "预约 {until}")
        if incident.scheduled_for is not None
        else QCoreApplication.translate("queue", "暂缓至 {until}")
    )
    return pattern.format(until=moment_text(until, incident.created_at))


def mark_text(incident: Incident) -> str:
    """无声 · 待回拨 2 次, 骚扰."""
    if not incident.mark:
        return ""
    what = word(MARKS[incident.mark])
    if not rings_back(incident):
        return what
    return QCoreApplication.translate("queue", "{mark} 待回拨 {n} 次").format(mark=what, n=tries_left(incident))


def together_parts(state: State, incident: Incident) -> list[str]:
    """Its mark, whose next job it is, how many incidents are linked to it."""
    job, links = job_of(state, incident.number) if incident.open else None, links_of(state, incident.number)
    parts = [mark_text(incident)]
    if job is not None:
        parts.append(QCoreApplication.translate("queue", "叠放 {unit}").format(unit=job.unit))
    if links:
        parts.append(QCoreApplication.translate("queue", "关联 {n}").format(n=len(links)))
    return parts


def owner_text(reference: Reference, promise: Promise, incident: Incident) -> str:
    """Who owes what was promised: a unit, an agency, for the desk the person whose incident it is."""
    if promise.owner == DESK:
        return incident.owner or owner_name(promise.owner)
    agency = reference.agencies.get(promise.owner)
    return word(agency.short) if agency is not None else promise.owner


def climbed_text(looks: str) -> str:
    """How far a late promise has climbed: ' ↑邻席', ' ↑值班长'; '' while it is its own seat's."""
    climbed = {
        "neighbour": QCoreApplication.translate("queue", " ↑邻席"),
        "chief": QCoreApplication.translate("queue", " ↑值班长"),
    }
    return climbed.get(looks, "")
