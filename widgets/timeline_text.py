"""The timeline's sentences in the language of the windows; the sentences stand in `console.services.telling`."""

from PySide6.QtCore import QCoreApplication

from console.domain.facts import Fact
from console.domain.reference import Reference
from console.services import telling


def teller_of(reference: Reference) -> telling.Teller:
    """Tells facts of one incident, in order."""
    return telling.Teller(reference, QCoreApplication.translate)


def marks(fact: Fact) -> tuple[str, ...]:
    """What must be said about how the fact came in: on behalf, implied, only on this machine yet."""
    return telling.marks(fact, QCoreApplication.translate)
