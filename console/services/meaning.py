"""Meaning: what a driver's words are to this desk. The part of intake that reads event codes.

Contact ID, SIA and the basic format name the same few things differently; here each becomes a class (panic,
duress, fire …), a qualifier and the rule that says whether a person must act. The rules are data:
`resources/reference/panel_alarms.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

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


class PanelAlarms(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    jurisdiction: str
    date: str
    classes: Mapping[str, AlarmClass]
    sia: _Sia
    basic: Mapping[str, str]


@cache
def panel_alarms(file: Path = FILE) -> PanelAlarms:
    """The table, read once; pydantic's ValidationError if the file does not fit."""
    return PanelAlarms.model_validate_json(file.read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a signal says. `raises` is None when it asks nobody to act; `kind` '' fits any (a bare restore)."""

    kind: str
    qualifier: str
    title: str = ""
    raises: AlarmClass | None = None


def meaning(report: Mapping[str, Any]) -> Meaning:
    """What a signal (a report of `drivers`, as JSON) means to the desk.

    An unknown code is an alarm, shown raw: rather one alarm too many than one too few.
    """
    kind, qualifier, raw = _classify(report)
    qualifier = str(report.get("qualifier") or qualifier)
    if report.get("test") or kind == TEST:
        return Meaning(kind=TEST, qualifier=qualifier)
    rule = panel_alarms().classes.get(kind)
    if rule is None:
        return Meaning(kind=kind, qualifier=qualifier)
    title = f"{rule.title} {raw}" if kind == "unknown" and raw else rule.title
    return Meaning(kind=kind, qualifier=qualifier, title=title, raises=rule)


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
    return (became if kind in panel_alarms().classes else kind), "new"
