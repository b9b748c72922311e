"""Lines at work over real pseudo-terminals: what is answered when, and what a failing ground does to it."""

import asyncio
import os
import select
import socket
import threading
import time
import tty
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from console.domain.alarm import Alarm
from console.domain.clock import system_clock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import AlarmMoved, LineChanged, SignalReceived
from console.domain.ledger import Act
from console.domain.site import Line, LineState, Signal
from console.services import line as line_module
from console.services.desk import Desk
from console.services.lines import Lines, read_specs, simulate
from drivers.capture import read_capture
from drivers.link import Link
from drivers.protocols.contact_id import block
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from tests.support import MemoryJournal, MemorySpool, make_desk, tell

ACK, NAK = b"\x06", b"\x15"
DISK_FULL = JournalUnavailable("数据库所在磁盘已满", "清出磁盘空间")


@dataclass
class Wire:
    """The sender's end of a pseudo-terminal, plain bytes: nothing of ours."""

    near: int = field(init=False)
    far: int = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.near, self.far = os.openpty()
        tty.setraw(self.far)
        self.path = os.ttyname(self.far)

    def put(self, data: bytes) -> None:
        os.write(self.near, data)

    def answer(self, seconds: float) -> bytes:
        """What comes within so long; returns at the first bytes."""
        ready, _, _ = select.select([self.near], [], [], seconds)
        return os.read(self.near, 64) if ready else b""

    async def ask(self, data: bytes, seconds: float = 2.0) -> bytes:
        self.put(data)
        return await asyncio.to_thread(self.answer, seconds)

    def close(self) -> None:
        for end in (self.near, self.far):
            os.close(end)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


@dataclass
class FullSpool(MemorySpool):
    """A spool on a disk that may be full."""

    full: bool = False

    def put(self, act: Act) -> bool:
        if self.full:
            raise DISK_FULL
        return super().put(act)


@dataclass
class SlowJournal(MemoryJournal):
    """A journal that takes its time, and counts."""

    seconds: float = 0.0
    commits: list[Act] = field(default_factory=list)

    async def commit(self, act: Act) -> Any:
        self.commits.append(act)
        await asyncio.sleep(self.seconds)
        return await super().commit(act)


@dataclass
class Bench:
    """A desk with a journal and a spool that can be made to fail."""

    journal: SlowJournal = field(default_factory=lambda: SlowJournal(system_clock))
    spool: FullSpool = field(default_factory=FullSpool)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = make_desk(system_clock)
        self.desk.journal, self.desk.spool = self.journal, self.spool

    @asynccontextmanager
    async def open(self, *texts: str, **options: Any) -> AsyncIterator[Lines]:
        lines = Lines(read_specs(texts), self.desk, **options)
        lines.start()
        try:
            async with asyncio.timeout(5):
                await lines.opened()
            yield lines
        finally:
            await lines.stop()

    def signals(self) -> list[Signal]:
        return [fact.body.signal for fact in self.journal.facts if isinstance(fact.body, SignalReceived)]

    def alarms(self) -> list[Alarm]:
        return self.journal.state.all(Alarm)

    def states(self) -> list[LineState]:
        return [fact.body.line.state for fact in self.journal.facts if isinstance(fact.body, LineChanged)]

    async def until(self, condition: Any, seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 -- any condition will do
                await asyncio.sleep(0.01)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_that_a_frame_is_answered_once_it_is_stored(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        assert await wire.ask(signal_frame()) == ACK
        (signal,) = bench.signals()
        assert (signal.line, signal.account, signal.raw_hex) == ("A1", "1234", signal_frame().hex())
        assert abs((system_clock() - signal.received_at).total_seconds()) < 2


async def test_that_nothing_is_answered_before_the_commit(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        bench.journal.seconds = 0.4
        started = time.monotonic()
        assert await wire.ask(signal_frame()) == ACK
        assert time.monotonic() - started >= 0.4


async def test_that_a_heartbeat_is_answered_from_memory(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}") as lines:
        before = len(bench.journal.commits)
        for _ in range(5):
            assert await wire.ask(heartbeat_frame()) == ACK
        assert len(bench.journal.commits) == before
        (line,) = lines
        assert line.last_heard is not None
        assert (system_clock() - line.last_heard).total_seconds() < 2


async def test_that_when_a_line_was_last_heard_is_journaled_now_and_then(
    bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.services.line.LAST_HEARD_EVERY_S", 0.5)
    async with bench.open(f"A1=surgard:{wire.path}"):
        told: list[int] = []
        for pause in (0.0, 0.6, 0.6):
            await asyncio.sleep(pause)
            for _ in range(5):
                assert await wire.ask(heartbeat_frame()) == ACK
            await asyncio.sleep(0.05)
            told.append(len(bench.states()))
        assert told == [told[0], told[0] + 1, told[0] + 2], "once a period, however many heartbeats come"
        (line,) = bench.journal.state.all(Line)
        assert line.last_heard is not None


async def test_that_a_parity_error_is_refused_and_kept(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        assert await wire.ask(b"5011 18\xb7037E13001004\x14") == NAK
        assert [signal.type for signal in bench.signals()] == ["garbage"]
        assert not bench.alarms()


async def test_that_glued_copies_are_one_press_and_one_answer_each(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        wire.put(signal_frame().removesuffix(b"\x14") * 3 + b"\x14")
        await bench.until(lambda: len(bench.signals()) == 3)
        (alarm,) = bench.alarms()
        assert alarm.presses == 1
        assert [bool(signal.copy_of) for signal in bench.signals()] == [False, True, True]
        answers = b""
        while len(answers) < 3:
            answers += await asyncio.to_thread(wire.answer, 2.0)
        assert answers == ACK * 3


async def test_that_a_repetition_before_our_answer_is_a_copy(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        bench.journal.seconds = 0.5
        wire.put(signal_frame())
        await asyncio.sleep(0.2)
        wire.put(signal_frame())
        await bench.until(lambda: len(bench.signals()) == 2)
        assert [bool(signal.copy_of) for signal in bench.signals()] == [False, True]
        assert bench.alarms()[0].presses == 1


async def test_that_a_repetition_after_our_answer_is_a_press(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        await wire.ask(signal_frame())
        await wire.ask(signal_frame())
        assert bench.alarms()[0].presses == 2


@pytest.mark.parametrize(("since_opening", "presses"), [(0.0, 1), (0.6, 2)])
async def test_that_soon_after_opening_the_last_frame_may_be_repeated(
    bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch, since_opening: float, presses: int
) -> None:
    monkeypatch.setattr("console.services.repeats.ACK_WAIT_S", 0.4)
    async with bench.open(f"A1=surgard:{wire.path}"):
        await wire.ask(signal_frame())
    (known,) = bench.signals()
    last = {"A1": [{"ingest_id": known.ingest_id, "raw_hex": known.raw_hex}]}
    async with bench.open(f"A1=surgard:{wire.path}", last=last):
        await asyncio.sleep(since_opening)
        assert await wire.ask(signal_frame()) == ACK
    (alarm,) = bench.alarms()
    assert alarm.presses == presses


async def test_that_the_spool_answers_for_a_journal_that_is_away(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        bench.journal.failure = JournalUnavailable("日志 2 秒内没有写成")
        assert await wire.ask(signal_frame()) == ACK
        assert [act.name for act in bench.spool.acts] == ["intake.receive"]
        (alarm,) = bench.desk.picture.unacknowledged_alarms()
        assert bench.desk.picture.is_provisional(alarm)
        assert not bench.desk.health.journal_up


async def test_that_a_frame_that_can_be_kept_nowhere_is_not_answered(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        bench.journal.failure, bench.spool.full = JournalUnavailable("磁盘已满"), True
        assert await wire.ask(signal_frame(), 0.5) == b""
        fault = bench.desk.health.faults["line:A1"]
        assert "未应答" in fault.what
        assert "清出磁盘空间" in fault.remedy
        # The receiver repeats after 4 s; by then there is room again.
        bench.spool.full = False
        assert await wire.ask(signal_frame()) == ACK
        assert "line:A1" not in bench.desk.health.faults
        assert len(bench.spool.acts) == 1


async def test_that_what_was_stored_without_our_knowing_takes_effect_once(bench: Bench, wire: Wire) -> None:
    """The commit succeeded, its answer came too late, and the spool was full: the repetition is the same act."""
    async with bench.open(f"A1=surgard:{wire.path}"):
        true_commit = bench.journal.commit

        async def too_late(act: Act) -> Any:
            await true_commit(act)
            raise JournalUnavailable("日志 2 秒内没有写成")

        bench.journal.commit = too_late  # type: ignore[method-assign]
        bench.spool.full = True
        assert await wire.ask(signal_frame(), 0.5) == b""
        bench.journal.commit = true_commit  # type: ignore[method-assign]
        bench.desk.health.journal_answered(0.001)
        assert await wire.ask(signal_frame()) == ACK
        assert len(bench.signals()) == 1
        assert bench.alarms()[0].presses == 1


async def test_that_a_frame_nobody_repeated_any_more_is_another_when_it_comes_again(
    bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored without our knowing, then judged and reset; the button pressed much later is a new alarm."""
    monkeypatch.setattr("console.services.repeats.REPEAT_GAP_S", 1.0)
    async with bench.open(f"A1=surgard:{wire.path}"):
        true_commit = bench.journal.commit

        async def too_late(act: Act) -> Any:
            await true_commit(act)
            raise JournalUnavailable("日志 2 秒内没有写成")

        bench.journal.commit = too_late  # type: ignore[method-assign]
        bench.spool.full = True
        assert await wire.ask(signal_frame(), 0.3) == b""
        bench.journal.commit = true_commit  # type: ignore[method-assign]
        bench.desk.health.journal_answered(0.001)
        (first,) = bench.alarms()
        tell(bench.desk, *(AlarmMoved(alarm=first.id, act=act) for act in ("acknowledge", "confirm", "reset")))
        await asyncio.sleep(1.0)
        assert await wire.ask(signal_frame()) == ACK
        assert len(bench.signals()) == 2
        assert [alarm.open for alarm in sorted(bench.alarms(), key=lambda a: a.received_at)] == [False, True]


BLOCKS = [block("1234", "120", "1", "01", zone) for zone in ("001", "002", "003")]


async def test_that_frames_without_an_answer_wait_in_memory_and_are_stored_in_their_order(
    bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody repeats a Contact ID block: what the full disk refuses would be lost."""
    monkeypatch.setattr("console.services.line.RETRY_S", 0.2)
    async with bench.open(f"C1=contact-id:{wire.path}"):
        bench.journal.failure, bench.spool.full = JournalUnavailable("磁盘已满"), True
        wire.put(BLOCKS[0] + BLOCKS[1])
        await bench.until(lambda: "line:C1" in bench.desk.health.faults)
        assert "暂留内存" in bench.desk.health.faults["line:C1"].what
        wire.put(BLOCKS[2])
        await asyncio.sleep(0.5)
        assert not bench.spool.acts
        bench.spool.full = False
        await bench.until(lambda: len(bench.spool.acts) == 3)
        zones = [act.args["report"]["zone"] for act in bench.spool.acts]
        assert zones == ["001", "002", "003"]
        await bench.until(lambda: "line:C1" not in bench.desk.health.faults)


async def test_that_what_waits_in_memory_is_tried_once_more_at_the_end(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"C1=contact-id:{wire.path}"):
        bench.journal.failure, bench.spool.full = JournalUnavailable("磁盘已满"), True
        wire.put(BLOCKS[0])
        await bench.until(lambda: "line:C1" in bench.desk.health.faults)
        bench.spool.full = False
    frames = [act.args["report"] for act in bench.spool.acts if act.name == "intake.receive"]
    assert [report["zone"] for report in frames] == ["001"]


async def test_that_memory_has_an_end_and_says_so(
    bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log += ["no room for an unstored frame", "could be stored nowhere to the end", "its state could not be"]
    monkeypatch.setattr("console.services.line_frames.KEPT_UNSTORED", 2)
    async with bench.open(f"C1=contact-id:{wire.path}") as lines:
        bench.journal.failure, bench.spool.full = JournalUnavailable("磁盘已满"), True
        wire.put(b"".join(BLOCKS))
        await bench.until(lambda: "line:C1" in bench.desk.health.faults)
        await lines.stop()
    assert not bench.spool.acts


async def test_that_behind_an_unanswered_frame_nothing_of_the_same_read_is_answered(bench: Bench, wire: Wire) -> None:
    """The sender would take that answer for the first frame's."""
    async with bench.open(f"A1=surgard:{wire.path}"):
        true_commit = bench.journal.commit

        async def full_once(act: Act) -> Any:
            bench.journal.commit = true_commit  # type: ignore[method-assign]
            raise JournalUnavailable("磁盘已满")

        bench.spool.full = True
        bench.journal.commit = full_once  # type: ignore[method-assign]
        wire.put(signal_frame(zone="001") + signal_frame(zone="002") + heartbeat_frame())
        assert wire.answer(0.5) == b""
        await asyncio.sleep(0.3)
        assert wire.answer(0.1) == b""
        assert not bench.signals()
        bench.spool.full = False


@pytest.mark.parametrize(
    ("protocol", "frame", "answer"),
    [("surgard", signal_frame(), ACK), ("contact-id", BLOCKS[0], b"")],
)
async def test_that_a_bug_in_the_rules_is_seen_whether_or_not_the_form_has_answers(
    bench: Bench, wire: Wire, expected_log: list[str], protocol: str, frame: bytes, answer: bytes
) -> None:
    expected_log.append("a frame could not be taken in")
    true_commit = bench.journal.commit

    async def tripping(act: Act) -> Any:
        if act.name == "intake.receive" and act.args["report"]["type"] == "signal":
            raise ZeroDivisionError
        return await true_commit(act)

    bench.journal.commit = tripping  # type: ignore[method-assign]
    async with bench.open(f"A1={protocol}:{wire.path}"):
        assert await wire.ask(frame, 0.5) == answer
        await bench.until(bench.alarms)
        (alarm,) = bench.alarms()
        assert (alarm.kind, alarm.raw_hex) == ("garbage", frame.hex())
        assert alarm.unacknowledged


async def test_that_a_frame_that_was_stored_though_something_tripped_is_not_stored_twice(
    bench: Bench, wire: Wire, expected_log: list[str]
) -> None:
    expected_log.append("a frame could not be taken in")
    true_commit = bench.journal.commit

    async def tripping_after(act: Act) -> Any:
        done = await true_commit(act)
        if not done.already and act.name == "intake.receive":
            raise ZeroDivisionError
        return done

    bench.journal.commit = tripping_after  # type: ignore[method-assign]
    async with bench.open(f"A1=surgard:{wire.path}"):
        assert await wire.ask(signal_frame()) == ACK
    assert [alarm.kind for alarm in bench.alarms()] == ["panic"]
    assert len(bench.signals()) == 1


async def test_that_a_frame_of_a_lost_wire_is_stored_and_not_answered_on_the_next(bench: Bench, tmp_path: Path) -> None:
    link = tmp_path / "line"
    first = Wire()
    link.symlink_to(first.path)
    async with bench.open(f"A1=surgard:{link}"):
        bench.journal.seconds = 1.5
        first.put(signal_frame())
        await bench.until(lambda: bench.journal.commits[-1].name == "intake.receive")
        first.close()
        second = Wire()
        link.unlink()
        link.symlink_to(second.path)
        await bench.until(bench.signals)
        bench.journal.seconds = 0.0
        await bench.until(lambda: bench.states()[-2:] == [LineState.LOST, LineState.UP])
        assert await asyncio.to_thread(second.answer, 0.3) == b""
        assert "line:A1" not in bench.desk.health.faults
        # Its sender repeats it there: a copy, answered.
        assert await second.ask(signal_frame()) == ACK
        assert bench.alarms()[0].presses == 1
    second.close()


async def test_that_a_receiver_that_takes_no_answers_does_not_hold_up_the_loop(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}"):
        # Fill the way to the receiver, as if it had stopped reading.
        filler = os.open(wire.path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with suppress(BlockingIOError):
            while os.write(filler, b"x"):
                pass
        os.close(filler)
        wire.put(signal_frame())
        longest, last = 0.0, time.monotonic()
        while "line:A1" not in bench.desk.health.faults:
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert longest < 0.5, "the answer waited a second for room, the loop did not"
        assert "应答发不出去" in bench.desk.health.faults["line:A1"].what
        assert len(bench.signals()) == 1


async def test_that_an_answer_that_must_wait_for_room_does_not_wait_behind_searches(
    bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind an RFC 2217 device server, and at every serial port of Windows."""
    monkeypatch.setattr(Link, "write_now", lambda _link, data, _wire=None: data)
    loop, go_on = asyncio.get_running_loop(), threading.Event()
    async with bench.open(f"A1=surgard:{wire.path}"):
        searching = ThreadPoolExecutor(1)
        loop.set_default_executor(searching)
        search = loop.run_in_executor(None, go_on.wait, 10)
        try:
            wire.put(signal_frame(zone="001"))
            await bench.until(lambda: wire.answer(0) == ACK)
            assert not search.done()
        finally:
            go_on.set()
            await search


async def test_that_lines_do_not_wait_for_each_other_but_each_keeps_its_order(bench: Bench) -> None:
    wires = [Wire() for _ in range(4)]
    try:
        async with bench.open(*(f"L{n}=surgard:{wire.path}" for n, wire in enumerate(wires))):
            bench.journal.seconds = 0.3
            started = time.monotonic()
            for wire in wires:
                wire.put(signal_frame(zone="001") + signal_frame(zone="002"))
            await bench.until(lambda: len(bench.signals()) == 8)
            assert time.monotonic() - started < 4 * 2 * 0.3
        for n in range(4):
            assert [signal.zone for signal in bench.signals() if signal.line == f"L{n}"] == ["001", "002"]
    finally:
        for wire in wires:
            wire.close()


async def test_that_a_far_end_that_does_not_wait_for_answers_waits_for_us(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device server sends as fast as its network: what the journal has not taken must not fill the memory."""
    monkeypatch.setattr(line_module, "BEHIND", 50)
    frames = b"".join(signal_frame(f"{1000 + n}") for n in range(600))
    free = asyncio.Event()
    true_commit = bench.journal.commit

    async def waiting(act: Act) -> Any:
        await free.wait()
        return await true_commit(act)

    bench.journal.commit = waiting  # type: ignore[method-assign]
    with socket.create_server(("127.0.0.1", 0)) as server:
        async with bench.open(f"A1=surgard:socket://127.0.0.1:{server.getsockname()[1]}") as lines:
            sender, _ = await asyncio.to_thread(server.accept)
            with sender:
                sender.sendall(frames)
                await bench.until(lambda: lines.figures()["A1"].bytes_in)
                await asyncio.sleep(0.3)
                assert lines.figures()["A1"].bytes_in < len(frames) / 2
                free.set()
                await bench.until(lambda: len(bench.signals()) == 600, seconds=30)


async def test_that_the_states_of_a_line_are_journaled_and_light_its_lamp(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path},supervise_s=0.3"):
        await bench.until(lambda: "line:A1" in bench.desk.health.faults)
        assert "无心跳" in bench.desk.health.faults["line:A1"].what
        await wire.ask(heartbeat_frame())
        await bench.until(lambda: "line:A1" not in bench.desk.health.faults)
    assert bench.states()[0] is LineState.UP
    assert LineState.SILENT in bench.states()
    assert bench.states()[-1] is LineState.CLOSED


async def test_that_a_lost_port_comes_back_by_itself(bench: Bench, tmp_path: Path) -> None:
    link = tmp_path / "line"
    first = Wire()
    link.symlink_to(first.path)
    async with bench.open(f"A1=surgard:{link}"):
        assert await first.ask(signal_frame()) == ACK
        first.close()
        await bench.until(lambda: LineState.LOST in bench.states())
        assert "中断" in bench.desk.health.faults["line:A1"].what
        second = Wire()
        link.unlink()
        link.symlink_to(second.path)
        await bench.until(lambda: bench.states()[-1] is LineState.UP)
        assert await second.ask(signal_frame(zone="002")) == ACK
        assert "line:A1" not in bench.desk.health.faults
    second.close()


async def test_that_stopping_answers_nothing_more(bench: Bench, wire: Wire) -> None:
    async with bench.open(f"A1=surgard:{wire.path}") as lines:
        bench.journal.seconds = 0.5
        wire.put(signal_frame())
        await asyncio.sleep(0.1)
        await lines.stop()
        assert wire.answer(0.3) == b""


async def test_that_every_byte_is_captured_when_asked(bench: Bench, wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "capture.jsonl"
    async with bench.open(f"A1=surgard:{wire.path}", capture=file):
        await wire.ask(signal_frame())
    heard = b"".join(record.data for record in read_capture(file) if record.direction == "in")
    said = [record.data for record in read_capture(file) if record.direction == "out"]
    assert (heard, said) == (signal_frame(), [ACK])


async def test_that_a_simulated_panel_presses_over_a_real_port(bench: Bench) -> None:
    told: list[Any] = []
    line = simulate("A1", on_exchange=told.append)
    async with bench.open(line.spec):
        line.start()
        line.press("1234", zone="003")
        await bench.until(lambda: len(told) == 2)
        assert all(exchange.acknowledged for exchange in told)
        assert bench.alarms()[0].zone == "003"
        await asyncio.to_thread(line.stop)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["A1"], "写法有误"),
        (["A1=nothing:/dev/x"], "nothing"),
        (["A1=fe101:/dev/x"], "fe101"),
        (["A1=surgard:/dev/x", "A1=surgard:/dev/y"], "线路名重复：A1"),
    ],
)
def test_that_a_badly_written_line_is_named(texts: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_specs(texts)
