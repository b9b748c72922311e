"""What follows an answer a moment later (widgets/afterwards.py) is there."""

from PySide6.QtTest import QTest

from widgets.afterwards import AFTER_MS


def a_moment_later() -> None:
    """Let the window do what it put off: several works, one at a time."""
    QTest.qWait(4 * AFTER_MS)
