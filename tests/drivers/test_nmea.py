"""GPS sentences: read as pynmea2 reads them, and nothing that fails its check is a position."""

from __future__ import annotations

import pynmea2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.protocols import codec_for
from drivers.protocols.nmea import CAP, sentence
from drivers.report import Report
from tests.drivers.strategies import cut, places

degrees = st.tuples(st.integers(0, 89), st.integers(0, 59), st.integers(0, 9999))


def rmc(lat: tuple[int, int, int], lon: tuple[int, int, int], sides: str, knots: float, course: float) -> bytes:
    north = f"{lat[0]:02}{lat[1]:02}.{lat[2]:04}"
    east = f"{lon[0]:03}{lon[1]:02}.{lon[2]:04}"
    words = f"GNRMC,120544.25,A,{north},{sides[0]},{east},{sides[1]},{knots:.2f},{course:.1f},221126,,,A"
    return sentence(words)


fixes = st.builds(
    rmc, degrees, degrees, st.sampled_from(("NE", "NW", "SE", "SW")), st.floats(0, 200), st.floats(0, 359)
)
GOOD = sentence("GPGGA,120544.00,3207.8000,N,11503.0000,E,1,08,0.9,65.4,M,0,M,,")


def decode(*parts: bytes, lenient: bool = False) -> list[Report]:
    codec = codec_for("nmea", {"lenient": "1", "account": "7"} if lenient else {"account": "7"})
    return [report for part in parts for report in codec.feed(part)]


@given(fixes)
def test_that_a_foreign_reader_finds_the_same_position(data: bytes) -> None:
    (report,) = decode(data)
    ours, theirs = dict(report.more or {}), pynmea2.parse(data.decode().strip())
    assert (report.type, ours["fix"], report.account) == ("position", True, "7")
    assert ours["lat"] == pytest.approx(theirs.latitude, abs=1e-6)
    assert ours["lon"] == pytest.approx(theirs.longitude, abs=1e-6)
    assert ours["speed_kmh"] == pytest.approx(theirs.spd_over_grnd * 1.852, abs=0.001)
    assert ours["heading_deg"] == theirs.true_course
    assert report.device_time == "2026-11-22T12:05:44.250+00:00"


@given(fixes, st.integers(0, 200), st.integers(1, 255))
def test_that_one_wrong_byte_is_never_another_position(data: bytes, place: int, flip: int) -> None:
    spoilt = bytearray(data)
    spoilt[place % (len(spoilt) - 2)] ^= flip
    before = decode(data)[0].more
    # A check digit may be written in either case; all else changes what the check stands for.
    for report in decode(bytes(spoilt)):
        assert report.type != "position" or report.more == before


@given(st.lists(st.one_of(fixes, st.binary(max_size=40), st.just(GOOD)), max_size=6), places)
def test_that_any_split_of_the_stream_gives_the_same_reports(parts: list[bytes], where: list[int]) -> None:
    stream = b"".join(parts)
    assert decode(*cut(stream, where)) == decode(stream)


@given(st.binary(max_size=300))
def test_that_noise_in_front_does_not_cost_the_sentence_nor_grow_the_buffer(noise: bytes) -> None:
    codec = codec_for("nmea")
    codec.feed(noise)
    assert codec.pending < CAP
    assert codec.feed(GOOD)[-1].raw == GOOD.strip()


def test_that_a_receiver_without_a_fix_says_so() -> None:
    reports = decode(sentence("GPRMC,,V,,,,,,,,,,N"), sentence("GPGGA,,,,,,0,,,,M,,M,,"))
    assert [(report.type, dict(report.more or {})["fix"]) for report in reports] == [("position", False)] * 2
    assert reports[0].device_time is None


@pytest.mark.parametrize(
    "words",
    [
        "GPRMC,120544,A,9907.8,N,11503.0,E,0,0,221126,,,A", "GPRMC,120544,A,3299.8,N,11503.0,E,0,0,221126,,,A",
        "GPRMC,250000,A,3207.8,N,11503.0,E,0,0,221126,,,A", "GPGGA,1,2",
        "GPRMC,120544,A,3207.8,Q,11503.0,E,0,0,221126,,,A",
    ],
)  # fmt: skip
def test_that_fields_that_cannot_be_are_garbage(words: str) -> None:
    assert [report.type for report in decode(sentence(words))] == ["garbage"]


def test_that_a_sentence_without_its_check_is_read_on_a_lenient_line_only() -> None:
    bare = GOOD.partition(b"*")[0] + b"\r\n"
    assert [report.type for report in decode(bare)] == ["garbage"]
    assert [report.type for report in decode(bare, lenient=True)] == ["position"]
