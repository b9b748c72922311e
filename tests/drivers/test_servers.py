"""A port at which many senders call at once, over real sockets: each answered by itself, nobody at another's cost."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from drivers.address import AddressError, parse_address, parse_line
from drivers.link import LinkPhase
from drivers.protocols import surgard
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.wire import PortError
from tests.drivers.desk import until
from tests.drivers.listener import ACK, Opened, call, hung_up, press

# -- addresses -------------------------------------------------------------------------------------------------


def test_that_a_port_without_a_host_listens_on_this_machine_only() -> None:
    assert parse_address("tcp-listen://:8808").target == "127.0.0.1:8808"
    assert parse_address("udp-listen://:8808").target == "127.0.0.1:8808"
    assert parse_address("tcp-listen://0.0.0.0:8808").target == "0.0.0.0:8808"
    with pytest.raises(AddressError):
        parse_address("socket://:8808")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("T1=surgard:tcp-listen://:1,peers=0", "peers is a whole number"),
        ("T1=surgard:tcp-listen://:1,connections=many", "connections is a whole number"),
    ],
)
def test_that_bounds_are_judged_in_words(many: None, text: str, why: str) -> None:
    with pytest.raises(AddressError, match=why):
        parse_line(text)


def test_that_a_protocol_of_one_sender_takes_no_bounds_and_no_datagrams() -> None:
    with pytest.raises(AddressError, match="no option 'peers'"):
        parse_line("T1=contact-id:tcp-listen://:1,peers=5")
    with pytest.raises(AddressError, match="not spoken over UDP"):
        parse_line("T1=contact-id:udp-listen://:1")


# -- many senders ----------------------------------------------------------------------------------------------


def test_that_each_of_many_senders_is_answered_on_its_own_wire(opened: Opened, port: int) -> None:
    desk = opened()
    with ExitStack() as stack:
        senders = [stack.enter_context(call(port)) for _ in range(100)]
        for n, sender in enumerate(senders):
            sender.sendall(signal_frame(zone=f"{n:03}")[:9])
        for n, sender in enumerate(senders):
            sender.sendall(signal_frame(zone=f"{n:03}")[9:])
        assert [sender.recv(10) for sender in senders] == [ACK] * 100
        assert sorted(filter(None, desk.zones)) == [f"{n:03}" for n in range(100)]
        assert len(set(desk.wires)) == 100
        assert desk.link.wire is None
        assert until(lambda: desk.peers == 100)
    assert until(lambda: desk.peers == 0)
    assert [state.phase for state in desk.states] == [LinkPhase.UP], "senders come and go, the port stays"


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are no small numbers there")
def test_that_senders_leave_the_numbers_that_select_takes_to_others(opened: Opened, port: int) -> None:
    desk = opened()
    server: Any = desk.link._port
    with call(port) as first, call(port) as second:
        assert press(first, 1)
        assert press(second, 2)
        assert all(sender.fileno() >= 1024 for sender in server._sockets.values())
    with socket.socket() as own:
        assert own.fileno() < 1024


def test_that_an_answer_to_one_who_left_is_refused_and_reaches_nobody(opened: Opened, port: int) -> None:
    desk = opened()
    desk.answering = False
    with call(port) as first:
        first.sendall(signal_frame())
        assert until(lambda: bool(desk.wires))
    assert until(lambda: desk.peers == 0)
    with call(port) as second:
        assert until(lambda: desk.peers == 1)
        with pytest.raises(PortError, match="is not open"):
            desk.link.write_now(ACK, desk.wires[0])
        second.settimeout(0.2)
        with pytest.raises(TimeoutError):
            second.recv(1)


def test_that_half_a_frame_of_one_who_left_is_kept_as_garbage(opened: Opened, port: int) -> None:
    desk = opened()
    with call(port) as sender:
        assert press(sender, 1)
        sender.sendall(signal_frame(zone="002")[:11])
        assert until(lambda: len(desk.raw) >= 3)
    assert until(lambda: [report.type for report in desk.reports] == ["signal", "garbage"])
    assert desk.reports[1].raw == signal_frame(zone="002")[:11]


def test_that_the_line_is_silent_when_no_sender_is_heard_and_up_with_the_first_word(opened: Opened, port: int) -> None:
    desk = opened(options=",supervise_s=0.5")
    with call(port) as sender:
        assert until(lambda: desk.link.state.phase is LinkPhase.SILENT)
        sender.sendall(heartbeat_frame())
        assert sender.recv(1) == ACK
    assert [state.phase for state in desk.states][:3] == [LinkPhase.UP, LinkPhase.SILENT, LinkPhase.UP]


def test_that_while_the_console_is_behind_senders_wait(opened: Opened, port: int) -> None:
    desk = opened()
    with call(port) as sender:
        assert press(sender, 1)
        desk.busy = True
        time.sleep(0.3)
        sender.sendall(signal_frame(zone="002"))
        time.sleep(0.3)
        assert desk.zones == ["001"]
        desk.busy = False
        assert sender.recv(1) == ACK
    assert desk.zones == ["001", "002"]


def test_that_the_port_can_be_had_again_at_once_with_senders_on_it(opened: Opened, port: int) -> None:
    desk = opened()
    with call(port) as sender:
        assert press(sender, 1)
        desk.link.stop()
        assert hung_up(sender)
    again = opened()
    with call(port) as sender:
        assert press(sender, 2)
    assert again.zones == ["002"]


def test_that_a_port_in_use_is_said_and_taken_when_it_is_free(opened: Opened, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        desk = opened()
        assert desk.states[0].phase is LinkPhase.LOST
        assert "in use by another program" in desk.states[0].why
    assert until(lambda: desk.link.state.phase is LinkPhase.UP, 5)


class TalkingCodec(surgard.SurGardCodec):
    """Says hello to who calls, and what it is ordered to say."""

    def __init__(self) -> None:
        super().__init__()
        self.words = [b"hello"]

    def outgoing(self, _now: float) -> bytes:
        words, self.words = b"".join(self.words), []
        return words

    def order(self, order: Mapping[str, object]) -> None:
        self.words.append(str(order["say"]).encode())


def expect(sender: socket.socket, words: bytes) -> bool:
    heard = b""
    while len(heard) < len(words):
        heard += sender.recv(len(words) - len(heard))
    return heard == words


def test_that_an_order_reaches_the_one_it_is_for(opened: Opened, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(surgard.PROTOCOL, codec=lambda _options: TalkingCodec())
    monkeypatch.setattr(surgard, "PROTOCOL", row)
    desk = opened()
    with call(port) as one, call(port) as two:
        assert expect(one, b"hello")
        assert expect(two, b"hello")
        one.sendall(signal_frame("1001"))
        two.sendall(signal_frame("1002"))
        assert expect(one, ACK)
        assert expect(two, ACK)
        desk.link.order({"account": "1002", "say": "two"})
        assert expect(two, b"two")
        wire = next(w for w, r in zip(desk.wires, desk.reports, strict=True) if r.account == "1001")
        desk.link.order({"say": "one"}, wire)
        assert expect(one, b"one")
        # An order given while an answer is on its way to the same sender waits for it.
        assert wire is not None
        with wire._lock:
            desk.link.order({"say": "after"}, wire)
            time.sleep(0.3)
        assert expect(one, b"after")
        with pytest.raises(PortError, match="1003 is not connected"):
            desk.link.order({"account": "1003", "say": "three"})
        with call(port) as again:
            assert expect(again, b"hello")
            again.sendall(signal_frame("1001"))
            assert expect(again, ACK)
            desk.link.order({"account": "1001", "say": "again"})
            assert expect(again, b"again")
    assert until(lambda: desk.peers == 0)
    for order in ({"account": "1002"}, {"account": "1001"}):
        with pytest.raises(PortError, match="is not connected"):
            desk.link.order(order)
    desk.link.stop()
    with pytest.raises(PortError, match="is not open"):
        desk.link.order({"account": "1001"})


def test_that_nothing_can_be_ordered_where_the_protocol_only_listens(opened: Opened) -> None:
    desk = opened()
    with pytest.raises(PortError, match="only listens"):
        desk.link.order({"account": "1001"})


# -- datagrams -------------------------------------------------------------------------------------------------


@pytest.fixture
def datagrams(port: int) -> Iterator[Callable[[], socket.socket]]:
    with ExitStack() as stack:

        def made() -> socket.socket:
            one = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            one.settimeout(5)
            one.connect(("127.0.0.1", port))
            return one

        yield made


Made = Callable[[], socket.socket]


def say(sender: socket.socket, zone: int) -> bool:
    sender.send(signal_frame(zone=f"{zone:03}"))
    return sender.recv(64) == ACK


def test_that_datagrams_are_answered_to_the_address_they_came_from(opened: Opened, datagrams: Made) -> None:
    desk = opened("udp-listen")
    senders = [datagrams() for _ in range(50)]
    for n, sender in enumerate(senders):
        sender.send(signal_frame(zone=f"{n:03}"))
    assert [sender.recv(64) for sender in senders] == [ACK] * 50
    assert sorted(filter(None, desk.zones)) == [f"{n:03}" for n in range(50)]


def test_that_frames_do_not_cross_datagrams(opened: Opened, datagrams: Made) -> None:
    desk = opened("udp-listen")
    sender = datagrams()
    assert say(sender, 1)
    sender.send(signal_frame(zone="002")[:9])
    sender.send(signal_frame(zone="002")[9:])
    # The tail is a terminated string of no known form, which is answered.
    assert say(sender, 3)
    assert until(lambda: [zone for zone in desk.zones if zone] == ["001", "003"])


def test_that_a_flood_of_datagrams_is_not_heard_for_a_while_and_others_are(opened: Opened, datagrams: Made) -> None:
    desk = opened("udp-listen", rate=50.0, burst_s=1.0, flood_s=0.5)
    mad, sender, prober = datagrams(), datagrams(), datagrams()
    prober.send(b"OPTIONS sip:100@10.0.0.1 SIP/2.0\r\n\r\n")
    deadline, n = time.monotonic() + 20, 0
    while not desk.dropped.get("flood") and time.monotonic() < deadline:
        for _ in range(20):
            mad.send(heartbeat_frame())
        assert say(sender, n)
        n += 1
        time.sleep(0.03)
    assert (desk.dropped.get("flood"), desk.dropped.get("probe")) == (1, 1)
    assert len(desk.zones) == n
