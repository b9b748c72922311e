"""What any stream of a Modbus bus must stand: splits, flips, noise, glue, floods; beside pymodbus and crccheck."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from crccheck.crc import CrcModbus
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU

from drivers.protocols.modbus_rtu_frames import CAP, FrameCodec, crc16, frame
from drivers.report import Report
from tests.drivers.strategies import cut, places

GOOD = bytes.fromhex("01020000000879cc")
ANSWER = bytes.fromhex("01020120a050")

units = st.integers(0, 255)
numbers = st.integers(0, 0xFFFF)


def decode(*parts: bytes) -> list[Report]:
    codec = FrameCodec()
    return [report for part in parts for report in codec.feed(part)]


def messages(reports: list[Report]) -> list[bytes]:
    return [report.raw for report in reports if report.type == "message"]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """One frame of any function that boxes use, without its CRC."""
    head = bytes([draw(units)])
    kind = draw(st.sampled_from(("read", "bits", "words", "write", "coils", "registers", "exception")))
    if kind == "read":
        return head + struct.pack(">BHH", draw(st.integers(1, 4)), draw(numbers), draw(st.integers(1, 125)))
    if kind == "write":
        return head + struct.pack(">BHH", draw(st.sampled_from((5, 6))), draw(numbers), draw(numbers))
    if kind == "exception":
        return head + bytes([draw(st.sampled_from((1, 2, 3, 4, 5, 6, 15, 16))) | 0x80, draw(st.integers(1, 11))])
    size = draw(st.integers(1, 20)) * (2 if kind in ("words", "registers") else 1)
    data = draw(st.binary(min_size=size, max_size=size))
    if kind in ("bits", "words"):
        return head + bytes([draw(st.sampled_from((1, 2) if kind == "bits" else (3, 4))), size]) + data
    function, count = (15, size * 8) if kind == "coils" else (16, size // 2)
    return head + struct.pack(">BHHB", function, draw(numbers), count, size) + data


frames = st.builds(frame, bodies())
noise = st.binary(max_size=40)


@given(st.binary(max_size=300))
def test_that_our_crc_is_that_of_two_others(data: bytes) -> None:
    ours = crc16(data)
    assert ours == CrcModbus.calc(data)
    assert ours.to_bytes(2, "little") == FramerRTU.compute_CRC(data).to_bytes(2, "big")
    assert crc16(frame(data)) == 0


@given(frames)
def test_that_a_single_frame_is_read_whole_and_as_pymodbus_reads_it(data: bytes) -> None:
    (report,) = decode(data)
    assert (report.type, report.raw, report.ack) == ("message", data, b"")
    said: dict[str, Any] = dict(report.more or {})
    framer = FramerRTU(DecodePDU(said["direction"] == "request"))
    _used, pdu = framer.handleFrame(data, 0, 0)
    assert pdu is not None
    assert pdu.dev_id == said["unit"]
    assert pdu.function_code | (0x80 if pdu.exception_code else 0) == said["function"]
    if "exception" in said:
        assert pdu.exception_code == said["exception"]
    if "registers" in said:
        assert list(pdu.registers) == said["registers"]
    if "coils" in said:
        assert [int(bit) for bit in pdu.bits][: len(said["coils"])] == said["coils"]
    if "address" in said:
        assert pdu.address == said["address"]
    if "count" in said and said["direction"] == "request" and said["function"] < 5:
        assert pdu.count == said["count"]


@given(st.lists(st.one_of(frames, noise), max_size=8), places)
def test_that_any_split_of_the_stream_gives_the_same_reports(parts: list[bytes], where: list[int]) -> None:
    stream = b"".join(parts)
    assert decode(*cut(stream, where)) == decode(stream)
    assert decode(*(bytes([byte]) for byte in stream)) == decode(stream)


@given(st.lists(frames, min_size=1, max_size=6))
def test_that_glued_frames_are_each_read(parts: list[bytes]) -> None:
    assert messages(decode(b"".join(parts))) == parts


@given(frames, st.integers(0, 1000), st.integers(1, 255))
def test_that_a_flipped_byte_never_makes_another_message_and_the_next_frame_is_read(
    data: bytes, place: int, flip: int
) -> None:
    place %= len(data)
    spoilt = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
    codec = FrameCodec()
    reports = codec.feed(spoilt) + codec.feed(GOOD) + codec.expire()
    assert messages(reports) == [GOOD]
    assert b"".join(report.raw for report in reports) == spoilt + GOOD


@given(noise, frames, noise)
def test_that_garbage_before_and_after_costs_no_frame_and_no_byte_is_lost(
    before: bytes, data: bytes, after: bytes
) -> None:
    codec = FrameCodec()
    reports = codec.feed(before + data + after) + codec.expire()
    assert data in messages(reports)
    assert b"".join(report.raw for report in reports) == before + data + after


@settings(max_examples=25)
@given(st.lists(st.binary(min_size=1, max_size=1500), max_size=6))
def test_that_junk_never_grows_the_buffer_past_two_frames(chunks: list[bytes]) -> None:
    codec = FrameCodec()
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= 2 * CAP


@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b"\x01\x03\xfa", b"\x0f"])
def test_that_a_long_flood_is_told_in_pieces_and_a_frame_behind_it_is_read(filler: bytes) -> None:
    codec = FrameCodec()
    reports = codec.feed(filler * 2000 + GOOD) + codec.expire()
    assert messages(reports) == [GOOD]
    assert len(reports) < 2000


def test_that_a_frame_is_never_given_before_its_last_byte() -> None:
    codec = FrameCodec()
    assert codec.feed(GOOD[:-1]) == []
    assert codec.pending == len(GOOD) - 1
    assert [report.raw for report in codec.feed(GOOD[-1:])] == [GOOD]


def test_that_a_frame_that_breaks_off_is_garbage_and_reset_forgets_it() -> None:
    codec = FrameCodec()
    codec.feed(GOOD[:5])
    assert [(report.type, report.raw) for report in codec.expire()] == [("garbage", GOOD[:5])]
    codec.feed(GOOD[:5])
    codec.reset()
    assert codec.pending == 0
    assert messages(codec.feed(GOOD)) == [GOOD]


def test_that_right_behind_a_good_frame_a_long_one_is_awaited_though_its_data_look_like_a_short_one() -> None:
    inside = frame(bytes.fromhex("0110000000080f") + GOOD + bytes(7))
    assert messages(decode(GOOD + inside)) == [GOOD, inside]


def test_that_what_can_be_a_request_or_an_answer_is_told_by_what_was_asked() -> None:
    answer = frame(bytes.fromhex("020103000001"))
    (alone,) = decode(answer)
    assert (alone.more or {})["direction"] == "request"
    (_, paired) = decode(frame(bytes.fromhex("020100000012")) + answer)
    assert (paired.more or {})["direction"] == "response"
    assert len((paired.more or {})["coils"]) == 18  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("0107", {"direction": "request", "data": ""}),
        ("01076d", {"direction": "response", "data": "6d"}),
        ("0111", {"direction": "request"}),
        ("0116000400f20025", {"address": 4, "and_mask": 0xF2, "or_mask": 0x25}),
        (
            "011700030006000e00030600ff00ff00ff",
            {"address": 3, "count": 6, "write_address": 14, "registers": [255] * 3},
        ),
        ("01170c00fe0acd00010003000d00ff", {"registers": [0xFE, 0xACD, 1, 3, 0xD, 0xFF]}),
    ],
)
def test_that_rarer_functions_are_delimited_too(body: str, said: dict[str, object]) -> None:
    (report,) = decode(frame(bytes.fromhex(body)))
    shown = report.to_json()
    assert {name: shown.get(name) for name in said} == said
