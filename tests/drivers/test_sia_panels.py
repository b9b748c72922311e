"""The simulated panels of the SIA family against our codecs: each press heard as it was meant, and acknowledged."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.panel import Press
from drivers.protocols import codec_for, protocol_row
from drivers.protocols.sia_dc09_frame import write_frame
from drivers.protocols.sia_dc09_panel import Dc09Panel
from drivers.report import Report
from drivers.simulator import Simulator

ROOT = Path(__file__).parents[2]
KEY = "ABCDABCDABCDABCDABCDABCDABCDABCD"
PANELS = [
    ("surgard", "1234", {}),
    ("sia-dc03", "1234", {}),
    ("galaxy", "1234", {}),
    ("sia-dc09", "1234", {}),
    ("sia-dc09", "12AB", {"key": KEY}),
    ("sia-dc09", "12AB", {"key": "0123456789abcdefGHIJKLMN", "flavour": "sia-dcs"}),
    ("sia-dc09", "90219125916578", {"flavour": "heng-bo"}),
]
names = ["-".join([protocol, *options]) for protocol, _, options in PANELS]


class Desk:
    """The console's end of a wire without a wire."""

    def __init__(self, protocol: str, options: dict[str, str]) -> None:
        self.codec = codec_for(protocol, {"key": options["key"]} if "key" in options else {})
        self.heard: list[Report] = []
        self._answers = b""

    def write(self, data: bytes) -> None:
        reports = self.codec.feed(data)
        self.heard += reports
        self._answers += b"".join(report.ack for report in reports)

    def read(self) -> bytes:
        answers, self._answers = self._answers, b""
        return answers

    def drain(self) -> None:
        self._answers = b""

    def close(self) -> None:
        assert self.codec.pending == 0


@pytest.mark.parametrize(("protocol", "account", "options"), PANELS, ids=names)
def test_that_a_panel_says_what_was_pressed_and_takes_the_answer(
    protocol: str, account: str, options: dict[str, str]
) -> None:
    row = protocol_row(protocol)
    assert row.panel is not None
    panel, desk = row.panel(account, options), Desk(protocol, options)
    simulator = Simulator(desk, panel, ack_wait_s=0.05, repeats=0)
    assert all(exchange.acknowledged for exchange in simulator.greet())
    presses = [Press(zone="007", partition="02"), Press(zone="007", partition="02", qualifier="restore")]
    assert all(simulator.press(press).acknowledged for press in presses)
    told = [report for report in desk.heard if report.type == "signal" and report.event_code != "737"]
    assert {report.account for report in told} == {account}
    assert [(report.qualifier, int(report.partition or 0), report.zone) for report in told] == [
        ("new", 2, "007"),
        ("restore", 2, "007"),
    ]
    assert told[0].panic
    desk.close()


@pytest.mark.parametrize(("protocol", "account", "options"), PANELS, ids=names)
def test_that_a_panel_with_faults_is_heard_in_the_end(protocol: str, account: str, options: dict[str, str]) -> None:
    row = protocol_row(protocol)
    assert row.panel is not None
    panel, desk = row.panel(account, options), Desk(protocol, options)
    faults = ("drop", "corrupt", "split") if protocol != "galaxy" else ("drop", "split")
    simulator = Simulator(desk, panel, ack_wait_s=0.02, repeats=8, faults=faults, seed=3)
    zones = [f"{number:03}" for number in range(1, 9)]
    assert all(simulator.press(Press(zone=zone)).acknowledged for zone in zones)
    told = [report.zone for report in desk.heard if report.type == "signal"]
    assert [zone for number, zone in enumerate(told) if zone not in told[:number]] == zones


@pytest.mark.parametrize("protocol", ["sia-dc03", "galaxy", "sia-dc09"])
def test_that_an_account_that_cannot_be_said_is_refused(protocol: str) -> None:
    row = protocol_row(protocol)
    assert row.panel is not None
    with pytest.raises(ValueError, match="account"):
        row.panel("one two", {})


def test_that_an_event_without_a_sia_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no SIA code"):
        Dc09Panel(flavour="sia-dcs").signal(Press(event="999"))


def test_that_a_dc09_panel_takes_no_answer_to_another_frame_nor_a_refusal() -> None:
    panel = Dc09Panel()
    panel.signal(Press())
    assert panel.hear(write_frame(b'"ACK"0002R0L0#1234[]')).taken == 0
    assert panel.hear(write_frame(b'"ACK"0001R0L0#1234[]')).taken == 1
    assert panel.hear(write_frame(b'"NAK"0000R0L0A0[]_08:31:02,11-21-2026')).refused
    assert panel.hear(b"\n0000000000\r").taken == 0


def test_that_a_heng_bo_module_acknowledges_an_order_of_the_centre() -> None:
    panel = Dc09Panel("90219125916578", flavour="heng-bo")
    order = write_frame(b'"HENG-BO"0077R1L1#90219125916578[#000010|3400 00 098]')
    assert b'"ACK"0077R1L1#90219125916578[]_' in panel.hear(order).reply


def test_that_simulate_and_monitor_talk_encrypted_dc09_over_tcp(tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'default = "{KEY}"\n', encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = f"N=sia-dc09:tcp-listen://127.0.0.1:{port},keys={keys},require_key=1"
    command = [sys.executable, "-m", "drivers"]
    monitor = subprocess.Popen(
        [*command, "monitor", "--json", "--line", line], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert monitor.stdout is not None
    assert json.loads(monitor.stdout.readline())["state"] == "up"
    simulate = [*command, "simulate", "--protocol", "sia-dc09", "--port", f"socket://127.0.0.1:{port}"]
    sent = subprocess.run(
        [*simulate, "--option", f"key={KEY}", "--count", "3", "--rate", "50", "--event", "122", "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    monitor.send_signal(signal.SIGTERM)
    printed = [json.loads(row) for row in monitor.communicate(timeout=20)[0].splitlines()]
    assert sent.returncode == 0, sent.stderr
    signals = [row for row in printed if row["type"] == "signal"]
    assert [(row["event_code"], row["silent"], row["encrypted"]) for row in signals] == [("122", True, True)] * 3
    assert [row["sequence"] for row in signals] == ["0001", "0002", "0003"]
    assert all(re.search("AC", bytes.fromhex(row["ack_hex"]).decode()) for row in signals)


@pytest.mark.parametrize(("option", "said"), [("flavour=x", "no flavour 'x'"), ("key=abc", "a key has"), ("x", "KEY=")])
def test_that_an_option_of_simulate_that_cannot_be_meant_is_one_sentence(option: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drivers", "simulate", "--protocol", "sia-dc09", "--port", "x", "--option", option],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
