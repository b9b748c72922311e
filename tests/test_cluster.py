"""The tests' own PostgreSQL: it starts quickly, falls in every way a server falls, and never outlives the run."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from console.bench import postgres
from console.bench.postgres import Cluster, PostgresMissingError

START_S = 2.0
LIVE = "import sys; from console.bench.postgres import Cluster; c = Cluster().start(); print(c.folder, c.pid, flush=True); sys.stdin.read()"  # noqa: E501


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server of this module's own: what these tests do to it concerns nobody else."""
    with Cluster() as made:
        yield made


def answer(server: Cluster) -> int:
    with server.connect() as connection:
        row = connection.execute("SELECT 110").fetchone()
    assert row is not None
    return row[0]


def test_that_a_cluster_is_made_and_started_within_two_seconds_of_processor_time() -> None:
    before = os.times()
    with Cluster() as server:
        spent = os.times()
        assert answer(server) == 110
        # initdb has been waited for and counts as a child's time; a busy machine makes it no slower.
        used = spent.children_user + spent.children_system - before.children_user - before.children_system
        assert used < START_S
        folder, pid = server.folder, server.pid
    assert not folder.exists()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("mode", ["smart", "fast", "immediate"])
def test_that_a_stopped_server_comes_back_with_its_data(server: Cluster, mode: postgres.Mode) -> None:
    name = server.new_database()
    with server.connect(name) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.stop(mode)
    with pytest.raises(psycopg.OperationalError):
        server.connect()
    server.start()
    with server.connect(name) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_that_a_killed_server_leaves_no_process_and_starts_again(server: Cluster) -> None:
    family = server.processes()
    server.kill()
    assert not any(process.is_running() for process in family)
    assert answer(server.start()) == 110


def test_that_a_killed_backend_brings_the_server_down_and_up_again(server: Cluster) -> None:
    name = server.new_database()
    with server.connect(name) as connection:
        server.kill_backend(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert wait_for_answer(server)


def wait_for_answer(server: Cluster) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            return answer(server) == 110
        except psycopg.OperationalError:
            time.sleep(0.05)
    return False


def test_that_a_suspended_server_keeps_its_connections_and_answers_nothing(server: Cluster) -> None:
    heard: list[float] = []

    def ask() -> None:
        connection.execute("SELECT 1")
        heard.append(time.monotonic())

    with server.connect() as connection:
        server.suspend()
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(0.3)
        assert asking.is_alive()
        resumed = time.monotonic()
        server.resume()
        asking.join(10)
    assert heard
    assert heard[0] > resumed


def test_that_a_database_is_copied_from_a_template_and_dropped_while_in_use(server: Cluster) -> None:
    template = server.new_database(name="filled")
    with server.connect(template) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 9 AS n")
    name = server.new_database(template)
    with server.connect(name) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (9,)
        server.drop_database(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert server.url(name).endswith(f"@127.0.0.1:{server.port}/{name}")


def test_that_the_server_goes_with_a_killed_test_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LIVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as living:
        assert living.stdout is not None
        folder, pid = living.stdout.readline().split()
        assert psutil.pid_exists(int(pid))
        living.send_signal(signal.SIGKILL)
    end = time.monotonic() + 15
    while (psutil.pid_exists(int(pid)) or Path(folder).exists()) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(pid))
    assert not Path(folder).exists()


def test_that_a_machine_without_postgresql_fails_and_does_not_skip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "PACKAGES", tmp_path)
    with pytest.raises(PostgresMissingError, match="no PostgreSQL server"):
        Cluster()
