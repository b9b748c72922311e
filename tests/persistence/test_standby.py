"""A stand-by by PostgreSQL's own means is promoted under load: nothing that a desk acknowledged is lost, nothing is
there twice, and the desk finds the new primary by its address alone (several hosts, `target_session_attrs`)."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.persistence import store
from console.persistence.journal import Journal
from tests.cluster import Cluster
from tests.persistence.acts import ACTS, act


class Standby:
    """A streaming stand-by of the cluster, made by pg_basebackup."""

    def __init__(self, primary: Cluster, port: int) -> None:
        self._primary = primary
        self.port = port
        self.data = primary.folder / "standby"
        source = ("--host", "127.0.0.1", "--port", str(primary.port), "--username", "console")
        primary._run("pg_basebackup", *source, "--pgdata", str(self.data), "-R", "--checkpoint", "fast", "--no-sync")
        with (primary.folder / "standby.log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(primary.binaries / "postgres"), "-D", str(self.data), *self._settings()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=primary.folder,
                **primary._as_user(),
            )

    def _settings(self) -> list[str]:
        # No fewer connections than the primary has, or it does not start.
        own = (
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "dynamic_shared_memory_type=mmap",
            "fsync=off",
            "max_connections=200",
        )
        return [word for setting in (f"port={self.port}", *own) for word in ("-c", setting)]

    def promote(self) -> None:
        self._primary._run("pg_ctl", "promote", "--pgdata", str(self.data))

    def remove(self) -> None:
        family = psutil.Process(self._server.pid).children(recursive=True)
        self._server.kill()
        self._server.wait()
        for process in family:
            if process.is_running():
                process.kill()
        psutil.wait_procs(family, 5)


@pytest.fixture
def primary() -> Iterator[Cluster]:
    with Cluster(settings=("wal_level=replica", "max_wal_senders=4")) as made:
        yield made


@pytest.fixture
def standby(primary: Cluster, unused_tcp_port: int) -> Iterator[Standby]:
    made = Standby(primary, unused_tcp_port)
    with primary.connect() as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.execute("SELECT pg_reload_conf()")
        until = time.monotonic() + 10
        while admin.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone() is None:
            assert time.monotonic() < until, (primary.folder / "standby.log").read_text()
            time.sleep(0.05)
    yield made
    made.remove()


async def work(journal: Journal, name: str, acknowledged: list[str], end: asyncio.Event) -> None:
    """Acts one after the other, each again until it is acknowledged, as a spool does."""
    n = 0
    while not end.is_set():
        asked = act("open_incident", act_id=f"{name}-{n}")
        try:
            await journal.commit(asked)
        except JournalUnavailable:
            await asyncio.sleep(0.02)
            continue
        acknowledged.append(asked.act_id)
        n += 1


@pytest.mark.timeout(90)
async def test_that_nothing_acknowledged_is_lost_when_the_standby_takes_over(
    primary: Cluster, standby: Standby, clock: ManualClock, tmp_path: Path
) -> None:
    name = primary.new_database()
    hosts = f"host=127.0.0.1,127.0.0.1&port={primary.port},{standby.port}"
    journal = Journal.open(f"postgresql+psycopg://console@/{name}?{hosts}&target_session_attrs=read-write", ACTS, clock)
    acknowledged: list[str] = []
    end = asyncio.Event()
    working = [asyncio.create_task(work(journal, desk, acknowledged, end)) for desk in ("03", "04", "05")]
    await asyncio.sleep(1)
    before = len(acknowledged)
    await asyncio.to_thread(standby.promote)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(primary.kill)
    fell = len(acknowledged)
    async with asyncio.timeout(15):
        while len(acknowledged) < fell + 50:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    end.set()
    await asyncio.gather(*working)
    stored = [fact.act_id for fact in journal.read(limit=100_000)]
    assert before > 20
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    journal.close()
    assert store.verify(f"postgresql+psycopg://console@127.0.0.1:{standby.port}/{name}", tmp_path / "none") is None
