"""The roster pane: every unit, the best for the selected incident first, and what may be done with it.

Counts at the top filter by a click; Enter or a double click asks for a dispatch, the context menu for a status.
The pane asks by signals; what may be done is decided by the acts.
"""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtCore import QSortFilterProxyModel as FilterProxy
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from console.domain.unit import UNIT, Unit, UnitStatus, may_return
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.sight import Sight
from widgets.advice import Advice
from widgets.afterwards import Afterwards
from widgets.allowed import show_action_allowed, why_not
from widgets.delegates.roster import RosterDelegate
from widgets.layouts import ElidedLabel
from widgets.models.roster import Role, RosterModel, concerned
from widgets.models.roster_row import RosterRow
from widgets.models.roster_text import Column, advice_text
from widgets.models.unit_groups import UnitGroup, count_groups, group_word, status_word
from widgets.panels.chip import Chip
from widgets.panels.roster_table import RosterTable, WholeRows
from widgets.selection import Chosen, Selection
from widgets.theme import Theme
from widgets.tick import Tick

CHIPS = (UnitGroup.AVAILABLE, UnitGroup.EN_ROUTE, UnitGroup.ON_SCENE, UnitGroup.BUSY, UnitGroup.LOST)


class GroupFilter(FilterProxy):
    """Shows the rows of one group; None = all."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._group: UnitGroup | None = None

    def show_group(self, group: UnitGroup | None) -> None:
        self.beginFilterChange()
        self._group = group
        self.endFilterChange()

    def filterAcceptsRow(  # noqa: N802 -- Qt's name
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        if self._group is None:
            return True
        row = self.sourceModel().index(source_row, 0, source_parent).data(Role.ROW)
        return isinstance(row, RosterRow) and row.group is self._group


class RosterPanel(QWidget):
    """`dispatch_requested(unit)` while an incident is selected; `status_requested(unit, code)`, a code of E6."""

    dispatch_requested = Signal(str)
    status_requested = Signal(str, str)

    def __init__(self, desk: Desk, theme: Theme, selection: Selection, tick: Tick, advice: Advice) -> None:
        super().__init__()
        self._desk, self._theme, self._selection = desk, theme, selection
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("警力名册"))
        self.model = RosterModel(desk.picture, advice, desk.clock, self, hidden=Sight(desk).hidden)
        self.filter = GroupFilter(self)
        self.filter.setSourceModel(self.model)
        self.table = self._make_table()
        self._chips = self._make_chips()
        self._asked_about = ""
        """The incident whose order the rows take, a moment after it was selected."""
        self._ranking = Afterwards(self, self._rank)
        self._looked_at = ""
        """The unit a person looked at since the incident was selected; the detail line speaks of it."""
        self._order = ElidedLabel(theme, "small", "muted", self.tr("排序"), room=0)
        self._detail = ElidedLabel(theme, "small", "text", self.tr("派警理由"), room=0)
        self._empty = QLabel(parent=self.table.viewport())
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._lay_out()
        self._end = desk.picture.observe(self.apply)
        self._end_health = desk.health.observe(self._say_saving)
        selection.changed.connect(self._on_chosen)
        tick.second.connect(self._on_second)
        theme.changed.connect(self._on_theme)
        self._on_chosen(selection.chosen)
        self._ranking.do()

    # -- how it is built -------------------------------------------------------------------------------------

    def _make_table(self) -> RosterTable:
        table = RosterTable(self._theme)
        table.setModel(self.filter)
        self._delegate = RosterDelegate(self._theme, self._desk.clock, table)
        table.setItemDelegate(self._delegate)
        table.setAccessibleName(self.tr("警组列表"))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_menu)
        table.doubleClicked.connect(self._on_asked)
        table.asked.connect(self._on_asked)
        table.clicked.connect(self._on_clicked)
        table.selectionModel().currentRowChanged.connect(self._on_current)
        table.viewport().installEventFilter(self)
        return table

    def _make_chips(self) -> dict[UnitGroup | None, Chip]:
        chips: dict[UnitGroup | None, Chip] = {None: Chip(self._theme, "", tick=False)}
        chips |= {group: Chip(self._theme, "", group.value, tick=False) for group in CHIPS}
        chips[None].setChecked(True)
        together = QButtonGroup(self)
        for chip in chips.values():
            together.addButton(chip)
            chip.toggled.connect(self._on_filter)
        return chips

    def _lay_out(self) -> None:
        px = self._theme.px
        title = QLabel(self.tr("警力"))
        title.setProperty("role", "strong")
        bar = QHBoxLayout()
        bar.setContentsMargins(px(12), px(8), px(12), px(6))
        bar.setSpacing(px(6))
        bar.addWidget(title)
        bar.addSpacing(px(4))
        for chip in self._chips.values():
            bar.addWidget(chip)
        bar.addStretch(1)
        bar.addWidget(self._order)
        foot = QHBoxLayout()
        foot.setContentsMargins(px(12), px(4), px(12), px(6))
        foot.addWidget(self._detail, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addLayout(bar)
        inset = QHBoxLayout()
        inset.setContentsMargins(px(4), 0, px(2), 0)
        self._rows = WholeRows(self.table)
        inset.addWidget(self._rows)
        whole.addLayout(inset, 1)
        whole.addLayout(foot)

    # -- what changes it -------------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Take in a batch of changes."""
        if concerned(changes):
            self._ranking.ask()

    def close_down(self) -> None:
        """Stop listening to the picture (the window is going away)."""
        self._end()
        self._end_health()

    def _say_saving(self) -> None:
        saving = self._desk.health.saving_subjects()
        if saving != self._delegate.saving:
            self._delegate.saving = saving
            self.table.viewport().update()

    @Slot(object)
    def _on_chosen(self, chosen: Chosen) -> None:
        another, self._asked_about = chosen.incident != self._asked_about, chosen.incident
        row = self.model.row_of(chosen.unit)
        index = self.filter.mapFromSource(self.model.index(row, 0)) if row >= 0 else QModelIndex()
        if index.isValid() and index.row() != self.table.currentIndex().row():
            self.table.setCurrentIndex(index)
        elif not chosen.unit:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        if chosen.incident and not self.model.held and not chosen.unit:
            self.table.scrollToTop()
        if another:
            self._looked_at = ""
            self._ranking.ask()
        self._tell_advice()

    def _rank(self) -> None:
        """The rows as the selected incident and the picture want them now."""
        if self.model.selected == self._asked_about:
            self.model.refresh()
        else:
            self.model.select(self._asked_about)
            if self._asked_about and not self.model.held:
                self.table.scrollToTop()
        self._tell()

    @Slot(object)
    def _on_second(self, _now: object) -> None:
        viewport = self.table.viewport()
        for column in (Column.ELAPSED, Column.TERMINAL):
            left = self.table.columnViewportPosition(column)
            viewport.update(left, 0, self.table.columnWidth(column), viewport.height())

    @Slot(object)
    def _on_theme(self, _theme: object) -> None:
        self.table.fit()
        self._rows.settle()
        self.table.viewport().update()

    @Slot(bool)
    def _on_filter(self, on: bool) -> None:
        if on:
            chosen = next((group for group, chip in self._chips.items() if chip.isChecked()), None)
            self.filter.show_group(chosen)
            self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() is QEvent.Type.Enter:
            self._hold(True)
        elif event.type() is QEvent.Type.Leave:
            self._hold(False)
        return super().eventFilter(watched, event)

    def _hold(self, held: bool) -> None:
        self.model.hold(held)
        self._tell()

    # -- what it says ----------------------------------------------------------------------------------------

    def _tell(self) -> None:
        units = self._desk.picture.units()
        counts = count_groups(units)
        on_duty = len(units) - counts[UnitGroup.OFF_DUTY]
        for group, chip in self._chips.items():
            word = group_word(group) if group is not None else self.tr("在岗")
            chip.show_text(f"{word} {counts[group] if group is not None else on_duty}")
        self._chips[UnitGroup.LOST].setVisible(counts[UnitGroup.LOST] > 0 or self._chips[UnitGroup.LOST].isChecked())
        self._tell_advice()
        self._empty.setText(self._empty_text(bool(units)))
        self._empty.setVisible(self.filter.rowCount() == 0)
        self._empty.setGeometry(self.table.viewport().rect())

    def _tell_advice(self) -> None:
        self._order.show_text(self._order_text())
        self._detail.show_text(self._detail_text())

    def _order_text(self) -> str:
        if self.model.held:
            return self.tr("鼠标在表上，顺序不动")
        if not self._selection.incident:
            return self.tr("选中警情后按到达时间排序")
        by_road = any(row.way is not None and row.way.by_road for row in self.model.rows())
        return self.tr("按路网到达时间排序") if by_road else self.tr("按直线估算到达时间排序")

    def _detail_text(self) -> str:
        if self.model.selected != self._asked_about:
            return "…"
        rows = self.model.rows()
        looked_at = next((row for row in rows if row.unit.id == self._looked_at), None)
        row = looked_at or next((row for row in rows if row.best), None)
        if row is None:
            return self.tr("没有可派警组") if self._selection.incident else ""
        return advice_text(row)

    def _empty_text(self, any_unit: bool) -> str:
        if not any_unit:
            return self.tr("还没有登记警组；警组登记后在这里显示")
        return self.tr("此类没有警组；点“在岗”看全部")

    # -- what it asks for ------------------------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = current.data(Role.ROW)
        self._looked_at = row.unit.id if isinstance(row, RosterRow) else ""
        if isinstance(row, RosterRow):
            self._selection.choose_unit(row.unit.id)
        self._tell()

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        """The row may have been current already, from the incident before."""
        self._on_current(index, index)

    @Slot(QModelIndex)
    def _on_asked(self, index: QModelIndex) -> None:
        row = index.data(Role.ROW)
        if not isinstance(row, RosterRow):
            return
        if self._selection.incident:
            self.dispatch_requested.emit(row.unit.id)
        else:
            self._detail.show_text(self.tr("先选中一条警情，再派 {unit}").format(unit=row.unit.id))

    @Slot(QPoint)
    def _on_menu(self, point: QPoint) -> None:
        menu = self.menu_at(point)
        if menu is not None:
            menu.popup(self.table.viewport().mapToGlobal(point))

    def menu_at(self, point: QPoint) -> QMenu | None:
        """The menu of the row under a point of the table, else (the keyboard's menu key) of the current row."""
        row = self.table.indexAt(point).data(Role.ROW) or self.table.currentIndex().data(Role.ROW)
        return self.status_menu(row.unit) if isinstance(row, RosterRow) else None

    @Slot(str, QPoint)
    def open_menu(self, unit: str, at: QPoint) -> None:
        """The same menu for a unit's symbol on the map; `at` is on the screen."""
        row = self.model.row_at(self.model.index(self.model.row_of(unit), 0))
        if row is not None:
            self.status_menu(row.unit).popup(at)

    def status_menu(self, unit: Unit) -> QMenu:
        """The legal moves of a unit as a menu; the dispatch itself stands first while an incident is selected."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.setAccessibleName(self.tr("{unit} 状态").format(unit=unit.id))
        if self._selection.incident:
            send = menu.addAction(self.tr("派 {unit} 到选中警情").format(unit=unit.id))
            send.setData((unit.id, ""))
            asked = {"unit": unit.id, "incident": self._selection.incident}
            show_action_allowed(send, why_not(self._desk, "unit.assign", **asked))
            menu.addSeparator()
        menu.setToolTipsVisible(True)
        together = QActionGroup(menu)
        why = why_not(self._desk, "unit.status", unit=unit.id)
        for status in legal_statuses(unit):
            action = together.addAction(menu.addAction(status_word(status)))
            show_action_allowed(action, why)
            action.setData((unit.id, status.value))
        menu.triggered.connect(self._on_action)
        return menu

    @Slot(QAction)
    def _on_action(self, action: QAction) -> None:
        unit, code = action.data()
        if code:
            self.status_requested.emit(unit, code)
        else:
            self.dispatch_requested.emit(unit)

    def key_hints(self) -> list[tuple[str, str]]:
        """Keys that work while the table has the focus."""
        return [("↑↓", self.tr("选警组")), ("Enter", self.tr("派警"))]


def legal_statuses(unit: Unit) -> list[UnitStatus]:
    """Statuses the desk may set (E6); 已派警 is not among them, it comes by a dispatch."""
    codes = {*UNIT.acts(unit.status)}
    back = may_return(unit)
    codes |= {back.value} if back is not None else set()
    return [status for status in UnitStatus if status.value in codes - {UnitStatus.ASSIGNED.value}]
