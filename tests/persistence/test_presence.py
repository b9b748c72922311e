"""The presence board: a seat's word is on the others' boards in time, ages, and waits for nobody."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import update

from console.domain.errors import JournalUnavailable
from console.domain.presence import Present
from console.persistence import dialect
from console.persistence.journal import Journal
from console.persistence.presence import PRESENCE, PresenceBoard
from tests.cluster import Cluster
from tests.persistence.conftest import postgresql_only

WANG = Present(seat="04", actor="032", name="王敏", incident="ZZ20261121-0190", field="place")


@dataclass
class Desk:
    """A seat's board and what its loop heard."""

    url: str
    rows: list[Present] = field(default_factory=list)
    faults: list[JournalUnavailable | None] = field(default_factory=list)
    board: PresenceBoard = field(init=False)

    def __post_init__(self) -> None:
        self.board = PresenceBoard(self.url, self._took, self.faults.append)

    def _took(self, rows: list[Present]) -> None:
        self.rows = rows

    def seats(self) -> dict[str, Present]:
        return {row.seat: row for row in self.rows}

    async def until(self, holds: Callable[[], bool], seconds: float = 4.0) -> float:
        """Wait; answers how long it took in seconds."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < seconds, self.rows
            await asyncio.sleep(0.01)
        return time.monotonic() - began


@pytest.fixture
async def room(url: str, journal: Journal) -> AsyncIterator[tuple[Desk, Desk]]:
    made = Desk(url), Desk(url)
    await made[0].until(lambda: made[0].board.fault is None)
    yield made
    for desk in made:
        await asyncio.to_thread(desk.board.close)


async def test_that_a_seats_word_is_on_the_others_board(room: tuple[Desk, Desk], ground: str) -> None:
    here, there = room
    await asyncio.sleep(0.5)
    there.board.say(WANG)
    took = await here.until(lambda: "04" in here.seats())
    assert took < (0.3 if ground == "postgresql" else 1.5)
    seen = here.seats()["04"]
    assert (seen.person, seen.incident, seen.field) == ("032 王敏", "ZZ20261121-0190", "place")
    assert seen.age_s < 1.5


async def test_that_a_seat_that_says_nothing_grows_old_and_stays_on_the_board(room: tuple[Desk, Desk]) -> None:
    here, there = room
    there.board.say(WANG)
    await here.until(lambda: "04" in here.seats())
    engine = dialect.side_engine(here.url)
    with engine.begin() as connection:
        ago = dialect.clock_ms(connection) - 46_000
        connection.execute(update(PRESENCE).values(seen_at=ago))
    engine.dispose()
    await here.until(lambda: here.seats()["04"].silent)
    assert here.seats()["04"].age_s >= 46


async def test_that_a_person_who_leaves_takes_the_row_along(room: tuple[Desk, Desk]) -> None:
    here, there = room
    there.board.say(WANG)
    await here.until(lambda: "04" in here.seats())
    await asyncio.to_thread(there.board.close)
    await here.until(lambda: not here.rows)
    assert here.board.fault is None


@postgresql_only
async def test_that_a_stopped_server_holds_up_nobody_and_the_board_comes_back(
    steady: Cluster, room: tuple[Desk, Desk]
) -> None:
    here, there = room
    there.board.say(WANG)
    await here.until(lambda: "04" in here.seats())
    steady.suspend()
    began = time.monotonic()
    there.board.say(Present(seat="04", actor="032"))
    assert time.monotonic() - began < 1.0, "it waited for the server"
    await here.until(lambda: here.board.fault is not None, 6)
    assert "04" in here.seats(), "what was known stays"
    steady.resume()
    await here.until(lambda: here.board.fault is None and here.seats()["04"].incident == "", 10)
    assert here.faults[-1] is None
