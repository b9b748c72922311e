"""The three kinds of failure, as far as they are ours to raise.

A `UserError` is shown to the person who asked; an `EnvironmentFault` lights a lamp and says what to do;
anything else is our bug and is caught only at the edge of the program.
"""


class UserError(Exception):
    """What was asked cannot be done; the message says why, in the user's words."""


class EnvironmentFault(Exception):  # noqa: N818 -- a fault of the ground, not an error of ours
    """The ground failed: disk, port, database. `remedy` says what a person should do.

    Shown with a lamp and logged; the alarm path goes on.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}；{remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy


class JournalUnavailable(EnvironmentFault):
    """The journal did not answer in time or refused; the spool takes over (DESIGN section 5)."""


class NotAllowed(UserError):  # noqa: N818 -- a refusal, not an error
    """The person's role does not allow it, or two persons are needed; the text says who may. Kept for the audit."""
