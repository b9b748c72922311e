"""Faults of a database server that are not simply waited for."""

from console.domain.errors import JournalUnavailable


class WrongAddress(JournalUnavailable):
    """There is a server, but it does not let us in by this address: name, password or database are wrong.

    At the start this is told and the program ends; a server that is merely away is waited for.
    """


class TakenBack(JournalUnavailable):
    """The server ended a transaction before its commit and is well: nothing of it is there, it may be done again."""
