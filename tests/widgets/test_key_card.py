"""The key card shows the whole table, blocks nothing, and fits its screen."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from console.commands import TABLE
from console.commands.card import groups
from widgets.keys import CommandKeys
from widgets.language import load_language
from widgets.panels.key_card import Caps, KeyCard
from widgets.shot import render
from widgets.theme import DAY, NIGHT, Theme, Tokens


@pytest.fixture
def card(theme: Theme, qtbot: QtBot) -> KeyCard:
    card = KeyCard(theme)
    qtbot.addWidget(card)
    return card


def test_that_it_shows_every_title_grammar_verb_and_key(card: KeyCard) -> None:
    texts = " ".join(label.text() for label in card.findChildren(QLabel))
    caps = {caps.accessibleName() for caps in card.findChildren(Caps)}
    for command in TABLE:
        assert command.title in texts
        assert command.grammar in texts
        assert all(verb in texts for verb in command.verbs)
        assert " ".join(command.keys).replace("+", " ") in caps
    assert all(group in texts for group, _ in groups())


def test_that_esc_closes_it_and_it_opens_again(card: KeyCard, qtbot: QtBot) -> None:
    for _ in range(2):
        card.open()
        assert card.isVisible()
        QTest.keyClick(card, Qt.Key.Key_Escape)
        assert not card.isVisible()


def test_that_the_keys_of_its_window_work_while_it_is_open(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    keys, done = CommandKeys(window, TABLE), list[str]()
    keys.asked.connect(done.append)
    window.show()
    card = KeyCard(theme, window)
    card.open()
    qtbot.waitUntil(card.isActiveWindow)
    assert not card.isModal()
    for key in (Qt.Key.Key_F1, Qt.Key.Key_F2):
        QTest.keyClick(card, key)
    assert done == ["alarm.acknowledge", "alarm.dispatch"]


def test_that_it_is_never_larger_than_its_screen(card: KeyCard) -> None:
    card.open()
    room = card.screen().availableSize()
    assert card.width() <= room.width()
    assert card.height() <= room.height()
    card.reject()


@pytest.mark.parametrize("tokens", [NIGHT, DAY], ids=lambda tokens: tokens.name)
def test_that_no_row_lies_over_another_and_caps_are_drawn(
    theme: Theme, app: QApplication, qtbot: QtBot, tokens: Tokens
) -> None:
    theme.use(app, tokens)
    card = KeyCard(theme)
    qtbot.addWidget(card)
    image = render(card, card.size())
    assert image.format() == QImage.Format.Format_ARGB32_Premultiplied
    shown = [*card.findChildren(QLabel), *(caps for caps in card.findChildren(Caps) if caps.accessibleName())]
    boxes = [widget.geometry() for widget in shown]
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[:n])
    caps = next(widget for widget in shown if isinstance(widget, Caps))
    at = caps.mapTo(card, caps.rect().center())
    row = [image.pixelColor(x, at.y()).name() for x in range(at.x() - 12, at.x() + 12)]
    assert theme.color("panel2").name() in row


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (960, 600)])
def test_that_it_fits_its_window_and_scrolls_only_downwards(
    theme: Theme, app: QApplication, qtbot: QtBot, language: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = load_language(app, language)
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    large = QSize(2560, 1440)
    monkeypatch.setattr("PySide6.QtGui.QScreen.availableSize", lambda _screen: large)
    card = KeyCard(theme, window)
    card.open()
    render(card, card.size())
    area = card.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    sheet = area.widget()
    assert sheet is not None
    assert card.width() <= size[0]
    assert card.height() <= size[1]
    assert sheet.width() <= area.viewport().width()
    shown = [*sheet.findChildren(QLabel), *sheet.findChildren(Caps)]
    assert all(sheet.rect().contains(widget.geometry()) for widget in shown)
    cut = [label.text() for label in sheet.findChildren(QLabel) if label.height() < label.heightForWidth(label.width())]
    assert cut == []
    for translator in kept:
        app.removeTranslator(translator)
