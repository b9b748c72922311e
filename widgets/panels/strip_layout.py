"""What the alarm strip is made of and where it stands: sign and words on the left, advice and keys on the right."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.controls import KeyButton
from widgets.layouts import ElidedLabel, Reflow
from widgets.panels.strip_sign import StripSign
from widgets.theme import Theme


class StripLayout(QFrame):
    """The parts of the strip; one row, or two where the window is narrow."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(self.tr("一键报警条"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._sign = StripSign(theme)
        self._silent = ElidedLabel(theme, "elapsed", "alarm_text", self.tr("不得回拨"), room=0)
        self._silent.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._silent.hide()
        self._heading = ElidedLabel(theme, "spot", "alarm_text", self.tr("报警点位"), room=220)
        self._facts = ElidedLabel(theme, "small", "alarm_muted", self.tr("报警详情"), room=220)
        self._advised = ElidedLabel(theme, "base", "alarm_text", self.tr("建议警组"), room=180)
        self._rings = ElidedLabel(theme, "small", "alarm_muted", self.tr("圈内警组"), room=180)
        self.acknowledge_button = KeyButton(theme, "F1", self.tr("确认接警"), "danger")
        self.dispatch_button = KeyButton(theme, "F2", self.tr("派警并联动"), "danger")
        self.verify_button = KeyButton(theme, "F3", self.tr("回拨核实"))
        self.others_button = KeyButton(theme, "", "")
        self._build()

    def _build(self) -> None:
        words = QWidget()
        lines = QVBoxLayout(words)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(self._theme.px(2))
        lines.addStretch(1)
        lines.addWidget(self._heading)
        lines.addWidget(self._facts)
        lines.addStretch(1)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(16))
        row.addWidget(self._sign)
        row.addWidget(self._silent)
        row.addWidget(words, 1)
        self._reflow = Reflow(left, self._build_right(), self._theme.px(12))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(self._theme.px(16), self._theme.px(8), self._theme.px(12), self._theme.px(8))
        outer.addWidget(self._reflow)

    def _build_right(self) -> QWidget:
        advised = QWidget()
        lines = QVBoxLayout(advised)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(self._theme.px(2))
        lines.addStretch(1)
        lines.addWidget(self._advised)
        lines.addWidget(self._rings)
        lines.addStretch(1)
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(10))
        row.addWidget(advised, 1)
        for button in (self.acknowledge_button, self.dispatch_button, self.verify_button, self.others_button):
            row.addWidget(button)
        return right

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        super().resizeEvent(event)
        self._reflow.arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QLinearGradient(0, 0, self.width(), 0)
        ground.setColorAt(0, theme.color("alarm"))
        ground.setColorAt(1, theme.color("alarm2"))
        painter.setBrush(ground)
        painter.setPen(theme.color("alarm_line"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        painter.end()
