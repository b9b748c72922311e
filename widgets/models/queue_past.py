"""The queue's model with what the database adds below the live rows: older incidents, and one last row that says
how reading goes.

The live rows stand first and keep their own rules. Past rows never change; more of them come in at the end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from console.domain.clock import system_clock
from widgets.models.queue import ROW, Index, QueueModel, common_ends, row_data
from widgets.models.queue_row import QueueRow


@dataclass(frozen=True, slots=True)
class Ending:
    """The last row: what is being read, or why reading `failed` and what to do; `asks`: Enter on it reads on."""

    text: str
    failed: bool = False
    asks: bool = False


class WholeQueueModel(QueueModel):
    """`more_wanted`: a view came to the end, and more is there (`has_more`)."""

    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = system_clock) -> None:
        super().__init__(parent, now)
        self._past: list[QueueRow] = []
        self.ending: Ending | None = None
        self.has_more = False

    # -- Qt's side -------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else self.listed + (self.ending is not None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        at = index.row() - len(self._keys)
        if not index.isValid() or at < 0:
            return super().data(index, role)
        if at < len(self._past):
            return row_data(self._past[at], role)
        ending = self.ending
        if ending is None or at > len(self._past):
            return None
        said = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        return ending if role == ROW else ending.text if role in said else None

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 -- Qt's name
        return not parent.isValid() and self.has_more and self.ending is None

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 -- Qt's name
        if self.canFetchMore(parent):
            self.more_wanted.emit()

    # -- what it answers -------------------------------------------------------------------------------------

    @property
    def listed(self) -> int:
        """How many incidents it shows, live and past."""
        return len(self._keys) + len(self._past)

    @property
    def past(self) -> tuple[QueueRow, ...]:
        return tuple(self._past)

    def row(self, at: int) -> QueueRow:
        return super().row(at) if at < len(self._keys) else self._past[at - len(self._keys)]

    def place_of(self, key: str) -> int:
        at = super().place_of(key)
        if at >= 0 or not self._past:
            return at
        return next((n for n, row in enumerate(self._past, len(self._keys)) if row.key == key), -1)

    # -- what changes ----------------------------------------------------------------------------------------

    def put(self, rows: Iterable[QueueRow]) -> None:
        """Take in live rows; what was past and lives again stands above only."""
        rows = list(rows)
        if self._past:
            alive = {row.key for row in rows}
            self.show_past([row for row in self._past if row.key not in alive])
        super().put(rows)

    def show_past(self, rows: Iterable[QueueRow]) -> None:
        """Exactly these below the live rows, but none that already stands among them."""
        live = set(self._keys)
        wanted, old, base = [row for row in rows if row.key not in live], self._past, len(self._keys)
        head, tail = common_ends(old, wanted)
        if head < len(old) - tail:
            self.beginRemoveRows(QModelIndex(), base + head, base + len(old) - tail - 1)
            self._past = old[:head] + old[len(old) - tail :]
            self.endRemoveRows()
        if head < len(wanted) - tail:
            self.beginInsertRows(QModelIndex(), base + head, base + len(wanted) - tail - 1)
            self._past = wanted
            self.endInsertRows()

    def end_with(self, ending: Ending | None) -> None:
        """Another last row, None for none."""
        at = self.listed
        if ending is None and self.ending is not None:
            self.beginRemoveRows(QModelIndex(), at, at)
            self.ending = None
            self.endRemoveRows()
        elif ending is not None and self.ending is None:
            self.beginInsertRows(QModelIndex(), at, at)
            self.ending = ending
            self.endInsertRows()
        elif ending != self.ending:
            self.ending = ending
            self.dataChanged.emit(self.index(at), self.index(at))
