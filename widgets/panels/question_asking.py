"""One question as it is asked: big enough to read aloud, its options with their digits, or a line to type into.

It keeps what was being typed for each question, so that looking at another incident loses nothing.
"""

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QVBoxLayout
from typing_extensions import override

from console.domain.protocol import PLACE_OF_OPTION, Option, Question, Words
from widgets.panels.parts import FlowLayout, chip, label
from widgets.text import said
from widgets.theme import Theme

KEPT = 200
"""So many unfinished answers are remembered; a shift has fewer."""

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def in_language(words: Words) -> str:
    """The text in the language of the windows, which a county's own protocol brings along itself."""
    english = said("是") != "是"
    return words.en if english else words.zh


def option_text(option: Option) -> str:
    """An option's words in the language of the windows."""
    return in_language(Words(option.zh, option.en))


class QuestionAsking(QFrame):
    """`answered` carries what was said: option values joined by commas, or what was typed. `left`: Esc in the line.

    Digits 1–9 pick an option while it has the focus; Enter sends what is typed or ticked, or goes on where an answer
    stands already (`passed`).
    """

    answered = Signal(str)
    passed = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.question: Question | None = None
        self._about = ""
        self._before = ""
        self._ticked: list[str] = []
        self._typed: dict[tuple[str, str], str] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        self.text = label("", "title", wrap=True)
        self.text.setFont(theme.font("title"))
        layout.addWidget(self.text)
        self.options: list[QPushButton] = []
        flow = FlowLayout(theme.px(6))
        for digit in PLACE_OF_OPTION:
            button = chip(digit)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(self._clicked)
            self.options.append(button)
            flow.addWidget(button)
        layout.addLayout(flow)
        self.line = QLineEdit()
        self.line.returnPressed.connect(self._entered)
        self.line.textChanged.connect(self._keep)
        layout.addWidget(self.line)

    # -- what is shown -------------------------------------------------------------------------------------------

    def ask(self, about: str, question: Question | None, before: str, *, allowed: bool) -> None:
        """Show a question of the incident `about`; `before` is the answer that stands ('' = none)."""
        new = (about, question.id if question else "") != (self._about, self.question.id if self.question else "")
        at = self.window().focusWidget()
        focused = at is not None and (at is self or self.isAncestorOf(at))
        self._about, self.question = about, question
        if new:
            self._before = before
            self._ticked = before.split(",") if question is not None and question.type == "multi" and before else []
            self._fill(question, before)
        self._show_options(allowed)
        if new and focused:
            self.take_focus()

    def _fill(self, question: Question | None, before: str) -> None:
        self.text.setText(in_language(question.text) if question else "")
        self.text.setToolTip(question.text.zh if question else "")
        typed = question is not None and not question.choices
        self.line.setVisible(typed)
        if question is not None and typed:
            self.line.setText(self._typed.get((self._about, question.id), before))
            self.line.setPlaceholderText(_hint(question))
            self.line.setAccessibleName(self.text.text())

    def _show_options(self, allowed: bool) -> None:
        choices = self.question.choices if self.question is not None else ()
        marked = self._ticked if self.question is not None and self.question.type == "multi" else [self._before]
        for place, button in enumerate(self.options):
            button.setVisible(place < len(choices))
            button.setEnabled(allowed)
            if place < len(choices):
                words = option_text(choices[place])
                tick = "✓ " if choices[place].value in marked else ""
                button.setText(f"{place + 1} {tick}{words}")
                button.setToolTip(f"Alt+{place + 1}")
                button.setAccessibleName(f"{place + 1} {words}")
        self.line.setReadOnly(not allowed)

    def take_focus(self) -> None:
        """The keys come here: to the line where one is typed into, else to the question itself."""
        where = self.line if self.question is not None and not self.question.choices else self
        where.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def being_typed(self) -> bool:
        """Whether words stand in the line that are not saved yet."""
        return bool(self.line.isVisibleTo(self) and self.line.text().strip() and self.line.text() != self._before)

    def forget(self) -> None:
        """What was typed is saved now."""
        if self.question is not None:
            self._typed.pop((self._about, self.question.id), None)

    # -- what a person does --------------------------------------------------------------------------------------

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = PLACE_OF_OPTION.find(event.text()) if event.text() and self.hasFocus() else -1
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and 0 <= place < len(self.question.choices if self.question else ()):
            self.pick(place)
        elif plain and event.key() in ENTER and self.hasFocus():
            self._entered()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def pick(self, place: int) -> None:
        """An option by its place; of several that may be true each is ticked, and Enter sends them."""
        if self.question is None or not self.options[place].isEnabled():
            return
        value = self.question.choices[place].value
        if self.question.type != "multi":
            self.answered.emit(value)
            return
        self._ticked = [v for v in self._ticked if v != value] if value in self._ticked else [*self._ticked, value]
        self._show_options(allowed=True)

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.pick(self.options.index(button))

    @Slot()
    def _entered(self) -> None:
        if self.question is None:
            return
        answer = self.line.text().strip() if not self.question.choices else ",".join(self._ticked)
        if answer and answer != self._before:
            self.answered.emit(answer)
        elif self._before:
            self.passed.emit()
        elif not self.question.choices:
            self.answered.emit("")

    @Slot(str)
    def _keep(self, text: str) -> None:
        if self.question is None or self.question.choices:
            return
        while len(self._typed) > KEPT:
            self._typed.pop(next(iter(self._typed)))
        if text != self._before:
            self._typed[self._about, self.question.id] = text


def _hint(question: Question) -> str:
    hints = {
        "number": QCoreApplication.translate("QuestionAsking", "填数字，回车记录"),
        "place": QCoreApplication.translate("QuestionAsking", "填地点，回车记录"),
        "person": QCoreApplication.translate("QuestionAsking", "填人员情况，回车记录"),
    }
    return hints.get(question.type, QCoreApplication.translate("QuestionAsking", "回车记录"))
