"""What is put off until an answer is painted is done once, and not for ever later."""

from PySide6.QtCore import QObject
from PySide6.QtTest import QTest

from widgets.afterwards import AFTER_MS, LATEST_S, Afterwards


def test_that_what_is_asked_for_twice_is_done_once_and_what_is_forgotten_is_not(qapp: object) -> None:
    parent, done = QObject(), list[str]()
    later = Afterwards(parent, lambda: done.append("done"))
    later.ask()
    later.ask()
    assert done == []
    QTest.qWait(3 * AFTER_MS)
    assert done == ["done"]
    later.ask()
    later.forget()
    QTest.qWait(3 * AFTER_MS)
    assert done == ["done"]


def test_that_a_stream_of_changes_puts_nothing_off_for_ever(qapp: object) -> None:
    parent, done = QObject(), list[str]()
    later = Afterwards(parent, lambda: done.append("done"))
    for _ in range(int(3 * LATEST_S * 1000 / (AFTER_MS / 3))):
        later.ask()
        QTest.qWait(AFTER_MS // 3)
    assert done, "done while it went on being asked for"
