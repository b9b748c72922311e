"""Wires other than the pseudo-terminal: TCP, a USB identity; and how a lost one is tried again."""

from __future__ import annotations

import os
import socket
import time
import tty
from collections.abc import Callable
from itertools import pairwise
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from drivers.address import Address, parse_address
from drivers.link import LinkPhase
from drivers.port import Port
from drivers.protocols.surgard_panel import signal_frame
from drivers.simulator import Simulator, make_pty_pair
from drivers.streams import FdStream, open_stream, plugged_in, resolve_usb
from drivers.tcp import SocketStream
from drivers.wire import PortError
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


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("kind", ["socket", "tcp-listen"])
def test_that_a_tcp_line_works_with_more_descriptors_open_than_select_takes(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        port = server.getsockname()[1]
        if kind == "tcp-listen":
            server.close()
        with desk_on(f"T1=surgard:{kind}://127.0.0.1:{port}") as desk:
            assert desk.link is not None
            assert until(lambda: desk.phases == [LinkPhase.UP])
            far = server.accept()[0] if kind == "socket" else socket.create_connection(("127.0.0.1", port), 5)
            far.settimeout(5)
            assert far.fileno() > 1024
            for zone in ("007", "008"):
                far.sendall(signal_frame(zone=zone))
                assert far.recv(10) == b"\x06"
            # Whoever wrote the answer may hold the wire for a moment yet.
            while desk.link.write_now(b"\x15"):
                time.sleep(0.001)
            assert far.recv(10) == b"\x15"
            far.close()
    assert [report.zone for report in desk.reports] == ["007", "008"]


@pytest.mark.usefixtures("crowded")
def test_that_stale_answers_are_drained_from_a_descriptor_that_select_does_not_take() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = SocketStream.to(("127.0.0.1", server.getsockname()[1]))
        assert stream.fileno() > 1024
        with server.accept()[0] as far:
            far.sendall(b"\x06\x06")
            stream.drain()
            far.sendall(b"\x15")
            assert stream.read() == b"\x15"
        stream.close()


def test_that_an_answer_to_a_lost_wire_is_not_given_on_the_next() -> None:
    """What is written there would be taken for the answer to another frame."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        with desk_on(f"T1=surgard:socket://127.0.0.1:{server.getsockname()[1]}") as desk:
            assert desk.link is not None
            first, _ = server.accept()
            assert until(lambda: desk.phases == [LinkPhase.UP])
            lost = desk.link.wire
            first.close()
            second, _ = server.accept()
            assert until(lambda: desk.phases[-1] is LinkPhase.UP and len(desk.phases) == 3)
            for write in (desk.link.write, desk.link.write_now):
                with pytest.raises(PortError, match="is not open"):
                    write(b"\x06", lost)
            assert desk.link.write_now(b"\x15", desk.link.wire) == b""
            second.settimeout(5)
            assert second.recv(10) == b"\x15"
            second.close()
    assert ("out", b"\x06") not in desk.raw


@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_that_writing_now_never_waits_for_a_far_end_that_reads_nothing(kind: str) -> None:
    near, far = os.openpty()
    tty.setraw(far)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = os.ttyname(far) if kind == "pty" else f"socket://127.0.0.1:{server.getsockname()[1]}"
        stream = open_stream(parse_address(address))
        sent, began = 0, time.monotonic()
        while written := stream.write_now(b"x" * 1000):
            sent += written
        assert time.monotonic() - began < 0.5
        assert sent >= 1000
        stream.close()
    os.close(near)
    os.close(far)


def test_that_closing_a_port_that_drains_holds_up_no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    closing, may_close = Event(), Event()

    class Draining:
        def read(self) -> bytes:
            raise PortError("gone")

        def close(self) -> None:
            closing.set()
            assert may_close.wait(5)

    monkeypatch.setattr("drivers.port.open_stream", lambda _address: Draining())
    port = Port(parse_address("/dev/any"), lambda _d, _t: None, lambda _s, _w: None)
    port.start()
    assert closing.wait(5)
    for write in (port.write, port.write_now):
        with pytest.raises(PortError, match="is not open"):
            write(b"\x06")
    may_close.set()
    port.stop()


def test_that_nobody_listening_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PortError, match=f"no connection to 127.0.0.1:{port}"):
        SocketStream.to(("127.0.0.1", port))


def test_that_a_simulator_drains_stale_answers_from_a_tcp_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = SocketStream.to(server.getsockname(), 0.01)
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


@pytest.mark.parametrize("look", [FdStream.read, FdStream.drain])
def test_that_a_far_end_that_opens_while_it_is_looked_for_does_not_hold_up_the_sender(
    look: Callable[[FdStream], object],
) -> None:
    near, path = make_pty_pair()
    stream = FdStream(near, 0.02)
    opened: list[int] = []

    class Poll:
        """Nobody is there, and somebody comes before that can be acted on."""

        def poll(self, wait_ms: float) -> list[tuple[int, int]]:
            told = looked.poll(wait_ms)
            opened.append(os.open(path, os.O_RDWR | os.O_NOCTTY))
            return told

    looked, stream._readable = stream._readable, Poll()  # type: ignore[assignment]
    looking = Thread(target=look, args=(stream,), daemon=True)
    looking.start()
    looking.join(2)
    held_up = looking.is_alive()
    os.write(opened[0], b"x")  # lets it go, whatever it waits for
    looking.join(2)
    for descriptor in (*opened, near):
        os.close(descriptor)
    assert not held_up
