"""Messages to the person: code says what, the window decides where it stands. No message boxes.

Sentences of services and commands come in Chinese and are put into the language of the windows here.
"""

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from widgets.text import said

Level = Literal["info", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `error` is a refusal with its reason; `warn` something to look at; `info` what was done."""

    level: Level
    text: str


class Messages(QObject):
    """Says messages; `said` carries a Message. The last ones are kept for the message list."""

    said = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last: list[Message] = []

    def info(self, text: str) -> None:
        self._say(Message("info", text))

    def warn(self, text: str) -> None:
        self._say(Message("warn", text))

    def error(self, text: str) -> None:
        self._say(Message("error", text))

    def _say(self, message: Message) -> None:
        message = replace(message, text=said(message.text))
        self.last = [*self.last[-49:], message]
        self.said.emit(message)
