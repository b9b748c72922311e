"""A place is found by its crossing roads in either order, in the register, and by what callers said before."""

from datetime import timedelta

import pytest

from console.domain.clock import ManualClock
from console.domain.facts import IncidentOpened, SiteRegistered
from console.domain.incident import Incident
from console.domain.site import Site
from console.services.desk import Desk
from console.services.place_search import KnownPlaces
from console.services.places import Places, load
from tests.support import EVENING, make_desk, tell

GARAGE = "阿福汽修厂"


@pytest.fixture(scope="module")
def city() -> Places:
    return load()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    return make_desk(clock)


def incident(desk: Desk, number: str, place: str, *, hours: float = 0, confidential: bool = False) -> None:
    at = desk.clock() - timedelta(hours=hours)
    record = Incident(
        number=number, place=place, lat=24.51, lon=117.65, beat="05", created_at=at, confidential=confidential
    )
    tell(desk, IncidentOpened(incident=number, record=record))


@pytest.mark.parametrize("typed", ["钟法路新华北路口", "zflxhbl", "zf xh", "新华 钟法", "新华北路/钟法路"])
def test_that_a_crossing_is_found_by_its_roads_in_either_order(city: Places, typed: str) -> None:
    assert city(typed)[0].name == "新华北路·钟法路口"


def test_that_one_road_alone_is_not_taken_for_a_crossing(city: Places) -> None:
    assert city("zf zf") == []


def test_that_a_gate_or_stop_stands_for_the_place_it_belongs_to(city: Places) -> None:
    school = city.named("漳州市实验小学")
    assert school is not None
    gate = city("实验小学校门口")[0]
    assert gate.name == "漳州市实验小学 校门口"
    assert (gate.lat, gate.lon) == (school.lat, school.lon)
    assert city.named(gate.name) == gate


def test_that_a_detail_does_not_turn_a_road_into_a_spot(city: Places) -> None:
    assert city.named("新华北路对面") is None


def test_that_a_site_of_the_register_is_found_with_its_spots(desk: Desk, city: Places) -> None:
    site = Site(id="S9", name="悦来便利店", kind="shop", lat=24.52, lon=117.66, beat="03", zones={"001": "收银台"})
    tell(desk, SiteRegistered(site=site))
    known = KnownPlaces(city, desk)
    assert [place.name for place in known("yllbl")] == []
    assert [place.name for place in known("ylbld")] == ["悦来便利店", "悦来便利店 收银台"]
    found = known.named("悦来便利店 门口")
    assert found is not None
    assert (found.lat, found.beat) == (24.52, "03")


def test_that_a_vehicle_is_no_place(desk: Desk, city: Places) -> None:
    tell(desk, SiteRegistered(site=Site(id="B1", name="九路公交 0001", lat=24.5, lon=117.6, moving=True)))
    assert KnownPlaces(city, desk)("九路") == []


def test_that_the_place_of_a_recent_incident_is_offered_for_a_day(desk: Desk, city: Places, clock: ManualClock) -> None:
    incident(desk, "ZZ20261121-0001", GARAGE, hours=1)
    incident(desk, "ZZ20261121-0002", "旧仓库", hours=25)
    known = KnownPlaces(city, desk)
    found = known("afqx")[0]
    assert (found.name, found.lat, found.address) == (GARAGE, 24.51, "近期警情 0001")
    assert known("旧仓库") == []


def test_that_the_place_of_a_hidden_incident_is_not_offered(desk: Desk, city: Places) -> None:
    incident(desk, "ZZ20261121-0003", GARAGE, confidential=True)
    desk.roles = ("calltaker",)
    assert KnownPlaces(city, desk)(GARAGE) == []


def test_that_a_later_incident_is_known_after_a_few_seconds(desk: Desk, city: Places, clock: ManualClock) -> None:
    known = KnownPlaces(city, desk)
    assert known(GARAGE) == []
    incident(desk, "ZZ20261121-0004", GARAGE)
    clock.advance(6)
    assert known(GARAGE)[0].name == GARAGE
