"""The demo city: what the base map draws, loaded from resources/map/demo_city.json into frozen values.

The file's points are [lon, lat] (GeoJSON order); here they are already metres on the city's own `LocalPlane`,
so that nobody turns them round a second time. Shapes are plain tuples: the painter makes its own from them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.domain.errors import EnvironmentFault
from console.geo.projection import LocalPlane

Point = tuple[float, float]
"""(x east, y north) in metres on the city's plane."""

Line = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon, not closed: water, park, urban area."""

    name: str
    polygon: Line
    label: Point


@dataclass(frozen=True, slots=True)
class Beat:
    """警区: `id` is its number ('05'), `name` what people call it, `label` where the number stands."""

    id: str
    name: str
    polygon: Line
    label: Point


@dataclass(frozen=True, slots=True)
class Road:
    """A street; `grade` is 'main', 'ring', 'minor' or 'bridge'."""

    name: str
    grade: str
    line: Line


@dataclass(frozen=True, slots=True)
class City:
    """A whole base map. `bounds` is (west, south, east, north) in metres on `plane`; `origin` says whose data it is."""

    name: str
    origin: str
    plane: LocalPlane
    bounds: tuple[float, float, float, float]
    beats: tuple[Beat, ...]
    urban: Area
    roads: tuple[Road, ...]
    minor_roads: tuple[Road, ...]
    bridges: tuple[Road, ...]
    river: Area
    water: tuple[Area, ...]
    parks: tuple[Area, ...]


def load_city(path: Path) -> City:
    """Read a city file; EnvironmentFault with what to do if it is missing, broken or not in WGS-84."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["datum"] != "WGS-84":
            raise EnvironmentFault(f"地图数据的坐标系是{raw['datum']}，不是WGS-84", "请先转换坐标再换上")
        return _city(raw)
    except FileNotFoundError:
        remedy = "请运行 python -m resources.map.make_demo_city，或放入本地地图文件"
        raise EnvironmentFault(f"没有地图数据 {path.name}", remedy) from None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise EnvironmentFault(f"地图数据 {path.name} 读不出来（{fault!r}）", "请换上完好的地图文件") from fault


def _city(raw: dict[str, Any]) -> City:
    lon, lat = raw["centre"]
    plane = LocalPlane(lat=lat, lon=lon)
    west, south, east, north = raw["bounds"]
    roads = tuple(_road(plane, each, each["class"]) for each in raw["roads"])
    return City(
        name=raw["name"],
        origin=raw["name"].split("·")[0] + " · 合成数据",
        plane=plane,
        bounds=(*plane.to_metres(south, west), *plane.to_metres(north, east)),
        beats=tuple(_beat(plane, each) for each in raw["beats"]),
        urban=_area(plane, raw["urban_area"]),
        roads=roads,
        minor_roads=tuple(_road(plane, each, "minor") for each in raw["minor_roads"]),
        bridges=tuple(_road(plane, each, "bridge") for each in raw["bridges"]),
        river=_area(plane, raw["river"]),
        water=tuple(_area(plane, each) for each in raw["water"]),
        parks=tuple(_area(plane, each) for each in raw["parks"]),
    )


def _point(plane: LocalPlane, lon_lat: list[float]) -> Point:
    lon, lat = lon_lat
    return plane.to_metres(lat, lon)


def _line(plane: LocalPlane, points: list[list[float]]) -> Line:
    return tuple(_point(plane, point) for point in points)


def _area(plane: LocalPlane, raw: dict[str, Any]) -> Area:
    polygon = raw["polygon"]
    return Area(raw["name"], _line(plane, polygon), _point(plane, raw.get("label", polygon[0])))


def _beat(plane: LocalPlane, raw: dict[str, Any]) -> Beat:
    return Beat(raw["id"], raw["name"], _line(plane, raw["polygon"]), _point(plane, raw["label"]))


def _road(plane: LocalPlane, raw: dict[str, Any], grade: str) -> Road:
    return Road(raw["name"], grade, _line(plane, raw["line"]))
