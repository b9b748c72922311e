"""The steps of a test run as a list model: one row each in the plan's order, changed in place."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from console.domain.test_run import STEP_LABELS, StepState, TestStep
from widgets.text import word

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
StepRole = Qt.ItemDataRole.UserRole + 1


def figure_text(step: TestStep) -> str:
    """11.8 ms · 6 / 10 · what came · 待测."""
    if step.state in (StepState.WAITING, StepState.SKIPPED):
        return word(STEP_LABELS[step.state])
    pieces = [f"{step.seen} / {step.needed}" if step.needed > 1 else ""]
    pieces.append("" if step.figure is None else f"{step.figure:g} {step.unit}".strip())
    return "  ".join(piece for piece in pieces if piece) or word(step.note) or word(STEP_LABELS[step.state])


class StepsModel(QAbstractListModel):
    """Rows are the domain's own TestStep."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TestStep] = []

    @override
    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        step = self._rows[index.row()]
        if role == StepRole:
            return step
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{word(step.title)} {word(STEP_LABELS[step.state])} {figure_text(step)} {word(step.target)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in map(word, (step.title, step.target, step.note)) if part)
        return None

    def show(self, steps: Sequence[TestStep]) -> None:
        """The steps of a run; those of the same run change where they stand."""
        rows = sorted(steps, key=lambda step: step.place)
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        for place, row in enumerate(rows):
            if row != self._rows[place]:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place), self.index(place))
