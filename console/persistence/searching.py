"""Searching: a typed text put to the index of pieces, and what that names looked through letter by letter.

The index knows which incidents have every piece of a word; whether the pieces stand together as typed is seen in the
incident itself, so what is answered is exact, and complete however long one reads on.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection

from console.domain.incident import Incident
from console.persistence.dialect import search
from console.persistence.dialect.search import Sought
from console.persistence.ledger import entity, selection
from console.persistence.picture import INCIDENTS
from console.spelling.terms import KIND, asked, fits, haystack, newness

NO_KINDS: Mapping[str, Collection[str]] = MappingProxyType({})
AT_ONCE = 110
"""Incidents read for one look: a little more than a page of answers."""
PIECES = 40
"""Of a longer text so many pieces are asked for; the rest is seen in the incident."""


class Question:
    """The words of a text, and the codes each of them may stand for."""

    def __init__(self, text: str, kinds: Mapping[str, Collection[str]]) -> None:
        self._kinds = {word: kinds.get(word, ()) for word in text.replace("\0", " ").split()}
        self.sought = [
            Sought(tuple(asked(word)[:PIECES]), tuple(KIND + code for code in codes))
            for word, codes in self._kinds.items()
        ]

    def answers(self, connection: Connection, before: str = "") -> Iterator[Incident]:
        """Every incident that has all the words, newest first, read as far as the caller goes."""
        edge = newness(before) if before else sys.maxsize
        numbers = [""] * AT_ONCE
        while len(numbers) == AT_ONCE:
            numbers = search.newest(connection, self.sought, edge, AT_ONCE)
            for incident in _incidents(connection, numbers) if numbers else ():
                edge = newness(incident.number)
                if self._fits(incident):
                    yield incident

    def _fits(self, incident: Incident) -> bool:
        stack = haystack(incident)
        return all(incident.kind in codes or fits(word, stack) for word, codes in self._kinds.items())


def _incidents(connection: Connection, numbers: Sequence[str]) -> list[Incident]:
    """The incidents of these numbers, in their order."""
    wanted = selection(Incident).where(INCIDENTS.c.number.in_(numbers))
    found = {row.number: row for row in (entity(Incident, row) for row in connection.execute(wanted))}
    return [found[number] for number in numbers]
