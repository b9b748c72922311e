"""Our line and pymodbus's server as the button box, on real pseudo-terminals: presses, lost replies, spoilt ones."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.address import Address
from drivers.capture import CaptureWriter
from drivers.link import Link, LinkPhase
from drivers.panel import Press
from drivers.protocols import modbus_rtu_bus, protocol_row
from drivers.protocols.modbus_rtu_frames import crc16, frame
from drivers.simulator import SimulatedLink, Simulator, make_pty_pair
from drivers.streams import FdStream
from drivers.wire import PortError
from tests.drivers.button_box import button_box, button_box_on_tcp
from tests.drivers.desk import Desk, desk_on, until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def said(desk: Desk) -> list[tuple[str | None, str | None, str | None]]:
    return [(report.event_code, report.qualifier, report.zone) for report in desk.reports if report.type == "signal"]


def is_up(desk: Desk) -> bool:
    return bool(desk.phases) and desk.phases[-1] is LinkPhase.UP


def settled(desk: Desk) -> None:
    """Wait until a few polls have gone by, so that the state of the inputs is known."""
    seen = len(desk.raw)
    assert until(lambda: len(desk.raw) > seen + 3)


def test_that_a_press_on_a_foreign_box_is_heard_once_and_its_release_too() -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},account=1234,poll_ms=50") as desk:
        settled(desk)
        box.bits = 0b0100_0001
        assert until(lambda: len(desk.reports) == 2)
        box.bits = 0b0000_0001
        assert until(lambda: len(desk.reports) == 3)
        settled(desk)
    assert said(desk) == [("120", "new", "001"), ("120", "new", "007"), ("120", "restore", "007")]
    assert {report.account for report in desk.reports} == {"1234"}
    assert desk.phases == [LinkPhase.UP, LinkPhase.STOPPED]


def test_that_a_capture_of_a_box_plays_the_same_presses_again(tmp_path: Path) -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},account=1234,poll_ms=50") as desk:
        settled(desk)
        box.bits = 0b11
        assert until(lambda: len(desk.reports) == 2)
    file = tmp_path / "box.jsonl"
    capture = CaptureWriter(file)
    for number, (way, data) in enumerate(desk.raw):
        capture.record("B1", way, data, number * 0.001)
    capture.close()
    with desk_on(f"B1=modbus-rtu:file:{file},account=1234,poll_ms=50") as again:
        assert until(lambda: again.phases[-1] is LinkPhase.STOPPED)
    assert again.reports == desk.reports


def test_that_a_box_behind_a_device_server_is_polled_too() -> None:
    with button_box_on_tcp(free_port()) as box, desk_on(f"B1=modbus-rtu:{box.path},poll_ms=50") as desk:
        settled(desk)
        box.bits = 1
        assert until(lambda: len(desk.reports) == 1)
    assert said(desk) == [("120", "new", "001")]


def test_that_a_supervised_wire_tells_its_states() -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},model=analog-eol-8ch,poll_ms=50") as desk:
        settled(desk)
        box.values[2] = 2400
        assert until(lambda: len(desk.reports) == 1)
        box.values[2] = 9900
        assert until(lambda: len(desk.reports) == 2)
    assert said(desk) == [("120", "new", "003"), ("383", "new", "003")]


def test_that_three_lost_replies_are_a_lost_line_that_comes_back_with_what_was_pressed_meanwhile() -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},poll_ms=50") as desk:
        settled(desk)
        box.bits = 0b01
        assert until(lambda: len(desk.reports) == 1)
        box.cut = True
        assert until(lambda: LinkPhase.LOST in desk.phases, 5.0)
        assert "3 polls in a row brought no good reply: no reply from unit 1" in desk.states[-1].why
        # A box that stays away is said once more, with its reason, and not again at each try.
        assert until(lambda: desk.states[-1].why == "no reply from unit 1", 5.0)
        lost = len(desk.states)
        time.sleep(1.5)
        assert len(desk.states) == lost
        box.bits = 0b11
        box.cut = False
        assert until(lambda: is_up(desk), 20.0)
        assert until(lambda: len(desk.reports) == 2)
        settled(desk)
    assert said(desk) == [("120", "new", "001"), ("120", "new", "002")]


def wrong_unit(reply: bytes) -> bytes:
    return frame(bytes([7]) + reply[1:-2])


def wrong_count(reply: bytes) -> bytes:
    return frame(reply[:2] + bytes([2]) + reply[3:-2] + b"\xff")


def wrong_crc(reply: bytes) -> bytes:
    return reply[:-1] + bytes([reply[-1] ^ 1])


@pytest.mark.parametrize("spoil", [wrong_unit, wrong_count, wrong_crc])
def test_that_a_reply_to_another_question_is_thrown_away_and_asked_again(spoil: Callable[[bytes], bytes]) -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},poll_ms=50") as desk:
        settled(desk)
        box.bits = 0xFF
        spoilt: list[bytes] = []

        def once(reply: bytes) -> bytes:
            spoilt.append(reply)
            return spoil(reply) if len(spoilt) <= 2 else reply

        box.spoil = once
        assert until(lambda: len(desk.reports) == 8, 10.0)
    assert desk.phases == [LinkPhase.UP, LinkPhase.STOPPED]


def test_that_a_box_that_refuses_the_question_is_a_lost_line_that_says_what_to_check() -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},start=400") as desk:
        assert until(lambda: LinkPhase.LOST in desk.phases)
    assert desk.states[0].why == "unit 1 refuses with exception 2: check model, start and inputs"


def test_that_nobody_under_this_unit_is_a_lost_line() -> None:
    with button_box(spoil=lambda _reply: b"") as box, desk_on(f"B1=modbus-rtu:{box.path},unit=9") as desk:
        assert until(lambda: LinkPhase.LOST in desk.phases)
    assert desk.states[0].why == "no reply from unit 9"


def test_that_an_ordered_siren_goes_on_by_the_boxs_own_clock_and_is_confirmed() -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},poll_ms=50") as desk:
        settled(desk)
        assert isinstance(desk.link, Link)
        desk.link.order({"output": 3, "seconds": 30})
        assert until(lambda: len(desk.reports) == 1)
        desk.link.order({"output": 3, "seconds": 0})
        assert until(lambda: len(desk.reports) == 2)
    assert box.written == [(0x0202, 300), (2, 0)]
    assert [(report.type, report.to_json()["value"]) for report in desk.reports] == [("message", 300), ("message", 0)]
    assert is_up(desk) or desk.phases[-1] is LinkPhase.STOPPED


def test_that_an_order_whose_confirmation_is_lost_is_sent_again() -> None:
    with button_box() as box, desk_on(f"B1=modbus-rtu:{box.path},poll_ms=50") as desk:
        settled(desk)
        spoilt: list[bytes] = []

        def once(reply: bytes) -> bytes:
            if reply[1] == 5 and not spoilt:
                spoilt.append(reply)
                return wrong_crc(reply)
            return reply

        box.spoil = once
        assert isinstance(desk.link, Link)
        desk.link.order({"output": 1, "seconds": 1})
        assert until(lambda: len(desk.reports) == 1, 5.0)
    assert box.written == [(0x0200, 10)] * 2
    assert desk.reports[0].to_json()["direction"] == "response"


def test_that_a_line_to_a_box_stops_within_a_second_though_nobody_answers() -> None:
    with button_box() as box:
        box.cut = True
        with desk_on(f"B1=modbus-rtu:{box.path}") as desk:
            assert isinstance(desk.link, Link)
            desk.link.stop(3.0)
            assert desk.phases[-1] is LinkPhase.STOPPED


@pytest.mark.parametrize("address", ["tcp-listen://127.0.0.1:0", "hid://1d34:000d"])
def test_that_a_port_at_which_a_box_cannot_be_asked_is_refused(address: str) -> None:
    kind, _, target = address.partition("://")
    opener = protocol_row("modbus-rtu").open
    assert opener is not None
    with pytest.raises(PortError, match="is asked, it does not call"):
        opener(Address(kind, target), {}, 0.2)


def test_that_the_simulated_box_is_polled_like_a_real_one() -> None:
    near, path = make_pty_pair()
    panel = protocol_row("modbus-rtu").panel
    assert panel is not None
    stream = FdStream(near, 0.02)
    link = SimulatedLink(Simulator(stream, panel("1234", {})))
    link.start()
    try:
        with desk_on(f"B1=modbus-rtu:{path},poll_ms=50") as desk:
            settled(desk)
            link.post(Press(zone="004"))
            link.post(Press(zone="004", qualifier="restore"))
            assert until(lambda: len(desk.reports) == 2, 5.0)
    finally:
        link.stop()
        stream.close()
    assert said(desk) == [("120", "new", "004"), ("120", "restore", "004")]


class Babble:
    """A wire at whose far end somebody says what he likes, and then nothing."""

    def __init__(self, said: list[bytes]) -> None:
        self._said = said

    def read(self) -> bytes:
        return self._said.pop(0) if self._said else b""

    def write(self, data: bytes) -> None:
        """Nobody listens."""

    def write_now(self, data: bytes) -> int:
        return len(data)

    def drain(self) -> None:
        """Keep what is said: it is meant as the reply."""

    def close(self) -> None:
        """It never ends."""


@settings(max_examples=150)
@given(
    st.lists(st.one_of(st.binary(min_size=1, max_size=12), st.just(bytes.fromhex("01020120a050"))), max_size=4),
    st.integers(1, 4),
)
def test_that_whatever_is_said_on_the_bus_is_no_reading_unless_it_is_the_answer(
    said: list[bytes], function: int
) -> None:
    heard = b"".join(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modbus_rtu_bus, "REPLY_S", 0.002)
        patch.setattr(modbus_rtu_bus, "SILENCE_S", 0.0)
        done = modbus_rtu_bus.Bus(Babble(said)).read(1, function, 0, 8)
    size = 21 if function > 2 else 6
    pieces = [heard[at : at + size] for at in range(len(heard))]
    answers = [
        piece for piece in pieces if piece[:2] == bytes([1, function]) and len(piece) == size and not crc16(piece)
    ]
    assert done.why or (answers and len(done.values) == 8)


def test_that_an_answer_in_pieces_and_behind_noise_is_read() -> None:
    answer = bytes.fromhex("01020120a050")
    for said in ([answer], [answer[:1], answer[1:4], answer[4:]], [b"\x00" + answer]):
        done = modbus_rtu_bus.Bus(Babble(said)).read(1, 2, 0, 8)
        assert (done.why, done.values) == ("", (0, 0, 0, 0, 0, 1, 0, 0))
        assert done.request == bytes.fromhex("01020000000879cc")
