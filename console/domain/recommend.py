"""Recommendation 建议: which unit to send, why, and why not the others.

A pure ranking over (incident, units, positions, now). How long a way takes is asked of a `Travel`: a straight
line here, a road router behind the same interface later.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One unit seen from one incident. `why_not` is empty for a unit that may be sent."""

    unit: Unit
    way: Way | None
    fix_age_s: float | None
    because: tuple[str, ...]
    why_not: str = ""


def _because(unit: Unit, incident: Incident, fix_age_s: float | None) -> tuple[str, ...]:
    reasons = [UNIT_LABELS[unit.status]]
    if unit.beat and unit.beat == incident.beat:
        reasons.append("本警区")
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
) -> Candidate:
    """One unit judged for one incident: its status, its type, its fix."""
    age = (now - position.at).total_seconds() if position is not None else None
    way = None
    if position is not None and incident.lat is not None and incident.lon is not None:
        way = travel(unit, position, incident.lat, incident.lon)
    _, busy = availability(unit.status, incident.priority)
    why_not = busy or unsuited(unit.type, incident.kind, incident.priority) or ("" if position else "无定位")
    return Candidate(unit=unit, way=way, fix_age_s=age, because=_because(unit, incident, age), why_not=why_not)


def recommend(
    incident: Incident,
    units: Iterable[Unit],
    positions: Mapping[str, Position],
    now: datetime,
    travel: Travel = straight_line,
    unsuited: Unsuited = everybody_suits,
) -> list[Candidate]:
    """Every unit on duty, the best first: those that may be sent by time, then the others by time.

    Equal times go to the unit of the incident's own beat, then to the call sign.
    """
    judged = [
        candidate(incident, unit, positions.get(unit.id), now, travel, unsuited)
        for unit in units
        if unit.status is not UnitStatus.OFF_DUTY
    ]
    return sorted(
        judged,
        key=lambda c: (
            bool(c.why_not),
            c.way.time_s if c.way is not None else math.inf,
            c.unit.beat != incident.beat,
            c.unit.id,
        ),
    )
