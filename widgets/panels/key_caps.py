"""Key caps: a key drawn as a key, for the hints of the command line and the rows of the key card."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import Theme


def cap_width(theme: Theme, key: str) -> int:
    return theme.metrics("small").horizontalAdvance(key) + theme.px(10)


def paint_cap(painter: QPainter, theme: Theme, rect: QRectF, key: str) -> None:
    """One cap filling `rect`."""
    painter.setPen(theme.color("line"))
    painter.setBrush(theme.color("panel2"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), theme.px(4), theme.px(4))
    painter.setPen(theme.color("text"))
    painter.setFont(theme.font("small"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, key)


class KeyHints(QWidget):
    """Caps with their words in a row: [F1] 确认 [F2] 派警. Pairs that have no room fall away from the left."""

    def __init__(self, theme: Theme, hints: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self._theme, self._hints = theme, list(hints)
        self.setAccessibleName(name)
        self.setAccessibleDescription("，".join(f"{key} {word}".strip() for key, word in hints))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _pair_width(self, key: str, text: str) -> int:
        px = self._theme.px
        gap = self._theme.metrics("small").horizontalAdvance(text) + px(4 + 8) if text else px(4)
        return cap_width(self._theme, key) + gap

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(sum(self._pair_width(*hint) for hint in self._hints), self._theme.px(24))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """The last pair, which opens the key card, always has its room."""
        return QSize(self._pair_width(*self._hints[-1]) if self._hints else 0, self._theme.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        right = self.width()
        for key, text in reversed(self._hints):
            left = right - self._pair_width(key, text)
            if left < 0:
                break
            cap = QRectF(left, (self.height() - px(20)) / 2, cap_width(theme, key), px(20))
            paint_cap(painter, theme, cap, key)
            painter.setPen(theme.color("muted"))
            painter.setFont(theme.font("small"))
            beside = QRectF(cap.right() + px(4), 0, right - cap.right(), self.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            right = left
        painter.end()
