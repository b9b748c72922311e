"""The tables of response plans 派警方案: what plans.json says, as values; nothing here reads a file.

Plans by kind, priority and zone; reinforcement waves 梯次; templates of assault squads; zones side by side; partners to
ask for help; how orders are told. `plan.propose` fills them, `services.plan_table` reads and checks them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal

from console.domain.assignment import Assignment, AssignmentState
from console.domain.incident import Incident
from console.domain.recommend import Loads

LOCAL = timezone(timedelta(hours=8))
"""The desk's own time: China has one zone and no summer time."""

NEVER_CAME = (AssignmentState.WITHDRAWN, AssignmentState.DIVERTED)
"""Orders that were taken back: nobody came, and nobody is tired by them."""


@dataclass(frozen=True, slots=True)
class Want:
    """`count` units of one of these types. `echelons` narrows to these 梯队; `scope` to where they belong:
    'nearest' anywhere, 'neighbour' the incident's zone and those beside it."""

    types: tuple[str, ...]
    count: int = 1
    wave: int = 1
    echelons: tuple[str, ...] = ()
    scope: Literal["nearest", "neighbour"] = "nearest"
    label: str = ""

    @property
    def name(self) -> str:
        """What is wanted, in words."""
        return self.label or "或".join(self.types)


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan: for codes (by their beginnings, '' = all), priorities, zones ('' none named = all), town or country.

    `wants` are wave 1 and whatever later wave differs from the usual ones; `agencies` are offered, never sent.
    """

    id: str
    name: str
    codes: tuple[str, ...]
    wants: tuple[Want, ...]
    priorities: tuple[Literal[1, 2, 3, 4], ...] = (1, 2, 3, 4)
    zones: tuple[str, ...] = ()
    urban: bool | None = None
    agencies: tuple[str, ...] = ()

    def closeness(self, incident: Incident) -> tuple[int, bool, bool, int] | None:
        """How closely it is made for such an incident, the greater the closer; None if it is not for it."""
        fits = [len(code) for code in self.codes if incident.kind.startswith(code)]
        here = not self.zones or incident.beat in self.zones
        town = self.urban is None or self.urban is incident.urban
        if not fits or incident.priority not in self.priorities or not here or not town:
            return None
        return max(fits), bool(self.zones), self.urban is not None, -len(self.priorities)


@dataclass(frozen=True, slots=True)
class Wave:
    """A reinforcement wave 梯次 as it usually is."""

    number: int
    name: str
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class Squad:
    """A template of an assault squad; `reading` says what we take its numbers to mean, the source does not tell."""

    id: str
    name: str
    pattern: str
    parts: tuple[str, ...]
    reading: str


@dataclass(frozen=True, slots=True)
class Partner:
    """A zone or county that may be asked for help; `phone` as it is dialled, '' unset."""

    id: str
    name: str
    kind: Literal["zone", "county"]
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """How orders are told: seconds until 未送达, letters of the narrative, whether the caller's number may go out."""

    receipt_s: float = 10.0
    narrative_letters: int = 60
    caller_phone: bool = False


@dataclass(frozen=True, slots=True)
class PlanTable:
    """Everything of plans.json. `shifts` are the hours at which load begins anew, `load_s` what one order weighs."""

    plans: tuple[Plan, ...] = ()
    waves: tuple[Wave, ...] = ()
    squads: tuple[Squad, ...] = ()
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    partners: tuple[Partner, ...] = ()
    telling: Telling = field(default_factory=Telling)
    shifts: tuple[str, ...] = ("08:00",)
    load_s: int = 0

    def plan_for(self, incident: Incident) -> Plan | None:
        """The plan made most closely for it; of equals the first in the file."""
        fitting = [(closeness, plan) for plan in self.plans if (closeness := plan.closeness(incident)) is not None]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def wants(self, plan: Plan | None, wave: int) -> tuple[Want, ...]:
        """What a wave asks for: the plan's own, else the usual."""
        own = tuple(want for want in plan.wants if want.wave == wave) if plan is not None else ()
        usual = next((known.wants for known in self.waves if known.number == wave), ())
        return own or usual

    def wave_name(self, wave: int) -> str:
        """第一梯次 本警区 …"""
        return next((known.name for known in self.waves if known.number == wave), "")

    def last_wave(self, plan: Plan | None) -> int:
        """The number of the last wave that asks for anybody."""
        own = [want.wave for want in plan.wants] if plan is not None else []
        return max([1, *own, *(wave.number for wave in self.waves)])

    def shift_start(self, now: datetime) -> datetime:
        """When the present shift began: the last of the hours of `shifts`."""
        here = now.astimezone(LOCAL)
        starts = [
            (here - timedelta(days=back)).replace(hour=int(text[:2]), minute=int(text[3:]), second=0, microsecond=0)
            for text in self.shifts
            for back in (0, 1)
        ]
        return max(start for start in starts if start <= here)

    def loads(self, orders: Sequence[Assignment], now: datetime) -> Loads:
        """How often each unit was sent since the shift began; orders taken back do not count."""
        since, counts = self.shift_start(now), dict[str, int]()
        for order in orders:
            if order.t_dispatch >= since and order.state not in NEVER_CAME:
                counts[order.unit] = counts.get(order.unit, 0) + 1
        return Loads(counts, self.load_s)
