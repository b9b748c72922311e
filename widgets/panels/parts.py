"""Small pieces of the incident column: a tag, a flow of wrapping pieces, a mark that lights up a changed field."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QPushButton, QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from widgets.theme import Theme


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A text in one of the sheet's roles."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def chip(text: str, name: str = "") -> QPushButton:
    """A small button; `name` is what a screen reader says."""
    made = QPushButton(text)
    made.setProperty("role", "chip")
    made.setAccessibleName(name or text)
    made.setAutoDefault(False)
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    return made


class ToggleChip(QPushButton):
    """A small button that is on or off; on is told by a tick, not by colour alone."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self._text = text
        self.setProperty("role", "chip")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAccessibleName(name)
        self.toggled.connect(self._show)

    def _show(self, on: bool) -> None:
        self.setText(f"✓ {self._text}" if on else self._text)


class Tag(QWidget):
    """A word in a rounded outline: beat, built-up area, level. Hidden while it has no text.

    `tell`: what its tool tip says, asked only when a hand rests on it; None: its own tool tip.
    """

    tell: Callable[[], str] | None = None

    def __init__(self, theme: Theme, color: str = "muted") -> None:
        super().__init__()
        self._theme = theme
        self._text, self._color = "", color
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def text(self) -> str:
        return self._text

    def show_text(self, text: str, color: str = "") -> None:
        """Another word, in another token if given; nothing is laid out anew where it says so already."""
        color = color or self._color
        if (text, color) == (self._text, self._color):
            return
        self._text, self._color = text, color
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    @override
    def event(self, event: QEvent) -> bool:
        if self.tell is not None and event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tell())
            return True
        return super().event(event)

    @override
    def sizeHint(self) -> QSize:
        metrics = self._theme.metrics("small")
        return QSize(metrics.horizontalAdvance(self._text) + self._theme.px(12), self._theme.px(20))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color(self._color))
        corner = self._theme.px(4)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        painter.setFont(self._theme.font("small"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


LIT_BEATS = 6
"""How many beats of the clock (seconds) a changed field stays marked."""


class ChangedMark(QWidget):
    """A frame over a field that another person changed; it goes by itself after a few seconds."""

    def __init__(self, theme: Theme, field: QWidget) -> None:
        super().__init__(field)
        self._theme, self._field = theme, field
        self._left = 0
        self._tip_before: str | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        field.installEventFilter(self)
        self.hide()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The frame keeps to its field when that gets another size."""
        if watched is self._field and event.type() is QEvent.Type.Resize:
            self.setGeometry(self._field.rect())
        return False

    def light(self, said: str = "") -> None:
        """`said`: who changed it and what stood there; the field's tool tip and description while it is lit."""
        self._tell(said)
        self.setGeometry(self._field.rect())
        self._left = LIT_BEATS
        self.show()
        self.raise_()

    def beat(self) -> None:
        """A second has passed."""
        self._left -= 1
        if self._left <= 0:
            self.put_out()

    def put_out(self) -> None:
        """Nothing is marked any more."""
        self._tell("")
        self.hide()

    def _tell(self, said: str) -> None:
        field = self._field
        field.setAccessibleDescription(said)
        if said:
            self._tip_before = field.toolTip() if self._tip_before is None else self._tip_before
            field.setToolTip(said)
        elif self._tip_before is not None:
            field.setToolTip(self._tip_before)
            self._tip_before = None

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("warn"), 2))
        corner = self._theme.px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.end()


class FlowLayout(QLayout):
    """Pieces from left to right, wrapped like words, so that no button is cut off in a narrow column."""

    def __init__(self, spacing: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        """By width: the column asks for each many times in one turn."""
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    @override
    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    @override
    def count(self) -> int:
        return len(self._items)

    @override
    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    @override
    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    @override
    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    @override
    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._lay_out(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    @override
    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay_out(rect, move=True)

    @override
    def sizeHint(self) -> QSize:
        return self.minimumSize()

    @override
    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _lay_out(self, rect: QRect, *, move: bool) -> int:
        """The height that is needed; pieces of one line stand on one middle."""
        top = rect.top()
        for line in self._lines(rect.width()):
            tallest = max(size.height() for _, size in line)
            left = rect.left()
            for item, size in line:
                if move:
                    item.setGeometry(QRect(QPoint(left, top + (tallest - size.height()) // 2), size))
                left += size.width() + self.spacing()
            top += tallest + self.spacing()
        return max(0, top - self.spacing() - rect.top())

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used = width + 1
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().expandedTo(item.minimumSize())
            if not lines or used + self.spacing() + size.width() > width:
                lines.append([])
                used = -self.spacing()
            lines[-1].append((item, size))
            used += self.spacing() + size.width()
        return lines
