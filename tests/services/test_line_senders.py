"""Many senders at one port of the console: copies, order, side by side, spool first, figures and the tap."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from console.domain.call import Call
from console.domain.clock import system_clock
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act
from console.domain.site import LineState, Signal
from console.services.line_tap import Frame, Passed
from console.services.lines import Lines
from console.services.repeats import Senders
from drivers.capture import read_capture
from drivers.protocols import contact_id, surgard
from drivers.protocols.contact_id import block
from drivers.protocols.cti_lines import line
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.report import Report
from drivers.wire import Wire as DriverWire
from tests.services.test_lines import ACK, Bench, Wire


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


class NumberedCodec(surgard.SurGardCodec):
    """Sur-Gard whose zone serves as the sequence number of a frame."""

    def feed(self, data: bytes) -> list[Report]:
        return [replace(report, sequence=report.zone) for report in super().feed(data)]


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(surgard.PROTOCOL, many=True, codec=lambda _options: NumberedCodec())
    monkeypatch.setattr(surgard, "PROTOCOL", row)


@pytest.fixture
def unnumbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surgard, "PROTOCOL", replace(surgard.PROTOCOL, many=True))


@asynccontextmanager
async def listening(bench: Bench, port: int, **options: Any) -> AsyncIterator[Lines]:
    async with bench.open(f"V1=surgard:tcp-listen://127.0.0.1:{port},supervise_s=0", **options) as lines:
        yield lines


def call(port: int) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", port), 5)
    sender.settimeout(5)
    return sender


async def ask(sender: socket.socket, frame: bytes) -> bytes:
    sender.sendall(frame)
    return await asyncio.to_thread(sender.recv, 1)


def copies(bench: Bench) -> list[bool]:
    return [bool(signal.copy_of) for signal in bench.signals()]


# -- copies ----------------------------------------------------------------------------------------------------


async def test_that_a_numbered_frame_repeated_by_a_new_connection_is_a_copy(
    bench: Bench, port: int, numbered: None
) -> None:
    async with listening(bench, port):
        with call(port) as first:
            assert await ask(first, signal_frame("1001", zone="001")) == ACK
        with call(port) as other, call(port) as again:
            assert await ask(other, signal_frame("1002", zone="001")) == ACK
            assert await ask(again, signal_frame("1001", zone="001")) == ACK
    assert copies(bench) == [False, False, True], "the same number of another account is no copy"
    assert [alarm.presses for alarm in bench.alarms()] == [1, 1]


async def test_that_two_numbers_are_never_copies_and_an_old_number_comes_round(
    bench: Bench, port: int, numbered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.services.repeats.SEQUENCED_GAP_S", 0.5)
    monkeypatch.setattr("console.services.repeats.ACK_WAIT_S", 0.1)
    async with listening(bench, port):
        with call(port) as sender:
            assert await ask(sender, signal_frame(zone="001")) == ACK
            assert await ask(sender, signal_frame(zone="002")) == ACK
            assert await ask(sender, signal_frame(zone="001")) == ACK
            await asyncio.sleep(0.6)
            assert await ask(sender, signal_frame(zone="001")) == ACK
    assert copies(bench) == [False, False, True, False]


async def test_that_without_numbers_only_an_unanswered_frame_of_that_sender_is_repeated(
    bench: Bench, port: int, unnumbered: None
) -> None:
    async with listening(bench, port):
        with call(port) as one, call(port) as two:
            assert await ask(one, signal_frame("1001")) == ACK
            assert await ask(two, signal_frame("1002")) == ACK
            assert await ask(one, signal_frame("1001")) == ACK
        with call(port) as again:
            assert await ask(again, signal_frame("1001")) == ACK
    assert copies(bench) == [False, False, False, True], "who calls again may not have had our answer"


async def test_that_what_was_stored_before_we_began_is_known_by_account(
    bench: Bench, port: int, numbered: None
) -> None:
    async with listening(bench, port):
        with call(port) as sender:
            for account in ("1001", "1002"):
                assert await ask(sender, signal_frame(account)) == ACK
    last = {"V1": [_heard(signal) for signal in bench.signals()]}
    async with listening(bench, port, last=last):
        with call(port) as sender:
            assert await ask(sender, signal_frame("1001")) == ACK
    assert copies(bench) == [False, False, True]


def _heard(signal: Signal) -> dict[str, str]:
    return {
        "ingest_id": signal.ingest_id,
        "raw_hex": signal.raw_hex,
        "account": signal.account,
        "received_at": signal.received_at.isoformat(),
    }


async def test_that_an_exchange_that_begins_anew_repeats_nothing_of_its_former_life(bench: Bench, wire: Wire) -> None:
    """It counts from 0001 and names its calls anew each time: the same line is another caller."""
    life = (line(1, "hello"), line(2, "synced", calls=""), line(3, "ring", id="C1"))
    async with bench.open(f"T1=cti:{wire.path}"):
        for n in range(1, 3):
            for said in (*life, life[-1]):
                wire.put(said)
                await asyncio.sleep(0.02)
            await bench.until(lambda n=n: len(bench.signals()) == 3 * n)
    assert copies(bench) == [False, False, True] * 2, "only what was said twice in one life"
    calls = bench.journal.state.all(Call)
    assert [row.ended_at is None for row in calls] == [False, True], "the caller of the first life is gone"


async def test_that_who_says_hello_on_a_new_connection_repeats_nothing_either(bench: Bench, port: int) -> None:
    async with bench.open(f"T1=cti:tcp-listen://127.0.0.1:{port}"):
        for n in range(1, 3):
            with call(port) as exchange:
                for said in (line(1, "hello"), line(2, "synced", calls=""), line(3, "ring", id="C1")):
                    exchange.sendall(said)
                    await asyncio.sleep(0.02)
                await bench.until(lambda n=n: len(bench.signals()) == 2 * n)
    assert copies(bench) == [False] * 4
    assert [row.ended_at is None for row in bench.journal.state.all(Call)] == [False, True]


async def test_that_the_memory_of_senders_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.services.repeats.SENDERS", 3)
    senders = Senders((), system_clock(), many=True)
    wire = DriverWire(_Nowhere(), "10.0.0.1:1")
    first = senders.of(_report("1"), wire, 0.0)
    for account in ("2", "3"):
        senders.of(_report(account), wire, 0.0)
    assert senders.of(_report("1"), wire, 0.0) is first
    senders.of(_report("4"), wire, 0.0)
    assert senders.of(_report("1"), wire, 0.0) is first, "heard lately, so it stays"
    second = senders.of(_report("2"), wire, 0.0)
    assert second.repeats.last is None


class _Nowhere:
    def write(self, data: bytes) -> None:
        """Take it."""

    def write_now(self, data: bytes) -> int:
        return len(data)


def _report(account: str) -> Report:
    return Report(type="signal", raw=b"", account=account)


# -- side by side ----------------------------------------------------------------------------------------------


async def test_that_senders_do_not_wait_for_each_other_and_each_keeps_its_order(
    bench: Bench, port: int, unnumbered: None
) -> None:
    bench.journal.seconds = 0.2
    async with listening(bench, port):
        with ExitStack() as stack:
            senders = [stack.enter_context(call(port)) for _ in range(20)]
            began = time.monotonic()
            for n, sender in enumerate(senders):
                account = f"{1000 + n}"
                sender.sendall(signal_frame(account, zone="001") + signal_frame(account, zone="002"))
            await bench.until(lambda: len(bench.signals()) == 40)
            assert time.monotonic() - began < 20 * 2 * 0.2, "one after the other they would take eight seconds"
            for sender in senders:
                assert (await asyncio.to_thread(sender.recv, 2))[:1] == ACK
    for n in range(20):
        zones = [signal.zone for signal in bench.signals() if signal.account == f"{1000 + n}"]
        assert zones == ["001", "002"]


async def test_that_a_heartbeat_waits_for_nobody_elses_frame(bench: Bench, port: int, unnumbered: None) -> None:
    async with listening(bench, port):
        with call(port) as slow, call(port) as quick:
            bench.journal.seconds = 1.0
            slow.sendall(signal_frame())
            await asyncio.sleep(0.1)
            began = time.monotonic()
            assert await ask(quick, heartbeat_frame()) == ACK
            assert time.monotonic() - began < 0.9
            assert not bench.signals()
            assert await asyncio.to_thread(slow.recv, 1) == ACK


async def test_that_one_frame_that_is_stored_nowhere_holds_up_no_other_sender(
    bench: Bench, port: int, numbered: None
) -> None:
    commit = bench.journal.commit

    async def not_this_one(act: Act) -> Any:
        if act.name == "intake.receive" and act.args["report"]["account"] == "1001":
            raise JournalUnavailable("磁盘已满")
        return await commit(act)

    bench.journal.commit = not_this_one  # type: ignore[method-assign]
    bench.spool.full = True
    async with listening(bench, port):
        with call(port) as one, call(port) as two:
            one.sendall(signal_frame("1001"))
            await bench.until(lambda: "line:V1" in bench.desk.health.faults)
            bench.desk.health.journal_answered(0.001)
            assert await ask(two, signal_frame("1002")) == ACK
            bench.journal.commit = commit  # type: ignore[method-assign]
            bench.desk.health.journal_answered(0.001)
            assert await ask(one, signal_frame("1001")) == ACK
    assert [signal.account for signal in bench.signals()] == ["1002", "1001"]
    assert copies(bench) == [False, False]


class Fleet:
    """Takes every signal of one account as a position, as `Vehicles` does."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.settled: list[tuple[str, bool]] = []

    def take(self, report: Report, _at: datetime, _order: Any) -> Report | None:
        self.taken.append(report.zone or "")
        return None if report.account == "2000" else report

    def stored(self, report: Report) -> None:
        self.settled.append((report.zone or "", True))

    def unstored(self, report: Report) -> None:
        self.settled.append((report.zone or "", False))


async def test_that_positions_are_answered_from_memory_and_presses_are_stored(
    bench: Bench, port: int, unnumbered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.services.lines.PROTOCOLS", {"surgard"})
    fleet = Fleet()
    async with listening(bench, port, vehicles=fleet):
        with call(port) as sender:
            frames = [signal_frame(account, zone=zone) for account, zone in (("2000", "001"), ("1001", "002"))]
            sender.sendall(b"".join(frames) + signal_frame("2000", zone="003"))
            answers = b""
            while len(answers) < 3:
                answers += await asyncio.to_thread(sender.recv, 3)
    assert fleet.taken == ["001", "002", "003"]
    assert fleet.settled == [("002", True)]
    assert [signal.zone for signal in bench.signals()] == ["002"]


async def test_that_a_frame_of_several_reports_is_not_answered_while_one_of_them_is_nowhere(
    bench: Bench, port: int, unnumbered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk of a terminal: its one answer stands with the last position, the press may be an earlier one."""
    monkeypatch.setattr("console.services.lines.PROTOCOLS", {"surgard"})

    def bulk(codec: surgard.SurGardCodec, raw: bytes) -> list[Report]:
        (press,) = read_line(codec, raw)
        return [replace(press, ack=b""), replace(press, account="2000")]

    read_line = surgard.SurGardCodec._read_line
    monkeypatch.setattr(surgard.SurGardCodec, "_read_line", bulk)
    fleet = Fleet()
    async with listening(bench, port, vehicles=fleet):
        with call(port) as sender:
            bench.spool.full, bench.journal.failure = True, JournalUnavailable("日志 2 秒内没有写成")
            sender.sendall(signal_frame("1001"))
            sender.settimeout(0.5)
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(sender.recv, 1)
            bench.spool.full, bench.journal.failure = False, None
            bench.desk.health.journal_answered(0.001)
            sender.settimeout(5)
            assert await ask(sender, signal_frame("1001")) == ACK
    # Stopped: what was kept in memory would have been stored by now.
    assert [signal.account for signal in bench.signals()] == ["1001"], "once, though it was nowhere at first"
    assert fleet.settled == [("001", False), ("001", True)]


# -- spool first -----------------------------------------------------------------------------------------------


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_id, "PROTOCOL", replace(contact_id.PROTOCOL, spooled=True))


BLOCK = block("1234", "120", "1", "01", "001")


async def test_that_what_cannot_be_repeated_is_held_before_the_journal_is_asked(
    bench: Bench, wire: Wire, spooled: None
) -> None:
    held: list[bool] = []
    commit = bench.journal.commit

    async def looking(act: Act) -> Any:
        if act.name == "intake.receive":
            held.append(act.act_id in bench.spool.held)
        return await commit(act)

    bench.journal.commit = looking  # type: ignore[method-assign]
    async with bench.open(f"B1=contact-id:{wire.path}"):
        wire.put(BLOCK)
        await bench.until(bench.signals)
    assert held == [True]
    assert not bench.spool.held, "the journal has it"
    assert not bench.spool.acts
    assert bench.desk.health.unsent == 0


async def test_that_what_is_held_waits_in_the_spool_when_the_journal_is_away(
    bench: Bench, wire: Wire, spooled: None
) -> None:
    async with bench.open(f"B1=contact-id:{wire.path}"):
        bench.journal.failure = JournalUnavailable("日志 2 秒内没有写成")
        wire.put(BLOCK)
        await bench.until(lambda: bool(bench.spool.acts))
        (act,) = [act for act in bench.spool.acts if act.name == "intake.receive"]
        assert act.args["alias"], "shown under this seat's own number"
        assert not bench.spool.held
        assert bench.desk.health.unsent >= 1


async def test_that_without_a_spool_the_journal_alone_has_to_do(
    bench: Bench, wire: Wire, spooled: None, expected_log: list[str]
) -> None:
    expected_log.append("without being held first")

    def full(act: Act) -> None:
        raise JournalUnavailable(f"磁盘已满：{act.name}")

    bench.spool.hold = full  # type: ignore[method-assign]
    async with bench.open(f"B1=contact-id:{wire.path}"):
        wire.put(BLOCK)
        await bench.until(bench.signals)
    assert len(bench.alarms()) == 1


# -- figures and tap -------------------------------------------------------------------------------------------


async def test_that_figures_count_what_came_and_how_long_it_took(bench: Bench, port: int, unnumbered: None) -> None:
    async with listening(bench, port) as lines:
        with call(port) as sender, call(port) as prober:
            assert await ask(sender, heartbeat_frame()) == ACK
            assert await ask(sender, signal_frame()) == ACK
            sender.sendall(b"5011 18\xb7037E13001004\x14")
            assert await asyncio.to_thread(sender.recv, 1) == b"\x15"
            prober.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert await asyncio.to_thread(prober.recv, 1) == b""
            told = lines.figures()["V1"]
            assert (told.frames, told.heartbeats, told.garbage, told.naks) == (2, 1, 1, 1)
            assert (told.state, told.peers, told.dropped) == (LineState.UP, 1, {"probe": 1})
            assert (told.bytes_out, len(told.stored_ms), len(told.answered_ms)) == (3, 2, 2)
            assert told.bytes_in == len(heartbeat_frame()) + len(signal_frame()) + 21
            assert 0 < told.stored_ms[0] <= told.answered_ms[0]


async def test_that_the_tap_tells_bytes_and_frames_and_a_broken_listener_is_taken_off(
    bench: Bench, wire: Wire, expected_log: list[str]
) -> None:
    expected_log.append("a listener on the lines failed")
    told: list[Any] = []

    def broken(_tapped: object) -> None:
        raise ZeroDivisionError

    async with bench.open(f"A1=surgard:{wire.path}") as lines:
        lines.tap.listen(broken)
        end = lines.tap.listen(told.append)
        assert await wire.ask(signal_frame()) == ACK
        await bench.until(lambda: sum(isinstance(one, Passed) for one in told) >= 2)
        end()
        assert await wire.ask(heartbeat_frame()) == ACK
        assert not lines.tap.wanted
    passed = {one.direction: one.data for one in told if isinstance(one, Passed)}
    assert passed == {"in": signal_frame(), "out": ACK}
    (frame,) = [one for one in told if isinstance(one, Frame)]
    assert (frame.line, frame.report.zone) == ("A1", "001")
    assert frame.stored_at is not None
    assert frame.answered_at is not None
    assert frame.at <= frame.stored_at <= frame.answered_at


async def test_that_a_capture_begins_and_ends_while_the_line_runs(bench: Bench, wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "capture.jsonl"
    async with bench.open(f"A1=surgard:{wire.path}") as lines:
        assert await wire.ask(signal_frame(zone="001")) == ACK
        lines.tap.capture_to(file)
        assert await wire.ask(signal_frame(zone="002")) == ACK
        await asyncio.sleep(0.05)
        lines.tap.end_capture()
        assert await wire.ask(signal_frame(zone="003")) == ACK
    heard = [record.data for record in read_capture(file) if record.direction == "in"]
    assert heard == [signal_frame(zone="002")]
