"""The pieces in a file: an FTS5 index over `incident_terms`, kept by triggers, asked in the order of its row numbers.

FTS5 stores nothing of the text itself (`content=`), no places within it (`detail=none`) and no lengths: a row that is
written or copied in by whatever way is indexed by its trigger, and the newest rows are read first.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, text

from console.persistence.dialect.search import INDEX, Sought

_DROP = f"INSERT INTO {INDEX} ({INDEX}, rowid, terms) VALUES ('delete', old.newness, old.terms);"  # noqa: S608 -- a fixed name
_TAKE = f"INSERT INTO {INDEX} (rowid, terms) VALUES (new.newness, new.terms);"  # noqa: S608
_KEPT = {"insert": _TAKE, "update": _DROP + _TAKE, "delete": _DROP}
_TRIGGERS = tuple(
    f"CREATE TRIGGER incident_terms_{act} AFTER {act.upper()} ON incident_terms BEGIN {deed} END"
    for act, deed in _KEPT.items()
)

_NEWEST = text(
    f"SELECT t.number FROM {INDEX} AS x CROSS JOIN incident_terms AS t ON t.newness = x.rowid "  # noqa: S608
    f"WHERE x.{INDEX} MATCH :wanted AND x.rowid < :before ORDER BY x.rowid DESC LIMIT :most"
)


def statements() -> tuple[str, ...]:
    """The pieces hold no sign that `ascii` would take for a gap."""
    index = (
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(terms, content='incident_terms', content_rowid='newness', "
        "detail=none, columnsize=0, tokenize='ascii')"
    )
    return (index, *_TRIGGERS)


def newest(connection: Connection, sought: Sequence[Sought], before: int, most: int) -> list[str]:
    """FTS5 reads its lists from the end, so a frequent word costs no more than a rare one."""
    wanted = " AND ".join(_any_of(word) for word in sought)
    found = connection.execute(_NEWEST, {"wanted": wanted, "before": before, "most": most})
    return list(found.scalars())


def _any_of(word: Sought) -> str:
    every = " AND ".join(f'"{piece}"' for piece in word.every)
    return " OR ".join([f"({every})", *(f'"{piece}"' for piece in word.instead)]).join("()")


@contextmanager
def unindexed(connection: Connection) -> Iterator[None]:
    """Without the triggers, which would take every row out and in one by one."""
    for act in _KEPT:
        connection.execute(text(f"DROP TRIGGER incident_terms_{act}"))
    yield
    connection.execute(text(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')"))  # noqa: S608
    for trigger in _TRIGGERS:
        connection.execute(text(trigger))
