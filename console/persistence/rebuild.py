"""Rebuild: the state folded anew from the first fact of the journal, beside the state that is stored.

Current state is a fold of the journal, so the two must be equal field by field; where they are not, a table was
changed without a fact, or the program folded wrongly.
"""

from collections.abc import Iterator
from inspect import signature
from itertools import chain, islice

from sqlalchemy import Connection

from console.domain.fold import fold
from console.domain.incident import Incident
from console.domain.state import KINDS, NAMES, Entity, MemoryState
from console.persistence import records, terms
from console.persistence.base import table
from console.persistence.ledger import entity, selection
from console.persistence.tables import ROWS

TOLD = 5


def rebuild(connection: Connection) -> MemoryState:
    """Fold the whole journal in memory (some 2 KB of memory an incident)."""
    state = MemoryState()
    for entry in records.all_entries(connection):
        fold(state, records.fact(entry))
    return state


def differences(connection: Connection) -> list[str]:
    """Where the stored state is not the fold of the journal, in words; the first five, nothing if all is well."""
    state = rebuild(connection)
    found = (line for kind in KINDS for line in _of_kind(connection, kind, state))
    return list(islice(chain(found, terms.differences(connection, state.all(Incident))), TOLD))


def _of_kind(connection: Connection, kind: type[Entity], state: MemoryState) -> Iterator[str]:
    (key,) = table(ROWS[kind]).primary_key
    missing = {row.key for row in state.all(kind)}
    with connection.execute(selection(kind).order_by(key), execution_options={"yield_per": records.CHUNK}) as rows:
        for row in rows:
            found = entity(kind, row)
            missing.discard(found.key)
            if line := _difference(kind, found, state.get(kind, found.key)):
                yield line
    yield from (f"{NAMES[kind]} {lost}：日志里有，表里没有" for lost in sorted(missing))


def _difference(kind: type[Entity], stored: Entity, folded: Entity | None) -> str:
    if folded is None:
        return f"{NAMES[kind]} {stored.key}：表里有，日志里没有"
    if stored == folded:
        return ""
    names = (name for name in signature(kind).parameters if getattr(stored, name) != getattr(folded, name))
    return f"{NAMES[kind]} {stored.key}：{'、'.join(names)} 与日志重建的不符"
