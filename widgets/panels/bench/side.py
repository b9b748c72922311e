"""The lower right pane of the bench: line quality, sites whose test is due, repair orders; one at a time, by tabs."""

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from widgets.controls import TabButton
from widgets.theme import Theme


class SidePane(QWidget):
    """`pages` are (title, widget); Ctrl+1 … choose them."""

    def __init__(self, theme: Theme, pages: Sequence[tuple[str, QWidget]]) -> None:
        super().__init__()
        px = theme.px
        self.setAccessibleName(self.tr("质量与维修"))
        self.stack = QStackedWidget()
        self.tabs = [TabButton(theme, title) for title, _ in pages]
        row = QHBoxLayout()
        row.setContentsMargins(px(6), 0, px(6), 0)
        row.setSpacing(px(10))
        for tab, (_, page) in zip(self.tabs, pages, strict=True):
            row.addWidget(tab)
            tab.clicked.connect(self._choose)
            self.stack.addWidget(page)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        column.addLayout(row)
        column.addWidget(self.stack, 1)
        self.tabs[0].setChecked(True)

    def show_page(self, place: int) -> None:
        """The page at this place; its tab is the checked one."""
        self.tabs[place].setChecked(True)
        self.stack.setCurrentIndex(place)

    @Slot()
    def _choose(self) -> None:
        self.stack.setCurrentIndex(next(at for at, tab in enumerate(self.tabs) if tab.isChecked()))
