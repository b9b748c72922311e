"""Secrets: the argon2id hashes of passwords, in a table beside the journal.

They are no facts: the journal is exported and read by many, and a hash in it could never be taken back. A hash is
stored before the fact that tells of it, so that a person whose account is told has a password.
"""

from datetime import datetime

from sqlalchemy import select

from console.persistence import dialect
from console.persistence.base import table
from console.persistence.tables import SecretRow

SECRETS = table(SecretRow)


class Secrets:
    """The hashes of one database. Every call blocks; raises JournalUnavailable while the database is away."""

    def __init__(self, url: str) -> None:
        self._engine = dialect.side_engine(url)

    def put(self, account: str, hash: str, at: datetime) -> None:  # noqa: A002 -- what it is
        """Keep the account's hash, in the place of an earlier one."""
        row = {"account": account, "hash": hash, "changed_at": at}
        with dialect.told_plainly(), self._engine.begin() as connection:
            connection.execute(dialect.upsert(connection, SECRETS, tuple(row)), row)

    def all(self) -> dict[str, str]:
        """Every account's hash."""
        with dialect.told_plainly(), self._engine.begin() as connection:
            return {row.account: row.hash for row in connection.execute(select(SECRETS.c.account, SECRETS.c.hash))}

    def close(self) -> None:
        """Let the connection go."""
        self._engine.dispose()
