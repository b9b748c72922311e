"""A small table of pairs that is typed into: zones with their spots, keyholders with their numbers.

Behind the last pair there is always one empty row to write the next; a row that was emptied counts for nothing. Its
text is the one of a cell of the register's table (`001=校长室;002=保卫室`).
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableWidget, QTableWidgetItem
from typing_extensions import override

from widgets.theme import Theme

PARTING = str.maketrans({";": "、", "；": "、"})


class PairsTable(QTableWidget):
    """`changed`: a person wrote something. `joint` stands between the two of a pair in the cell's text."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, heads: tuple[str, str], joint: str, *, wide: int = 1) -> None:
        """`wide` is the column that takes the room."""
        super().__init__(0, 2)
        self._joint = joint
        self._read_only = False
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(heads))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().resizeSection(1 - wide, theme.px(110 if wide else 160))
        self.horizontalHeader().setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        self.setFixedHeight(theme.px(28) * 5)
        self.cellChanged.connect(self._written)
        self.show_text("")

    def text(self) -> str:
        """The pairs as a cell's text; half a pair stands there as it is, so that the rules can say what is missing."""
        pairs = [self._pair(row) for row in range(self.rowCount())]
        return ";".join(self._joint.join(pair) if all(pair) else "".join(pair) for pair in pairs if any(pair))

    def _pair(self, row: int) -> tuple[str, str]:
        cells = [self.item(row, column) for column in (0, 1)]
        # What parts the pairs from one another may stand in none of them.
        first, second = (cell.text().translate(PARTING).strip() if cell is not None else "" for cell in cells)
        return first, second

    def show_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Other pairs, not typed by the person."""
        was = self.blockSignals(True)
        self.setRowCount(0)
        for pair in pairs:
            self._append(pair)
        self._offer_row()
        self.blockSignals(was)

    def show_text(self, text: str) -> None:
        """The pairs of a cell's text."""
        parts = [part for part in text.split(";") if part]
        # A person's number is the last word of his pair, a zone's number is the first.
        split = str.rpartition if self._joint == " " else str.partition
        self.show_pairs([(first, second) for first, _, second in (split(part, self._joint) for part in parts)])

    def set_read_only(self, read_only: bool) -> None:
        """Pairs that can be read, not typed into."""
        self._read_only = read_only
        edit = QAbstractItemView.EditTrigger
        typed = edit.DoubleClicked | edit.EditKeyPressed | edit.AnyKeyPressed
        self.setEditTriggers(edit.NoEditTriggers if read_only else typed)
        was = self.blockSignals(True)
        self._offer_row()
        self.blockSignals(was)

    def commit(self) -> None:
        """A cell that is being written is taken as it stands."""
        writing = QApplication.focusWidget()
        if writing is not None and writing is not self and self.isAncestorOf(writing):
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _append(self, pair: tuple[str, str]) -> None:
        row = self.rowCount()
        self.insertRow(row)
        for column, text in enumerate(pair):
            self.setItem(row, column, QTableWidgetItem(text))

    def _offer_row(self) -> None:
        """One empty row at the end to write into; none where nothing may be written."""
        last = self.rowCount() - 1
        empty = last >= 0 and not any(self._pair(last))
        if self._read_only and empty:
            self.removeRow(last)
        elif not self._read_only and not empty:
            self._append(("", ""))

    @Slot()
    def _written(self) -> None:
        was = self.blockSignals(True)
        self._offer_row()
        self.blockSignals(was)
        self.changed.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not self._read_only and self.currentRow() >= 0:
            self.removeRow(self.currentRow())
            self._written()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
