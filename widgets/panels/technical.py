"""The technical sheet 技术事件: what asks for a technician, kind and place first, quiet; shelved, brought back, closed.

↑ ↓ choose, Alt+S shelves for the minutes and the reason in the line, Alt+U takes it back, Alt+D closes with what was
found, Esc leaves. It lies where sheets lie, over queue and map, never over the alarm strip. When the chosen one goes
none is chosen: ↓ takes the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidgetItem, QVBoxLayout
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.keys import is_alt, is_held, keeps
from widgets.layouts import ElidedLabel
from widgets.panels.kept_list import STEPS, KeptList
from widgets.panels.parts import label
from widgets.panels.sheet_line import SheetLine
from widgets.text import word
from widgets.theme import Theme

MINUTES = 30
"""How long it is shelved if the line does not begin with a number."""

KEYS = (Qt.Key.Key_S, Qt.Key.Key_U, Qt.Key.Key_D)
_LINE = re.compile(r"\s*(?:(\d+)\s*(?:分钟|分)?\s*)?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TechnicalRow:
    """One row in words; `shelved` is drawn muted. `shelves`, `takes_back`, `closes`: what its state allows."""

    key: str
    text: str
    said: str
    shelved: bool = False
    shelves: bool = True
    takes_back: bool = False
    closes: bool = True


def is_own(event: QKeyEvent) -> bool:
    """Whether the sheet has this key for itself: Alt+S, Alt+U, Alt+D."""
    return is_alt(event, KEYS)


class TechnicalSheet(QFrame):
    """`shelved` carries key, minutes and reason; `taken_back` and `closed` key and reason; `left`: Esc."""

    shelved = Signal(str, int, str)
    taken_back = Signal(str, str)
    closed = Signal(str, str)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: Sequence[TechnicalRow] = ()
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("技术事件"))
        self.title = ElidedLabel(theme, "spot", "text", self.tr("技术事件标题"), room=160)
        self.list = KeptList()
        self.reason = SheetLine(is_own)
        self.told = label("", "muted", wrap=True)
        self.shelve = KeyButton(theme, "Alt S", self.tr("搁置"), height=40)
        self.take_back = KeyButton(theme, "Alt U", self.tr("取消搁置"), height=40)
        self.close_one = KeyButton(theme, "Alt D", self.tr("关闭"), height=40)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=40)
        self._build()
        self._connect()

    def _build(self) -> None:
        px = self._theme.px
        self.list.setAccessibleName(self.tr("技术事件列表"))
        self.list.setSpacing(px(2))
        self.reason.setAccessibleName(self.tr("搁置分钟和理由，或处理结果"))
        self.reason.setPlaceholderText(self.tr("例：30 等待维修（搁置 ≤ 60 分钟）；关闭时写处理结果"))
        self.reason.setMinimumHeight(px(36))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(10))
        column.addWidget(self.title)
        column.addWidget(label(self.tr("设备需要技术员处理，不派警；一键报警不在此列，不能搁置"), "muted", wrap=True))
        column.addWidget(self.list, 1)
        column.addWidget(self.reason)
        column.addWidget(self.told)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.shelve, self.take_back, self.close_one):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show_buttons)
        self.shelve.clicked.connect(self._shelve)
        self.take_back.clicked.connect(self._take_back)
        self.close_one.clicked.connect(self._close_one)
        self.back.clicked.connect(self.left)

    @property
    def chosen(self) -> TechnicalRow | None:
        """The row the keys mean."""
        at = self.list.currentRow()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def show_rows(self, title: str, rows: Sequence[TechnicalRow]) -> None:
        """The lane; the chosen row stays chosen while it is there, and nothing is drawn anew that is as it was."""
        self.title.show_text(title)
        if tuple(rows) == self._rows and rows:
            return
        self._rows = tuple(rows)
        self.list.fill((row.key, self._item(row)) for row in rows)
        self._show_buttons()

    def _item(self, row: TechnicalRow) -> QListWidgetItem:
        item = QListWidgetItem(f"{row.text}\n{row.said}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.text}{word('，')}{row.said}")
        if row.shelved:
            item.setForeground(self._theme.color("muted"))
        return item

    def take_focus(self) -> None:
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, text: str) -> None:
        """A word below the line."""
        self.told.setText(text)
        self.told.setVisible(bool(text))

    @Slot()
    def _show_buttons(self) -> None:
        row = self.chosen
        self.shelve.setEnabled(row is not None and row.shelves)
        self.take_back.setVisible(row is not None and row.takes_back)
        self.close_one.setEnabled(row is not None and row.closes)
        gone = self.tr("该事件已处理或已按点位合并，请重新选择")
        nobody = gone if self._rows else self.tr("没有技术事件：各点位设备和线路正常")
        self.tell("" if row is not None else nobody)

    # -- what a person does ----------------------------------------------------------------------------------

    @Slot()
    def _shelve(self) -> None:
        row = self.chosen
        if row is None or not row.shelves:
            return
        found = _LINE.fullmatch(self.reason.text())
        minutes, reason = (found[1], found[2].strip()) if found is not None else (None, "")
        if not reason:
            self._ask(self.tr("搁置须写明理由，例：30 等待维修"))
            return
        self.reason.clear()
        self.shelved.emit(row.key, int(minutes) if minutes else MINUTES, reason)

    @Slot()
    def _take_back(self) -> None:
        row = self.chosen
        if row is not None and row.takes_back:
            self.taken_back.emit(row.key, self._take_reason())

    @Slot()
    def _close_one(self) -> None:
        row = self.chosen
        if row is None or not row.closes:
            return
        if not self.reason.text().strip():
            self._ask(self.tr("关闭须写明处理结果，例：已更换电池"))
            return
        self.closed.emit(row.key, self._take_reason())

    def _ask(self, text: str) -> None:
        self.tell(text)
        self.take_focus()

    def _take_reason(self) -> str:
        said = self.reason.text().strip()
        self.reason.clear()
        return said

    @override
    def event(self, event: QEvent) -> bool:
        """While the sheet has the keys its own are not the window's commands of the same keys."""
        return keeps(event, is_own) or super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = {Qt.Key.Key_S: self._shelve, Qt.Key.Key_U: self._take_back, Qt.Key.Key_D: self._close_one}
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in STEPS:
            self.list.step(STEPS[Qt.Key(event.key())])
        elif is_own(event):
            if not is_held(event, KEYS):
                acts[Qt.Key(event.key())]()
        else:
            super().keyPressEvent(event)
