"""A port at which many senders call at once, over real sockets: each answered by itself, nobody at another's cost."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from drivers.address import AddressError, parse_address, parse_line
from drivers.crowd import household
from drivers.guard import Bucket, Limits, looks_like_probe
from drivers.link import Link, LinkPhase, LinkState
from drivers.protocols import surgard
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.report import Report
from drivers.wire import PortError, Wire
from tests.drivers.desk import until

ACK = b"\x06"
PROBES = {
    "http": b"GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n",
    "tls": bytes.fromhex("16030100c8010000c40303") + bytes(193),
    "sip": b"OPTIONS sip:100@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.2:5060\r\n\r\n",
    "ssh": b"SSH-2.0-Go\r\n",
}


@dataclass
class Desk:
    """The console's side: hears, answers each frame on its own wire, remembers."""

    reports: list[Report] = field(default_factory=list)
    wires: list[Wire | None] = field(default_factory=list)
    states: list[LinkState] = field(default_factory=list)
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    answering: bool = True
    busy: bool = False
    link: Link = field(init=False)

    def hear(self, reports: list[Report], _at: float, wire: Wire | None) -> None:
        for report in reports:
            self.reports.append(report)
            self.wires.append(wire)
            if report.ack and self.answering and wire is not None and wire.open:
                self.link.write_now(report.ack, wire)

    @property
    def zones(self) -> list[str | None]:
        return [report.zone for report in self.reports if report.type == "signal"]

    @property
    def dropped(self) -> dict[str, int]:
        figures = self.link.figures
        return {} if figures is None else dict(figures.dropped)

    @property
    def peers(self) -> int:
        figures = self.link.figures
        return 0 if figures is None else figures.peers


Opened = Callable[..., Desk]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sur-Gard as if many receivers called at one port."""
    monkeypatch.setattr(surgard, "PROTOCOL", replace(surgard.PROTOCOL, many=True))


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def opened(many: None, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Open the line, with other bounds than the usual if any are given."""
    with ExitStack() as stack:

        def opening(kind: str = "tcp-listen", options: str = ",supervise_s=0", **limits: Any) -> Desk:
            of = Limits.of
            monkeypatch.setattr(Limits, "of", lambda written: replace(of(written), **limits))
            desk = Desk()
            spec = parse_line(f"T1=surgard:{kind}://127.0.0.1:{port}{options}")
            desk.link = Link(
                spec,
                desk.hear,
                desk.states.append,
                lambda way, data, _at: desk.raw.append((way, data)),
                lambda: desk.busy,
            )
            desk.link.start()
            stack.callback(desk.link.stop)
            assert until(lambda: bool(desk.states))
            return desk

        yield opening


def call(port: int) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", port), 5)
    sender.settimeout(5)
    return sender


def hung_up(sender: socket.socket) -> bool:
    """Whether the far end closed the connection within the sender's patience."""
    try:
        while sender.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def press(sender: socket.socket, zone: int) -> bool:
    sender.sendall(signal_frame(zone=f"{zone:03}"))
    return sender.recv(1) == ACK


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


# -- whom it keeps out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_that_probes_are_dropped_and_counted_without_a_row(opened: Opened, port: int, probe: bytes) -> None:
    desk = opened()
    with call(port) as sender, call(port) as prober:
        for n in range(5):
            assert press(sender, n)
        prober.sendall(probe)
        assert hung_up(prober)
        for n in range(5, 10):
            assert press(sender, n)
    assert desk.dropped["probe"] == 1
    assert {report.type for report in desk.reports} == {"signal"}
    assert probe not in [data for _, data in desk.raw]


def test_that_a_flood_is_held_back_then_dropped_and_hurts_nobody(opened: Opened, port: int) -> None:
    desk = opened(rate=200.0, burst_s=0.5, flood_s=1.0)
    over = threading.Event()

    def flood() -> None:
        with call(port) as mad:
            try:
                while not over.is_set():
                    mad.sendall(heartbeat_frame() * 100)
            except OSError:
                over.set()

    mad = threading.Thread(target=flood)
    mad.start()
    with call(port) as sender:
        n = 0
        while not over.is_set() and n < 500:
            assert press(sender, n)
            n += 1
            time.sleep(0.05)
    over.set()
    mad.join(10)
    assert desk.dropped.get("flood") == 1
    assert desk.zones == [f"{k:03}" for k in range(n)]


def test_that_a_slow_loris_is_dropped_and_one_that_says_nothing_as_well(opened: Opened, port: int) -> None:
    desk = opened(frame_s=0.8, idle_s=1.5)
    with call(port) as sender, call(port) as loris, call(port) as mute:
        gone = threading.Event()

        def drip() -> None:
            try:
                for byte in signal_frame() * 20:
                    if byte != 0x14:
                        loris.sendall(bytes([byte]))
                    time.sleep(0.1)
            except OSError:
                gone.set()

        dripping = threading.Thread(target=drip)
        dripping.start()
        for n in range(20):
            assert press(sender, n)
            time.sleep(0.1)
        assert hung_up(mute)
        dripping.join(10)
        assert gone.is_set()
        assert press(sender, 20)
    assert desk.dropped["slow"] == 1
    assert desk.dropped["idle"] == 1
    assert len(desk.zones) == 21


def test_that_who_has_spoken_keeps_his_place_and_who_has_not_gives_way(opened: Opened, port: int) -> None:
    desk = opened(connections=3)
    with call(port) as first, call(port) as second, call(port) as mute:
        assert press(first, 1)
        assert press(second, 2)
        assert until(lambda: desk.peers == 3)
        with call(port) as third:
            assert press(third, 3)
            assert hung_up(mute)
            with call(port) as fourth:
                assert hung_up(fourth), "all three have spoken: no room"
            assert press(first, 4)
    assert desk.dropped["full"] == 2


def test_that_one_address_cannot_fill_the_port(opened: Opened, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.crowd.household", lambda address: address)
    desk = opened(peers=2)
    with call(port) as first, call(port) as second:
        assert press(first, 1)
        assert press(second, 2)
        with call(port) as third:
            assert hung_up(third)
        with socket.create_connection(("127.0.0.1", port), 5, ("127.0.0.2", 0)) as elsewhere:
            elsewhere.settimeout(5)
            assert press(elsewhere, 3)
    assert desk.dropped["full"] == 1


def test_that_one_who_speaks_another_protocol_leaves_a_few_rows_and_goes(opened: Opened, port: int) -> None:
    desk = opened()
    with call(port) as stranger:
        # Begins like a heartbeat; nothing of it is a string of this form.
        for _ in range(3):
            stranger.sendall(b"0" * 5000)
        assert hung_up(stranger)
    assert desk.dropped["probe"] == 1
    assert {report.type for report in desk.reports} == {"garbage"}


def test_that_one_who_leaves_our_answers_unread_cannot_keep_us(opened: Opened, port: int) -> None:
    desk = opened(unsent=10_000)
    with call(port) as deaf, call(port) as sender:
        assert press(deaf, 1)
        wire = desk.wires[0]

        def answer_on() -> None:
            for _ in range(10_000):
                desk.link.write_now(bytes(4096), wire)

        with pytest.raises(PortError, match="unread"):
            answer_on()
        assert press(sender, 2)


def test_that_a_fault_of_our_own_costs_one_sender_nothing_but_the_frame(
    opened: Opened, port: int, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    desk = opened()
    feed = surgard.SurGardCodec.feed

    def trips(self: surgard.SurGardCodec, data: bytes) -> list[Report]:
        if b"666" in data:
            raise ZeroDivisionError
        return feed(self, data)

    monkeypatch.setattr(surgard.SurGardCodec, "feed", trips)
    expected_log.append("fault while reading")
    with call(port) as sender, call(port) as other:
        assert press(sender, 1)
        sender.sendall(signal_frame(zone="666"))
        assert press(other, 2)
        assert press(sender, 3)
    assert [report.type for report in desk.reports].count("garbage") == 1
    assert desk.link.state.phase is LinkPhase.UP


def test_that_without_descriptors_it_waits_for_one_and_keeps_those_it_has(opened: Opened, port: int) -> None:
    desk = opened()
    server: Any = desk.link._port
    with call(port) as first:
        assert press(first, 1)
        listener = server._listener

        class Exhausted:
            fileno, close = listener.fileno, listener.close

            def accept(self) -> None:
                raise OSError(errno.EMFILE, "too many open files")

        exhausted = Exhausted()
        server._listener = exhausted
        # The selector knows the listener by its descriptor, as it does afterwards.
        with call(port) as second:
            assert until(lambda: desk.dropped.get("full") == 1)
            assert press(first, 2)
            server._listener = listener
            assert press(second, 3)
    assert desk.zones == ["001", "002", "003"]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("a name", "a name"),
    ],
)
def test_that_who_shares_an_address_is_counted_together(address: str, counted: str) -> None:
    assert household(address) == counted


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
    prober.send(PROBES["sip"])
    deadline, n = time.monotonic() + 20, 0
    while not desk.dropped.get("flood") and time.monotonic() < deadline:
        for _ in range(20):
            mad.send(heartbeat_frame())
        assert say(sender, n)
        n += 1
        time.sleep(0.03)
    assert (desk.dropped.get("flood"), desk.dropped.get("probe")) == (1, 1)
    assert len(desk.zones) == n


# -- the parts by themselves -----------------------------------------------------------------------------------


def test_that_a_probe_is_known_by_its_first_bytes_and_not_before_them() -> None:
    assert looks_like_probe(b"G", None) is None
    assert looks_like_probe(b"GET ", None) is True
    assert looks_like_probe(b"GEAR", None) is False
    assert looks_like_probe(b"\x7e", b"\x7e") is False
    assert looks_like_probe(b"G", b"\x7e") is True


def test_that_an_allowance_is_paid_back_with_time() -> None:
    bucket = Bucket(rate=10.0, burst=5.0)
    assert bucket.take(5.0, 100.0) == 0
    assert bucket.take(10.0, 100.0) == pytest.approx(1.0)
    assert bucket.take(0.0, 101.0) == 0
    assert not bucket.has(1.0, 101.0)
    assert bucket.has(1.0, 101.2)
