"""What another person wrote meanwhile into a field that is being typed in: shown beside it, taken over by one key.

The typed text is never replaced. Alt+Y takes the other's value over, Alt+N keeps one's own, which is then saved over
the other's on purpose and stands so on the timeline.
"""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from widgets.panels.parts import FlowLayout, chip, label
from widgets.text import clock_text
from widgets.theme import Theme

TAKE, KEEP = "Alt+Y", "Alt+N"


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a field, when, and what had stood there, as it may be shown."""

    who: str
    at: datetime
    old: str

    def told(self, pattern: str) -> str:
        """The pattern with {who}, {at} and {old}."""
        return pattern.format(who=self.who, at=clock_text(self.at), old=self.old or "—")


class TheirsBar(QFrame):
    """`taken` and `kept` are the person's answers, about the field whose name was shown last. Hidden while no field
    waits for one."""

    taken = Signal(str)
    kept = Signal(str)

    def __init__(self, theme: Theme, keys_for: QWidget) -> None:
        """The keys work while the focus is in `keys_for`."""
        super().__init__()
        self._theme = theme
        self._field = ""
        self.said: QLabel = label("", wrap=True)
        self.take = chip(self.tr("{key} 取用对方的").format(key=TAKE), self.tr("取用对方的内容"))
        self.keep = chip(self.tr("{key} 保留我的").format(key=KEEP), self.tr("保留我填写的内容"))
        self.take.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.keep.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        buttons = QWidget()
        flow = FlowLayout(theme.px(6))
        flow.addWidget(self.take)
        flow.addWidget(self.keep)
        buttons.setLayout(flow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        layout.setSpacing(theme.px(4))
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.setAccessibleName(self.tr("他人同时修改"))
        self.take.clicked.connect(self._take)
        self.keep.clicked.connect(self._keep)
        for key, answer in ((TAKE, self._take), (KEEP, self._keep)):
            shortcut = QShortcut(QKeySequence(key), keys_for)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(answer)
        self.hide()

    @property
    def field(self) -> str:
        """The name of the field it is about, '' for none."""
        return self._field

    def show_theirs(self, field: str, said: str) -> None:
        """What another wrote into a field; '' for none."""
        self._field = field
        self.said.setText(said)
        self.setAccessibleDescription(said)
        self.setVisible(bool(field))

    def _take(self) -> None:
        if self._field:
            self.taken.emit(self._field)

    def _keep(self) -> None:
        if self._field:
            self.kept.emit(self._field)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("warn"))
        corner = self._theme.px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        painter.end()
