"""Facts of the desk's own work: calls in hand, answers, holds, links, orders on their way, emergencies, bulletins,
reports up, handovers.

They stand in the one table with all others (`facts.BODIES`); their rules in `desk_fold`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.answer import Answer
from console.domain.body import Body
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.emergency import Emergency
from console.domain.handover import Handover
from console.domain.link import IncidentLink, StackedJob
from console.domain.report_up import HelpRequest, ReportUp

# -- calls -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDescribed(Body):
    """What the telephone company and the recorder say of a call; '' leaves a field as it was."""

    call: str
    called: str = ""
    subscriber: str = ""
    address: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved(Body):
    """act: 'hold', 'resume', 'offer' (to seat `to`), 'accept' (by the fact's actor and seat), 'decline', 'call_back',
    'released' (nobody has it after all), 'given' (`who` at seat `to` has it, as the exchange says).

    `result` of a call back: 'reached' or 'unreached'; '' while somebody is at it.
    """

    call: str
    act: str
    to: str = ""
    result: str = ""
    who: str = ""


# -- incidents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolChosen(Body):
    """Which question protocol is asked from now on; `by_person`: chosen by hand, no rule changes it any more."""

    protocol: str
    by_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered(Body):
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentHeld(Body):
    """Kept until a time: 'held' with a reason (暂缓), or 'scheduled' (预约). It wakes by itself."""

    kind: str
    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWoken(Body):
    """why: 'time' or 'person'."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMarked(Body):
    """'silent', 'prank', 'dropped', or '' when it was none of them after all."""

    mark: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackTried(Body):
    """Somebody rang the caller of a silent or dropped call back. outcome: 'reached', 'unreached'."""

    outcome: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateSeen(Body):
    """A person knows what is late on the incident: it climbs no further to other seats, unless it is the desk's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLinked(Body):
    link: IncidentLink


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentUnlinked(Body):
    link: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStacked(Body):
    job: StackedJob


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEnded(Body):
    """why: 'dispatched', 'moved', 'taken off', 'ended'."""

    job: str
    why: str


# -- units -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTold(Body):
    """How an order travels: state 'sent', 'delivered', 'undelivered' or 'radio' (told by voice)."""

    assignment: str
    state: str
    channel: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChecked(Body):
    """The unit answered by itself: how ('status', 'text', 'terminal', 'radio')."""

    unit: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStarted(Body):
    emergency: Emergency


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyMoved(Body):
    """act: 'acknowledge' or 'stop' (with a reason)."""

    emergency: str
    act: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAsked(Body):
    request: HelpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswered(Body):
    """state: ACCEPTED, REFUSED or WITHDRAWN."""

    request: str
    state: str
    by: str = ""
    answer: str = ""


# -- bulletins, major incidents, shifts ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinIssued(Body):
    bulletin: Bulletin
    receipts: tuple[BulletinReceipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinTold(Body):
    """A receipt moved on: READ, ANSWERED (with `text`) or FAILED."""

    receipt: str
    state: str
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinCancelled(Body):
    bulletin: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MajorDeclared(Body):
    """The incident is a major one; `reports` are those who have to be told."""

    reason: str
    reports: tuple[ReportUp, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedUp(Body):
    """Somebody on the list was told."""

    report: str
    by: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLogged(Body):
    """An order given in a major incident: who gave it, to whom, in which words; `template` where one was used."""

    to: str
    text: str
    by: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDrawn(Body):
    handover: Handover


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSigned(Body):
    """side: 'from' or 'to'; `account` and `name` of who signed."""

    handover: str
    side: str
    account: str
    name: str = ""


DESK: Mapping[str, type[Body]] = {
    body.__name__: body
    for body in (
        CallDescribed,
        CallMoved,
        ProtocolChosen,
        QuestionAnswered,
        IncidentHeld,
        IncidentWoken,
        IncidentMarked,
        CallBackTried,
        LateSeen,
        IncidentLinked,
        IncidentUnlinked,
        JobStacked,
        StackEnded,
        OrderTold,
        UnitChecked,
        EmergencyStarted,
        EmergencyMoved,
        HelpAsked,
        HelpAnswered,
        BulletinIssued,
        BulletinTold,
        BulletinCancelled,
        MajorDeclared,
        ReportedUp,
        CommandLogged,
        HandoverDrawn,
        HandoverSigned,
    )
}
"""These by their names, for the table of all facts."""
