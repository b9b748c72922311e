"""The queue's model: all rows by key, and the ordered part of them that one tab and one filter let through.

Changes come from the picture as rows; each tells the view only what it touched: `dataChanged` per contiguous
range, single inserts and removals, moves as one layout change. It never resets. While `held`, rows change
their words but keep their places (nothing jumps under the cursor); new ones still come in at theirs.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.domain.clock import system_clock
from console.services.queue_filter import EVERYTHING, QueueFilter
from widgets.models.queue_row import QueueRow, Tab

Index = QModelIndex | QPersistentModelIndex

ROW = int(Qt.ItemDataRole.UserRole) + 1
"""Role: the QueueRow itself."""

Order = tuple[Any, ...]


class QueueModel(QAbstractListModel):
    """Rows of the queue. `tab` and `query` choose what is shown; `held` keeps places."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = system_clock) -> None:
        super().__init__(parent)
        self.now = now
        self._rows: dict[str, QueueRow] = {}
        self._keys: list[str] = []
        self._tab = Tab.WAITING
        self._words: tuple[str, ...] = ()
        self._admitted: frozenset[str] = frozenset()
        self._only = EVERYTHING
        self._held = False
        self._displaced = False
        self.counts: Counter[Tab] = Counter()

    # -- Qt's side -------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(self._keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        return row_data(self._rows[self._keys[index.row()]], role)

    # -- what it answers -------------------------------------------------------------------------------------

    @property
    def tab(self) -> Tab:
        return self._tab

    @property
    def filtering(self) -> bool:
        return bool(self._words)

    def row(self, at: int) -> QueueRow:
        return self._rows[self._keys[at]]

    def place_of(self, key: str) -> int:
        """The row's place in what is shown; -1 if it is not shown."""
        row = self._rows.get(key)
        if row is None:
            return -1
        try:
            return self._keys.index(key)
        except ValueError:
            return -1

    def __len__(self) -> int:
        return len(self._rows)

    # -- what is shown ---------------------------------------------------------------------------------------

    def show_tab(self, tab: Tab) -> None:
        self._tab = tab
        self._show_afresh()

    def filter(self, query: str) -> None:
        """Rows that hold every word of the query: number, text or pinyin initials."""
        self._words = tuple(query.lower().split())
        self._admitted = frozenset()
        self._show_afresh()

    def admit(self, keys: Iterable[str]) -> None:
        """Rows that somebody else found by the filter's words; they pass it until it changes."""
        self._admitted |= frozenset(keys)
        shown = set(self._keys)
        for key in self._admitted - shown:
            row = self._rows.get(key)
            if row is not None and self._passes(row):
                self._insert(row, [])

    @property
    def only(self) -> QueueFilter:
        """What is chosen besides the words."""
        return self._only

    def narrow(self, only: QueueFilter) -> None:
        """Rows that the filter lets through, besides tab and words."""
        self._only = only
        self._show_afresh()

    def grow_late(self) -> None:
        """Time has passed: with only late ones shown, others may have become so."""
        if self._only.late and not self._held:
            self._show_afresh()

    def says_it(self, row: QueueRow) -> bool:
        """Whether a row holds every word of the filter."""
        return all(word in row.haystack for word in self._words)

    def lets(self, row: QueueRow) -> bool:
        """Whether what is chosen besides the words lets a row through."""
        if not self._only.on:
            return True
        late = row.promise is not None and row.promise.late(self.now())
        return self._only.lets(
            priority=row.priority, kind=row.kind, beat=row.beat, source=row.source, mine=row.mine, late=late
        )

    def _passes(self, row: QueueRow) -> bool:
        return self._tab in row.tabs and (self.says_it(row) or row.key in self._admitted) and self.lets(row)

    def _show_afresh(self) -> None:
        """Another selection of rows, as one removal and one insertion between what stays at both ends."""
        wanted = sorted((row for row in self._rows.values() if self._passes(row)), key=lambda row: row.order)
        keys, old = [row.key for row in wanted], self._keys
        self._displaced = False
        head, tail = common_ends(old, keys)
        if head < len(old) - tail:
            self.beginRemoveRows(QModelIndex(), head, len(old) - tail - 1)
            self._keys = old[:head] + old[len(old) - tail :]
            self.endRemoveRows()
        if head < len(keys) - tail:
            self.beginInsertRows(QModelIndex(), head, len(keys) - tail - 1)
            self._keys = keys
            self.endInsertRows()

    # -- what changes ----------------------------------------------------------------------------------------

    def put(self, rows: Iterable[QueueRow]) -> None:
        """Take in new and changed rows."""
        touched: list[int] = []
        for row in rows:
            old = self._rows.get(row.key)
            if old == row:
                continue
            self._count(old, row)
            if old is not None:
                self._update(old, row, touched)
            else:
                self._rows[row.key] = row
                if self._passes(row):
                    self._insert(row, touched)
        self._tell(touched)

    def drop(self, keys: Iterable[str]) -> None:
        """Rows that are no more."""
        for key in keys:
            old = self._rows.get(key)
            if old is None:
                continue
            self._count(old, None)
            self._remove(key)
            del self._rows[key]

    def mark_silent(self, owners: Collection[str]) -> None:
        """Whose owner is not heard now; nothing else about a row changes by it."""
        told = {row.key: row.owner in owners for row in self._rows.values() if row.silent != (row.owner in owners)}
        for key, silent in told.items():
            self._rows[key] = replace(self._rows[key], silent=silent)
        self._tell([at for at, key in enumerate(self._keys) if key in told])

    def hold(self, held: bool) -> None:
        """Keep places, or let rows go where they belong again."""
        self._held = held
        if not held and self._displaced:
            self._settle()

    def _count(self, old: QueueRow | None, new: QueueRow | None) -> None:
        self.counts.subtract(old.tabs if old is not None else ())
        self.counts.update(new.tabs if new is not None else ())

    def _update(self, old: QueueRow, row: QueueRow, touched: list[int]) -> None:
        at = self.place_of(row.key)
        stays = at >= 0 and self._passes(row) and (row.order == old.order)
        if at >= 0 and (stays or self._held):
            self._displaced = self._displaced or not stays
            self._rows[row.key] = row
            touched.append(at)
            return
        self._tell(touched)
        touched.clear()
        self._remove(row.key)
        self._rows[row.key] = row
        if self._passes(row):
            self._insert(row, touched)

    def _insert(self, row: QueueRow, touched: list[int]) -> None:
        self._tell(touched)
        touched.clear()
        at = bisect_left(self._keys, row.order, key=self._order_of)
        self.beginInsertRows(QModelIndex(), at, at)
        self._keys.insert(at, row.key)
        self.endInsertRows()

    def _remove(self, key: str) -> None:
        at = self.place_of(key)
        if at >= 0:
            self.beginRemoveRows(QModelIndex(), at, at)
            del self._keys[at]
            self.endRemoveRows()

    def _order_of(self, key: str) -> Order:
        return self._rows[key].order

    def _settle(self) -> None:
        """What waited while the places were held: leave, then sort, as one layout change."""
        self._displaced = False
        for key in [key for key in self._keys if not self._passes(self._rows[key])]:
            self._remove(key)
        keys: list[str] = []
        for key in self._keys:
            insort(keys, key, key=self._order_of)
        if keys == self._keys:
            return
        self.layoutAboutToBeChanged.emit()
        places = {key: at for at, key in enumerate(keys)}
        before = self.persistentIndexList()
        after = [self.index(places[self._keys[at]] if (at := row.row()) < len(keys) else at) for row in before]
        self._keys = keys
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _tell(self, touched: list[int]) -> None:
        for first, last in contiguous(touched):
            self.dataChanged.emit(self.index(first), self.index(last))


def row_data(row: QueueRow, role: int) -> Any:
    """What a view is told of a row."""
    if role == ROW:
        return row
    if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
        words = (row.number, row.title, row.place, owner_text(row), row.second, row.state)
        return " ".join(part for part in words if part)
    if role == Qt.ItemDataRole.ToolTipRole:
        lines = (row.key, f"{row.title} · {row.place}", owner_text(row), row.second, row.state)
        return "\n".join(part for part in lines if part)
    return None


def owner_text(row: QueueRow) -> str:
    """Whose it is, if another's: 接警 031, 接警 031 失联."""
    if not row.owner:
        return ""
    said = QCoreApplication.translate("queue", "接警 {owner} 失联" if row.silent else "接警 {owner}")
    return said.format(owner=row.owner)


def common_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many at the beginning, and how many of the rest at the end, are the same in both."""
    both = min(len(old), len(new))
    head = next((at for at in range(both) if old[at] != new[at]), both)
    rest = both - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return head, tail


def contiguous(places: Iterable[int]) -> list[tuple[int, int]]:
    """Places as (first, last) ranges without gaps, in order."""
    ranges: list[tuple[int, int]] = []
    for place in sorted(set(places)):
        if ranges and place == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], place)
        else:
            ranges.append((place, place))
    return ranges
