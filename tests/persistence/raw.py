"""The database past everything of ours: what another program, or somebody with no respect for rules, can do to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from console.persistence import dialect
from console.persistence.dialect.postgresql import LOCK


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    if dialect.is_server(url):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
            yield server
    else:
        with closing(sqlite3.connect(dialect.locate(url), isolation_level=None)) as file:
            yield file


def run(url: str, *statements: str) -> int:
    """Execute them; how many rows the last one touched."""
    touched = 0
    with _connected(url) as connection:
        for statement in statements:
            touched = connection.execute(statement).rowcount
    return touched


def ask(url: str, question: str, values: Any = ()) -> list[Any]:
    """The rows of the answer."""
    with _connected(url) as connection:
        return list(connection.execute(question, values).fetchall())


def plan(url: str, question: str, values: Any = ()) -> str:
    """How the database would find the answer in a table too large to be read whole."""
    if not dialect.is_server(url):
        return str(ask(url, f"EXPLAIN QUERY PLAN {question}", values))
    with _connected(url) as connection:
        connection.execute("SET enable_seqscan = off")
        return str(connection.execute(f"EXPLAIN {question}", values).fetchall())


def unguard(url: str) -> None:
    """Take the triggers away that refuse changes of the journal."""
    where = " ON journal" if dialect.is_server(url) else ""
    run(url, *(f"DROP TRIGGER journal_no_{act}{where}" for act in ("update", "delete")))


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program that keeps the journal's lock for itself."""
    with _connected(url) as other:
        server = dialect.is_server(url)
        other.execute(f"SELECT pg_advisory_lock({LOCK})" if server else "BEGIN EXCLUSIVE").fetchall()
        yield
        other.execute(f"SELECT pg_advisory_unlock({LOCK})" if server else "ROLLBACK").fetchall()


def content(url: str) -> object:
    """What is stored, to see that nothing was touched: a file's bytes, a server's tables and their rows."""
    if not dialect.is_server(url):
        return dialect.locate(url).read_bytes()
    tables = ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {name: ask(url, f"SELECT * FROM {name}") for (name,) in tables}
