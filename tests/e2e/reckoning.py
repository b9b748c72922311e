"""The reckoning after a shift: every desk's picture, the database and its journal say the same, and it is the truth.

The truth is what people and far ends were told while it went on: each acknowledged frame is stored once, each act a
desk answered took effect once or stands on that desk as a clash, and what was refused left no trace.
"""

import collections
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from console.bench.remote import wait_until
from console.domain.clock import system_clock
from console.domain.facts import (
    AlarmMoved,
    AssignmentMoved,
    Fact,
    HandoffMoved,
    IncidentOpened,
    NoteAdded,
    UnitAssigned,
)
from console.domain.incident import Incident
from console.domain.site import Signal
from console.domain.state import KINDS, MemoryState
from console.persistence import store
from console.persistence.codec import encode
from console.persistence.journal import Journal
from console.persistence.spool import Spool, SpoolRow
from console.services.acts import ACTS
from tests.e2e.seats import Deed
from tests.e2e.shift import Shift, is_well
from tests.persistence.test_rebuild import stored_state

Counts = dict[str, float]
Rows = dict[str, list[Any]]

SETTLE_S = 30.0
READ = 1000

MARK_OF: Mapping[str, Callable[[Any], str]] = {
    "note": lambda body: body.text if isinstance(body, NoteAdded) else "",
    "open": lambda body: body.record.narrative if isinstance(body, IncidentOpened) else "",
    "assign": lambda body: body.assignment.reason if isinstance(body, UnitAssigned) else "",
    "report": lambda body: body.text if isinstance(body, AssignmentMoved) and not body.implied else "",
    "hand_off": lambda body: body.by if isinstance(body, HandoffMoved) else "",
    "acknowledge": lambda body: body.alarm if isinstance(body, AlarmMoved) and body.act == "acknowledge" else "",
}
"""By kind of deed: the mark a fact of it carries; '' for every other fact."""


def reckon(shift: Shift) -> Counts:
    """Everything asked of a shift that is over; AssertionError says what is not so. Answers what it counted."""
    settle(shift)
    with closing(Journal.open(shift.url, ACTS, system_clock)) as journal:
        compare(shift, journal)
        facts = journal_of(journal)
    assert store.verify(shift.url, shift.heads) is None
    clashes = {seat: clashes_of(shift, seat) for seat in shift.desks}
    for seat, found in clashes.items():
        told = shift.desks[seat].ask("health")
        assert told["clashes"] == len(found), f"seat {seat} shows {told['clashes']} clashes, its spool has {len(found)}"
        assert ("clash" in told["faults"]) == bool(found), f"seat {seat}: {told}"
    counted = reckon_frames(shift) | reckon_numbers(shift)
    deeds = [deed for person in shift.people.values() for deed in person.deeds]
    return counted | reckon_deeds(deeds, facts, clashes) | {"facts": len(facts)}


def settle(shift: Shift) -> None:
    """Nobody works any more: wait until nothing is under way anywhere."""
    shift.rest()

    def well() -> bool:
        return all(is_well(desk.health) for desk in shift.desks.values()) and not shift.host_unsent()

    assert wait_until(well, SETTLE_S), {desk.seat: desk.health for desk in shift.desks.values()}


# -- pictures, database, journal -------------------------------------------------------------------------------


def compare(shift: Shift, journal: Journal) -> None:
    """All desks' pictures, the state tables and the journal folded from sequence 1, field by field.

    The clock goes on announcing what is late: whatever was compared must belong to one number of the journal.
    """
    for _ in range(20):
        before = journal.head().seq
        pictures = {seat: desk.ask("state") for seat, desk in shift.desks.items()}
        stored, rebuilt = stored_rows(shift.url), rebuilt_rows(journal)
        if journal.head().seq == before and all(said["seq"] == before for said in pictures.values()):
            break
        wait_until(lambda: False, 0.2)
    else:
        raise AssertionError(
            f"the desks never stood at the journal's head {before}: {[p['seq'] for p in pictures.values()]}, "
            f"which ends {[fact.name for fact in journal.read(before - 20)]}"
        )
    assert_equal(rebuilt, stored, "journal and database")
    for seat, said in pictures.items():
        assert said["provisional"] == [], f"seat {seat} still shows what is nowhere else: {said['provisional']}"
        shown = {kind: rows for kind, rows in said["rows"].items() if kind != Signal.__name__}
        assert_equal(shown, {kind: stored[kind] for kind in shown}, f"seat {seat} and database")


def assert_equal(left: Rows, right: Rows, what: str) -> None:
    """Equal by kind, row and field; the first difference is told."""
    for kind in left:
        for one, other in zip(left[kind], right[kind], strict=False):
            fields = {name: (value, other.get(name)) for name, value in one.items() if value != other.get(name)}
            assert one == other, f"{what}: {kind} differs: {fields}"
        assert len(left[kind]) == len(right[kind]), f"{what}: {len(left[kind])} and {len(right[kind])} of {kind}"


def _plain(rows: Mapping[type[Any], list[Any]]) -> Rows:
    return {kind.__name__: [json.loads(encode(row)) for row in found] for kind, found in rows.items()}


def stored_rows(url: str) -> Rows:
    """Every row of the state tables."""
    return _plain(stored_state(url))


def rebuilt_rows(journal: Journal) -> Rows:
    """The journal folded from its beginning."""
    state = MemoryState()
    journal.replay(state)
    return _plain({kind: sorted(state.all(kind), key=lambda row: row.key) for kind in KINDS})


def journal_of(journal: Journal) -> list[Fact]:
    """Every fact."""
    facts: list[Fact] = []
    while more := journal.read(len(facts), READ):
        facts += more
    return facts


# -- frames, numbers, deeds ------------------------------------------------------------------------------------


def reckon_frames(shift: Shift) -> Counts:
    """Each acknowledged frame stands in `signals` exactly once; a repeat that was stored too is marked as a copy."""
    signals = stored_rows(shift.url)[Signal.__name__]
    own = collections.Counter(row["raw_hex"] for row in signals if not row["copy_of"])
    acknowledged = [frame.hex() for far in shift.far_ends.values() for frame in far.acknowledged]
    unanswered = {far.unanswered.hex() for far in shift.far_ends.values() if far.unanswered}
    lost = [frame for frame in acknowledged if not own[frame]]
    doubled = [frame for frame, times in own.items() if times > 1]
    invented = set(own) - set(acknowledged) - unanswered
    assert not lost, f"acknowledged and lost: {lost}"
    assert not doubled, f"stored more than once as presses of their own: {doubled}"
    assert not invented, f"stored but never sent: {invented}"
    copies = sum(1 for row in signals if row["copy_of"])
    return {"frames": len(acknowledged), "copies": copies, "repeated": sum(f.repeated for f in shift.far_ends.values())}


def reckon_numbers(shift: Shift) -> Counts:
    """No two incidents share a number or a local number, and no local number a person was told is forgotten."""
    incidents = stored_rows(shift.url)[Incident.__name__]
    numbers = [row["number"] for row in incidents]
    aliases = [row["alias"] for row in incidents if row["alias"]]
    assert len(set(numbers)) == len(numbers)
    assert len(set(aliases)) == len(aliases)
    assert not set(numbers) & set(aliases)
    told = {
        deed.value for person in shift.people.values() for deed in person.deeds if deed.kind == "open" and deed.value
    }
    forgotten = told - set(numbers) - set(aliases)
    assert not forgotten, f"numbers a desk gave and nobody knows any more: {forgotten}"
    return {"incidents": len(numbers), "aliases": len(aliases)}


def clashes_of(shift: Shift, seat: str) -> list[SpoolRow]:
    """What the journal refused of a seat's spool; nothing may wait there any more."""
    with closing(Spool.open(shift.spool_file(seat), system_clock)) as spool:
        assert spool.count() == 0
        return spool.clashes()


def reckon_deeds(deeds: list[Deed], facts: list[Fact], clashes: Mapping[str, list[SpoolRow]]) -> Counts:
    """What was answered took effect once or is a clash on its desk, what was refused never, the rest at most once."""
    done = collections.Counter(
        (kind, mark_of(fact.body), fact.actor) for fact in facts for kind, mark_of in MARK_OF.items()
    )
    for deed in deeds:
        assert deed.outcome != "bug", deed
        times = done[deed.kind, deed.mark, deed.actor]
        clashed = sum(deed.mark in row.act.args.values() for row in clashes[deed.seat])
        if deed.outcome == "done":
            assert times + clashed == 1, f"{deed} took effect {times} times, clashes {clashed}"
        elif deed.outcome == "refused" and deed.kind != "acknowledge":
            assert times + clashed == 0, f"{deed} was refused and took effect {times} times, clashes {clashed}"
        else:
            assert times + clashed <= 1, f"{deed} took effect {times} times, clashes {clashed}"
    outcomes = collections.Counter(deed.outcome for deed in deeds)
    counted: Counts = {f"acts_{name}": count for name, count in outcomes.items()}
    return counted | {"clashes": sum(map(len, clashes.values()))}
