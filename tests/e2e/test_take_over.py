"""Lines by lease over real processes: one host receives, another takes over when it is killed, ends or stands still.

Two hosts are two processes here that call themselves by two names; nothing but the lease tells them who is alive.
"""

import collections
import signal
import socket
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster import Cluster, cluster, database, steady
from tests.e2e.process import ACK, SCALE, Lines, Place, Wire, frame, wait_until
from tests.e2e.sender import NetworkSender

__all__ = ["cluster", "database", "steady"]

TAKE_OVER_S = 8.0
TAKE_OVERS = 1 * SCALE


@dataclass
class Host(Place):
    """A machine with a spool of its own, working on the room's database."""

    database: str = ""

    @property
    def url(self) -> str:
        return self.database


@dataclass
class Room:
    """The database, and machines around it."""

    folder: Path
    database: str

    def host(self, name: str) -> Host:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Host(folder, self.database)

    def lines(self, name: str, *lines: str, seat: str = "03") -> Lines:
        """`lines` on the machine of this name."""
        return Lines(self.host(name), *lines, seat=seat, host=name)


@pytest.fixture(params=["sqlite", "postgresql"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Room:
    if request.param == "postgresql":
        return Room(tmp_path, request.getfixturevalue("database"))
    return Room(tmp_path, f"sqlite:///{tmp_path / 'room.db'}")


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def ended(*processes: Lines) -> Iterator[None]:
    """Nothing of them is left at the end."""
    try:
        yield
    finally:
        for process in processes:
            if process.process.poll() is None:
                process.kill()


@contextmanager
def ended_if_failed(process: Lines) -> Iterator[None]:
    """It goes on if all is well."""
    try:
        yield
    except BaseException:
        process.kill()
        raise


def presses(place: Place) -> collections.Counter[str]:
    """How often each zone was stored as a press of its own."""
    return collections.Counter(s["zone"] for s in place.signals() if s["type"] == "signal" and not s["copy_of"])


def all_once(place: Place, sender: NetworkSender) -> bool:
    """Nothing that was answered is lost, and nothing is doubled."""
    stored = presses(place)
    answered = {f"{n % 1000:03}" for n, _ in sender.answered}
    return answered <= set(stored) and max(stored.values()) == 1 and all(a["presses"] == 1 for a in place.alarms())


@pytest.mark.endurance
@pytest.mark.timeout(120 + 60 * TAKE_OVERS)
@pytest.mark.parametrize("kind", ["tcp-listen", "socket"])
def test_that_another_host_takes_the_lines_of_one_that_was_killed(room: Room, kind: str, port: int) -> None:
    sender = NetworkSender(port)
    line = f"A1=surgard:{kind}://127.0.0.1:{sender.listen() if kind == 'socket' else port}"
    one, other = room.lines("equipment-room", line, seat="L1"), None
    gaps = []
    with ended(one):
        assert one.ready() == {"event": "ready", "lines": ["A1"]}
        sender.start()
        for n in range(TAKE_OVERS):
            other = room.lines(f"desk-{n}", line, seat="03")
            with ended_if_failed(other), ended(one):
                assert other.ready() == {"event": "ready", "lines": ["A1"], "standby": ["A1"]}
                assert wait_until(lambda: len(sender.answered) > 5, 10)
                killed = time.monotonic()
                one.kill()
            assert wait_until(lambda: sender.answered_after(killed + 0.01), 20), other.stderr  # noqa: B023
            gaps.append(sender.answered_after(killed + 0.01) or 0.0)
            assert "线路A1 改由本席接收" in other.stderr
            one = other
        with ended(one):
            sender.stop()
    print(f"take-over {kind} {room.database[:8]}: median {statistics.median(gaps):.2f} s, worst {max(gaps):.2f} s")
    assert max(gaps) <= TAKE_OVER_S, gaps
    assert all_once(room.host("equipment-room"), sender)


def test_that_a_planned_end_hands_over_at_once(room: Room, port: int) -> None:
    line = f"A1=surgard:tcp-listen://127.0.0.1:{port}"
    one = room.lines("equipment-room", line, seat="L1")
    other = None
    with ended(one):
        one.ready()
        other = room.lines("desk", line)
        sender = NetworkSender(port).start()
        with ended(other):
            other.ready()
            assert other.says("线路A1 备用：由L1席接收（equipment-room）")
            assert wait_until(lambda: len(sender.answered) > 5, 10)
            assert one.terminate() == 0
            began = time.monotonic()
            assert wait_until(lambda: sender.answered_after(began), 10)
            assert (sender.answered_after(began) or 9) < 3.0
            sender.stop()
    assert all_once(room.host("desk"), sender)


def test_that_a_host_that_stood_still_finds_its_line_taken_and_stands_by(room: Room) -> None:
    """Each has an address of its own; the sender calls the one that answers."""
    ports = free_port(), free_port()
    one = room.lines("equipment-room", f"A1=surgard:tcp-listen://127.0.0.1:{ports[0]}", seat="L1")
    with ended(one):
        one.ready()
        other = room.lines("desk", f"A1=surgard:tcp-listen://127.0.0.1:{ports[1]}")
        with ended(other):
            assert other.ready()["standby"] == ["A1"]
            sender = NetworkSender(*ports).start()
            assert wait_until(lambda: len(sender.answered) > 5, 10)
            one.process.send_signal(signal.SIGSTOP)
            assert other.says("线路A1 改由本席接收", TAKE_OVER_S + 2)
            one.process.send_signal(signal.SIGCONT)
            assert one.says("线路A1 备用：由03席接收（desk）", 5)
            before = len(sender.answered)
            assert wait_until(lambda: len(sender.answered) > before + 5, 15)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", ports[0]), 1.0)
            sender.stop()


def test_that_a_port_of_one_machine_stays_with_it_and_everybody_is_told(room: Room, wire: Wire) -> None:
    line = f"A1=surgard:{wire.name}"
    one = room.lines("equipment-room", line, seat="L1")
    with ended(one):
        one.ready()
        elsewhere = room.lines("desk", line)
        with ended(elsewhere):
            assert elsewhere.ready()["standby"] == ["A1"]
            one.kill()
            assert elsewhere.says("线路A1 无人接收：L1席（equipment-room）已停止", 15)
            assert "改由本席接收" not in elsewhere.stderr
            beside = room.lines("equipment-room", line, seat="L2")
            with ended(beside):
                assert "standby" not in beside.ready()
                assert wire.ask(frame(1)) == ACK
                assert elsewhere.says("unattended:A1：已恢复")


def test_that_a_second_process_of_the_machine_takes_over_within_two_seconds(room: Room, wire: Wire) -> None:
    """A desk and the service with the same line: whose process is gone needs no waiting for its lease."""
    line = f"A1=surgard:{wire.name}"
    one = room.lines("equipment-room", line, seat="L1")
    with ended(one):
        one.ready()
        beside = room.lines("equipment-room", line, seat="03")
        with ended(beside):
            assert beside.ready()["standby"] == ["A1"]
            assert wire.ask(frame(1)) == ACK
            one.kill()
            assert beside.says("线路A1 改由本席接收", 3.0)
            assert wire.ask(frame(2)) == ACK
    assert presses(room.host("equipment-room")) == {"001": 1, "002": 1}


def test_that_one_killed_and_started_again_receives_at_once(room: Room, wire: Wire) -> None:
    line = f"A1=surgard:{wire.name}"
    for n in range(3):
        process = room.lines("equipment-room", line)
        with ended(process):
            assert "standby" not in process.ready()
            began = time.monotonic()
            assert wire.ask(frame(n)) == ACK
            assert time.monotonic() - began < 3.0


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program holds the database's write lock, for longer than a lease lasts."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@contextmanager
def away(how: str, room: Room, steady: Cluster | None) -> Iterator[None]:
    """The database answers nobody."""
    if steady is None:
        with locked(room.database):
            yield
        return
    steady.suspend() if how == "suspended" else steady.kill()
    try:
        yield
    finally:
        steady.resume() if how == "suspended" else steady.start()


@pytest.mark.parametrize("how", ["locked", "suspended", "killed"])
def test_that_an_outage_of_the_database_moves_no_line(
    request: pytest.FixtureRequest, tmp_path: Path, how: str, port: int
) -> None:
    server: Cluster | None = None if how == "locked" else request.getfixturevalue("steady")
    room = Room(tmp_path, f"sqlite:///{tmp_path / 'room.db'}")
    if server is not None:
        room = Room(tmp_path, request.getfixturevalue("database"))
    line = f"A1=surgard:tcp-listen://127.0.0.1:{port}"
    one = room.lines("equipment-room", line, seat="L1")
    with ended(one):
        one.ready()
        other = room.lines("desk", line)
        with ended(other):
            assert other.ready()["standby"] == ["A1"]
            sender = NetworkSender(port, every_s=0.2).start()
            assert wait_until(lambda: len(sender.answered) > 2, 10)
            with away(how, room, server):
                before = len(sender.answered)
                time.sleep(9)
                assert len(sender.answered) > before + 5, "it receives into its spool"
                assert "改由本席接收" not in other.stderr
            assert one.says("journal：已恢复", 20)
            time.sleep(3)
            sender.stop()
            assert "备用" not in one.stderr
            assert "改由本席接收" not in other.stderr
            assert wait_until(lambda: all_once(room.host("desk"), sender), 20)
            assert one.terminate() == 0


def test_that_a_service_starts_and_receives_while_the_server_is_away(
    steady: Cluster, database: str, tmp_path: Path, port: int
) -> None:
    room = Room(tmp_path, database)
    line = f"A1=surgard:tcp-listen://127.0.0.1:{port}"
    first = room.lines("equipment-room", line, seat="L1")
    with ended(first):
        first.ready()
        other = room.lines("desk", line)
        with ended(other):
            assert other.ready()["standby"] == ["A1"]
            steady.stop("immediate")
            first.kill()
            other.kill()
    again, other = room.lines("equipment-room", line, seat="L1"), room.lines("desk", line)
    with ended(again, other):
        assert again.ready() == {"event": "ready", "lines": ["A1"]}
        assert other.ready()["standby"] == ["A1"], "who stood by goes on standing by: nothing proves the other dead"
        sender = NetworkSender(port, every_s=0.2).start()
        assert wait_until(lambda: len(sender.answered) > 5, 10)
        assert again.says("本机暂存未补传")
        steady.start()
        assert again.says("journal：已恢复", 20)
        sender.stop()
        assert wait_until(lambda: all_once(room.host("desk"), sender), 20)
        assert "改由本席接收" not in other.stderr
