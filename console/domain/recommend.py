"""Recommendation 建议: which unit to send, why, and why not the others.

A pure ranking over (incident, units, positions, now). How long a way takes is asked of a `Travel`: a straight
line here, a road router behind the same interface later. Time alone does not decide: what a unit is for and what
it is doing weighs in as seconds (`Weigh`), each with its reason.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.domain.incident import Incident
from console.domain.unit import UNIT_LABELS, Position, Unit, UnitStatus, availability

EARTH_M = 6_371_008.8
"""Mean radius of the earth in metres (IUGG)."""

DETOUR = 1.3
"""Roads are longer than the straight line by about so much in a town; used only until a road router is there."""


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres between two WGS-84 positions in degrees (haversine)."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half))


@dataclass(frozen=True, slots=True)
class Way:
    """A way to an incident: metres and seconds; `by_road` says whether a router computed it."""

    distance_m: float
    time_s: float
    by_road: bool


Travel = Callable[[Unit, Position, float, float], Way]
"""(unit, where it is, latitude, longitude of the incident) -> way."""


def straight_line(unit: Unit, position: Position, lat: float, lon: float) -> Way:
    """As the crow flies, times the usual detour, at the unit's own speed."""
    metres = distance_m(position.lat, position.lon, lat, lon)
    return Way(metres, metres * DETOUR / (unit.speed_kmh / 3.6), by_road=False)


@dataclass(frozen=True, slots=True)
class Weight:
    """What speaks for (negative) or against a unit besides its way, in seconds, and why.

    `special`: the incident is one that this type of unit is kept for (特警 at a hold-up).
    """

    seconds: int = 0
    because: tuple[str, ...] = ()
    special: bool = False


Weigh = Callable[[str, UnitStatus, str], Weight]
"""(unit type, its status, incident code) -> weight."""

EVEN = Weight()


def all_weigh_the_same(_type: str, _status: UnitStatus, _kind: str) -> Weight:
    """For a desk without a table of unit types."""
    return EVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One unit seen from one incident. `why_not` is empty for a unit that may be sent."""

    unit: Unit
    way: Way | None
    fix_age_s: float | None
    because: tuple[str, ...]
    why_not: str = ""
    weight: Weight = EVEN
    load: int = 0
    load_s: int = 0

    @property
    def cost_s(self) -> float:
        """Seconds by which it is ranked: its way, what weighs in, its load; infinite without a way."""
        return self.way.time_s + self.weight.seconds + self.load_s if self.way is not None else math.inf

    @property
    def ready(self) -> bool:
        """Whether it may be sent and its way is known."""
        return not self.why_not and self.way is not None


@dataclass(frozen=True, slots=True)
class Loads:
    """How often each unit was sent in this shift, and how many seconds each time puts it behind the others."""

    counts: Mapping[str, int] = field(default_factory=dict)
    each_s: int = 0


FRESH = Loads()
"""Nobody has been sent yet, or nobody counts."""

FARTHEST_M = 5000.0


def drift_m(unit: Unit, fix_age_s: float) -> float:
    """How far a unit may be from its last fix: its speed for so long, at most 5 km (the radius of uncertainty)."""
    return min(max(fix_age_s, 0.0) * unit.speed_kmh / 3.6, FARTHEST_M)


def _because(unit: Unit, incident: Incident, fix_age_s: float | None, weight: Weight, load: int) -> tuple[str, ...]:
    reasons = [UNIT_LABELS[unit.status]]
    if unit.beat and unit.beat == incident.beat:
        reasons.append("本警区")
    reasons.extend(weight.because)
    if load:
        reasons.append(f"本班已派{load}次")
    if fix_age_s is not None and fix_age_s > 60:
        reasons.append(f"定位已过{fix_age_s:.0f}秒")
    return tuple(reasons)


Unsuited = Callable[[str, str, int], str]
"""(unit type, incident code, priority) -> why such a unit is not recommended, '' if it is."""


def everybody_suits(_type: str, _kind: str, _priority: int) -> str:
    """For a desk without a table of unit types."""
    return ""


def candidate(
    incident: Incident,
    unit: Unit,
    position: Position | None,
    now: datetime,
    travel: Travel,
    unsuited: Unsuited = everybody_suits,
    weigh: Weigh = all_weigh_the_same,
    loads: Loads = FRESH,
) -> Candidate:
    """One unit judged for one incident: its status, its type, its fix."""
    age = (now - position.at).total_seconds() if position is not None else None
    way = None
    if position is not None and incident.lat is not None and incident.lon is not None:
        way = travel(unit, position, incident.lat, incident.lon)
    _, busy = availability(unit.status, incident.priority)
    why_not = busy or unsuited(unit.type, incident.kind, incident.priority) or ("" if position else "无定位")
    weight = weigh(unit.type, unit.status, incident.kind)
    load = loads.counts.get(unit.id, 0)
    because = _because(unit, incident, age, weight, load)
    return Candidate(
        unit=unit,
        way=way,
        fix_age_s=age,
        because=because,
        why_not=why_not,
        weight=weight,
        load=load,
        load_s=load * loads.each_s,
    )


def recommend(
    incident: Incident,
    units: Iterable[Unit],
    positions: Mapping[str, Position],
    now: datetime,
    travel: Travel = straight_line,
    unsuited: Unsuited = everybody_suits,
    weigh: Weigh = all_weigh_the_same,
    loads: Loads = FRESH,
) -> list[Candidate]:
    """Every unit on duty, the best first: those that may be sent by time and weight, then the others likewise.

    Equal ones: the unit of the incident's own beat first, then by call sign. Where two should go (see `second`)
    the first says 建议双组, the other 第二组.
    """
    judged = [
        candidate(incident, unit, positions.get(unit.id), now, travel, unsuited, weigh, loads)
        for unit in units
        if unit.status is not UnitStatus.OFF_DUTY
    ]
    judged.sort(key=lambda c: (bool(c.why_not), c.cost_s, c.unit.beat != incident.beat, c.unit.id))
    other = second(judged, incident)
    return [_of_two(c, judged[0], other) for c in judged] if other is not None else judged


PAIR = "建议双组"
"""What the two units for a 一级 are told by; a plan says it by its slots."""


def _of_two(judged: Candidate, first: Candidate, other: Candidate) -> Candidate:
    if judged is first:
        return replace(judged, because=(*judged.because, f"建议双组，另派{other.unit.id}"))
    return replace(judged, because=(*judged.because, "建议双组，第二组")) if judged is other else judged


def second(candidates: Sequence[Candidate], incident: Incident) -> Candidate | None:
    """The unit to send besides the first of `recommend` to a 一级 incident; None elsewhere, or with two on it.

    At a hold-up, a weapon or a crowd one of the two is a unit kept for such calls (特警, 突击小队).
    """
    sent = [c for c in candidates if c.unit.incident == incident.number]
    free = [c for c in candidates if c.ready]
    if incident.priority != 1 or len(sent) > 1 or not free:
        return None
    partner, rest = (sent[0], free) if sent else (free[0], free[1:])
    # The unit of the other sort; where no sort is called for, the next.
    found = min(rest, key=lambda c: c.weight.special == partner.weight.special, default=None)
    return None if found is free[0] else found
