"""Tests that are due: which site has not shown within its interval that its button reaches the desk, and since when.

Enter shows the site, Alt+T begins its test. What is due within a fortnight stands below what is overdue.
"""

from datetime import timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout
from typing_extensions import override

from console.domain.site import Site
from console.domain.test_run import TestRun
from console.services.desk import Desk
from console.services.due_tests import DueTest, due_tests
from console.services.picture import Changes
from console.services.site_table import KINDS
from widgets.allowed import show_allowed, why_not
from widgets.controls import KeyButton
from widgets.models.site_rows import TableRow
from widgets.panels.parts import label
from widgets.panels.site_rows import RowsView
from widgets.text import date_text
from widgets.theme import Theme

SOON = timedelta(days=14)


class SiteDuePanel(QFrame):
    """`site_chosen` and `test_asked` carry a site's id, `left` is Esc."""

    site_chosen = Signal(str)
    test_asked = Signal(str)
    left = Signal()

    def __init__(self, desk: Desk, theme: Theme) -> None:
        super().__init__()
        self._desk, self._theme = desk, theme
        px = theme.px
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("待测点位"))
        self.title = label("", "title")
        heads = (self.tr("点位"), self.tr("类型"), self.tr("上次合格"), self.tr("应测"), self.tr("状态"))
        self.list = RowsView(theme, self.tr("待测点位"), heads, 0)
        self.list.nothing = self.tr("没有到期的测试：两周内也没有要测的点位")
        self.test = KeyButton(theme, "Alt T", self.tr("开始测试"), height=36)
        self.show_it = KeyButton(theme, "Enter", self.tr("看点位"), height=36)
        buttons, whole = QHBoxLayout(), QVBoxLayout(self)
        for button in (self.test, self.show_it):
            buttons.addWidget(button)
        buttons.addStretch(1)
        whole.setContentsMargins(px(12), px(10), px(12), px(10))
        whole.setSpacing(px(8))
        whole.addWidget(self.title)
        whole.addWidget(self.list, 1)
        whole.addLayout(buttons)
        self.list.opened.connect(self.site_chosen)
        self.list.chosen.connect(self._chosen)
        self.test.clicked.connect(self._test)
        self.show_it.clicked.connect(self._show)
        self.close_panel = desk.picture.observe(self._take_in)
        self.refresh()

    def take_focus(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_in(self, changes: Changes) -> None:
        if any(isinstance(row, Site | TestRun) for row in (*changes.added, *changes.updated, *changes.removed)):
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """The list anew: something changed, another person sits here, or the clock has gone on."""
        now = self._desk.clock()
        due = due_tests(self._desk.picture.state, now, SOON)
        late = sum(row.due <= now for row in due)
        self.title.setText(self.tr("测试逾期 {late} 处，两周内到期 {soon} 处").format(late=late, soon=len(due) - late))
        self.list.show_rows([self._row(row) for row in due])
        self.list.choose_first()
        self._chosen()

    def _row(self, due: DueTest) -> TableRow:
        now = self._desk.clock()
        days = due.days_late(now)
        late = due.due <= now
        state = self.tr("✕ 逾期 {n} 天").format(n=days) if late else self.tr("○ 还有 {n} 天").format(n=-days)
        ended = due.last.ended_at if due.last is not None else None
        last = date_text(ended) if ended is not None else self.tr("从未")
        cells = (due.site.name, KINDS.get(due.site.kind, due.site.kind), last, date_text(due.due), state)
        return TableRow(due.site.id, cells, ink="bad" if late else "muted")

    @Slot()
    def _chosen(self) -> None:
        nothing = "" if self.list.key else self.tr("没有选中的点位")
        show_allowed(self.test, nothing or why_not(self._desk, "test_run.start", site=self.list.key))
        show_allowed(self.show_it, nothing)

    @Slot()
    def _test(self) -> None:
        if self.list.key and self.test.isEnabled():
            self.test_asked.emit(self.list.key)

    @Slot()
    def _show(self) -> None:
        if self.list.key:
            self.site_chosen.emit(self.list.key)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_T and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._test()
        else:
            super().keyPressEvent(event)
