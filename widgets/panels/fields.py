"""The fields of the form that know more than a plain line: the masked phone, the level, the narrative.

Each keeps what a person typed: Esc and a change from outside never take it away.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QIcon,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QSizePolicy
from typing_extensions import override

from console.domain.reference import IncidentCode, Reference
from console.domain.routing import Match
from console.services.places import Place
from console.spelling.initials import kinds_meant, spelling
from widgets.paint import paint_priority
from widgets.panels.finder import ENTER, Choice, ComposingLine
from widgets.text import masked, word
from widgets.theme import Theme
from widgets.wording import priority_name

LEVELS = (1, 2, 3, 4)
KINDS_SHOWN = 30
MEANT_SHOWN = 3
"""So many codes at most are brought up by two letters; they come before every other match."""


def code_text(reference: Reference, code: str) -> str:
    """求助 › 燃气泄漏: the class and the leaf; '' for none, the bare code if the tables do not hold it."""
    path = reference.path(code)
    if not path:
        return code
    names = [word(path[-1].group.removesuffix("类")), word(path[-1].name)]
    return " › ".join(dict.fromkeys(names))


def find_kinds(reference: Reference, text: str) -> list[Choice]:
    """Codes for a typed text: what its letters stand for first, then number, start of a name, initials or whole
    pinyin, part of it; leaves before classes."""
    typed = text.strip().lower()
    parents = {code.parent for code in reference.codes.values()}
    first = {code: rank - MEANT_SHOWN for rank, code in enumerate(kinds_meant(typed))}
    ranked = []
    for code in reference.codes.values():
        rank = first.get(code.code, _closeness(code, typed))
        if rank is not None:
            ranked.append((rank, code.code in parents, len(code.name), code))
    ordered = sorted(ranked, key=lambda row: row[:3])[:KINDS_SHOWN]
    return [Choice(code.code, code_text(reference, code.code), code.code) for *_, code in ordered]


def _closeness(code: IncidentCode, typed: str) -> int | None:
    name = code.name.lower()
    if typed in (code.code, name):
        return 0
    if name.startswith(typed) or (typed.isdigit() and code.code.startswith(typed)):
        return 1
    if code.initials.startswith(typed) or _spelled(name, typed):
        return 2
    if typed in name:
        return 3
    return 4 if len(typed) > 1 and typed in code.initials else None


def _spelled(name: str, typed: str) -> bool:
    return len(typed) > 2 and typed.isascii() and spelling(name).startswith(typed)


def place_choice(place: Place) -> Choice:
    """A place as the list shows it: its beat helps to tell two of the same name apart."""
    return Choice(place.name, place.name, f"{place.beat} {place.address}".strip())


class PhoneEdit(ComposingLine):
    """A phone number, shown masked unless it is being typed. `number` is the whole one."""

    def __init__(self) -> None:
        super().__init__()
        self._number = ""
        self.setInputMethodHints(Qt.InputMethodHint.ImhDialableCharactersOnly)
        self.textEdited.connect(self._typed)

    @property
    def number(self) -> str:
        return self._number

    def set_number(self, number: str) -> None:
        self._number = number
        self._show()

    def _typed(self, text: str) -> None:
        self._number = text.strip()

    def _show(self) -> None:
        self.setText(self._number if self.hasFocus() else masked(self._number))

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.setText(self._number)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show()


class LevelBox(QComboBox):
    """The four levels, each with shape, numeral and name. Item data is the level; the first item of a new
    incident is 0, the level its kind and words give it."""

    def __init__(self, theme: Theme, reference: Reference) -> None:
        super().__init__()
        self._theme = theme
        self._reference = reference
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._short = False
        side = theme.px(16)
        self.setIconSize(QSize(side, side))
        for level in LEVELS:
            self.addItem(self._icon(level), self._name(level), level)

    def _name(self, level: int) -> str:
        number = priority_name(level)
        return number if self._short else f"{number} {word(self._reference.stages[level].name)}"

    def show_short(self, short: bool) -> None:
        """Numbers only, where the column is narrow."""
        self._short = short
        for level in LEVELS:
            self.setItemText(level - 1, self._name(level))
        self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        px, metrics = self._theme.px, self._theme.metrics("base")
        text = max(metrics.horizontalAdvance(self._name(level)) for level in LEVELS)
        return QSize(text + px(16 + 8 + 16 + 22), super().sizeHint().height())

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self._theme.color("muted"))
        box = self.rect().adjusted(0, 0, -self._theme.px(8), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "▾")
        painter.end()

    def _icon(self, level: int) -> QIcon:
        side = self._theme.px(16)
        image = QPixmap(side * 2, side * 2)
        image.setDevicePixelRatio(2)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        paint_priority(painter, self._theme, QRectF(1, 1, side - 2, side - 2), level)
        painter.end()
        return QIcon(image)

    @property
    def level(self) -> int:
        return int(self.currentData())

    def set_level(self, level: int) -> None:
        self.setCurrentIndex(level - 1)


class _Highlighter(QSyntaxHighlighter):
    """Marks the words that counted."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme
        self.words: tuple[tuple[int, int], ...] = ()

    @override
    def highlightBlock(self, text: str) -> None:
        start = self.currentBlock().position()
        marked = QTextCharFormat()
        ink = QColor(self._theme.color("linkage"))
        marked.setForeground(ink)
        marked.setFontUnderline(True)  # not by colour alone
        for at, length in self.words:
            left, right = max(at - start, 0), min(at + length - start, len(text))
            if left < right:
                self.setFormat(left, right - left, marked)


class NarrativeEdit(QPlainTextEdit):
    """What the caller says. `typed` is emitted for strokes only, `left` and `saved` for Esc and Ctrl+Enter,
    `finished` when the focus goes."""

    typed = Signal()
    saved = Signal()
    left = Signal()
    finished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._highlighter = _Highlighter(theme, self.document())
        self._text = ""
        self._composing = False
        self.setTabChangesFocus(True)
        self.setFixedHeight(theme.px(66))
        self.textChanged.connect(self._changed)

    def set_text(self, text: str) -> None:
        """Another text, not typed by the person."""
        self._text = text
        self.setPlainText(text)

    def highlight(self, words: Sequence[Match]) -> None:
        """Mark the words that counted."""
        spans = tuple((match.start, len(match.word)) for match in words)
        if spans != self._highlighter.words:
            self._highlighter.words = spans
            self._highlighter.rehighlight()

    def _changed(self) -> None:
        text = self.toPlainText()
        if text != self._text:  # highlighting changes formats, not text
            self._text = text
            self.typed.emit()

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self._composing:
            super().keyPressEvent(event)
        elif event.key() in ENTER and ctrl:
            self.saved.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finished.emit()
