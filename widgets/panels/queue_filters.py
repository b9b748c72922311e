"""The row below the queue's tabs: what is held back and why, a menu to choose it from, and how the rows look.

It is quiet while everything is shown. While something is held back it says so in words, in colour and with a button
that lets everything through again: nobody must take a filtered queue for the whole one.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from console.domain.priority import LEVELS
from console.domain.reference import Reference
from console.services.queue_filter import (
    BEAT,
    COLUMNS,
    EVERYTHING,
    LATE,
    LINES,
    MINE,
    SOURCES,
    QueueFilter,
    choices,
    told,
)
from widgets.layouts import ElidedLabel
from widgets.models.queue_look import Column, QueueLook, column_title
from widgets.panels.chip import Chip
from widgets.text import word
from widgets.theme import Theme


class QueueFilters(QWidget):
    """`chosen` carries the filter, `worn` the look. `beats` answers those that occur at present."""

    chosen = Signal(object)
    worn = Signal(object)

    def __init__(self, theme: Theme, reference: Callable[[], Reference], beats: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._theme, self._reference, self._beats = theme, reference, beats
        self.filter = EVERYTHING
        self.look = QueueLook()
        self.open = Chip(theme, self.tr("筛选"), "muted", tick=False)
        self.said = ElidedLabel(theme, "small", "warn", self.tr("正在筛选"), room=60)
        self.late = Chip(theme, "", "bad", tick=False)
        self.late.setCheckable(False)
        self.late.hide()
        self.clear = Chip(theme, self.tr("清除"), "warn", tick=False)
        self.dress = Chip(theme, self.tr("显示"), "muted", tick=False)
        self.menu: QMenu | None = None
        tips = ((self.open, self.tr("选择要看的警情 Alt+F")), (self.clear, self.tr("清除筛选，看到全部 Alt+C")))
        for chip, tip in (*tips, (self.dress, self.tr("行距和显示的内容 Alt+V"))):
            chip.setCheckable(False)
            chip.setToolTip(tip)
        self.open.clicked.connect(self.open_menu)
        self.dress.clicked.connect(self.open_look_menu)
        self.clear.clicked.connect(self.show_all)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.open)
        self._row.addWidget(self.said, 1)
        self._row.addWidget(self.late)
        self._row.addWidget(self.clear)
        self._row.addWidget(self.dress)
        theme.changed.connect(self._fit)
        self._fit(theme)
        self._tell()

    # -- what is held back -----------------------------------------------------------------------------------

    def known(self) -> dict[str, QueueFilter]:
        """Every word a filter is put together from, as things stand."""
        return choices(self._reference(), {*self._beats(), *self.filter.beats})

    def narrow(self, wanted: QueueFilter) -> None:
        """Another filter."""
        if wanted != self.filter:
            self.filter = wanted
            self._tell()
            self.chosen.emit(wanted)

    @Slot()
    def show_all(self) -> None:
        """Nothing is held back any more."""
        self.narrow(EVERYTHING)

    def _tell(self) -> None:
        words = [word(text) for text in told(self.filter, self.known())] if self.filter.on else []
        self.said.show_text(self.tr("只看：{words}").format(words=" · ".join(words)) if words else "")
        self.clear.setVisible(bool(words))

    @Slot()
    def open_menu(self) -> None:
        """Alt+F."""
        self._pop(self.filter_menu(), self.open)

    def filter_menu(self) -> QMenu:
        """Everything a filter is put together from."""
        known, menu = self.known(), self._menu(self.tr("筛选警情"))
        mine = [text for text in (MINE, LATE) if text in known]
        beats = [text for text in known if text.startswith(BEAT)]
        classes = [text for text, choice in known.items() if choice.classes]
        self._add(menu, mine, known)
        menu.addSeparator()
        self._add(menu, LEVELS.values(), known)
        menu.addSeparator()
        self._add(menu, SOURCES.values(), known)
        menu.addSeparator()
        self._add(menu.addMenu(self.tr("类别")), classes, known)
        if beats:
            self._add(menu.addMenu(self.tr("警区")), beats, known)
        menu.addSeparator()
        everything = menu.addAction(self.tr("清除筛选"))
        everything.setEnabled(self.filter.on)
        everything.triggered.connect(self.show_all)
        return menu

    def _add(self, menu: QMenu, texts: Iterable[str], known: dict[str, QueueFilter]) -> None:
        for text in texts:
            choice = known[text]
            action = self._check(menu, word(text), self.filter.joined(choice) == self.filter)
            action.triggered.connect(partial(self._toggle, choice))

    def _toggle(self, choice: QueueFilter) -> None:
        self.narrow(self.filter.toggled(choice))

    # -- how it looks ----------------------------------------------------------------------------------------

    def wear(self, look: QueueLook) -> None:
        """Another look."""
        if look != self.look:
            self.look = look
            self.worn.emit(look)

    def wear_word(self, word: str) -> None:
        """The look a word stands for: one line, two lines, or a column shown or no more."""
        if word in LINES:
            self._lines(LINES[word])
        else:
            self._column(Column(COLUMNS[word]))

    @Slot()
    def open_look_menu(self) -> None:
        """Alt+V."""
        self._pop(self.look_menu(), self.dress)

    def look_menu(self) -> QMenu:
        """One line or two, and what a row shows."""
        menu = self._menu(self.tr("显示"))
        for text, two in LINES.items():
            action = self._check(menu, word(text), self.look.two_lines == two)
            action.triggered.connect(partial(self._lines, two))
        menu.addSeparator()
        for column in Column:
            action = self._check(menu, column_title(column), column in self.look.columns)
            action.triggered.connect(partial(self._column, column))
        return menu

    def _lines(self, two: bool) -> None:
        self.wear(replace(self.look, two_lines=two))

    def _column(self, column: Column) -> None:
        self.wear(replace(self.look, columns=self.look.columns ^ {column}))

    # -- menus -----------------------------------------------------------------------------------------------

    def _menu(self, title: str) -> QMenu:
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        self.menu.setAccessibleName(title)
        return self.menu

    def _check(self, menu: QMenu, text: str, checked: bool) -> QAction:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
        return action

    def _pop(self, menu: QMenu, below: QWidget) -> None:
        menu.popup(below.mapToGlobal(QPoint(0, below.height())))
        menu.setActiveAction(menu.actions()[0])

    @Slot(object)
    def _fit(self, theme: Theme) -> None:
        px = theme.px
        self._row.setContentsMargins(px(10), 0, px(10), 0)
        self._row.setSpacing(px(6))
