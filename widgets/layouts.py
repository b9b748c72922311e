"""Two pieces of layout: blocks that stand side by side or, when narrow, below each other; a line that elides."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from widgets.theme import Theme


class ElidedLabel(QWidget):
    """One line of text in a role and a token; what does not fit ends in … and stands whole in the tool tip."""

    def __init__(self, theme: Theme, role: str, ink: str, name: str, room: int = 160) -> None:
        super().__init__()
        self._theme, self._role, self._ink, self._room = theme, role, ink, room
        self._text = ""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self._text

    def show_text(self, text: str, ink: str = "") -> None:
        """`ink` is another token from now on."""
        if (text, ink or self._ink) == (self._text, self._ink):
            return
        self._text, self._ink = text, ink or self._ink
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        metrics = self._theme.metrics(self._role)
        return QSize(metrics.horizontalAdvance(self._text) + self._theme.px(2), metrics.height() + self._theme.px(2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        hint = self.sizeHint()
        return QSize(min(hint.width(), self._theme.px(self._room)), hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        painter = QPainter(self)
        painter.setFont(self._theme.font(self._role))
        painter.setPen(self._theme.color(self._ink))
        text = self._theme.metrics(self._role).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()


class Reflow(QWidget):
    """Two blocks side by side; when they do not fit, the second goes below the first."""

    def __init__(self, first: QWidget, second: QWidget, spacing: int) -> None:
        super().__init__()
        self._blocks = (first, second)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(spacing)
        self._box.addWidget(first, 1)
        self._box.addWidget(second)

    @property
    def narrow(self) -> bool:
        return self._box.direction() is QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        least = self._box.minimumSize()
        return QSize(max(block.minimumSizeHint().width() for block in self._blocks), least.height())

    def arrange(self) -> None:
        """Choose the direction for the width in force."""
        needed = sum(block.minimumSizeHint().width() for block in self._blocks) + self._box.spacing()
        wanted = QBoxLayout.Direction.TopToBottom if needed > self.width() else QBoxLayout.Direction.LeftToRight
        if wanted is not self._box.direction():
            self._box.setDirection(wanted)
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        self.arrange()
        super().resizeEvent(event)
