"""kill −9, a locked database, a full disk: what was acknowledged is in the database, and nothing twice."""

import collections
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.process import ACK, SCALE, Lines, Place, Wire, frame, running, wait_until

KILLS = 10 * SCALE


def pressed(place: Place) -> collections.Counter[str]:
    """How often each account and zone was stored as a press of its own."""
    own = [s for s in place.signals() if s["type"] == "signal" and not s["copy_of"]]
    return collections.Counter(f"{s['account']}/{s['zone']}" for s in own)


def once(numbers: range) -> dict[str, int]:
    """Every frame of the range exactly once."""
    return {f"{1000 + n % 800}/{n % 1000:03}": 1 for n in numbers}


@pytest.mark.endurance
@pytest.mark.timeout(120 + 20 * SCALE)
def test_that_what_was_acknowledged_survives_kill_9(place: Place, wire: Wire) -> None:
    for n in range(KILLS):
        with running(place, f"A1=surgard:{wire.name}") as process:
            assert wire.ask(frame(n)) == ACK
            process.kill()
    assert pressed(place) == once(range(KILLS))
    assert all(alarm["presses"] == 1 for alarm in place.alarms())
    assert place.console("db", "check", "--db", place.url).returncode == 0


@pytest.mark.endurance
@pytest.mark.timeout(120 + 20 * SCALE)
def test_that_a_frame_repeated_after_kill_9_is_one_press(place: Place, wire: Wire) -> None:
    """Killed at any moment around the commit, unanswered; the receiver repeats after the restart."""
    for n in range(KILLS // 2):
        with running(place, f"A1=surgard:{wire.name}") as process:
            wire.put(frame(n))
            time.sleep(0.0015 * (n % 5))
            process.kill()
        answered = wire.answer(0.0) == ACK
        with running(place, f"A1=surgard:{wire.name}"):
            if not answered:
                assert wire.ask(frame(n)) == ACK
    assert pressed(place) == once(range(KILLS // 2))
    assert all(alarm["presses"] == 1 for alarm in place.alarms())


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program holds the database's write lock."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


def test_that_a_locked_database_is_bridged_by_the_spool(place: Place, wire: Wire) -> None:
    with running(place, f"A1=surgard:{wire.name}") as process:
        assert wire.ask(frame(0)) == ACK
        with locked(place.db):
            started = time.monotonic()
            assert wire.ask(frame(1)) == ACK
            assert time.monotonic() - started < 4.0, "a receiver waits 4 s"
            assert process.says("journal：")
            for n in range(2, 6):
                started = time.monotonic()
                assert wire.ask(frame(n)) == ACK
                assert time.monotonic() - started < 1.0
            assert [signal["zone"] for signal in place.signals()] == ["000"]
        assert process.says("journal：已恢复")
        assert wait_until(lambda: len(place.signals()) == 6, 10)
        assert wire.ask(frame(6)) == ACK
    assert [signal["zone"] for signal in place.signals()] == [f"{n:03}" for n in range(7)]
    assert pressed(place) == once(range(7))


def test_that_the_spool_is_unloaded_once_however_often_the_process_dies(place: Place, wire: Wire) -> None:
    with running(place, f"A1=surgard:{wire.name}") as process:
        assert wire.ask(frame(0)) == ACK
        with locked(place.db):
            for n in range(1, 40):
                assert wire.ask(frame(n)) == ACK
            process.kill()
    for pause in (0.0, 0.02, 0.05):
        with running(place, f"A1=surgard:{wire.name}") as process:
            time.sleep(pause)
            process.kill()
    with running(place, f"A1=surgard:{wire.name}"):
        assert wait_until(lambda: len(place.signals()) >= 40, 15)
        assert wire.ask(frame(40)) == ACK
    assert pressed(place) == once(range(41))
    assert [signal["zone"] for signal in place.signals()] == [f"{n:03}" for n in range(41)]
    numbers = [incident["number"] for incident in place.rows("incidents")]
    assert len(set(numbers)) == len(numbers) == 41
    assert place.console("db", "check", "--db", place.url).returncode == 0


class SmallDisk:
    """A disk that can be filled up and cleared while a process works on it.

    A tmpfs where we may mount one; elsewhere a limit on how large the process's files may grow.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        self.mounted = (
            os.geteuid() == 0
            and not subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, check=False
            ).returncode
        )

    def fill(self, process: Lines) -> None:
        if not self.mounted:
            resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            return
        self._ballast.write_bytes(bytes(shutil.disk_usage(self.folder).free))
        assert shutil.disk_usage(self.folder).free == 0

    def clear(self, process: Lines) -> None:
        if self.mounted:
            self._ballast.unlink()
        else:
            whole = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, whole)

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    made = SmallDisk(folder)
    yield made
    made.close()


def test_that_a_full_disk_means_no_answer_and_clear_words(place: Place, wire: Wire, disk: SmallDisk) -> None:
    """Journal and spool on the same full disk: nothing can be kept, so nothing is acknowledged."""
    place.db, place.spool = disk.folder / "a.db", disk.folder / "spool.db"
    with running(place, f"A1=surgard:{wire.name}") as process:
        assert wire.ask(frame(0)) == ACK
        disk.fill(process)
        refused = next(n for n in range(1, 200) if wire.ask(frame(n), 3.0) != ACK)
        assert process.says("存不下来，未应答")
        assert wire.ask(b"1011           @    \x14") == ACK, "the line itself is alive"
        disk.clear(process)
        # The receiver repeats what was not acknowledged; no person has to do anything.
        assert wait_until(lambda: wire.ask(frame(refused), 1.0) == ACK, 15)
        assert process.says("line:A1：已恢复")
        assert process.says("journal：已恢复")
        assert wait_until(lambda: len(pressed(place)) == refused + 1, 10)
        assert process.process.poll() is None
    assert pressed(place) == once(range(refused + 1))
    assert all(alarm["presses"] == 1 for alarm in place.alarms())


def test_that_a_full_disk_of_the_database_is_bridged_by_a_spool_elsewhere(
    place: Place, wire: Wire, disk: SmallDisk
) -> None:
    """With a limit on file sizes instead of a disk of its own, the spool is as full as the database."""
    place.db = disk.folder / "a.db"
    with running(place, f"A1=surgard:{wire.name}") as process:
        assert wire.ask(frame(0)) == ACK
        disk.fill(process)
        answers = [wire.ask(frame(n), 3.0) for n in range(1, 30)]
        assert process.says("journal：")
        disk.clear(process)
        assert process.says("journal：已恢复", 15)
        unanswered = [n for n, answer in enumerate(answers, 1) if answer != ACK]
        assert not (unanswered and disk.mounted)
        for n in unanswered:
            assert wire.ask(frame(n)) == ACK
        assert wait_until(lambda: len(pressed(place)) == 30, 15)
    assert pressed(place) == once(range(30))
