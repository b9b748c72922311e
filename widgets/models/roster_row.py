"""One row of the roster: a unit seen from the selected incident, as a frozen value.

What changes by the mere passing of time (time in status, age of the fix) is not in the row: it is asked of the
clock while drawing, so a second's tick changes no row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.domain.assignment import Assignment
from console.domain.deadlines import Promise
from console.domain.incident import Incident
from console.domain.recommend import Candidate, Way
from console.domain.unit import Unit
from console.services.picture import Picture
from widgets.advice import Advice
from widgets.models.roster_owed import Owed, stacks
from widgets.models.unit_groups import UnitGroup, group_of

Hidden = Callable[[Incident], bool]
"""Whether an incident may not appear before the person at this desk (`Sight.hidden`)."""


def nothing_hidden(_: Incident) -> bool:
    """Before whom everything may appear."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """`doing` is the unit's own incident (0187 纠纷); `advised` says that an incident is selected.

    `way`, `because` and `why_not` speak of the selected incident; `sent` says the unit is on that very one;
    `best` is the unit to send, `second` the one to send besides. `order` is its open order,
    `promise` what it owes first; `jobs` are its stacked next jobs 叠放 in their order, as titles.
    `provisional`: its last act stands only in this machine's spool (本机暂存).
    """

    unit: Unit
    doing: str = ""
    fix_at: datetime | None = None
    way: Way | None = None
    because: tuple[str, ...] = ()
    why_not: str = ""
    best: bool = False
    second: bool = False
    sent: bool = False
    advised: bool = False
    provisional: bool = False
    order: Assignment | None = None
    promise: Promise | None = None
    jobs: tuple[str, ...] = ()

    @property
    def group(self) -> UnitGroup:
        return group_of(self.unit.status)

    def age_s(self, now: datetime) -> float | None:
        """Seconds since the last fix; None = never seen."""
        return max((now - self.fix_at).total_seconds(), 0.0) if self.fix_at is not None else None

    def elapsed_s(self, now: datetime) -> float:
        """Seconds in the present status."""
        return max((now - self.unit.status_since).total_seconds(), 0.0)


def incident_title(incident: Incident | None) -> str:
    """`0187 纠纷`, or '' for none."""
    return f"{incident.short} {incident.title}".strip() if incident is not None else ""


def _doing(incident: Incident | None, hidden: Hidden) -> str:
    """That a unit is bound has to be told; by what, not to everybody."""
    if incident is not None and hidden(incident):
        return QCoreApplication.translate("Roster", "（保密警情）")
    return incident_title(incident)


@dataclass(frozen=True, slots=True)
class _Seen:
    """From where the units are looked at."""

    picture: Picture
    selected: str
    hidden: Hidden
    owed: Owed
    stacks: Mapping[str, Sequence[Incident | None]]


def roster_rows(
    picture: Picture, advice: Advice, selected: str, hidden: Hidden = nothing_hidden, owed: Owed | None = None
) -> list[RosterRow]:
    """Every unit in the order the desk wants it.

    With an incident selected: as the advice ranks them. Without: by group, then by call sign. Those off duty
    come last. `owed` remembers what units owe from one time to the next.
    """
    seen = _Seen(picture, selected, hidden, owed or Owed(), stacks(picture))
    ranked = advice.for_incident(selected) if selected else []
    if not ranked:
        units = sorted(picture.units(), key=lambda unit: (list(UnitGroup).index(group_of(unit.status)), unit.id))
        return [_row(seen, unit, None) for unit in units]
    best, other = (found.unit.id if found else "" for found in (advice.best(selected), advice.second(selected)))
    judged = {candidate.unit.id for candidate in ranked}
    rows = [_row(seen, each.unit, each) for each in ranked]
    for n, row in enumerate(rows):
        # Only two of hundreds: making a row anew costs more than asking. By name: the advice is renewed each second.
        if row.unit.id in (best, other):
            rows[n] = replace(row, best=row.unit.id == best, second=row.unit.id == other)
    return rows + [_row(seen, unit, None) for unit in picture.units() if unit.id not in judged]


def _row(seen: _Seen, unit: Unit, candidate: Candidate | None) -> RosterRow:
    picture, hidden = seen.picture, seen.hidden
    position = picture.positions.get(unit.id)
    incident = picture.state.get(Incident, unit.incident) if unit.incident else None
    order, promise = seen.owed.by(picture, unit, incident)
    return RosterRow(
        unit=unit,
        doing=_doing(incident, hidden),
        fix_at=position.at if position is not None else None,
        way=candidate.way if candidate is not None else None,
        because=candidate.because if candidate is not None else (),
        why_not=candidate.why_not if candidate is not None else "",
        sent=bool(seen.selected) and unit.incident == seen.selected,
        advised=candidate is not None,
        provisional=picture.is_provisional(unit),
        order=order,
        promise=promise,
        jobs=tuple(_doing(job, hidden) for job in seen.stacks.get(unit.id, ())),
    )
