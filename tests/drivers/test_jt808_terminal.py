"""The simulated terminal at a real port: from the command line and as a link with a life of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.__main__ import main
from drivers.address import parse_line
from drivers.link import Link, LinkPhase
from drivers.panel import Press
from drivers.protocols import jt808_words as words
from drivers.protocols.jt808_terminal import Terminal
from drivers.report import Report
from drivers.simulator import SimulatedLink, Simulator
from drivers.tcp import SocketStream
from drivers.wire import Wire
from tests.drivers.desk import until

PHONE = "013800001111"
TRACK = {"do": "track", "account": PHONE, "interval_s": 1, "valid_s": 60}


@dataclass
class Platform:
    """The console's side: answers each frame on its wire; on a press it confirms and tracks, as the console does."""

    port: int
    reports: list[dict[str, Any]] = field(default_factory=list)
    link: Link = field(init=False)

    def hear(self, reports: list[Report], _at: float, wire: Wire | None) -> None:
        for report in reports:
            self.reports.append(report.to_json())
            self.link.write_now(report.ack, wire)
            if (report.more or {}).get("emergency"):
                self.link.order({"do": "confirm", "account": PHONE, "serial": self.reports[-1]["serial"]})
                self.link.order(TRACK)

    def ids(self) -> list[int]:
        return [report["msg_id"] for report in self.reports]

    def answered(self) -> list[int]:
        """Which commands the terminal has answered."""
        return [report["reply_id"] for report in self.reports if report["msg_id"] == words.TERMINAL_ANSWER]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with platform_for("jt808") as opened:
        yield opened


@contextmanager
def platform_for(protocol: str) -> Iterator[Platform]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    made = Platform(port)
    made.link = Link(parse_line(f"B={protocol}:tcp-listen://127.0.0.1:{port}"), made.hear, lambda _: None)
    made.link.start()
    try:
        assert until(lambda: made.link.state.phase is LinkPhase.UP)
        yield made
    finally:
        made.link.stop()


def stream_to(platform: Platform) -> SocketStream:
    return SocketStream.to(("127.0.0.1", platform.port), 0.02)


Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def simulate(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(port: int, *more: str, protocol: str = "jt808") -> tuple[int, list[dict[str, Any]]]:
        address = f"socket://127.0.0.1:{port}"
        code = main(["simulate", "--protocol", protocol, "--port", address, "--account", PHONE, "--json", *more])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.mark.parametrize("protocol", ["jt808", "jt905"])
def test_that_a_terminal_of_the_command_line_registers_presses_and_answers_what_it_is_told(
    simulate: Run, protocol: str
) -> None:
    with platform_for(protocol) as platform:
        code, shown = simulate(platform.port, "--greet", "--count", "2", "--rate", "20", protocol=protocol)
        assert until(lambda: len(platform.answered()) >= 2)
    assert code == 0
    assert [row["attempts"] for row in shown] == [1, 1, 1]
    assert [msg_id for msg_id in platform.ids() if msg_id != words.TERMINAL_ANSWER] == [
        words.REGISTER,
        words.AUTHENTICATE,
        words.LOCATION,
        words.LOCATION,
    ]
    assert platform.answered()[:2] == [words.CONFIRM, words.TRACK]


def test_that_frames_lost_spoilt_and_glued_are_all_acknowledged_in_the_end(platform: Platform) -> None:
    with closing(stream_to(platform)) as stream:
        simulator = Simulator(
            stream, Terminal(PHONE), ack_wait_s=0.2, repeats=20, faults=["drop", "corrupt", "split", "glue"], seed=5
        )
        exchanges = [simulator.press(Press(qualifier="restore")) for _ in range(20)]
    assert all(exchange.acknowledged for exchange in exchanges)
    serials = [report["serial"] for report in platform.reports if report["type"] == "position"]
    assert set(serials) == set(range(20))


def test_that_a_tracked_terminal_says_where_it_is_instead_of_a_heartbeat(platform: Platform) -> None:
    terminal = Terminal(PHONE)
    with closing(stream_to(platform)) as stream:
        link = SimulatedLink(Simulator(stream, terminal), heartbeat_s=0.05)
        link.start()
        assert until(lambda: words.HEARTBEAT in platform.ids())
        link.post(Press())
        assert until(lambda: terminal.interval_s == 1)
        link.post(Press(qualifier="restore"))
        assert until(lambda: platform.ids()[-6:].count(words.LOCATION) >= 5)
        link.stop()
    assert (words.TRACK, {"interval_s": 1, "valid_s": 60}) in terminal.commands
