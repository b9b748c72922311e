"""The pieces on a server: a GIN index over `incident_terms`, which knows no order.

So the newest incidents are walked first, where a frequent word is found at once; then the index is asked by months,
further back at each step, because each row it names has to be fetched before the newest of them are known.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, text

from console.persistence.dialect.search import INDEX, Sought
from console.spelling.terms import months_back

WALKED = 200
"""Incidents looked at one by one before the index is asked."""

STEPS = (1, 3, 8)
"""Months of each further question; the last one is for all that is older."""

_PIECES = "string_to_array(terms, ' ')"
_MAKE = f"CREATE INDEX {INDEX} ON incident_terms USING gin ({_PIECES}) WITH (fastupdate = off)"
_EDGE = text(
    "SELECT newness FROM incident_terms WHERE newness < :before ORDER BY newness DESC OFFSET :walked - 1 LIMIT 1"
)


def statements() -> tuple[str, ...]:
    """Each row enters the index at once: a list of those that wait is searched slowly, and one commit pays for all."""
    return (_MAKE,)


def newest(connection: Connection, sought: Sequence[Sought], before: int, most: int) -> list[str]:
    """As few questions as it takes to have so many."""
    condition, bound = _condition(sought)
    edge = connection.execute(_EDGE, {"before": before, "walked": WALKED}).scalar()
    walk = (
        "SELECT number FROM (SELECT newness, number, terms FROM incident_terms WHERE newness < :before "  # noqa: S608
        f"ORDER BY newness DESC LIMIT {WALKED}) AS walked WHERE {condition} ORDER BY newness DESC LIMIT :most"
    )
    found = list(connection.execute(text(walk), {**bound, "before": before, "most": most}).scalars())
    if edge is None:
        return found
    # Order, limit and place stand apart from what the index is asked: together with them the planner would walk through
    # all rows for a word that it thinks frequent.
    for months, begin in _steps(edge):
        if len(found) == most:
            break
        within = f" AND {_PIECES} && CAST(:months AS text[])" if months else ""
        look = (
            f"WITH found AS MATERIALIZED (SELECT newness, number FROM incident_terms WHERE {condition}{within}) "  # noqa: S608
            "SELECT number FROM found WHERE newness < :edge AND newness >= :begin ORDER BY newness DESC LIMIT :most"
        )
        asked = {**bound, "edge": edge, "begin": begin, "most": most - len(found)}
        found += connection.execute(text(look), asked | ({"months": months} if months else {})).scalars()
        edge = begin
    return found


def _steps(edge: int) -> Iterator[tuple[list[str], int]]:
    """The months of each question and the place where the oldest begins; no months for the last one."""
    back = months_back(edge)
    for count in STEPS:
        months = list(islice(back, count))
        yield [piece for piece, _ in months], months[-1][1]
    yield [], -sys.maxsize


def _condition(sought: Sequence[Sought]) -> tuple[str, dict[str, Any]]:
    plain = [piece for word in sought if not word.instead for piece in word.every]
    parts, bound = [], dict[str, Any]()
    if plain:
        parts.append(f"{_PIECES} @> CAST(:plain AS text[])")
        bound["plain"] = plain
    for n, word in enumerate(word for word in sought if word.instead):
        parts.append(f"({_PIECES} @> CAST(:every{n} AS text[]) OR {_PIECES} && CAST(:instead{n} AS text[]))")
        bound |= {f"every{n}": list(word.every), f"instead{n}": list(word.instead)}
    return " AND ".join(parts), bound


@contextmanager
def unindexed(connection: Connection) -> Iterator[None]:
    """Made from all rows at once it takes a fraction of the time."""
    connection.execute(text(f"DROP INDEX {INDEX}"))
    yield
    connection.execute(text(_MAKE))
