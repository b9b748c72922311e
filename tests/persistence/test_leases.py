"""Leases on both databases: one holder at a time, by the database's clock, whoever asks how often."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import BigInteger, type_coerce, update

from console.domain.errors import JournalUnavailable
from console.persistence import dialect
from console.persistence.leases import LEASE_S, LEASES, Holder, Leases
from console.persistence.schema import prepare
from tests.cluster import Cluster
from tests.persistence.conftest import postgresql_only

ONE = Holder(host="equipment-room", pid=11, seat="L1", token="one")
OTHER = Holder(host="seat-3", pid=22, seat="03", token="other")

Age = Callable[[str, float], None]


@pytest.fixture
def leases(url: str) -> Iterator[Leases]:
    prepare(url)
    made = Leases(url)
    yield made
    made.close()


@pytest.fixture
def age(url: str, leases: Leases) -> Iterator[Age]:
    """Lets a lease be so many seconds older (younger, if negative) than it is."""
    engine = dialect.side_engine(url)

    def older(name: str, seconds: float) -> None:
        left = type_coerce(LEASES.c.expires_at, BigInteger) - int(seconds * 1000)
        with engine.begin() as connection:
            connection.execute(update(LEASES).where(LEASES.c.name == name).values(expires_at=left))

    yield older
    engine.dispose()


def test_that_the_first_who_asks_has_it_and_the_second_is_told_who(leases: Leases) -> None:
    assert leases.holder("line:A1") is None
    taken = leases.take("line:A1", ONE)
    assert taken.holder == ONE
    assert LEASE_S - 1 < taken.left_s <= LEASE_S
    refused = leases.take("line:A1", OTHER)
    assert refused.holder == ONE
    assert not refused.run_out


def test_that_a_lease_that_was_not_renewed_goes_to_the_next_who_asks(leases: Leases, age: Age) -> None:
    before = leases.take("line:A1", ONE)
    age("line:A1", LEASE_S - 0.5)
    assert leases.take("line:A1", OTHER).holder == ONE
    age("line:A1", 0.6)
    found = leases.holder("line:A1")
    assert found is not None
    assert found.run_out
    taken = leases.take("line:A1", OTHER)
    assert taken.holder == OTHER
    assert taken.taken_at >= before.taken_at
    assert leases.renew(["line:A1"], ONE) == frozenset(), "who lost it learns so when he renews"


def test_that_the_holder_renews_many_at_once_and_keeps_the_time_it_took_them(leases: Leases, age: Age) -> None:
    taken = leases.take("line:A1", ONE)
    leases.take("line:B1", ONE)
    leases.take("line:C1", OTHER)
    age("line:A1", LEASE_S - 0.5)
    assert leases.renew(["line:A1", "line:B1", "line:C1", "line:D1"], ONE) == {"line:A1", "line:B1"}
    renewed = leases.take("line:A1", ONE)
    assert renewed.taken_at == taken.taken_at
    assert renewed.left_s > LEASE_S - 1


def test_that_a_holder_away_for_long_still_has_what_nobody_took(leases: Leases, age: Age) -> None:
    leases.take("line:A1", ONE)
    age("line:A1", 3600)
    assert leases.renew(["line:A1"], ONE) == {"line:A1"}
    assert leases.take("line:A1", OTHER).holder == ONE


def test_that_what_is_given_back_is_free_at_once(leases: Leases) -> None:
    for name in ("line:A1", "line:B1"):
        leases.take(name, ONE)
    leases.take("line:C1", OTHER)
    leases.give_back("line:A1", ONE)
    leases.give_back("line:C1", ONE)
    assert set(leases.all("line:")) == {"line:B1", "line:C1"}
    leases.release(ONE)
    assert leases.take("line:B1", OTHER).holder == OTHER
    assert leases.all("daily:") == {}


def test_that_it_is_taken_at_once_from_a_holder_known_to_be_gone_and_from_no_other(leases: Leases) -> None:
    leases.take("line:A1", ONE)
    assert leases.take("line:A1", OTHER, dead="somebody else").holder == ONE
    assert leases.take("line:A1", OTHER, dead=ONE.token).holder == OTHER


def test_that_a_port_of_one_machine_is_left_to_that_machine(leases: Leases, age: Age) -> None:
    leases.take("line:A1", ONE)
    age("line:A1", 60)
    assert leases.take("line:A1", OTHER, from_others=False).holder == ONE
    beside = replace(OTHER, host=ONE.host)
    assert leases.take("line:A1", beside, from_others=False).holder == beside


def test_that_a_clock_set_back_does_not_keep_a_dead_holders_lease_for_hours(leases: Leases, age: Age) -> None:
    leases.take("line:A1", ONE)
    age("line:A1", -3600)
    assert leases.take("line:A1", OTHER).holder == OTHER


def test_that_of_many_who_ask_at_once_one_gets_it(url: str, leases: Leases) -> None:
    names = [f"line:{n}" for n in range(5)]
    start = threading.Barrier(6)

    def ask(n: int) -> list[str]:
        mine, me = Leases(url), Holder(host=f"host-{n}", pid=n, seat="03", token=f"token-{n}")
        start.wait(10)
        got = [mine.take(name, me).holder.token for name in names]
        mine.close()
        return got

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(ask, range(6)))
    assert all(answer == told[0] for answer in told)
    assert [leases.all()[name].holder.token for name in names] == told[0]


@postgresql_only
def test_that_a_server_that_stands_still_is_told_in_time_and_found_again(
    steady: Cluster, leases: Leases, url: str
) -> None:
    leases.take("line:A1", ONE)
    steady.suspend()
    for _ in range(2):
        with pytest.raises(JournalUnavailable):
            leases.renew(["line:A1"], ONE)
    steady.resume()
    assert leases.renew(["line:A1"], ONE) == {"line:A1"}
    steady.restart("immediate")
    with suppress(JournalUnavailable):
        # The old connection may be found dead only when it is used.
        leases.renew(["line:A1"], ONE)
    assert leases.renew(["line:A1"], ONE) == {"line:A1"}


@postgresql_only
def test_that_a_server_without_tables_is_one_that_is_not_ready(url: str) -> None:
    empty = Leases(url)
    with pytest.raises(JournalUnavailable, match="还没有建好"):
        empty.all()
    prepare(url)
    assert empty.take("line:A1", ONE).holder == ONE
    empty.close()
