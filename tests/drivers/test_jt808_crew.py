"""What a crew says at its terminal, and the receipt of a text that was shown there."""

from typing import Any

import pytest

from drivers.codec import Talker
from drivers.protocols import codec_for
from drivers.protocols import jt808_words as words
from drivers.protocols.jt808_frame import read_frame
from drivers.protocols.jt808_terminal import Terminal

PHONE = "000000000013"


def said(msg_id: int, content: bytes) -> dict[str, Any]:
    (report,) = codec_for("jt808").feed(Terminal(PHONE).say(msg_id, content))
    return report.to_json()


@pytest.mark.parametrize(
    ("msg_id", "content", "fields"),
    [
        (words.EVENT, b"\x03", {"event": 3}),
        (words.CHOICE, b"\x00\x07\x02", {"reply_serial": 7, "answer": 2}),
        (words.PASSED, b"\xf0" + "到场".encode("gbk"), {"passed": 0xF0, "text": "到场"}),
        (words.PASSED, b"\x41\x01\x02", {"passed": 0x41, "data": "0102"}),
        (words.EVENT, b"", {"unread": "an event report has 1 byte"}),
        (words.CHOICE, b"\x00", {"unread": "the answer to a question has 3 bytes, this one 1"}),
        (words.PASSED, b"", {"unread": "what is passed through has 1 byte at least"}),
    ],
)
def test_that_what_a_crew_says_is_read(msg_id: int, content: bytes, fields: dict[str, Any]) -> None:
    report = said(msg_id, content)
    assert {name: report[name] for name in fields} == fields
    # An event and what is passed through are answered; an answer is not.
    assert bool(report["ack_hex"]) is (msg_id != words.CHOICE)


def test_that_only_the_answer_to_the_text_itself_is_its_receipt_and_only_once() -> None:
    codec, terminal = codec_for("jt808"), Terminal(PHONE)
    assert isinstance(codec, Talker)
    codec.feed(terminal.say(words.HEARTBEAT))
    codec.order({"do": "text", "account": PHONE, "text": "派警", "ref": "m1"})
    serial = read_frame(codec.outgoing(0.0)[1:-1]).serial

    def answered(to: int) -> object:
        frame = terminal.say(words.TERMINAL_ANSWER, words.answer(to, words.TEXT))
        return codec.feed(frame)[0].to_json().get("ref")

    assert [answered(serial + 1), answered(serial), answered(serial)] == [None, "m1", None]
