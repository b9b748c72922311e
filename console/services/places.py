"""Places by name: what the call-taker's place field and `python -m console places` look up.

The demo city's places and named roads, found by their words, their pinyin or its initials, crossings in either order
of their roads; each carries its beat and whether it lies in the built-up area, because deadlines depend on it
(漳平市 2023 第十二条). Positions are WGS-84 degrees.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

from console.domain.errors import EnvironmentFault
from console.spelling.initials import initials, spelling
from resources import ROOT

CITY = ROOT / "map" / "demo_city.json"

Point = tuple[float, float]
"""(longitude, latitude), the order of the city file."""

PARTING = " ·　,，、-/"
SEPARATORS = str.maketrans("", "", PARTING)
"""What people leave out when they type a crossing: 新华北路钟法路口 for 新华北路·钟法路口."""

TAILS = (
    *("大门口", "校门口", "南门", "北门", "东门", "西门", "正门", "后门", "大门", "校门", "门口"),
    *("公交站", "附近", "对面", "旁边", "路边"),
)
"""Details behind a place that move nobody to another spot: 实验小学门口 is found as 实验小学."""


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
        return closest(self.places, text, limit)

    def named(self, name: str) -> Place | None:
        """The place of exactly this name, separators and a detail behind it aside; None if there is none."""
        return self._by_name.get(_plain(name)) or detailed(name, self._by_name.get)

    def beat_at(self, lat: float, lon: float) -> str:
        """The beat a position lies in, '' for none."""
        return next((beat.name for beat in self.beats if beat.holds(lat, lon)), "")

    def urban_at(self, lat: float, lon: float) -> bool:
        """Whether a position lies in the built-up area."""
        return bool(self.urban.ring) and self.urban.holds(lat, lon)

    @cached_property
    def _by_name(self) -> dict[str, Place]:
        return {_plain(place.name): place for place in reversed(self.places)}


class Finder(Protocol):
    """What the place field asks: `Places` of a city, or those of the register and of recent incidents with them."""

    def __call__(self, text: str, limit: int = 12) -> list[Place]:
        """Places for a typed text, the best first."""

    def named(self, name: str) -> Place | None:
        """The place of exactly this name."""


FAR = 9


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it may be typed: without separators, by initials, by its whole pinyin; `roads` of a crossing."""

    plain: str
    initials: str
    spelled: str
    turned: str = ""
    turned_initials: str = ""
    roads: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=20_000)
def _named(name: str) -> _Name:
    """Read once: places of incidents come again and again."""
    plain = _plain(name)
    known = _Name(plain, initials(plain), spelling(plain))
    if "·" not in name or not name.endswith("口"):
        return known
    roads = name.removesuffix("口").split("·")
    turned = "".join(reversed(roads)) + "口"
    pairs = tuple((road, initials(road)) for road in roads)
    return _Name(plain, known.initials, known.spelled, turned, initials(turned), pairs)


def learn(names: Iterable[str]) -> None:
    """Read the pinyin of names before they are searched, 0.2 ms each; may run in a thread."""
    for name in names:
        _named(name)


def closest(places: Iterable[Place], text: str, limit: int = 12) -> list[Place]:
    """Those of the places that fit a typed text, the best first; with a detail behind it where nothing else fits."""
    typed = _plain(text)
    if not typed:
        return []
    held = tuple(places)
    parts = tuple(part for part in text.translate(_TO_BLANK).lower().split() if part)
    ranked = [(rank, len(place.name), place) for place in held if (rank := _closeness(place, typed, parts)) < FAR]
    if ranked:
        return [place for _, _, place in sorted(ranked, key=lambda row: row[:2])[:limit]]
    tail = _tail(text)
    spots = closest(held, text.strip().removesuffix(tail), limit) if tail else []
    return [replace(place, name=f"{place.name} {tail}") for place in spots if place.kind != "road"]


def detailed(name: str, known: Callable[[str], Place | None]) -> Place | None:
    """A known place with a detail behind its name, at its position; None if there is none."""
    tail = _tail(name)
    spot = known(_plain(name.strip().removesuffix(tail))) if tail else None
    return replace(spot, name=name.strip()) if spot is not None and spot.kind != "road" else None


_TO_BLANK = str.maketrans(dict.fromkeys(PARTING, " "))


def _tail(text: str) -> str:
    return next((tail for tail in TAILS if text.strip().endswith(tail)), "")


def _closeness(place: Place, typed: str, parts: tuple[str, ...]) -> int:
    name = _named(place.name)
    if typed in (name.plain, name.turned):
        return 0
    if name.plain.startswith(typed) or (name.turned and name.turned.startswith(typed)):
        return 1
    if _by_sound(name, typed) or _meet(name, parts):
        return 2
    if typed in name.plain:
        return 3
    if len(typed) > 1 and typed in name.initials:
        return 4
    return 5 if typed in _plain(place.address) else FAR


def _by_sound(name: _Name, typed: str) -> bool:
    if name.initials.startswith(typed) or (name.turned_initials and name.turned_initials.startswith(typed)):
        return True
    return len(typed) > 2 and typed.isascii() and name.spelled.startswith(typed)


def _meet(name: _Name, parts: tuple[str, ...]) -> bool:
    """Whether two words stand for the two roads of a crossing, in either order: 钟法 新华, zf xh."""
    if len(parts) != 2 or len(name.roads) != 2:
        return False
    pairs = (tuple(zip(parts, roads, strict=True)) for roads in (name.roads, name.roads[::-1]))
    return any(all(road.startswith(part) or short.startswith(part) for part, (road, short) in each) for each in pairs)


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
    learn(place.name for place in (*roads, *spots))
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
    )


def _road(road: dict[str, Any], beats: tuple[Area, ...], urban: Area) -> Place:
    """A road stands for its middle vertex until a number or a crossing narrows it down."""
    lon, lat = road["line"][len(road["line"]) // 2]
    beat = next((area.name for area in beats if area.holds(lat, lon)), "")
    name = road["name"]
    return Place(name, lat, lon, beat, urban.holds(lat, lon), "road", f"{name}（路段中点）")
