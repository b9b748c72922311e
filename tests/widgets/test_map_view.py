"""The map's arithmetic: viewport, motion, rings, names and the placing of labels."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.recommend import straight_line
from console.domain.unit import Position, Unit
from console.geo.city import Road, load_city
from console.geo.projection import LocalPlane
from resources import ROOT
from widgets.map.basemap import borders
from widgets.map.motion import Freshness, Motion, freshness
from widgets.map.names import all_street_names, street_names
from widgets.map.placing import Placing, around, overlap
from widgets.map.rings import ring_radius_m, scale_bar
from widgets.map.viewport import COARSEST, FINEST, Viewport, fitted

VIEW = Viewport(100.0, 200.0, 4.0, 800, 600)
PLANE = LocalPlane(24.5, 117.65)
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
CITY = load_city(ROOT / "map" / "demo_city.json")
points = st.floats(-20_000, 20_000)
pixels = st.floats(0, 800)


def test_that_north_is_at_the_top_and_the_middle_in_the_middle() -> None:
    assert VIEW.to_screen(100, 200) == (400, 300)
    assert VIEW.to_screen(100, 600) == (400, 200)
    assert VIEW.to_screen(500, 200) == (500, 300)


@given(px=pixels, py=pixels)
def test_that_a_pixel_goes_to_metres_and_back(px: float, py: float) -> None:
    assert VIEW.to_screen(*VIEW.to_metres(px, py)) == pytest.approx((px, py), abs=1e-6)


@given(px=pixels, py=pixels, factor=st.floats(0.05, 20))
def test_that_what_is_under_the_cursor_stays_there_while_zooming(px: float, py: float, factor: float) -> None:
    zoomed = VIEW.zoomed(factor, px, py)
    assert zoomed.to_metres(px, py) == pytest.approx(VIEW.to_metres(px, py), abs=1e-6)
    assert FINEST <= zoomed.scale <= COARSEST


def test_that_the_ground_follows_the_hand() -> None:
    x, y = VIEW.to_metres(300, 300)
    assert VIEW.panned(50, -20).to_screen(x, y) == pytest.approx((350, 280))


@pytest.mark.parametrize(("width", "height"), [(600, 300), (915, 550), (2200, 900), (400, 900)])
def test_that_the_fitted_view_shows_the_town_and_wastes_little(width: int, height: int) -> None:
    bounds = (-4200.0, -3200.0, 4200.0, 3200.0)
    view = fitted(bounds, width, height)
    assert view.to_screen(0, 0) == (width / 2, height / 2)
    seen = min(width * view.scale / 8400, height * view.scale / 6400)
    assert 0.85 <= seen <= 1.01


def test_that_nobody_drags_the_town_out_of_sight() -> None:
    far = VIEW.panned(100_000, 100_000).kept_near((-1000, -1000, 1000, 1000))
    assert (far.x, far.y) == (-1000, 1000)


def seen(seconds: float, lat: float, lon: float = 117.65) -> Position:
    return Position(unit="巡05", lat=lat, lon=lon, at=NOON + timedelta(seconds=seconds))


def test_that_a_symbol_slides_to_its_new_fix_within_a_second() -> None:
    motion = Motion(PLANE)
    motion.move(seen(0, 24.5), now=10.0)
    motion.move(seen(1, 24.501), now=11.0)
    north = [place[1] for now in (11.0, 11.5, 12.0, 20.0) if (place := motion.where("巡05", now))]
    assert north == pytest.approx([0, 55.6, 111.2, 111.2], abs=0.1)
    assert motion.anything_moves(11.5)
    assert not motion.anything_moves(12.0)


def test_that_a_jump_nobody_could_drive_is_shown_at_once() -> None:
    motion = Motion(PLANE)
    motion.move(seen(0, 24.5), now=10.0)
    motion.move(seen(1, 24.51), now=11.0)
    place = motion.where("巡05", 11.0)
    assert place is not None
    assert place[1] == pytest.approx(1112, abs=1)


def test_that_a_unit_never_seen_has_no_place_and_no_age() -> None:
    motion = Motion(PLANE)
    assert motion.where("巡05", 0) is None
    assert motion.age_s("巡05", NOON) is None


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(0, Freshness.FRESH), (60, Freshness.FRESH), (61, Freshness.STALE), (121, Freshness.LOST), (None, Freshness.LOST)],
)
def test_that_a_fix_is_stale_after_60_s_and_lost_after_120_s(age: float | None, fresh: Freshness) -> None:
    assert freshness(age) is fresh


@pytest.mark.parametrize("minutes", [1, 3, 5])
def test_that_a_unit_on_a_ring_needs_just_the_rings_time(minutes: int) -> None:
    unit = Unit(id="巡05", status_since=NOON, speed_kmh=45)
    radius = ring_radius_m(minutes, unit.speed_kmh)
    lat, lon = PLANE.to_degrees(radius, 0)
    way = straight_line(unit, replace(seen(0, lat), lon=lon), PLANE.lat, PLANE.lon)
    assert way.time_s == pytest.approx(minutes * 60, rel=2e-3)


@pytest.mark.parametrize("scale", [0.4, 1.3, 4.0, 9.2, 27.0, 60.0])
def test_that_the_scale_bar_is_a_round_length_of_a_good_size(scale: float) -> None:
    metres, width = scale_bar(scale)
    assert str(metres).rstrip("0") in ("1", "2", "5")
    assert width == pytest.approx(metres / scale)
    assert 45 <= width <= 120


@given(seed=st.integers(0, 10_000))
def test_that_placed_labels_never_overlap_each_other_or_a_symbol(seed: int) -> None:
    rnd = random.Random(seed)
    placing = Placing(400, 300)
    marks = [(rnd.uniform(0, 400), rnd.uniform(0, 300)) for _ in range(60)]
    blocked = [(x - 8, y - 8, x + 8, y + 8) for x, y in marks]
    for symbol in blocked:
        placing.block(symbol)
    placed = [box for x, y in marks if (box := placing.place(around(x, y, 8, rnd.uniform(20, 90), 14)))]
    for n, box in enumerate(placed):
        assert not any(overlap(box, other) for other in (*placed[:n], *blocked))
        assert 0 <= box[0] <= box[2] <= 400
        assert 0 <= box[1] <= box[3] <= 300


def test_that_the_first_asked_gets_the_place() -> None:
    placing = Placing(400, 300)
    wanted = (10.0, 10.0, 60.0, 24.0)
    assert placing.place([wanted]) == wanted
    assert placing.place([wanted]) is None


def test_that_a_label_goes_where_no_other_mark_is_nearer() -> None:
    placing = Placing(400, 300)
    own, other = (200.0, 150.0, 10.0), (232.0, 150.0, 10.0)
    for mark in (own, other):
        placing.mark(mark)
    right, below = (213.0, 143.0, 220.0, 157.0), (170.0, 163.0, 230.0, 177.0)
    assert placing.belongs(below, own)
    assert not placing.belongs((214.0, 163.0, 274.0, 177.0), own)
    assert placing.place([right, below], other) == right
    assert placing.place([right, below], own) == below


def test_that_a_label_in_need_may_cover_what_is_soft_and_nothing_else() -> None:
    placing = Placing(400, 300)
    soft, hard = (10.0, 10.0, 30.0, 30.0), (110.0, 10.0, 130.0, 30.0)
    placing.block(soft, soft=True)
    placing.block(hard)
    choices = [(100.0, 15.0, 160.0, 25.0), (5.0, 15.0, 60.0, 25.0)]
    assert placing.place(choices) is None
    assert placing.place(choices, over_soft=True) == choices[1]
    assert placing.place(choices, over_soft=True) is None


@given(
    places=st.lists(st.tuples(st.floats(-4000, 4000), st.floats(-3000, 3000)), min_size=1, max_size=5),
    middle=st.tuples(points, points),
)
def test_that_showing_brings_all_points_inside_and_moves_nothing_in_vain(
    places: list[tuple[float, float]], middle: tuple[float, float]
) -> None:
    start = VIEW.centred(*middle)
    view = start.showing(places, 50)
    for x, y in places:
        assert view.shows(x, y, 49.9)
    assert view.scale >= start.scale
    if all(start.shows(x, y, 50) for x, y in places):
        assert (view.x, view.y, view.scale) == pytest.approx((start.x, start.y, start.scale), abs=1e-6)
    assert view.showing([], 50) is view


def test_that_a_shared_border_is_drawn_once() -> None:
    left = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    right = ((1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0))
    runs = borders([left, right])
    edges = [frozenset(edge) for run in runs for edge in pairwise(run)]
    assert len(edges) == len(set(edges)) == 7


def test_that_a_street_shorter_than_its_name_stays_unnamed() -> None:
    road = Road("元光南路", "main", ((0.0, 0.0), (200.0, 0.0)))
    assert street_names(road, 10.0, 48.0) == []
    assert [name.text for name in street_names(road, 2.0, 48.0)] == ["元光南路"]


def test_that_a_name_runs_with_its_street_and_never_upside_down() -> None:
    west = Road("胜利路", "main", ((1000.0, 0.0), (0.0, 300.0)))
    (name,) = street_names(west, 3.0, 40.0)
    assert (name.x, name.y) == pytest.approx((500, 150))
    assert name.angle == pytest.approx(math.degrees(math.atan2(300, 1000)))
    assert not name.steep
    north = Road("新华南路", "main", ((0.0, 0.0), (20.0, 1000.0)))
    assert street_names(north, 2.0, 40.0)[0].steep


@pytest.mark.parametrize("scale", [1.0, 4.0, 9.0])
def test_that_every_name_of_the_city_stands_upright(scale: float) -> None:
    names = all_street_names(CITY, scale, 12.0)
    assert names
    assert all(-90 < name.angle <= 90 for name in names)
