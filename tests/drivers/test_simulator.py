"""The simulated receiver's manners, as dialogues: what it sends, what it is answered, nothing left over."""

from __future__ import annotations

import os
import time
import tty

import pytest

from drivers.protocols.surgard import SurGardCodec
from drivers.protocols.surgard_panel import ACK, NAK, SurGardPanel, heartbeat_frame, signal_frame
from drivers.simulator import Exchange, SimulatedLink, Simulator
from drivers.streams import FdStream
from tests.drivers.desk import until

FRAME = signal_frame("4321", "122", "R", "02", "007", "03", "4")


class Script:
    """A far end that expects each sending in turn and gives the answer written beside it."""

    def __init__(self, *dialogue: tuple[bytes, bytes]) -> None:
        self.dialogue = list(dialogue)
        self.waiting = b""

    def write(self, data: bytes) -> None:
        expected, answer = self.dialogue.pop(0)
        assert data == expected
        self.waiting += answer

    def read(self) -> bytes:
        data, self.waiting = self.waiting, b""
        return data

    def drain(self) -> None:
        self.waiting = b""

    def close(self) -> None:
        assert not self.dialogue


def talk(*dialogue: tuple[bytes, bytes], repeats: int = 3) -> Exchange:
    script = Script(*dialogue)
    exchange = Simulator(script, ack_wait_s=0.02, repeats=repeats).send(FRAME)
    script.close()
    return exchange


def test_that_a_frame_is_written_as_the_receiver_manuals_print_it() -> None:
    assert FRAME == b"5034 184321R12202007\x14"
    assert heartbeat_frame("01", "1") == b"1011           @    \x14"
    assert [report.type for report in SurGardCodec().feed(FRAME + heartbeat_frame())] == ["signal", "heartbeat"]


@pytest.mark.parametrize(
    ("dialogue", "attempts"),
    [
        ([(FRAME, ACK)], 1),
        ([(FRAME, NAK), (FRAME, ACK)], 2),
        ([(FRAME, b""), (FRAME, ACK)], 2),
        ([(FRAME, b"?"), (FRAME, NAK), (FRAME, b""), (FRAME, ACK)], 4),
    ],
)
def test_that_a_frame_is_repeated_until_it_is_acknowledged(dialogue: list[tuple[bytes, bytes]], attempts: int) -> None:
    exchange = talk(*dialogue)
    assert (exchange.acknowledged, exchange.attempts) == (True, attempts)
    assert exchange.delay_s is not None


def test_that_a_frame_nobody_acknowledges_is_given_up_after_three_repeats() -> None:
    exchange = talk(*[(FRAME, NAK)] * 4)
    assert (exchange.acknowledged, exchange.answer, exchange.attempts) == (False, NAK, 4)
    assert exchange.delay_s is None


def test_that_a_late_answer_to_the_frame_before_is_not_taken_for_this_one() -> None:
    script = Script((FRAME, NAK), (FRAME, ACK))
    script.waiting = ACK
    exchange = Simulator(script, ack_wait_s=0.02, repeats=1).send(FRAME)
    assert exchange.attempts == 2


@pytest.mark.parametrize(("unanswered", "attempts"), [(False, 2), (True, 1)])
def test_that_only_a_panel_that_says_so_goes_without_an_answer(unanswered: bool, attempts: int) -> None:
    class Panel(SurGardPanel):
        def __init__(self) -> None:
            super().__init__()
            self.unanswered = unanswered

    script = Script(*[(FRAME, NAK), (FRAME, ACK)][:attempts])
    exchange = Simulator(script, Panel(), ack_wait_s=0.02, repeats=1).send(FRAME)
    script.close()
    assert (exchange.acknowledged, exchange.attempts) == (True, attempts)


class Recorder(Script):
    """A far end that acknowledges everything and keeps what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        self.waiting += ACK * 2


def sendings(fault: str, seed: int) -> list[bytes]:
    recorder = Recorder()
    simulator = Simulator(recorder, ack_wait_s=0.001, faults=[fault], seed=seed)
    for _ in range(40):
        simulator.send(FRAME)
    return recorder.sent


def test_that_the_same_seed_makes_the_same_faults() -> None:
    assert sendings("corrupt", 5) == sendings("corrupt", 5)
    assert sendings("corrupt", 5) != sendings("corrupt", 6)


def test_that_each_fault_is_what_its_name_says() -> None:
    corrupt = [data for data in sendings("corrupt", 1) if data != FRAME]
    assert corrupt
    assert all(len(data) == len(FRAME) and sum(byte > 0x7F for byte in data) == 1 for data in corrupt)
    assert FRAME[:-1] + FRAME in sendings("glue", 1)
    assert b"".join(sendings("split", 1)) == FRAME * 40
    assert len(sendings("split", 1)) > 40
    assert sendings("drop", 1) == [FRAME] * 40


def test_that_a_simulated_receiver_sends_what_is_posted_in_order_with_heartbeats_between() -> None:
    exchanges: list[Exchange] = []
    receiver = SimulatedLink(Simulator(Recorder()), heartbeat_s=0.1, on_exchange=exchanges.append)
    receiver.start()
    receiver.post(FRAME)
    assert until(lambda: len(exchanges) >= 4)
    receiver.stop()
    beat = heartbeat_frame()
    assert [exchange.frame for exchange in exchanges[:4]] == [beat, FRAME, beat, beat]


def test_that_a_simulated_receiver_stops_at_once_even_while_it_waits_for_an_answer() -> None:
    near, far = os.openpty()
    tty.setraw(far)
    exchanges: list[Exchange] = []
    receiver = SimulatedLink(Simulator(FdStream(near)), on_exchange=exchanges.append)
    receiver.start()
    assert os.read(far, 100)
    began = time.monotonic()
    receiver.stop()
    assert time.monotonic() - began < 1
    assert [(exchange.acknowledged, exchange.attempts) for exchange in exchanges] == [(False, 1)]
    os.close(near)
    os.close(far)
