"""The menu of all desk commands, by group, from the table: what a key does, a hand on the mouse finds here."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from console.commands.card import groups
from widgets.text import word


def command_menu(actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """A menu with one submenu per group; entries show their keys, or … if they need words."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    for group, commands in groups():
        submenu = menu.addMenu(word(group))
        submenu.setToolTipsVisible(True)
        for command in commands:
            if command.id in actions:
                submenu.addAction(actions[command.id])
    return menu


def bench_menu(window: QWidget) -> QMenu:
    """The bench's keys that no button of its panes has."""
    known = {action.objectName(): action for action in window.actions()}
    menu = QMenu(window)
    for name in ("lock", "hand_over", "language"):
        menu.addAction(known[name])
    return menu


def seat_menu(actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """What may be done with the seat, for a press on who sits here."""
    menu = QMenu(parent)
    for command in ("seat.lock", "seat.hand_over", "seat.approvals", "seat.sign_off"):
        menu.addAction(actions[command])
    return menu
