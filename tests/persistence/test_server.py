"""The server goes away, in every way it can: each is told in words within two seconds, nothing is lost or doubled,
no call hangs, and nothing of it has to be mended by hand."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act, ActFunction, Ledger
from console.persistence import dialect, schema, store
from console.persistence.dialect import postgresql
from console.persistence.dialect.patient import Patient
from console.persistence.feed import Feed
from console.persistence.journal import Committed, Journal
from console.persistence.queries import Queries
from tests.cluster import Cluster
from tests.descriptors import all_low_numbers_taken
from tests.persistence.acts import ACTS, act
from tests.persistence.conftest import PATIENCE_S, postgresql_only

pytestmark = postgresql_only

TOLD_S = 2.0
"""Within this time every desk says that the server is away (issue: many seats, point 4)."""
FREED_S = 5.0
"""The server's watch over the idle, and what a busy machine adds: without that watch it would be for ever."""
STILL_S = postgresql.IDLE_S + 0.5
"""A machine that stands still for so long inside a transaction loses it."""

LOOK_S = 0.01


@pytest.fixture
def journal(url: str, fill: Callable[[str], str], clock: ManualClock) -> Iterator[Journal]:
    """With the patience a desk has: here the server really is away."""
    opened = Journal.open(fill(url), ACTS, clock)
    yield opened
    opened.close()


async def until(condition: Callable[[], object], within_s: float = 20) -> float:
    """Wait for it; how long it took, less what this machine let us wait for nothing: others work on it."""
    began, late = time.monotonic(), 0.0
    async with asyncio.timeout(within_s):
        while not condition():
            looked = time.monotonic()
            await asyncio.sleep(LOOK_S)
            late += time.monotonic() - looked - LOOK_S
    return time.monotonic() - began - late


def refused_at_once(journal: Journal, asked: Act) -> None:
    """Before the loop turns even once: nobody waits for a journal that is known to be away."""
    with pytest.raises(JournalUnavailable):
        journal.commit(asked).send(None)


async def persistently(journal: Journal, asked: Act, within_s: float = 15) -> Committed:
    """What the spool does: the same act again until it is in."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await journal.commit(asked)
            except JournalUnavailable:
                await asyncio.sleep(0.02)


def ids(journal: Journal) -> list[str]:
    return [fact.act_id for fact in journal.read()]


OUTAGES: dict[str, tuple[Callable[[Cluster], None], Callable[[Cluster], object]]] = {
    "killed": (Cluster.kill, Cluster.start),
    "stopped": (Cluster.stop, Cluster.start),
    "suspended": (Cluster.suspend, Cluster.resume),
}


@pytest.mark.parametrize("how", OUTAGES)
async def test_that_an_idle_desk_is_told_within_two_seconds_and_all_is_well_by_itself(
    how: str, steady: Cluster, journal: Journal, expected_log: list[str]
) -> None:
    expected_log.append("feed is behind")
    fall, rise = OUTAGES[how]
    told: list[JournalUnavailable | None] = []
    feed = Feed(journal.url, 0, told.append)
    await persistently(journal, act("open_incident"))
    await anext(feed)
    await asyncio.to_thread(fall, steady)
    assert await until(lambda: feed.fault) < TOLD_S
    assert feed.fault is not None
    assert feed.fault.remedy
    journal.doubt(feed.fault)
    asked = act("open_incident")
    refused_at_once(journal, asked)
    await asyncio.to_thread(rise, steady)
    await until(lambda: journal.fault is None and feed.fault is None)
    await persistently(journal, asked)
    assert [fact.act_id for fact in await anext(feed)] == [asked.act_id]
    assert [fault is None for fault in told][-2:] == [False, True]
    await asyncio.to_thread(feed.close)


@pytest.mark.parametrize("how", OUTAGES)
async def test_that_acts_under_way_take_effect_once_however_the_server_goes(
    how: str, steady: Cluster, journal: Journal
) -> None:
    fall, rise = OUTAGES[how]
    asked = [act("open_incident", place=f"{n}") for n in range(60)]
    working = [asyncio.create_task(persistently(journal, one, within_s=30)) for one in asked]
    await until(lambda: any(task.done() for task in working))
    await asyncio.to_thread(fall, steady)
    late = act("open_incident", place="后")
    working.append(asyncio.create_task(persistently(journal, late, within_s=30)))
    await until(lambda: journal.fault)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(rise, steady)
    await asyncio.gather(*working)
    assert sorted(ids(journal)) == sorted(one.act_id for one in (*asked, late))
    assert store.verify(journal.url, heads=steady.folder / "none") is None


async def test_that_a_suspended_server_costs_no_threads_and_no_connections(
    steady: Cluster, journal: Journal, expected_log: list[str]
) -> None:
    expected_log.append("feed is behind")
    process = psutil.Process()
    feed = Feed(journal.url, 0)
    asked = [act("open_incident", place=f"{n}") for n in range(4)]
    await persistently(journal, asked[0])
    before = (threading.active_count(), len(process.net_connections()))
    steady.suspend()
    working = [asyncio.create_task(persistently(journal, one, within_s=30)) for one in asked[1:]]
    most = (0, 0)
    for _ in range(20):
        await asyncio.sleep(0.5)
        now = (threading.active_count(), len([c for c in process.net_connections() if c.status == "ESTABLISHED"]))
        most = (max(most[0], now[0]), max(most[1], now[1]))
    assert most[0] <= before[0] + 2
    assert most[1] <= before[1] + 2
    steady.resume()
    await asyncio.gather(*working)
    assert sorted(ids(journal)) == sorted(one.act_id for one in asked)
    await until(lambda: threading.active_count() <= before[0])
    await asyncio.to_thread(feed.close)


class Cut:
    """Stands between a desk and its server; when `armed`, it lets a COMMIT through but never its answer."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.armed = self.fell = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._behind))
            threading.Thread(target=self._up, args=(near, far), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near), daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        while data := self._read(near):
            cutting = self.armed and b"COMMIT" in data
            if cutting:
                self.armed, self.fell = False, True
                near.close()
            far.sendall(data)
            if cutting:
                break
        time.sleep(0.2)
        far.close()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        while data := self._read(source):
            try:
                sink.sendall(data)
            except OSError:
                return
        sink.close()

    @staticmethod
    def _read(source: socket.socket) -> bytes:
        try:
            return source.recv(65536)
        except OSError:
            return b""

    def close(self) -> None:
        self._listening.close()


async def test_that_a_commit_whose_answer_was_lost_takes_effect_once(
    cluster: Cluster, url: str, clock: ManualClock
) -> None:
    with closing(Cut(cluster.port)) as cut:
        journal = Journal.open(url.replace(f":{cluster.port}/", f":{cut.port}/"), ACTS, clock)
        asked = act("open_incident")
        cut.armed = True
        with pytest.raises(JournalUnavailable, match="断了"):
            await journal.commit(asked)
        assert cut.fell
        again = await persistently(journal, asked)
        assert again.already
        assert ids(journal) == [asked.act_id]
        journal.close()


async def test_that_a_backend_that_is_terminated_loses_nothing(cluster: Cluster, journal: Journal) -> None:
    asked = [act("open_incident", place=f"{n}") for n in range(40)]
    working = [asyncio.create_task(persistently(journal, one)) for one in asked]
    with cluster.connect() as admin:
        for _ in range(5):
            await asyncio.sleep(0.02)
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                "AND pid <> pg_backend_pid()"
            )
    await asyncio.gather(*working)
    assert sorted(ids(journal)) == sorted(one.act_id for one in asked)


def test_that_a_kept_connection_whose_number_select_does_not_take_is_used_again(journal: Journal) -> None:
    engine = dialect.reading_engine(journal.url, PATIENCE_S)
    try:
        with all_low_numbers_taken(), dialect.told_plainly():
            numbers = []
            for _ in range(2):
                with engine.connect() as connection:
                    driver = connection.connection.driver_connection
                    assert isinstance(driver, Patient)
                    numbers.append(driver.fileno())
                    assert connection.exec_driver_sql("SELECT 1").scalar() == 1
            assert numbers[0] == numbers[1] > 1024
    finally:
        engine.dispose()


def go_on(connection: Connection, piped: bool) -> None:
    """As if nothing had been: the server has hung up meanwhile, which is found out at the second sending, and again
    at each after it."""
    with dialect.together(connection) if piped else nullcontext():
        for _ in range(5):
            connection.exec_driver_sql("SET LOCAL work_mem = '4MB'")
            time.sleep(0.01)


def read_on(connection: Connection) -> None:
    """What has come is read before anything more is asked, as in a process that stood still while it read."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, Patient)
    driver.pgconn.consume_input()
    assert not driver.pgconn.is_busy()


@pytest.mark.parametrize("heard", [False, True], ids=["asked first", "read first"])
@pytest.mark.parametrize("piped", [False, True], ids=["statement", "pipeline"])
async def test_that_a_client_that_stands_still_inside_a_transaction_holds_the_room_up_a_second(
    journal: Journal, piped: bool, heard: bool
) -> None:
    engine = dialect.writing_engine(journal.url)
    with dialect.told_plainly(), engine.connect() as other:
        standing = other.begin()
        other.exec_driver_sql("SELECT 1")
        with dialect.together(other) if piped else nullcontext():
            other.exec_driver_sql("SET LOCAL work_mem = '4MB'")
        began = time.monotonic()
        await persistently(journal, act("open_incident"))
        assert time.monotonic() - began < FREED_S
        if heard:
            read_on(other)
        with pytest.raises(JournalUnavailable, match="断开了连接"), dialect.told_plainly():
            go_on(other, piped)
        standing.rollback()


class Standstill:
    """A table of acts with one, `stand_still`, that records and then lets this machine stand still so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.acts: dict[str, ActFunction] = {**ACTS, "stand_still": self._stand_still}

    def _stand_still(self, ledger: Ledger, place: str) -> str:
        number = str(ACTS["open_incident"](ledger, place=place))
        if self.left > 0:
            self.left -= 1
            time.sleep(STILL_S)
        return number


@pytest.mark.parametrize("waiting", [0, 5], ids=["alone", "in a batch"])
async def test_that_what_was_taken_back_from_a_machine_that_stood_still_is_done_once_more_unseen(
    url: str, fill: Callable[[str], str], clock: ManualClock, waiting: int
) -> None:
    standstill = Standstill(times=1)
    journal = Journal.open(fill(url), standstill.acts, clock, patience_s=PATIENCE_S)
    asked = [act("stand_still", place="0"), *(act("open_incident", place=f"{n + 1}") for n in range(waiting))]
    if waiting:
        # While this one is carried out the others come, and share the next transaction.
        asked.insert(0, act("nap", seconds=0.05))
    done = await asyncio.gather(*map(journal.commit, asked))
    assert (standstill.left, journal.fault) == (0, None)
    assert not any(one.already for one in done)
    assert ids(journal) == [one.act_id for one in asked], "once each, in the order they were asked in"
    assert store.verify(journal.url, heads=Path("none")) is None
    journal.close()


async def test_that_an_act_that_stands_still_each_time_is_told_and_holds_nobody_up_for_long(
    url: str, fill: Callable[[str], str], clock: ManualClock
) -> None:
    standstill = Standstill(times=2)
    journal = Journal.open(fill(url), standstill.acts, clock, patience_s=PATIENCE_S)
    slow = act("stand_still", place="0")
    with pytest.raises(JournalUnavailable, match="停顿过久"):
        await journal.commit(slow)
    other = act("open_incident")
    await persistently(journal, other)
    assert (await persistently(journal, slow)).already is False
    assert ids(journal) == [other.act_id, slow.act_id]
    journal.close()


async def test_that_what_was_taken_back_is_told_when_its_writer_has_been_given_up_meanwhile(
    url: str, fill: Callable[[str], str], clock: ManualClock
) -> None:
    standstill = Standstill(times=1)
    journal = Journal.open(fill(url), standstill.acts, clock, patience_s=0.5)
    slow = act("stand_still", place="0")
    with pytest.raises(JournalUnavailable, match="没有写成"):
        await journal.commit(slow)
    assert (await persistently(journal, slow)).already is False
    assert ids(journal) == [slow.act_id]
    journal.close()


async def test_that_a_lock_that_does_not_come_free_is_told(cluster: Cluster, journal: Journal) -> None:
    with cluster.connect(journal.url.rsplit("/", 1)[1]) as stuck:
        stuck.execute("SELECT pg_advisory_lock(110)")
        with pytest.raises(JournalUnavailable, match="锁住"):
            await journal.commit(act("open_incident"))
    await persistently(journal, act("open_incident"))


async def test_that_a_desk_opens_while_the_server_is_away_and_begins_when_it_comes(
    steady: Cluster, url: str, clock: ManualClock
) -> None:
    steady.stop()
    with pytest.raises(JournalUnavailable, match="没有运行"):
        Journal.open(url, ACTS, clock)
    journal = Journal.open(url, ACTS, clock, wait=False)
    queries = Queries(url)
    with pytest.raises(JournalUnavailable, match="没有运行"):
        await journal.commit(act("open_incident"))
    with pytest.raises(JournalUnavailable):
        queries.incidents()
    steady.start()
    await until(lambda: journal.fault is None)
    done = await persistently(journal, act("open_incident"))
    assert [line.incident.number for line in queries.incidents()] == [done.value]
    queries.close()
    journal.close()


async def test_that_a_question_after_a_restart_is_answered_at_once(steady: Cluster, journal: Journal) -> None:
    await persistently(journal, act("open_incident"))
    with closing(Queries(journal.url)) as queries:
        assert len(queries.incidents()) == 1
        steady.restart()
        assert len(queries.incidents()) == 1
    await persistently(journal, act("open_incident"))


@contextmanager
def role(cluster: Cluster, words: str) -> Iterator[str]:
    """A role of that kind; its name."""
    with cluster.connect() as admin:
        admin.execute(f"CREATE ROLE desk {words}")
        try:
            yield "desk"
        finally:
            admin.execute("DROP OWNED BY desk; DROP ROLE desk")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("console@", "nobody-here@"), "不接受这个用户"),
        (("/test_", "/no_such_"), "没有这个库"),
        (("127.0.0.1", "no-such-host.invalid"), "找不到数据库服务器的主机名"),
        (("?", "?sslmode=require&"), "加密连接"),
    ],
)
def test_that_a_wrong_address_is_no_reason_to_wait(
    url: str, clock: ManualClock, change: tuple[str, str], why: str
) -> None:
    wrong = f"{url}?connect_timeout=2".replace(*change)
    with pytest.raises(dialect.WrongAddress, match=why):
        Journal.open(wrong, ACTS, clock, wait=False)


def test_that_a_password_is_asked_for_and_told_when_it_is_wrong(steady: Cluster, url: str, clock: ManualClock) -> None:
    rules = steady.data / "pg_hba.conf"
    before = rules.read_text()
    with role(steady, "LOGIN PASSWORD 'right'"), steady.connect() as admin:
        rules.write_text(f"host all desk 127.0.0.1/32 scram-sha-256\n{before}")
        admin.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)
        for word in ("desk", "desk:wrong"):
            with pytest.raises(dialect.WrongAddress, match="密码不对"):
                schema.prepare(url.replace("console@", f"{word}@"))
        rules.write_text(before)
        admin.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)


def test_that_a_server_without_a_free_connection_is_told(cluster: Cluster, url: str) -> None:
    with role(cluster, "LOGIN CONNECTION LIMIT 0"), pytest.raises(JournalUnavailable, match="连接数已满"):
        schema.prepare(url.replace("console@", "desk@"))


async def test_that_a_read_only_server_is_told_and_is_over_by_itself(cluster: Cluster, journal: Journal) -> None:
    name = journal.url.rsplit("/", 1)[1]
    with cluster.connect() as admin:
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )
        with pytest.raises(JournalUnavailable):
            await journal.commit(act("open_incident"))
        await until(lambda: journal.fault is not None and "只读" in journal.fault.what)
        admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await persistently(journal, act("open_incident"))
