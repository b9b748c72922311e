"""The sign at the strip's left end: elapsed time, big, and the alarm's triangle; it flashes while nobody owns it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.paint import paint_alarm, paint_pill, pill_width
from widgets.theme import Theme

DIM = 0.5
"""Opacity of the sign in the dark half: at least 3:1 on the strip's ground in both themes."""


class StripSign(QWidget):
    """Elapsed time over a short warning, and the triangle (a question mark's square for unreadable bytes)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._elapsed, self._warning = "00:00", ""
        self._garbage, self._bright = False, True
        self.setAccessibleName(self.tr("报警后时间"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def elapsed(self) -> str:
        return self._elapsed

    @property
    def warning(self) -> str:
        return self._warning

    def show_state(self, elapsed: str, warning: str, garbage: bool) -> None:
        """`warning` is '' or a word such as 无人确认."""
        if len(elapsed) != len(self._elapsed):
            self.updateGeometry()
        self._elapsed, self._warning, self._garbage = elapsed, warning, garbage
        self.setAccessibleDescription(" ".join(part for part in (elapsed, warning) if part))
        self.update()

    def show_bright(self, bright: bool) -> None:
        """The two sides of the flash."""
        if bright != self._bright:
            self._bright = bright
            self.update()

    def _time_width(self) -> int:
        return self._theme.metrics("elapsed").horizontalAdvance(self._elapsed) + self._theme.px(8)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px = self._theme.px
        return QSize(max(self._time_width(), px(88)) + px(16 + 40), px(48))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        left = QRectF(0, 0, self.width() - px(48), self.height())
        painter.setFont(theme.font("elapsed"))
        painter.setPen(theme.color("alarm_text" if self._bright else "alarm_muted"))
        if self._warning:
            painter.drawText(left.adjusted(0, 0, 0, -px(16)), Qt.AlignmentFlag.AlignCenter, self._elapsed)
            width = pill_width(theme, self._warning)
            pill = QRectF(left.center().x() - width / 2, self.height() - px(17), width, px(17))
            paint_pill(painter, theme, pill, self._warning, theme.color("alarm_text"))
        else:
            painter.drawText(left, Qt.AlignmentFlag.AlignCenter, self._elapsed)
        box = QRectF(self.width() - px(44), (self.height() - px(40)) / 2, px(40), px(40))
        if self._garbage:
            self._paint_garbage(painter, box)
        else:
            self._paint_triangle(painter, box)
        painter.end()

    def _ink(self) -> QColor:
        """Dimmed in the dark half of the flash, never gone."""
        ink = QColor(self._theme.color("alarm_text"))
        ink.setAlphaF(1.0 if self._bright else DIM)
        return ink

    def _paint_triangle(self, painter: QPainter, box: QRectF) -> None:
        paint_alarm(painter, self._theme, box, self._ink())

    def _paint_garbage(self, painter: QPainter, box: QRectF) -> None:
        inner = box.adjusted(4, 4, -4, -4)
        painter.setPen(self._ink())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(inner)
        painter.setFont(self._theme.font("spot"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, "?")
