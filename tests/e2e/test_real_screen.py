"""A real X screen, a real window, real keys: the demo as a person meets it (Xvfb and xdotool, see .ci/system)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TITLE = "110 接处警台"


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """An X server of our own; answers the environment for its programs."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        number = os.read(reader, 16).decode().strip()
        yield {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        os.close(reader)
        server.terminate()
        server.wait(10)


@contextmanager
def demo(env: dict[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "console", "demo", "--db", url, "--speed", "4"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def key(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(["xdotool", *arguments], env=env, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout.strip()


def until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.2)
    return False


def alarms(url: str) -> list[dict[str, str]]:
    command = [sys.executable, "-m", "console", "alarms", "--db", url, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_that_f1_and_f2_on_a_real_screen_acknowledge_and_dispatch_and_closing_ends_cleanly(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'screen.db'}"
    with screen() as env, demo(env, url) as process:
        assert until(lambda: bool(key(env, "search", "--onlyvisible", "--name", TITLE)))
        window = key(env, "search", "--onlyvisible", "--name", TITLE).split()[-1]
        key(env, "windowfocus", window)
        waiting = [alarm for alarm in alarms(url) if not alarm["acknowledged_at"]]
        assert waiting
        time.sleep(1)  # the strip asks again for a key within half a second of a change
        key(env, "key", "--window", window, "F2")
        assert until(lambda: any(alarm["acknowledged_at"] for alarm in alarms(url)))
        (taken, *_) = [alarm for alarm in alarms(url) if alarm["acknowledged_at"]]
        command = [sys.executable, "-m", "console", "incidents", "--db", url, "--json"]
        rows = [json.loads(line) for line in subprocess.check_output(command, text=True).splitlines()]
        (incident,) = [row for row in rows if row["number"] == taken["incident"]]
        assert incident["t_dispatch"]
        assert len(incident["units"]) == 1
        key(env, "windowclose", window)
        process.terminate()
        assert process.wait(20) == 0
