"""The desk's reference tables as values: agencies with their duties, incident codes, routing rules, limits.

They come from `resources/reference/` and are filled once by `console.services.reference.load`; nothing
here reads a file. A county changes its names, duties, words and limits in those files, not in code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from console.domain.ladder import Stage, StageLimits
from console.domain.learnt import SecondOpinion
from console.domain.plan_tables import PlanTable
from console.domain.protocol import Book
from console.domain.recommend import Weight
from console.domain.unit import UnitStatus
from console.domain.unit_words import ReplyWord

Route = Literal["A", "B", "C"]
"""潢川县 2021 第八条: A police alone; B police first, notifying at the same time; C agency only."""

DutyRoute = Literal["A", "B", "C", "S", "N"]
"""As Route; S only supports on request (weather, power, messages), N is everyday work and never a handoff."""

Priority = Literal[1, 2, 3, 4]
"""1 特别紧急, 2 紧急, 3 一般, 4 非紧急 (domain.md E5)."""

AgencyKind = Literal["police", "department", "utility", "hotline", "party", "township", "community"]

UNREGISTERED = "未登记"
NATIONWIDE = "全国"


@dataclass(frozen=True, slots=True)
class Document:
    """A founding document; `short` is how a slip cites it. No `jurisdiction` means this desk's own proposal."""

    id: str
    title: str
    number: str
    jurisdiction: str
    date: str
    short: str
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of an agency. `quoted` is False where `zh` is a paraphrase, not the document's own words.

    `sends_people` says that people go to the scene, so the 30 minutes of 漳平市 2023 第十二条 apply.
    `source` and `jurisdiction` are filled from `document` on loading.
    """

    id: str
    zh: str
    route: DutyRoute
    sends_people: bool
    document: str
    article: str
    deadline_min: int | None = None
    keywords: tuple[str, ...] = ()
    quoted: bool = True
    source: str = ""
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """An agency's standing in one document: its level (漳平 第十一条) or its tier (潢川 第十二条)."""

    document: str
    article: str
    level: Literal[1, 2] | None = None
    tier: Literal["", "urgent_24h", "non_urgent_phone_duty", "other_on_instruction"] = ""


@dataclass(frozen=True, slots=True)
class Agency:
    """A linkage unit 联动单位. `name` is the current name; former names are `aliases`.

    `own_force` marks our own police: dispatched as units, never a handoff button. `limit` says whose
    deadline counts: "industry" agencies (119, 120) have their own or none, never the general 30 minutes.
    `succeeded_by` names the agency that took over the duties of one that is gone (salt). `initials` are the
    pinyin initials of name and short name, parted by a blank.
    """

    id: str
    name: str
    name_en: str
    short: str
    kind: AgencyKind
    level: Literal[1, 2]
    duty_hours: Literal["24x7", "office_hours"]
    duties: tuple[Duty, ...]
    aliases: tuple[str, ...] = ()
    phone: str = ""
    industry_deadline_min: int | None = None
    limit: Literal["general", "industry"] = "general"
    own_force: bool = False
    succeeded_by: str = ""
    memberships: tuple[Membership, ...] = ()
    note: str = ""
    initials: str = ""

    @property
    def phone_text(self) -> str:
        """What to show: the number, or 未登记 where none is stored."""
        return self.phone or UNREGISTERED

    def duty(self, route: Route | None = None) -> Duty:
        """The duty a handoff cites by default: the first of that route, else the first that sends people."""
        ranked = sorted(self.duties, key=lambda d: (d.route != route, not d.sends_people))
        return ranked[0]


@dataclass(frozen=True, slots=True)
class IncidentCode:
    """A node of the code tree. `agencies` are the handoffs it suggests, best first."""

    code: str
    parent: str | None
    name: str
    name_en: str
    priority: Priority
    route: Route
    group: str
    agencies: tuple[str, ...] = ()
    needs_callback: bool = False
    note: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """Words of a caller that point to codes and agencies.

    A word `A…B` means A and then B within a few characters, `A|B` either of them. `exclude` are longer
    phrases that swallow a word (轮胎漏气 is no gas leak); `unless` are words anywhere that silence the
    rule. A `hazard` rule lifts C to B and adds its agencies; its `codes` count only when nothing else
    names one, and `becomes` turns a code that does into its graver form. `agencies`, `route` and
    `priority` come from the first code where the file leaves them out. `duty` is the duty whose article
    is the legal basis.
    """

    id: str
    words: tuple[str, ...]
    codes: tuple[str, ...]
    duty: str
    agencies: tuple[str, ...] | None = None
    route: Route | None = None
    priority: Priority | None = None
    exclude: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    hazard: bool = False
    becomes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandoffLimits:
    """Limits of a handoff (domain.md E2; 漳平市 2023 第十二条), in seconds from the instruction.

    `feedback_s` runs from arrival.
    """

    sign_s: int | None
    arrive_urban_s: int | None
    feedback_s: int | None

    def arrive_s(self, agency: Agency, duty: Duty, *, urban: bool) -> int | None:
        """Seconds to be on scene: the duty's or agency's own rule, else 30 min in town, else no limit."""
        own = duty.deadline_min if duty.deadline_min is not None else agency.industry_deadline_min
        if own is not None:
            return own * 60
        general = urban and duty.sends_people and agency.limit == "general"
        return self.arrive_urban_s if general else None


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """Limits of the desk itself, in seconds unless the name says otherwise (domain.md E1, E4, E5, E6)."""

    unowned_s: int
    fix_stale_s: int
    fix_lost_s: int
    site_arrive_s: int
    panel_acknowledge_s: int
    panel_dispatch_s: int
    contact_test_days: int
    missed_call_s: int
    transfer_s: int


@dataclass(frozen=True, slots=True)
class UnitType:
    """What a type of unit is recommended for: codes by their beginnings ('' = all), down to a priority.

    `why_not` is the reason shown for the rest; a person may send it all the same. `penalty_s` puts it behind
    others, `bonus_s` before them at the codes it is kept for (`armed`, by their beginnings), in seconds.
    """

    type: str
    codes: tuple[str, ...]
    lowest_priority: Literal[1, 2, 3, 4] = 4
    why_not: str = ""
    penalty_s: int = 0
    because: str = ""
    armed: tuple[str, ...] = ()
    bonus_s: int = 0
    armed_because: str = ""

    def suits(self, kind: str, priority: int) -> bool:
        """Whether the type is recommended for an incident code and priority."""
        return priority <= self.lowest_priority and any(kind.startswith(code) for code in self.codes)

    def kept_for(self, kind: str) -> bool:
        """Whether this type is kept for incidents of such a code (持械、劫持、群体暴力)."""
        return any(kind.startswith(code) for code in self.armed)


@dataclass(frozen=True, slots=True)
class StatusPenalty:
    """Seconds by which a unit is put behind others for what it is doing: a status code of E6, and why."""

    status: UnitStatus
    penalty_s: int
    because: str


@dataclass(frozen=True, slots=True)
class Basis:
    """The legal basis on a slip: `text` is ready to show, `borrowed` if it is another place's rule."""

    text: str
    article: str
    jurisdiction: str
    source: str
    borrowed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """All tables of one desk. `home` is the desk's own jurisdiction, e.g. 漳州市.

    `weights` are what was learnt from the sayings (learnt.py), as their file holds them; none means rules alone.
    `second` is asked beside them.
    """

    home: str
    documents: Mapping[str, Document]
    agencies: Mapping[str, Agency]
    codes: Mapping[str, IncidentCode]
    rules: tuple[RoutingRule, ...]
    stages: Mapping[int, StageLimits]
    desk: DeskLimits
    unit_types: Mapping[str, UnitType] = field(default_factory=dict)
    status_penalties: Mapping[UnitStatus, StatusPenalty] = field(default_factory=dict)
    plans: PlanTable = field(default_factory=PlanTable)
    reply_words: tuple[ReplyWord, ...] = ()
    weights: bytes = field(default=b"", repr=False)
    second: SecondOpinion | None = field(default=None, repr=False)
    protocols: Book = field(default_factory=Book)
    duties: Mapping[str, Duty] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        duties = {duty.id: duty for agency in self.agencies.values() for duty in agency.duties}
        object.__setattr__(self, "duties", duties)

    def handoff(self, priority: int) -> HandoffLimits:
        """What an agency owes on an incident of this priority."""
        of = self.stages[priority]
        stages = (Stage.HANDOFF_SIGN, Stage.HANDOFF_ARRIVE, Stage.HANDOFF_FEEDBACK)
        return HandoffLimits(*(of[stage].late_s for stage in stages))

    def unsuited(self, unit_type: str, kind: str, priority: int) -> str:
        """Why this type of unit is not recommended for such an incident; '' if it is (unknown types are)."""
        known = self.unit_types.get(unit_type)
        return "" if known is None or known.suits(kind, priority) else known.why_not

    def weigh(self, unit_type: str, status: UnitStatus, kind: str) -> Weight:
        """What speaks for or against a unit besides its way: the greater of its penalties, and its bonus."""
        known, doing = self.unit_types.get(unit_type), self.status_penalties.get(status)
        against = max(
            (each for each in (known, doing) if each is not None), key=lambda each: each.penalty_s, default=None
        )
        seconds, because = 0, []
        if against is not None and against.penalty_s:
            seconds += against.penalty_s
            because.append(f"{against.because}，排后{against.penalty_s}秒")
        special = known is not None and known.kept_for(kind)
        if known is not None and special:
            seconds -= known.bonus_s
            because.append(f"{known.armed_because}，提前{known.bonus_s}秒")
        return Weight(seconds, tuple(because), special)

    @property
    def handoff_agencies(self) -> tuple[Agency, ...]:
        """Every agency a handoff may go to: all but our own police and those that were dissolved."""
        return tuple(a for a in self.agencies.values() if not a.own_force and not a.succeeded_by)

    def path(self, code: str) -> tuple[IncidentCode, ...]:
        """The code and its parents, class first; empty for an unknown code."""
        node = self.codes.get(code)
        if node is None:
            return ()
        return (*(self.path(node.parent) if node.parent else ()), node)

    def basis(self, duty_id: str) -> Basis:
        """The legal basis of a duty as this desk may cite it: another place's article is only 参照."""
        duty = self.duties[duty_id]
        document = self.documents[duty.document]
        borrowed = document.jurisdiction not in (self.home, NATIONWIDE, "")
        verb = "参照" if borrowed else "依据"
        text = f"{verb}（{document.short}）{duty.article}" if document.jurisdiction else document.short
        return Basis(text, duty.article, document.jurisdiction, duty.source, borrowed)

    def find_agencies(self, query: str) -> tuple[Agency, ...]:
        """Handoff agencies for a typed word, best first: exact name, start of a name, initials, keyword."""
        text = query.strip().lower()
        ranked = [(rank, a) for a in self.handoff_agencies if (rank := _closeness(a, text)) is not None]
        return tuple(agency for _, agency in sorted(ranked, key=lambda pair: pair[0]))


def _closeness(agency: Agency, text: str) -> int | None:
    names = (agency.short, agency.name, *agency.aliases)
    if not text:
        return None
    if text == agency.id or any(text == name.lower() for name in names):
        return 0
    if any(name.lower().startswith(text) for name in names):
        return 1
    if any(initials.startswith(text) for initials in agency.initials.split()):
        return 2
    if any(text in name.lower() for name in names):
        return 3
    return 4 if any(text in duty.keywords for duty in agency.duties) else None
