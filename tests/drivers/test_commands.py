"""python -m drivers as scripts and technicians use it: real processes, real pseudo-terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from drivers.address import parse_line
from drivers.link import Link
from drivers.protocols.surgard_panel import signal_frame
from drivers.report import Report
from drivers.simulator import Simulator, make_pty_pair
from drivers.streams import FdStream

ROOT = Path(__file__).parents[2]
EXAMPLE = "353031312031383730333745313330303130303414"


def drivers(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drivers", *arguments],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_that_decode_prints_one_object_a_line_and_names_the_bad_ones() -> None:
    done = drivers("decode", "--protocol", "surgard", stdin=f"{EXAMPLE}\nnot hex\n\n{EXAMPLE[:20]}\n")
    answers = rows(done.stdout)
    assert [len(answer["reports"]) for answer in answers] == [1, 0, 0, 0]
    assert [answer["pending"] for answer in answers] == [0, 0, 0, 10]
    assert "hex" in answers[1]["error"]
    report = answers[0]["reports"][0]
    assert (report["type"], report["event_code"], report["qualifier"]) == ("signal", "130", "new")
    assert (report["partition"], report["zone"], report["ack_hex"]) == ("01", "004", "06")
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("decode", "--protocol", "jt807"), 2, "there is no protocol"),
        (("decode", "--protocol", "morse"), 2, "no protocol"),
        (("simulate", "--protocol", "surgard", "--port", "/dev/does-not-exist"), 1, "does not exist"),
        (("simulate", "--protocol", "surgard", "--port", "x@y"), 2, "9600,8N1"),
        (("simulate", "--protocol", "surgard", "--port", "x", "--faults", "gremlins"), 2, "gremlins"),
        (("monitor", "--line", "A1=surgard"), 2, "NAME=PROTOCOL:PORT"),
        (("monitor", "--line", "A1=surgard:udp-listen://127.0.0.1:9"), 2, "not spoken over UDP"),
        ((), 2, "required"),
    ],
)
def test_that_misuse_is_one_sentence_and_the_right_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = drivers(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_that_monitor_on_a_missing_port_says_so_and_fails(tmp_path: Path) -> None:
    done = drivers("monitor", "--json", "--line", f"A1=surgard:{tmp_path}/none")
    assert done.returncode == 1
    assert rows(done.stdout)[0]["state"] == "lost"


def test_that_every_command_explains_itself() -> None:
    for command in ("decode", "simulate", "ports", "monitor"):
        done = drivers(command, "--help")
        assert done.returncode == 0
        assert f"drivers {command}" in done.stdout


def test_that_ports_prints_an_object_for_each_port() -> None:
    done = drivers("ports", "--json")
    assert done.returncode == 0
    assert all({"device", "vid", "pid", "serial_number", "product"} <= set(row) for row in rows(done.stdout))


def test_that_simulate_sends_and_shows_each_answer_with_its_delay() -> None:
    near, far = os.openpty()
    heard: list[Report] = []
    acknowledge(near, heard)
    done = drivers(
        "simulate", "--protocol", "surgard", "--port", os.ttyname(far), "--account", "4321", "--zone", "7",
        "--event", "R122", "--count", "3", "--rate", "50", "--json",
    )  # fmt: skip
    os.close(far)
    assert done.returncode == 0, done.stderr
    assert [row["answer_hex"] for row in rows(done.stdout)] == ["06"] * 3
    assert all(0 < row["delay_ms"] < 1000 for row in rows(done.stdout))
    assert [(r.account, r.event_code, r.qualifier, r.zone) for r in heard] == [("4321", "122", "restore", "007")] * 3


def acknowledge(near: int, heard: list[Report]) -> None:
    """Answer at the near end of a pseudo-terminal until its far end is closed."""
    from drivers.protocols import codec_for

    def answer() -> None:
        codec = codec_for("surgard")
        while len(heard) < 3:
            for report in codec.feed(os.read(near, 4096)):
                heard.append(report)
                os.write(near, report.ack)

    threading.Thread(target=answer, daemon=True).start()


def test_that_monitor_prints_frames_answers_them_and_its_capture_replays(tmp_path: Path) -> None:
    near, path = make_pty_pair()
    capture = tmp_path / "capture.jsonl"
    monitor = subprocess.Popen(
        [sys.executable, "-m", "drivers", "monitor", "--json", "--line", f"A1=surgard:{path}", "--capture", capture],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert monitor.stdout is not None
    assert json.loads(monitor.stdout.readline())["state"] == "up"
    for zone in ("001", "002"):
        assert Simulator(FdStream(near)).send(signal_frame(zone=zone)).acknowledged
    monitor.send_signal(signal.SIGTERM)
    printed = rows(monitor.communicate(timeout=10)[0])
    os.close(near)
    assert monitor.returncode == 0
    assert [row["zone"] for row in printed if row["type"] == "signal"] == ["001", "002"]
    assert replayed(capture) == ["001", "002"]


def replayed(capture: Path) -> list[str | None]:
    """Play a capture through a line and return the zones it tells of."""
    heard: list[Report] = []
    over = threading.Event()
    link = Link(
        parse_line(f"R=surgard:file:{capture}"),
        lambda reports, _at, _wire: heard.extend(reports),
        lambda state: over.set() if state.phase == "stopped" else None,
    )
    link.start()
    assert over.wait(10)
    link.stop()
    return [report.zone for report in heard]


def test_that_a_broken_capture_is_refused_with_the_row_at_fault(tmp_path: Path) -> None:
    capture = tmp_path / "capture.jsonl"
    capture.write_text('{"t": 1, "line": "A", "dir": "in", "hex": "06"}\n{"t": 1}\n', encoding="utf-8")
    done = drivers("monitor", "--json", "--line", f"A1=surgard:file:{capture}")
    assert done.returncode == 1
    assert "row 2" in rows(done.stdout)[0]["why"]
