"""Whom a listening port keeps out, and that nobody pays for another: probes, floods, slow and silent senders."""

from __future__ import annotations

import errno
import selectors
import socket
import threading
import time
from typing import Any

import pytest

from drivers.crowd import household
from drivers.guard import Bucket, looks_like_probe
from drivers.link import LinkPhase
from drivers.peer import TcpOutlet
from drivers.protocols import surgard
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.report import Report
from drivers.wire import PortError
from tests.drivers.desk import until
from tests.drivers.listener import Opened, call, hung_up, press

PROBES = {
    "http": b"GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n",
    "tls": bytes.fromhex("16030100c8010000c40303") + bytes(193),
    "sip": b"OPTIONS sip:100@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.2:5060\r\n\r\n",
    "ssh": b"SSH-2.0-Go\r\n",
}


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


def test_that_who_leaves_our_answers_unread_is_kept_waiting_for_only_so_much() -> None:
    near, far = socket.socketpair()
    near.setblocking(False)
    woken: list[int] = []
    outlet = TcpOutlet(near, 10_000, lambda: woken.append(1))

    def answer_on() -> None:
        for _ in range(100_000):
            outlet.write_now(bytes(4096))

    with pytest.raises(PortError, match="unread"):
        answer_on()
    assert woken
    assert outlet.waiting
    far.setblocking(False)
    while outlet.waiting:
        far.recv(1 << 20)
        outlet.flush()
    assert outlet.write_now(b"\x06") == 1
    for end in (near, far):
        end.close()


def test_that_an_answer_that_finds_its_sender_gone_closes_nothing(
    opened: Opened, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = opened()
    write_now = desk.link.write_now

    def broken(_data: bytes, _wire: object) -> bytes:
        raise PortError("the connection took no bytes")

    with call(port) as one, call(port) as two:
        assert press(one, 1)
        monkeypatch.setattr(desk.link, "write_now", broken)
        two.sendall(signal_frame(zone="002"))
        assert until(lambda: desk.zones == ["001", "002"])
        monkeypatch.setattr(desk.link, "write_now", write_now)
        assert press(one, 3)
    assert [state.phase for state in desk.states] == [LinkPhase.UP]


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


def test_that_a_port_that_finds_no_descriptor_at_all_is_told_as_lost_and_tried_again(
    opened: Opened, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, given = socket.socketpair, threading.Event()
    made: list[selectors.DefaultSelector] = []

    class Noted(selectors.DefaultSelector):
        closed = False

        def __init__(self) -> None:
            super().__init__()
            made.append(self)

        def close(self) -> None:
            self.closed = True
            super().close()

    def socketpair() -> tuple[socket.socket, socket.socket]:
        if not given.is_set():
            raise OSError(errno.EMFILE, "Too many open files")
        return pair()

    monkeypatch.setattr("drivers.server.selectors.DefaultSelector", Noted)
    monkeypatch.setattr("drivers.server.socket.socketpair", socketpair)
    desk = opened()
    assert desk.link.state.phase is LinkPhase.LOST
    assert "cannot be opened: Too many open files" in desk.link.state.why
    assert until(lambda: len(made) >= 2)
    given.set()
    assert until(lambda: desk.link.state.phase is LinkPhase.UP)
    with call(port) as sender:
        assert press(sender, 1)
    assert all(getattr(selector, "closed", False) for selector in made[:-1])


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
