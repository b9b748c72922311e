"""Faults of a database server that time alone does not heal."""

from console.domain.errors import JournalUnavailable


class WrongAddress(JournalUnavailable):
    """There is a server, but it does not let us in by this address: name, password or database are wrong.

    At the start this is told and the program ends; a server that is merely away is waited for.
    """
