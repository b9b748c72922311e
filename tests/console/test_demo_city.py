"""The shipped demo city: its beats tile, its streets join, its units and sites stand where their rows say."""

import json
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from resources import ROOT
from resources.map import make_demo_city
from resources.reference.demo import make_fleet
from tests.console.demo_files import DEMO, beats_round, city, ids, rows, winds_round

Point = tuple[float, float]
UNITS, SITES = rows("units.csv"), rows("sites.csv")
PHONES = ("keyholder_phone", "callback_phone", "guard_phone", "meu_phone")


def test_that_the_city_has_what_the_demo_promises() -> None:
    assert [beat["id"] for beat in city()["beats"]] == [f"{n:02}" for n in range(1, 13)]
    assert len({road["name"] for road in city()["roads"]}) >= 14
    assert len(city()["places"]) >= 120
    assert city()["datum"] == "WGS-84"
    assert "虚构" in city()["about"]
    assert any(place["name"] == "新华北路·钟法路口" and place["beat"] == "05" for place in city()["places"])


def test_that_beats_tile_the_area_without_gap_or_overlap() -> None:
    """Every inner side is walked once in each direction; what is left is one ring round the whole area."""
    sides: Counter[tuple[Point, Point]] = Counter()
    for beat in city()["beats"]:
        ring = [(lon, lat) for lon, lat in beat["polygon"]]
        sides.update(pairwise([*ring, ring[0]]))
    assert set(sides.values()) == {1}
    outer: dict[Point, Point] = dict(side for side in sides if side[::-1] not in sides)
    rim = [next(iter(outer))]
    while (after := outer[rim[-1]]) != rim[0]:
        rim.append(after)
    assert len(rim) == len(outer)
    west, south, east, north = city()["bounds"]
    for i in range(1, 40):
        lon, lat = west + (east - west) * i / 40, south + (north - south) * (i * 17 % 40 + 0.5) / 40
        assert len(beats_round(lon, lat)) == int(winds_round(lon, lat, [list(p) for p in rim]))


def test_that_the_urban_area_leaves_a_suburb() -> None:
    places = city()["places"]
    for place in places:
        assert place["urban"] == winds_round(place["lon"], place["lat"], city()["urban_area"]["polygon"]), place
    assert {place["beat"] for place in places if not place["urban"]} >= {"09", "12"}
    assert len({place["beat"] for place in places if place["urban"]}) >= 10


def test_that_every_street_can_be_driven_to_from_every_other() -> None:
    near = defaultdict(set)
    for road in [*city()["roads"], *city()["minor_roads"]]:
        for a, b in pairwise(map(tuple, road["line"])):
            near[a].add(b)
            near[b].add(a)
    reached, ahead = set(), [next(iter(near))]
    while ahead:
        at = ahead.pop()
        if at not in reached:
            reached.add(at)
            ahead += near[at]
    assert reached == set(near)


def test_that_only_bridges_cross_the_river() -> None:
    bridged = {bridge["road"] for bridge in city()["bridges"]}
    river = city()["river"]["polygon"]
    for road in [*city()["roads"], *city()["minor_roads"]]:
        wet = any(winds_round(lon, lat, river) for lon, lat in road["line"])
        assert wet == (road["name"] in bridged), road["name"]


@pytest.mark.requirement("Z2-08")
def test_that_fifteen_street_echelons_stand_ready() -> None:
    echelons = json.loads((DEMO / "echelons.json").read_text(encoding="utf-8"))["echelons"]
    assert len({row["id"] for row in echelons}) == 15
    assert {"处警巡逻", "机动增援", "便衣抓捕"} <= {row["type"] for row in echelons}
    kinds = {row["id"]: row["type"] for row in echelons}
    assert all(kinds[unit["echelon"]] == unit["type"] for unit in UNITS)
    # The people of the smallest emergency unit stand at the sites; every other echelon has a unit that moves.
    assert set(kinds) - {unit["echelon"] for unit in UNITS} == {"meu"}


@pytest.mark.requirement("Z2-30")
def test_that_thirty_one_units_move_drone_and_boat_among_them() -> None:
    assert len({unit["id"] for unit in UNITS}) == 31
    assert {"巡05", "机02", "便01", "交03"} <= {unit["id"] for unit in UNITS}
    assert {"无人机", "水上救援"} <= {unit["type"] for unit in UNITS}
    assert all(float(unit["speed_kmh"]) > 0 and int(unit["members"]) >= 2 for unit in UNITS)


@pytest.mark.parametrize("row", [*UNITS, *SITES], ids=lambda row: row["name"])
def test_that_a_unit_or_site_lies_in_the_beat_of_its_row(row: dict[str, str]) -> None:
    assert beats_round(float(row["lon"]), float(row["lat"])) == [row["beat"]]


def test_that_sites_are_of_every_kind() -> None:
    kinds = Counter(site["kind"] for site in SITES)
    assert len(SITES) >= 60
    assert kinds["bus"] >= 8
    assert all(kinds[kind] >= 4 for kind in ("school", "kindergarten", "bank", "bus_station", "hospital", "petrol"))
    assert all((site["moving"] == "1") == (site["kind"] == "bus") for site in SITES)


def test_that_each_account_is_one_a_panel_can_send_and_stands_once() -> None:
    accounts = [site["account"] for site in SITES]
    assert all(re.fullmatch("[0-9B-F]{4}", account) for account in accounts)  # Contact ID has no digit A
    assert len(set(accounts)) == len(accounts)
    school = next(site for site in SITES if site["account"] == "1234")
    assert school["name"] == "漳州市实验小学"
    assert "003=东门值班室" in school["zones"].split(";")


def test_that_the_urban_flag_of_a_site_is_what_the_polygon_says() -> None:
    polygon = city()["urban_area"]["polygon"]
    flags = [(site["urban"] == "1", winds_round(float(site["lon"]), float(site["lat"]), polygon)) for site in SITES]
    assert all(flag == truth for flag, truth in flags)
    assert {flag for flag, _ in flags} == {True, False}


def test_that_no_number_of_the_demo_can_be_dialled() -> None:
    numbers = [site[field] for site in SITES for field in PHONES]
    numbers += [site["keyholders"].rpartition(" ")[2] for site in SITES] + [unit["phone"] for unit in UNITS]
    assert all(number.startswith("例：000-") for number in numbers if number)


def test_that_every_site_has_somebody_beside_its_panel_and_every_school_is_tested_each_quarter() -> None:
    assert all(site["keyholders"] and site["meu_drill"] and site["hours"] and site["equipment"] for site in SITES)
    assert all(int(site["guards"]) > 0 for site in SITES if site["moving"] == "0")
    assert {site["test_days"] for site in SITES if site["kind"] == "school"} == {"90"}


def test_that_a_bank_is_called_back_at_its_security_office() -> None:
    assert {site["callback_name"] for site in SITES if site["kind"] == "bank"} == {"保卫部"}


def test_that_sites_link_to_agencies_that_exist() -> None:
    linked = {agency for site in SITES for agency in site["linkage"].split(";")}
    assert linked <= ids("agencies.json", "agencies", "id")


def test_that_a_bus_starts_on_the_road_it_runs_along() -> None:
    lines = {road["name"]: road["line"] for road in city()["roads"]}
    for bus in (site for site in SITES if site["moving"] == "1"):
        assert [float(bus["lon"]), float(bus["lat"])] in lines[bus["road"]]


def test_that_the_shipped_files_are_what_their_makers_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = (ROOT / "map" / "demo_city.json").read_text(encoding="utf-8")
    assert make_demo_city.as_text(make_demo_city.city()) == shipped
    monkeypatch.setattr(make_fleet, "HERE", tmp_path)
    make_fleet.main()
    for name in ("echelons.json", "units.csv", "sites.csv"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (DEMO / name).read_text(encoding="utf-8")
