"""Wherever the answers of a server break off or are cut in pieces, a transaction is done or its loss is told in words:
no other error, no lock that stays, nothing in the log, no connection that is used again half-way through an answer."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, UserError
from console.persistence import dialect, store
from console.persistence.base import table
from console.persistence.journal import Journal
from console.persistence.tables import CounterRow
from tests.cluster import Cluster
from tests.persistence.acts import ACTS, act
from tests.persistence.conftest import postgresql_only
from tests.persistence.wire import End, Wire

pytestmark = postgresql_only

COUNTERS = table(CounterRow)
ROWS = 5
"""What a transaction of these tests lays down."""


@pytest.fixture
def wire(cluster: Cluster) -> Iterator[Wire]:
    with closing(Wire(cluster.port)) as made:
        yield made


@pytest.fixture
def database(prepared: Callable[[], str]) -> str:
    """The name of a database with today's tables."""
    return prepared().rsplit("/", 1)[1]


@pytest.fixture
def url(cluster: Cluster, wire: Wire, database: str) -> str:
    """That database by way of the wire."""
    return cluster.url(database).replace(f":{cluster.port}/", f":{wire.port}/")


@pytest.fixture
def admin(cluster: Cluster, database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection that does not go over the wire."""
    with cluster.connect(database) as connection:
        yield connection


def put(connection: Connection, *names: str) -> None:
    rows = [{"name": name, "value": 1} for name in names]
    connection.execute(dialect.insert(connection, COUNTERS), rows if len(rows) > 1 else rows[0])


def transaction(connection: Connection, name: str, *, again: bool = False) -> None:
    """As the writer does it: look, try one act apart, lay down and commit together; `again`: a row twice."""
    with closing(connection.begin()) as begun:
        connection.execute(select(COUNTERS.c.name).where(COUNTERS.c.name == name)).all()
        savepoint = connection.begin_nested()
        with dialect.together(connection):
            put(connection, f"{name}/0")
        savepoint.commit()
        with dialect.together(connection):
            put(connection, f"{name}/1")
            put(connection, f"{name}/1" if again else f"{name}/2")
            put(connection, f"{name}/3", f"{name}/4")
            begun.commit()


def outcome(deed: Callable[[], object]) -> str:
    """Whether it is done, refused by the database or lost with the connection; anything else it raises is a bug."""
    try:
        with dialect.told_plainly():
            deed()
    except JournalUnavailable:
        return "lost"
    except (IntegrityError, psycopg.IntegrityError):
        return "refused"
    return "done"


def stored(admin: psycopg.Connection[tuple[object, ...]], name: str) -> object:
    row = admin.execute("SELECT count(*) FROM counters WHERE name LIKE %s", (f"{name}/%",)).fetchone()
    return row and row[0]


def lock_is_free(admin: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether the append lock comes free by itself, before the server's own watch would free it."""
    until = time.monotonic() + 0.9
    while time.monotonic() < until:
        if admin.execute("SELECT pg_try_advisory_xact_lock(110)").fetchone() == (True,):
            return True
        time.sleep(0.005)
    return False


def length(wire: Wire, url: str, *, again: bool) -> int:
    """All that the server says to one such transaction, in bytes."""
    with closing(dialect.writing_engine(url).connect()) as connection:
        transaction(connection, "first")
        wire.break_after(None)
        assert outcome(lambda: transaction(connection, "whole", again=again)) == ("refused" if again else "done")
        return wire.passed


@pytest.mark.parametrize("again", [False, True], ids=["good", "refused"])
@pytest.mark.parametrize(("end", "step"), [("closed", 2), ("reset", 7), ("farewell", 5)])
def test_that_wherever_the_answers_break_off_a_transaction_is_whole_or_nothing_and_its_loss_is_told(
    wire: Wire, url: str, admin: psycopg.Connection[tuple[object, ...]], end: End, step: int, again: bool
) -> None:
    cuts = range(0, length(wire, url, again=again), step)
    engine, seen = dialect.writing_engine(url), set()
    for cut in cuts:
        with closing(engine.connect()) as connection:
            transaction(connection, f"before{cut}")
            wire.break_after(cut, end)
            said = outcome(lambda: transaction(connection, f"cut{cut}", again=again))  # noqa: B023
            assert wire.broken.wait(5)
        assert lock_is_free(admin), cut
        assert stored(admin, f"cut{cut}") in {"done": (ROWS,), "lost": (0, ROWS), "refused": (0,)}[said], cut
        seen.add(said)
    # A farewell behind the last answer comes too late for this one.
    assert "lost" in seen <= ({"lost", "refused"} if again else {"lost", "done"} if end == "farewell" else {"lost"})


@pytest.mark.parametrize("piece", [1, 2, 5, 17])
def test_that_answers_in_pieces_are_the_same_answers(
    wire: Wire, url: str, admin: psycopg.Connection[tuple[object, ...]], piece: int
) -> None:
    wire.piece = piece
    with closing(dialect.writing_engine(url).connect()) as connection:
        for turn in range(4):
            assert outcome(lambda: transaction(connection, f"good{turn}")) == "done"  # noqa: B023
            assert outcome(lambda: transaction(connection, f"bad{turn}", again=True)) == "refused"  # noqa: B023
            assert lock_is_free(admin)
            assert (stored(admin, f"good{turn}"), stored(admin, f"bad{turn}")) == (ROWS, 0)


def clash(connection: Connection, turn: int) -> None:
    with dialect.together(connection):
        put(connection, f"{turn}/gone")
        put(connection, f"{turn}/kept")
        put(connection, f"{turn}/never", f"{turn}/reached")


@pytest.mark.parametrize("piece", [0, 1])
def test_that_what_fails_apart_in_a_journey_leaves_the_rest_of_its_transaction(
    wire: Wire, url: str, admin: psycopg.Connection[tuple[object, ...]], piece: int
) -> None:
    wire.piece = piece
    with closing(dialect.writing_engine(url).connect()) as connection:
        for turn in range(3):
            with connection.begin():
                put(connection, f"{turn}/kept")
                savepoint = connection.begin_nested()
                assert outcome(lambda: clash(connection, turn)) == "refused"  # noqa: B023
                savepoint.rollback()
                with dialect.together(connection):
                    put(connection, f"{turn}/kept too", f"{turn}/kept as well")
            assert stored(admin, f"{turn}") == 3


async def test_that_an_act_takes_effect_once_wherever_its_answers_break_off(
    wire: Wire, url: str, clock: ManualClock, cluster: Cluster, database: str
) -> None:
    asked = []
    with closing(Journal.open(url, ACTS, clock)) as journal:
        for cut in range(0, 1400, 53):
            wire.break_after(cut)
            together = [act("open_incident", place=f"{cut}"), act("refuse", place="-"), act("open_incident")]
            asked += [together[0].act_id, together[2].act_id]
            async with asyncio.timeout(15):
                while True:
                    came = await asyncio.gather(*map(journal.commit, together), return_exceptions=True)
                    if not any(isinstance(one, JournalUnavailable) for one in came):
                        break
                    await asyncio.sleep(0.02)
            assert isinstance(came[1], UserError)
        wire.break_after(None)
        assert sorted(fact.act_id for fact in journal.read()) == sorted(asked)
    assert store.verify(cluster.url(database), heads=cluster.folder / "none") is None
