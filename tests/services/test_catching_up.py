"""Catching up: gaps are read first, a journal that is away costs nothing, our own bug is told and repaired."""

from dataclasses import dataclass, field, replace

import pytest

from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact, IncidentMoved, IncidentUnmerged, PriorityChanged
from console.domain.incident import Incident, IncidentState
from console.domain.state import State
from console.services.catching_up import catch_up
from console.services.desk import Desk
from tests.support import MemoryJournal, make_desk


async def call(desk: Desk) -> str:
    """Each from another place: a third report from one would raise the level."""
    place = f"路口{len(desk.picture.incidents())}"
    return str(await desk.do("incident.open", kind="050301", place=place, title="燃气泄漏"))


@dataclass
class Head:
    seq: int


@dataclass
class Stored:
    """What another seat has stored; at most `limit` facts are read at once."""

    memory: MemoryJournal
    limit: int = 1
    away: bool = False
    reads: list[int] = field(default_factory=list)

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        if self.away:
            raise JournalUnavailable("数据库没有应答")
        self.reads.append(since)
        return self.memory.read(since, self.limit)

    def load_state(self, picture: State) -> Head:
        for incident in self.memory.state.all(Incident):
            picture.put(incident)
        return Head(len(self.memory.facts))


@pytest.fixture
def desk() -> Desk:
    return make_desk()


@pytest.fixture
async def stored() -> Stored:
    other = make_desk()
    for _ in range(3):
        await call(other)
    assert isinstance(other.journal, MemoryJournal)
    return Stored(other.journal)


async def test_that_a_gap_is_read_to_its_end_however_little_is_read_at_once(desk: Desk, stored: Stored) -> None:
    await catch_up(desk.picture, stored, stored.memory.facts[2:])
    assert stored.reads == [0, 1, 2]
    assert (desk.picture.seq, desk.picture.missing, len(desk.picture.incidents())) == (3, 0, 3)


async def test_that_facts_in_their_turn_need_no_reading(desk: Desk, stored: Stored) -> None:
    await catch_up(desk.picture, stored, stored.memory.facts)
    assert (stored.reads, desk.picture.seq) == ([], 3)


async def test_that_a_journal_away_leaves_the_gap_for_later_and_raises_nothing(
    desk: Desk, stored: Stored, expected_log: list[str]
) -> None:
    expected_log.append("behind by 3 facts")
    stored.away = True
    await catch_up(desk.picture, stored, stored.memory.facts[2:])
    assert (desk.picture.seq, desk.picture.missing) == (0, 3)
    stored.away = False
    await catch_up(desk.picture, stored)
    assert (desk.picture.seq, desk.picture.missing) == (3, 0)


async def test_that_a_fact_that_cannot_be_folded_is_told_and_the_stored_state_shown(desk: Desk, stored: Stored) -> None:
    bugs: list[str] = []
    desk.picture.on_bug = lambda where, error: bugs.append(f"{where}: {error}")
    first = stored.memory.facts[0]
    poison = Fact(
        seq=4, at=first.at, actor="031", seat="03", body=IncidentMoved(incident=first.body.incident, act="archive")
    )
    stored.memory.facts.append(poison)
    await catch_up(desk.picture, stored, stored.memory.facts)
    assert len(bugs) == 1
    assert bugs[0].startswith("picture: ")
    assert (desk.picture.seq, desk.picture.missing) == (4, 0)
    assert {incident.state for incident in desk.picture.incidents()} == {IncidentState.INTAKE}
    await catch_up(desk.picture, stored, [poison])
    assert len(bugs) == 1


async def test_that_what_stands_only_in_the_spool_is_not_taken_off_by_such_a_repair(desk: Desk, stored: Stored) -> None:
    bugs: list[str] = []
    desk.picture.on_bug = lambda where, _: bugs.append(where)
    desk.journal = MemoryJournal(desk.clock, failure=JournalUnavailable("数据库没有应答"))
    local = await call(desk)
    first = stored.memory.facts[0]
    await catch_up(
        desk.picture, stored, [first, replace(first, seq=2, body=IncidentUnmerged(incident=first.body.incident))]
    )
    assert bugs == ["picture"]
    assert {incident.number for incident in desk.picture.incidents()} == {first.body.incident, local}


async def test_that_what_happens_to_an_incident_let_go_long_ago_is_no_fault(
    desk: Desk, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archived days later it stays away; open again it is there with all that belongs to it."""
    monkeypatch.setattr(desk.picture, "on_bug", lambda where, error: pytest.fail(f"{where}: {error}"))
    await catch_up(desk.picture, stored, stored.memory.facts)
    old = desk.picture.incidents()[0]
    desk.picture.state.drop(Incident, old.number)
    for seq, body in enumerate(
        (
            PriorityChanged(incident=old.number, old=3, new=2, reason="x"),
            IncidentMoved(incident=old.number, act="archive"),
        ),
        start=4,
    ):
        stored.memory.facts.append(Fact(seq=seq, at=old.created_at, actor="031", seat="03", body=body))
    await catch_up(desk.picture, stored, stored.memory.facts)
    assert (desk.picture.seq, desk.picture.state.get(Incident, old.number)) == (5, None)
    again = IncidentMoved(incident=old.number, act="reopen", reason="x")
    stored.memory.facts.append(Fact(seq=6, at=old.created_at, actor="031", seat="03", body=again))
    await catch_up(desk.picture, stored, stored.memory.facts)
    assert (desk.picture.seq, desk.picture.state.get(Incident, old.number)) == (6, old)
