"""A line told by its lease: opens, closes and says who receives; and the answer that waits for nobody to look."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from console.domain.account import MACHINE
from console.domain.facts import LineChanged
from console.domain.ledger import Act
from console.domain.site import Line, LineState
from console.services.lines import Lines, read_specs
from drivers.protocols.surgard_panel import signal_frame
from tests.services.test_lines import ACK, Bench, Wire
from tests.support import EVENING

SINCE = EVENING.isoformat()


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


def working(bench: Bench, *texts: str) -> Lines:
    lines = Lines(read_specs(texts), bench.desk, host="desk-3")
    lines.start()
    return lines


def told(bench: Bench) -> list[Line]:
    return [fact.body.line for fact in bench.journal.facts if isinstance(fact.body, LineChanged)]


async def test_that_the_answer_waits_for_nobody_to_be_shown_the_alarm(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        shown: list[float] = []

        def look(_: Any) -> None:
            time.sleep(0.6)
            shown.append(time.monotonic())

        bench.desk.picture.observe(look)
        began = time.monotonic()
        assert await asyncio.to_thread(_ask, wire) < 0.5
        await bench.until(lambda: shown)
        assert shown[0] - began >= 0.6
        assert len(bench.signals()) == 1


def _ask(wire: Wire) -> float:
    """Seconds to the answer, measured where the receiver is."""
    began = time.monotonic()
    wire.put(signal_frame())
    assert wire.answer(3.0) == ACK
    return time.monotonic() - began


async def test_that_a_line_standing_by_leaves_its_port_alone_and_says_who_receives(bench: Bench, wire: Wire) -> None:
    lines = working(bench, f"A1=surgard:{wire.path}")
    (line,) = lines
    line.stand_by("03", "desk-1")
    async with asyncio.timeout(3):
        await lines.opened()
    assert (line.state, line.why) == (LineState.STANDBY, "由03席接收（desk-1）")
    assert bench.desk.health.standing_by == {"A1": "由03席接收（desk-1）"}
    assert await wire.ask(signal_frame(), 0.5) == b""
    assert told(bench) == [], "only who receives speaks of the line"
    await lines.stop()
    assert told(bench) == []


async def test_that_it_opens_when_told_closes_when_told_and_opens_again(bench: Bench, wire: Wire) -> None:
    lines = working(bench, f"A1=surgard:{wire.path}")
    (line,) = lines
    for n in range(3):
        line.receive(SINCE)
        line.receive(SINCE)
        await bench.until(lambda: line.state is LineState.UP)
        assert bench.desk.health.standing_by == {}
        assert await wire.ask(signal_frame(zone=f"{n:03}")) == ACK
        line.stand_by("L1", "equipment-room")
        line.stand_by("L1", "equipment-room")
        await asyncio.sleep(0.4)
        assert await wire.ask(signal_frame(zone="009"), 0.3) == b""
    assert [signal.zone for signal in bench.signals()] == ["000", "001", "002"]
    line.receive(SINCE)
    await bench.until(lambda: line.state is LineState.UP)
    await lines.stop()
    assert {(stated.host, stated.seat) for stated in told(bench)} == {("desk-3", "03")}
    assert [stated.state for stated in told(bench)] == [LineState.UP] * 4 + [LineState.CLOSED]


async def test_that_a_listening_port_is_free_for_the_next_host_as_soon_as_the_line_stands_by(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    lines = working(bench, f"A1=surgard:tcp-listen://127.0.0.1:{port}")
    (line,) = lines
    assert line.movable
    line.receive(SINCE)
    await bench.until(lambda: line.state is LineState.UP)
    line.stand_by("L1", "equipment-room")
    began = time.monotonic()
    while True:
        try:
            socket.create_server(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() - began < 1.0
            await asyncio.sleep(0.02)
    await lines.stop()


async def test_that_what_the_host_before_stored_is_no_further_press_when_it_is_repeated(
    bench: Bench, wire: Wire
) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        assert await wire.ask(signal_frame()) == ACK
    (stored,) = bench.signals()
    lines = working(bench, f"A1=surgard:{wire.path}")
    (line,) = lines
    line.stand_by("L1", "equipment-room")
    line.receive(SINCE, [{"ingest_id": stored.ingest_id, "raw_hex": stored.raw_hex}])
    await bench.until(lambda: line.state is LineState.UP)
    await asyncio.sleep(0.2)
    assert await wire.ask(signal_frame()) == ACK
    assert await wire.ask(signal_frame()) == ACK
    await lines.stop()
    assert [signal.copy_of != "" for signal in bench.signals()] == [False, True, False]
    assert bench.alarms()[0].presses == 2


async def test_that_frames_without_an_answer_are_kept_though_the_line_went_to_another(bench: Bench, wire: Wire) -> None:
    """Nobody repeats them; those with an answer are repeated to the next host."""
    lines = working(bench, f"A1=contact-id:{wire.path}", "B1=surgard:socket://127.0.0.1:9")
    line = next(iter(lines))
    line.receive(SINCE)
    await bench.until(lambda: line.state is LineState.UP)
    bench.journal.seconds = 0.4
    wire.put(b"12341811200100711234181120010082")
    await bench.until(lambda: bench.journal.commits[-1].name == "intake.receive")
    line.stand_by("L1", "equipment-room")
    await lines.stop()
    assert len(bench.signals()) == 2


def statement(bench: Bench, host: str, lease: str | None, state: str, since: str) -> Act:
    line = {"name": "A1", "protocol": "surgard", "address": "tcp-listen://:1", "state": state, "since": since}
    line |= {"host": host, "seat": "03"}
    return Act(
        name="line.changed", args={"line": line, "lease": lease}, actor="线路A1", seat="03", at=EVENING, roles=MACHINE
    )


@pytest.mark.parametrize(
    ("lease", "counts"),
    [
        ("2026-11-21T06:00:00+00:00", False),
        ("", False),
        ("2026-11-21T06:20:00+00:00", True),
        (None, True),
    ],
)
async def test_that_what_a_host_spooled_before_another_took_over_is_no_news(
    bench: Bench, lease: str | None, counts: bool
) -> None:
    later = "2026-11-21T06:10:00+00:00"
    await bench.desk.carry_out(statement(bench, "desk-1", "2026-11-21T06:09:59+00:00", "UP", later))
    await bench.desk.carry_out(statement(bench, "desk-2", lease, "LOST", "2026-11-21T06:25:00+00:00"))
    (line,) = bench.journal.state.all(Line)
    assert line.host == ("desk-2" if counts else "desk-1")
    assert len(told(bench)) == 1 + counts
