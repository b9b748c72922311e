"""A port of ours at which senders call: one at a time, over real sockets, through the supervisor."""

from __future__ import annotations

import errno
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from drivers.address import parse_address
from drivers.link import LinkPhase
from drivers.protocols.contact_id import block
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.simulator import Simulator
from drivers.streams import open_stream
from drivers.tcp import ListenStream, SocketStream
from drivers.wire import PortError
from tests.drivers.desk import Desk, desk_on, until


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def desk(port: int) -> Iterator[Desk]:
    with desk_on(f"T1=surgard:tcp-listen://127.0.0.1:{port}") as made:
        yield made


def call(port: int) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", port), 3)
    sender.settimeout(3)
    return sender


def hang_up_hard(sender: socket.socket) -> None:
    """RST instead of FIN, as a sender that lost its power and started again answers."""
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sender.close()


def silent(sender: socket.socket, seconds: float = 0.3) -> bool:
    sender.settimeout(seconds)
    try:
        return not sender.recv(10)
    except TimeoutError:
        return True


def zones(desk: Desk) -> list[str | None]:
    return [report.zone for report in desk.reports if report.type == "signal"]


def test_that_it_stands_ready_before_anybody_calls(desk: Desk) -> None:
    assert desk.phases == [LinkPhase.UP]


def test_that_a_sender_may_call_for_each_message(desk: Desk, port: int) -> None:
    for n in range(20):
        with call(port) as sender:
            sender.sendall(signal_frame(zone=f"{n:03}"))
            assert sender.recv(10) == b"\x06"
    assert zones(desk) == [f"{n:03}" for n in range(20)]
    assert desk.phases == [LinkPhase.UP], "hanging up after a whole frame is no loss"


@pytest.mark.parametrize("hard", [False, True])
def test_that_half_a_frame_of_a_broken_connection_never_glues_to_the_next(desk: Desk, port: int, hard: bool) -> None:
    frame = signal_frame(zone="007")
    for cut in range(1, len(frame)):
        sender = call(port)
        sender.sendall(frame[:cut])
        assert until(lambda: b"".join(data for _, data in desk.raw).endswith(frame[:cut]))  # noqa: B023
        hang_up_hard(sender) if hard else sender.close()
        with call(port) as again:
            again.sendall(frame[cut:] + frame)
            # The tail alone is a string of no known form; the whole frame behind it is heard.
            answers = b""
            while answers.count(b"\x06") < 1 or len(desk.reports) < 1 or desk.reports[-1].type != "signal":
                answers += again.recv(10)
        assert desk.reports[-1].raw == frame
        assert frame not in [report.raw for report in desk.reports[:-1]]
        desk.reports.clear()


def test_that_any_split_of_the_stream_gives_the_same_frames(desk: Desk, port: int) -> None:
    stream = b"".join(signal_frame(zone=f"{n:03}") for n in range(6)) + heartbeat_frame()
    for size in (1, 2, 3, 7, 19, 20, 21, 40, len(stream)):
        with call(port) as sender:
            sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start in range(0, len(stream), size):
                sender.sendall(stream[start : start + size])
            answers = b""
            while len(answers) < 7:
                answers += sender.recv(64)
        assert answers == b"\x06" * 7
        assert zones(desk) == [f"{n:03}" for n in range(6)]
        desk.reports.clear()


def test_that_a_sender_killed_within_a_frame_is_a_loss_until_one_calls_again(desk: Desk, port: int) -> None:
    words = "import socket,sys,time; s=socket.create_connection(('127.0.0.1',int(sys.argv[1]))); "
    words += "s.sendall(bytes.fromhex(sys.argv[2])); print('sent',flush=True); time.sleep(60)"
    half = signal_frame()[:11]
    sender = subprocess.Popen([sys.executable, "-c", words, str(port), half.hex()], stdout=subprocess.PIPE)
    assert sender.stdout is not None
    assert sender.stdout.readline() == b"sent\n"
    assert until(lambda: bool(desk.raw))
    sender.kill()
    sender.wait()
    sender.stdout.close()
    assert until(lambda: desk.phases == [LinkPhase.UP, LinkPhase.LOST])
    with call(port) as again:
        again.sendall(signal_frame(zone="009"))
        assert again.recv(10) == b"\x06"
    assert (desk.reports[0].type, desk.reports[0].raw) == ("garbage", half)
    assert zones(desk) == ["009"]
    assert desk.phases == [LinkPhase.UP, LinkPhase.LOST, LinkPhase.UP]


def test_that_an_answer_goes_back_by_the_connection_its_frame_came_by_or_not_at_all(desk: Desk, port: int) -> None:
    assert desk.link is not None
    first = call(port)
    assert until(lambda: desk.link is not None and desk.link.wire is not None)
    came_by = desk.link.wire
    first.close()
    with call(port) as second:
        assert until(lambda: desk.link is not None and desk.link.wire not in (None, came_by))
        for write in (desk.link.write, desk.link.write_now):
            with pytest.raises(PortError, match="is not open"):
                write(b"\x06", came_by)
        assert desk.link.write_now(b"\x15", desk.link.wire) == b""
        assert second.recv(10) == b"\x15"
    assert ("out", b"\x06") not in desk.raw


def test_that_a_second_sender_takes_the_place_of_a_dead_one_with_its_first_byte(desk: Desk, port: int) -> None:
    dead = call(port)
    dead.sendall(signal_frame(zone="001")[:9])
    assert until(lambda: bool(desk.raw))
    with call(port) as alive:
        alive.sendall(signal_frame(zone="002"))
        assert alive.recv(10) == b"\x06"
    assert silent(dead), "the answer went to the sender of the frame"
    dead.close()
    assert zones(desk) == ["002"]
    assert desk.phases[:3] == [LinkPhase.UP, LinkPhase.LOST, LinkPhase.UP]
    assert "another sender" in desk.states[1].why


def test_that_who_only_connects_disturbs_nobody(desk: Desk, port: int) -> None:
    with call(port) as sender:
        for curious in [call(port) for _ in range(5)]:
            sender.sendall(signal_frame())
            assert sender.recv(10) == b"\x06"
            curious.close()
        sender.sendall(signal_frame())
        assert sender.recv(10) == b"\x06"
    assert desk.phases == [LinkPhase.UP]


def test_that_one_that_waits_is_let_in_when_the_other_hangs_up(desk: Desk, port: int) -> None:
    assert desk.link is not None
    first = call(port)
    assert until(lambda: desk.link is not None and desk.link.wire is not None)
    before = desk.link.wire
    with call(port) as second:
        assert silent(second)
        first.close()
        assert until(lambda: desk.link is not None and desk.link.wire not in (None, before))
        second.sendall(signal_frame())
        second.settimeout(3)
        assert second.recv(10) == b"\x06"


def test_that_what_the_former_sender_had_sent_is_read_before_the_new_one(desk: Desk, port: int) -> None:
    with call(port) as first, call(port) as second:
        first.sendall(signal_frame(zone="001"))
        time.sleep(0.05)
        second.sendall(signal_frame(zone="002"))
        assert second.recv(10) == b"\x06"
    assert zones(desk) == ["001", "002"]


def test_that_a_port_in_use_is_said_and_taken_as_soon_as_it_is_free(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), desk_on(f"T1=surgard:tcp-listen://127.0.0.1:{port}") as desk:
        assert desk.phases == [LinkPhase.LOST]
        assert "in use by another program" in desk.states[0].why
    with desk_on(f"T1=surgard:tcp-listen://127.0.0.1:{port}") as desk, call(port) as sender:
        sender.sendall(signal_frame())
        assert sender.recv(10) == b"\x06"
    # Closed by us with a connection open: the address is free again at once.
    with desk_on(f"T1=surgard:tcp-listen://127.0.0.1:{port}") as desk:
        assert desk.phases == [LinkPhase.UP]


def test_that_an_address_of_another_machine_is_refused_in_one_sentence() -> None:
    with pytest.raises(PortError, match="does not exist on this machine"):
        ListenStream(("192.0.2.1", 8808))


@pytest.mark.parametrize("kind", ["tcp-listen", "socket"])
def test_that_contact_id_lines_work_over_tcp_too(kind: str, port: int) -> None:
    line = f"T1=contact-id:{kind}://127.0.0.1:{port}"
    frame = block("1234", "120", "1", "01", "007")
    if kind == "tcp-listen":
        with desk_on(line) as desk, call(port) as sender:
            sender.sendall(frame[:5])
            sender.sendall(frame[5:])
            assert until(lambda: zones(desk) == ["007"])
        return
    with socket.create_server(("127.0.0.1", port)) as server, desk_on(line) as desk:
        for n in (1, 2):
            far, _ = server.accept()
            far.sendall(frame[:5] if n == 1 else frame)
            assert until(lambda: bool(desk.raw))
            far.close()
        assert until(lambda: zones(desk) == ["007"])


def test_that_a_device_server_that_was_away_is_called_again_until_it_answers(port: int) -> None:
    with desk_on(f"T1=surgard:socket://127.0.0.1:{port}") as desk:
        assert desk.phases == [LinkPhase.LOST]
        with socket.create_server(("127.0.0.1", port)) as server:
            server.settimeout(5)
            far, _ = server.accept()
            far.sendall(signal_frame())
            far.settimeout(3)
            assert far.recv(10) == b"\x06"
            far.close()
    assert desk.phases[:2] == [LinkPhase.LOST, LinkPhase.UP]


def test_that_a_simulated_receiver_can_be_called_at_a_port_too(port: int) -> None:
    """The bench plays a device server: the console calls, the simulator answers the call."""
    far = open_stream(parse_address(f"tcp-listen://127.0.0.1:{port}"), 0.05)
    with desk_on(f"T1=surgard:socket://127.0.0.1:{port}") as desk:
        assert Simulator(far, ack_wait_s=0.5).send(signal_frame(zone="005")).acknowledged
    far.close()
    assert zones(desk) == ["005"]


def test_that_probes_which_find_nobody_end_the_connection() -> None:
    """The error for it is the one that otherwise means quiet; only its number tells."""

    class Probed(socket.socket):
        number: int | None = None

        def recv(self, *_: object) -> bytes:
            raise TimeoutError(self.number, "timed out") if self.number else TimeoutError("timed out")

    wire = Probed()
    stream = SocketStream(wire)
    assert stream.read() == b""
    wire.number = errno.ETIMEDOUT
    with pytest.raises(PortError, match="broke"):
        stream.read()
    stream.close()
