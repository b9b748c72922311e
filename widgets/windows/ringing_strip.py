"""The strip of who rings while a sheet lies over the map: the caller's card in one line, above the sheet."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.layouts import ElidedLabel
from widgets.panels.caller_pop import CallerPop
from widgets.panels.cover import Cover
from widgets.theme import Theme
from widgets.windows.gate import Gate


class RingingStrip(QWidget):
    """Shows what `pop` shows of a call that rings while one of the ground's covers is open, and has them leave it room.

    It takes no focus: what is typed in a sheet keeps the keys.
    """

    def __init__(self, ground: QWidget, theme: Theme, pop: CallerPop, gate: Gate) -> None:
        super().__init__(ground)
        self._theme, self._pop, self._gate = theme, pop, gate
        self._covers = ground.findChildren(Cover)
        self.setAccessibleName(self.tr("来电"))
        self.number = ElidedLabel(theme, "title", "text", self.tr("来电号码"))
        self.heading = ElidedLabel(theme, "small", "muted", self.tr("来电线路"), room=60)
        self.time = QLabel()
        self.time.setFont(theme.font("title"))
        self.take_button = KeyButton(theme, "F9", pop.take_button.text(), height=32)
        self.take_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.take_button.clicked.connect(pop.take_button.click)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(18), 0, theme.px(8), 0)
        row.setSpacing(theme.px(12))
        for part in (self.number, self.heading, self.time, self.take_button):
            row.addWidget(part, 2 if part is self.heading else 1 if part is self.number else 0)
        self.hide()
        gate.kept_free = self.room
        for cover in self._covers:
            cover.installEventFilter(self)
        pop.told.connect(self.refresh)

    def room(self) -> int:
        """So many pixels above every sheet are this strip's."""
        return 0 if self.isHidden() else self._theme.px(50)

    def _wanted(self) -> bool:
        return self._pop.rings and any(not cover.isHidden() for cover in self._covers)

    def refresh(self) -> None:
        """Look at the card again."""
        was, wanted = not self.isHidden(), self._wanted()
        if wanted:
            heading, number, time = self._pop.summary()
            self.heading.show_text(heading)
            self.number.show_text(number)
            self.time.setText(time)
            self.take_button.show_text(self._pop.take_button.text())
        self.setVisible(wanted)
        if wanted:
            self._place()
        if was is not wanted:
            for cover in self._covers:
                if not cover.isHidden():
                    cover.arrange()

    def _place(self) -> None:
        free, px = self._gate.free_place(), self._theme.px
        self.setGeometry(free.left(), free.top() - self.room(), free.width(), px(46))
        self.raise_()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.refresh()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self._place()
        return False

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(px(6), px(8), px(4), self.height() - px(16)), px(2), px(2))
        painter.end()
