"""The local plane and the city file: metres that agree with the great circle, and clear words for a bad file."""

import json
from pathlib import Path

import pytest

from console.domain.errors import EnvironmentFault
from console.domain.recommend import distance_m
from console.geo.city import load_city
from console.geo.projection import LocalPlane
from resources import ROOT

CITY = ROOT / "map" / "demo_city.json"
PLANE = LocalPlane(lat=24.513321, lon=117.655932)


def test_that_north_is_up_and_east_is_right() -> None:
    x, y = PLANE.to_metres(24.523321, 117.665932)
    assert x == pytest.approx(1011.8, abs=1)
    assert y == pytest.approx(1111.9, abs=1)


@pytest.mark.parametrize(("lat", "lon"), [(24.60, 117.75), (24.42, 117.55), (24.513321, 117.70), (24.55, 117.655932)])
def test_that_metres_on_the_plane_agree_with_the_great_circle(lat: float, lon: float) -> None:
    x, y = PLANE.to_metres(lat, lon)
    assert (x * x + y * y) ** 0.5 == pytest.approx(distance_m(PLANE.lat, PLANE.lon, lat, lon), rel=1e-3)


def test_that_a_position_comes_back_unchanged() -> None:
    assert PLANE.to_degrees(*PLANE.to_metres(24.5301, 117.6012)) == pytest.approx((24.5301, 117.6012), abs=1e-9)


def test_that_the_demo_city_has_its_twelve_beats_inside_its_bounds() -> None:
    city = load_city(CITY)
    west, south, east, north = city.bounds
    assert [beat.id for beat in city.beats] == [f"{n:02}" for n in range(1, 13)]
    for beat in city.beats:
        assert west < beat.label[0] < east
        assert south < beat.label[1] < north
    assert city.urban.polygon
    assert all(road.name and len(road.line) > 1 for road in city.roads)
    assert "合成数据" in city.origin


def test_that_a_missing_city_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="没有地图数据 gone"):
        load_city(tmp_path / "gone.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"datum": "WGS-84", "centre": [1]}'])
def test_that_a_broken_city_file_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "city.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="读不出来"):
        load_city(file)


def test_that_a_city_in_another_datum_is_refused(tmp_path: Path) -> None:
    raw = json.loads(CITY.read_text(encoding="utf-8"))
    raw["datum"] = "GCJ-02"
    file = tmp_path / "city.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="GCJ-02"):
        load_city(file)
