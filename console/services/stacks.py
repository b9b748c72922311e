"""Acts on stacked jobs 叠放: what a busy unit does next, in order. The incident stays in the queue with its clocks.

When the unit is free the desk is offered its next job and sends it like any order; nothing is sent by itself. A job
counts only while its incident still waits for a unit: one that was merged or handed off comes back with the incident.
"""

from collections.abc import Sequence

from console.domain.assignment import Assignment
from console.domain.desk_facts import JobStacked, StackEnded
from console.domain.errors import UserError
from console.domain.incident import BEFORE_DISPATCH, Incident
from console.domain.ledger import Ledger
from console.domain.link import StackedJob
from console.domain.state import State, need
from console.domain.unit import ON_ORDER, Unit, availability


def stack_of(state: State, unit: str) -> list[StackedJob]:
    """A unit's next jobs in their order."""
    jobs = [job for job in state.where(StackedJob, unit=unit) if job.open and _waits(state, job)]
    return sorted(jobs, key=lambda job: (job.place, job.at, job.id))


def job_of(state: State, incident: str) -> StackedJob | None:
    """The stack an incident lies in."""
    found = (job for job in state.where(StackedJob, incident=incident) if job.open and _waits(state, job))
    return next(found, None)


def _waits(state: State, job: StackedJob) -> bool:
    incident = state.get(Incident, job.incident)
    return incident is not None and incident.state in BEFORE_DISPATCH


def next_job(state: State, unit: str) -> StackedJob | None:
    """What a unit that is free now has been kept for; a job that is held or scheduled is passed over."""
    found = state.get(Unit, unit)
    if found is None or any(order.open for order in state.where(Assignment, unit=unit)):
        return None
    return next((job for job in stack_of(state, unit) if _ready(found, need(state, Incident, job.incident))), None)


def _ready(unit: Unit, incident: Incident) -> bool:
    free, _ = availability(unit.status, incident.priority)
    return free and incident.waits_until is None


def stack(ledger: Ledger, *, unit: str, incident: str, place: int = 0) -> None:
    """Put an incident into a busy unit's stack, or move it there; `place` counts from 1, 0 is the end."""
    busy, target = need(ledger, Unit, unit), need(ledger, Incident, incident)
    if target.state not in BEFORE_DISPATCH:
        raise UserError(f"警情{target.short}已派警或已结束，不能叠放")
    if target.priority == 1:
        raise UserError("一级警情不能叠放等待，请另派警组")
    if busy.status not in ON_ORDER or not any(order.open for order in ledger.where(Assignment, unit=busy.id)):
        raise UserError(f"{busy.id}没有在办警情，可直接派警")
    before = job_of(ledger, target.number)
    if before is not None and before.unit != busy.id:
        ledger.record(StackEnded(incident=target.number, job=before.id, why="moved"))
    others = [job for job in stack_of(ledger, busy.id) if job.incident != target.number]
    order = [job.incident for job in others]
    order.insert(place - 1 if place > 0 else len(order), target.number)
    _lay(ledger, busy.id, order, others)


def _lay(ledger: Ledger, unit: str, incidents: Sequence[str], known: Sequence[StackedJob]) -> None:
    """Give the jobs their places; one that keeps its place is not told again."""
    places = {job.incident: job.place for job in known}
    for place, number in enumerate(incidents, 1):
        if places.get(number) != place:
            by, at = ledger.act.actor, ledger.now
            job = StackedJob(id=f"{unit}>{number}", unit=unit, incident=number, place=place, stacked_by=by, at=at)
            ledger.record(JobStacked(incident=number, job=job))


def close_jobs(ledger: Ledger, incident: str, unit: str = "") -> None:
    """The incident needs no place in a stack any more: `unit` was sent to it, or ('') it has ended."""
    for job in ledger.where(StackedJob, incident=incident):
        if job.open:
            why = "ended" if not unit else "dispatched" if job.unit == unit else "moved"
            ledger.record(StackEnded(incident=incident, job=job.id, why=why))


def unstack(ledger: Ledger, *, unit: str, incident: str) -> None:
    """Take an incident off a unit's stack; it waits in the queue as before."""
    held, target = need(ledger, Unit, unit), need(ledger, Incident, incident)
    job = next((job for job in stack_of(ledger, held.id) if job.incident == target.number), None)
    if job is None:
        raise UserError(f"警情{target.short}不在{held.id}的叠放里")
    ledger.record(StackEnded(incident=target.number, job=job.id, why="taken off"))
    left = stack_of(ledger, held.id)
    _lay(ledger, held.id, [job.incident for job in left], left)
