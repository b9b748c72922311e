"""The red line below the header while something of the ground is wrong: what it is, what to do."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.services.desk import Desk
from console.services.health import Fault, Lamp
from widgets.paint import paint_lamp
from widgets.text import word
from widgets.theme import Theme

JOURNAL = "journal"
"""The source of the fault that sends acts into the spool (`Health.journal_failed`)."""
SPOOL = "spool"
"""The source of the fault that there is no spool either."""


class FaultBanner(QWidget):
    """Hidden while nothing is wrong. More than one fault: all stand in the tool tip, the line counts them."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        super().__init__()
        self._desk, self._theme = desk, theme
        self._text = ""
        self.setAccessibleName(self.tr("故障提示"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def text(self) -> str:
        return self._text

    def refresh(self) -> None:
        """Say the faults as they stand."""
        lit = self._desk.health.faults
        # With the database away this desk still works; not seeing the others is the lesser half of it.
        first = sorted(lit.values(), key=lambda fault: fault.source != JOURNAL)
        faults = [self._sentence(fault) for fault in first]
        self._text = faults[0] if faults else ""
        if len(faults) > 1:
            self._text = self.tr("{first}（另有 {n} 处故障）").format(first=faults[0], n=len(faults) - 1)
        self.setToolTip("\n".join(faults))
        self.setAccessibleDescription(self._text)
        self.setVisible(bool(faults))
        self.update()

    def _sentence(self, fault: Fault) -> str:
        what = word(fault.what)
        if fault.source == JOURNAL and SPOOL not in self._desk.health.faults:
            what = self.tr("{what}，照常接警派警，操作先存本机").format(what=what)
        return f"{what}{word('：')}{word(fault.remedy)}" if fault.remedy else what

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(self._theme.px(200), self._theme.px(28))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("bad"))
        painter.setBrush(theme.color("panel2"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        paint_lamp(painter, theme, QRectF(px(10), (self.height() - px(12)) / 2, px(12), px(12)), Lamp.BAD)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("bad"))
        room = self.width() - px(40)
        text = theme.metrics("strong").elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(px(30), 0, room, self.height()), flags, text)
        painter.end()
