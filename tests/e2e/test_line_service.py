"""The line service as an operator meets it: a failed line comes back, its health is written, probes get nothing."""

import json
import socket
from pathlib import Path
from typing import Any

from tests.e2e.process import ACK, Lines, Place, Wire, frame, wait_until


def health(place: Place) -> dict[str, Any]:
    file = place.folder / "data" / "console110" / "lines-health.json"
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"lines": []}
    return read


def states(place: Place) -> dict[str, str]:
    return {line["name"]: line["state"] for line in health(place)["lines"]}


def test_that_a_failed_line_is_tried_again_while_the_others_work_and_the_file_says_so(
    place: Place, wire: Wire, tmp_path: Path
) -> None:
    late = tmp_path / "late"
    process = Lines(place, f"A1=surgard:{wire.name}", f"B1=surgard:{late}")
    try:
        assert wait_until(lambda: states(place) == {"A1": "UP", "B1": "LOST"}, 20)
        (lost,) = [line for line in health(place)["lines"] if line["name"] == "B1"]
        assert "端口不存在" in lost["why"]
        assert wire.ask(frame(1)) == ACK
        other = Wire(late)
        assert wait_until(lambda: states(place) == {"A1": "UP", "B1": "UP"}, 10)
        assert other.ask(frame(2)) == ACK
        assert wait_until(lambda: [line["frames"] for line in health(place)["lines"]] == [1, 1], 10)
        assert process.terminate() == 0
        other.close()
    finally:
        if process.process.poll() is None:
            process.kill()
    told = health(place)
    assert told["ended"] is True
    assert set(states(place).values()) == {"CLOSED"}
    assert len(place.signals()) == 2


def test_that_a_listener_open_to_many_serves_senders_and_no_probe(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = Lines(place, f"D1=sia-dc09:tcp-listen://:{port},supervise_s=0,peers=5,idle_s=60")
    try:
        assert process.ready()["lines"] == ["D1"]
        probes = (b"GET / HTTP/1.0\r\n\r\n", bytes.fromhex("160301"), b"OPTIONS sip:1@a SIP/2.0\r\n\r\n")
        for probe in probes:
            with socket.create_connection(("127.0.0.1", port), 5) as prober:
                prober.settimeout(5)
                prober.sendall(probe)
                assert prober.recv(64) == b""
        assert wait_until(lambda: health(place)["lines"][0]["dropped"] == {"probe": 3}, 10)
        assert process.terminate() == 0
    finally:
        if process.process.poll() is None:
            process.kill()
    assert not place.signals()
