"""Both databases give the same answers: addresses, order, what a text may hold, what a search finds."""

from contextlib import closing
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.state import MemoryState
from console.domain.unit import Unit
from console.persistence import dialect, schema
from console.persistence.base import table
from console.persistence.codec import storable
from console.persistence.journal import Journal
from console.persistence.ledger import entity, selection
from console.persistence.queries import Queries
from console.persistence.spool import Spool
from console.persistence.tables import CounterRow, UnitRow
from tests.cluster import Cluster
from tests.persistence.acts import ACTS, act


def test_that_an_address_is_shown_without_its_password_and_known_however_it_is_written() -> None:
    one = "postgresql+psycopg://desk:secret@db1:5433,db2:5432/room?target_session_attrs=read-write"
    assert dialect.describe(one) == "db1:5433,db2:5432/room"
    other = "postgresql://chief@/room?host=db2,db1&port=5432,5433"
    assert dialect.identity(one) == dialect.identity(other)
    assert "secret" not in dialect.identity(one)
    assert dialect.named(one, "console110/03").endswith("read-write&application_name=console110/03")
    assert dialect.named("sqlite:////desk.db", "console110/03") == "sqlite:////desk.db"


@pytest.mark.parametrize("wrong", ["postgresql+psycopg://desk@host:port/room", "postgresql://host/room?colour=red"])
def test_that_an_address_no_server_could_have_is_refused(wrong: str, clock: ManualClock) -> None:
    with pytest.raises(UserError, match="写法有误"):
        Journal.open(wrong, ACTS, clock, wait=False)


ANY_TEXT = st.text(st.characters(), max_size=20)
"""NUL and halves of characters too: a wire brings what it likes."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT, ANY_TEXT)
def test_that_any_text_a_line_brings_is_stored_and_read_back_the_same(
    journal: Journal, account: str, raw_hex: str
) -> None:
    asked = act("receive", ingest_id=f"{account}|{raw_hex}", account=account, raw_hex=raw_hex)
    key = journal.commit_blocking(asked).value
    stored, rebuilt = MemoryState(), MemoryState()
    journal.load_state(stored)
    journal.replay(rebuilt)
    assert stored.get(Alarm, key) == rebuilt.get(Alarm, key)
    row = stored.get(Alarm, key)
    assert row is not None
    assert row.account == storable(account)


def test_that_the_spool_takes_what_the_journal_takes(clock: ManualClock, tmp_path: Any) -> None:
    with closing(Spool.open(tmp_path / "spool.db", clock)) as spool:
        spool.put(act("receive", ingest_id="i", account="\x00\ud800"))
        assert [row.act.args["account"] for row in spool.pending()] == ["□□"]


@settings(max_examples=30)
@given(
    st.recursive(ANY_TEXT | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner))
)
def test_that_what_is_storable_once_stays_as_it_is(value: Any) -> None:
    once = storable(value)
    assert storable(once) == once
    assert "\\u0000" not in str(once).encode("unicode_escape").decode()


KEYS = ("巡9", "巡10", "a1", "B2", "Z-1", "_x", "é", "ß", "重", "一", "É")


def test_that_rows_come_in_the_order_of_their_keys_as_memory_sorts_them(journal: Journal) -> None:
    for key in KEYS:
        journal.commit_blocking(act("register_unit", unit=key))
    with dialect.glance(journal.url) as connection:
        wanted = selection(Unit).order_by(*table(UnitRow).primary_key)
        assert [entity(Unit, row).id for row in connection.execute(wanted)] == sorted(KEYS)


def test_that_a_commit_behind_a_failure_leaves_nothing_and_gives_the_append_lock_back(journal: Journal) -> None:
    counters = table(CounterRow)
    engine = dialect.writing_engine(journal.url)

    def count_twice(connection: Connection) -> None:
        with closing(connection.begin()) as begun:
            connection.execute(select(counters.c.name)).all()
            with dialect.together(connection):
                for value in range(2):
                    connection.execute(dialect.insert(connection, counters), {"name": "same", "value": value})
                begun.commit()

    with closing(engine.connect()) as connection:
        with pytest.raises((IntegrityError, psycopg.errors.UniqueViolation)):
            count_twice(connection)
        assert journal.commit_blocking(act("open_incident")).facts
        with connection.begin():
            assert "same" not in connection.execute(select(counters.c.name)).scalars().all()


def test_that_a_search_minds_no_case_and_knows_no_wildcards(journal: Journal) -> None:
    for place in ("KTV金色年华", "ktv银色", r"100%\_路", "1000路"):
        journal.commit_blocking(act("open_incident", place=place))
    with closing(Queries(journal.url)) as queries:

        def found(text: str) -> list[str]:
            return sorted(line.incident.place for line in queries.search(text))

        assert found("Ktv") == ["KTV金色年华", "ktv银色"]
        assert found("0%") == found("\\") == found("_") == [r"100%\_路"]
        assert found("0路") == ["1000路"]


def test_that_positions_come_back_to_the_last_bit(journal: Journal) -> None:
    number = journal.commit_blocking(act("open_incident")).value
    journal.commit_blocking(act("edit", incident=number, lat=24.513999999999996, lon=-179.99999999999997))
    state = MemoryState()
    journal.load_state(state)
    row = state.get(Incident, number)
    assert row is not None
    assert (row.lat, row.lon) == (24.513999999999996, -179.99999999999997)


def test_that_a_database_with_another_order_is_refused(cluster: Cluster) -> None:
    with cluster.connect() as admin:
        admin.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(UserError, match="createdb -T template0"):
        schema.prepare(cluster.url("latin"))
    cluster.drop_database("latin")
