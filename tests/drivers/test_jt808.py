"""What a JT/T 808 line must stand and say: any split, any flipped byte, sub-packages, sessions in every header."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import Talker
from drivers.panel import Press
from drivers.protocols import codec_for, jt905
from drivers.protocols import jt808_words as words
from drivers.protocols.jt808 import Jt808Codec
from drivers.protocols.jt808_frame import LONGEST, Frame, check_of, escape, read_frame
from drivers.protocols.jt808_parts import MESSAGES, QUIET_S
from drivers.protocols.jt808_terminal import Place, Terminal, location_body, make_panel
from drivers.report import Report
from tests.drivers.strategies import cut, places

AT = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
SPOT = Place(lat=35.42, lon=119.46)
OLD, NEW = "013800001111", "00000000013800001111"


def frame(msg_id: int, body: bytes = b"", serial: int = 7, phone: str = OLD, **more: Any) -> bytes:
    version = 2013 if len(phone) == 12 else 2019
    return Frame(msg_id=msg_id, phone=phone, serial=serial, body=body, version=version, **more).wire()


def position(alarm: int = 0, **more: Any) -> bytes:
    return frame(words.LOCATION, location_body(SPOT, alarm, AT), **more)


GOOD = position(serial=99)


def decode(*parts: bytes, protocol: str = "jt808", **options: str) -> list[Report]:
    codec = codec_for(protocol, options)
    return [report for part in parts for report in codec.feed(part)]


def said(report: Report) -> dict[str, Any]:
    return report.to_json()


def heard(data: bytes) -> list[Frame]:
    """What the platform said, as a terminal reads it."""
    return [read_frame(chunk) for chunk in data.split(b"\x7e") if chunk]


frames = st.builds(
    frame,
    st.sampled_from((words.HEARTBEAT, words.LOCATION, words.REGISTER, words.AUTHENTICATE, words.BULK, 0x0900)),
    st.binary(max_size=80),
    st.integers(0, 0xFFFF),
    st.sampled_from((OLD, NEW)),
)
noise = st.binary(max_size=30)


@given(st.integers(0, 0xFFFF), st.binary(max_size=1023), st.sampled_from((OLD, NEW)), st.booleans())
def test_that_what_was_encoded_is_decoded(msg_id: int, body: bytes, phone: str, parted: bool) -> None:
    sent = Frame(
        msg_id=msg_id,
        phone=phone,
        serial=0x7E7D,
        body=body,
        version=2013 if phone is OLD else 2019,
        part=(3, 2) if parted else None,
    )
    wire = sent.wire()
    assert wire.count(b"\x7e") == 2
    assert read_frame(wire[1:-1]) == sent


@given(st.lists(st.one_of(frames, noise), max_size=6), places, st.booleans())
def test_that_any_split_of_the_stream_gives_the_same_reports(
    parts: list[bytes], where: list[int], lenient: bool
) -> None:
    stream, options = b"".join(parts), {"lenient": str(int(lenient))}
    whole, split = codec_for("jt808", options), codec_for("jt808", options)
    assert [report for part in cut(stream, where) for report in split.feed(part)] == whole.feed(stream)
    assert split.pending == whole.pending
    assert split.expire() == whole.expire()


@given(frames, st.integers(0, 10_000), st.integers(1, 255))
def test_that_a_flipped_byte_gives_nothing_but_garbage_and_the_frame_behind_is_decoded(
    wire: bytes, place: int, flip: int
) -> None:
    place %= len(wire)
    spoilt = wire[:place] + bytes([wire[place] ^ flip]) + wire[place + 1 :]
    reports = decode(spoilt, b"\x7e", GOOD)
    assert [report.raw for report in reports if report.type != "garbage"] == [GOOD]


@given(frames, st.integers(0, 10_000), st.integers(1, 255))
def test_that_a_flipped_byte_gives_no_position_on_a_lenient_line_either(wire: bytes, place: int, flip: int) -> None:
    place %= len(wire)
    spoilt = wire[:place] + bytes([wire[place] ^ flip]) + wire[place + 1 :]
    assert "position" not in {report.type for report in decode(spoilt, lenient="1")}


@given(noise, noise)
def test_that_noise_before_and_behind_costs_no_frame_and_is_shown(before: bytes, behind: bytes) -> None:
    before, behind = before.replace(b"\x7e", b""), behind.replace(b"\x7e", b"")
    reports = decode(before, GOOD, behind, GOOD)
    assert [report.raw for report in reports if report.type == "position"] == [GOOD, GOOD]
    assert [report.raw for report in reports if report.type == "garbage"] == [
        raw for raw in (before, behind and b"\x7e" + behind + b"\x7e") if raw
    ]


def test_that_frames_may_share_a_flag() -> None:
    one, two = frame(words.HEARTBEAT, serial=1), frame(words.HEARTBEAT, serial=2)
    reports = decode(one[:-1] + two)
    assert [said(report)["serial"] for report in reports] == [1, 2]


def test_that_a_flood_without_a_flag_never_grows_the_buffer_beyond_the_longest_frame() -> None:
    codec = codec_for("jt808")
    most = 0
    for _ in range(50):
        codec.feed(b"x" * 1000)
        most = max(most, codec.pending)
    assert most <= LONGEST
    reports = codec.feed(b"\x7e" + GOOD)
    assert reports[-1].raw == GOOD


def test_that_a_frame_that_broke_off_is_garbage_and_never_answered() -> None:
    codec = codec_for("jt808")
    codec.feed(GOOD[:20])
    assert codec.pending == 20
    (left,) = codec.expire()
    assert (left.type, left.raw, left.ack, codec.pending) == ("garbage", GOOD[:20], b"", 0)


def test_that_a_bit_14_that_lies_does_not_lose_the_frame() -> None:
    content = bytearray(read_bytes(GOOD))
    content[2] |= 0x40
    lying = b"\x7e" + escape(bytes(content) + bytes([check_of(bytes(content))])) + b"\x7e"
    (report,) = decode(lying)
    assert (report.type, said(report)["version"], report.account) == ("position", 2013, OLD)


def read_bytes(wire: bytes) -> bytes:
    """Header and body of a frame that needs no escape."""
    assert b"\x7d" not in wire
    return wire[1:-2]


def test_that_a_bare_check_byte_of_7e_is_read_on_a_lenient_line() -> None:
    content = bytearray(read_bytes(frame(words.HEARTBEAT, serial=0)))
    content[-1] = check_of(bytes(content)) ^ 0x7E
    bare = b"\x7e" + bytes(content) + b"\x7e\x7e"
    assert [report.type for report in decode(bare, lenient="1")] == ["message"]
    assert {report.type for report in decode(bare)} == {"garbage"}


# -- what is answered ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phone", "version"), [(OLD, 2013), (NEW, 2019)])
def test_that_each_answer_comes_in_the_header_of_its_frame_and_the_serial_counts_up(phone: str, version: int) -> None:
    reports = decode(frame(words.HEARTBEAT, serial=300, phone=phone), position(serial=301, phone=phone))
    answers = [answer for report in reports for answer in heard(report.ack)]
    assert [(answer.version, answer.serial, answer.phone) for answer in answers] == [
        (version, 0, phone),
        (version, 1, phone),
    ]
    assert [answer.body for answer in answers] == [
        words.answer(300, words.HEARTBEAT),
        words.answer(301, words.LOCATION),
    ]


@pytest.mark.parametrize("msg_id", [*sorted(words.ANSWERS), words.ANSWER, words.TRACK])
def test_that_an_answer_is_not_answered(msg_id: int) -> None:
    (report,) = decode(frame(msg_id, bytes(40)))
    assert (report.type, report.ack) == ("message", b"")


def test_that_an_encrypted_body_is_a_message_and_its_terminal_is_told() -> None:
    (report,) = decode(position(encryption=1))
    (answer,) = heard(report.ack)
    assert (report.type, said(report)["encrypted"], answer.body[-1]) == ("message", True, words.UNSUPPORTED)


def test_that_a_location_too_short_is_a_row_a_person_must_see() -> None:
    (report,) = decode(frame(words.LOCATION, bytes(27)))
    (answer,) = heard(report.ack)
    assert (report.type, answer.body[-1]) == ("garbage", words.WRONG)


@pytest.mark.parametrize("phone", [OLD, NEW])
@pytest.mark.parametrize("protocol", ["jt808", "jt905"])
def test_that_a_terminal_registers_authenticates_presses_and_is_told(phone: str, protocol: str) -> None:
    codec, terminal = codec_for(protocol), Terminal(phone, clock=lambda: AT)
    if protocol == "jt905":
        terminal = Terminal(phone, encode=jt905.location_body, clock=lambda: AT)
    (greeting,) = terminal.greeting()
    (registered,) = codec.feed(greeting)
    assert (said(registered)["plate"], said(registered)["model"]) == ("鲁L·10086", "BUS-808")
    first = terminal.hear(registered.ack)
    (authenticated,) = codec.feed(first.reply)
    assert (first.taken, said(authenticated)["auth_code"]) == (1, "13800001111")
    (pressed,) = codec.feed(terminal.signal(Press()))
    place = said(pressed)
    assert (place["emergency"], place["lat"], place["lon"], place["heading_deg"]) == (True, 35.42, 119.46, 90)
    assert place["device_time"] == "2026-11-22T12:30:00+08:00"
    assert terminal.hear(pressed.ack).taken == 1
    (released,) = codec.feed(terminal.signal(Press(qualifier="restore")))
    assert said(released)["emergency"] is False
    # It comes back with its code and does not register anew.
    assert read_frame(terminal.greeting()[0][1:-1]).msg_id == words.AUTHENTICATE


def test_that_orders_reach_the_terminal_and_it_answers_each() -> None:
    codec, terminal = codec_for("jt808"), Terminal(OLD, clock=lambda: AT)
    assert isinstance(codec, Talker)
    codec.order({"do": "locate", "account": OLD})
    assert codec.outgoing(0.0) == b""  # It has not spoken yet: nobody knows its header.
    codec.feed(terminal.position())
    codec.order({"do": "confirm", "account": OLD, "serial": 0})
    codec.order({"do": "track", "account": OLD, "interval_s": 5, "valid_s": 1800})
    codec.order({"do": "text", "account": OLD, "text": "已接警，请保持冷静"})
    codec.order({"do": "locate", "account": OLD})
    answers = codec.feed(terminal.hear(codec.outgoing(0.0)).reply)
    assert list(terminal.commands) == [
        (words.CONFIRM, {"alarm_msg_serial": 0, "alarm_type": 1}),
        (words.TRACK, {"interval_s": 5, "valid_s": 1800}),
        (words.TEXT, {"text": "已接警，请保持冷静"}),
        (words.LOCATE, {}),
    ]
    assert [said(answer).get("reply_id") for answer in answers[:3]] == [words.CONFIRM, words.TRACK, words.TEXT]
    assert (answers[3].type, said(answers[3])["lat"]) == ("message", 35.42)
    assert read_frame(terminal.heartbeat()[1:-1]).msg_id == words.LOCATION
    codec.order({"do": "track", "account": OLD, "interval_s": 0, "valid_s": 0})
    terminal.hear(codec.outgoing(0.0))
    assert read_frame(terminal.heartbeat()[1:-1]).msg_id == words.HEARTBEAT


def test_that_an_order_nobody_understands_is_refused() -> None:
    codec = codec_for("jt808")
    assert isinstance(codec, Jt808Codec)
    with pytest.raises(ValueError, match="cannot be ordered"):
        codec.order({"do": "explode", "account": OLD})


def test_that_the_example_replies_of_the_paper_are_ours_byte_for_byte() -> None:
    codec = codec_for("jt808")
    assert isinstance(codec, Jt808Codec)
    wire = "7e0200002611223344556622b8000000010000000200ba7f0e07e4f11c0028003c000018071510101001040000006402020037577e"
    (report,) = codec.feed(bytes.fromhex(wire))
    answer, confirmed = "7e80010005112233445566000022b80200006b7e", "7e82030006112233445566000122b8000000016a7e"
    assert report.ack.hex() == answer
    codec.order({"do": "confirm", "account": "112233445566", "serial": 0x22B8})
    assert codec.outgoing(0.0).hex() == confirmed


# -- sub-packages and bulk -----------------------------------------------------------------------------------


def parts(msg_id: int, bodies: list[bytes], first: int = 100) -> list[bytes]:
    total = len(bodies)
    return [frame(msg_id, body, first + at, part=(total, at + 1)) for at, body in enumerate(bodies)]


@given(st.permutations(range(4)), st.integers(0, 0xFFFF))
def test_that_sub_packages_in_any_order_give_the_whole_message_once(order: list[int], first: int) -> None:
    body = location_body(SPOT, 1, AT)
    pieces = [body[:5], body[5:9], body[9:30], body[30:]]
    sent = [frame(words.LOCATION, piece, (first + at) & 0xFFFF, part=(4, at + 1)) for at, piece in enumerate(pieces)]
    reports = decode(*(sent[at] for at in order))
    assert [report.type for report in reports] == ["message"] * 3 + ["position"]
    assert said(reports[-1])["emergency"] is True
    assert all(report.ack for report in reports)


def test_that_missing_sub_packages_are_asked_for_when_the_last_one_comes() -> None:
    codec = codec_for("jt808")
    sent = parts(0x0900, [b"a", b"b", b"c", b"d"])
    codec.feed(sent[0])
    (last,) = codec.feed(sent[3])
    _, asked = heard(last.ack)
    assert (asked.msg_id, asked.body) == (words.RESEND, bytes.fromhex("0064 02 0002 0003"))
    codec.feed(sent[1])
    (whole,) = codec.feed(sent[2])
    assert [answer.msg_id for answer in heard(whole.ack)] == [words.ANSWER]


def test_that_sub_packages_that_stop_coming_are_asked_for_three_times_and_then_let_go() -> None:
    codec = codec_for("jt808")
    assert isinstance(codec, Talker)
    codec.feed(parts(0x0900, [b"a", b"b", b"c"])[0])
    asked = [codec.outgoing(turn * QUIET_S) for turn in range(6)]
    assert [len(heard(data)) for data in asked] == [0, 1, 1, 1, 0, 0]
    assert heard(asked[1])[0].body == bytes.fromhex("0064 02 0002 0003")


def test_that_unfinished_messages_are_bounded() -> None:
    codec = codec_for("jt808")
    for number in range(MESSAGES + 1):
        codec.feed(parts(0x0900, [b"a", b"b"], first=10 * number)[0])
    first, last = parts(0x0900, [b"a", b"b"], first=0)[1], parts(0x0900, [b"a", b"b"], first=10 * MESSAGES)[1]
    # The oldest was let go, so its second part stands alone and its first is asked for; the newest is whole.
    assert [len(heard(report.ack)) for report in codec.feed(first + last)] == [2, 1]


def test_that_a_message_of_more_parts_than_can_be_held_costs_nothing() -> None:
    """Each of its parts had 65 535 places looked through: a hundred a second silenced a whole port."""
    codec = codec_for("jt808")
    for number in range(1, 200):
        body = Frame(msg_id=0x0900, phone=OLD, serial=number, body=b"x", part=(65535, number))
        (report,) = codec.feed(body.wire())
        assert (report.type, bool(report.ack)) == ("message", True)
    assert list(codec._parts.overdue(0.0)) == list(codec._parts.overdue(100.0)) == []  # type: ignore[attr-defined]


def bulk(*items: bytes, kind: int = 0) -> bytes:
    body = len(items).to_bytes(2, "big") + bytes([kind])
    return frame(words.BULK, body + b"".join(len(item).to_bytes(2, "big") + item for item in items))


def test_that_each_item_of_a_bulk_report_is_a_position_and_the_answer_goes_behind_the_last() -> None:
    reports = decode(bulk(*(location_body(SPOT, alarm, AT) for alarm in (0, 1, 0)), kind=1))
    assert [said(report)["emergency"] for report in reports] == [False, True, False]
    assert [said(report)["batch_type"] for report in reports] == [1, 1, 1]
    assert [bool(report.ack) for report in reports] == [False, False, True]


def test_that_a_bulk_report_that_breaks_off_is_a_row_a_person_must_see() -> None:
    (report,) = decode(frame(words.BULK, bytes.fromhex("0002 00 001c") + location_body(SPOT, 1, AT)))
    assert (report.type, bool(report.ack)) == ("garbage", True)


# -- bodies --------------------------------------------------------------------------------------------------


def test_that_a_tracker_of_the_table_tells_of_a_press_in_its_own_field() -> None:
    body = location_body(SPOT, 0, AT) + bytes.fromhex("e803 0c0100")
    codec, terminal = codec_for("jt808"), Terminal(OLD, model="JC371", clock=lambda: AT)
    (registered,) = codec.feed(terminal.greeting()[0])
    terminal.hear(registered.ack)
    assert [said(report)["emergency"] for report in codec.feed(frame(words.LOCATION, body))] == [True]
    assert [said(report)["emergency"] for report in codec.feed(position())] == [False]
    # After a restart of ours it only authenticates: its code tells the model.
    assert terminal.code == "13800001111-JC371"
    reports = decode(terminal.greeting()[0], frame(words.LOCATION, body))
    assert said(reports[-1])["emergency"] is True
    assert said(decode(frame(words.LOCATION, body), model="JC371")[0])["emergency"] is True
    assert said(decode(frame(words.LOCATION, body))[0])["emergency"] is False


def test_that_south_and_west_are_signed_and_another_time_zone_can_be_set() -> None:
    body = bytearray(location_body(SPOT, 0, AT))
    body[7] |= 0x0C
    (report,) = decode(frame(words.LOCATION, bytes(body)), tz="-03:30")
    assert (said(report)["lat"], said(report)["lon"]) == (-35.42, -119.46)
    assert report.device_time == "2026-11-22T12:30:00-03:30"


def test_that_a_terminal_without_a_clock_gives_a_position_without_a_time() -> None:
    body = location_body(SPOT, 0, AT)
    (report,) = decode(frame(words.LOCATION, body[:22] + bytes(6) + body[28:]))
    assert (report.type, report.device_time) == ("position", None)


def test_that_a_tlv_that_breaks_off_costs_no_position() -> None:
    (report,) = decode(frame(words.LOCATION, location_body(SPOT, 1, AT) + b"\x2a\x09\x01"))
    assert (said(report)["emergency"], said(report)["tlvs"]) == (True, {"01": "00000064", "30": "10"})


def test_that_a_taxi_out_of_service_stays_in_the_east() -> None:
    body = bytearray(jt905.location_body(SPOT, 1, AT))
    body[7] |= 0x0E
    (report,) = decode(frame(words.LOCATION, bytes(body)), protocol="jt905")
    place = said(report)
    assert (place["lat"], place["lon"], place["fix"], place["emergency"]) == (35.42, 119.46, True, True)
    assert "altitude_m" not in place


@pytest.mark.parametrize("text", ["8", "+8:00", "+08:60"])
def test_that_a_time_zone_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="tz is an offset"):
        codec_for("jt808", {"tz": text})


def test_that_a_terminal_has_one_button_and_a_phone_of_digits() -> None:
    with pytest.raises(ValueError, match="one button"):
        Terminal(OLD).signal(Press(event="110"))
    with pytest.raises(ValueError, match="up to 20 digits"):
        make_panel("1380-0001", {})
