"""The timeline of one incident as a list model: newest first, one row a fact that has a sentence.

Rows are immutable; `show` replaces all of them when another incident is selected, `append` inserts what
happened since. A provisional row (本机暂存) goes when its committed twin arrives.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from console.domain.facts import Fact, PersonViewed
from console.domain.reference import Reference
from widgets.text import clock_text, stamp_text, word
from widgets.timeline_text import marks, teller_of

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Row:
    """One line: when, who at which seat, what, and what must be said about how it came in."""

    at: datetime
    actor: str
    seat: str
    text: str
    marks: tuple[str, ...]
    seq: int
    act_id: str


RowRole = Qt.ItemDataRole.UserRole + 1


class TimelineModel(QAbstractListModel):
    """Facts of one incident, newest first; the tool tip shows the time to the millisecond and the seat.

    `mask` takes the numbers of persons out of a text before it is shown.
    """

    def __init__(self, reference: Reference, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reference = reference
        self._teller = teller_of(reference)
        self._rows: list[Row] = []
        self._known: set[int] = set()
        self.mask: Callable[[str], str] = str

    @override
    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == RowRole:
            return replace(row, text=self.mask(row.text)) if self.mask is not str else row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return " ".join((clock_text(row.at), row.actor, self.mask(row.text), *row.marks))
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{stamp_text(row.at)}\n{row.actor} · {row.seat}\n{self.mask(row.text)}"
        return None

    def show(self, facts: Iterable[Fact]) -> None:
        """Another incident: its facts, oldest first."""
        self.beginResetModel()
        self._teller = teller_of(self._reference)
        self._known = set()
        self._rows = list(reversed(self._take_in(facts)))
        self.endResetModel()

    def append(self, facts: Iterable[Fact]) -> None:
        """What happened to the incident since, oldest first; known facts are skipped."""
        fresh = self._take_in(facts)
        if not fresh:
            return
        self._drop_provisional({row.act_id for row in fresh if row.seq})
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self._rows[:0] = reversed(fresh)
        self.endInsertRows()

    def _take_in(self, facts: Iterable[Fact]) -> list[Row]:
        rows = []
        for fact in facts:
            if fact.seq and fact.seq in self._known:
                continue
            self._known.add(fact.seq)
            text = self._teller.tell(fact)
            if text and not isinstance(fact.body, PersonViewed):  # the journal's alone: it would bury what was done
                rows.append(Row(fact.at, self._actor(fact), fact.seat, text, marks(fact), fact.seq, fact.act_id))
        return rows

    def _actor(self, fact: Fact) -> str:
        """Who did it: a person's number, or an agency's short name where the agency itself answered."""
        agency = self._reference.agencies.get(fact.actor)
        return word(agency.short if agency is not None else fact.actor)

    def _drop_provisional(self, act_ids: set[str]) -> None:
        for place in reversed(range(len(self._rows))):
            row = self._rows[place]
            if not row.seq and row.act_id in act_ids:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
