"""Forgetting: which of the desk's rows the picture lets go of, a day after they are over, by the rules it is loaded by.

A desk runs for months: what is only ever added would slow down each look of the clock, and stand for ever on the list
of a handover.
"""

from collections.abc import Iterator
from datetime import datetime

from console.domain.answer import Answer
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.call import Call
from console.domain.emergency import Emergency
from console.domain.handover import Handover
from console.domain.incident import KEEP_CLOSED, Incident
from console.domain.link import IncidentLink, StackedJob
from console.domain.outbox import OutboxMessage
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.state import Entity, State


def gone_with(state: State, number: str) -> Iterator[Entity]:
    """What belongs to an incident and to nothing else that is held."""
    yield from state.where(Answer, incident=number)
    yield from state.where(HelpRequest, incident=number)
    yield from state.where(ReportUp, incident=number)
    for link in (*state.where(IncidentLink, incident=number), *state.where(IncidentLink, other=number)):
        if state.get(Incident, link.other if link.incident == number else link.incident) is None:
            yield link


def over(state: State, now: datetime) -> Iterator[Entity]:
    """What ended a day ago and belongs to no one incident."""
    rows = [*_calls(state), *_texts(state), *_handovers(state), *_ended(state)]
    yield from (row for row, at in rows if at is not None and now - at >= KEEP_CLOSED)
    for bulletin in state.where(Bulletin):
        if now - (bulletin.cancelled_at or bulletin.until) >= KEEP_CLOSED:
            yield bulletin
            yield from state.where(BulletinReceipt, bulletin=bulletin.id)


def _calls(state: State) -> Iterator[tuple[Entity, datetime | None]]:
    return ((row, row.rang_at) for row in state.where(Call) if not row.in_hand)


def _texts(state: State) -> Iterator[tuple[Entity, datetime | None]]:
    return ((row, row.queued_at) for row in state.where(OutboxMessage) if not row.open)


def _handovers(state: State) -> Iterator[tuple[Entity, datetime | None]]:
    return ((row, row.drawn_at if row.taken_at is not None else None) for row in state.where(Handover))


def _ended(state: State) -> Iterator[tuple[Entity, datetime | None]]:
    yield from ((row, row.ended_at) for row in state.where(StackedJob))
    yield from ((row, row.stopped_at) for row in state.where(Emergency))
