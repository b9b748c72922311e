"""Places by name: what the call-taker's place field and `python -m console places` look up.

The demo city's places and named roads, found by their words or the initials of their pinyin; each carries
its beat and whether it lies in the built-up area, because deadlines depend on it (漳平市 2023 第十二条). Positions
are WGS-84 degrees.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from console.domain.errors import EnvironmentFault
from console.spelling.initials import initials, spelling
from resources import ROOT

CITY = ROOT / "map" / "demo_city.json"

Point = tuple[float, float]
"""(longitude, latitude), the order of the city file."""

SEPARATORS = str.maketrans("", "", " ·　,，、-")
"""What people leave out when they type a crossing: 新华北路钟法路口 for 新华北路·钟法路口."""


@dataclass(frozen=True, slots=True)
class Place:
    """A named spot. `beat` is '' outside the beats; `kind` is a word of the city file, or 'road'."""

    name: str
    lat: float
    lon: float
    beat: str
    urban: bool
    kind: str = ""
    address: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon; the ring is not closed."""

    name: str
    ring: tuple[Point, ...]

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the position lies inside (even-odd rule)."""
        inside = False
        for (x1, y1), (x2, y2) in zip(self.ring, (*self.ring[1:], self.ring[0]), strict=True):
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


@dataclass(frozen=True)
class Places:
    """The places of one city; calling it with a typed text answers those that fit, the best first."""

    places: tuple[Place, ...]
    beats: tuple[Area, ...] = ()
    urban: Area = field(default=Area("", ()))

    def __call__(self, text: str, limit: int = 12) -> list[Place]:
        """Places for a typed text: exact name, its start, initials or whole pinyin, part of it, part of an address."""
        typed = _plain(text)
        if not typed:
            return []
        ranked = ((rank, len(place.name), place) for place in self.places if (rank := _closeness(place, typed)) < FAR)
        return [place for _, _, place in sorted(ranked, key=lambda row: row[:2])[:limit]]

    def named(self, name: str) -> Place | None:
        """The place of exactly this name, separators aside; None if there is none."""
        return self._by_name.get(_plain(name))

    def beat_at(self, lat: float, lon: float) -> str:
        """The beat a position lies in, '' for none."""
        return next((beat.name for beat in self.beats if beat.holds(lat, lon)), "")

    def urban_at(self, lat: float, lon: float) -> bool:
        """Whether a position lies in the built-up area."""
        return bool(self.urban.ring) and self.urban.holds(lat, lon)

    @cached_property
    def _by_name(self) -> dict[str, Place]:
        return {_plain(place.name): place for place in reversed(self.places)}


FAR = 9


def _closeness(place: Place, typed: str) -> int:
    name = _plain(place.name)
    if typed == name:
        return 0
    if name.startswith(typed):
        return 1
    if place.initials.startswith(typed) or _spelled(place, typed):
        return 2
    if typed in name:
        return 3
    if len(typed) > 1 and typed in place.initials:
        return 4
    return 5 if typed in _plain(place.address) else FAR


def _spelled(place: Place, typed: str) -> bool:
    return len(typed) > 2 and typed.isascii() and spelling(_plain(place.name)).startswith(typed)


def _plain(text: str) -> str:
    return text.translate(SEPARATORS).lower()


def load(path: Path = CITY) -> Places:
    """The places of a city file; EnvironmentFault if it cannot be read."""
    try:
        city = json.loads(path.read_text(encoding="utf-8"))
        beats = tuple(Area(beat["id"], _ring(beat["polygon"])) for beat in city["beats"])
        urban = Area(city["urban_area"]["name"], _ring(city["urban_area"]["polygon"]))
        spots = [_place(spot) for spot in city["places"]]
        roads = [_road(road, beats, urban) for road in city["roads"]]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise EnvironmentFault(f"地名数据无法读取：{path.name}（{fault}）", "请恢复 resources/map") from fault
    return Places((*roads, *spots), beats, urban)


def _ring(points: Iterable[Sequence[float]]) -> tuple[Point, ...]:
    return tuple((lon, lat) for lon, lat in points)


def _place(spot: dict[str, Any]) -> Place:
    return Place(
        name=spot["name"],
        lat=spot["lat"],
        lon=spot["lon"],
        beat=spot["beat"],
        urban=bool(spot["urban"]),
        kind=spot["kind"],
        address=spot["address"],
        initials=initials(_plain(spot["name"])),
    )


def _road(road: dict[str, Any], beats: tuple[Area, ...], urban: Area) -> Place:
    """A road stands for its middle vertex until a number or a crossing narrows it down."""
    lon, lat = road["line"][len(road["line"]) // 2]
    beat = next((area.name for area in beats if area.holds(lat, lon)), "")
    name = road["name"]
    return Place(name, lat, lon, beat, urban.holds(lat, lon), "road", f"{name}（路段中点）", initials(_plain(name)))
