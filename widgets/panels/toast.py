"""Messages to the person, over the lower edge of the window, without moving anything below a hand.

A refusal stays until it is clicked or ten seconds have passed, what was done for five.
"""

from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.services.health import Lamp
from widgets.messages import Message, Messages
from widgets.paint import paint_lamp
from widgets.panels.cover import ABOVE
from widgets.theme import Theme
from widgets.tick import Tick

STAYS = {"info": timedelta(seconds=5), "warn": timedelta(seconds=8), "error": timedelta(seconds=10)}
LAMPS = {"info": Lamp.GOOD, "warn": Lamp.WARN, "error": Lamp.BAD}


class Toast(QWidget):
    """Shows the last message above the bottom of `over`, `lift` pixels from its edge."""

    def __init__(self, over: QWidget, theme: Theme, tick: Tick, messages: Messages, lift: int = 60) -> None:
        super().__init__(over)
        self._over = over
        self._theme, self._tick, self._lift = theme, tick, lift
        self._message: Message | None = None
        self._until: datetime | None = None
        self.setAccessibleName(self.tr("提示"))
        self.setProperty(ABOVE, True)
        self.hide()
        over.installEventFilter(self)
        messages.said.connect(self._show)
        tick.second.connect(self._beat)

    @property
    def message(self) -> Message | None:
        """What is shown now."""
        return self._message

    @Slot(object)
    def _show(self, message: Message) -> None:
        self._message = message
        self._until = self._tick.now() + STAYS[message.level]
        self.setAccessibleDescription(message.text)
        self._place()
        self.raise_()
        self.show()
        self.update()

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        if self._until is not None and now >= self._until:
            self.clear()

    def clear(self) -> None:
        """What was said is no longer about what is shown."""
        self._message, self._until = None, None
        self.hide()

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        self.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if watched is self._over and event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px = self._theme.px
        text = self._message.text if self._message is not None else ""
        return QSize(self._theme.metrics("base").horizontalAdvance(text) + px(56), px(40))

    def _place(self) -> None:
        over = self._over
        hint = self.sizeHint()
        width = min(hint.width(), over.width() - self._theme.px(32))
        self.resize(width, hint.height())
        self.move(QPoint((over.width() - width) // 2, over.height() - hint.height() - self._theme.px(self._lift)))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        if self._message is None:
            return
        theme, px = self._theme, self._theme.px
        lamp = LAMPS[self._message.level]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("panel2"))
        painter.setPen(theme.color({"info": "line", "warn": "warn", "error": "bad"}[self._message.level]))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        paint_lamp(painter, theme, QRectF(px(16), (self.height() - px(12)) / 2, px(12), px(12)), lamp)
        painter.setFont(theme.font("base"))
        painter.setPen(theme.color("text"))
        room = self.width() - px(52)
        text = theme.metrics("base").elidedText(self._message.text, Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(px(38), 0, room, self.height()), flags, text)
        painter.end()
