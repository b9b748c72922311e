"""The pieces on a server: a GIN index over `incident_terms`, which knows no order.

So the newest incidents are walked first, where a frequent word is found at once; what is not found among them is rare,
and the index names all of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from console.persistence.dialect.search import INDEX, Sought

WALKED = 2000
"""Incidents looked at one by one before the index is asked."""

_PIECES = "string_to_array(terms, ' ')"
_MAKE = f"CREATE INDEX {INDEX} ON incident_terms USING gin ({_PIECES}) WITH (fastupdate = off)"
_EDGE = text(
    "SELECT newness FROM incident_terms WHERE newness < :before ORDER BY newness DESC OFFSET :walked - 1 LIMIT 1"
)


def statements() -> tuple[str, ...]:
    """Each row enters the index at once: a list of those that wait is searched slowly, and one commit pays for all."""
    return (_MAKE,)


def newest(connection: Connection, sought: Sequence[Sought], before: int, most: int) -> list[str]:
    """Two questions at most: the newest in their order, then the index for all older ones."""
    condition, bound = _condition(sought)
    edge = connection.execute(_EDGE, {"before": before, "walked": WALKED}).scalar()
    walk = (
        "SELECT number FROM (SELECT newness, number, terms FROM incident_terms WHERE newness < :before "  # noqa: S608
        f"ORDER BY newness DESC LIMIT {WALKED}) AS walked WHERE {condition} ORDER BY newness DESC LIMIT :most"
    )
    found = list(connection.execute(text(walk), {**bound, "before": before, "most": most}).scalars())
    if edge is None or len(found) == most:
        return found
    # Apart from order and limit: with them the planner would walk through all rows for a word that it thinks frequent.
    look = (
        "WITH found AS MATERIALIZED ("  # noqa: S608
        f"SELECT newness, number FROM incident_terms WHERE newness < :edge AND {condition}"
        ") SELECT number FROM found ORDER BY newness DESC LIMIT :most"
    )
    rest = connection.execute(text(look), {**bound, "edge": edge, "most": most - len(found)})
    return [*found, *rest.scalars()]


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
