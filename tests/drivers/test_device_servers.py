"""Serial ports behind a device server, killed and back, and adapters found by their identity.

The device servers are pyserial's RFC 2217 server and socat; no USB adapter is here, so a list of ports over
pseudo-terminals stands in for what is plugged in.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from drivers.link import LinkPhase
from drivers.protocols.surgard_panel import signal_frame
from tests.drivers.desk import Desk, desk_on, until

# pyserial 3.5's own client begins its thread in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")
ACK = b"\x06"
BACK_S = 2.0
"""The number to meet: so long after its port is there again a line receives."""


class Cable:
    """The receiver's end of a pseudo-terminal; `path` is what a device server or adapter opens."""

    def __init__(self) -> None:
        self.near, self.far = os.openpty()
        tty.setraw(self.far)
        self.path = os.ttyname(self.far)

    def ask(self, frame: bytes, seconds: float = 5.0) -> bytes:
        os.write(self.near, frame)
        ready, _, _ = select.select([self.near], [], [], seconds)
        return os.read(self.near, 64) if ready else b""

    def close(self) -> None:
        for end in (self.near, self.far):
            os.close(end)


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = Cable()
    yield made
    made.close()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def rfc2217(port: int, cable: Cable) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.drivers.rfc2217_server", str(port), cable.path)


def socat(port: int, cable: Cable) -> tuple[str, ...]:
    return ("socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,nodelay", f"FILE:{cable.path},raw,echo=0")


needs_socat = pytest.mark.skipif(shutil.which("socat") is None, reason="socat is not installed")
SERVERS = [
    pytest.param("rfc2217", rfc2217, id="rfc2217"),
    pytest.param("socket", socat, id="socat", marks=needs_socat),
]


def zones(desk: Desk) -> list[str | None]:
    return [report.zone for report in desk.reports if report.type == "signal"]


@pytest.mark.parametrize(("kind", "server"), SERVERS)
def test_that_a_device_server_killed_and_restarted_is_received_from_again(
    kind: str, server: Callable[[int, Cable], tuple[str, ...]], port: int, cable: Cable
) -> None:
    command = server(port, cable)
    with desk_on(f"T1=surgard:{kind}://127.0.0.1:{port}") as desk:
        assert desk.phases == [LinkPhase.LOST]
        for n in range(2):
            # Away for longer than the longest pause between two tries.
            time.sleep(1.5)
            with running(*command):
                assert until(lambda: desk.phases[-1] is LinkPhase.UP, 10)
                assert cable.ask(signal_frame(zone=f"{n:03}")) == ACK
            assert until(lambda: desk.phases[-1] is LinkPhase.LOST)
    assert zones(desk) == ["000", "001"]


def test_that_the_time_without_a_port_does_not_make_its_return_slower(port: int, cable: Cable) -> None:
    """From the moment the server listens; a process takes its own time to start."""
    with desk_on(f"T1=surgard:rfc2217://127.0.0.1:{port}") as desk:
        assert until(lambda: desk.link is not None and desk.link._wait_s == 1.0, 10)
        with running(*rfc2217(port, cable)) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "listening\n"
            began = time.monotonic()
            assert until(lambda: desk.phases[-1] is LinkPhase.UP, 10)
            # pyserial's negotiation polls every 50 ms to 100 ms; a busy machine is granted as much again.
            assert time.monotonic() - began < 2 * BACK_S


def test_that_speed_and_framing_reach_the_port_behind_the_server(port: int, cable: Cable) -> None:
    with running(*rfc2217(port, cable)) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "listening\n"
        with desk_on(f"T1=surgard:rfc2217://127.0.0.1:{port}@1200,8N1"):
            assert cable.ask(signal_frame()) == ACK
        told = {server.stdout.readline().strip() for _ in range(5)}
    assert "1200" in told


def adapter(device: str, serial_number: str) -> SimpleNamespace:
    return SimpleNamespace(
        device=device, vid=0x0403, pid=0x6001, serial_number=serial_number, product="UART", description=""
    )


def test_that_a_replugged_adapter_is_found_under_its_new_name(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged: list[SimpleNamespace] = []
    monkeypatch.setattr(list_ports, "comports", lambda: list(plugged))
    other = Cable()
    with desk_on("A1=surgard:usb:0403:6001:A1@9600,8N1") as desk:
        assert desk.phases == [LinkPhase.LOST]
        assert "no USB device 0403:6001:A1" in desk.states[0].why
        for n in range(3):
            mine = Cable()
            time.sleep(0.8)
            plugged[:] = [adapter(other.path, "B2"), adapter(mine.path, "A1")]
            began = time.monotonic()
            assert until(lambda: desk.phases[-1] is LinkPhase.UP, 10)
            assert time.monotonic() - began < 2 * BACK_S
            assert mine.ask(signal_frame(zone=f"{n:03}")) == ACK
            plugged[:] = []
            mine.close()
            assert until(lambda: desk.phases[-1] is LinkPhase.LOST)
    other.close()
    assert zones(desk) == ["000", "001", "002"]
