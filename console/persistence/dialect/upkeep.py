"""Upkeep: what work on a whole PostgreSQL database asks of the server, beyond the statements of its tables.

A schema is PostgreSQL's name for a drawer of tables inside one database; the one that an address works in is its
`search_path`. A restore puts the old tables into a drawer of their own, a drill works in a drawer that is thrown away.
"""

from sqlalchemy import Connection, text


def other_sessions(connection: Connection) -> list[str]:
    """Who else is connected to this database: the name each program gave itself, and the machine."""
    wanted = text(
        "SELECT application_name, coalesce(client_addr::text, 'local') AS place FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return [f"{row.application_name or '?'}（{row.place}）" for row in connection.execute(wanted)]


def _tables(connection: Connection) -> list[str]:
    found = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    return list(connection.execute(found).scalars())


def is_empty(connection: Connection) -> bool:
    """Whether there are no tables where this connection works."""
    return not _tables(connection)


def set_aside(connection: Connection, drawer: str) -> None:
    """Move every table, with its triggers, into a drawer of that name."""
    open_drawer(connection, drawer)
    for name in _tables(connection):
        connection.execute(text(f'ALTER TABLE "{name}" SET SCHEMA "{drawer}"'))
    connection.execute(text(f'ALTER FUNCTION journal_is_append_only() SET SCHEMA "{drawer}"'))


def open_drawer(connection: Connection, drawer: str) -> None:
    """Make an empty drawer."""
    connection.execute(text(f'CREATE SCHEMA "{drawer}"'))


def throw_away(connection: Connection, drawer: str) -> None:
    """Drop a drawer with everything in it."""
    connection.execute(text(f'DROP SCHEMA IF EXISTS "{drawer}" CASCADE'))


def in_drawer(url: str, drawer: str) -> str:
    """The address of a drawer in the database of the URL."""
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{drawer}"


def count_on(connection: Connection) -> None:
    """After rows were copied in with their numbers: the next position gets the number behind the last."""
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence('track', 'id'), greatest(1, (SELECT max(id) FROM track)))")
    )
