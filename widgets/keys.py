"""Keys of a window: one action per command of the table, with all its keys, for the whole window.

F-keys and keys with Ctrl or Alt work wherever the focus is, also while an input method composes; `?` belongs
to a text field that has the focus (Qt offers it to the field first). A held key acts once.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from console.commands import Command
from widgets.text import word

Perform = Callable[[str], object]
"""The window's door for a command, by its id."""

Write = Callable[[str], object]
"""Begins a command line with these words, for a command that needs more."""


class CommandAction(QAction):
    """A command as an action: its keys, its menu entry, and the same deed for both.

    A command that needs words is begun in the command line instead of being done.
    """

    def __init__(self, command: Command, perform: Perform, write: Write, parent: QObject) -> None:
        super().__init__(word(command.title), parent)
        self.command = command
        self._perform, self._write = perform, write
        self.setObjectName(command.id)
        self.setShortcuts([QKeySequence(key) for key in command.keys])
        self.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self.setAutoRepeat(False)
        self.setShortcutVisibleInContextMenu(True)
        if command.grammar:
            self.setToolTip(f"{self.text()}（{command.grammar}）")
            self.setStatusTip(command.grammar)
        self.triggered.connect(self._go)

    @Slot()
    def _go(self) -> None:
        if self.command.needs_words and not self.command.keys:
            self._write(f"{self.command.verbs[0]} ")
        else:
            self._perform(self.command.id)


def install_commands(
    window: QWidget, table: Iterable[Command], perform: Perform, write: Write
) -> dict[str, CommandAction]:
    """Give the window an action for each command; answers them by the commands' ids.

    ValueError if two commands want one key: an ambiguous key would do nothing.
    """
    taken: dict[str, str] = {}
    actions: dict[str, CommandAction] = {}
    for command in table:
        for key in command.keys:
            other = taken.setdefault(QKeySequence(key).toString(), command.id)
            if other != command.id:
                raise ValueError(f"{key}: {other} and {command.id}")
        actions[command.id] = CommandAction(command, perform, write, window)
        window.addAction(actions[command.id])
    return actions
