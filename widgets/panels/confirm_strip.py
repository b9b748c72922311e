"""The confirmation strip 确认条: who will be told, by what, each with its tick; one Enter does it, Esc does nothing.

It stands between a key and everything that leaves the house: bulletins and reports of major incidents. An Enter that
is still held from before is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidgetItem, QVBoxLayout
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.keys import is_held
from widgets.panels.finder import ENTER
from widgets.panels.names import Names
from widgets.panels.parts import label
from widgets.theme import Theme

PLACES = 9
"""So many have a digit of their own."""


@dataclass(frozen=True, slots=True)
class Told:
    """One who will be told: `text` names him, `by` by what."""

    key: str
    text: str
    by: str


class ConfirmStrip(QFrame):
    """`confirmed` carries the keys of the ticked, `left` is Esc."""

    confirmed = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: Sequence[Told] = ()
        self._ticked: set[str] = set()
        self.title, self.said = label("", "strong", wrap=True), label("", "muted", wrap=True)
        self.list = Names()
        self.list.setAccessibleName(self.tr("将通知的人"))
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._clicked)
        self.go = KeyButton(theme, "Enter", self.tr("确认发出"), "accent", height=40)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=40)
        self.go.clicked.connect(self._confirm)
        self.back.clicked.connect(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        for piece in (self.title, self.said):
            column.addWidget(piece)
        # Above the list: in a low window the last names may be out of sight, what Enter does never is.
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.go)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self.list, 1)

    def ask(self, title: str, said: str, rows: Sequence[Told], go: str) -> None:
        """Name them; all are ticked, and the list takes the keys."""
        self._rows, self._ticked = rows, {row.key for row in rows}
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.go.show_text(go)
        self.list.clear()
        for row in rows:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, row.key)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._write()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def ticked(self) -> tuple[str, ...]:
        """Whom one Enter tells, in the order of the list."""
        return tuple(row.key for row in self._rows if row.key in self._ticked)

    def texts(self) -> list[str]:
        """The lines as they stand."""
        return [self.list.item(n).text() for n in range(self.list.count())]

    def _write(self) -> None:
        for place, row in enumerate(self._rows):
            number = f"{place + 1} " if place < PLACES else ""
            box = "■" if row.key in self._ticked else "□"
            text = f"{box} {number}{row.text} · {row.by}"
            self.list.item(place).setText(text)
            self.list.item(place).setToolTip(text)
        self.go.setEnabled(bool(self._ticked))
        self.go.setToolTip("" if self._ticked else self.tr("没有勾选通知对象"))

    def _toggle(self, place: int) -> None:
        if 0 <= place < len(self._rows):
            self._ticked ^= {self._rows[place].key}
            self.list.setCurrentRow(place)
            self._write()

    @Slot(QListWidgetItem)
    def _clicked(self, item: QListWidgetItem) -> None:
        self._toggle(self.list.row(item))

    @Slot()
    def _confirm(self) -> None:
        if self._ticked:
            self.confirmed.emit(self.ticked)

    @override
    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if is_held(event, ENTER):
            return True  # The Enter that opened the strip does not answer it.
        if event.key() in ENTER:
            self._confirm()
        elif event.key() == Qt.Key.Key_Space:
            self._toggle(self.list.currentRow())
        elif event.text().isdigit() and event.text() != "0":
            self._toggle(int(event.text()) - 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return False
        return True
