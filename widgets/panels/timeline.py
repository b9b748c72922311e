"""The timeline pane: what happened to the incident, newest first, with its waiting and error states drawn."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QListView
from typing_extensions import override

from widgets.delegates.timeline import TimelineDelegate
from widgets.models.timeline import TimelineModel
from widgets.theme import Theme

ROWS = 3
"""How many lines stay visible however small the window is."""


class TimelineView(QListView):
    """A list over `TimelineModel`; `say` puts a sentence where the rows would be (loading, failed, empty)."""

    def __init__(self, theme: Theme, model: TimelineModel) -> None:
        super().__init__()
        self._theme = theme
        self._said = ""
        self.setModel(model)
        self._delegate = TimelineDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("时间线"))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self._fit()

    @property
    def said(self) -> str:
        """The sentence in place of rows, '' when there are rows."""
        return self._said

    def say(self, sentence: str) -> None:
        """Why there are no rows; '' when there are."""
        self._said = sentence
        self.setAccessibleDescription(sentence)
        self.viewport().update()

    def _fit(self) -> None:
        self.setMinimumHeight(self._theme.px(22) * ROWS)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._said or self.model().rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("muted"))
        box: QRect = self.viewport().rect().adjusted(self._theme.px(4), self._theme.px(4), 0, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self._said)
        painter.end()
