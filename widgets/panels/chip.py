"""A chip: a small rounded switch with a word in its own colour, as the map's layers and the roster's counts.

Checked it carries a tick and an edge, so that it is not told by colour alone; its target is 24 px high.
"""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from widgets.theme import Theme


class Chip(QAbstractButton):
    """`ink` is the token of its text; `tick` draws ✓ after the text while it is checked."""

    def __init__(self, theme: Theme, text: str, ink: str = "text", *, tick: bool = True) -> None:
        super().__init__()
        self._theme, self._ink, self._tick = theme, ink, tick
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Another word or count."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def _label(self) -> str:
        return f"{self.text()} ✓" if self._tick and self.isChecked() else self.text()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        widest = f"{self.text()} ✓" if self._tick else self.text()
        return QSize(self._theme.metrics("small").horizontalAdvance(widest) + self._theme.px(18), self._theme.px(24))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        if event.type() is QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        focused = self.hasFocus()
        edge = "accent" if focused else "muted" if self.isChecked() or self.underMouse() else "line"
        painter.setPen(QPen(theme.color(edge), 2 if focused else 1))
        painter.setBrush(theme.color("panel2" if self.isEnabled() else "panel"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color(self._ink if self.isEnabled() else "muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._label())
        painter.end()
