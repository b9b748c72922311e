"""State stored equals state rebuilt: whatever was done, the tables are the fold of the journal."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.alarm import ALARM, Alarm
from console.domain.assignment import ASSIGNMENT, Assignment
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.fold import fold
from console.domain.handoff import HANDOFF, Handoff
from console.domain.incident import INCIDENT, Incident
from console.domain.ledger import Act
from console.domain.state import KINDS, E, Entity, MemoryState
from console.domain.unit import UNIT, Unit
from console.persistence import dialect, store
from console.persistence.journal import Journal
from console.persistence.ledger import entity, selection
from tests.persistence.acts import ACTS, NOON, act


def stored_state(url: str) -> dict[type[Entity], list[Entity]]:
    """Every row of every state table, in the order of the keys."""
    engine = dialect.reading_engine(url)
    with engine.connect() as connection:
        rows = {kind: [entity(kind, row) for row in connection.execute(selection(kind))] for kind in KINDS}
    engine.dispose()
    return {kind: sorted(found, key=lambda row: row.key) for kind, found in rows.items()}


class Choice:
    """Turns three numbers into an act that is legal more often than not, looking at the state as it is."""

    def __init__(self, state: MemoryState) -> None:
        self.state = state

    def one(self, kind: type[E], n: int) -> E | None:
        rows = self.state.all(kind)
        return rows[n % len(rows)] if rows else None

    def act(self, what: int, which: int, how: int) -> Act:
        incident, unit = self.one(Incident, which), self.one(Unit, which)
        assignment, handoff, alarm = self.one(Assignment, which), self.one(Handoff, which), self.one(Alarm, which)
        possible: list[Act] = [
            act("open_incident", place=f"{how}号"),
            act("register_unit", unit=f"巡{how % 4:02d}"),
            act("receive", ingest_id=f"i{which}-{how}"),
            act("line", name=f"A{how % 3}"),
            act("register_site", site=f"S{how % 3}", account="7037"),
            act("refuse", place="x"),
            act("late", subject="x", rule="sign", step=how % 3),
        ]
        if incident:
            possible += [self.moved(incident, how), act("hand_off", incident=incident.number, agency=f"联{how % 3}")]
            possible += [act("edit", incident=incident.number, lat=how / 7, narrative="改")]
            possible += [act("assign", incident=incident.number, unit=f"巡{how % 4:02d}")]
        if unit:
            status = pick(UNIT.acts(unit.status), how)
            possible += [act("unit_status", unit=unit.id, status=status, order=incident.number if incident else "")]
        if assignment:
            possible += [act("order", assignment=assignment.id, act=pick(ASSIGNMENT.acts(assignment.state), how))]
        if handoff:
            possible += [act("handoff", handoff=handoff.id, act=pick(HANDOFF.acts(handoff.state), how))]
        if alarm:
            possible += [act("alarm", alarm=alarm.id, act=pick(ALARM.acts(alarm.state), how))]
        return possible[what % len(possible)]

    @staticmethod
    def moved(incident: Incident, how: int) -> Act:
        legal = [move for move in INCIDENT.acts(incident.state) if move != "merge"]
        return act("move", incident=incident.number, act=pick(legal, how))


def pick(acts: list[str], n: int) -> str:
    """One of the legal acts, or one that never is."""
    return acts[n % len(acts)] if acts else "fly"


numbers = st.integers(0, 40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(numbers, numbers, numbers, st.integers(-3600, 3600)), min_size=5, max_size=60))
def test_that_state_rebuilt_from_the_journal_equals_state_stored(
    prepared: Callable[[], str], steps: list[tuple[int, int, int, int]]
) -> None:
    url, clock = prepared(), ManualClock(NOON)
    journal = Journal.open(url, ACTS, clock)
    seen = MemoryState()
    for *choice, seconds in steps:
        clock.advance(seconds)
        apply(journal, Choice(seen).act(*choice), seen)
    rebuilt = MemoryState()
    assert journal.replay(rebuilt) == journal.head()
    journal.close()
    assert stored_state(url) == {kind: rebuilt.all(kind) for kind in KINDS}
    assert stored_state(url) == {kind: seen.all(kind) for kind in KINDS}
    assert store.verify(url) is None


def apply(journal: Journal, asked: Act, seen: MemoryState) -> Any:
    """Commit, and fold what was committed into the state in memory, as the picture does."""
    try:
        done = journal.commit_blocking(asked)
    except UserError:
        return
    for fact in done.facts:
        fold(seen, fact)


def test_that_replay_stops_at_the_time_asked_for(journal: Journal, clock: ManualClock) -> None:
    number = journal.commit_blocking(act("open_incident")).value
    clock.advance(60)
    journal.commit_blocking(act("move", incident=number, act="answer"))
    before = MemoryState()
    assert journal.replay(before, until=NOON).seq == 1
    row = before.get(Incident, number)
    assert row is not None
    assert row.state == "NEW"
