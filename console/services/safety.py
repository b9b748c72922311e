"""Acts of officer safety 民警安全: a unit answered, a unit is in need, who knows of it, and when it is over.

An emergency belongs to the whole room: it stays on every screen until a person stops it with a reason.
"""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.domain.assignment import Assignment
from console.domain.desk_facts import EmergencyMoved, EmergencyStarted, UnitChecked
from console.domain.emergency import Emergency
from console.domain.errors import UserError
from console.domain.facts import UnitMoved
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.safety import CheckIn, SafetyTable, check_due, status_of
from console.domain.state import State, need
from console.domain.unit import Position, Unit, UnitStatus, may_return
from resources import ROOT

CLOCK = "clock"
"""The source of an emergency nobody called: the unit was not heard."""

EMERGENCY_STEP = 3
"""So far silence has climbed when the whole room is told (`SafetyTable.climb_s`)."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    climb_s: tuple[int, int, int]
    check_in: tuple[CheckIn, ...]


@lru_cache
def table(file: Path | None = None) -> SafetyTable:
    """The table of check-in intervals; UserError names what is wrong in the file."""
    path = file or ROOT / "reference" / "safety.json"
    try:
        read = _File.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, ValueError) as fault:
        raise UserError(f"{path.name} 有误：{fault}") from None
    return SafetyTable(read.check_in, read.climb_s)


# -- acts ------------------------------------------------------------------------------------------------------------


def checked(ledger: Ledger, *, unit: str, how: str = "radio") -> None:
    """The desk heard the unit itself answer, by radio or telephone. What is entered on its behalf is no answer."""
    found = need(ledger, Unit, unit)
    if how not in ("radio", "phone"):
        raise UserError("安全核实须是本人应答（电台或电话）")
    ledger.record(UnitChecked(incident=found.incident, unit=found.id, how=how))


def start(
    ledger: Ledger,
    *,
    unit: str,
    source: str = "radio",
    lat: float | None = None,
    lon: float | None = None,
    fix_age_s: float | None = None,
) -> str:
    """An officer is in need; answers the emergency's id. One that is open already stays the one.

    The clock is asked again here, '' if nothing is wrong: the unit may have answered where its seat did not see it yet.
    """
    found = need(ledger, Unit, unit)
    running = open_emergency(ledger, found.id)
    if running is not None:
        return running.id
    if source == CLOCK and climbed(ledger, found, ledger.now) < EMERGENCY_STEP:
        return ""
    begun = Emergency(
        # The act may be carried out again from the spool, and what was acknowledged or stopped there names it so.
        id=str(uuid5(NAMESPACE_OID, f"{ledger.act.act_id}\n{found.id}\nemergency")),
        unit=found.id,
        incident=found.incident,
        source=source,
        lat=lat,
        lon=lon,
        fix_age_s=fix_age_s,
        started_at=ledger.now,
    )
    ledger.record(EmergencyStarted(incident=found.incident, emergency=begun))
    if found.status is not UnitStatus.NEEDS_HELP:
        status = UnitStatus.NEEDS_HELP.value
        ledger.record(UnitMoved(incident=found.incident, unit=found.id, status=status, order=found.incident))
    return begun.id


def acknowledge(ledger: Ledger, *, emergency: str) -> None:
    """A person has seen it and acts; the sound stops everywhere, the bar stays."""
    found = need(ledger, Emergency, emergency)
    if found.acknowledged_at is None and found.open:
        ledger.record(EmergencyMoved(incident=found.incident, emergency=found.id, act="acknowledge"))


def stop(ledger: Ledger, *, emergency: str, reason: str) -> None:
    """It is over, with a reason; the unit goes back to the status before."""
    found = need(ledger, Emergency, emergency)
    if not found.open:
        raise UserError(f"{found.unit} 的紧急求助已解除")
    if not reason.strip():
        raise UserError("解除紧急求助须写明情况")
    ledger.record(EmergencyMoved(incident=found.incident, emergency=found.id, act="stop", reason=reason.strip()))
    unit = need(ledger, Unit, found.unit)
    before = may_return(unit) if unit.status is UnitStatus.NEEDS_HELP else None
    if before is not None:
        ledger.record(UnitMoved(incident=unit.incident, unit=unit.id, status=before.value, order=unit.incident))


# -- what is open and due --------------------------------------------------------------------------------------------


def open_emergency(state: State, unit: str) -> Emergency | None:
    """The unit's running emergency."""
    return next((row for row in state.where(Emergency, unit=unit) if row.open), None)


def open_emergencies(state: State) -> list[Emergency]:
    """All that run, those nobody has acknowledged first, the oldest of them first."""
    rows = (row for row in state.where(Emergency) if row.open)
    return sorted(rows, key=lambda row: (row.acknowledged_at is not None, row.started_at))


def due(state: State, unit: Unit) -> datetime | None:
    """When the unit has to be heard again (aware UTC), None where it need not."""
    if not table().watches(status_of(unit)):
        return None
    incident = state.get(Incident, unit.incident) if unit.incident else None
    orders = state.where(Assignment, unit=unit.id)
    ends = (row.stopped_at for row in state.where(Emergency, unit=unit.id) if row.stopped_at is not None)
    return check_due(unit, incident.kind if incident is not None else "", orders, table(), max(ends, default=None))


def climbed(state: State, unit: Unit, now: datetime) -> int:
    """How far its silence has climbed, 0 while it need not be heard yet."""
    by = due(state, unit)
    return table().step(by, now) if by is not None else 0


def seen_at(position: Position | None) -> dict[str, float]:
    """Where an emergency is, as the act takes it; empty where the unit was never seen."""
    return {"lat": position.lat, "lon": position.lon} if position is not None else {}
