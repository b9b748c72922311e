"""A field that finds: typed words, initials or a code bring up a list below it; the hands stay on the keys.

The list is a plain child of the window, not a pop-up window: it takes no focus, grabs no keys, and an input
method that is composing never reaches it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget
from typing_extensions import override

from widgets.theme import Theme

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
SHOWN = 8
"""Rows of the list that are visible at once."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `key` is its id, `text` what the field shows, `detail` what else helps to choose."""

    key: str
    text: str
    detail: str = ""


Search = Callable[[str], Sequence[Choice]]


class _List(QFrame):
    """The list below the field."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = QListWidget()
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(4), theme.px(4), theme.px(4), theme.px(4))
        layout.addWidget(self.rows)


class ComposingLine(QLineEdit):
    """A line that knows when an input method is composing in it: Enter then belongs to the input method."""

    def __init__(self) -> None:
        super().__init__()
        self.composing = False

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.composing and event.key() in (*ENTER, Qt.Key.Key_Escape):
            event.accept()
            return
        super().keyPressEvent(event)


class Finder(ComposingLine):
    """`chosen` carries a Choice; `confirmed` follows if it was Enter that chose.

    With `strict` the first hit is always preselected (a code must be one of the
    table); without, only for initials, because free words are an answer too (a place nobody has named)."""

    chosen = Signal(object)
    confirmed = Signal()

    def __init__(self, theme: Theme, search: Search, *, strict: bool) -> None:
        super().__init__()
        self._theme, self._search, self._strict = theme, search, strict
        self._list: _List | None = None
        self._found: list[Choice] = []
        self.textEdited.connect(self._typed)

    @property
    def found(self) -> list[Choice]:
        """What the list shows; empty when it is closed."""
        return self._found if self.list_open else []

    @property
    def list_open(self) -> bool:
        return self._list is not None and self._list.isVisible()

    def close_list(self) -> None:
        if self._list is not None:
            self._list.hide()

    @Slot(str)
    def _typed(self, text: str) -> None:
        self._found = list(self._search(text)) if text.strip() else []
        spelled = text.strip().isascii() or self._strict
        if not self._found and not (text.strip() and spelled):
            self.close_list()
            return
        shown = self._open()
        shown.rows.clear()
        if not self._found:
            nothing = QListWidgetItem(self.tr("无匹配"))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            shown.rows.addItem(nothing)
        for choice in self._found:
            item = QListWidgetItem(f"{choice.text}　{choice.detail}".rstrip())
            item.setToolTip(choice.detail)
            shown.rows.addItem(item)
        shown.rows.setCurrentRow(0 if self._preselects(text) else -1)
        self._place(shown)

    def _preselects(self, text: str) -> bool:
        return bool(self._found) and (self._strict or text.isascii() or self._found[0].text == text)

    def _open(self) -> _List:
        if self._list is None or self._list.parentWidget() is not self.window():
            self._list = _List(self._theme, self.window())
            self._list.rows.itemClicked.connect(self._clicked)
        return self._list

    def _place(self, shown: _List) -> None:
        window, px = self.window(), self._theme.px
        height = min(shown.rows.count(), SHOWN) * max(shown.rows.sizeHintForRow(0), px(22)) + px(12)
        width = min(max(self.width(), px(300)), window.width() - px(8))
        below = self.mapTo(window, QPoint(0, self.height() + px(2)))
        if below.y() + height > window.height():
            below.setY(max(0, below.y() - height - self.height() - px(4)))
        below.setX(max(px(4), min(below.x(), window.width() - width - px(4))))
        shown.setGeometry(below.x(), below.y(), width, height)
        shown.show()
        shown.raise_()

    @Slot(QListWidgetItem)
    def _clicked(self, item: QListWidgetItem) -> None:
        self._take(item.listWidget().row(item))

    def _take(self, row: int) -> None:
        choice = self._found[row]
        self.close_list()
        self.setText(choice.text)
        self.chosen.emit(choice)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.close_list()
        super().focusOutEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        """Tab takes the marked row, as a shell does, and moves on."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab:
            self._take_marked()
        return super().event(event)

    def _take_marked(self) -> bool:
        if self._list is None or not self.list_open or self._list.rows.currentRow() < 0:
            return False
        self._take(self._list.rows.currentRow())
        return True

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.composing and self.list_open and self._steer(event):
            event.accept()
            return
        super().keyPressEvent(event)

    def _steer(self, event: QKeyEvent) -> bool:
        """Move in the list or leave it; False if the key is none of the list's."""
        rows = self._open().rows
        key = event.key()
        if self._found and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            rows.setCurrentRow((rows.currentRow() + step) % rows.count())
            return True
        if key == Qt.Key.Key_Escape:
            self.close_list()
            return True
        if key in ENTER and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            taken = self._take_marked()
            if taken:
                self.confirmed.emit()
            return taken
        return False
