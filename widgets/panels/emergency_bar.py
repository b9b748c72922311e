"""The bar of an officer in need 民警紧急求助: over the whole window, on every screen, until a person stops it.

Stars and the word tell it apart from an alarm, not the colour alone; it flashes only while nobody has acknowledged it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from widgets.layouts import ElidedLabel
from widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class Need:
    """One emergency in words: who, where, since when; `known` = somebody has acknowledged it."""

    unit: str
    text: str
    known: bool


class _Key(QAbstractButton):
    """A word in an outline on the filled ground, at least 44 px high: it is pressed in haste."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self._theme = theme
        self.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedSize(theme.metrics("strong").horizontalAdvance(text) + theme.px(24), theme.px(44))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("on_fill"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(6), theme.px(6))
        painter.setFont(theme.font("strong"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class EmergencyBar(QWidget):
    """`acknowledged`, `stopped` and `back` are its keys; the first emergency that waits is meant."""

    acknowledged = Signal()
    stopped = Signal()
    back = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._bright, self.needs = theme, True, tuple[Need, ...]()
        self.setAccessibleName(self.tr("民警紧急求助"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(60))
        self.words = ElidedLabel(theme, "spot", "on_fill", self.tr("民警紧急求助"), room=300)
        self.know = _Key(theme, self.tr("Ctrl Shift E 确认"))
        self.stop = _Key(theme, self.tr("Ctrl Shift X 解除"))
        self.home = _Key(theme, self.tr("★ 返回原图"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(6), theme.px(10), theme.px(6))
        row.setSpacing(theme.px(10))
        row.addWidget(self.words, 1)
        for key, act in ((self.know, self.acknowledged), (self.stop, self.stopped), (self.home, self.back)):
            key.clicked.connect(act)
            row.addWidget(key)
        self.hide()

    def show_needs(self, needs: Sequence[Need], *, away: bool) -> None:
        """Those that run, the first on the bar; `away`: the map was taken to one of them."""
        self.needs = tuple(needs)
        self.setVisible(bool(needs))
        if not needs:
            return
        more = self.tr("（另有 {n} 起）").format(n=len(needs) - 1) if len(needs) > 1 else ""
        self.words.show_text(f"★ {needs[0].text}{more}")
        self.setAccessibleDescription(self.words.text)
        self.know.setVisible(not needs[0].known)
        self.home.setVisible(away)
        self.update()

    @Slot(object)
    def flash(self, bright: object) -> None:
        """The beat of what flashes."""
        self._bright = bool(bright)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, box = self._theme, QRectF(self.rect())
        waits = bool(self.needs) and not self.needs[0].known
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("emergency"))
        dim = waits and not self._bright
        painter.setPen(QPen(theme.color("text" if dim else "emergency"), theme.px(4) if dim else 1))
        painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), theme.px(6), theme.px(6))
        painter.end()
