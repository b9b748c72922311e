"""What any Sur-Gard stream must stand: splits, flips, noise, floods, glue."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.protocols.surgard import CAP, SurGardCodec
from drivers.protocols.surgard_panel import ACK, NAK, heartbeat_frame, signal_frame
from drivers.report import Report
from tests.drivers.strategies import (
    cut,
    heartbeats,
    places,
    surgard_fields,
    surgard_lines,
    surgard_noise,
    surgard_string,
)  # fmt: skip

GOOD = signal_frame("4321", zone="009")


def decode(*parts: bytes, lenient: bool = False) -> list[Report]:
    codec = SurGardCodec(lenient=lenient)
    return [report for part in parts for report in codec.feed(part)]


@given(surgard_fields)
def test_that_what_was_encoded_is_decoded(fields: dict[str, str]) -> None:
    (report,) = decode(surgard_string(fields) + b"\x14")
    assert {name: getattr(report, name) for name in fields} == fields
    assert (report.type, report.ack, report.glued) == ("signal", ACK, False)


@given(st.lists(st.one_of(surgard_lines, heartbeats, surgard_noise), max_size=8), places, st.booleans())
def test_that_any_split_of_the_stream_gives_the_same_reports(
    parts: list[bytes], where: list[int], lenient: bool
) -> None:
    stream = b"".join(parts)
    assert decode(*cut(stream, where), lenient=lenient) == decode(stream, lenient=lenient)


@pytest.mark.parametrize("length", [CAP - 1, CAP, CAP + 1, CAP + 40, 3 * CAP])
def test_that_any_split_of_an_overlong_stream_gives_the_same_reports(length: int) -> None:
    stream = b"~" * length + GOOD + b"z" * length + b"\x14" + GOOD
    whole = decode(stream)
    assert decode(*(bytes([byte]) for byte in stream)) == whole
    assert decode(stream[:length], stream[length:]) == whole
    assert [report.raw for report in whole if report.type == "signal"] == [GOOD, GOOD]


@given(surgard_lines, st.integers(0, 1000), st.integers(1, 255))
def test_that_a_flipped_byte_never_raises_and_the_frame_after_next_is_decoded(
    frame: bytes, place: int, flip: int
) -> None:
    place %= len(frame)
    spoilt = frame[:place] + bytes([frame[place] ^ flip]) + frame[place + 1 :]
    reports = decode(spoilt, b"\x14", GOOD)
    assert reports[-1].raw == GOOD
    assert reports[-1].type == "signal"


@given(surgard_lines, st.integers(0, 1000))
def test_that_a_parity_error_inside_a_frame_gives_only_garbage_and_a_refusal(frame: bytes, place: int) -> None:
    body = frame.rstrip(b"\x14\r\n")
    place = 1 + place % (len(body) - 1)
    spoilt = body[:place] + bytes([body[place] | 0x80]) + body[place + 1 :]
    assert [(report.type, report.ack) for report in decode(spoilt + b"\x14")] == [("garbage", NAK)]


@given(surgard_lines, st.integers(0, 1000))
def test_that_a_lenient_line_masks_the_parity_bit_and_keeps_the_bytes_as_they_came(frame: bytes, place: int) -> None:
    body = frame.rstrip(b"\x14\r\n")
    place %= len(body)
    spoilt = body[:place] + bytes([body[place] | 0x80]) + body[place + 1 :] + b"\x14"
    (report,) = decode(spoilt, lenient=True)
    assert (report.type, report.raw) == ("signal", spoilt)


def with_parity(data: bytes) -> bytes:
    """The bytes of a 7E1 line as an 8N1 port reads them."""
    return bytes(byte | (0x80 if byte.bit_count() % 2 else 0) for byte in data)


@given(surgard_fields)
def test_that_a_7e1_line_read_as_8n1_is_masked_and_the_bytes_are_kept_as_they_came(fields: dict[str, str]) -> None:
    frame = with_parity(surgard_string(fields)) + b"\x14"
    (report,) = decode(frame)
    assert {name: getattr(report, name) for name in fields} == fields
    assert (report.type, report.raw, report.ack) == ("signal", frame, ACK)


@given(surgard_fields, st.integers(0, 1000), st.integers(0, 7))
def test_that_one_false_bit_on_a_7e1_line_gives_no_signal(fields: dict[str, str], place: int, bit: int) -> None:
    frame = with_parity(surgard_string(fields))
    place = 1 + place % (len(frame) - 1)
    spoilt = frame[:place] + bytes([frame[place] ^ 1 << bit]) + frame[place + 1 :] + b"\x14"
    assert {report.type for report in decode(spoilt)} <= {"garbage"}


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ("1555 5555 5", [("1", "new")]),
        ("5551 5553 0", [("4", "new"), ("8", "restore"), ("9", "new")]),
        ("6245 5555 5", [("1", "status"), ("2", "new"), ("3", "restore")]),
        ("5555 5555 5", []),
    ],
)
def test_that_each_channel_of_a_high_speed_string_is_a_signal_and_the_string_is_answered_once(
    states: str, told: list[tuple[str, str]]
) -> None:
    reports = decode(b"8011 1234 " + states.encode() + b"\x14")
    assert [(report.zone, report.qualifier) for report in reports if report.type == "signal"] == told
    assert b"".join(report.ack for report in reports) == ACK


@settings(max_examples=25)
@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=8))
def test_that_junk_never_grows_the_buffer_past_its_cap(chunks: list[bytes]) -> None:
    codec = SurGardCodec()
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= CAP


# 5 could be read as the head of the frame, and so could a 5 with a parity error.
@given(surgard_noise.filter(lambda noise: not set(noise) & set(b"\x14\r\n5\xb5") and bool(noise.strip(b"\x00 "))))
def test_that_noise_right_before_a_good_frame_does_not_cost_the_alarm(noise: bytes) -> None:
    reports = decode(noise + GOOD)
    assert [report.type for report in reports] == ["garbage", "signal"]
    assert [report.ack for report in reports] == [b"", ACK]
    assert reports[1].raw == GOOD


def test_that_4_kib_of_noise_without_an_end_do_not_cost_the_alarm_behind_them() -> None:
    for length in (4000, 4096, 4097, 5000, 9000):
        reports = decode(b"\xa5" * length + GOOD)
        assert [report.raw for report in reports if report.type == "signal"] == [GOOD]
        assert b"".join(report.raw for report in reports) == b"\xa5" * length + GOOD


@given(st.lists(surgard_fields, min_size=2, max_size=6))
def test_that_frames_glued_without_a_terminator_are_each_acknowledged(rows: list[dict[str, str]]) -> None:
    reports = decode(b"".join(surgard_string(fields) for fields in rows) + b"\x14")
    assert [report.account for report in reports] == [fields["account"] for fields in rows]
    assert all(report.ack == ACK for report in reports)
    strings = [surgard_string(fields) for fields in rows]
    assert [report.glued for report in reports] == [string in strings[:n] for n, string in enumerate(strings)]


def test_that_a_glued_copy_equals_its_first_by_frame_though_not_by_raw_bytes() -> None:
    first, last = decode(GOOD[:-1] + GOOD)
    assert first.raw != last.raw
    assert first.frame == last.frame == GOOD[:-1]


def test_that_a_frame_is_never_given_before_its_terminator() -> None:
    codec = SurGardCodec()
    assert codec.feed(GOOD[:-1]) == []
    assert codec.pending == len(GOOD) - 1
    assert len(codec.feed(b"\x14")) == 1
    assert codec.pending == 0


def test_that_a_frame_that_breaks_off_becomes_garbage_without_an_answer() -> None:
    codec = SurGardCodec()
    codec.feed(GOOD[:10])
    assert [(report.type, report.raw, report.ack) for report in codec.expire()] == [("garbage", GOOD[:10], b"")]
    assert codec.expire() == []
    assert [report.type for report in codec.feed(GOOD)] == ["signal"]


def test_that_reset_forgets_the_half_frame() -> None:
    codec = SurGardCodec()
    codec.feed(GOOD[:10])
    codec.reset()
    assert codec.pending == 0
    assert codec.feed(GOOD)[0].raw == GOOD


def test_that_a_heartbeat_is_no_signal() -> None:
    (report,) = decode(heartbeat_frame("07", "3"))
    assert (report.type, report.receiver, report.receiver_line, report.ack) == ("heartbeat", "07", "3", ACK)
    assert report.panic is None


@pytest.mark.parametrize(
    ("text", "code", "zone"),
    [
        ("NRP00/FA03/BA05", "FA", "03"),
        ("NOP01/FA03", "FA", "03"),
        ("NCL05/BA01", "BA", "01"),
        ("NRX/BA01", "BA", "01"),
        ("NBA05/FA03/PA01", "PA", "01"),
        ("NPR03/TX/BA01", "BA", "01"),
        ("NRP00/PR03", "PR", "03"),
        ("Nri1RP00MA03", "MA", "03"),
        ("NFA03BA05", "FA", "03"),
        ("NRP00|NFA03", "FA", "03"),
        ("NRP0000|AFA03", "RP", "0000"),
        ("NPA00123", "PA", "00123"),
        ("NPA 003", "PA", "003"),
        ('NPA003"front"', "PA", "003"),
        ("NPA00B1", "PA", "00B1"),
        ("NPAzone3", "PA", None),
        ("Nti10:31:05/ri12/BA05*'DOOR'NM", "BA", "05"),
        ("OBA01^front/door^", "BA", "01"),
        # What nobody can read hides neither what was read nor itself.
        ("N??/BA01", "BA", "01"),
        ("NRP00/??", None, None),
        ("N???", None, None),
        ("Nti12:30", None, None),
    ],
)
def test_that_of_the_events_in_a_bracket_the_gravest_is_told(text: str, code: str | None, zone: str | None) -> None:
    (report,) = decode(b"S011[#1234|" + text.encode() + b"]\x14")
    assert (report.type, report.ack, report.account) == ("signal", ACK, "1234")
    assert (report.sia_code, report.zone) == (code, zone)
    assert report.extended is not None
    assert report.extended["text"] == text


@given(st.text(alphabet="NOPARBFX019 /|\"^*'?zt", max_size=40))
def test_that_no_bracket_with_an_account_is_a_mere_message(text: str) -> None:
    (report,) = decode(b"S011[#1234|N" + text.encode() + b"]\x14")
    assert report.type == "signal"
