"""Facts: what happened, one immutable value each.

A fact is the only thing that changes the state (see `fold`); the journal stores it, the picture applies it,
replay and audit read it. Its name is the class name; `VERSION` rises when its fields change, and readers
accept every earlier version (`persistence.codec`). `incident` names the incident whose timeline shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.account import Account
from console.domain.alarm import Alarm
from console.domain.approval import Approval, Hold
from console.domain.assignment import Assignment
from console.domain.body import Body, Scalar
from console.domain.desk_facts import DESK
from console.domain.equipment_facts import EQUIPMENT
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.site import Line, Signal, Site
from console.domain.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRegistered(Body):
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRegistered(Body):
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChanged(Body):
    """A line opened, fell silent, was lost or came back; carries the line as it stands."""

    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceived(Body):
    signal: Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Body):
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPressedAgain(Body):
    """A further press on an open alarm; `at` is when it was received."""

    alarm: str
    ingest_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSecondPath(Body):
    """The same press came by another line within 60 s."""

    alarm: str
    line: str
    ingest_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRestored(Body):
    """The button was released. Noted only: the latch stays (GB 50394)."""

    alarm: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPlaced(Body):
    """The alarm's account, unknown when it came, stands in the register now. `new` are the incident's fields that
    follow from it; what a person had written there already is not among them.
    """

    alarm: str
    site: str
    name: str
    new: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMoved(Body):
    alarm: str
    act: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOpened(Body):
    """`record.number` equals `incident`."""

    record: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMoved(Body):
    """A move along the life cycle; `implied` marks a step filled in by a later report."""

    act: str
    reason: str = ""
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEdited(Body):
    """Corrected fields, new over old; both are kept."""

    new: Mapping[str, Scalar]
    old: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Body):
    """Rules may raise a priority (lower the number); only a person lowers it, with a reason.

    `merged`: a duplicate was merged into the incident or taken out again, and the level goes with it.
    `own`: a duplicate makes it as grave already; old and new are the level it has by itself, which alone moves.
    """

    old: int
    new: int
    reason: str
    merged: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentResult(Body):
    """What came of it: result code and text (FEEDBACK)."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMerged(Body):
    """`incident` is a duplicate of `into`."""

    into: str
    kind: str = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentUnmerged(Body):
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAliased(Body):
    """The incident was also known by a local number: its act was spooled while its first commit was still under way."""

    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledBack(Body):
    """The caller was asked. outcome: 'satisfied', 'dissatisfied', 'unreached', 'declined'."""

    outcome: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Body):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAssigned(Body):
    assignment: Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentMoved(Body):
    """`text` is the scene report or the result; `on_behalf` marks what the desk entered for the unit."""

    assignment: str
    act: str
    text: str = ""
    code: str = ""
    reason: str = ""
    on_behalf: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadChanged(Body):
    """Another unit's progress is now the incident's."""

    assignment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMoved(Body):
    """`status` is the code the unit moved to (E6); `order` the incident it is bound to afterwards ('' = free)."""

    unit: str
    status: str
    order: str = ""
    reason: str = ""
    on_behalf: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffDrafted(Body):
    handoff: Handoff


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffMoved(Body):
    """`by` names the agency's person; `on_behalf` = 电话代录; `channel` is set when it is sent or delivered."""

    handoff: str
    act: str
    by: str = ""
    text: str = ""
    reason: str = ""
    channel: str = ""
    suggested: str = ""
    on_behalf: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffUrged(Body):
    handoff: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPrinted(Body):
    """A slip was made; `file` is its name in the slips folder, never a whole path."""

    handoff: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Body):
    """A promise was broken. Unique by (subject, rule, step, due_at): the losing insert is dropped (DESIGN section 5).

    `step` counts how far it has climbed, `looks` is who must look now: a seat, 'chief', or '' for every seat. A promise
    made anew is due at another time.
    """

    subject: str
    rule: str
    step: int
    due_at: datetime
    owner: str = ""
    looks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPrinted(Body):
    """断网续接单 was printed by a person."""

    file: str
    incidents: int


# -- whose incident it is ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAsked(Body):
    """`by` asks the owner for the incident; 20 s of grace run from here."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChanged(Body):
    """The incident is another person's now: given, taken from a silent seat, or taken by the chief with a reason."""

    old: str
    new: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentialityChanged(Body):
    """A confidential incident is hidden from everybody who has no business with it."""

    confidential: bool
    reason: str


# -- people, rights, audit -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered(Body):
    """The account as it stands from now on (new, changed, disabled, unlocked)."""

    account: Account
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Body):
    """That it was changed; the password's hash is nowhere in the journal."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOn(Body):
    """`account` sits at the fact's seat with these roles."""

    account: str
    name: str
    roles: tuple[str, ...]
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff(Body):
    """The seat is empty again. why: 'left', 'handed over', 'closed'."""

    account: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnFailed(Body):
    """A wrong password, or an account that may not; `locked_until` is set by the fifth in a row."""

    account: str
    why: str
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked(Body):
    approval: Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided(Body):
    """state: GRANTED, REFUSED or WITHDRAWN."""

    approval: str
    state: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonViewed(Body):
    """Personal data of the incident stood unmasked on a screen that may show it."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRevealed(Body):
    """Personal data of another person's incident was unmasked, with a reason."""

    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Body):
    """Somebody asked for what he may not do."""

    act: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Body):
    """Rows left the program. `what`: 'journal', 'report', 'incidents' …; `masked`: personal data was masked."""

    what: str
    first: int = 0
    last: int = 0
    rows: int
    file: str
    masked: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalVerified(Body):
    """The chain was walked to `last`; `why` is '' or what is wrong with the first bad row."""

    last: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Body):
    hold: Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted(Body):
    hold: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged(Body):
    """Rows older than `before` were taken out of what may be purged; `kept` of them stayed under a hold."""

    what: str
    before: datetime
    rows: int
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp(Body):
    """`last` is the journal's number up to which the backup reaches, `hash` its hash there."""

    file: str
    last: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Body):
    """A backup that reaches up to `last` took the database's place, which had reached `before_last` (0: unknown)."""

    file: str
    last: int
    before_last: int = 0
    before_hash: str = ""


BODIES: Mapping[str, type[Body]] = {
    **EQUIPMENT,
    **DESK,
    **{
        body.__name__: body
        for body in (
            SiteRegistered,
            UnitRegistered,
            LineChanged,
            SignalReceived,
            AlarmRaised,
            AlarmPressedAgain,
            AlarmSecondPath,
            AlarmRestored,
            AlarmPlaced,
            AlarmMoved,
            IncidentOpened,
            IncidentMoved,
            IncidentEdited,
            PriorityChanged,
            IncidentResult,
            IncidentMerged,
            IncidentUnmerged,
            IncidentAliased,
            CalledBack,
            NoteAdded,
            UnitAssigned,
            AssignmentMoved,
            LeadChanged,
            UnitMoved,
            HandoffDrafted,
            HandoffMoved,
            HandoffUrged,
            SlipPrinted,
            DeadlinePassed,
            SheetPrinted,
            OwnerAsked,
            OwnerChanged,
            ConfidentialityChanged,
            AccountRegistered,
            PasswordChanged,
            SignedOn,
            SignedOff,
            SignOnFailed,
            ApprovalAsked,
            ApprovalDecided,
            PersonViewed,
            PersonRevealed,
            ActRefused,
            Exported,
            JournalVerified,
            HoldPlaced,
            HoldLifted,
            Purged,
            BackedUp,
            Restored,
        )
    },
}
"""Every fact by its name: the journal reads them back through this table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A body with its stamp. `seq` is the journal's number, 0 while the fact stands only in the spool."""

    seq: int = 0
    at: datetime
    actor: str
    seat: str
    act_id: str = ""
    body: Body

    @property
    def name(self) -> str:
        return type(self.body).__name__

    @property
    def provisional(self) -> bool:
        return self.seq == 0
