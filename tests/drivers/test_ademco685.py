"""Records between LF and CR: Ademco 685 and Congwin FE100, what they must stand and how they are answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import event
from drivers.panel import Press
from drivers.protocols import codec_for, protocol_row
from drivers.protocols.ademco685_frames import CAP
from drivers.report import Report
from tests.drivers.strategies import DIGITS, codes, cut, places, text

presses = st.builds(
    lambda zone, code, qualifier, part: Press(zone=zone, event=code, qualifier=qualifier, partition=part),
    text(DIGITS, 3), codes.filter(lambda code: code[0] in "123456789"),
    st.sampled_from(("new", "restore")), text(DIGITS, 2),
)  # fmt: skip
protocols = st.sampled_from(("ademco685", "fe100"))


def frame(protocol: str, press: Press) -> bytes:
    panel = protocol_row(protocol).panel
    assert panel is not None
    return panel("1234", {}).signal(press)


def decode(protocol: str, *parts: bytes) -> list[Report]:
    codec = codec_for(protocol)
    return [report for part in parts for report in codec.feed(part)]


@given(protocols, presses)
def test_that_what_a_panel_sends_is_read(protocol: str, press: Press) -> None:
    (report,) = decode(protocol, frame(protocol, press))
    assert report.type == "signal"
    assert (report.account or "").lstrip("0") == "1234"
    found = (report.zone, report.event_code, report.qualifier, report.partition, report.zone_is_user)
    assert found == (press.zone, press.event, press.qualifier, press.partition, False)
    assert report.ack == (b"\x06" if protocol == "ademco685" else b"")


@given(protocols, st.lists(st.one_of(presses, st.binary(max_size=30)), max_size=6), places)
def test_that_any_split_of_the_stream_gives_the_same_reports(
    protocol: str, parts: list[Press | bytes], where: list[int]
) -> None:
    stream = b"".join(frame(protocol, part) if isinstance(part, Press) else part for part in parts)
    assert decode(protocol, *cut(stream, where)) == decode(protocol, stream)


@given(protocols, presses, st.integers(0, 100), st.integers(1, 255))
def test_that_a_flipped_byte_never_raises_and_the_next_record_is_read(
    protocol: str, press: Press, place: int, flip: int
) -> None:
    good = frame(protocol, press)
    spoilt = bytearray(good)
    spoilt[place % len(spoilt)] ^= flip
    assert decode(protocol, bytes(spoilt), good)[-1].raw == good


@given(protocols, presses, st.binary(max_size=40))
def test_that_noise_in_front_does_not_cost_the_record(protocol: str, press: Press, noise: bytes) -> None:
    good = frame(protocol, press)
    assert decode(protocol, noise, good)[-1].raw == good


@given(protocols, st.lists(st.binary(max_size=1000), max_size=4))
def test_that_junk_never_grows_the_buffer(protocol: str, chunks: list[bytes]) -> None:
    codec = codec_for(protocol)
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending < CAP


def test_that_half_a_record_and_silence_do_not_spoil_the_next() -> None:
    good = frame("ademco685", Press())
    codec = codec_for("ademco685")
    codec.feed(good[:9])
    assert [(report.type, report.ack) for report in codec.expire()] == [("garbage", b"")]
    assert codec.feed(good)[0].type == "signal"


def test_that_a_parity_error_is_asked_for_again_and_an_unknown_record_is_not() -> None:
    good = frame("ademco685", Press())
    spoilt = good[:8] + bytes((good[8] | 0x80,)) + good[9:]
    reports = decode("ademco685", spoilt, b"\n99 ??\r")
    assert [(report.type, report.ack) for report in reports] == [("garbage", b"\x15"), ("garbage", b"\x06")]


def test_that_an_offline_panel_of_the_fe100_family_is_a_trouble_and_no_alarm() -> None:
    assert [event(code).event_class for code in ("3B2", "3B0")] == ["trouble", "note"]


@pytest.mark.parametrize(("protocol", "account"), [("ademco685", "12345"), ("fe100", "123456789")])
def test_that_a_panel_refuses_an_account_its_records_cannot_carry(protocol: str, account: str) -> None:
    panel = protocol_row(protocol).panel
    assert panel is not None
    with pytest.raises(ValueError, match="hex digits"):
        panel(account, {})
