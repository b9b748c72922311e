"""What is put off until an answer is painted is done once, and not for ever later."""

from itertools import pairwise
from time import monotonic

from PySide6.QtCore import QObject
from PySide6.QtTest import QTest

from widgets.afterwards import AFTER_MS, BREATH_S, LATEST_S, Afterwards


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


def test_that_works_which_fall_due_together_leave_time_for_a_key_between_them(qapp: object) -> None:
    parent, began = QObject(), list[float]()
    works = [Afterwards(parent, lambda: began.append(monotonic())) for _ in range(3)]
    for work in works:
        work.ask()
    QTest.qWait(3 * AFTER_MS + 200)
    assert len(began) == len(works)
    assert all(later - sooner >= BREATH_S for sooner, later in pairwise(began))
