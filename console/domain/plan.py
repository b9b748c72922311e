"""Response plan 派警方案: who could go now, slot by slot, and what is to be said of each.

`propose` is pure: it fills the wants of a plan (`plan_tables`) from units that were judged already (`recommend`), and
says of each slot why this unit, why not the one that would be expected, what it costs, and where nobody is to be had.
It never decides: what needs a person's word (a diversion, a recall, the chief's consent, a unit without a fix) is
proposed unticked.
Sources: 110接处警工作规则 Art. 22 (nearest first, by kind), Art. 26 (across zones); 002 四（二）2 (梯次增援).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.domain.assignment import Assignment
from console.domain.incident import Incident
from console.domain.plan_tables import NEVER_CAME, Plan, PlanTable, Want
from console.domain.recommend import PAIR, Candidate, drift_m
from console.domain.unit import Unit, UnitStatus, availability

STALE_S = 60
"""A fix older than that is named with how far the unit may have gone since."""


class SlotKind(StrEnum):
    """SENT: somebody is on it. SEND: may go now. DIVERT, RECALL, ASK, BLIND: only by a person's word. SHORT: nobody."""

    SENT = "sent"
    SEND = "send"
    DIVERT = "divert"
    RECALL = "recall"
    ASK = "ask"
    BLIND = "blind"
    SHORT = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One line of the tick list. `expected` names the unit one would have thought of, `expected_why_not` why not it."""

    want: Want
    kind: SlotKind
    unit: Unit | None = None
    candidate: Candidate | None = None
    reasons: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    warning: str = ""
    expected: str = ""
    expected_why_not: str = ""

    @property
    def ticked(self) -> bool:
        """Whether it is proposed ticked: only what may be done without asking anybody."""
        return self.kind is SlotKind.SEND

    @property
    def sendable(self) -> bool:
        """Whether a tick means anything."""
        return self.kind not in (SlotKind.SENT, SlotKind.SHORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The tick list of one wave. `agencies` are offered beside it; `notes` are true of the whole list."""

    incident: str
    plan: Plan | None
    wave: int
    wave_name: str
    slots: tuple[Slot, ...]
    agencies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ticked(self) -> tuple[str, ...]:
        """The call signs one Enter sends."""
        return tuple(slot.unit.id for slot in self.slots if slot.ticked and slot.unit is not None)

    @property
    def short(self) -> tuple[Slot, ...]:
        """Where nobody is to be had."""
        return tuple(slot for slot in self.slots if slot.kind is SlotKind.SHORT)


@dataclass(slots=True)
class _Filling:
    """One proposal while it is made: who is used up already."""

    incident: Incident
    ranked: Sequence[Candidate]
    table: PlanTable
    bound: Mapping[str, Incident]
    now: datetime
    used: set[str] = field(default_factory=set)

    def fits(self, want: Want) -> Iterator[Candidate]:
        """Who could be meant, the best first; nobody twice, nobody who is on it already."""
        near = {self.incident.beat, *self.table.neighbours.get(self.incident.beat, ())}
        for judged in self.ranked:
            unit = judged.unit
            if unit.id in self.used or unit.incident == self.incident.number or unit.type not in want.types:
                continue
            if want.echelons and unit.echelon not in want.echelons:
                continue
            if want.scope == "nearest" or not self.incident.beat or unit.beat in near:
                yield judged

    def slot(self, want: Want) -> Slot:
        """The best who may go; else the one who might by a person's word; else nobody, and why."""
        fitting = list(self.fits(want))
        kinds = [(kind, judged) for judged in fitting if (kind := self.kind(judged)) is not SlotKind.SHORT]
        order = list(SlotKind)
        kind, chosen = min(kinds, key=lambda pair: order.index(pair[0]), default=(SlotKind.SHORT, None))
        if chosen is None:
            return Slot(want=want, kind=SlotKind.SHORT, warning=self.nobody(want, fitting))
        self.used.add(chosen.unit.id)
        expected = self.expected(fitting, chosen)
        return Slot(
            want=want,
            kind=kind,
            unit=chosen.unit,
            candidate=chosen,
            reasons=self.reasons(chosen),
            costs=tuple(self.costs(kind, chosen)),
            warning=self.warning(kind, chosen),
            expected=expected.unit.id if expected is not None else "",
            expected_why_not=self.why_not(expected, chosen) if expected is not None else "",
        )

    def kind(self, judged: Candidate) -> SlotKind:
        """What it takes to send this unit; SHORT: it cannot be sent at all."""
        unit, priority = judged.unit, self.incident.priority
        if availability(unit.status, priority)[0]:
            return SlotKind.SEND if judged.way is not None else SlotKind.BLIND
        if unit.status in (UnitStatus.STANDBY, UnitStatus.SCHOOL_GUARD):
            return SlotKind.RECALL
        if unit.status is UnitStatus.JOINT_TASK:
            return SlotKind.ASK
        old = self.bound.get(unit.id)
        if unit.status is UnitStatus.EN_ROUTE and priority == 1 and old is not None and old.priority > 1:
            return SlotKind.DIVERT
        return SlotKind.SHORT

    def reasons(self, judged: Candidate) -> tuple[str, ...]:
        """What speaks for it, its way first."""
        said = [*_way(judged), *(reason for reason in judged.because if not reason.startswith(PAIR))]
        if judged.unit.beat and self.incident.beat and judged.unit.beat != self.incident.beat:
            said.append(f"跨警区 {judged.unit.beat}→{self.incident.beat}")
        if judged.fix_age_s is not None and judged.fix_age_s > STALE_S:
            said.append(f"可能已离开{drift_m(judged.unit, judged.fix_age_s) / 1000:.1f}公里")
        return tuple(said)

    def costs(self, kind: SlotKind, judged: Candidate) -> Iterator[str]:
        """What is given up by sending it."""
        unit = judged.unit
        old = self.bound.get(unit.id)
        if kind is SlotKind.DIVERT and old is not None:
            yield f"原警情{old.short}退回待派，时限重新计"
        if unit.status is UnitStatus.STANDBY:
            yield f"中断备勤就餐（已{(self.now - unit.status_since).total_seconds() // 60:.0f}分钟）"
        if unit.status is UnitStatus.SCHOOL_GUARD:
            yield "护学岗缺岗"
        if unit.beat and kind is not SlotKind.DIVERT:
            left = sum(c.ready and c.unit.beat == unit.beat and c.unit.id not in self.used for c in self.ranked)
            yield f"警区{unit.beat}还剩{left}组" if left else f"警区{unit.beat}将无可派警组"

    def warning(self, kind: SlotKind, judged: Candidate) -> str:
        """What a person must have heard before ticking it."""
        if kind is SlotKind.DIVERT:
            return "途中改派，只对一级警情"
        if kind is SlotKind.RECALL:
            return availability(judged.unit.status, self.incident.priority)[1]
        if kind is SlotKind.ASK:
            return "合成作战任务，须值班长同意"
        if kind is SlotKind.BLIND:
            return "地点未定位，不能按远近选" if self.incident.lat is None else "无定位，到达时间不明"
        return ""

    def expected(self, fitting: Sequence[Candidate], chosen: Candidate) -> Candidate | None:
        """Whom one would have thought of: the zone's own unit, else the nearest of its type."""
        if not self.incident.beat or chosen.unit.beat == self.incident.beat:
            return None
        own = [c for c in fitting if c.unit.beat == self.incident.beat]
        return min(own, key=lambda c: c.cost_s, default=None)

    def why_not(self, judged: Candidate, chosen: Candidate) -> str:
        """Why the one that was expected is not the one that is proposed."""
        busy = availability(judged.unit.status, self.incident.priority)[1]
        if busy or judged.way is None:
            return busy or "无定位"
        longer = judged.way.time_s - chosen.way.time_s if chosen.way is not None else 0.0
        if longer > 0:
            return f"要多用{longer:.0f}秒"
        return "、".join(judged.weight.because) or f"本班已派{judged.load}次"

    def nobody(self, want: Want, fitting: Sequence[Candidate]) -> str:
        """An honest sentence for a slot that stays empty."""
        busy = [f"{c.unit.id} {availability(c.unit.status, self.incident.priority)[1]}" for c in fitting]
        return f"没有可派的{want.name}" + (f"（{'、'.join(busy[:3])}）" if busy else "")


def _way(judged: Candidate) -> Iterator[str]:
    if judged.way is not None:
        minutes, seconds = divmod(round(judged.way.time_s), 60)
        yield f"{'路网' if judged.way.by_road else '直线'}{minutes}分{seconds:02}秒"


def next_wave(orders: Sequence[Assignment], table: PlanTable, plan: Plan | None) -> int:
    """The wave to send next: the first while it is not complete, then one more than the last, up to the last there is.

    `orders` are the incident's.
    """
    came = [order for order in orders if order.state not in NEVER_CAME]
    wanted = sum(want.count for want in table.wants(plan, 1))
    if len([order for order in came if order.wave == 1]) < wanted and all(order.wave == 1 for order in came):
        return 1
    return min(max((order.wave for order in came), default=0) + 1, table.last_wave(plan))


def propose(
    incident: Incident,
    ranked: Sequence[Candidate],
    orders: Sequence[Assignment],
    table: PlanTable,
    now: datetime,
    *,
    bound: Mapping[str, Incident] | None = None,
    wave: int = 0,
) -> Proposal:
    """The tick list for a wave (0: the next one).

    `ranked` are the units on duty, the best first (`recommend`), `orders` those of this incident; `bound` says on which
    incident a unit is now.
    """
    plan = table.plan_for(incident)
    number = wave or next_wave(orders, table, plan)
    filling = _Filling(incident, ranked, table, bound or {}, now)
    wants = [want for want in table.wants(plan, number) for _ in range(want.count)]
    sent = [order for order in orders if order.wave == number and order.state not in NEVER_CAME]
    slots = list(_sent(sent, wants, ranked))
    slots += [filling.slot(want) for want in wants]
    agencies = plan.agencies if plan is not None and number == 1 else ()
    name, notes = table.wave_name(number), tuple(_notes(incident, plan, number, table))
    return Proposal(
        incident=incident.number,
        plan=plan,
        wave=number,
        wave_name=name,
        slots=tuple(slots),
        agencies=agencies,
        notes=notes,
    )


def _sent(orders: Sequence[Assignment], wants: list[Want], ranked: Sequence[Candidate]) -> Iterator[Slot]:
    """Who is on it already fills the want of his type, else any; the wants that are filled are taken off the list."""
    units = {judged.unit.id: judged.unit for judged in ranked}
    for order in orders:
        unit = units.get(order.unit)
        if not wants:
            return
        fitting = (want for want in wants if unit is not None and unit.type in want.types)
        want = next(fitting, wants[-1])
        wants.remove(want)
        yield Slot(want=want, kind=SlotKind.SENT, unit=unit, reasons=(f"{order.unit} 已派",))


def _notes(incident: Incident, plan: Plan | None, wave: int, table: PlanTable) -> Iterator[str]:
    if incident.lat is None:
        yield "地点未定位，先后只按警区和呼号"
    if plan is None:
        yield "没有适用的派警方案"
    if wave > 1 and incident.beat and not table.neighbours.get(incident.beat):
        yield f"警区{incident.beat}没有登记相邻警区"
