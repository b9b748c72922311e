"""Text messages: what was written is read, by us and by a foreign decoder; any stream is stood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smspdudecoder.easy import read_incoming_sms

from drivers.protocols.sms_pdu import CAP, SmsPduCodec, read_pdu
from drivers.protocols.sms_pdu_alphabet import BASIC, ESCAPE, EXTENDED
from drivers.protocols.sms_pdu_submit import address, deliver, status_report, submit
from drivers.report import Report
from tests.drivers.strategies import cut, places

LETTERS = [letter for code, letter in enumerate(BASIC) if code != ESCAPE] + list(EXTENDED.values())
AT = datetime(2026, 11, 22, 12, 36, 21, tzinfo=timezone(timedelta(hours=8)))
numbers = st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True)
gsm_texts = st.text(alphabet=LETTERS, min_size=1, max_size=400)
wide_texts = st.text(alphabet=st.characters(codec="utf-16-be"), min_size=1, max_size=200)
times = st.builds(
    lambda seconds, quarters: datetime.fromtimestamp(seconds, UTC).astimezone(
        timezone(timedelta(minutes=15 * quarters))
    ),
    st.integers(946_857_600, 4_102_300_800),
    st.integers(-47, 56),
)
delivered = st.builds(
    lambda sender, text, at, ref, wide: deliver(sender, text, at, ref, wide=wide),
    numbers,
    st.one_of(gsm_texts, wide_texts),
    times,
    st.integers(0, 65535),
    st.booleans(),
)


def decode(*parts: bytes, lenient: bool = False) -> list[Report]:
    codec = SmsPduCodec(lenient=lenient)
    return [report for part in parts for report in codec.feed(part)]


def said(report: Report) -> dict[str, Any]:
    return dict(report.more or {})


@given(numbers, st.one_of(gsm_texts, wide_texts), times, st.integers(0, 65535), st.booleans())
def test_that_a_text_is_read_as_it_was_written(sender: str, text: str, at: datetime, ref: int, wide: bool) -> None:
    reports = decode(*deliver(sender, text, at, ref, wide=wide))
    assert "".join(str(said(report)["text"]) for report in reports) == text
    assert {said(report)["sender"] for report in reports} == {sender}
    assert {datetime.fromisoformat(str(said(report)["sent_at"])) for report in reports} == {at}
    if len(reports) > 1:
        parts = [said(report)["concat"] for report in reports]
        ref = ref if wide else ref % 256
        wanted = [{"ref": ref, "parts": len(reports), "number": number} for number in range(1, len(reports) + 1)]
        assert parts == wanted


@given(numbers, st.one_of(gsm_texts, wide_texts), st.integers(0, 255))
def test_that_a_text_to_be_sent_fits_its_messages_and_loses_nothing(to: str, text: str, ref: int) -> None:
    pdus = submit(to, text, ref)
    reports = decode(*pdus)
    assert "".join(str(said(report)["text"]) for report in reports) == text
    assert {(said(report)["recipient"], said(report)["pdu"]) for report in reports} == {(to, "SUBMIT")}
    assert all(len(pdu) <= CAP for pdu in pdus)
    # Bit 5 of the first octet asks for the status report.
    assert all(pdu[1] & 0x20 for pdu in pdus)
    assert len(pdus) == 1 or len(text.encode("utf-16-be")) > 2 * 67


@given(
    numbers.filter(lambda number: not number.startswith("+0")), st.one_of(st.text("aäÄ[]€ ?0", min_size=1), wide_texts)
)
def test_that_a_foreign_decoder_reads_the_same(sender: str, text: str) -> None:
    pdu = deliver(sender, text, AT, 7)[0]
    ours, theirs = said(decode(pdu)[0]), read_incoming_sms(pdu.hex())
    assert ours["sender"] == sender
    # The foreign one reads seven spare bits behind a text as one letter more, an @.
    assert theirs["content"] in (ours["text"], f"{ours['text']}@")
    assert theirs["sender"].lstrip("+") == sender.lstrip("+")
    assert datetime.fromisoformat(str(ours["sent_at"])) == theirs["date"].replace(tzinfo=theirs["date"].tzinfo or UTC)
    concat = ours.get("concat")
    parts = {"reference": concat["ref"], "parts_count": concat["parts"], "part_number": 1} if concat else False
    assert theirs["partial"] == parts


@given(st.lists(st.one_of(delivered.map(b"".join), st.binary(max_size=60)), max_size=5), places, st.booleans())
def test_that_any_split_of_the_stream_gives_the_same_reports(
    parts: list[bytes], where: list[int], numbered: bool
) -> None:
    stream = b"".join(parts)
    assert decode(*cut(stream, where)) == decode(stream)
    assert b"".join(report.raw for report in decode(stream)) == stream[: sum(len(r.raw) for r in decode(stream))]


@given(delivered, st.integers(0, 10_000), st.integers(1, 255))
def test_that_a_flipped_byte_never_raises_and_silence_sets_it_right(pdus: list[bytes], place: int, flip: int) -> None:
    spoilt = bytearray(pdus[0])
    spoilt[place % len(spoilt)] ^= flip
    codec = SmsPduCodec()
    for report in codec.feed(bytes(spoilt)):
        assert report.type in ("text", "message", "garbage")
    codec.expire()
    assert codec.feed(pdus[0])[-1].type == "text"


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=3000), max_size=4), st.booleans())
def test_that_junk_never_grows_the_buffer(chunks: list[bytes], lenient: bool) -> None:
    codec = SmsPduCodec(lenient=lenient)
    for chunk in chunks:
        codec.feed(chunk)
        assert codec.pending <= CAP


def test_that_half_a_message_and_silence_give_garbage() -> None:
    pdu = deliver("12110", "救命", AT)[0]
    codec = SmsPduCodec()
    assert codec.feed(pdu[:-1]) == []
    assert [(report.type, report.raw) for report in codec.expire()] == [("garbage", pdu[:-1])]


def test_that_a_name_as_sender_has_no_padding_sign() -> None:
    # A name of seven letters leaves seven spare bits, which some decoders read as @.
    assert said(decode(deliver("Megafon", "hi", AT)[0])[0])["sender"] == "Megafon"
    assert address("Megafon")[0] == 0x0D


def test_that_a_wrong_clock_does_not_cost_the_text() -> None:
    pdu = bytearray(deliver("12110", "救命", AT)[0])
    at = pdu.index(bytes((0x62, 0x11, 0x22)))
    pdu[at + 1] = 0x99
    (report,) = decode(bytes(pdu))
    assert said(report)["text"] == "救命"
    assert "sent_at" not in said(report)


@pytest.mark.parametrize(
    ("status", "delivered", "trying"), [(0, True, False), (0x21, False, True), (0x46, False, False)]
)
def test_that_a_status_report_tells_what_became_of_the_text(status: int, delivered: bool, trying: bool) -> None:
    report, length = read_pdu(status_report(214, "+8613812345678", AT, status))
    assert length == len(report.raw)
    found = said(report)
    assert (found["reference"], found["recipient"], found["delivered"], found["trying"]) == (
        214, "+8613812345678", delivered, trying
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "text"), [("报警".encode("gb18030"), "报警"), ("学校".encode(), "学校"), (b"\xff\xff", "ÿÿ")]
)
def test_that_eight_bit_data_is_shown_in_the_alphabet_it_fits(data: bytes, text: str) -> None:
    pdu = bytes.fromhex("000405812101F0000462112221638323") + bytes((len(data),)) + data
    assert said(decode(pdu)[0])["text"] == text


@pytest.mark.parametrize(
    ("to", "text", "why"),
    [("abc", "x", "no telephone number"), ("110", "", "an empty text"), ("110", "x" * 40_000, "parts")],
)
def test_that_what_cannot_be_sent_is_refused_with_its_reason(to: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        submit(to, text)
