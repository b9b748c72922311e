"""Meaning: what a driver's words are to this desk. The part of intake that reads event codes.

Contact ID, SIA and the basic format name the same few things differently; here each becomes a class (panic,
duress, fire …), a qualifier and the rule that says who must act: the desk (an alarm), a technician (a technical
event) or nobody. The rules are data: `resources/reference/panel_alarms.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from console.domain.site import Signal
from console.domain.trouble import TroubleKind
from drivers.events import event
from resources import ROOT

FILE = ROOT / "reference" / "panel_alarms.json"
RESTORE = "restore"
TEST = "test"


class AlarmClass(BaseModel):
    """How the desk treats one class of signal. `codes` maps a site's kind ('' = any other) to an incident code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    priority: int
    latches: bool
    codes: Mapping[str, str]

    def code(self, site_kind: str) -> str:
        """The incident code for a site of this kind."""
        return self.codes.get(site_kind, self.codes[""])


class _Sia(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    first_letter: Mapping[str, str]
    second_letter: Mapping[str, str]


class _Troubles(BaseModel):
    """What asks for a technician: by class where the code says no more, by code, and what ends which of DC-03.

    `sia_notes` are codes whose first letter promises trouble and that tell only of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    classes: Mapping[str, TroubleKind]
    contact_id: Mapping[str, TroubleKind]
    sia: Mapping[str, TroubleKind]
    sia_restores: Mapping[str, tuple[str, ...]]
    sia_notes: frozenset[str]


class _PeriodicTests(BaseModel):
    """Codes by which a panel says at fixed times that it is well."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contact_id: frozenset[str]
    sia: frozenset[str]


class PanelAlarms(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    jurisdiction: str
    date: str
    classes: Mapping[str, AlarmClass]
    sia: _Sia
    basic: Mapping[str, str]
    troubles: _Troubles
    periodic_tests: _PeriodicTests


@cache
def panel_alarms(file: Path = FILE) -> PanelAlarms:
    """The table, read once; pydantic's ValidationError if the file does not fit."""
    return PanelAlarms.model_validate_json(file.read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a signal says. `raises` is None when it asks nobody at the desk; `kind` '' fits any (a bare restore).

    `trouble` is what a technician must see to; `ends` are the codes (DC-03) of the troubles that a restore ends.
    """

    kind: str
    qualifier: str
    title: str = ""
    raises: AlarmClass | None = None
    trouble: TroubleKind | None = None
    ends: tuple[str, ...] = ()


def meaning(report: Mapping[str, Any]) -> Meaning:
    """What a signal (a report of `drivers`, as JSON) means to the desk.

    An unknown code is an alarm, shown raw: rather one alarm too many than one too few.
    """
    kind, qualifier, raw = _classify(report)
    sia = "" if report.get("event_code") else str(report.get("sia_code") or "")
    ends = panel_alarms().troubles.sia_restores.get(sia, ())
    qualifier = RESTORE if ends else str(report.get("qualifier") or qualifier)
    if report.get("test") or kind == TEST:
        return Meaning(kind=TEST, qualifier=qualifier)
    if sia and qualifier == RESTORE:
        # What ends the alarm of a detector ends its trouble too.
        return Meaning(kind=kind, qualifier=RESTORE, ends=ends or (f"{sia[0]}T", f"{sia[0]}S"))
    trouble = _trouble(str(report.get("event_code") or ""), sia, kind)
    rule = None if trouble else panel_alarms().classes.get(kind)
    if rule is None:
        return Meaning(kind=kind, qualifier=qualifier, trouble=trouble)
    title = f"{rule.title} {raw}" if kind == "unknown" and raw else rule.title
    return Meaning(kind=kind, qualifier=qualifier, title=title, raises=rule)


def is_periodic_test(signal: Signal) -> bool:
    """Whether a panel says with it, as it does at fixed times, that it is well."""
    known = panel_alarms().periodic_tests
    return signal.event_code in known.contact_id or (not signal.event_code and signal.sia_code in known.sia)


def _trouble(event_code: str, sia: str, kind: str) -> TroubleKind | None:
    """What a technician must see to; None for what is the desk's, or nobody's."""
    table = panel_alarms().troubles
    if sia in table.sia_notes:
        return None
    by_code = table.contact_id.get(event_code) if event_code else table.sia.get(sia)
    return by_code or table.classes.get(kind)


def _classify(report: Mapping[str, Any]) -> tuple[str, str, str]:
    """(class, qualifier as far as the code itself tells, the code as it was sent)."""
    if code := str(report.get("event_code") or ""):
        return event(code).event_class, "new", code
    if code := str(report.get("sia_code") or ""):
        return (*_sia(code), code)
    raw = str((report.get("extended") or {}).get("code", ""))
    kind = panel_alarms().basic.get(raw, "unknown") if len(raw) == 1 else "unknown"
    return ("", RESTORE, raw) if kind == RESTORE else (kind, "new", raw)


def _sia(code: str) -> tuple[str, str]:
    """DC-03: the first letter names the matter, the second what became of it (PA panic alarm, PR its restore)."""
    table = panel_alarms().sia
    kind = table.first_letter.get(code[:1], "unknown")
    became = table.second_letter.get(code[1:2], "new")
    if became in ("new", RESTORE):
        return kind, became
    return (became if kind in panel_alarms().classes or kind == "tamper" else kind), "new"
