"""The test plan 验收测试项目 as data: which steps a site's test has, what each waits for and what it may take.

`resources/reference/test_plan.json`, read once and checked; a county changes it without code.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from console.services.meaning import RESTORE, meaning
from resources import ROOT

FILE = ROOT / "reference" / "test_plan.json"

Expects = Literal["press", "restore", "tamper", "power", "late", "person"]

TAMPER_CODES = frozenset({"137", "144", "145", "341", "382", "383", "330", "370", "371", "372", "373", "380"})
POWER_CODES = frozenset({"301", "302", "308", "309", "311", "337", "338", "384"})
"""Contact ID (DC-05): tamper, loops and expansion modules; AC loss, batteries."""
TAMPER_SIA = frozenset({"TA", "TT", "ES", "PT", "HT", "BT", "UT"})
POWER_SIA = frozenset({"AT", "YT", "YP", "YM", "XT"})
"""DC-03 the same."""


class Step(BaseModel):
    """One step. `limit` in `unit`; `measure`: to the screen, since its start, how late, or only that it came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    title: str
    expects: Expects
    needed: int = 1
    measure: Literal["screen", "start", "late", "event"]
    unit: str = ""
    limit: float | None = None
    target: str
    ask: str


class Plan(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    jurisdiction: str
    date: str
    steps: tuple[Step, ...]

    def step(self, code: str) -> Step | None:
        """The step of this code; a run of an older plan may have one that is gone."""
        return next((step for step in self.steps if step.code == code), None)


@cache
def load_plan(file: Path = FILE) -> Plan:
    """The plan, read once; pydantic's ValidationError if the file does not fit."""
    return Plan.model_validate_json(file.read_bytes())


def is_press(report: Mapping[str, Any]) -> bool:
    """Whether a signal (a report as JSON) says that somebody pressed a button."""
    said = meaning(report)
    return report.get("type") == "signal" and said.raises is not None and said.qualifier == "new"


def answers(expects: Expects, report: Mapping[str, Any]) -> bool:
    """Whether a signal is what a step waits for; whoever knows the line judges 'late', a person 'person'."""
    if report.get("type") != "signal":
        return False
    code, sia, new = report.get("event_code"), report.get("sia_code"), report.get("qualifier") != RESTORE
    if expects == "press" or expects == "late":
        return is_press(report)
    if expects == "restore":
        return meaning(report).qualifier == RESTORE
    if expects == "tamper":
        return new and (code in TAMPER_CODES or sia in TAMPER_SIA)
    return expects == "power" and new and (code in POWER_CODES or sia in POWER_SIA)
