"""The strip about a caller finds by its index what going through every incident would find."""

import random

from console.domain.clock import ManualClock
from console.domain.facts import IncidentEdited, IncidentOpened, SiteRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.recommend import distance_m
from console.domain.site import Site
from console.services.caller_strip import RADIUS_M, CallerIndex
from console.services.desk import Desk
from tests.support import EVENING, make_desk, tell

NUMBER = "13812345678"
HERE = (24.51, 117.65)


def opened(desk: Desk, number: int, **fields: object) -> Incident:
    known = {"kind": "050301", "created_at": desk.clock(), "state": IncidentState.INTAKE, **fields}
    record = Incident(number=f"ZZ20261121-{number:04}", **known)  # type: ignore[arg-type]
    tell(desk, IncidentOpened(incident=record.number, record=record))
    return record


def test_that_same_number_same_place_and_near_by_are_found_open_ones_first() -> None:
    desk = make_desk(ManualClock(EVENING))
    index = CallerIndex(desk.picture)
    opened(desk, 1, phone="+86 138 1234 5678", state=IncidentState.CLOSED)
    opened(desk, 2, phone=NUMBER)
    opened(desk, 3, place="钟法路 12 号")
    opened(desk, 4, lat=HERE[0] + 0.002, lon=HERE[1])
    opened(desk, 5, lat=HERE[0] + 0.003, lon=HERE[1])
    facts = index.facts(number=NUMBER, place=" 钟法路 12 号", at=HERE, now=EVENING)
    told = [(row.incident.number[-4:], row.why) for row in facts.beside]
    assert told == [("0002", "number"), ("0003", "place"), ("0004", "near"), ("0001", "number")]
    assert facts.beside[2].metres is not None
    assert 200 < facts.beside[2].metres < 240
    assert (facts.today, facts.open_near) == (2, 2)
    hidden = index.facts(number=NUMBER, now=EVENING, beyond="ZZ20261121-0002", hidden=lambda row: not row.open)
    assert hidden.beside == ()


def test_that_what_moved_or_was_corrected_is_found_where_it_is_now() -> None:
    desk = make_desk(ManualClock(EVENING))
    record = opened(desk, 1, phone=NUMBER, place="旧址")
    index = CallerIndex(desk.picture)
    new, old = {"phone": "13900000000", "place": "新址"}, {"phone": NUMBER, "place": "旧址"}
    tell(desk, IncidentEdited(incident=record.number, new=new, old=old))
    assert index.facts(number=NUMBER, place="旧址", now=EVENING).beside == ()
    assert len(index.facts(number="13900000000", now=EVENING).beside) == 1
    index.close()


def test_that_the_squares_find_whatever_is_within_the_radius() -> None:
    desk, draw = make_desk(ManualClock(EVENING)), random.Random(5)
    rows = [
        opened(desk, n, lat=HERE[0] + draw.uniform(-0.02, 0.02), lon=HERE[1] + draw.uniform(-0.02, 0.02))
        for n in range(1, 200)
    ]
    index = CallerIndex(desk.picture)
    for _ in range(50):
        at = HERE[0] + draw.uniform(-0.02, 0.02), HERE[1] + draw.uniform(-0.02, 0.02)
        near = [row for row in rows if distance_m(*at, row.lat or 0, row.lon or 0) <= RADIUS_M]
        assert index.facts(number="", at=at, now=EVENING).open_near == len(near)


def test_that_a_number_is_known_as_the_telephone_of_a_site_that_was_put_on_file_later() -> None:
    desk = make_desk(ManualClock(EVENING))
    index = CallerIndex(desk.picture)
    assert index.facts(number=NUMBER, now=EVENING).sites == ()
    site = Site(id="S1", name="实验小学", guard_phone="138-1234-5678", keyholders=("王老师 13911112222",))
    tell(desk, SiteRegistered(site=site))
    assert [(row.name, role) for row, role in index.facts(number=NUMBER, now=EVENING).sites] == [("实验小学", "保安")]
    ((_, role),) = index.facts(number="13911112222", now=EVENING).sites
    assert role == "联系人 王老师"
