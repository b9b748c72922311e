"""The question card in the whole window: Alt keys from anywhere, the digits only where the card has the keys."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.answer import Answer
from tests.widgets.test_calltaker_window import Seat, press, said, scale, seat
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


async def test_that_an_alt_digit_answers_no_question_below_the_fold_but_brings_it_into_sight(
    seat: Seat, qtbot: QtBot
) -> None:
    window = seat.taker.window
    window.resize(1366, 768)
    window.perform("求助 巡05")
    await turns()
    column, number = window.panes.incident, window.selection.incident
    card = column.questions
    first = card.question
    assert first
    assert not column.cards.in_sight(card.asking), "an officer in need and the alarm strip leave the form its room only"
    await press(seat, qtbot, Qt.Key.Key_1, ALT)
    await turns()
    assert answers(seat, number) == {}
    assert said(seat) == "问询刚移到眼前，请看清后再按一次"
    assert column.cards.in_sight(card.asking)
    assert not card.asking.text.visibleRegion().isEmpty()
    await press(seat, qtbot, Qt.Key.Key_1, ALT)
    await turns()
    assert list(answers(seat, number)) == [first]
    assert column.cards.in_sight(card.asking), "the next question follows into the same place"
    card._toggled()
    await turns()
    await press(seat, qtbot, Qt.Key.Key_1, ALT)
    await turns()
    assert list(answers(seat, number)) == [first], "a card that was shut is opened first"
    assert column.cards.in_sight(card.asking)


async def turns() -> None:
    """What was laid out anew has its place."""
    for _ in range(6):
        await asyncio.sleep(0.01)
