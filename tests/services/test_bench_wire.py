"""The bench's simulated panel by itself: whatever a technician asks of it, it answers in one sentence and lives on."""

import asyncio
import time

import pytest

from console.domain.errors import UserError
from console.services.bench_wire import Sent, SimulatedPanel
from console.services.line_tap import Frame
from console.services.unread_words import unread


async def until_told(sent: list[Sent], words: str) -> Sent:
    """What was told with these words in it; the greeting is told first by some panels."""
    ends = time.monotonic() + 20
    while not (found := [one for one in sent if words in one.text]):
        assert time.monotonic() < ends, sent
        await asyncio.sleep(0.01)
    return found[-1]


async def test_that_a_panel_without_such_a_zone_says_so_and_takes_the_next_press() -> None:
    frames: list[Frame] = []
    sent: list[Sent] = []
    panel = SimulatedPanel("line-button", "1234", "", frames.append, sent.append)
    try:
        panel.send("003", "130", "press")
        assert not (await until_told(sent, "请改防区或事件")).good
        sent.clear()
        with pytest.raises(UserError, match="请改防区或事件"):
            panel.send("003", "130", "spoilt")
        panel.send("003", "120", "press")
        assert (await until_told(sent, "已读取")).good
    finally:
        await asyncio.to_thread(panel.close)


async def test_that_a_spoilt_frame_of_a_panel_that_gets_no_answers_is_not_told_as_read() -> None:
    frames: list[Frame] = []
    sent: list[Sent] = []
    panel = SimulatedPanel("fe100", "1234", "", frames.append, sent.append)
    try:
        panel.send("003", "120", "spoilt")
        assert (await until_told(sent, "坏帧已发出")).good
        assert not any("已读取" in one.text for one in sent)
    finally:
        await asyncio.to_thread(panel.close)


async def test_that_what_cannot_be_simulated_is_told_in_one_sentence() -> None:
    with pytest.raises(UserError, match="请插上真按钮"):
        SimulatedPanel("hid-button", "1234", "", _ignore, _ignore)
    with pytest.raises(UserError, match="请改账号"):
        SimulatedPanel("ademco685", "学校", "", _ignore, _ignore)
    with pytest.raises(UserError, match="端口不存在"):
        SimulatedPanel("surgard", "1234", "/dev/ttyNOTHERE", _ignore, _ignore)


def _ignore(_what: object) -> None:
    """Nobody listens."""


@pytest.mark.parametrize(
    "why",
    [
        "a spoilt byte: this is no text",
        "check 07 is wrong, the bytes give 0E",
        "a notice of a text without its place",
        "no line a modem writes",
        "no sentence",
        "these bytes stand in no frame",
        "no report of a 1d34:000d button",
        "no frame of a known form with the right CRC",
        "no end in 4096 bytes",
        "not encrypted, though this line takes only what is",
    ],
)
def test_that_the_reasons_of_every_codec_are_told_in_the_users_words(why: str) -> None:
    assert not any("a" <= letter <= "z" for letter in unread(why))
