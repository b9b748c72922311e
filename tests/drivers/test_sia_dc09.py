"""What any DC-09 stream must stand, and what each of its answers says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.address import AddressError, parse_line
from drivers.codec import ProtocolError
from drivers.protocols import codec_for, protocol_row
from drivers.protocols.sia_dc03_text import read_text
from drivers.protocols.sia_dc09 import EARLY_S, LATE_S
from drivers.protocols.sia_dc09_content import read_cipher, read_clear, read_head, time_of, zone_of
from drivers.protocols.sia_dc09_frame import CAP, crc16, write_frame
from drivers.protocols.sia_dc09_keys import Keys, read_key
from drivers.report import Report
from tests.drivers.sia_frames import (
    KEY,
    NOW,
    STAMP,
    clear_frames,
    decode,
    noise,
    sealed,
    sealed_frames,
    still_codec,
)
from tests.drivers.strategies import cut, places

GOOD = write_frame(b'"ADM-CID"0010R0L0#1234[#1234|1120 01 005]')
KEYS = Keys({}, (KEY,))
frames = st.one_of(clear_frames, sealed_frames)


def spoil(frame: bytes, place: int, flip: int) -> bytes:
    place %= len(frame)
    return frame[:place] + bytes([frame[place] ^ flip]) + frame[place + 1 :]


# -- streams -------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(st.one_of(frames, noise), max_size=8), places, st.booleans())
def test_that_any_split_of_the_stream_gives_the_same_reports(
    parts: list[bytes], where: list[int], lenient: bool
) -> None:
    stream = b"".join(parts)
    whole = decode(stream, keys=KEYS, lenient=lenient)
    assert decode(*cut(stream, where), keys=KEYS, lenient=lenient) == whole
    assert decode(*(bytes([byte]) for byte in stream), keys=KEYS, lenient=lenient) == whole


@given(frames, st.integers(0, 1000), st.integers(1, 255))
def test_that_a_spoilt_byte_gives_garbage_without_an_answer_and_the_next_frame_is_read(
    frame: bytes, place: int, flip: int
) -> None:
    reports = decode(spoil(frame, place, flip), b"\r", GOOD, keys=KEYS)
    assert reports[-1].raw == GOOD
    for report in reports[:-1]:
        # A letter of the CRC or length field in the other case is the same field.
        assert report.type == "garbage" or report.raw.lower() == frame.lower()
        assert report.type != "garbage" or report.ack == b""


@given(noise, clear_frames, noise)
def test_that_noise_before_and_after_costs_no_frame(before: bytes, frame: bytes, after: bytes) -> None:
    reports = decode(before, frame, after)
    told = {report.raw for report in reports if report.type != "garbage"}
    # Noise that ends in the head of a frame can only be told from one by the bytes behind it.
    assert frame in told or b"\n" in before[-9:]


@given(st.lists(clear_frames, min_size=2, max_size=5))
def test_that_frames_back_to_back_are_all_read(rows: list[bytes]) -> None:
    reports = decode(b"".join(rows))
    raws = [report.raw for report in reports if report.more and report.more.get("part", 1) == 1]
    assert raws == rows


@settings(max_examples=25)
@given(st.lists(st.one_of(st.binary(min_size=1, max_size=3000), clear_frames), max_size=8))
def test_that_junk_never_grows_the_buffer_past_its_cap(chunks: list[bytes]) -> None:
    codec = still_codec()
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending < CAP


@pytest.mark.parametrize("start", [b"", b'\n00000FFF"', b'\n0000FFFF"HENG-BO"0001L0#1[][\x0f\xff'])
@pytest.mark.parametrize("length", [CAP - 20, CAP, CAP + 1, 3 * CAP])
def test_that_a_stream_without_end_is_given_up_in_pieces_and_the_frame_behind_it_is_read(
    start: bytes, length: int
) -> None:
    stream = start + b"~" * length + GOOD
    whole = decode(stream)
    assert whole[-1].raw == GOOD
    assert b"".join(report.raw for report in whole) == stream
    assert decode(*cut(stream, [1, 100, CAP - 1, CAP, CAP + 9])) == whole


def test_that_a_frame_that_breaks_off_becomes_garbage_without_an_answer() -> None:
    codec = still_codec()
    codec.feed(GOOD[:20])
    assert codec.pending == 20
    assert [(report.type, report.raw, report.ack) for report in codec.expire()] == [("garbage", GOOD[:20], b"")]
    codec.feed(GOOD[:20])
    codec.reset()
    assert (codec.pending, codec.expire()) == (0, [])


@pytest.mark.parametrize("place", [0, 1])
def test_that_a_quote_among_the_two_bytes_of_a_raw_crc_is_not_taken_for_the_body(place: int) -> None:
    bodies = (b'"ADM-CID"0010R0L0#%04d[#%04d|1120 01 005]' % (account, account) for account in range(10_000))
    body = next(body for body in bodies if crc16(body).to_bytes(2, "big")[place] == ord('"'))
    frame = b"\n%b%04X%b\r" % (crc16(body).to_bytes(2, "big"), len(body), body)
    (_, report) = decode(GOOD + frame)
    assert (report.type, report.raw, report.account) == ("signal", frame, body[18:22].decode())
    assert report.ack
    assert decode(*(bytes([byte]) for byte in frame)) == [report]


def test_that_the_check_is_crc_16_arc() -> None:
    assert crc16(b"123456789") == 0xBB3D
    assert crc16(b"") == 0


# -- answers -------------------------------------------------------------------------------------------------


def answer(report: Report) -> tuple[str, str, str]:
    """The id, sequence and time of an answer in clear."""
    codec = still_codec()
    (heard,) = codec.feed(report.ack)
    assert heard.more is not None
    return str(heard.more["id"]), str(heard.sequence), str(heard.more.get("timestamp", ""))


@pytest.mark.parametrize(
    ("late", "accepted"), [(LATE_S, True), (LATE_S + 1, False), (-EARLY_S, True), (-EARLY_S - 1, False)]
)
def test_that_an_encrypted_frame_outside_the_window_is_refused_with_our_time(late: int, accepted: bool) -> None:
    frame = sealed('"*ADM-CID"0010L0#1234', f"#1234|1120 01 005]{STAMP}")
    (report,) = decode(frame, keys=KEYS, now=NOW + timedelta(seconds=late))
    assert report.type == ("signal" if accepted else "garbage")
    if not accepted:
        assert answer(report) == ("NAK", "0000", (NOW + timedelta(seconds=late)).strftime("%H:%M:%S,%m-%d-%Y"))


def test_that_a_frame_in_clear_may_be_of_any_age_and_decode_judges_none() -> None:
    old = write_frame(b'"ADM-CID"0010L0#1234[#1234|1120 01 005]_08:30:15,11-21-1999')
    assert decode(old)[0].type == "signal"
    codec = codec_for("sia-dc09", {"key": KEY.hex(), "judge_time": "0"})
    (report,) = codec.feed(sealed('"*ADM-CID"0010L0#1234', f"#1234|1120 01 005]{STAMP}"))
    assert report.type == "signal"


def test_that_an_encrypted_frame_gets_an_encrypted_answer_with_the_time() -> None:
    (report,) = decode(sealed('"*ADM-CID"0010R1L2#1234', f"#1234|1120 01 005]{STAMP}"), keys=KEYS)
    head = read_head(report.ack[9:-1])
    assert head is not None
    assert (head.id, head.encrypted, head.echo) == ("ACK", True, b"0010R1L2#1234")
    opened = read_cipher(head.rest, (KEY,))
    assert opened is not None
    assert (opened[0].data, opened[0].stamp) == ("", STAMP[1:])


@given(st.integers(0, 31))
def test_that_pads_of_any_length_are_read(size: int) -> None:
    (report,) = decode(sealed('"*ADM-CID"0010L0#1234', f"#1234|1120 01 005]{STAMP}", pad=b"z" * size), keys=KEYS)
    assert (report.type, report.zone) == ("signal", "005")


def test_that_what_no_key_opens_is_refused_and_what_has_no_key_is_not_acknowledged() -> None:
    frame = sealed('"*ADM-CID"0010L0#1234', f"#1234|1120 01 005]{STAMP}")
    (refused,) = decode(frame, keys=Keys({}, (bytes(16),)))
    assert (refused.type, answer(refused)[0]) == ("garbage", "NAK")
    (unread,) = decode(frame, keys=Keys({"9999": (KEY,)}))
    assert (unread.type, unread.account, unread.sequence, unread.ack) == ("message", "1234", "0010", b"")
    assert unread.why == "encrypted, and there is no key for account 1234"


@given(st.integers(0, 100), st.integers(1, 255))
def test_that_cipher_text_with_a_right_crc_and_a_false_byte_is_no_other_signal(place: int, flip: int) -> None:
    frame = sealed('"*ADM-CID"0010L0#1234', f"#1234|1120 01 005]{STAMP}")
    head = read_head(frame[9:-1])
    assert head is not None
    cipher = bytes.fromhex(head.rest.decode())
    # The last block holds the end of the stamp: a byte in one of the two before changes other bytes as well.
    spoilt = spoil(cipher, len(cipher) - 17 - place % 16, flip).hex().upper()
    (report,) = decode(write_frame(b'"*ADM-CID"0010L0#1234[' + spoilt.encode()), keys=KEYS)
    assert report.type == "garbage"


def test_that_several_events_in_one_frame_are_several_signals_with_one_answer() -> None:
    first, second = decode(write_frame(b'"SIA-DCS"0042L0#1234[#1234|Nri1/BA012/ri2/PA003]'))
    assert [(row.sia_code, row.partition, row.zone) for row in (first, second)] == [
        ("BA", "1", "012"),
        ("PA", "2", "003"),
    ]
    assert (first.ack, answer(second)[:2]) == (b"", ("ACK", "0042"))
    assert [row.to_json()["part"] for row in (first, second)] == [1, 2]
    assert first.sequence == second.sequence == "0042"


def test_that_a_heng_bo_module_gets_answers_with_the_time_on_all_its_frames() -> None:
    codec = still_codec()
    link_test = write_frame(b'"NULL"0003R1L1#90219125916578[]')
    kind = write_frame(b'"HENG-BO"0001R1L1#90219125916578[#000000|1737 00 000]')
    before, told, after = (codec.feed(frame)[0] for frame in (link_test, kind, link_test))
    assert [answer(report)[2] for report in (before, told, after)] == ["", STAMP[1:], STAMP[1:]]


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (b'"ADM-CID"0010R0L0#1234[#1234|1120 01 005]', b'\n99180014"ACK"0010R0L0#1234[]\r'),
        (b'"ADM-CID"0010R0L0#1234[basura]', write_frame(b'"DUH"0010R0L0#1234[]')),
        (b'"ABC"0010R0L0#1234[]', write_frame(b'"DUH"0010R0L0#1234[]')),
        (b'"SIA-DCS"0010R0L0#1234[]', write_frame(b'"DUH"0010R0L0#1234[]')),
        (b'"DUH"0010R0L0#1234[]', b""),
        (b'"RSP"0010R0L0#1234[]', b""),
        (b"not a body", b""),
        (b'"NULL"0010R0L0#1234[', write_frame(b'"DUH"0010R0L0#1234[]')),
    ],
)
def test_that_each_frame_gets_its_answer(body: bytes, reply: bytes) -> None:
    assert [report.ack for report in decode(write_frame(body))] == ([reply] if b'"' in body else [b""])


@given(st.binary(max_size=60))
def test_that_any_body_with_a_right_crc_is_one_report_or_several_and_never_an_exception(body: bytes) -> None:
    assert decode(write_frame(b'"SIA-DCS"0001L0#1234[' + body.replace(b"\r", b"").replace(b"\n", b"") + b"]"))


# -- contents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "iso"),
    [
        ("08:30:15,11-21-2026", "2026-11-21T08:30:15+00:00"),
        ("08:30:15,11-21-26", "2026-11-21T08:30:15+00:00"),
        ("25:00:00,11-21-2026", None),
        ("08:30:15,13-21-2026", None),
        ("", None),
    ],
)
def test_that_stamps_are_read_also_with_a_year_cut_short(stamp: str, iso: str | None) -> None:
    zone = zone_of("+00:00")
    assert zone is not None
    sent = time_of(stamp, zone)
    assert (sent.isoformat() if sent else None) == iso


def test_that_a_line_with_a_time_zone_takes_the_stamps_as_local() -> None:
    codec = codec_for("sia-dc09", {"tz": "+08:00"})
    (report,) = codec.feed(write_frame(b'"NULL"0001L0#1234[]' + STAMP.encode()))
    assert report.device_time == "2026-11-21T08:30:15+08:00"


def test_that_place_and_words_of_extended_data_are_told_and_a_key_is_not() -> None:
    body = '"ADM-CID"0010L0#1234[#1234|1120 01 005][X093W30.000][Y45N15.0][L三楼][K0123]'.encode()
    (report,) = decode(write_frame(body))
    assert report.extended == {
        "longitude": "093W30.000",
        "latitude": "45N15.0",
        "location": "三楼",
        "lon": "-93.500000",
        "lat": "45.250000",
    }


@pytest.mark.parametrize(
    ("data", "account", "code"),
    [
        ("#123456|Nri0KR1^TAST. 001 ^", "123456", "KR"),
        ("#006969|Nri04/OP001NM", "006969", "OP"),
        ("|Nri2/JC12", None, "JC"),
        ("Nri1/WA000", None, "WA"),
    ],
)
def test_that_data_of_frames_with_a_stale_crc_read_as_their_source_says(
    data: str, account: str | None, code: str
) -> None:
    content = read_clear(f"{data}]".encode())
    assert content is not None
    said = read_text(content.data)
    assert (said.account, said.events[0].code) == (account, code)


# -- keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [16, 24, 32])
def test_that_a_key_is_hex_or_the_characters_themselves(size: int) -> None:
    assert read_key(bytes(range(size)).hex())[0] == bytes(range(size))
    assert read_key("Z" * size) == (b"Z" * size,)


def test_that_32_hex_digits_may_be_either() -> None:
    assert read_key("AB" * 16) == (b"\xab" * 16, b"AB" * 16)


@pytest.mark.parametrize("text", ["", "AB", "Z" * 17, "AB" * 17, "钥" * 16])
def test_that_any_other_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ProtocolError) as refusal:
        read_key(text)
    assert not text or text not in str(refusal.value)


def test_that_a_keys_file_gives_each_account_its_key_and_the_rest_the_default(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(f'12aB = "{"Z" * 16}"\ndefault = "{KEY.hex()}"\n', encoding="utf-8")
    spec = parse_line(f"N=sia-dc09:tcp-listen://127.0.0.1:8808,keys={file},require_key=1")
    codec = codec_for(spec.protocol, {**spec.options, "judge_time": "0"})
    for account, key in (("12AB", b"Z" * 16), ("7777", KEY)):
        (report,) = codec.feed(sealed(f'"*ADM-CID"0010L0#{account}', f"#{account}|1120 01 005]{STAMP}", key))
        assert (report.type, report.account) == ("signal", account)
    (clear,) = codec.feed(GOOD)
    assert (clear.type, clear.ack) == ("garbage", b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("=", "is not TOML"),
        ('xyz = "00112233445566778899AABBCCDDEEFF"', "neither an account"),
        ("1234 = 5", "not in quotation marks"),
        ('1234 = "abc"', "key of 1234 is wrong"),
    ],
)
def test_that_a_bad_keys_file_is_one_sentence_saying_what_is_wrong(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(AddressError, match=said) as refusal:
        parse_line(f"N=sia-dc09:tcp-listen://127.0.0.1:8808,keys={file}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("keys=/nowhere/keys.toml", "cannot be read"),
        ("require_key=1", "needs keys=FILE"),
        ("require_key=yes", "require_key is 0 or 1"),
        ("judge_time=2", "judge_time is 0 or 1"),
        ("tz=8", "tz is an offset"),
        ("key=00112233445566778899AABBCCDDEEFF", "no option 'key'"),
    ],
)
def test_that_options_that_cannot_be_meant_are_refused(options: str, said: str) -> None:
    with pytest.raises(AddressError, match=said):
        parse_line(f"N=sia-dc09:tcp-listen://127.0.0.1:8808,{options}")


def test_that_the_row_lets_many_senders_in_and_knows_how_they_begin() -> None:
    row = protocol_row("sia-dc09")
    assert (row.many, row.starts, row.spooled) == (True, b"\n", False)
