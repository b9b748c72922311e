"""The cards of the column's middle: their order, when they are seen, and what a person opens by hand."""

from datetime import datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from typing_extensions import override

from console.domain.incident import Incident
from console.services.picture import Changes
from tests.widgets.incident.scene import Bench, gas
from widgets.panels.card import Card, Show
from widgets.panels.card_stack import ORDER, CardStack
from widgets.panels.drafts import Draft
from widgets.theme import Theme


class Notes(Card):
    """A card that writes down what it is told."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "便笺")
        self.told: list[object] = []
        self.field = QLineEdit()
        self.content.addWidget(self.field)

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        self.told.append((incident.number if incident is not None else None, workable))
        self.say(Show.LINE if incident is not None else Show.HIDDEN, "两条")

    @override
    def show_draft(self, draft: Draft) -> None:
        self.told.append(draft)
        self.say(Show.OPEN)

    @override
    def changes(self, changes: Changes) -> None:
        self.told.append(changes)

    @override
    def beat(self, now: datetime) -> None:
        self.told.append(now)


def top(stack: CardStack, piece: Card) -> int:
    content = stack.widget()
    assert content is not None
    return piece.mapTo(content, piece.rect().topLeft()).y()


def test_that_cards_stand_in_their_order_whenever_they_are_plugged_in(theme: Theme) -> None:
    stack, cards = CardStack(theme), {name: Notes(theme) for name in ("links", "caller", "questions", "duplicates")}
    for name, card in cards.items():
        stack.plug(name, card)
        card.say(Show.OPEN)
    stack.resize(400, 800)
    stack.show()
    tops = [top(stack, cards[name]) for name in ORDER if name in cards]
    assert tops == sorted(tops)
    assert len(set(tops)) == len(tops)
    stack.close()


def test_that_a_place_is_given_once(theme: Theme) -> None:
    stack = CardStack(theme)
    stack.plug("questions", Notes(theme))
    with pytest.raises(ValueError, match="questions"):
        stack.plug("questions", Notes(theme))


async def test_that_a_card_is_told_what_is_shown_and_written(bench: Bench) -> None:
    card = Notes(bench.theme)
    bench.panel.plug("form", card)
    assert card.told == [(None, True)]
    number = gas(bench.desk)
    await bench.choose(number)
    assert (number, True) in card.told
    assert any(isinstance(told, Changes) for told in card.told)
    bench.panel.new_incident()
    QTest.keyClicks(bench.panel.form.narrative, "ab")
    bench.panel.form.paused.emit()
    written = [told for told in card.told if isinstance(told, Draft)]
    assert written[-1].narrative == "ab"
    assert card.shown is Show.OPEN
    await bench.settle()


async def test_that_an_opened_card_stays_open_until_another_incident_is_shown(bench: Bench) -> None:
    card = Notes(bench.theme)
    bench.panel.plug("form", card)
    number = gas(bench.desk)
    await bench.choose(number)
    assert card.shown is Show.LINE
    assert card.body.isHidden()
    assert card.summary == "两条"
    QTest.keyClick(card.findChildren(QAbstractButton)[0], Qt.Key.Key_Return)
    bench.panel.refresh()
    assert not card.body.isHidden()
    bench.selection.choose_incident("")
    await bench.choose(number)
    assert card.body.isHidden()


async def test_that_a_card_that_is_typed_in_is_not_shut_under_the_hand(bench: Bench) -> None:
    card = Notes(bench.theme)
    bench.panel.plug("form", card)
    await bench.choose(gas(bench.desk))
    card.say(Show.OPEN)
    bench.panel.activateWindow()
    card.field.setFocus()
    card.say(Show.LINE)
    assert not card.body.isHidden()


def test_that_the_callers_card_is_one_line_where_there_is_little_room_until_a_person_opens_it(theme: Theme) -> None:
    stack, card = CardStack(theme), Notes(theme)
    stack.show_low(True)
    stack.plug("caller", card)
    card.say(Show.OPEN, "两次来电")
    assert (card.shown, card.body.isHidden()) == (Show.LINE, True)
    card.open()
    assert not card.body.isHidden()
    card.about("ZZ20261121-0002")
    assert card.body.isHidden()
    stack.show_low(False)
    assert not card.body.isHidden()
