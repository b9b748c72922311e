"""A capture played at the bench is shown there and goes nowhere else."""

import asyncio
from pathlib import Path

import pytest

from console.domain.errors import UserError
from console.services.bench_replay import Replay, is_capture
from console.services.line_tap import Frame
from drivers.capture import CaptureWriter
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame


def captured(folder: Path, *frames: bytes) -> Path:
    file = folder / "school,东门.jsonl"
    writer = CaptureWriter(file)
    for number, frame in enumerate(frames):
        writer.record("A1", "in", frame, number / 100)
        writer.record("A1", "out", b"\x06", number / 100)
    writer.close()
    return file


async def test_that_a_capture_is_read_to_its_end_at_its_pace(tmp_path: Path) -> None:
    shown: list[Frame] = []
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    replay = Replay(captured(tmp_path, heartbeat_frame(), signal_frame()), "surgard", shown.append, ended.set_result)
    async with asyncio.timeout(20):
        assert await ended == 2
    await asyncio.to_thread(replay.close)
    assert [frame.report.type for frame in shown] == ["heartbeat", "signal"]
    assert all(frame.answered_at is None for frame in shown)


@pytest.mark.parametrize(
    ("text", "protocol", "said"),
    [
        ("nonsense\n", "surgard", "不是捕获文件"),
        ("", "surgard", "没有收到的报文"),
        ("x", "nothing", "不能回放|不是捕获文件"),
    ],
)
async def test_that_what_cannot_be_played_is_said(tmp_path: Path, text: str, protocol: str, said: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        Replay(file, protocol, lambda _: None, lambda _: None)
    with pytest.raises(UserError, match="不能打开"):
        Replay(tmp_path / "none.jsonl", "surgard", lambda _: None, lambda _: None)


def test_that_a_capture_is_known_among_lines() -> None:
    assert is_capture("R1=surgard:file:/data/school.jsonl")
    assert not is_capture("A1=surgard:/dev/ttyUSB0")
    assert not is_capture("nonsense")
