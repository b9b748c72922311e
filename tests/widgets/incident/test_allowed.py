"""What a role may not do is shown disabled with the reason; nothing is hidden silently."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from console.services.desk import Desk
from tests.widgets.scene import play_evening
from widgets.allowed import why_not
from widgets.panels.ask import Answer, AskSheet, Question
from widgets.panels.closing import ClosingCard, Step, judged
from widgets.theme import Theme


def test_that_a_call_taker_is_told_who_may_close_and_a_chief_may(desk: Desk) -> None:
    play_evening(desk)
    desk.roles = ("call_taker",)
    assert why_not(desk, "incident.close", incident="ZZ20261121-0182").endswith("须由派警员、值班长操作")
    desk.roles = ("chief",)
    assert why_not(desk, "incident.close", incident="ZZ20261121-0182") == ""


def test_that_what_is_gone_is_no_matter_of_rights(desk: Desk) -> None:
    desk.roles = ("call_taker",)
    assert why_not(desk, "incident.edit", incident="ZZ20261121-9999") == ""


def test_that_a_step_one_may_not_take_is_shown_disabled_with_the_reason(desk: Desk, theme: Theme, qtbot: QtBot) -> None:
    play_evening(desk)
    incident = next(i for i in desk.picture.incidents() if i.number == "ZZ20261121-0182")
    card = ClosingCard(theme)
    qtbot.addWidget(card)
    steps = (Step("close", "办结"), Step("note", "备注"))
    card.show_state(incident, (), judged(steps, lambda step: "须由派警员操作" if step.act == "close" else ""))
    close, note = card.findChildren(QPushButton)
    assert (close.isEnabled(), close.toolTip(), close.accessibleDescription()) == (
        False,
        "须由派警员操作",
        "须由派警员操作",
    )
    assert note.isEnabled()


def test_that_enter_in_a_sheet_means_the_first_answer_this_person_may_give(theme: Theme, qtbot: QtBot) -> None:
    sheet, given = AskSheet(theme), []
    qtbot.addWidget(sheet)
    answers = [Answer("rule", "裁定", why="须由值班长操作"), Answer("note", "记录")]
    sheet.ask("联动", [Question("text", "内容")], answers, lambda key, _: given.append(key))
    sheet.answer("rule")
    assert given == [], "a disabled answer is not given by a key either"
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert given == ["note"]
