"""What any Contact ID stream must stand, and what its event table promises."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.events import all_events, event
from drivers.panel import Press
from drivers.protocols.contact_id import BLOCK, ContactIdCodec, block, checksum, make_panel
from drivers.report import Report
from tests.drivers.strategies import KEYS, contact_id_blocks, cut, places, text

GOOD = block("4321", "120", "1", "02", "003")


def decode(*parts: bytes) -> list[Report]:
    codec = ContactIdCodec()
    return [report for part in parts for report in codec.feed(part)]


@given(contact_id_blocks)
def test_that_what_was_encoded_is_decoded(data: bytes) -> None:
    (report,) = decode(data)
    digits = data.decode()
    assert report.type == "signal"
    assert (report.account, report.event_code) == (digits[:4], digits[7:10])
    assert (report.partition, report.zone) == (digits[10:12], digits[12:15])


@pytest.mark.parametrize(
    ("digits", "check"), [("123418113101015", "8"), ("123418340103005", "F"), ("123418360701001", "D")]
)
def test_that_the_checksum_is_the_standards(digits: str, check: str) -> None:
    assert checksum(digits) == check


@given(st.lists(st.one_of(contact_id_blocks, st.binary(max_size=20), st.just(b"\r\n")), max_size=8), places)
def test_that_any_split_of_the_stream_gives_the_same_reports(parts: list[bytes], where: list[int]) -> None:
    stream = b"".join(parts)
    assert decode(*cut(stream, where)) == decode(stream)


@given(contact_id_blocks, st.integers(0, BLOCK - 1), text(KEYS, 1))
def test_that_one_wrong_digit_gives_only_garbage(data: bytes, place: int, digit: str) -> None:
    spoilt = data[:place] + digit.encode() + data[place + 1 :]
    # 0 counts ten and F fifteen: no two digits agree modulo 15, so one wrong digit is always found.
    assert [report.type for report in decode(spoilt)] == ["signal" if spoilt == data else "garbage"]


@given(contact_id_blocks, st.integers(0, BLOCK - 1), st.integers(1, 255))
def test_that_a_flipped_byte_never_raises_and_the_next_line_is_decoded(data: bytes, place: int, flip: int) -> None:
    spoilt = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
    reports = decode(spoilt, b"\r\n", GOOD)
    assert (reports[-1].type, reports[-1].raw) == ("signal", GOOD)


@given(contact_id_blocks, st.integers(1, BLOCK - 1), st.integers(0, 7))
def test_that_a_flipped_bit_does_not_cost_the_block_right_behind(data: bytes, place: int, bit: int) -> None:
    spoilt = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
    assert decode(spoilt, GOOD)[-1].raw == GOOD


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_that_junk_never_grows_the_buffer(chunks: list[bytes]) -> None:
    codec = ContactIdCodec()
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= 24


def test_that_half_a_block_and_silence_do_not_spoil_the_next() -> None:
    codec = ContactIdCodec()
    codec.feed(GOOD[:7])
    assert [(report.type, report.raw) for report in codec.expire()] == [("garbage", GOOD[:7])]
    assert codec.feed(GOOD)[0].type == "signal"


CLASSES = {
    "panic", "duress", "holdup", "medical", "fire", "burglary", "tamper", "gas", "water", "technical",
    "trouble", "openclose", "bypass", "test", "note", "unknown",
}  # fmt: skip
PANIC = ("120", "121", "122", "123", "124", "125", "126", "129")
TEST = ("601", "602", "603", "607", "608", "611", "612", "613", "614", "615", "616", "914")


def test_that_the_table_marks_panic_silent_and_test_codes_and_no_others() -> None:
    assert tuple(row.code for row in all_events() if row.panic) == PANIC
    assert tuple(row.code for row in all_events() if row.silent) == ("121", "122", "124", "125")
    assert tuple(row.code for row in all_events() if row.test) == TEST
    assert not [row.code for row in all_events() if row.test and row.panic]


def test_that_every_code_has_a_chinese_name_a_class_and_a_third_field() -> None:
    # The 323 of DC-05 and two of the FE100 family.
    assert len(all_events()) == 325
    for row in all_events():
        assert re.search("[\u4e00-\u9fff]", row.zh), row
        assert row.event_class in CLASSES, row
        assert row.third_field in ("zone", "user"), row


def test_that_an_unknown_code_is_shown_raw_and_one_of_group_12_still_calls_for_help() -> None:
    assert (event("9F9").known, event("9F9").panic, event("9F9").zh) == (False, False, "未知事件 9F9")
    assert (event("127").known, event("127").panic) == (False, True)


def test_that_the_simulated_panel_says_what_the_codec_reads() -> None:
    panel = make_panel("1234", {})
    frames = [
        panel.signal(Press(zone="3", event=event, qualifier=q)) for event, q in (("120", "new"), ("301", "restore"))
    ]
    read = ContactIdCodec().feed(b"".join(frames))
    assert [(r.account, r.event_code, r.qualifier, r.zone) for r in read] == [
        ("1234", "120", "new", "003"),
        ("1234", "301", "restore", "003"),
    ]
    assert panel.hear(b"OK").taken == 0
    with pytest.raises(ValueError, match="four Contact ID digits"):
        make_panel("12A4", {})
