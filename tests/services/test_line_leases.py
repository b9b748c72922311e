"""Leases of lines on a loop: what each line is told, with a database that answers, fails and comes back."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from console.domain.errors import JournalUnavailable
from console.persistence.leases import LEASE_S, Holder, Lease
from console.services import leases as module
from console.services.leases import LineLeases, Memory, in_a_thread, is_gone, this_process
from tests.support import EVENING

OTHER = Holder(host="equipment-room", pid=4711, seat="L1", token="other")
AWAY = JournalUnavailable("数据库没有应答", "检查网络")


@dataclass
class Board:
    """Leases in memory, by this process's clock, that can be made to fail."""

    rows: dict[str, tuple[Holder, float]] = field(default_factory=dict)
    away: bool = False
    bug: bool = False
    released: int = 0

    def _lease(self, name: str) -> Lease:
        holder, until = self.rows[name]
        return Lease(name=name, holder=holder, taken_at=EVENING, left_s=until - time.monotonic())

    def _answer(self) -> None:
        if self.away:
            raise AWAY
        if self.bug:
            raise ValueError("filedescriptor out of range in select()")

    def give(self, name: str, holder: Holder, left_s: float = LEASE_S) -> None:
        self.rows[name] = (holder, time.monotonic() + left_s)

    def take(self, name: str, holder: Holder, *, dead: str = "", from_others: bool = True) -> Lease:
        self._answer()
        present = self.rows.get(name)
        free = present is None or (present[1] <= time.monotonic() and (from_others or present[0].host == holder.host))
        if free or (present is not None and present[0].token in (holder.token, dead)):
            self.give(name, holder)
        return self._lease(name)

    def renew(self, names: frozenset[str], holder: Holder) -> frozenset[str]:
        self._answer()
        mine = frozenset(name for name in names if self.rows.get(name, (OTHER, 0.0))[0].token == holder.token)
        for name in mine:
            self.give(name, holder)
        return mine

    def release(self, holder: Holder) -> None:
        self._answer()
        self.released += 1
        self.rows = {name: row for name, row in self.rows.items() if row[0].token != holder.token}

    def all(self, prefix: str = "") -> dict[str, Lease]:
        self._answer()
        return {name: self._lease(name) for name in self.rows if name.startswith(prefix)}

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Told:
    """A line that remembers what it was told."""

    name: str = "A1"
    movable: bool = True
    said: list[str] = field(default_factory=list)
    last: list[Any] = field(default_factory=list)

    def receive(self, lease: str, last: Sequence[Mapping[str, str]] = ()) -> None:
        word = "receive" if lease else "receive alone"
        if not self.said or self.said[-1] != word:
            self.said.append(word)
            self.last.append(last)

    def stand_by(self, seat: str, host: str) -> None:
        word = f"stand by {seat} {host}"
        if not self.said or self.said[-1] != word:
            self.said.append(word)


@dataclass
class Room:
    folder: Path
    board: Board = field(default_factory=Board)
    line: Told = field(default_factory=Told)
    unattended: dict[str, str] = field(default_factory=dict)

    @property
    def memory(self) -> Path:
        return self.folder / "lines.json"

    def _unattended(self, now: Mapping[str, str]) -> None:
        self.unattended = dict(now)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[LineLeases]:
        leases = LineLeases(
            "sqlite://",
            this_process("03"),
            self.memory,
            self._unattended,
            lambda: {"A1": [{"ingest_id": "x", "raw_hex": "14"}]},
            lambda _url: self.board,
        )
        task = asyncio.create_task(leases.run({self.line.name: self.line}))
        try:
            yield leases
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await leases.release()

    async def until(self, *said: str, seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while self.line.said != list(said):  # noqa: ASYNC110 -- any condition will do
                await asyncio.sleep(0.01)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(module, "RENEW_S", 0.1)
    monkeypatch.setattr(module, "LOOK_S", 0.05)
    monkeypatch.setattr(module, "LEASE_S", 0.4)
    return Room(tmp_path)


async def test_that_a_free_line_is_received_and_given_back_at_the_end(room: Room) -> None:
    async with room.at_work() as leases:
        await room.until("receive")
        assert room.board.rows["line:A1"][0] == leases.holder
    assert room.board.rows == {}
    assert room.line.last == [()], "nobody received before us: nothing can be repeated to us"


async def test_that_it_stands_by_until_the_lease_runs_out_and_knows_the_last_signal(room: Room) -> None:
    room.board.give("line:A1", OTHER, 0.8)
    began = time.monotonic()
    async with room.at_work():
        await room.until("stand by L1 equipment-room", "receive")
        assert time.monotonic() - began >= 0.8
    assert room.line.last == [[{"ingest_id": "x", "raw_hex": "14"}]]


async def test_that_after_an_outage_the_holder_has_a_leases_time_to_come_back(room: Room) -> None:
    room.board.give("line:A1", OTHER)
    async with room.at_work():
        await room.until("stand by L1 equipment-room")
        room.board.away = True
        await asyncio.sleep(0.3)
        room.board.give("line:A1", OTHER, -5.0)
        room.board.away = False
        await asyncio.sleep(0.25)
        assert room.line.said == ["stand by L1 equipment-room"], "nobody could renew: running out proves nothing"
        assert room.unattended == {}
        await room.until("stand by L1 equipment-room", "receive")


async def test_that_who_receives_goes_on_while_the_database_is_away_and_yields_on_return(room: Room) -> None:
    async with room.at_work():
        await room.until("receive")
        room.board.away = True
        await asyncio.sleep(0.5)
        assert room.line.said == ["receive"]
        room.board.give("line:A1", OTHER)
        room.board.away = False
        await room.until("receive", "stand by L1 equipment-room")
        assert room.board.released == 0
    assert room.board.rows["line:A1"][0] == OTHER, "what is another's is not given back"


async def test_that_an_unknown_line_is_received_alone_and_one_of_another_host_is_not(room: Room) -> None:
    room.board.away = True
    async with room.at_work():
        await room.until("receive alone")
        room.board.away = False
        await room.until("receive alone", "receive")
    room.board.give("line:A1", OTHER)
    room.line.said.clear()
    async with room.at_work():
        await room.until("stand by L1 equipment-room")
    room.board.away = True
    room.line.said.clear()
    async with room.at_work():
        await room.until("stand by L1 equipment-room")
        await asyncio.sleep(0.6)
        assert room.line.said == ["stand by L1 equipment-room"]


async def test_that_a_fault_of_our_own_keeps_no_line_waiting_and_is_told(room: Room) -> None:
    room.board.bug = True
    async with room.at_work() as leases:
        await room.until("receive alone")
        room.board.bug = False
        # As the station does after a second.
        again = asyncio.create_task(leases.run({room.line.name: room.line}))
        await room.until("receive alone", "receive")
        # What was in touch before the fault is so no longer: somebody else's lease that ran out is not free yet.
        room.board.bug = True
        with pytest.raises(ValueError, match="out of range"):
            await again
        assert leases._in_touch_since is None
        room.board.bug = False


async def test_that_a_port_of_another_machine_is_named_as_unattended(room: Room) -> None:
    room.line.movable = False
    room.board.give("line:A1", OTHER, -1.0)
    async with room.at_work():
        async with asyncio.timeout(5):
            while room.unattended != {"A1": "L1席（equipment-room）"}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert room.line.said == ["stand by L1 equipment-room"]
        room.board.give("line:A1", OTHER, 5.9)
        async with asyncio.timeout(5):
            while room.unattended:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_that_a_process_of_this_machine_that_ended_needs_no_waiting(room: Room) -> None:
    words = "from console.services.leases import this_process; print(this_process('L1').token)"
    token = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout.strip()
    host = this_process("03").host
    room.board.give("line:A1", replace(OTHER, host=host, token=token), 5.9)
    room.line.movable = False
    async with room.at_work():
        await room.until("receive")


def test_that_only_a_process_of_this_machine_can_be_known_to_be_gone() -> None:
    me = this_process("03")
    machine, host, boot, _pid, born, one = me.token.split("|")
    assert not is_gone(me.token, me.host)
    assert is_gone(f"{machine}|{host}|an earlier start|1|{born}|{one}", me.host)
    assert is_gone(f"{machine}|{host}|{boot}|{os.getpid()}|0.00|{one}", me.host), "its number was given anew"
    assert not is_gone(f"another machine|{host}|{boot}|999999999|{born}|{one}", me.host)
    assert not is_gone(f"{machine}|another name|{boot}|999999999|{born}|{one}", me.host)
    assert not is_gone("some other text", me.host)
    assert psutil.pid_exists(me.pid)


def test_that_memory_survives_a_bad_file_and_a_full_disk(tmp_path: Path) -> None:
    file = tmp_path / "lines.json"
    file.write_text("{half", encoding="utf-8")
    memory = Memory(file)
    assert memory.holders == {}
    lease = Lease(name="line:A1", holder=OTHER, taken_at=EVENING, left_s=6.0)
    memory.note({"line:A1": lease})
    assert Memory(file).holders == {"line:A1": {"token": "other", "host": "equipment-room", "seat": "L1"}}
    nowhere = Memory(tmp_path / "absent" / "lines.json")
    nowhere.note({"line:A1": lease})
    assert nowhere.holders == memory.holders


async def test_that_a_call_that_hangs_keeps_no_process_from_ending(room: Room) -> None:
    hanging = threading.Event()
    room.board.renew = lambda *_: (hanging.wait(30) and frozenset()) or frozenset()  # type: ignore[method-assign]
    async with room.at_work():
        await room.until("receive")
        await asyncio.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 2 * module.RELEASE_S + 0.5
    hanging.set()
    with pytest.raises(ZeroDivisionError):
        await asyncio.wrap_future(in_a_thread(lambda: 1 // 0))


async def test_that_a_line_added_while_the_answer_was_on_its_way_waits_for_the_next(room: Room) -> None:
    added = Told(name="A2")
    answered = room.board.all

    def all_of_them(prefix: str = "") -> dict[str, Lease]:
        found = answered(prefix)
        if added.name not in {line.name for line in now}:
            now.append(added)
            loop.call_soon_threadsafe(leases.add, added)
            time.sleep(0.1)
        return found

    now: list[Told] = []
    loop = asyncio.get_running_loop()
    async with room.at_work() as leases:
        room.board.all = all_of_them  # type: ignore[method-assign]
        await room.until("receive")
        async with asyncio.timeout(5):
            while added.said != ["receive"]:  # noqa: ASYNC110 -- any condition will do
                await asyncio.sleep(0.01)
