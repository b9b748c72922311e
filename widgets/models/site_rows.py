"""A small table of immutable rows by key, for sites, repair orders and due tests: one way to change, no resets.

`show` tells the view only what differs, so the chosen row stays chosen and nothing jumps while it stays in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from widgets.theme import Theme

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class TableRow:
    """`cells` as they are read; `ink` is the token of the last one, `tip` what is said of the whole row."""

    key: str
    cells: tuple[str, ...]
    tip: str = ""
    ink: str = "text"


class Role(IntEnum):
    """Roles beyond Qt's: the row's key."""

    KEY = Qt.ItemDataRole.UserRole + 1


class RowsModel(QAbstractTableModel):
    """Rows under the given heads."""

    def __init__(self, theme: Theme, heads: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._heads = theme, tuple(heads)
        self._rows: list[TableRow] = []

    # -- what Qt asks ----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or row.cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._heads[index.column()]} {row.cells[index.column()]}"
        if role == Qt.ItemDataRole.ForegroundRole:
            last = index.column() == len(self._heads) - 1
            return self._theme.color(row.ink if last else "text")
        return row.key if role == Role.KEY else None

    def headerData(  # noqa: N802 -- Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section] if 0 <= section < len(self._heads) else None
        return None

    # -- what the panel asks ---------------------------------------------------------------------------------

    def key_at(self, row: int) -> str:
        """The key of a row, '' for none."""
        return self._rows[row].key if 0 <= row < len(self._rows) else ""

    def row_of(self, key: str) -> int:
        """The row of a key, -1 for none."""
        return next((n for n, row in enumerate(self._rows) if row.key == key), -1)

    # -- how it changes --------------------------------------------------------------------------------------

    def show(self, rows: Sequence[TableRow]) -> None:
        """These rows in this order; every key once."""
        fresh = {row.key: row for row in rows}
        for n in reversed(range(len(self._rows))):
            if self._rows[n].key not in fresh:
                self.beginRemoveRows(QModelIndex(), n, n)
                del self._rows[n]
                self.endRemoveRows()
        self._update(fresh)
        known = {row.key for row in self._rows}
        if added := [row for row in rows if row.key not in known]:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(added) - 1)
            self._rows.extend(added)
            self.endInsertRows()
        self._place([row.key for row in rows])

    def _update(self, fresh: dict[str, TableRow]) -> None:
        for n, old in enumerate(self._rows):
            if fresh[old.key] != old:
                self._rows[n] = fresh[old.key]
                self.dataChanged.emit(self.index(n, 0), self.index(n, len(self._heads) - 1))

    def _place(self, order: list[str]) -> None:
        if order == [row.key for row in self._rows]:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        place = {key: n for n, key in enumerate(order)}
        moved = [self.index(place[self._rows[each.row()].key], each.column()) for each in held]
        self._rows.sort(key=lambda row: place[row.key])
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()
