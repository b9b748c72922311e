"""The roster's model: immutable rows, one way to change them, no resets.

`refresh` follows the picture, `select` an incident; both compute the rows anew and tell the view only
what differs, one `dataChanged` per range. While `held` (the mouse is over the rows) nothing changes place.
"""

from enum import IntEnum
from itertools import groupby

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.domain.assignment import Assignment
from console.domain.clock import Clock
from console.domain.incident import Incident
from console.domain.link import StackedJob
from console.domain.unit import Unit
from console.services.picture import Changes, Picture
from widgets.advice import Advice
from widgets.models.roster_owed import Owed
from widgets.models.roster_row import Hidden, RosterRow, nothing_hidden, roster_rows
from widgets.models.roster_text import ROW_TEXT, Column, header_text, spoken_text, tip_text

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """Roles beyond Qt's: the whole row, for the delegate; and a row's place by column, for sorting."""

    ROW = Qt.ItemDataRole.UserRole + 1


class RosterModel(QAbstractTableModel):
    """Units as rows. `picture` and `advice` are asked, never changed; `hidden` says which incidents are not named."""

    def __init__(
        self,
        picture: Picture,
        advice: Advice,
        clock: Clock,
        parent: QObject | None = None,
        *,
        hidden: Hidden = nothing_hidden,
    ) -> None:
        super().__init__(parent)
        self._hidden, self._owed = hidden, Owed()
        self._picture = picture
        self._advice = advice
        self.clock = clock
        self.selected = ""
        self.held = False
        self._rows = roster_rows(picture, advice, "", hidden, self._owed)

    # -- what Qt asks ----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == Role.ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return ROW_TEXT[column](row, self.clock())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(row, self.clock())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_text(row, column, self.clock())
        return None

    def headerData(  # noqa: N802 -- Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return header_text(Column(section), by_road=any(row.way and row.way.by_road for row in self._rows))
        return None

    # -- what the panel asks ---------------------------------------------------------------------------------

    def row_at(self, index: Index) -> RosterRow | None:
        return self._rows[index.row()] if index.isValid() else None

    def rows(self) -> tuple[RosterRow, ...]:
        return tuple(self._rows)

    def row_of(self, unit: str) -> int:
        """The row number of a unit, -1 if there is none."""
        return next((n for n, row in enumerate(self._rows) if row.unit.id == unit), -1)

    # -- how it changes --------------------------------------------------------------------------------------

    def select(self, incident: str) -> None:
        """Another incident is selected ('' = none): a person asked, so the rows are sorted even while held."""
        if incident != self.selected:
            self.selected = incident
            self._take(roster_rows(self._picture, self._advice, incident, self._hidden, self._owed), sort=True)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.ARRIVAL, Column.ARRIVAL)

    def hold(self, held: bool) -> None:
        """Keep every row where it is, or let them take their places again."""
        self.held = held
        if not held:
            self.refresh()

    def refresh(self) -> None:
        """Compute the rows anew and tell what differs."""
        self._take(
            roster_rows(self._picture, self._advice, self.selected, self._hidden, self._owed), sort=not self.held
        )

    def _take(self, wanted: list[RosterRow], sort: bool) -> None:
        fresh = {row.unit.id: row for row in wanted}
        for n in reversed(range(len(self._rows))):
            if self._rows[n].unit.id not in fresh:
                self.beginRemoveRows(QModelIndex(), n, n)
                del self._rows[n]
                self.endRemoveRows()
        self._update([fresh[row.unit.id] for row in self._rows])
        known = {row.unit.id for row in self._rows}
        if added := [row for row in wanted if row.unit.id not in known]:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(added) - 1)
            self._rows.extend(added)
            self.endInsertRows()
        if sort:
            self._place([row.unit.id for row in wanted])

    def _update(self, fresh: list[RosterRow]) -> None:
        changed = [n for n, (old, new) in enumerate(zip(self._rows, fresh, strict=True)) if old != new]
        self._rows = fresh
        for _, run in groupby(enumerate(changed), key=lambda pair: pair[1] - pair[0]):
            rows = [n for _, n in run]
            self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[-1], len(Column) - 1))

    def _place(self, order: list[str]) -> None:
        if order == [row.unit.id for row in self._rows]:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        place = {unit: n for n, unit in enumerate(order)}
        moved = [self.index(place[self._rows[each.row()].unit.id], each.column()) for each in held]
        self._rows.sort(key=lambda row: place[row.unit.id])
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()


def concerned(changes: Changes) -> bool:
    """Whether a row may look different by them."""
    touched = (*changes.added, *changes.updated, *changes.removed)
    kinds = Unit | Incident | Assignment | StackedJob
    return bool(changes.positions) or any(isinstance(entity, kinds) for entity in touched)
