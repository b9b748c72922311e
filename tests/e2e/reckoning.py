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
from console.domain.fold import fold
from console.domain.incident import Incident
from console.domain.site import Signal
from console.domain.state import KINDS, MemoryState
from console.persistence import dialect, store
from console.persistence.codec import encode
from console.persistence.journal import Journal
from console.persistence.ledger import entity, selection
from console.persistence.spool import Spool, SpoolRow
from console.persistence.transaction import read_head
from console.services.acts import ACTS
from tests.e2e.seats import Deed
from tests.e2e.shift import Shift, is_well

Counts = dict[str, float]
Rows = dict[str, list[Any]]

SETTLE_S = 30.0
FOLLOWS_S = 10.0
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
    """All desks' pictures and the state tables, each beside the journal folded as far as it has come, field by field.

    The clock goes on announcing what is late and no moment is the last: each belongs to a number of its own.
    """
    head = journal.head().seq
    for desk in shift.desks.values():
        assert wait_until(lambda: desk.ask("see")["seq"] >= head, FOLLOWS_S), f"seat {desk.seat} is behind {head}"  # noqa: B023
    pictures = {seat: desk.ask("state") for seat, desk in shift.desks.items()}
    at, stored = stored_rows(shift.url)
    facts = journal_of(journal)
    assert_equal(rebuilt_rows(facts[:at]), stored, "journal and database")
    for seat, said in pictures.items():
        assert said["provisional"] == [], f"seat {seat} still shows what is nowhere else: {said['provisional']}"
        rebuilt = rebuilt_rows(facts[: said["seq"]])
        shown = {kind: rows for kind, rows in said["rows"].items() if kind != Signal.__name__}
        assert_equal(shown, {kind: rebuilt[kind] for kind in shown}, f"seat {seat} and journal")


def assert_equal(left: Rows, right: Rows, what: str) -> None:
    """Equal by kind, row and field; the first difference is told."""
    for kind in left:
        for one, other in zip(left[kind], right[kind], strict=False):
            fields = {name: (value, other.get(name)) for name, value in one.items() if value != other.get(name)}
            assert one == other, f"{what}: {kind} differs: {fields}"
        assert len(left[kind]) == len(right[kind]), f"{what}: {len(left[kind])} and {len(right[kind])} of {kind}"


def _plain(rows: Mapping[type[Any], list[Any]]) -> Rows:
    return {kind.__name__: [json.loads(encode(row)) for row in found] for kind, found in rows.items()}


def stored_rows(url: str) -> tuple[int, Rows]:
    """Every row of the state tables at one moment, and the number of the journal it belongs to."""
    with dialect.glance(url) as connection:
        found = {kind: [entity(kind, row) for row in connection.execute(selection(kind))] for kind in KINDS}
        head = read_head(connection).seq
    return head, _plain({kind: sorted(rows, key=lambda row: row.key) for kind, rows in found.items()})


def rebuilt_rows(facts: list[Fact]) -> Rows:
    """The facts folded, from the first on."""
    state = MemoryState()
    for fact in facts:
        fold(state, fact)
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
    signals = stored_rows(shift.url)[1][Signal.__name__]
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
    incidents = stored_rows(shift.url)[1][Incident.__name__]
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
