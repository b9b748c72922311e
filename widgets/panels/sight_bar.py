"""The line that says personal data are masked here, with the key that reveals them, or how long they stay revealed."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.layouts import ElidedLabel
from widgets.panels.parts import chip
from widgets.text import clock_text, elapsed_text
from widgets.theme import Theme


class SightBar(QWidget):
    """`wanted`: a person asks to see. Hidden where everything may stand in full."""

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._until: datetime | None = None
        self.said = ElidedLabel(theme, "small", "muted", self.tr("个人信息"), room=120)
        self.reveal = chip(self.tr("Ctrl+I 查看"), self.tr("查看个人信息"))
        self.reveal.setToolTip(self.tr("写明理由后显示 5 分钟，记入日志"))
        self.reveal.clicked.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.said, 1)
        row.addWidget(self.reveal)
        self.hide()

    @property
    def revealed(self) -> bool:
        """Whether a clock is running."""
        return self._until is not None

    def show_state(self, *, masked: bool, until: datetime | None, now: datetime, why: str) -> None:
        """`why`: why this person may not reveal, '' if he may."""
        self._until = until
        self.setVisible(masked or until is not None)
        self.reveal.setVisible(masked)
        self.reveal.setEnabled(not why)
        self.reveal.setToolTip(why or self.tr("写明理由后显示 5 分钟，记入日志"))
        if masked:
            self.said.show_text(self.tr("报警人、来电和内容中的号码已遮蔽"), "muted")
        else:
            self.beat(now)

    def beat(self, now: datetime) -> None:
        """A second has passed."""
        if self._until is not None:
            left = elapsed_text((self._until - now).total_seconds())
            said = self.tr("个人信息显示到 {time}，还剩 {left}")
            self.said.show_text(said.format(time=clock_text(self._until), left=left), "warn")
