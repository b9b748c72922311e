"""The field of the command line and the list of completions above it.

The list is a plain child of the window: it takes no focus and no keys, so an input method that is composing
never reaches it. While it composes, Enter, Esc, Tab and the arrows belong to it (craft.md P33).
"""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from console.commands.completion import Completion
from widgets.text import said
from widgets.theme import Theme

Index = QModelIndex | QPersistentModelIndex
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NOTE = Qt.ItemDataRole.UserRole + 1


class LineInput(QLineEdit):
    """One line. `entered`, `left` and `taken` (Tab) are its keys; `stepped` carries -1 (Up) or 1 (Down)."""

    entered = Signal()
    left = Signal()
    taken = Signal()
    stepped = Signal(int)
    focus_turned = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.composing = False
        self.setProperty("role", "bare")

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.focus_turned.emit(event.type() is QEvent.Type.FocusIn)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._steer(event):
            event.accept()
            return True
        return super().event(event)

    def _steer(self, event: QKeyEvent) -> bool:
        """The keys that are the command line's own; none of them while an input method composes."""
        if self.composing or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in ENTER:
            if not event.isAutoRepeat():
                self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_Tab and self.text():
            self.taken.emit()
        else:
            return False
        return True


class _TwoColumns(QStyledItemDelegate):
    """The word, and muted what it stands for."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._theme.px(360), self._theme.px(26))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        theme, px = self._theme, self._theme.px
        note = QRectF(option.rect).adjusted(px(104), 0, -px(6), 0)
        painter.save()
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font("small"))
        text = theme.metrics("small").elidedText(
            str(index.data(_NOTE)),
            Qt.TextElideMode.ElideRight,
            int(note.width()),
        )
        painter.drawText(note, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


class CompletionList(QFrame):
    """Completions above the field. `picked` carries the Completion that was clicked."""

    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._ground = theme, parent
        self._offered: list[Completion] = []
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("命令补全"))
        self._rows = QListWidget()
        self._rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows.setItemDelegate(_TwoColumns(theme, self))
        self._rows.itemClicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(4),) * 4)
        layout.addWidget(self._rows)
        self.hide()

    @property
    def offered(self) -> list[Completion]:
        """What is shown; empty while the list is closed."""
        return self._offered if self.isVisible() else []

    @property
    def chosen(self) -> Completion | None:
        """The row the arrows stand on."""
        row = self._rows.currentRow()
        return self._offered[row] if self.isVisible() and 0 <= row < len(self._offered) else None

    def offer(self, completions: Sequence[Completion], above: QWidget) -> None:
        """Show these above the widget, none chosen; nothing to offer closes the list."""
        self._offered = list(completions)
        self._rows.clear()
        for completion in self._offered:
            item = QListWidgetItem(completion.word)
            item.setData(_NOTE, said(completion.note))
            self._rows.addItem(item)
        self._rows.setCurrentRow(-1)
        self.setVisible(bool(self._offered))
        if self._offered:
            self._place(above)

    def step(self, by: int) -> None:
        """Up or down, round and round."""
        count, row = len(self._offered), self._rows.currentRow()
        self._rows.setCurrentRow((row + by) % count if row >= 0 else (0 if by > 0 else count - 1))

    def _place(self, above: QWidget) -> None:
        px = self._theme.px
        at = above.mapTo(self._ground, QPoint(0, 0))
        height = min(len(self._offered) * px(26) + px(10), max(at.y() - px(4), px(36)))
        width = min(px(420), self._ground.width() - px(8))
        self.setGeometry(at.x(), max(0, at.y() - height - px(4)), width, height)
        self.raise_()

    @Slot(QListWidgetItem)
    def _clicked(self, item: QListWidgetItem) -> None:
        self.picked.emit(self._offered[self._rows.row(item)])
