"""The big clock: local time in digits of one width, date and weekday beside it."""

from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.text import clock_text, day_text
from widgets.theme import Theme


class ClockFace(QWidget):
    """Painted by itself: a label would lay the whole header out again each second."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._clock, self._day = "00:00:00", ""
        self.setAccessibleName(self.tr("当前时间"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return f"{self._clock} {self._day}"

    def show_time(self, now: datetime) -> None:
        """`now` is UTC; shown is Beijing time."""
        self._clock, day = clock_text(now), day_text(now)
        if day != self._day:
            self._day = day
            self.updateGeometry()
        self.setAccessibleDescription(self.text)
        self.update()

    def _clock_width(self) -> int:
        return self._theme.metrics("clock").horizontalAdvance(self._clock)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px = self._theme.px
        day = self._theme.metrics("base").horizontalAdvance(self._day or "00月00日 周一")
        return QSize(self._clock_width() + px(12) + day + px(4), px(32))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme = self._theme
        painter = QPainter(self)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(theme.font("clock"))
        painter.setPen(theme.color("text"))
        painter.drawText(self.rect(), flags, self._clock)
        painter.setFont(theme.font("base"))
        painter.setPen(theme.color("muted"))
        left = self._clock_width() + theme.px(12)
        painter.drawText(QRectF(left, theme.px(2), self.width() - left, self.height()), flags, self._day)
        painter.end()
