"""What DC-03 must stand as text lines and as the blocks of a Galaxy panel."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drivers.panel import Press
from drivers.protocols.galaxy import GalaxyCodec
from drivers.protocols.galaxy_panel import GalaxyPanel, write_block
from drivers.protocols.sia_dc03 import CAP, Dc03Codec
from drivers.protocols.sia_dc03_text import is_over, read_events, read_text
from drivers.report import Report
from tests.drivers.strategies import DIGITS, cut, places, text

ACK, REJECT = bytes.fromhex("0038c7"), bytes.fromhex("0039c6")
ACCOUNT = write_block("#", b"1234", answer=True)
GOOD = write_block("N", b"ri1/PA001", answer=True)

events = st.builds(str.__add__, st.sampled_from(("PA", "HA", "BA", "RP", "CL", "QQ")), text(DIGITS, 3))
modifiers = st.sampled_from(("ri1", "id12", "ti10:15", "da11-21-26", "ri02^TOTAL^", ""))
event_blocks = st.builds(
    lambda before, rows: "/".join([part for part in (before, *rows) if part]),
    modifiers,
    st.lists(events, min_size=1, max_size=4),
)
blocks = st.one_of(
    st.builds(lambda digits: write_block("#", digits.encode(), answer=True), text(DIGITS, 6)),
    st.builds(lambda words: write_block("N", words.encode()[:63], answer=True), event_blocks),
    st.just(write_block("A", b"Counter 3", answer=True)),
    st.just(write_block("0")),
)
lines = st.builds(lambda words, end: f"#1234|N{words}{end}".encode(), event_blocks, st.sampled_from("\r\n\x14"))


def texts(*parts: bytes) -> list[Report]:
    codec = Dc03Codec()
    return [report for part in parts for report in codec.feed(part)] + codec.expire()


def session(*parts: bytes) -> list[Report]:
    codec = GalaxyCodec()
    return [report for part in parts for report in codec.feed(part)]


# -- the text ------------------------------------------------------------------------------------------------


@given(modifiers, st.lists(events, min_size=1, max_size=4), st.booleans())
def test_that_every_event_of_a_block_is_read_with_or_without_slashes(before: str, rows: list[str], slash: bool) -> None:
    read = read_events(before + ("/" if before and slash else "") + ("/" if slash else "").join(rows))
    assert [event.code + event.address for event in read] == rows
    assert {event.modifiers.get("ri") for event in read} == {before[2:].partition("^")[0] if "ri" in before else None}


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_that_any_text_is_read_without_an_exception_and_none_of_its_codes_is_invented(words: str) -> None:
    for event in read_text(words).events:
        assert event.code in words


@pytest.mark.parametrize(
    ("code", "over"),
    [
        ("PR", True), ("PH", True), ("HJ", True), ("YK", True), ("AR", True),
        ("PA", False), ("CR", False), ("OR", False), ("RR", False), ("OH", False), ("JH", False), ("P", False),
    ],
)  # fmt: skip
def test_that_the_code_tells_what_is_over(code: str, over: bool) -> None:
    assert is_over(code) == over


@pytest.mark.parametrize(
    ("block", "codes"),
    [
        ("PA01", ["PA"]),
        ("P10J", []),
        ("CLK", []),
        ("Vhttp://x", []),
        ("NPA01", ["PA"]),
        ("@AL4B1", []),
        ("FA03", ["FA"]),
    ],
)
def test_that_an_event_without_its_function_letter_is_read_and_other_blocks_are_not(
    block: str, codes: list[str]
) -> None:
    assert [event.code for event in read_text(f"#1234|{block}").events] == codes


# -- text lines ----------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(st.one_of(lines, st.binary(max_size=30)), max_size=6), places)
def test_that_any_split_of_text_lines_gives_the_same_reports(parts: list[bytes], where: list[int]) -> None:
    stream = b"".join(parts)
    assert texts(*cut(stream, where)) == texts(stream)


@given(lines)
def test_that_an_ended_text_is_acknowledged_once_and_one_ended_by_silence_never(line: bytes) -> None:
    ended, silent = texts(line), texts(line[:-1])
    assert b"".join(report.ack for report in ended) == b"\x06"
    assert b"".join(report.ack for report in silent) == b""
    assert [report.sia_code for report in ended] == [report.sia_code for report in silent] != []


def test_that_a_text_with_a_byte_that_is_no_character_is_asked_for_again() -> None:
    assert [(row.type, row.ack) for row in texts(b"#1234|Nri1/PA\xb001\r")] == [("garbage", b"\x15")]
    assert [(row.type, row.ack) for row in texts(b"#1234|Nri1/PA\xb001")] == [("garbage", b"")]


@settings(max_examples=25)
@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=8))
def test_that_junk_never_grows_either_buffer(chunks: list[bytes]) -> None:
    text_codec, block_codec = Dc03Codec(), GalaxyCodec()
    for chunk in chunks:
        text_codec.feed(chunk)
        block_codec.feed(chunk)
        assert text_codec.pending < CAP
        assert block_codec.pending < 2 * 66


@given(st.integers(0, 1000), st.integers(1, 255))
def test_that_a_spoilt_text_costs_no_other(place: int, flip: int) -> None:
    line = b"#1234|Nri1/PA001\r"
    place %= len(line)
    spoilt = line[:place] + bytes([line[place] ^ flip]) + line[place + 1 :]
    assert texts(spoilt, b"\r", b"#9999|NFA02\r")[-1].account == "9999"


# -- blocks --------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(st.one_of(blocks, st.binary(max_size=20)), max_size=6), places)
def test_that_any_split_of_blocks_gives_the_same_reports(parts: list[bytes], where: list[int]) -> None:
    stream = b"".join(parts)
    assert session(*cut(stream, where)) == session(stream)


@given(st.integers(1, 1000), st.integers(1, 255))
def test_that_a_spoilt_byte_behind_the_header_is_found_by_the_parity(place: int, flip: int) -> None:
    place = 1 + (place - 1) % (len(GOOD) - 1)
    spoilt = GOOD[:place] + bytes([GOOD[place] ^ flip]) + GOOD[place + 1 :]
    reports = session(spoilt, bytes(70), ACCOUNT, GOOD)
    assert {report.type for report in reports[:-2]} == {"garbage"}
    assert (reports[-1].raw, reports[-1].account) == (GOOD, "1234")


@given(st.integers(1, 255))
def test_that_a_spoilt_header_gives_no_signal_unless_the_parity_fits_by_chance(flip: int) -> None:
    spoilt = bytes([GOOD[0] ^ flip]) + GOOD[1:]
    covered = spoilt[: (spoilt[0] & 0x3F) + 3]
    parity = 0
    for byte in covered:
        parity ^= byte
    assume(parity != 0xFF)
    assert "signal" not in {report.type for report in session(spoilt)}
    assert session(spoilt, bytes(70), ACCOUNT, GOOD)[-1].raw == GOOD


@given(st.binary(max_size=40), st.binary(max_size=20))
def test_that_noise_before_a_session_costs_one_repetition_at_most(before: bytes, after: bytes) -> None:
    codec = GalaxyCodec()
    codec.feed(before)
    answers = [b"".join(report.ack for report in codec.feed(ACCOUNT)) for _ in range(2)]
    assert answers[0].endswith(ACK) or answers[1] == ACK
    told = codec.feed(GOOD + after)
    assert (told[0].raw, told[0].account, told[0].ack) == (GOOD, "1234", ACK)


@settings(max_examples=50)
@given(st.lists(blocks, max_size=6))
def test_that_blocks_back_to_back_are_all_read_and_answered_once_each(rows: list[bytes]) -> None:
    reports = session(b"".join(rows))
    assert "garbage" not in {report.type for report in reports}
    assert b"".join(report.ack for report in reports) == ACK * sum(bool(row[0] & 0x40) for row in rows)


def test_that_a_block_that_breaks_off_is_garbage_and_the_session_goes_on() -> None:
    codec = GalaxyCodec()
    codec.feed(ACCOUNT + GOOD[:5])
    assert [(report.type, report.raw, report.ack) for report in codec.expire()] == [("garbage", GOOD[:5], b"")]
    assert codec.feed(GOOD)[0].account == "1234"
    codec.feed(GOOD[:5])
    codec.reset()
    assert (codec.pending, codec.feed(GOOD)[0].account) == (0, None)


def test_that_the_panel_repeats_its_session_from_the_account_after_a_reject() -> None:
    panel = GalaxyPanel("1234")
    account = panel.signal(Press(zone="005"))
    assert panel.hear(ACK).reply == write_block("N", b"ri1/PA005", answer=True)
    assert panel.hear(REJECT).refused
    assert session(account)[0].account == "1234"
    assert panel.hear(ACK).taken == 0
    done = panel.hear(ACK)
    assert (done.taken, done.reply) == (1, write_block("0"))


def test_that_more_than_63_bytes_fit_no_block() -> None:
    with pytest.raises(ValueError, match="63"):
        write_block("N", bytes(64))
