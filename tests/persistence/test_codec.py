"""The codec: one text for one fact, and every earlier version readable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest

from console.domain.body import Body
from console.domain.facts import BODIES, IncidentEdited, NoteAdded, PriorityChanged, SignalReceived, UnitRegistered
from console.domain.site import Signal
from console.domain.unit import Unit, UnitStatus
from console.persistence.codec import decode, decode_value, encode
from tests.persistence.acts import NOON

SIGNAL = Signal(
    ingest_id="i1",
    line="A1",
    protocol="surgard",
    type="signal",
    raw_hex="0a",
    extended={"z": "末", "a": "首"},
    received_at=NOON + timedelta(milliseconds=125),
)


def test_that_the_text_is_canonical() -> None:
    text = encode(NoteAdded(incident="ZZ20261121-0001", text="喆 “引号”\n"))
    assert text == '{"incident":"ZZ20261121-0001","text":"喆 “引号”\\n"}'


def test_that_nested_names_are_sorted_and_times_are_utc_milliseconds() -> None:
    text = encode(SignalReceived(signal=SIGNAL))
    assert '"extended":{"a":"首","z":"末"}' in text
    assert '"received_at":"2026-11-21T04:00:00.125Z"' in text
    there = NOON.astimezone(timezone(timedelta(hours=8)))
    assert encode({"at": there}) == '{"at":"2026-11-21T04:00:00.000Z"}'


@pytest.mark.parametrize(
    "body",
    [
        SignalReceived(signal=SIGNAL),
        UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.PARKED, status_since=NOON, home_lat=30.5)),
        IncidentEdited(incident="x", new={"lat": 30.5, "urban": True, "place": "甲", "lon": None}, old={"place": "3"}),
    ],
)
def test_that_what_was_encoded_comes_back_equal(body: Body) -> None:
    assert decode(type(body).__name__, body.VERSION, encode(body)) == body


def test_that_a_scalar_keeps_its_kind() -> None:
    body = IncidentEdited(incident="x", new={"urban": True, "lat": 1.0, "place": "1"}, old={})
    back = decode("IncidentEdited", 1, encode(body))
    assert isinstance(back, IncidentEdited)
    assert [type(value) for value in back.new.values()] == [float, str, bool]


def test_that_a_level_changed_before_own_levels_were_told_apart_is_the_incidents_whole_level() -> None:
    old = '{"incident":"x","merged":true,"new":2,"old":3,"reason":""}'
    assert decode("PriorityChanged", 1, old) == PriorityChanged(incident="x", old=3, new=2, reason="", merged=True)


def test_that_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        encode({"at": datetime(2026, 1, 1)})


def test_that_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        encode({"what": object()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"lat": float("nan")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Body):
    """Version 1 had `where`; version 2 called it `place`; version 3 added `floor`."""

    VERSION: ClassVar[int] = 3
    place: str
    floor: int


def test_that_an_older_version_is_lifted_step_by_step() -> None:
    bodies: Mapping[str, type[Body]] = {"Moved": Moved}
    upgrades = {
        ("Moved", 1): lambda old: {"incident": old["incident"], "place": old["where"]},
        ("Moved", 2): lambda old: {**old, "floor": 1},
    }
    first = decode("Moved", 1, '{"incident":"x","where":"钟法路"}', bodies=bodies, upgrades=upgrades)
    second = decode("Moved", 2, '{"incident":"x","place":"钟法路"}', bodies=bodies, upgrades=upgrades)
    assert first == second == Moved(incident="x", place="钟法路", floor=1)


def test_that_a_newer_fact_asks_for_a_newer_program() -> None:
    with pytest.raises(ValueError, match="请升级本程序"):
        decode("NoteAdded", NoteAdded.VERSION + 1, "{}")
    with pytest.raises(ValueError, match="请升级本程序"):
        decode("Teleported", 1, "{}")


def test_that_every_fact_of_the_domain_can_be_read_back() -> None:
    for name, kind in BODIES.items():
        with pytest.raises(ValueError):
            decode(name, kind.VERSION, '"not an object"')


def test_that_an_entity_comes_back_equal() -> None:
    assert decode_value(Signal, encode(SIGNAL)) == SIGNAL
    assert decode_value(Signal, encode(SIGNAL)).received_at.astimezone(UTC) == SIGNAL.received_at
