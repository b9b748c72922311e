"""The program with a window, as a process of its own: it opens, ends on SIGTERM, draws pictures, says what is wrong."""

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READY_S = 60


def surroundings(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept |= {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    kept.pop("QT_QPA_PLATFORM", None)
    return kept | more


def console(*arguments: str, env: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "console", "--log", "INFO", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_that_a_window_opens_over_a_new_database_and_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    env = surroundings(tmp_path, QT_QPA_PLATFORM="offscreen")
    process = console("run", "--db", f"sqlite:///{database}", env=env)
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if "window open" in line:
            break
    assert "window open" in "".join(said), said
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=20)
    assert process.returncode == 0, rest
    assert "Traceback" not in "".join(said) + rest
    assert database.exists()


def test_that_without_a_display_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    process = console("run", "--db", f"sqlite:///{tmp_path / 'desk.db'}", env=surroundings(tmp_path))
    _, said = process.communicate(timeout=READY_S)
    assert process.returncode == 1
    assert "没有图形显示" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("scale", "pixels"), [("1.0", (1366, 768)), ("2.0", (2732, 1536))])
def test_that_a_picture_of_the_window_has_the_asked_size(tmp_path: Path, scale: str, pixels: tuple[int, int]) -> None:
    out = tmp_path / "calltaker.png"
    arguments = ("screenshot", "calltaker", str(out), "--size", "1366x768", "--scale", scale)
    process = console(*arguments, env=surroundings(tmp_path))
    _, said = process.communicate(timeout=READY_S)
    assert process.returncode == 0, said
    assert struct.unpack(">II", out.read_bytes()[16:24]) == pixels


def test_that_a_picture_that_cannot_be_written_says_so_in_one_sentence(tmp_path: Path) -> None:
    process = console("screenshot", "calltaker", str(tmp_path / "nowhere" / "a.png"), env=surroundings(tmp_path))
    _, said = process.communicate(timeout=READY_S)
    assert process.returncode == 1
    assert "无法写入截图" in said
    assert "Traceback" not in said
