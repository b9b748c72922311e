"""The demo's files as the tests of the demo read them, and a point-in-polygon of their own."""

import csv
import json
from functools import cache
from typing import Any

from resources import ROOT

DEMO = ROOT / "reference" / "demo"


@cache
def city() -> dict[str, Any]:
    """resources/map/demo_city.json."""
    return dict(json.loads((ROOT / "map" / "demo_city.json").read_text(encoding="utf-8")))


@cache
def evening() -> dict[str, Any]:
    """resources/reference/demo/evening.json."""
    return dict(json.loads((DEMO / "evening.json").read_text(encoding="utf-8")))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """units.csv or sites.csv."""
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def ids(name: str, key: str, field: str) -> frozenset[str]:
    """Every id of a reference table beside the demo."""
    table = json.loads((ROOT / "reference" / name).read_text(encoding="utf-8"))
    return frozenset(row[field] for row in table[key])


def winds_round(lon: float, lat: float, polygon: list[list[float]]) -> bool:
    """Whether the polygon goes round the point, by the winding number (the makers use the even-odd rule)."""
    turns = 0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        left = (x2 - x1) * (lat - y1) - (lon - x1) * (y2 - y1)
        if y1 <= lat < y2 and left > 0:
            turns += 1
        elif y2 <= lat < y1 and left < 0:
            turns -= 1
    return turns != 0


def beats_round(lon: float, lat: float) -> list[str]:
    """The beats that hold the position."""
    return [beat["id"] for beat in city()["beats"] if winds_round(lon, lat, beat["polygon"])]
