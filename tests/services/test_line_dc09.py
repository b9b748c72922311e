"""DC-09 at the console's port: what is stored, what is a copy, what each panel is answered."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.domain.clock import system_clock
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act
from drivers.panel import Press
from drivers.protocols.sia_dc09_content import stamp_of
from drivers.protocols.sia_dc09_frame import write_frame
from drivers.protocols.sia_dc09_keys import encrypt, read_key
from drivers.protocols.sia_dc09_panel import Dc09Panel
from tests.services.test_lines import Bench

KEY = "ABCDABCDABCDABCDABCDABCDABCDABCD"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def ask(port: int, *frames: bytes, wait_s: float = 10) -> list[bytes]:
    """Call once and send each frame when the one before is answered."""
    answers = []
    with socket.create_connection(("127.0.0.1", port), 5) as panel:
        panel.settimeout(wait_s)
        for frame in frames:
            panel.sendall(frame)
            answers.append(await asyncio.to_thread(panel.recv, 4096))
    return answers


async def test_that_several_events_in_one_frame_are_as_many_alarms_and_its_repetition_none(
    bench: Bench, port: int
) -> None:
    frame = write_frame(b'"SIA-DCS"0042L0#1234[#1234|Nri1/PA001/PA002]')
    async with bench.open(f"N=sia-dc09:tcp-listen://127.0.0.1:{port},supervise_s=0"):
        answers = [*await ask(port, frame), *await ask(port, frame)]
    assert answers == [write_frame(b'"ACK"0042L0#1234[]')] * 2
    assert [(signal.zone, bool(signal.copy_of)) for signal in bench.signals()] == [
        ("001", False),
        ("002", False),
        ("001", True),
        ("002", True),
    ]
    assert sorted((alarm.zone, alarm.presses) for alarm in bench.alarms()) == [("001", 1), ("002", 1)]


async def test_that_events_of_one_frame_that_were_stored_without_our_knowing_take_effect_once(
    bench: Bench, port: int
) -> None:
    frame = write_frame(b'"SIA-DCS"0042L0#1234[#1234|Nri1/PA001/PA002]')
    true_commit = bench.journal.commit

    async def unknown(act: Act) -> Any:
        await true_commit(act)
        raise JournalUnavailable("连接中断，不知是否写成")

    async with bench.open(f"N=sia-dc09:tcp-listen://127.0.0.1:{port},supervise_s=0"):
        bench.spool.full = True
        bench.journal.commit = unknown  # type: ignore[method-assign]
        with pytest.raises(TimeoutError):
            await ask(port, frame, wait_s=0.5)
        bench.spool.full = False
        bench.journal.commit = true_commit  # type: ignore[method-assign]
        bench.desk.health.journal_answered(0.001)
        assert await ask(port, frame) == [write_frame(b'"ACK"0042L0#1234[]')]
    assert sorted((alarm.zone, alarm.presses) for alarm in bench.alarms()) == [("001", 1), ("002", 1)]
    assert len(bench.signals()) == 2


async def test_that_encrypted_presses_are_alarms_and_a_restore_closes_none(
    bench: Bench, port: int, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'default = "{KEY}"\n', encoding="utf-8")
    panel = Dc09Panel("12AB", read_key(KEY), "sia-dcs")
    presses = [Press(event="122", zone="005"), Press(event="122", zone="005", qualifier="restore")]
    line = f"N=sia-dc09:tcp-listen://127.0.0.1:{port},supervise_s=0,keys={keys},require_key=1"
    async with bench.open(line):
        for answer in await ask(port, *(panel.signal(press) for press in presses), panel.heartbeat()):
            assert panel.hear(answer).taken == 1
    (alarm,) = bench.alarms()
    assert (alarm.account, alarm.sia_code, alarm.silent, alarm.reset_at) == ("12AB", "HA", True, None)
    assert [signal.qualifier for signal in bench.signals()] == ["new", "restore"]


async def test_that_an_encrypted_message_tried_again_with_another_pad_is_a_copy(
    bench: Bench, port: int, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'default = "{KEY}"\n', encoding="utf-8")
    (key, *_) = read_key(KEY)
    now = system_clock()
    line = f"N=sia-dc09:tcp-listen://127.0.0.1:{port},supervise_s=0,keys={keys}"

    def tried(pad: bytes, made: datetime, number: int = 7) -> bytes:
        tail = b"|#1234|NPA001]" + stamp_of(made, UTC)
        sealed = encrypt(key, pad * (16 - len(tail) % 16) + tail).hex().upper().encode("ascii")
        return write_frame(b'"*SIA-DCS"%04dL0#1234[%b' % (number, sealed))

    async with bench.open(line):
        for frame in (tried(b"A", now), tried(b"B", now), tried(b"C", now - timedelta(seconds=9)), tried(b"D", now, 8)):
            assert b"*ACK" in (await ask(port, frame))[0]
    assert [bool(signal.copy_of) for signal in bench.signals()] == [False, True, False, False]
    assert [alarm.presses for alarm in bench.alarms()] == [3]


async def test_that_data_nobody_understands_are_answered_so_and_are_a_row_to_be_seen(bench: Bench, port: int) -> None:
    async with bench.open(f"N=sia-dc09:tcp-listen://127.0.0.1:{port},supervise_s=0"):
        answers = await ask(port, write_frame(b'"ADM-CID"0007L0#1234[basura]'))
    assert answers == [write_frame(b'"DUH"0007L0#1234[]')]
    assert [(signal.type, signal.account) for signal in bench.signals()] == [("garbage", "")]
