"""The bar of incidents that were chosen while the person was writing: they wait, the words stay where they are.

F1 and F2 choose an incident while a caller is speaking. What is being written keeps column and cursor; the
chosen incident is named here, with the key that opens it.
"""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from widgets.panels.parts import FlowLayout, chip, label
from widgets.text import word
from widgets.theme import Theme

KEY = "Ctrl+O"
"""Opens the incident that waits longest, from wherever the focus is."""


class WaitingBar(QFrame):
    """`opened` carries the number of the incident whose button was pressed. Hidden while none waits."""

    opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: dict[str, str] = {}
        self.buttons: list[QPushButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        self._body: QWidget | None = None
        self.setAccessibleName(self.tr("等待打开的警情"))
        self._key = QShortcut(QKeySequence(KEY), self)  # a button's own shortcut is 100 ms late
        self._key.activated.connect(self._open_first)
        self.hide()

    @property
    def shown(self) -> dict[str, str]:
        """Number -> what is said about the incident, the one that waits longest first."""
        return self._shown

    def show_waiting(self, waiting: Mapping[str, str]) -> None:
        """Name every incident that waits."""
        if dict(waiting) != self._shown:
            self._shown = dict(waiting)
            self._rebuild()

    def _rebuild(self) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        self._body, self.buttons = QWidget(), []
        flow = FlowLayout(self._theme.px(6))
        self._body.setLayout(flow)
        for number, said in self._shown.items():
            flow.addWidget(label(f"● {said}", "strong"))
            flow.addWidget(self._button(number))
        self._layout.addWidget(self._body)
        self.setAccessibleDescription(word("；").join(self._shown.values()))
        self.setVisible(bool(self._shown))

    def _button(self, number: str) -> QPushButton:
        first, short = not self.buttons, number.rpartition("-")[2]
        text = self.tr("打开 {number}").format(number=short)
        button = chip(f"{KEY} {text}" if first else text, text)
        button.setProperty("number", number)
        button.clicked.connect(self._clicked)
        self.buttons.append(button)
        return button

    @Slot()
    def _open_first(self) -> None:
        self.opened.emit(next(iter(self._shown)))

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if button is not None:
            self.opened.emit(str(button.property("number")))

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        return self._layout.heightForWidth(width)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        painter.fillRect(box, self._theme.color("panel2"))
        painter.fillRect(QRectF(0, 0, self._theme.px(4), box.height()), self._theme.color("bad"))
        painter.end()
