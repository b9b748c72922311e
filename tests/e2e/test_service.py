"""`lines` as a service: what its unit starts, what it tells its supervisor, and a line whose desk died."""

import configparser
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.process import ACK, Lines, Place, Wire, frame, wait_until

UNIT = Path(__file__).parents[2] / "resources" / "service" / "console110-lines.service"


class Supervisor:
    """The far end of a notification socket, as systemd holds it."""

    def __init__(self, name: str) -> None:
        self.said: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{name[1:]}" if name.startswith("@") else name)
        self._socket.settimeout(0.1)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                self.said.append(self._socket.recv(4096).decode())
            except TimeoutError:
                continue

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@console110-test-{os.getpid()}"


@pytest.fixture
def supervisor(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    made = Supervisor(address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    yield made
    made.close()


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(UNIT, encoding="utf-8")
    return read


def test_that_the_supervisor_hears_ready_alive_and_ending(supervisor: Supervisor, place: Place, wire: Wire) -> None:
    process = Lines(place, f"A1=surgard:{wire.name}")
    process.ready()
    assert wait_until(lambda: supervisor.said.count("WATCHDOG=1") > 5, 5)
    assert supervisor.said.count("READY=1") == 1
    process.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    still = len(supervisor.said)
    time.sleep(0.6)
    assert len(supervisor.said) == still, "a process that stands still says nothing and is killed for it"
    process.process.send_signal(signal.SIGCONT)
    assert process.terminate() == 0
    assert wait_until(lambda: supervisor.said[-1] == "STOPPING=1", 2)


def test_that_a_missing_cable_does_not_keep_the_service_from_being_ready(
    supervisor: Supervisor, place: Place, wire: Wire
) -> None:
    process = Lines(place, f"A1=surgard:{wire.name}", f"B1=surgard:{place.folder}/absent")
    assert wait_until(lambda: "READY=1" in supervisor.said, 40)
    assert wire.ask(frame(1)) == ACK
    process.kill()


def test_that_the_units_own_command_receives_from_a_settings_file(place: Place, wire: Wire) -> None:
    service = unit()["Service"]
    settings = place.folder / "settings.toml"
    settings.write_text(f'db = "{place.url}"\nseat = "L1"\nlines = ["A1=surgard:{wire.name}"]\n', encoding="utf-8")
    _, *arguments = service["ExecStart"].split()
    arguments[arguments.index("--config") + 1] = str(settings)
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=place.environment
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b'{"event": "ready", "lines": ["A1"]}\n'
    assert wire.ask(frame(1)) == ACK
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()
    assert [signal_["zone"] for signal_ in place.signals()] == ["001"]


def test_that_the_unit_is_started_again_for_ever_and_a_hang_is_noticed() -> None:
    read = unit()
    assert read["Service"]["Restart"] == "always"
    assert int(read["Service"]["RestartSec"]) + int(read["Service"]["WatchdogSec"]) < 30
    assert read["Unit"]["StartLimitIntervalSec"] == "0"
    assert read["Service"]["Type"] == "notify"
    assert not re.search(r"^User=root", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def test_that_a_desk_that_dies_leaves_its_line_to_the_service_which_says_so(place: Place, wire: Wire) -> None:
    """UL 1981: with the automation dead the receiving side still records and names source and kind."""
    line = f"A1=surgard:{wire.name}"
    desk = subprocess.Popen(
        [sys.executable, "-m", "console", "run", "--db", place.url, "--line", line],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=place.environment | {"QT_QPA_PLATFORM": "offscreen"},
    )
    service = None
    try:
        assert wait_until(lambda: wire.ask(frame(1), 1.0) == ACK, 30), "the desk receives"
        service = Lines(place, line, seat="L1")
        assert service.ready()["standby"] == ["A1"]
        desk.kill()
        desk.wait()
        died = time.monotonic()
        assert wait_until(lambda: wire.ask(frame(2), 1.0) == ACK, 30)
        assert time.monotonic() - died < 30
        assert service.says("线路A1 改由本席接收")
        stored = [(s["account"], s["zone"], s["event_code"], s["raw_hex"]) for s in place.signals() if not s["copy_of"]]
        assert stored == [("1001", "001", "120", frame(1).hex()), ("1002", "002", "120", frame(2).hex())]
    finally:
        desk.kill()
        desk.wait()
        if service is not None:
            service.kill()


def test_that_a_service_killed_during_alarms_is_back_in_time_and_loses_none(place: Place, wire: Wire) -> None:
    """A supervisor (RestartSec=1) by hand: kill −9 with a frame under way, start again, the sender repeats."""
    line = f"A1=surgard:{wire.name}"
    for n in range(3):
        process = Lines(place, line)
        process.ready()
        assert wire.ask(frame(10 * n)) == ACK
        wire.put(frame(10 * n + 1))
        process.kill()
        died = time.monotonic()
        answered = wire.answer(0.0) == ACK
        time.sleep(1.0)
        again = Lines(place, line)
        again.ready()
        assert time.monotonic() - died < 30
        if not answered:
            assert wait_until(lambda: wire.ask(frame(10 * n + 1), 1.0) == ACK, 10)  # noqa: B023 - asked at once
        again.kill()
    zones = [s["zone"] for s in place.signals() if not s["copy_of"]]
    assert zones == ["000", "001", "010", "011", "020", "021"]
    assert all(alarm["presses"] == 1 for alarm in place.alarms())
