"""A list of rows by key as people see it: whole rows, ↑ ↓, Enter, and words where there is nothing to see."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView
from typing_extensions import override

from widgets.models.site_rows import RowsModel, TableRow
from widgets.panels.finder import ENTER
from widgets.theme import Theme


class RowsView(QTableView):
    """`chosen` carries the key under the cursor, '' for none; `opened` the one on which Enter or a press fell."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, theme: Theme, name: str, heads: Sequence[str], stretch: int) -> None:
        """`stretch` is the column that takes the room the others leave."""
        super().__init__()
        self._theme = theme
        self.nothing = ""
        self.rows = RowsModel(theme, heads, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(28))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(theme.px(40))
        # Heads stand over the first letter of their cells.
        header.setStyleSheet(f"QHeaderView::section {{ padding-left: {theme.px(3)}px; }}")
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._moved)
        self.doubleClicked.connect(self._open)

    @property
    def key(self) -> str:
        """The key of the row under the cursor."""
        return self.rows.key_at(self.currentIndex().row())

    def show_rows(self, rows: Sequence[TableRow]) -> None:
        """Other rows; the cursor stays on its own while that is there."""
        self.rows.show(rows)
        self.viewport().update()

    def choose_first(self) -> None:
        """Where the cursor's row is gone, or there was none, the first one is meant."""
        if not self.currentIndex().isValid():
            self.choose(self.rows.key_at(0))

    def choose(self, key: str) -> None:
        """Put the cursor on a row, on none for ''; nothing if it is not there."""
        if not key:
            self.selectionModel().clear()
            return
        at = self.rows.row_of(key)
        if at >= 0:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.rows.index(at, 0), flags)

    @Slot()
    def _moved(self) -> None:
        self.chosen.emit(self.key)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows.key_at(index.row()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if self.key:
                self.opened.emit(self.key)
            event.accept()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.rows.rowCount() == 0 and self.nothing:
            painter = QPainter(self.viewport())
            painter.setPen(self._theme.color("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(8, 8, -8, -8), int(flags), self.nothing)
            painter.end()
