"""The question card in the whole window: Alt keys from anywhere, the digits only where the card has the keys."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.answer import Answer
from tests.widgets.test_calltaker_window import Seat, press, scale, seat
from widgets.panels.card import Show

__all__ = ["scale", "seat"]

ALT = Qt.KeyboardModifier.AltModifier


def answers(seat: Seat, number: str) -> dict[str, str]:
    rows = seat.station.picture.state.where(Answer, incident=number)
    return {row.question: "跳过" if row.skipped else row.value for row in rows}


async def test_that_alt_keys_answer_skip_and_go_back_from_wherever_the_focus_is(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    window.panes.queue.list.setFocus()
    card, number = window.panes.incident.questions, window.selection.incident
    first = card.question
    assert first
    await press(seat, qtbot, Qt.Key.Key_S, ALT)
    assert answers(seat, number) == {first: "跳过"}
    second = card.question
    await press(seat, qtbot, Qt.Key.Key_1, ALT)
    assert set(answers(seat, number)) == {first, second}
    await press(seat, qtbot, Qt.Key.Key_Left, ALT)
    assert card.question == second
    await press(seat, qtbot, Qt.Key.Key_Q, ALT)
    at = QApplication.focusWidget()
    assert at is not None
    assert card.isAncestorOf(at)
    assert card.shown is Show.OPEN


async def test_that_esc_gives_the_keys_back_to_the_queue_and_the_question_stands(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    card, number = window.panes.incident.questions, window.selection.incident
    await press(seat, qtbot, Qt.Key.Key_Q, ALT)
    asked = card.question
    at = QApplication.focusWidget()
    assert asked
    assert at is not None
    assert card.isAncestorOf(at)
    QTest.keyClick(at, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.panes.queue.list
    assert (card.question, window.selection.incident) == (asked, number)
