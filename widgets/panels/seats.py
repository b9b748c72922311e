"""席位一览: every seat of the room, who sits there, which incident is open, who has not been heard. Blocks nothing.

Enter on a row shows its incident. A silent seat stays in the list and says so.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from console.domain.account import ROLE_LABELS, Role
from console.domain.presence import Present
from console.services.presence import Presence
from widgets.panels.parts import label
from widgets.selection import Selection
from widgets.text import elapsed_text, minute_text, word
from widgets.theme import Theme
from widgets.wording import field_name

Row = tuple[str, str, str, str, str, str]


class SeatsCard(QDialog):
    """Show it with `open()`; Esc closes it. It follows the room while it is open.

    The keys of its window work while it is open, wherever the focus is.
    """

    def __init__(
        self,
        theme: Theme,
        presence: Presence,
        selection: Selection,
        title_of: Callable[[str], str],
        parent: QWidget | None = None,
        calls_of: Callable[[str], str] = lambda _seat: "",
    ) -> None:
        """`title_of` says an incident's short number and title, '' for one that may not be shown here; `calls_of` what
        a seat has on the telephone."""
        super().__init__(parent)
        self._calls_of = calls_of
        self._theme, self._presence, self._selection, self._title_of = theme, presence, selection, title_of
        self._end: Callable[[], None] | None = None
        self._incidents: list[str] = []
        self.setWindowTitle(self.tr("席位一览"))
        self.setAccessibleName(self.tr("席位一览"))
        heads = (
            self.tr("席位"),
            self.tr("人员"),
            self.tr("角色"),
            self.tr("正在处理"),
            self.tr("登录"),
            self.tr("状态"),
        )
        self.table = QTableWidget(0, len(heads))
        self.table.setAccessibleName(self.tr("席位"))
        self.table.setHorizontalHeaderLabels(list(heads))
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setMinimumSectionSize(theme.px(72))
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(self._open_incident)
        self.foot: QLabel = label("", "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(16),) * 4)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.foot)
        self.resize(theme.px(820), theme.px(420))

    @override
    def open(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self.addActions(window.actions())
        self._end = self._end or self._presence.observe(self.refresh)
        self.refresh()
        self.show()
        self.activateWindow()
        self.table.setFocus()
        if self.table.currentRow() < 0:
            self.table.selectRow(0)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        end, self._end = self._end, None
        if end is not None:
            end()

    def rows(self) -> list[Row]:
        """What it says, seat by seat."""
        return [self._row(present) for present in self._presence.everyone()]

    def _row(self, present: Present) -> Row:
        sitting = self._presence.seat(present.seat)
        known = sitting if sitting is not None and sitting.actor == present.actor else None
        roles = word("、").join(word(ROLE_LABELS[Role(role)]) for role in known.roles) if known is not None else ""
        since = minute_text(known.since) if known is not None and known.since is not None else ""
        where = (self._title_of(present.incident) or self.tr("（另一起警情）")) if present.incident else ""
        if where and field_name(present.field):
            where = self.tr("{where}（正在改 {field}）").format(where=where, field=field_name(present.field))
        where = " · ".join(part for part in (self._calls_of(present.seat), where) if part)
        state = self.tr("✓ 在席")
        if present.silent:
            state = self.tr("✕ 失联 {ago}").format(ago=elapsed_text(present.age_s))
        elif not present.actor:
            state = self.tr("○ 空席")
        return present.seat, present.person or "—", roles, where, since, state

    @Slot()
    def refresh(self) -> None:
        """Follow the room; the row that is selected stays selected."""
        present = self._presence.everyone()
        self._incidents = [row.incident if self._title_of(row.incident) else "" for row in present]
        rows = [self._row(row) for row in present]
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                item = self.table.item(at, column)
                if item is None:
                    self.table.setItem(at, column, QTableWidgetItem(text))
                elif item.text() != text:
                    item.setText(text)
            ink = self._theme.color("bad" if present[at].silent else "text")
            last = self.table.item(at, len(row) - 1)
            if last is not None:
                last.setForeground(ink)
        self._say_foot()

    def _say_foot(self) -> None:
        hint = self.tr("↑ ↓ 选择，回车打开该警情，Esc 关闭")
        if self._presence.fault is not None:
            hint = self.tr("看不到其他席位的变化（{why}），以下是最后所知").format(why=self._presence.fault.what)
        self.foot.setText(hint)

    @Slot()
    def _open_incident(self) -> None:
        at = self.table.currentRow()
        if 0 <= at < len(self._incidents) and self._incidents[at]:
            self._selection.choose_incident(self._incidents[at])
            self.reject()
