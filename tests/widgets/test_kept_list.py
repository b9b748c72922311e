"""The list that keys act on: what is chosen is a person's choice, whatever comes, goes or gets the keys."""

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidgetItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from widgets.panels.kept_list import KeptList


def fill(kept: KeptList, keys: Sequence[str]) -> None:
    kept.fill((key, QListWidgetItem(key)) for key in keys)


@pytest.fixture
def kept(qtbot: QtBot) -> Iterator[KeptList]:
    ground, made = QWidget(), KeptList()
    column = QVBoxLayout(ground)
    for piece in (QLineEdit(), made):
        column.addWidget(piece)
    qtbot.addWidget(ground)
    fill(made, "abcd")
    ground.show()
    ground.activateWindow()
    qtbot.waitUntil(ground.isActiveWindow)
    yield made
    ground.close()


def test_that_the_first_is_chosen_at_the_beginning_and_then_kept_by_its_key(kept: KeptList) -> None:
    assert kept.key == "a"
    kept.step(1)
    fill(kept, "xacb")
    assert (kept.key, kept.currentRow()) == ("b", 3)


def test_that_nobody_follows_the_chosen_one_by_itself_and_an_arrow_takes_the_next(kept: KeptList) -> None:
    kept.step(1)
    for rows in ("acd", "acde", "", "acd"):
        fill(kept, rows)
        assert (kept.key, kept.selectedItems()) == ("", [])
    kept.step(1)
    assert kept.key == "c"
    fill(kept, "")
    kept.step(1)
    fill(kept, "cd")
    assert kept.key == "", "an arrow in an empty list has chosen nobody"
    fill(kept, "acd")
    kept.step(1)
    assert kept.key == "c"
    kept.let_go()
    assert (kept.key, kept.selectedItems()) == ("", [])
    kept.step(-1)
    assert kept.key == "a"


def test_that_getting_the_keys_chooses_nobody_and_an_arrow_there_goes_on_too(kept: KeptList) -> None:
    kept.step(1)
    fill(kept, "acd")
    kept.setFocus()
    assert kept.key == ""
    other = QWidget()
    other.show()
    other.activateWindow()
    kept.window().activateWindow()
    kept.setFocus()
    assert kept.key == ""
    QTest.keyClick(kept, Qt.Key.Key_Down)
    assert kept.key == "c"
    QTest.keyClick(kept, Qt.Key.Key_Down)
    assert kept.key == "d"
    other.close()


def test_that_who_comes_back_to_it_finds_the_first_chosen(kept: KeptList) -> None:
    kept.step(2)
    kept.let_go()
    kept.window().hide()
    kept.window().show()
    assert kept.key == "a"
