"""Button boards that speak in lines: what any stream of theirs must stand, and a board that starts anew."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.panel import Press
from drivers.protocols import codec_for, protocol_row
from drivers.protocols.line_button import CAP, LineButtonCodec, LineButtonPanel, checksum
from drivers.report import Report
from drivers.simulator import Simulator, make_pty_pair
from drivers.streams import FdStream
from tests.drivers.desk import desk_on, until
from tests.drivers.strategies import cut, places

BOOT = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"configsip: 0, SPIWP:0xee\r\nload:0x3fff0030,len:1184\r\nentry 0x400805e4\r\nWiFi OK\r\n"
)


def with_checksum(text: bytes) -> bytes:
    return text + b"*" + checksum(text)


def decode(*parts: bytes) -> list[Report]:
    codec = LineButtonCodec("1234")
    return [report for part in parts for report in codec.feed(part)]


words = st.one_of(
    st.just(b"OK"),
    st.builds(lambda n, word: f"BTN{n} {word}".encode(), st.integers(0, 999), st.sampled_from(("DOWN", "UP"))),
)
ends = st.sampled_from((b"\n", b"\r\n", b"\r"))
checked = st.builds(lambda text, end: with_checksum(text) + end, words, ends)
lines = st.one_of(checked, st.builds(lambda text, end: text + end, words, ends))


@given(st.lists(st.one_of(lines, st.binary(max_size=30)), max_size=10), places)
def test_that_any_split_of_the_stream_gives_the_same_reports(parts: list[bytes], where: list[int]) -> None:
    stream = b"".join(parts)
    assert decode(*cut(stream, where)) == decode(stream)
    assert decode(*(bytes([byte]) for byte in stream)) == decode(stream)


@pytest.mark.parametrize("length", [CAP - 1, CAP, CAP + 1, 3 * CAP + 5])
def test_that_any_split_of_an_overlong_line_gives_the_same_reports(length: int) -> None:
    stream = b"~" * length + b"\nBTN1 DOWN\n"
    assert decode(*(bytes([byte]) for byte in stream)) == decode(stream)
    assert decode(stream)[-1].type == "signal"


@given(checked, st.integers(0, 100), st.integers(1, 255))
def test_that_a_flipped_byte_in_a_line_with_a_checksum_is_never_another_signal(
    line: bytes, place: int, flip: int
) -> None:
    (true,) = decode(line + b"\n")
    place %= len(line)
    spoilt = line[:place] + bytes([line[place] ^ flip]) + line[place + 1 :]
    codec = LineButtonCodec("1234")
    told = codec.feed(spoilt + b"\nBTN7 UP\n")
    assert (told[-1].zone, told[-1].qualifier) == ("007", "restore")
    for report in told[:-1]:
        said = (report.type, report.zone, report.qualifier)
        assert report.type == "garbage" or said == (true.type, true.zone, true.qualifier)


@settings(max_examples=25)
@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=6))
def test_that_junk_never_grows_the_buffer_past_twice_its_cap_and_no_byte_of_it_is_lost(chunks: list[bytes]) -> None:
    codec = LineButtonCodec("")
    told: list[Report] = []
    for chunk in chunks:
        told += codec.feed(chunk)
        assert codec.pending <= 2 * CAP
    told += codec.expire()
    assert sum(len(report.raw.strip()) for report in told) <= sum(len(chunk) for chunk in chunks)
    assert codec.pending == 0


def test_that_a_boot_message_is_one_piece_of_garbage_and_no_press_behind_it_is_lost() -> None:
    boot, press = decode(BOOT + b"BTN1 DOWN\n")
    assert (boot.type, boot.raw, boot.ack) == ("garbage", BOOT, b"")
    assert (press.type, press.zone, press.qualifier) == ("signal", "001", "new")


def test_that_a_boot_message_is_told_when_the_board_falls_silent() -> None:
    codec = LineButtonCodec("")
    assert codec.feed(BOOT) == []
    assert codec.pending == len(BOOT)
    assert [(report.type, report.raw) for report in codec.expire()] == [("garbage", BOOT)]
    assert codec.expire() == []


def test_that_a_press_right_behind_the_rest_of_a_boot_message_is_read() -> None:
    noise, press = decode(b"boot\xff\x00 done BTN12 DOWN\n")
    assert (noise.type, noise.raw) == ("garbage", b"boot\xff\x00 done ")
    assert (press.zone, press.raw) == ("012", b"BTN12 DOWN\n")


def test_that_a_line_of_ours_that_says_nothing_known_is_garbage_at_once() -> None:
    assert [report.type for report in decode(b"BTN1 HELD\nOK?\nBTN1 DOWN*00\n")] == ["garbage"] * 3
    assert "the characters ask for" in str(decode(b"BTN1 DOWN*00\n")[0].why)


def test_that_small_checksum_letters_are_accepted() -> None:
    text = b"BTN12 UP"
    assert checksum(text).isdigit() is False
    (report,) = decode(text + b"*" + checksum(text).lower() + b"\n")
    assert report.type == "signal"


def test_that_reset_forgets_half_a_line_and_gathered_noise() -> None:
    codec = LineButtonCodec("")
    codec.feed(b"noise\nBTN1 DO")
    codec.reset()
    assert codec.pending == 0
    assert [report.type for report in codec.feed(b"BTN1 DOWN\n")] == ["signal"]


def test_that_a_simulated_board_is_heard_over_a_real_port_though_nobody_answers_it() -> None:
    near, path = make_pty_pair()
    with desk_on(f"L1=line-button:{path}@115200,account=4321") as desk:
        os.write(near, BOOT)
        simulator = Simulator(FdStream(near), LineButtonPanel())
        exchanges = [*simulator.greet(), simulator.press(Press(zone="003"))]
        exchanges.append(simulator.press(Press(zone="003", qualifier="restore")))
        assert until(lambda: len(desk.reports) == 4)
    os.close(near)
    assert all(exchange.acknowledged and exchange.attempts == 1 for exchange in exchanges)
    assert [(report.type, report.account) for report in desk.reports[1:]] == [
        ("heartbeat", "4321"),
        ("signal", "4321"),
        ("signal", "4321"),
    ]
    assert [report.qualifier for report in desk.reports[2:]] == ["new", "restore"]
    assert desk.reports[0].type == "garbage"


def test_that_a_board_tells_presses_and_releases_only() -> None:
    panel = protocol_row("line-button").panel
    assert panel is not None
    board = panel("1234", {})
    assert board.heartbeat_s > 0
    assert board.hear(b"?").taken == 0
    (report,) = codec_for("line-button").feed(board.signal(Press(zone="012")))
    assert (report.zone, report.qualifier, report.account) == ("012", "new", None)
    for wrong in (Press(event="137"), Press(qualifier="status")):
        with pytest.raises(ValueError, match="a button board can tell 120"):
            board.signal(wrong)
