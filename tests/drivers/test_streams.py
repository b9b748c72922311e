"""Wires other than the pseudo-terminal: TCP, a USB identity; and how a lost one is tried again."""

from __future__ import annotations

import os
import socket
import time
from itertools import pairwise
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from drivers.address import Address, parse_address
from drivers.link import LinkPhase
from drivers.simulator import Simulator, signal_frame
from drivers.streams import FdStream, PortError, SocketStream, open_stream, plugged_in, resolve_usb
from tests.drivers.desk import desk_on, until


def test_that_a_tcp_line_hears_answers_and_comes_back_after_the_far_end_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        with desk_on(f"T1=surgard:socket://127.0.0.1:{server.getsockname()[1]}") as desk:
            for round_ in (1, 2):
                far, _ = server.accept()
                far.settimeout(5)
                far.sendall(signal_frame(zone="007"))
                assert far.recv(10) == b"\x06"
                far.close()
                assert until(lambda: desk.phases.count(LinkPhase.LOST) == round_)  # noqa: B023 - asked at once
    assert [report.zone for report in desk.reports] == ["007", "007"]
    assert "far end closed" in desk.states[1].why


def test_that_nobody_listening_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PortError, match=f"no connection to 127.0.0.1:{port}"):
        SocketStream(("127.0.0.1", port))


def test_that_a_simulator_drains_stale_answers_from_a_tcp_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = SocketStream(server.getsockname(), 0.01)
        far, _ = server.accept()
        far.sendall(b"\x06")
        time.sleep(0.05)
        exchange = Simulator(stream, ack_wait_s=0.05, repeats=0).send(signal_frame())
        assert not exchange.acknowledged
        stream.close()
        far.close()


PLUGGED = [
    SimpleNamespace(device="/dev/ttyUSB1", vid=0x0403, pid=0x6001, serial_number="B2", product="", description="n/a"),
    SimpleNamespace(device="/dev/ttyUSB0", vid=0x0403, pid=0x6001, serial_number="A1", product="UART", description=""),
    SimpleNamespace(device="/dev/ttyS0", vid=None, pid=None, serial_number=None, product=None, description="ttyS0"),
]


def test_that_a_usb_port_is_found_by_identity_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: PLUGGED)
    assert resolve_usb(parse_address("usb:0403:6001:A1@1200,7E1")) == Address("serial", "/dev/ttyUSB0", 1200, 7, "E", 1)
    with pytest.raises(PortError, match="no USB device 0403:6001:C3"):
        open_stream(parse_address("usb:0403:6001:C3"))
    assert [port["vid"] for port in plugged_in()] == [None, "0403", "0403"]


def test_that_a_lost_line_is_tried_quickly_at_first_then_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[float] = []

    def refuse(_address: Address) -> None:
        tries.append(time.monotonic())
        raise PortError("not today")

    monkeypatch.setattr("drivers.port.open_stream", refuse)
    monkeypatch.setattr("drivers.link.FIRST_WAIT_S", 0.05)
    monkeypatch.setattr("drivers.link.LONGEST_WAIT_S", 0.2)
    with desk_on("A1=surgard:/dev/any") as desk:
        assert until(lambda: len(tries) == 6)
    waits = [later - earlier for earlier, later in pairwise(tries)]
    # A loaded machine may wake later than asked, never earlier.
    assert all(wanted <= wait < wanted + 0.3 for wanted, wait in zip((0.05, 0.1, 0.2, 0.2, 0.2), waits, strict=True))
    assert desk.phases == [LinkPhase.LOST, LinkPhase.STOPPED]


def test_that_bytes_nobody_takes_fall_off_the_wire_instead_of_blocking_the_sender() -> None:
    near, far = os.openpty()
    stream = FdStream(near)
    began = time.monotonic()
    for _ in range(2000):
        stream.write(signal_frame())
    assert time.monotonic() - began < 2
    os.close(far)
    stream.close()
