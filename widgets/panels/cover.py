"""A cover: a sheet over a part of the window, inside it and never a window of its own; what is below takes no keys."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid
from typing_extensions import override

from widgets.theme import Theme

ABOVE = "above covers"
"""Property of what is told over everything, a cover too (the toast)."""

DIM = 0.72
"""How much of what is below the cover is dimmed."""


class Cover(QWidget):
    """Lies over `place()` of `over` (in its coordinates) and holds one sheet in its middle."""

    def __init__(self, over: QWidget, theme: Theme, sheet: QWidget, place: Callable[[], QRect], most: int) -> None:
        """`most` is the sheet's greatest width and height at scale 1."""
        super().__init__(over)
        self._over, self._theme, self.sheet, self._place, self._most = over, theme, sheet, place, most
        sheet.setParent(self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        over.installEventFilter(self)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.arrange)
        self._keys_were: QWidget | None = None
        self.hide()

    def open(self) -> None:
        """Show it above everything it covers; when it goes, the keys return to where they were."""
        if self.isHidden():
            self._keys_were = self._over.window().focusWidget()
        self.arrange()
        self.raise_()
        for other in self._over.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if other.property(ABOVE):
                other.raise_()
        self.show()

    def arrange(self) -> None:
        """The window has another size."""
        self.setGeometry(self._place())
        px = self._theme.px
        room = self.rect().adjusted(px(12), px(12), -px(12), -px(12))
        width = min(room.width(), px(self._most))
        height = min(room.height(), max(self.sheet.sizeHint().height(), px(420)))
        left, top = room.left() + (room.width() - width) // 2, room.top() + (room.height() - height) // 2
        self.sheet.setGeometry(left, top, width, height)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and not self.isHidden():
            self.arrange()
            # What it lies over gets its own new place only after this.
            self._again.start()
        return False

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        back, self._keys_were = self._keys_were, None
        if not event.spontaneous() and back is not None and isValid(back) and back.isVisible():
            back.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        ground = QColor(self._theme.color("bg"))
        ground.setAlphaF(DIM)
        painter = QPainter(self)
        painter.fillRect(self.rect(), ground)
        painter.end()


class Shade(QWidget):
    """A clear pane: what is below can be read and scrolled, but not pressed."""

    def __init__(self, over: QWidget, below: QWidget) -> None:
        super().__init__(over)
        self._below = below
        self.setAccessibleName(self.tr("只读"))
        below.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        self.setGeometry(self._below.geometry())
        self.raise_()
        self.show()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self.setGeometry(self._below.geometry())
        return False

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Reading goes on: the list below scrolls."""
        at = self._below.childAt(event.position().toPoint())
        if at is not None:
            QCoreApplication.sendEvent(at, event)
