"""Search by pieces: how each database keeps an index of what incidents are found by, and asks it.

The pieces themselves lie in `incident_terms` on both (`spelling.terms` cuts them). A file keeps a full-text index of
them, a server an inverted index; what both answer is the same: numbers of incidents that have every piece, newest
first. Whoever asks looks afterwards whether the pieces stand together as typed.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

INDEX = "incident_terms_index"
"""The index, on both; a file keeps tables of its own under names that begin so."""


@dataclass(frozen=True, slots=True)
class Sought:
    """One word's pieces: all of `every`, or one of `instead`."""

    every: tuple[str, ...]
    instead: tuple[str, ...] = ()


class Searching(Protocol):
    """What `search_sqlite` and `search_postgresql` are."""

    def statements(self) -> tuple[str, ...]: ...
    def newest(self, connection: Connection, sought: Sequence[Sought], before: int, most: int) -> list[str]: ...
    def unindexed(self, connection: Connection) -> AbstractContextManager[object]: ...


def _under(connection: Connection) -> Searching:
    if connection.dialect.name == "postgresql":
        from console.persistence.dialect import search_postgresql

        return search_postgresql
    from console.persistence.dialect import search_sqlite

    return search_sqlite


def statements(connection: Connection) -> tuple[str, ...]:
    """What makes the index of an empty table, and keeps it true whenever a row is written."""
    return _under(connection).statements()


def newest(connection: Connection, sought: Sequence[Sought], before: int, most: int) -> list[str]:
    """Numbers of at most so many incidents opened before a place in their order that have all of it, newest first."""
    return _under(connection).newest(connection, sought, before, most)


def unindexed(connection: Connection) -> AbstractContextManager[object]:
    """Inside, so many rows are written that the index is made once, at the end, where that is quicker."""
    return _under(connection).unindexed(connection)
