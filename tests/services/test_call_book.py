"""The book of calls says at every moment what going through the whole picture would say."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.desk_facts import CallMoved
from console.domain.equipment_facts import CallEnded, CallRang, CallTaken
from console.domain.facts import IncidentOpened, LineChanged
from console.domain.incident import Incident
from console.domain.site import Line, LineState
from console.services.call_book import CallBook
from console.services.calls import MISSED_FOR, missed, ringing
from console.services.calls_in_hand import of_seat, offers_to
from console.services.desk import Desk
from console.services.exchange_orders import call_key
from tests.support import EVENING, make_desk, tell

NUMBERS = ("13811110000", "13811110001", "")
MOVES = (
    "ring",
    "end",
    "take",
    "hold",
    "offer",
    "accept",
    "decline",
    "released",
    "reached",
    "unreached",
    "open",
    "wait",
    "up",
    "lost",
)


def happen(desk: Desk, clock: ManualClock, move: str, which: int, calls: list[str]) -> None:
    """One thing more; nothing where there is no such call yet."""
    key = calls[which % len(calls)] if calls else ""
    if move == "ring":
        calls.append(f"c{len(calls)}" if which % 2 else call_key("T1", f"C{len(calls)}"))
        line = "M1" if which % 2 else "T1"
        tell(desk, CallRang(call=Call(id=calls[-1], number=NUMBERS[which % 3], line=line, rang_at=clock())))
    elif move in ("up", "lost"):
        state = LineState(move.upper())
        tell(desk, LineChanged(line=Line(name="T1", protocol="cti", address="x", state=state, since=clock())))
    elif move == "open":
        number = f"ZZ20261121-{len(desk.picture.incidents()) + 1:04}"
        phone = NUMBERS[which % 3]
        tell(desk, IncidentOpened(incident=number, record=Incident(number=number, phone=phone, created_at=clock())))
    elif move == "wait":
        clock.advance(40.0 * which)
    elif key and move == "end":
        tell(desk, CallEnded(call=key))
    elif key and move == "take":
        tell(desk, CallTaken(call=key))
    elif key and move in ("reached", "unreached"):
        tell(desk, CallMoved(call=key, act="call_back", result=move))
    elif key:
        tell(desk, CallMoved(call=key, act=move, to="03" if which % 2 else "04"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 30)), max_size=40))
def test_that_the_book_says_what_the_picture_says(moves: list[tuple[str, int]]) -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    book = CallBook(desk.picture)
    calls: list[str] = []
    for move, which in moves:
        happen(desk, clock, move, which, calls)
        state, now = desk.picture.state, clock()
        assert [row.id for row in book.ringing(now)] == [row.id for row in ringing(state, clock)]
        assert [row.id for row in book.missed(now)] == [row.id for row in missed(state, clock)]
        assert {row.id for row in book.of_seat("031", "03")} == {row.id for row in of_seat(state, "031", "03")}
        assert [row.id for row in book.offers("03")] == [row.id for row in offers_to(state, "03")]
    fresh, now = CallBook(desk.picture), clock()
    assert [row.id for row in fresh.missed(now)] == [row.id for row in book.missed(now)]


def test_that_a_caller_who_waits_longer_than_a_missed_one_is_kept_still_rings() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    book, key = CallBook(desk.picture), call_key("T1", "C1")
    tell(desk, CallRang(call=Call(id=key, number=NUMBERS[0], line="T1", rang_at=EVENING)))
    now = clock.advance(MISSED_FOR.total_seconds() + 1)
    assert (book.missed(now), book.ringing(now)) == ([], []), "its line is lost"
    tell(desk, LineChanged(line=Line(name="T1", protocol="cti", address="x", state=LineState.UP, since=now)))
    assert (book.missed(now), missed(desk.picture.state, clock)) == ([], [])
    assert [row.id for row in book.ringing(now)] == [row.id for row in ringing(desk.picture.state, clock)] == [key]


def test_that_a_call_from_before_the_window_was_opened_is_in_the_book() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    tell(desk, CallRang(call=Call(id="c1", number=NUMBERS[0], line="M1", rang_at=EVENING)))
    book = CallBook(desk.picture)
    assert [row.id for row in book.ringing(EVENING + timedelta(seconds=1))] == ["c1"]
    book.close()
    tell(desk, CallEnded(call="c1"))
    assert [row.id for row in book.ringing(EVENING)] == ["c1"]
