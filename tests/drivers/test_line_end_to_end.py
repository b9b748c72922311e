"""A simulated receiver, a real pseudo-terminal, a real pyserial port, and the supervisor between them."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from drivers.address import parse_line
from drivers.link import Link, LinkPhase
from drivers.port import Port, PortState
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.report import Report
from drivers.simulator import Simulator, make_pty_pair
from drivers.streams import FdStream
from drivers.wire import PortError, Wire
from tests.drivers.desk import desk_on, until


def test_that_a_press_is_heard_and_acknowledged_within_milliseconds() -> None:
    near, path = make_pty_pair()
    with desk_on(f"A1=surgard:{path}") as desk:
        exchanges = [Simulator(FdStream(near)).send(signal_frame(zone=f"{zone:03}")) for zone in range(50)]
    os.close(near)
    assert [report.zone for report in desk.reports] == [f"{zone:03}" for zone in range(50)]
    assert all(exchange.acknowledged and exchange.attempts == 1 for exchange in exchanges)
    delays = sorted(exchange.delay_s or 9.0 for exchange in exchanges)
    assert delays[25] < 0.02


def test_that_a_heartbeat_is_answered_and_both_directions_are_seen_raw() -> None:
    near, path = make_pty_pair()
    with desk_on(f"A1=surgard:{path}") as desk:
        assert Simulator(FdStream(near)).send(heartbeat_frame()).acknowledged
    os.close(near)
    assert [report.type for report in desk.reports] == ["heartbeat"]
    assert b"".join(data for way, data in desk.raw if way == "in") == heartbeat_frame()
    assert ("out", b"\x06") in desk.raw


@pytest.mark.parametrize("faults", [["corrupt"], ["split"], ["glue"], ["drop"], ["corrupt", "split", "glue", "drop"]])
def test_that_no_signal_is_lost_under_faults_on_the_wire(faults: list[str]) -> None:
    near, path = make_pty_pair()
    with desk_on(f"A1=surgard:{path}") as desk:
        simulator = Simulator(FdStream(near, 0.02), ack_wait_s=0.1, repeats=20, faults=faults, seed=7)
        exchanges = [simulator.send(signal_frame(zone=f"{zone:03}")) for zone in range(30)]
    os.close(near)
    assert all(exchange.acknowledged for exchange in exchanges)
    heard = {report.zone for report in desk.reports if report.type == "signal"}
    assert heard == {f"{zone:03}" for zone in range(30)}
    assert any(exchange.attempts > 1 for exchange in exchanges) == bool({"drop", "corrupt"} & set(faults))


def test_that_a_refused_frame_is_repeated_and_then_taken() -> None:
    near, path = make_pty_pair()
    with desk_on(f"A1=surgard:{path}") as desk:
        stream = FdStream(near, 1.0)
        stream.write(signal_frame().replace(b"1234", b"12\xb34"))
        assert stream.read() == b"\x15"
        stream.write(signal_frame())
        assert stream.read() == b"\x06"
    os.close(near)
    assert [report.type for report in desk.reports] == ["garbage", "signal"]


def test_that_half_a_frame_and_silence_do_not_spoil_the_next_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.link.HALF_FRAME_S", 0.1)
    near, path = make_pty_pair()
    with desk_on(f"A1=surgard:{path}") as desk:
        os.write(near, signal_frame()[:12])
        assert until(lambda: bool(desk.reports))
        assert Simulator(FdStream(near)).send(signal_frame()).acknowledged
    os.close(near)
    assert [(report.type, report.raw) for report in desk.reports] == [
        ("garbage", signal_frame()[:12]),
        ("signal", signal_frame()),
    ]


def test_that_an_unplugged_line_is_lost_within_a_second_and_comes_back(tmp_path: Path) -> None:
    near, path = make_pty_pair()
    link_path = tmp_path / "port"
    link_path.symlink_to(path)
    with desk_on(f"A1=surgard:{link_path}") as desk:
        os.close(near)
        assert until(lambda: LinkPhase.LOST in desk.phases, 1.0)
        with pytest.raises(PortError):
            desk.link.write(b"\x06")  # type: ignore[union-attr]
        near, path = make_pty_pair()
        link_path.unlink()
        link_path.symlink_to(path)
        assert until(lambda: desk.phases[-1] is LinkPhase.UP)
        assert Simulator(FdStream(near)).send(signal_frame()).acknowledged
    os.close(near)
    assert desk.phases[-1] is LinkPhase.STOPPED


def test_that_a_missing_port_is_said_once_and_tried_again(tmp_path: Path) -> None:
    with desk_on(f"A1=surgard:{tmp_path}/none") as desk:
        time.sleep(1.0)
        assert desk.phases == [LinkPhase.LOST]
        assert "does not exist" in desk.states[0].why


def test_that_silence_longer_than_the_supervision_time_is_reported_and_ends() -> None:
    near, path = make_pty_pair()
    with desk_on(f"A1=surgard:{path},supervise_s=0.4") as desk:
        assert until(lambda: LinkPhase.SILENT in desk.phases)
        assert Simulator(FdStream(near)).send(heartbeat_frame()).acknowledged
        assert until(lambda: desk.phases[:3] == [LinkPhase.UP, LinkPhase.SILENT, LinkPhase.UP])
    os.close(near)


def test_that_a_line_stops_within_a_second_whatever_it_is_doing(tmp_path: Path) -> None:
    near, path = make_pty_pair()
    for address in (path, f"{tmp_path}/none"):
        with desk_on(f"A1=surgard:{address}") as desk:
            before = time.monotonic()
            desk.link.stop()  # type: ignore[union-attr]
            assert time.monotonic() - before < 1.0
            assert desk.phases[-1] is LinkPhase.STOPPED
    os.close(near)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("line ")]


def test_that_a_fault_of_ours_in_a_callback_does_not_end_the_line(expected_log: list[str]) -> None:
    expected_log.append("line A1: fault while reading")
    near, path = make_pty_pair()
    faults = [RuntimeError("a fault of ours")]
    heard: list[Report] = []

    def hear(reports: list[Report], _at: float, _wire: Wire | None) -> None:
        if faults:
            raise faults.pop()
        heard.extend(reports)

    link = Link(parse_line(f"A1=surgard:{path}"), hear, lambda _state: None)
    link.start()
    assert until(lambda: link.state.phase is LinkPhase.UP)
    os.write(near, signal_frame())
    assert until(lambda: not faults and link.state.phase is LinkPhase.UP)
    os.write(near, signal_frame())
    assert until(lambda: len(heard) == 1)
    link.stop()
    os.close(near)


def test_that_a_port_is_ours_alone() -> None:
    near, path = make_pty_pair()
    states: list[tuple[PortState, str]] = []
    with desk_on(f"A1=surgard:{path}"):
        second = Port(parse_line(f"B=surgard:{path}").address, lambda _d, _t: None, lambda s, w: states.append((s, w)))
        second.start()
        second.stop()
    os.close(near)
    assert states == [(PortState.LOST, f"port {path} is in use by another program")]
