"""Keys of a window: one action per command of the table, with all its keys, for the whole window.

F-keys and keys with Ctrl or Alt work wherever the focus is, also while an input method composes; `?` belongs
to a text field that has the focus (Qt offers it to the field first). A held key acts once.
"""

from collections.abc import Callable, Container, Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from console.commands import BY_ID, Command
from widgets.text import grammar_text, word


def keeps(event: QEvent, is_own: Callable[[QKeyEvent], object]) -> bool:
    """Whether a pane keeps a key that is its own while it has the keys, and a command of the window otherwise.

    To be asked in its `event`, which then answers True: Qt looks here before it does the command.
    """
    if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_own(event):
        event.accept()
        return True
    return False


def is_alt(event: QKeyEvent, keys: Container[int]) -> bool:
    """Whether it is one of these keys with Alt and nothing else: Ctrl+Alt+R is another command than Alt+R."""
    return event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in keys


def is_held(event: QKeyEvent, keys: Container[int]) -> bool:
    """Whether one of these keys is still held: what a press has asked must not be answered by its repeat."""
    return event.isAutoRepeat() and event.key() in keys


class CommandKeys(QObject):
    """The actions of a window, by the ids of their commands; keys and menu entries are the same actions.

    `asked` carries the id of a command to be done; `begun` the verb of one that needs more words, for the
    command line. It holds nothing of the window but the actions that the window owns.
    """

    asked = Signal(object)
    begun = Signal(object)

    def __init__(self, window: QWidget, table: Iterable[Command]) -> None:
        """ValueError if two commands want one key: an ambiguous key would do nothing."""
        super().__init__(window)
        self._taken: dict[str, str] = {}
        self.actions: dict[str, QAction] = {}
        for command in table:
            self._take_keys(command)
            self.actions[command.id] = self._action(command, window)
            window.addAction(self.actions[command.id])

    def _take_keys(self, command: Command) -> None:
        for key in command.keys:
            other = self._taken.setdefault(QKeySequence(key).toString(), command.id)
            if other != command.id:
                raise ValueError(f"{key}: {other} and {command.id}")

    def _action(self, command: Command, window: QWidget) -> QAction:
        action = QAction(word(command.title) + ("…" if command.needs_words else ""), window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(False)
        action.setToolTip(f"{word(command.title)}\n{grammar_text(command)}".strip())
        action.triggered.connect(self._go)
        return action

    @Slot()
    def _go(self) -> None:
        command = BY_ID[self.sender().objectName()]
        if command.needs_words and not command.keys:
            self.begun.emit(f"{grammar_text(command).partition(' ')[0]} ")
        else:
            self.asked.emit(command.id)
