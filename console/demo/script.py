"""The evening's script as values.

The shapes are described in evening.json's own `about`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources import ROOT

FOLDER = ROOT / "reference" / "demo"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `at` is in seconds from the moment the window opens, below 0 for the past."""

    at: float
    do: str
    key: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Habits:
    """How units, agencies or the automatic desk go on by themselves; delays in seconds from the step before."""

    general: Mapping[str, Any]

    def of(self, who: str, name: str) -> Any:
        """A habit of somebody, the exception before the rule; None if there is none."""
        own = self.general.get("exceptions", {}).get(who, {})
        return own.get(name, self.general.get(name))


@dataclass(frozen=True, slots=True)
class Script:
    """The whole evening."""

    seconds: float
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    roster: Mapping[str, Mapping[str, Any]]
    units: Habits
    agencies: Habits
    desk: Habits


def _steps(rows: list[dict[str, Any]]) -> tuple[Step, ...]:
    fixed = ("at", "do", "key")
    return tuple(
        Step(row["at"], row["do"], row["key"], {k: v for k, v in row.items() if k not in fixed}) for row in rows
    )


def load_script(file: Path = FOLDER / "evening.json") -> Script:
    """Read the evening."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    habits = raw["behaviour"]
    return Script(
        seconds=raw["seconds"],
        before=_steps(raw["before"]),
        steps=_steps(raw["steps"]),
        roster={row["unit"]: row for row in raw["roster"]},
        units=Habits(habits["units"]),
        agencies=Habits(habits["agencies"]),
        desk=Habits(habits["desk"]),
    )
