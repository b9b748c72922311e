"""The room around one incident: whose it is, who else has it open and types where, who asks for one of mine.

It stands below the head of the incident column and is hidden while there is nothing to say. A silent seat (失联) is
said in words and never left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.panels.parts import FlowLayout, Tag, label
from widgets.text import word
from widgets.theme import Theme

GIVE, TAKE = "Ctrl+G", "Ctrl+T"
Said = tuple[str, str]
"""A text and its colour's token."""


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for an incident of mine: its number, the sentence that says so, and the time that is left."""

    number: str
    text: str
    left: str = ""


class RoomBar(QFrame):
    """`asked` carries a command line: 让出 0190, 接手 0190."""

    asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._people: tuple[Said, ...] = ()
        self._requests: tuple[Request, ...] = ()
        self._taking = ""
        self.tags: list[Tag] = []
        self.buttons: list[KeyButton] = []
        self._left: list[QLabel] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._body: QWidget | None = None
        self.setAccessibleName(self.tr("席位"))
        self.hide()

    @property
    def said(self) -> list[str]:
        """Everything it says, line by line."""
        return [*(text for text, _ in self._people), *(f"{r.text}{r.left}" for r in self._requests)]

    def show_room(self, people: Sequence[Said], requests: Sequence[Request], taking: str) -> None:
        """People at the incident; requests for mine; `taking` is the number of an incident that may be taken now."""
        before = self._shape()
        self._people, self._requests, self._taking = tuple(people), tuple(requests), taking
        if self._shape() != before:
            self._rebuild()  # never for a text alone: a button that is being pressed must stay
        for (text, color), tag in zip(self._people, self.tags, strict=True):
            if tag.text != text:
                tag.show_text(text, color)
        for request, left in zip(self._requests, self._left, strict=True):
            left.setText(f"{request.text}{request.left}")
        self.setAccessibleDescription(word("；").join(self.said))

    def _shape(self) -> tuple[object, ...]:
        return [color for _, color in self._people], [r.number for r in self._requests], self._taking

    def _rebuild(self) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        self._body, self.tags, self.buttons, self._left = QWidget(), [], [], []
        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(self._theme.px(4))
        for request in self._requests:
            rows.addWidget(self._request(request))
        if self._people or self._taking:
            rows.addWidget(self._present())
        self._layout.addWidget(self._body)
        self.setVisible(bool(self._people or self._requests or self._taking))

    def _request(self, request: Request) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        said = label(request.text, "strong", wrap=True)
        self._left.append(said)
        layout.addWidget(said, 1)
        layout.addWidget(self._button(GIVE, self.tr("让出"), f"让出 {request.number}"))
        return row

    def _present(self) -> QWidget:
        row, flow = QWidget(), FlowLayout(self._theme.px(6))
        row.setLayout(flow)  # first: a tag that is shown without a place would be a window of its own
        for text, color in self._people:
            tag = Tag(self._theme, color)
            flow.addWidget(tag)
            tag.show_text(text)
            self.tags.append(tag)
        if self._taking:
            flow.addWidget(self._button(TAKE, self.tr("接手"), f"接手 {self._taking}"))
        return row

    def _button(self, key: str, text: str, words: str) -> KeyButton:
        button = KeyButton(self._theme, key, text, height=28)
        button.setProperty("words", words)
        button.clicked.connect(self._clicked)
        self.buttons.append(button)
        return button

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if button is not None:
            self.asked.emit(str(button.property("words")))

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        return self._layout.heightForWidth(width)
