"""Keys and menu of a window: each key acts once, from anywhere it should and nowhere it should not."""

from dataclasses import dataclass, field
from typing import cast

import pytest
from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QAction, QInputMethodEvent, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from console.commands import BY_ID, TABLE, Command
from widgets.keys import CommandKeys
from widgets.menu import command_menu
from widgets.theme import Theme

Modifier = Qt.KeyboardModifier


@dataclass
class Keyed:
    """A window with text fields of every kind and all keys installed."""

    window: QWidget
    fields: dict[str, QWidget]
    actions: dict[str, QAction] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)


@pytest.fixture
def keyed(theme: Theme, qtbot: QtBot) -> Keyed:
    combo = QComboBox()
    combo.setEditable(True)
    fields = {
        "line": QLineEdit(),
        "plain": QPlainTextEdit(),
        "rich": QTextEdit(),
        "combo": combo,
        "spin": QSpinBox(),
        "list": QListWidget(),
    }
    made = Keyed(QWidget(), fields)
    layout = QVBoxLayout(made.window)
    for widget in fields.values():
        layout.addWidget(widget)
    keys = CommandKeys(made.window, TABLE)
    keys.asked.connect(made.done.append)
    keys.begun.connect(made.begun.append)
    made.actions = keys.actions
    qtbot.addWidget(made.window)
    made.window.show()
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    return made


def key_of(name: str) -> QKeyCombination:
    combination = QKeySequence(name)[0]  # type: ignore[index]
    assert isinstance(combination, QKeyCombination)
    return combination


def press(qtbot: QtBot, keyed: Keyed, name: str, key: str) -> None:
    """A key as Qt looks it up: of `?` the platforms also offer the form without Shift, the offscreen one does not."""
    combination = key_of(key)
    keyed.fields[name].setFocus()
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, combination.key(), combination.keyboardModifiers())


EVERYWHERE = [(key, command.id) for command in TABLE for key in command.keys if key != "?"]


@pytest.mark.parametrize("name", ["line", "plain", "rich", "combo", "spin", "list"])
def test_that_every_key_with_f_ctrl_or_alt_works_whatever_has_the_focus(keyed: Keyed, qtbot: QtBot, name: str) -> None:
    for key, command in EVERYWHERE:
        keyed.done.clear()
        press(qtbot, keyed, name, key)
        assert keyed.done == [command], key


@pytest.mark.parametrize("name", ["line", "plain", "rich", "combo"])
def test_that_the_question_mark_belongs_to_a_text_field(keyed: Keyed, qtbot: QtBot, name: str) -> None:
    press(qtbot, keyed, name, "?")
    assert keyed.done == []


def test_that_the_question_mark_opens_the_key_card_outside_text_fields(keyed: Keyed, qtbot: QtBot) -> None:
    press(qtbot, keyed, "list", "?")
    assert keyed.done == ["window.keys"]


def test_that_f_keys_and_ctrl_work_while_an_input_method_composes_and_signs_do_not(keyed: Keyed, qtbot: QtBot) -> None:
    line = keyed.fields["line"]
    line.setFocus()
    QApplication.sendEvent(line, QInputMethodEvent("dao", []))
    for key in ("F1", "Ctrl+K", "?"):
        combination = key_of(key)
        QTest.keyClick(line, combination.key(), combination.keyboardModifiers())
    assert keyed.done == ["alarm.acknowledge", "window.command"]


def test_that_a_held_key_acts_once(keyed: Keyed, qtbot: QtBot) -> None:
    assert all(not action.autoRepeat() for action in keyed.actions.values())
    press(qtbot, keyed, "list", "F2")
    held = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_F2, Modifier.NoModifier, "", True)
    QApplication.sendEvent(keyed.fields["list"], held)
    assert keyed.done == ["alarm.dispatch"]


def test_that_two_commands_with_one_key_are_refused_when_they_are_installed(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    rival = Command(id="rival", title="x", group="y", keys=("Ctrl+k",), prepare=TABLE[0].prepare)
    with pytest.raises(ValueError, match="rival"):
        CommandKeys(window, (*TABLE, rival))


def test_that_every_command_stands_in_the_menu_once_with_its_keys(keyed: Keyed) -> None:
    menu = command_menu(keyed.actions, keyed.window)
    entries = [entry for group in menu.actions() for entry in cast("QMenu", group.menu()).actions()]
    assert sorted(entry.objectName() for entry in entries) == sorted(BY_ID)
    for entry in entries:
        assert [key.toString() for key in entry.shortcuts()] == list(BY_ID[entry.objectName()].keys)


def test_that_a_command_that_needs_words_is_begun_and_another_is_done(keyed: Keyed) -> None:
    assert keyed.actions["unit.assign"].text() == "派警…"
    keyed.actions["unit.assign"].trigger()
    keyed.actions["incident.review"].trigger()
    assert keyed.begun == ["派 "]
    assert keyed.done == ["incident.review"]
