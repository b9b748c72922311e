"""A figure: one measured number beside its baseline, and how it is told to programs and to people."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`value` is the number a target speaks of; p50 and p99 are there where there is a distribution.

    `baseline` names the physical or peer reference measured in the same run, in the same unit.
    """

    name: str
    value: float
    unit: str
    n: int
    baseline: str
    baseline_value: float
    p50: float | None = None
    p99: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in units of its baseline; None beside a baseline of nothing."""
        return self.value / self.baseline_value if self.baseline_value else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where none is set."""
        if self.at_most is None and self.at_least is None:
            return None
        low, high = self.at_least or -math.inf, math.inf if self.at_most is None else self.at_most
        return low <= self.value <= high

    @property
    def target(self) -> str:
        """The target as text; '' where none is set."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""

    def to_json(self) -> dict[str, Any]:
        """The fields of CLI.md, and beside them the target, whether it is met, and how busy the machine was."""
        told = {name: getattr(self, name) for name in FIELDS}
        told |= {"target": self.target, "met": self.met, "note": self.note, "load": load()}
        return {name: _round(value) for name, value in told.items()}


FIELDS = ("name", "value", "unit", "p50", "p99", "n", "baseline", "baseline_value", "ratio")
COLUMNS = ("项目", "数值", "单位", "p50", "p99", "次数", "指标", "参照", "参照值", "比值", "备注")


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed (nearest rank); ValueError without values."""
    if not values:
        raise ValueError("no values were measured")
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def p50(values: Sequence[float]) -> float:
    return quantile(values, 0.50)


def p99(values: Sequence[float]) -> float:
    return quantile(values, 0.99)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Figures as told by `to_json`, as a Markdown table."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for row in rows:
        met = {True: f"{row['target']} ✓", False: f"{row['target']} ✗", None: ""}[row["met"]]
        numbers = [_text(row[name]) for name in ("p50", "p99", "n")]
        beside = [str(row["baseline"]), _text(row["baseline_value"]), _text(row["ratio"]), str(row["note"])]
        lines.append(f"| {' | '.join([row['name'], _text(row['value']), row['unit'], *numbers, met, *beside])} |")
    return "\n".join(lines)


def load() -> float | None:
    """How many processes wanted a processor in the last minute; None where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _round(value: Any) -> Any:
    """Four significant digits are more than any of these measurements holds."""
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
