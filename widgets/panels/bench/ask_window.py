"""Asking for a test window 测试报备: which zones, for how long, why, and whose phone is told of each press.

The duty chief decides; until then nothing changes.
"""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
)
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.panels.parts import label
from widgets.theme import Theme

MINUTES, USUAL_MINUTES = (5, 10, 15, 30, 45, 60, 90, 120), 30
"""How long may be asked for: two hours at the most."""


class AskWindowSheet(QFrame):
    """`asked` carries the act's arguments and the reason, `left`: Esc."""

    asked = Signal(object, str)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._site = theme, ""
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("测试报备"))
        self.title = label("", "title")
        self.zones = QListWidget()
        self.other = QLineEdit()
        self.minutes = QComboBox()
        self.phone, self.reason = QLineEdit(), QLineEdit()
        self.told = label("", "wrong", wrap=True)
        self.ask = KeyButton(theme, "Ctrl+Enter", self.tr("提交值班长批准"), fill="selected", height=40)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=40)
        self._build()
        self.ask.clicked.connect(self._ask)
        self.back.clicked.connect(self.left)

    def _build(self) -> None:
        px = self._theme.px
        for minutes in MINUTES:
            self.minutes.addItem(self.tr("{n} 分钟").format(n=minutes), minutes)
        self.minutes.setCurrentIndex(self.minutes.findData(USUAL_MINUTES))
        self.other.setPlaceholderText(self.tr("其他防区号，空格分开，如 004 005"))
        self.phone.setPlaceholderText(self.tr("测试人手机，每次收到都发短信（可不填）"))
        self.reason.setPlaceholderText(self.tr("例如：季度测试"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(8))
        column.addWidget(self.title)
        said = self.tr("批准后，所选防区的信号只进测试通道、不响铃；胁迫码和未选防区照常报警；到时自动结束")
        column.addWidget(label(said, "muted", wrap=True))
        column.addWidget(label(self.tr("↑ ↓ 选防区，空格勾选或取消；没有勾选的防区照常报警"), "muted", wrap=True))
        column.addWidget(self.zones, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(8))
        for row, (text, field) in enumerate(
            (
                (self.tr("防区"), self.other),
                (self.tr("时长"), self.minutes),
                (self.tr("手机"), self.phone),
                (self.tr("理由"), self.reason),
            )
        ):
            field.setAccessibleName(text)
            grid.addWidget(label(text, "muted"), row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        self.zones.setAccessibleName(self.tr("测试防区"))
        column.addLayout(grid)
        column.addWidget(self.told)
        buttons = QHBoxLayout()
        buttons.addWidget(self.ask)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        column.addLayout(buttons)

    def open_for(self, site: str, name: str, zones: Mapping[str, str]) -> None:
        """A site's zones, all of them chosen."""
        self._site = site
        self.title.setText(self.tr("测试报备 · {site}").format(site=name))
        self.zones.clear()
        for zone, spot in sorted(zones.items()):
            item = QListWidgetItem(f"{zone} {spot}")
            item.setData(Qt.ItemDataRole.UserRole, zone)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.zones.addItem(item)
        self.zones.setVisible(bool(zones))
        self.other.clear()
        self.reason.clear()
        self.told.setText("")
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def chosen_zones(self) -> Sequence[str]:
        """The checked zones and the typed ones, each once."""
        items = (self.zones.item(at) for at in range(self.zones.count()))
        checked = [str(i.data(Qt.ItemDataRole.UserRole)) for i in items if i.checkState() is Qt.CheckState.Checked]
        return list(dict.fromkeys([*checked, *self.other.text().replace("，", " ").replace(",", " ").split()]))

    @Slot()
    def _ask(self) -> None:
        zones, reason = self.chosen_zones(), self.reason.text().strip()
        if not zones:
            self.told.setText(self.tr("至少选一个防区"))
        elif not reason:
            self.told.setText(self.tr("请写明理由"))
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            args = {"site": self._site, "zones": zones, "minutes": self.minutes.currentData(), "reason": reason}
            self.asked.emit({**args, "phone": self.phone.text().strip()}, reason)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        else:
            super().keyPressEvent(event)
