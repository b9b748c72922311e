"""The question card in the whole window: Alt keys from anywhere, the digits only where the card has the keys."""

import asyncio
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.account import MACHINE
from console.domain.answer import Answer
from console.domain.ledger import new_id
from console.domain.state import need
from console.domain.trouble import Trouble, TroubleState
from console.services.lines import simulated_report
from tests.widgets.test_calltaker_window import Seat, press, said, scale, seat
from widgets.panels.card import Show

__all__ = ["scale", "seat"]

ALT = Qt.KeyboardModifier.AltModifier
TAMPERED = simulated_report("1234", "003", "383")


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


async def test_that_the_technical_sheet_has_its_alt_keys_while_it_has_the_focus_and_the_window_otherwise(
    seat: Seat, qtbot: QtBot
) -> None:
    window, state = seat.taker.window, seat.station.picture.state
    number, sheet = window.selection.incident, window.technical.sheet
    received = {"line": "A1", "protocol": "surgard", "received_at": seat.station.clock().isoformat()}
    act = seat.station.desk.act("intake.receive", {"ingest_id": new_id(), **received, "report": TAMPERED})
    await seat.station.desk.carry_out(replace(act, actor="线路A1", roles=MACHINE))
    (trouble,) = state.all(Trouble)
    window.perform("technical.lane")
    await seat.taker.tasks.idle()
    await key(seat, Qt.Key.Key_S)
    assert answers(seat, number) == {}, "the question is not skipped"
    assert "理由" in sheet.told.text()
    sheet.list.setFocus()
    sheet.reason.setText("45 等技术员")
    await key(seat, Qt.Key.Key_S)
    assert need(state, Trouble, trouble.id).state is TroubleState.SHELVED
    await key(seat, Qt.Key.Key_U)
    assert need(state, Trouble, trouble.id).state is TroubleState.OPEN
    sheet.reason.setText("已复原")
    await key(seat, Qt.Key.Key_D)
    assert need(state, Trouble, trouble.id).state is TroubleState.CLOSED
    sheet.left.emit()
    window.panes.queue.list.setFocus()
    await key(seat, Qt.Key.Key_S)
    assert list(answers(seat, number).values()) == ["跳过"]


async def key(seat: Seat, code: Qt.Key) -> None:
    """With Alt, where the focus is."""
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keyClick(at, code, ALT)
    await seat.taker.tasks.idle()


async def turns() -> None:
    """What was laid out anew has its place."""
    for _ in range(6):
        await asyncio.sleep(0.01)
