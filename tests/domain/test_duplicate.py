"""What speaks for and against two calls being one event; and how often that is right on a seeded day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.bench.duplicates import play, precision, recall
from console.bench.duplicates_day import day
from console.domain.duplicate import LIKELY, SHOWN, Match, Sketch, compare, named, pairs
from console.domain.incident import Incident, IncidentState
from console.services.duplicates import DuplicateIndex

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
FIRE = Sketch(
    number="ZZ20261121-0001",
    at=NOON,
    kind="0401",
    phone="13800000001",
    lat=24.5150,
    lon=117.6550,
    place=pairs("钟法路12号万科小区"),
    words=pairs("三楼着火了，冒黑烟"),
    named=named("三楼着火了，冒黑烟"),
)


def even(_: str) -> float:
    return 4.0


def points(**changes: object) -> float:
    second = replace(FIRE, number="", phone="13800000002", at=NOON + timedelta(minutes=3))
    return compare(replace(second, **changes), FIRE, even).points  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": 24.5250},
        {"at": NOON + timedelta(hours=3)},
        {"kind": "0803"},
        {"words": pairs("店家不给退款还骂人")},
        {"words": pairs("七楼着火了，冒黑烟"), "named": named("七楼着火了，冒黑烟")},
    ],
    ids=["elsewhere", "hours later", "another kind", "other words", "another floor"],
)
def test_that_what_differs_speaks_against_one_event(changes: dict[str, object]) -> None:
    assert points(**changes) < points()


def test_that_the_same_number_speaks_for_one_event() -> None:
    assert points(phone="13800000001") > points()


def test_that_each_match_says_why() -> None:
    second = replace(FIRE, at=NOON + timedelta(minutes=3), phone="13800000001")
    reasons = compare(second, FIRE, even).reasons
    assert "同一号码" in reasons
    assert any(reason.startswith("相距") for reason in reasons)
    assert "3分钟前" in reasons


def test_that_a_call_that_says_nothing_yet_matches_nothing() -> None:
    index = DuplicateIndex()
    index.put_sketch(FIRE)
    assert index.search(Sketch(at=NOON)) == ()


texts = st.text(alphabet="钟法新华路楼三七着火烟偷车小区号12白黑色", max_size=12)
sketches = st.builds(
    Sketch,
    number=st.integers(1, 40).map(lambda n: f"ZZ20261121-{n:04}"),
    at=st.integers(0, 2000).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    kind=st.sampled_from(["", "0401", "0402", "0803"]),
    phone=st.sampled_from(["", "13800000001", "13800000002"]),
    lat=st.sampled_from([None, 24.515, 24.516]),
    lon=st.just(117.655),
    place=texts.map(pairs),
    words=texts.map(pairs),
    named=texts.map(named),
)


@given(st.lists(sketches, max_size=25), sketches)
def test_that_the_index_shows_what_comparing_with_every_incident_shows(known: list[Sketch], new: Sketch) -> None:
    index = DuplicateIndex()
    for sketch in known:
        index.put_sketch(sketch)
    kept = {sketch.number: sketch for sketch in known}
    shown = index.search(new, shown=len(kept))
    near = [row for number, row in kept.items() if number != new.number and _can_be_found(new, row)]
    best = {m.number: m.points for m in _all(new, near, index)}
    assert {match.number: match.points for match in shown} == best


def _can_be_found(new: Sketch, row: Sketch) -> bool:
    """The index looks where people look: the number, near by, or a name with two pairs in common."""
    positioned = new.lat is not None and row.lat is not None
    by_number = bool(new.phone) and new.phone == row.phone
    return new.tells and (by_number or positioned or len(new.place & row.place) >= 2)


def _all(new: Sketch, rows: list[Sketch], index: DuplicateIndex) -> list[Match]:
    found = (compare(new, row, index.rarity) for row in rows if abs(new.at - row.at) <= timedelta(hours=24))
    return [match for match in found if match.points >= LIKELY]


def test_that_an_incident_that_was_merged_or_declared_invalid_is_found_no_more() -> None:
    incident = Incident(number="ZZ20261121-0001", kind="0401", place="钟法路12号", created_at=NOON)
    index = DuplicateIndex([incident])
    assert len(index) == 1
    index.put(replace(incident, state=IncidentState.MERGED))
    assert len(index) == 0


def test_that_repeated_calls_of_a_seeded_day_are_found_and_mostly_rightly() -> None:
    told, _, _ = play(day(3000, seed=7))
    assert recall(told) >= 95
    assert precision(told) >= 80
    assert max(len(row.shown) for row in told) == SHOWN
