"""The sheet that asks: a title, a few fields, a few answers, inside the column and never a window of its own.

Everything that needs a reason, a name or a text goes through it: reports on behalf of a unit or an agency,
withdrawing, closing, merging. What was typed stays in it until it was used (Esc never discards).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid
from typing_extensions import override

from widgets.allowed import show_allowed
from widgets.panels.finder import ENTER, Choice, ComposingLine, Finder, Search
from widgets.panels.parts import FlowLayout, chip, label
from widgets.text import said
from widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class Question:
    """A field of the sheet. With `search` it finds; its value is then the key of what was chosen."""

    key: str
    label: str
    hint: str = ""
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A button of the sheet; the fields in `needs` must not be empty for it. With a `why` it is disabled."""

    key: str
    text: str
    needs: tuple[str, ...] = ()
    why: str = ""


Then = Callable[[str, Mapping[str, str]], None]
"""Called with the answer's key and the values of the fields."""


class AskSheet(QFrame):
    """One question at a time. `opened` and `closed` let the column make room and take the focus back."""

    opened = Signal()
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._typed: dict[str, dict[str, str]] = {}
        self._title = ""
        self._answers: Sequence[Answer] = ()
        self._then: Then | None = None
        self._fields: dict[str, QLineEdit] = {}
        self._keys: dict[str, str] = {}
        self._body: QWidget | None = None
        self._before: QWidget | None = None
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = QVBoxLayout(self)
        px = theme.px
        self._layout.setContentsMargins(px(10), px(8), px(10), px(10))
        self._layout.setSpacing(px(6))
        self.hide()

    @property
    def fields(self) -> dict[str, QLineEdit]:
        return self._fields

    @property
    def title(self) -> str:
        """What is asked; '' while nothing is."""
        return "" if self.isHidden() else self._title

    def ask(self, title: str, questions: Sequence[Question], answers: Sequence[Answer], then: Then) -> None:
        """Ask; the first field, or the first answer, takes the focus."""
        self._remember()
        if self.isHidden():
            self._before = QApplication.focusWidget()
        self._title, self._answers, self._then = title, answers, then
        self.setAccessibleName(title)
        self._rebuild(questions)
        self.show()
        self.opened.emit()
        first = next(iter(self._fields.values()), None) or self.findChild(QPushButton)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_sheet(self) -> None:
        """Put it away; what was typed is there again when the same is asked."""
        if not self.isHidden():
            self._remember()
            self._go()

    def _remember(self) -> None:
        if self._title:
            self._typed[self._title] = {key: field.text() for key, field in self._fields.items()}

    def _rebuild(self, questions: Sequence[Question]) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        px = self._theme.px
        self._body = QWidget()
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(px(6))
        grid.addWidget(label(self._title, "strong", wrap=True), 0, 0, 1, 2)
        self._fields, self._keys = {}, {}
        for row, question in enumerate(questions, 1):
            grid.addWidget(label(question.label, "muted"), row, 0)
            grid.addWidget(self._field(question), row, 1)
        self._wrong = label("", "small", wrap=True)
        self._wrong.hide()
        grid.addWidget(self._wrong, len(questions) + 1, 0, 1, 2)
        grid.addLayout(self._buttons(), len(questions) + 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self._layout.addWidget(self._body)

    def _field(self, question: Question) -> QLineEdit:
        field = Finder(self._theme, question.search, strict=True) if question.search is not None else ComposingLine()
        if isinstance(field, Finder):
            field.setProperty("question", question.key)
            field.chosen.connect(self._found)
        field.setText(self._typed.get(self._title, {}).get(question.key, ""))
        field.setPlaceholderText(question.hint)
        field.setAccessibleName(f"{self._title} {question.label}")
        self._fields[question.key] = field
        return field

    @Slot(object)
    def _found(self, choice: Choice) -> None:
        field = self.sender()
        if field is not None:
            self._keys[str(field.property("question"))] = choice.key

    def _buttons(self) -> FlowLayout:
        flow = FlowLayout(self._theme.px(6))
        for answer in (*self._answers, Answer("", self.tr("返回 Esc"))):
            button = chip(answer.text, f"{self._title} {answer.text}")
            button.setProperty("answer", answer.key)
            button.setMinimumHeight(self._theme.px(34))
            if answer.key and answer is self._usual:
                button.setProperty("role", "primary")
            show_allowed(button, answer.why)
            button.clicked.connect(self._clicked)
            flow.addWidget(button)
        return flow

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        self.answer(str(button.property("answer")) if button is not None else "")

    def answer(self, key: str) -> None:
        """Take an answer: '' leaves; a missing field is named and gets the focus."""
        chosen = next((answer for answer in self._answers if answer.key == key), None)
        if chosen is None or self._then is None:
            self.close_sheet()
            return
        if chosen.why:
            self._say_wrong(said(chosen.why))
            return
        values = {name: self._value(name) for name in self._fields}
        for name in chosen.needs:
            if not values[name]:
                self._say_missing(name)
                return
        self._typed.pop(self._title, None)
        self._title = ""
        then, self._then = self._then, None
        self._go()
        then(key, values)

    def _go(self) -> None:
        """Away; the focus returns to where it was."""
        self.hide()
        self.closed.emit()
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def _value(self, name: str) -> str:
        field = self._fields[name]
        return self._keys.get(name, "") if isinstance(field, Finder) else field.text().strip()

    def _say_missing(self, name: str) -> None:
        field = self._fields[name]
        said = field.accessibleName().removeprefix(self._title).strip()
        self._say_wrong(self.tr("请先填写：{field}").format(field=said))
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_wrong(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.show()

    @property
    def _usual(self) -> Answer | None:
        """What Enter means: the first answer that this person may give."""
        return next((answer for answer in self._answers if not answer.why), next(iter(self._answers), None))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        elif event.key() in ENTER and self._answers:
            focused = self.focusWidget()
            pressed = focused.property("answer") if isinstance(focused, QPushButton) and focused.hasFocus() else None
            usual = self._usual
            self.answer(str(pressed) if pressed is not None else usual.key if usual is not None else "")
        else:
            super().keyPressEvent(event)
