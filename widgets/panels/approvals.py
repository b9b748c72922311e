"""The approvals sheet 待批: what others ask a second person for, act, asker and reason in words, decided by keys.

↑ ↓ choose, Alt+Y grants, Alt+N refuses with a reason, Esc leaves. One's own requests stand below and may be
taken back; nobody decides on his own. A request that was decided or withdrawn leaves none chosen: ↓ takes the next,
so that no press and no held key grants what nobody has read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidgetItem, QVBoxLayout
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.keys import is_alt, is_held
from widgets.layouts import ElidedLabel
from widgets.panels.kept_list import STEPS, KeptList
from widgets.panels.parts import label
from widgets.panels.sheet_line import SheetLine
from widgets.text import said, word
from widgets.theme import Theme

KEYS = (Qt.Key.Key_Y, Qt.Key.Key_N)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One request in words. `own`: this person asked for it. `why`: why this person may not decide, '' if he may."""

    id: str
    text: str
    said: str
    own: bool = False
    why: str = ""


def is_own(event: QKeyEvent) -> bool:
    """Whether the sheet has this key for itself: Alt+Y, Alt+N."""
    return is_alt(event, KEYS)


class ApprovalsSheet(QFrame):
    """`granted` and `refused` carry id and answer, `withdrawn` an id; `left`: Esc."""

    granted = Signal(str, str)
    refused = Signal(str, str)
    withdrawn = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: Sequence[ApprovalRow] = ()
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("待批"))
        self.title = ElidedLabel(theme, "spot", "text", self.tr("待批标题"), room=160)
        self.list = KeptList()
        self.answer = SheetLine(is_own)
        self.told = label("", "wrong", wrap=True)
        self.grant = KeyButton(theme, "Alt Y", self.tr("批准"), height=40)
        self.refuse = KeyButton(theme, "Alt N", self.tr("不批准"), height=40)
        self.withdraw = KeyButton(theme, "", self.tr("撤回申请"), height=40)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=40)
        self._build()
        self._connect()

    def _build(self) -> None:
        px = self._theme.px
        self.list.setAccessibleName(self.tr("待批列表"))
        self.list.setSpacing(px(4))
        self.answer.setAccessibleName(self.tr("审批意见"))
        self.answer.setPlaceholderText(self.tr("审批意见（不批准须写明理由）"))
        self.answer.setMinimumHeight(px(36))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(10))
        column.addWidget(self.title)
        column.addWidget(label(self.tr("↑ ↓ 选择一条，写意见后批准或不批准；双方都记入日志"), "muted", wrap=True))
        column.addWidget(self.list, 1)
        column.addWidget(self.answer)
        column.addWidget(self.told)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.grant, self.refuse, self.withdraw):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show_buttons)
        self.grant.clicked.connect(self._grant)
        self.refuse.clicked.connect(self._refuse)
        self.withdraw.clicked.connect(self._withdraw)
        self.back.clicked.connect(self.left)

    @property
    def chosen(self) -> ApprovalRow | None:
        """The row the keys mean."""
        at = self.list.currentRow()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def show_rows(self, rows: Sequence[ApprovalRow]) -> None:
        """What waits; the chosen one stays chosen while it is there, and if it goes no other is."""
        self._rows = tuple(rows)
        self.title.show_text(self.tr("待批 {n} 件").format(n=sum(1 for row in rows if not row.own)))
        self.list.fill((row.id, self._item(row)) for row in rows)
        self._show_buttons()

    def _item(self, row: ApprovalRow) -> QListWidgetItem:
        text = self.tr("我的申请 · {text}").format(text=row.text) if row.own else row.text
        item = QListWidgetItem(f"{text}\n{row.said}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{text}{word('，')}{row.said}")
        return item

    def take_focus(self) -> None:
        self.answer.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _show_buttons(self) -> None:
        row = self.chosen
        may = row is not None and not row.own and not row.why
        for button in (self.grant, self.refuse):
            button.setVisible(row is None or not row.own)
            button.setEnabled(may)
            button.setToolTip(said(row.why) if row is not None else "")
        self.withdraw.setVisible(row is not None and row.own)
        gone = self.tr("该申请已有结论，请重新选择") if self._rows else self.tr("没有等待审批的申请")
        self._tell(said(row.why) if row is not None else gone)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))

    # -- what a person does ----------------------------------------------------------------------------------

    @Slot()
    def _grant(self) -> None:
        row = self.chosen
        if row is not None and self.grant.isEnabled() and not row.own:
            self.granted.emit(row.id, self._take_answer())

    @Slot()
    def _refuse(self) -> None:
        row = self.chosen
        if row is None or row.own or not self.refuse.isEnabled():
            return
        if not self.answer.text().strip():
            self._tell(self.tr("不批准须写明理由"))
            self.take_focus()
            return
        self.refused.emit(row.id, self._take_answer())

    @Slot()
    def _withdraw(self) -> None:
        row = self.chosen
        if row is not None and row.own:
            self.withdrawn.emit(row.id)

    def _take_answer(self) -> str:
        said = self.answer.text().strip()
        self.answer.clear()
        return said

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in STEPS:
            self.list.step(STEPS[Qt.Key(event.key())])
        elif is_own(event):
            if not is_held(event, KEYS):
                (self._grant if event.key() == Qt.Key.Key_Y else self._refuse)()
        else:
            super().keyPressEvent(event)
