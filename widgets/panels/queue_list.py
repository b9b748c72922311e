"""The list of the queue: holds its rows still while a hand is on it, and keeps the row under the cursor there.

While the mouse is over the list, or a key moved in it within the last second, rows keep their places; a row that
comes in above the cursor's scrolls the list by its height, so that nothing moves under the hand.
"""

from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, QModelIndex, QRect, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from widgets.delegates.queue import QueueDelegate
from widgets.models.queue import ROW, QueueModel
from widgets.models.queue_look import QueueLook
from widgets.models.queue_past import Ending
from widgets.models.queue_row import QueueRow, Tab
from widgets.theme import Theme
from widgets.tick import Tick

KEYS_REST = timedelta(seconds=1)
"""How long after the last key rows stay where they are."""

MOVING_KEYS = frozenset(
    {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End}
)


class QueueList(QTableView):
    """`chosen` carries the QueueRow a person went to; `typed` the text they began to type; `retried`: the last
    row said that reading failed, and a person wants it tried again.

    A table of one column: a list view lays out all its rows again for each changed one (15 ms at 5 000 rows).
    """

    chosen = Signal(object)
    opened = Signal(object)
    typed = Signal(object)
    retried = Signal()

    def __init__(self, theme: Theme, tick: Tick, model: QueueModel) -> None:
        super().__init__()
        self._theme, self._tick, self._model = theme, tick, model
        self._hovering = False
        self._last_key: datetime | None = None
        self._slack = 0
        self._as_of = tick.now()
        self.row_delegate = QueueDelegate(theme, lambda: self._as_of)
        self.setModel(model)
        self.setItemDelegate(self.row_delegate)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("警情队列"))
        self.activated.connect(self._open)
        model.rowsInserted.connect(self._keep_hand)
        tick.second.connect(self._beat)
        theme.changed.connect(self._dress)
        self._dress(theme)

    # -- a hand on the list ----------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 -- Qt's name
        self._hovering = True
        self._hold()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        self._hovering = False
        self._slack = 0
        self._hold()
        self.updateGeometries()
        super().leaveEvent(event)

    def _hold(self) -> None:
        resting = self._last_key is None or self._tick.now() - self._last_key >= KEYS_REST
        self._model.hold(self._hovering or not resting)

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        """Once a second: let go if the hand is gone, repaint the time column of what is visible."""
        self._hold()
        self._as_of = now
        width = self.row_delegate.beat_width
        view = self.viewport()
        view.update(QRect(view.width() - width, 0, width, view.height()))

    @Slot(QModelIndex, int, int)
    def _keep_hand(self, _parent: QModelIndex, first: int, last: int) -> None:
        if not self._hovering:
            return
        under = self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos()))
        if under.isValid() and first <= under.row() and last - first < 20:
            self.shift((last - first + 1) * self.rowHeight(under.row()))

    def shift(self, pixels: int) -> None:
        """Scroll by what came in above, with room at the end if the list is too short for it."""
        bar = self.verticalScrollBar()
        wanted = bar.value() + pixels
        self.executeDelayedItemsLayout()
        self._slack = max(self._slack, wanted - bar.maximum())
        self.updateGeometries()
        bar.setValue(wanted)

    def updateGeometries(self) -> None:  # noqa: N802 -- Qt's name
        super().updateGeometries()
        if self._slack > 0:
            bar = self.verticalScrollBar()
            bar.setMaximum(bar.maximum() + self._slack)

    # -- choosing --------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        super().mousePressEvent(event)
        pressed = self.indexAt(event.position().toPoint())
        self._choose(pressed)
        self._retry(pressed)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        if event.key() in MOVING_KEYS:
            self._last_key = self._tick.now()
            self._hold()
            self._move(event)
            self._choose(self.currentIndex())
        elif event.text().strip() and event.text().isprintable() and _is_typing(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def _move(self, event: QKeyEvent) -> None:
        """Home and End go to the first and last row (a table would go to columns)."""
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self._model.rowCount() - 1}
        if event.key() in ends:
            self.setCurrentIndex(self._model.index(ends[Qt.Key(event.key())]))
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        if isinstance(row, QueueRow):
            self.chosen.emit(row)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        if isinstance(row, QueueRow):
            self.opened.emit(row)
        self._retry(index)

    def _retry(self, index: QModelIndex) -> None:
        ending = index.data(ROW)
        if isinstance(ending, Ending) and (ending.failed or ending.asks):
            self.retried.emit()

    def take_focus(self) -> None:
        """Come back from the filter; the first row is current if none is."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.currentIndex().isValid() and self._model.rowCount():
            self.setCurrentIndex(self._model.index(0))
            self._choose(self.currentIndex())

    def go_to(self, key: str) -> None:
        """Mark the row of a key as current, without choosing; nothing marked if it is not shown."""
        at = self._model.place_of(key)
        if at < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif self.currentIndex().row() != at:
            self.setCurrentIndex(self._model.index(at))

    def mark(self, key: str) -> None:
        """As `go_to`, but the list stays where it is scrolled to."""
        self.setAutoScroll(False)
        self.go_to(key)
        self.setAutoScroll(True)

    # -- drawing ---------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """A row looks the same with and without the keys: Qt's own would draw all of them anew, in the very frame that
        answers the key that took the focus away."""
        if not self.currentIndex().isValid():
            super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """As above."""

    def wear(self, look: QueueLook) -> None:
        """Another look; the current row stays in sight."""
        self.row_delegate.look = look
        self._dress(self._theme)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    @Slot(object)
    def _dress(self, _theme: Theme) -> None:
        self.row_delegate.forget()
        self.verticalHeader().setMinimumSectionSize(self._theme.px(24))
        self.verticalHeader().setDefaultSectionSize(self._theme.px(self.row_delegate.look.row_height))
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        super().paintEvent(event)
        if self._model.rowCount() == 0:
            self._paint_empty()

    def _paint_empty(self) -> None:
        painter = QPainter(self.viewport())
        box = self.viewport().rect().adjusted(self._theme.px(16), 0, -self._theme.px(16), 0)
        painter.setFont(self._theme.font("base"))
        painter.setPen(self._theme.color("muted"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, flags, self.empty_text())
        painter.end()

    def empty_text(self) -> str:
        """What happened and what to do next."""
        if self._model.only.on:
            return self.tr("没有符合筛选的警情。\n按 Alt+C 清除筛选，看到全部。")
        if self._model.filtering and self._model.tab is Tab.ALL:
            return self.tr("没有符合的警情，数据库里的全部历史也查过了。\n换一个词，或清除筛选。")
        if self._model.filtering:
            return self.tr("没有符合筛选的警情。\n清除筛选，或按 Ctrl+F 查询全部历史。")
        return self.tr("此栏没有警情。\n新来电按 F9 建单；一键报警会自动出现在这里。")


def _is_typing(event: QKeyEvent) -> bool:
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return not event.modifiers() & command and event.text() != "?"
