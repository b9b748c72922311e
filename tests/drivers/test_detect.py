"""Detecting what speaks at a port, over real pseudo-terminals and captures."""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Thread

import pytest

from drivers.address import Address, parse_address
from drivers.capture import CaptureWriter
from drivers.detect import detect, framings
from drivers.protocols.contact_id import block
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.simulator import make_pty_pair
from drivers.wire import PortError


def heard(*frames: bytes) -> tuple[list[str], list[Address]]:
    """What is proposed for a pseudo-terminal at which these frames come, and the settings that were tried."""
    near, path = make_pty_pair()
    tried: list[Address] = []

    def speak() -> None:
        # After opening: a port throws away what came before.
        time.sleep(0.2)
        for frame in frames:
            os.write(near, frame)

    def on_try(address: Address) -> None:
        tried.append(address)
        Thread(target=speak, daemon=True).start()

    try:
        found = detect(parse_address(path), listen_s=1.5, on_try=on_try)
    finally:
        os.close(near)
    return [proposal.protocol for proposal in found], tried


def test_that_heartbeats_of_a_receiver_are_known_as_sur_gard_with_the_commonest_framing() -> None:
    found, tried = heard(heartbeat_frame(), heartbeat_frame())
    assert found[0] == "surgard"
    assert str(tried[0]).endswith(tried[0].target), "9600 8N1 is not written out"
    assert len(tried) == 1


def test_that_bare_contact_id_blocks_are_no_sur_gard() -> None:
    found, _ = heard(block("1234", "120", "1", "01", "003"), block("1234", "120", "3", "01", "003"))
    assert found[0] == "contact-id"


def test_that_noise_proposes_nothing_and_every_framing_is_tried() -> None:
    near, path = make_pty_pair()
    tried: list[Address] = []
    try:
        assert detect(parse_address(path), listen_s=0.1, on_try=tried.append) == []
    finally:
        os.close(near)
    assert len(tried) == len(list(framings(parse_address(path)))) > 2
    assert len(set(tried)) == len(tried)


def test_that_a_written_framing_is_the_only_one_tried() -> None:
    address = parse_address("/dev/ttyUSB0@1200,7E1")
    assert list(framings(address)) == [address]
    assert list(framings(parse_address("socket://127.0.0.1:9"))) == [parse_address("socket://127.0.0.1:9")]


def test_that_a_person_can_stop_it() -> None:
    near, path = make_pty_pair()
    try:
        assert detect(parse_address(path), listen_s=60, cancelled=lambda: True) == []
    finally:
        os.close(near)


def test_that_a_capture_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "school.jsonl"
    writer = CaptureWriter(file)
    for second in range(2):
        writer.record("A1", "in", signal_frame(zone=f"00{second}"), second / 100)
    writer.close()
    (proposal, *_) = detect(parse_address(f"file:{file}"), listen_s=5)
    assert (proposal.protocol, proposal.frames, proposal.unread) == ("surgard", 2, 0)
    assert proposal.kinds == ("signal",)


def test_that_a_port_that_is_not_there_is_said_in_one_sentence() -> None:
    with pytest.raises(PortError, match="does not exist"):
        detect(parse_address("/dev/ttyNOTHERE"), listen_s=1)
