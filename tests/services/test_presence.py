"""Presence as a desk knows it: who is where, who fell silent, and when nobody may be called so."""

from dataclasses import dataclass, field, replace

import pytest

from console.domain.account import Account
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.facts import AccountRegistered
from console.domain.presence import STALE_S, Present
from console.services.desk import Desk
from console.services.presence import OnFault, OnRows, Presence
from tests.support import EVENING, make_desk, tell

N = "ZZ20261121-0190"
WANG = Present(seat="04", actor="032", name="王敏", incident=N, field="place")


@dataclass
class Board:
    """Remembers what was said; the test says what is heard."""

    hear: OnRows
    fail: OnFault
    said: list[Present] = field(default_factory=list)
    closed: bool = False

    def say(self, mine: Present) -> None:
        self.said.append(mine)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    return make_desk(clock)


@pytest.fixture
def boards() -> list[Board]:
    return []


@pytest.fixture
def presence(desk: Desk, boards: list[Board]) -> Presence:
    def open_board(rows: OnRows, fault: OnFault) -> Board:
        boards.append(Board(rows, fault))
        return boards[-1]

    made = Presence(desk, open_board)
    made.open()
    return made


def test_that_a_seat_says_where_its_person_is_and_only_when_that_changes(
    presence: Presence, boards: list[Board], desk: Desk
) -> None:
    presence.show(N)
    presence.show(N, "place")
    presence.show(N, "place")
    assert [(row.actor, row.incident, row.field) for row in boards[0].said] == [
        ("031", "", ""),
        ("031", N, ""),
        ("031", N, "place"),
    ]
    tell(desk, AccountRegistered(account=Account(number="033", name="陈刚", registered_at=EVENING)))
    desk.actor = "033"
    boards[0].hear([])
    assert boards[0].said[-1].person == "033 陈刚", "another person signed on here"


def test_that_others_at_the_incident_are_told_once_a_change(presence: Presence, boards: list[Board]) -> None:
    told: list[list[Present]] = []
    presence.observe(lambda: told.append(presence.at(N)))
    boards[0].hear([WANG, Present(seat="03", actor="031", incident=N)])
    boards[0].hear([replace(WANG, age_s=9.0), Present(seat="03", actor="031", incident=N, age_s=1.0)])
    assert told == [[WANG]], "growing older is no news"
    assert presence.at("") == []


def test_that_a_seat_that_falls_silent_is_told_and_stays(
    presence: Presence, boards: list[Board], clock: ManualClock
) -> None:
    boards[0].hear([WANG])
    told: list[bool] = []
    presence.observe(lambda: told.append(presence.at(N)[0].silent))
    boards[0].hear([replace(WANG, age_s=STALE_S - 1)])
    assert presence.silent_since("032") is None
    clock.advance(1)
    boards[0].hear([replace(WANG, age_s=STALE_S)])
    assert told == [True]
    assert (clock() - (presence.silent_since("032") or clock())).total_seconds() == STALE_S


def test_that_a_person_at_two_seats_is_silent_only_when_both_are(presence: Presence, boards: list[Board]) -> None:
    boards[0].hear([replace(WANG, age_s=90), replace(WANG, seat="05", age_s=1)])
    assert presence.silent_since("032") is None


def test_that_who_left_is_away_since_then(presence: Presence, boards: list[Board], clock: ManualClock) -> None:
    boards[0].hear([WANG])
    clock.advance(100)
    boards[0].hear([])
    left = clock()
    clock.advance(STALE_S - 1)
    assert presence.silent_since("032") is None
    clock.advance(1)
    assert presence.silent_since("032") == left


def test_that_nobody_is_called_silent_while_we_ourselves_do_not_hear(
    presence: Presence, boards: list[Board], clock: ManualClock
) -> None:
    boards[0].hear([replace(WANG, age_s=60)])
    assert presence.silent_since("032") is not None
    boards[0].fail(JournalUnavailable("away"))
    assert presence.silent_since("032") is None
    assert not presence.at(N)[0].silent, "he is shown where he was"
    boards[0].fail(None)
    clock.advance(200)
    boards[0].hear([])
    assert presence.silent_since("032") is None, "watched for no time yet"
    clock.advance(STALE_S)
    assert presence.silent_since("032") is not None


def test_that_everyone_shows_this_seat_as_it_is_now(presence: Presence, boards: list[Board]) -> None:
    boards[0].hear([WANG, Present(seat="03", actor="031")])
    presence.show(N, "narrative")
    assert [(row.seat, row.field) for row in presence.everyone()] == [("03", "narrative"), ("04", "place")]
    presence.close()
    assert boards[0].closed
