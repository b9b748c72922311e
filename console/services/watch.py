"""Watch 时限监督: the one timer of the program.

Once a second it compares the clock with what has been promised and announces what was broken, once: a late
stage, an alarm nobody took, a unit nobody hears. The facts are unique by (subject, rule, step), so several
seats may watch at once.
"""

from datetime import datetime

from console.domain.facts import DeadlinePassed
from console.domain.ledger import Ledger


def announce(
    ledger: Ledger, *, subject: str, rule: str, step: int, due_at: str, incident: str = "", owner: str = ""
) -> bool:
    """A promise was broken. Answers whether this was news; the second one to say so is dropped silently."""
    if ledger.announced(subject, rule, step):
        return False
    passed = DeadlinePassed(
        incident=incident, subject=subject, rule=rule, step=step, due_at=datetime.fromisoformat(due_at), owner=owner
    )
    ledger.record(passed)
    return True
