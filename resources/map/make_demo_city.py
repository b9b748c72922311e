"""Makes demo_city.json, the demo city's map pack. Run: python -m resources.map.make_demo_city

Deterministic: the same file comes out each time. Everything is synthetic; only names of streets are borrowed.
"""

import json
import math
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from resources.map import place_names, town
from resources.map.plane import Line, Point, degrees, dense, inside, knotted, meetings, middle

HERE = Path(__file__).parent
MINOR_SPEED_KMH = 25
SOUTH_LANES = (-900.0, -550.0, 250.0, 650.0, 1100.0, 1500.0, 2300.0)
ABOUT = (
    "演示城市：完全虚构的地图，仅借用街道名称，不反映任何真实道路、建筑或边界，不得用于实战。"
    " Entirely synthetic; no real geometry. Coordinates are WGS-84, each point is [longitude, latitude]."
)


def minor_roads(rng: random.Random) -> list[Line]:
    """The lanes between the main roads: an irregular grid whose lines end on main roads."""
    along_u = [-3400, -2600, -1780, -980, -200, 860, 1880, 2800, 3420]
    along_v = [-1330, -1040, -450, 250, 950, 1750, 2470]
    lines = _lanes(rng, along_u, along_v, upright=True) + _lanes(rng, along_v, along_u, upright=False)
    south = [
        [(u, town.river_centre(u) - town.river_half_width(u) - 60), (u + 20.0, -2510.0)]
        for u in (-900, -550, 250, 650, 1100, 1500, 2300)
    ]
    return lines + [[(float(u), v) for u, v in line] for line in south] + [town.bank(-1, 70, -1000, 2400)]


def _lanes(rng: random.Random, across: list[int], along: list[int], *, upright: bool) -> list[Line]:
    """Lanes between each two neighbours of `across`, each running over a random stretch of `along`."""
    lines = []
    for low, high in pairwise(across):
        lanes = max(1, round((high - low) / 200))
        for i in range(1, lanes + 1):
            at = low + (high - low) * i / (lanes + 1) + rng.uniform(-35, 35)
            first = rng.randrange(len(along) - 1)
            last = min(len(along) - 1, first + rng.randint(2, 6))
            ends = [(at + rng.uniform(-25, 25), along[first] - 25.0), (at, along[last] + 25.0)]
            lines.append([p if upright else (p[1], p[0]) for p in ends])
    return lines


def without(line: Line, patches: list[Line]) -> list[Line]:
    """The runs of the line that touch no patch (a lane does not cross a park or the river)."""
    runs: list[Line] = [[]]
    for p in line:
        if any(inside(p, patch) for patch in patches):
            runs.append([])
        else:
            runs[-1].append(p)
    return [run for run in runs if len(run) > 1 and math.dist(run[0], run[-1]) > 80]


class Places:
    """Collects the places and knows which spots are taken."""

    def __init__(self, rings: dict[str, Line], roads: list[Line], rng: random.Random) -> None:
        self.rings, self.roads, self.rng = rings, roads, rng
        self.degree_rings = {k: [degrees(p) for p in ring] for k, ring in rings.items()}
        self.urban = [degrees(p) for p in dense(town.URBAN + town.URBAN[:1])[:-1]]
        self.blocked = [town.RIVER, *town.PARKS.values(), *town.PONDS.values()]
        self.rows: list[dict[str, Any]] = []
        self.spots: dict[str, Point] = {}

    def add(self, name: str, kind: str, spot: Point, address: str = "") -> None:
        lon, lat = degrees(spot)
        beat = next(k for k, ring in self.degree_rings.items() if inside((lon, lat), ring))
        self.spots[name] = spot
        row = {"id": f"P{len(self.rows) + 1:03}", "name": name, "kind": kind, "lat": lat, "lon": lon, "beat": beat}
        self.rows.append(row | {"urban": int(inside((lon, lat), self.urban)), "address": address or self.address(spot)})

    def address(self, spot: Point) -> str:
        """The nearest main road and a house number worked out from the position along it."""
        near = [(min(math.dist(spot, p) for p in dense(line, 40)), name) for name, _, _, line in town.MAIN_ROADS]
        return f"{min(near)[1]} {int(abs(spot[0]) / 9 + abs(spot[1]) / 11) % 398 + 1} 号"

    def free_spot(self, beat: str) -> Point:
        """A spot beside a road of the beat, clear of water, parks and other places."""
        corners = [p for line in self.roads for p in dense(line, 60) if inside(p, self.rings[beat])]
        while True:
            u, v = self.rng.choice(corners)
            spot = u + self.rng.choice((-50, 50)), v + self.rng.choice((-45, 45))
            clear = all(math.dist(spot, other) > 130 for other in self.spots.values())
            if clear and inside(spot, self.rings[beat]) and not any(inside(spot, b) for b in self.blocked):
                return spot


def places(rings: dict[str, Line], main: list[Line], rng: random.Random) -> Places:
    """Crossings of the main roads, then the named places, parks and doors."""
    found = Places(rings, main, rng)
    names = [name for name, *_ in town.MAIN_ROADS]
    for i, one in enumerate(main):
        for j in range(i + 1, len(main)):
            for spot in meetings(one, main[j])[:1]:
                if names[i][:2] != names[j][:2] or names[i].startswith("环城"):  # 新华南路 goes on from 新华北路
                    found.add(f"{names[i]}·{names[j]}口", "intersection", spot, f"{names[i]}与{names[j]}交叉口")
    for kind, by_name in place_names.NAMES.items():
        for name, beat in by_name.items():
            found.add(name, kind, place_names.FIXED.get(name) or found.free_spot(beat))
    for name, ring in town.PARKS.items():
        found.add(name, "park", middle(ring))
    for name, anchor in place_names.DOORS.items():
        u, v = found.spots[anchor]
        found.add(name, "door", (u + 22, v + 14))
    return found


def bridges(main: list[Line]) -> list[dict[str, Any]]:
    """The stretch of each bridging road from bank to bank, 30 m of land at either end."""
    out = []
    for (name, *_), line in zip(town.MAIN_ROADS, main, strict=True):
        if name in town.BRIDGES:
            wet = [p for p in dense(line, 15) if town.water_distance(p) < 30]
            out.append({"name": town.BRIDGES[name], "road": name, "line": [degrees(p) for p in wet]})
    return out


def city() -> dict[str, Any]:
    """The whole map pack as plain data."""
    rng = random.Random(110)  # noqa: S311 - a repeatable drawing, no secret
    rings = town.beat_rings()
    lines = knotted([line for *_, line in town.MAIN_ROADS] + minor_roads(rng))
    main, lanes = lines[: len(town.MAIN_ROADS)], lines[len(town.MAIN_ROADS) :]
    patches = [town.RIVER, *town.PARKS.values(), *town.PONDS.values()]
    uses = Counter(p for line in lines for p in set(line))
    clear = [run for lane in lanes for run in without(dense(lane), patches) if any(uses[p] > 1 for p in run)]
    found = places(rings, main, rng)
    lons, lats = zip(*(p for ring in found.degree_rings.values() for p in ring), strict=True)
    return {
        "about": ABOUT,
        "source": "resources/map/make_demo_city.py",
        "licence": "CC0-1.0",
        "date": "2026-11-21",
        "datum": "WGS-84",
        "name": "演示城市·芗城",
        "centre": degrees((0, 0)),
        "bounds": [min(lons), min(lats), max(lons), max(lats)],
        "beats": [beat(k, rings[k], found.degree_rings[k]) for k in sorted(rings)],
        "urban_area": {"name": "建成区", "polygon": found.urban},
        "roads": [
            road(name, kind, speed, dense(line))
            for (name, kind, speed, _), line in zip(town.MAIN_ROADS, main, strict=True)
        ],
        "minor_roads": [road("", "minor", MINOR_SPEED_KMH, run) for run in clear],
        "river": patch("九龙江西溪", town.RIVER),
        "bridges": bridges(main),
        "water": [patch(name, ring) for name, ring in town.PONDS.items()],
        "parks": [patch(name, ring) for name, ring in town.PARKS.items()],
        "places": found.rows,
    }


def beat(number: str, ring: Line, polygon: Line) -> dict[str, Any]:
    name, township = town.BEATS[number]
    return {"id": number, "name": name, "township": township, "label": degrees(middle(ring)), "polygon": polygon}


def road(name: str, kind: str, speed_kmh: int, line: Line) -> dict[str, Any]:
    return {"name": name, "class": kind, "speed_kmh": speed_kmh, "line": [degrees(p) for p in line]}


def patch(name: str, ring: Line) -> dict[str, Any]:
    return {"name": name, "label": degrees(middle(ring)), "polygon": [degrees(p) for p in ring]}


def as_text(data: dict[str, Any]) -> str:
    """JSON with one list element or member a line, so that a change shows as one line."""
    return "{\n" + ",\n".join(f' "{key}": {_lines(value)}' for key, value in data.items()) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, dict):
        return "{\n  " + ",\n  ".join(f'"{k}": {json.dumps(v, ensure_ascii=False)}' for k, v in value.items()) + "\n }"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value) + "\n ]"
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    (HERE / "demo_city.json").write_text(as_text(city()), encoding="utf-8")


if __name__ == "__main__":
    main()
