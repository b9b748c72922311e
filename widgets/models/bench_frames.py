"""Live frames 实时报文 as a list model: the newest below, bounded, pausable, filtered by line and words.

While it is paused what passes is still counted and shown when it goes on, up to the bound.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from widgets.text import stamp_text

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
MOST = 2000
"""Rows kept; who needs more captures to a file."""

FrameRole = Qt.ItemDataRole.UserRole + 1
MarkRole = Qt.ItemDataRole.UserRole + 2
SIMULATED = "模拟"
Kind = Literal["signal", "heartbeat", "other", "garbage", "out"]


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One frame heard, or sent (`out`). `delay_ms`: from the last byte heard to this answer."""

    at: datetime
    line: str
    data: bytes
    words: str
    kind: Kind
    delay_ms: float | None = None
    out: bool = False

    @property
    def hex(self) -> str:
        """35 30 31 …"""
        return self.data.hex(" ").upper()

    @property
    def arrow(self) -> str:
        return "→" if self.out else "←"


class FramesModel(QAbstractListModel):
    """`line` '' shows every line; `always` is the bench's own wire: shown whichever is chosen, and named in each row,
    for nobody may take what was simulated for what a panel sent."""

    def __init__(self, parent: QObject | None = None, always: str = "") -> None:
        super().__init__(parent)
        self._always = always
        self._all: deque[FrameRow] = deque(maxlen=MOST)
        self._rows: list[FrameRow] = []
        self._waiting: list[FrameRow] = []
        self.line = ""
        self._filter = ""
        self._heartbeats = True
        self.paused = False

    @override
    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == FrameRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            mark = SIMULATED if row.line == self._always else row.line
            return f"{stamp_text(row.at)} {mark} {row.arrow} {row.hex} {row.words}"
        if role == MarkRole:
            return self.mark(row)
        return None

    @property
    def rows(self) -> tuple[FrameRow, ...]:
        """What is shown, for the export."""
        return tuple(self._rows)

    @property
    def waiting(self) -> int:
        """How many frames passed while it stood still."""
        return len(self._waiting)

    def mark(self, row: FrameRow) -> str:
        """What a row must say of where it passed: nothing on the chosen line."""
        return SIMULATED if row.line == self._always else "" if self.line else row.line

    def shows(self, row: FrameRow) -> bool:
        """Whether a row that passes now comes to the screen."""
        return not self.paused and self._fits(row)

    def add(self, rows: Iterable[FrameRow]) -> int:
        """What just passed; answers how many rows are shown of it."""
        fresh = list(rows)
        self._all.extend(fresh)
        shown = [row for row in fresh if self._fits(row)]
        if self.paused:
            self._waiting = (self._waiting + shown)[-MOST:]
            return 0
        self._append(shown)
        return len(shown)

    def _append(self, shown: list[FrameRow]) -> None:
        if not shown:
            return
        shown = shown[-MOST:]
        excess = len(self._rows) + len(shown) - MOST
        if excess > 0:
            self.beginRemoveRows(QModelIndex(), 0, excess - 1)
            del self._rows[:excess]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(shown) - 1)
        self._rows += shown
        self.endInsertRows()

    def pause(self, paused: bool) -> None:
        """Stand still, or show what passed meanwhile."""
        self.paused = paused
        if not paused:
            waited, self._waiting = self._waiting, []
            self._append(waited)

    def show_only(self, line: str, words: str = "", *, heartbeats: bool = True) -> None:
        """Another line, another filter (every word must be in the frame's line, hex or words)."""
        self.line, self._filter, self._heartbeats = line, words.casefold(), heartbeats
        self.beginResetModel()
        self._waiting = []
        self._rows = [row for row in self._all if self._fits(row)]
        self.endResetModel()

    def _fits(self, row: FrameRow) -> bool:
        if self.line and row.line not in (self.line, self._always):
            return False
        if row.kind == "heartbeat" and not self._heartbeats:
            return False
        said = f"{row.line} {row.hex} {row.data.hex()} {row.words}".casefold()
        return all(word in said for word in self._filter.split())
