"""Small controls of our own: a button that shows its key, a lamp with its text."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.services.health import Lamp
from widgets.paint import paint_lamp
from widgets.theme import Theme


class KeyButton(QPushButton):
    """A button with its key drawn as a cap before the text: [F1] 确认接警.

    `fill` is a token for the ground ('' = panel2). Alarm and dispatch actions keep 44 px (LOOK.md).
    """

    def __init__(self, theme: Theme, key: str, text: str, fill: str = "", height: int = 44) -> None:
        super().__init__(text)
        self._theme, self._key, self._fill, self._height = theme, key, fill, height
        self.setAccessibleName(text)
        self.setToolTip(f"{text} {key}" if key else text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_fill(self, fill: str) -> None:
        """Another ground: what stands out, or what flashes."""
        if fill != self._fill:
            self._fill = fill
            self.update()

    def show_text(self, text: str) -> None:
        """Another word for the same key; the button is as wide as it needs."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.setToolTip(f"{text} {self._key}" if self._key else text)
            self.updateGeometry()

    def _cap_width(self) -> int:
        return self._theme.metrics("small").horizontalAdvance(self._key) + self._theme.px(12) if self._key else 0

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px, text = self._theme.px, self._theme.metrics("base").horizontalAdvance(self.text())
        gap = px(8) if self._key else 0
        return QSize(px(14) * 2 + self._cap_width() + gap + text, px(self._height))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ink = self._ink()
        painter.setBrush(self._ground())
        painter.setPen(QPen(self._edge(), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(box, px(6), px(6))
        left = px(14)
        if self._key:
            cap = QRectF(left, (self.height() - px(20)) / 2, self._cap_width(), px(20))
            edge = QColor(ink)
            edge.setAlphaF(0.45)
            painter.setPen(edge)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap, px(4), px(4))
            painter.setPen(ink)
            painter.setFont(theme.font("small"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
            left = int(cap.right()) + px(8)
        painter.setPen(ink)
        painter.setFont(theme.font("base"))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, 0, self.width() - left - px(4), self.height()), middle, self.text())
        painter.end()

    def _ground(self) -> QColor:
        ground = self._theme.color(self._fill or "panel2") if self.isEnabled() else self._theme.color("panel")
        if self.isDown():
            return ground.darker(125)
        return ground.lighter(115) if self.underMouse() and self.isEnabled() else ground

    def _ink(self) -> QColor:
        if not self.isEnabled():
            return self._theme.color("faint")
        return self._theme.color("alarm_text") if self._fill in ("danger", "alarm") else self._theme.color("text")

    def _edge(self) -> QColor:
        if self.hasFocus():
            return self._theme.color("accent")
        return self._theme.color("alarm_line" if self._fill == "danger" else "line")


class TabButton(QPushButton):
    """A tab: its title, a count, and a line below the chosen one."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(title)
        self._theme = theme
        self._count: int | None = None
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_count(self, count: int | None) -> None:
        """None shows no figure."""
        if count != self._count:
            self._count = count
            self.setAccessibleDescription("" if count is None else str(count))
            self.updateGeometry()
            self.update()

    def _count_text(self) -> str:
        return "" if self._count is None else str(self._count)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px, theme = self._theme.px, self._theme
        width = theme.metrics("base").horizontalAdvance(self.text()) + px(12)
        if self._count is not None:
            width += theme.metrics("strong").horizontalAdvance(self._count_text()) + px(5)
        return QSize(width, px(36))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        ink = theme.color("text" if self.isChecked() or self.underMouse() else "muted")
        painter.setPen(ink)
        painter.setFont(theme.font("base"))
        left = px(6)
        painter.drawText(QRectF(left, 0, self.width(), self.height()), middle, self.text())
        left += theme.metrics("base").horizontalAdvance(self.text()) + px(5)
        painter.setFont(theme.font("strong"))
        painter.drawText(QRectF(left, 0, self.width(), self.height()), middle, self._count_text())
        if self.isChecked():
            painter.fillRect(QRectF(0, self.height() - px(2), self.width(), px(2)), theme.color("accent"))
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.drawRect(self.rect().adjusted(0, px(6), -1, -px(6)))
        painter.end()


class LampLabel(QWidget):
    """A lamp and its text in a rounded frame; the tool tip says what to do."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme, self._name = theme, name
        self._lamp, self._text = Lamp.OFF, name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def lamp(self) -> Lamp:
        return self._lamp

    @property
    def text(self) -> str:
        return self._text

    def show_state(self, lamp: Lamp, text: str, what_to_do: str = "") -> None:
        """`text` stands beside the lamp, `what_to_do` in its tool tip."""
        if (lamp, text) != (self._lamp, self._text):
            wider = text != self._text
            self._lamp, self._text = lamp, text
            self.setAccessibleDescription(text)
            if wider:
                self.updateGeometry()
            self.update()
        self.setToolTip(f"{text}\n{what_to_do}" if what_to_do else text)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px = self._theme.px
        return QSize(self._theme.metrics("small").horizontalAdvance(self._text) + px(8 + 20 + 10), px(26))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        if event.type() is QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        bad = self._lamp is Lamp.BAD
        painter.setPen(theme.color("bad" if bad else "line"))
        painter.setBrush(theme.color("panel2"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        paint_lamp(painter, theme, QRectF(px(9), (self.height() - px(10)) / 2, px(10), px(10)), self._lamp)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("muted" if self._lamp is Lamp.OFF else "text"))
        text = QRectF(px(25), 0, self.width() - px(25), self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
        painter.end()
