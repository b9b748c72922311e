"""The roster's table: whole rows only, its least needed columns hidden where it is narrow."""

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from widgets.keys import is_held
from widgets.models.roster_text import Column
from widgets.panels.finder import ENTER
from widgets.theme import Theme

WIDTHS = {
    Column.CALL_SIGN: 84,
    Column.ECHELON: 88,
    Column.STATUS: 92,
    Column.ELAPSED: 66,
    Column.BEAT: 52,
    Column.INCIDENT: 110,
    Column.ARRIVAL: 136,
    Column.TERMINAL: 112,
}
"""Logical pixels at scale 1."""

GROWING = {Column.ARRIVAL: 5, Column.INCIDENT: 3, Column.TERMINAL: 2}
"""Who gets what is left over, in these parts."""

FIRST_TO_GO = (Column.ECHELON, Column.BEAT, Column.INCIDENT)
"""Columns that a narrow pane hides, in this order."""


class RosterTable(QTableView):
    """A table of units that hides its least needed columns when it is narrow."""

    asked = Signal(QModelIndex)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)

    def fit(self) -> None:
        """Share the width out among the columns."""
        px = self._theme.px
        self.verticalHeader().setDefaultSectionSize(px(29))
        shown = list(WIDTHS)
        for column in FIRST_TO_GO:
            if sum(px(WIDTHS[each]) for each in shown) > self.viewport().width():
                shown.remove(column)
        rest = max(self.viewport().width() - sum(px(WIDTHS[each]) for each in shown), 0)
        growing = sum(share for column, share in GROWING.items() if column in shown)
        for column, width in WIDTHS.items():
            self.setColumnHidden(column, column not in shown)
            self.setColumnWidth(column, px(width) + (rest * GROWING[column] // growing if column in GROWING else 0))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        super().resizeEvent(event)
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        if is_held(event, ENTER):
            return  # A warning asks for a second press; a hand that rests on the key has read nothing.
        if event.key() in ENTER and self.currentIndex().isValid():
            self.asked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class WholeRows(QWidget):
    """Room for a table of equal rows: what is left below the last whole row stays empty, so that none is cut."""

    def __init__(self, table: RosterTable) -> None:
        super().__init__()
        self._table = table
        table.setParent(self)
        table.horizontalHeader().geometriesChanged.connect(self.settle)

    @Slot()
    def settle(self) -> None:
        """Give the table as many whole rows as there is room for, at least one."""
        table = self._table
        row, besides = table.verticalHeader().defaultSectionSize(), self._besides()
        rows = max((self.height() - besides) // row, 1)
        table.setGeometry(0, 0, self.width(), besides + rows * row)

    def _besides(self) -> int:
        """Pixels of the table's height that are no rows."""
        return self._table.horizontalHeader().sizeHint().height() + 2 * self._table.frameWidth()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(0, self._besides() + self._table.verticalHeader().defaultSectionSize())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        super().resizeEvent(event)
        self.settle()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 -- Qt's name
        super().showEvent(event)
        self.settle()
