"""The hand-over sheet 交接班: what stands open at this seat on the left, at the right who takes it over signs on.

It opens over queue and map inside the window; strip, header and the incident column stay as they are, and until
the new person's password was right the old one still works.
"""

from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from console.domain.incident import INCIDENT_LABELS, Incident
from console.services.handing_over import Standing
from console.services.handovers import GROUPS, Item
from widgets.layouts import ElidedLabel
from widgets.paint import SHAPES
from widgets.panels.parts import ToggleChip, label
from widgets.panels.sign_on import SignOnForm
from widgets.text import late_text, said, word
from widgets.theme import Theme
from widgets.wording import rule_name


class Count(QWidget):
    """A figure over its word; in the token of what it means once it is not 0."""

    def __init__(self, theme: Theme, text: str, ink: str) -> None:
        super().__init__()
        self._theme, self._text, self._ink, self.figure = theme, text, ink, 0
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_figure(self, figure: int) -> None:
        self.figure = figure
        self.setAccessibleDescription(str(figure))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        px, width = self._theme.px, self._theme.metrics("small").horizontalAdvance(self._text)
        return QSize(width + px(20), px(58))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("panel2"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        painter.setPen(theme.color(self._ink if self.figure else "muted"))
        painter.setFont(theme.font("spot"))
        top = QRectF(0, px(4), self.width(), px(30))
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, str(self.figure))
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font("small"))
        painter.drawText(QRectF(0, px(32), self.width(), px(22)), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


class HandOver(QFrame):
    """The sheet. `form` is the sign-on of the one who comes; `with_incidents` whether he gets the open incidents."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(self.tr("交接班"))
        self.setProperty("role", "panel")
        self.form = SignOnForm(theme)
        self.title = ElidedLabel(theme, "spot", "text", self.tr("交接班标题"), room=160)
        self.open_count = Count(theme, self.tr("在办警情"), "text")
        self.alarm_count = Count(theme, self.tr("未确认报警"), "bad")
        self.late_count = Count(theme, self.tr("承诺超时"), "bad")
        self.unsent_count = Count(theme, self.tr("未送达"), "warn")
        self.notes = QPlainTextEdit()
        self.notes.setPlaceholderText(self.tr("交班备注：给接班人的话"))
        self.notes.setAccessibleName(self.tr("交班备注"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(theme.px(64))
        self.items: list[Item] = []
        self.give = ToggleChip(self.tr("在办警情一并交给接班人"), self.tr("在办警情一并交给接班人"))
        self.rows: list[ElidedLabel] = []
        self._build()

    def _build(self) -> None:
        px = self._theme.px
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(px(20), px(20), px(12), px(20))
        column.setSpacing(px(10))
        column.addWidget(self.title)
        counts = QGridLayout()
        counts.setSpacing(px(6))
        for place, count in enumerate((self.open_count, self.alarm_count, self.late_count, self.unsent_count)):
            counts.addWidget(count, 0, place)
        column.addLayout(counts)
        column.addWidget(label(self.tr("未了事项（最急的在前）"), "muted"))
        self._body = QWidget()
        self._body_rows = QVBoxLayout(self._body)
        self._body_rows.setContentsMargins(0, 0, px(6), 0)
        self._body_rows.setSpacing(px(4))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        for ground in (area.viewport(), self._body):
            ground.setAutoFillBackground(False)
        area.setAccessibleName(self.tr("未了事项列表"))
        column.addWidget(area, 1)
        column.addWidget(self.notes)
        self.give.setChecked(True)
        self.give.setMinimumHeight(px(32))
        column.addWidget(self.give, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(12), 0)
        row.setSpacing(px(8))
        row.addWidget(left, 1)
        row.addWidget(self.form, 0, Qt.AlignmentFlag.AlignVCenter)
        self.form.setMinimumWidth(px(330))
        # The form has the keys first; Shift+Tab goes back to what the giver writes, before it.
        QWidget.setTabOrder(self.notes, self.give)
        QWidget.setTabOrder(self.give, self.form)

    @property
    def with_incidents(self) -> bool:
        return self.give.isChecked() and not self.give.isHidden()

    def show_standing(self, seat: str, whom: str, left: Standing, items: list[Item], now: datetime) -> None:
        """What stands open at this moment: the person's incidents, and everything else that must not be lost."""
        self.items = items
        self.title.show_text(self.tr("{seat} 席交接班 · {whom} 交班").format(seat=seat, whom=whom))
        self.open_count.show_figure(len(left.incidents))
        self.alarm_count.show_figure(left.alarms)
        self.late_count.show_figure(len(left.late))
        self.unsent_count.show_figure(left.unsent)
        self.give.setVisible(bool(left.incidents))
        for row in self.rows:
            self._body_rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        while self._body_rows.count():
            self._body_rows.takeAt(0)
        self.rows = [self._row(incident, left, now) for incident in left.incidents]
        own = {incident.number for incident in left.incidents}
        self.rows += [self._other(item) for item in items if item.kind != "promise" and item.key not in own]
        if not self.rows:
            nothing = ElidedLabel(self._theme, "base", "muted", self.tr("在办警情"), room=80)
            nothing.show_text(self.tr("没有未了事项"))
            self.rows = [nothing]
        for row in self.rows:
            self._body_rows.addWidget(row)
        self._body_rows.addStretch(1)

    def _other(self, item: Item) -> ElidedLabel:
        ink = "bad" if item.kind in ("emergency", "alarm") else "text"
        row = ElidedLabel(self._theme, "base", ink, item.key, room=80)
        row.show_text(f"{word(GROUPS[item.kind])} · {said(item.text)}")
        return row

    def _row(self, incident: Incident, left: Standing, now: datetime) -> ElidedLabel:
        late = left.late_on(incident.number)
        name = word(incident.title) or incident.place
        told = f"{SHAPES[incident.priority]} {incident.short} {name} · {word(INCIDENT_LABELS[incident.state])}"
        if late is not None:
            told += " · " + word("{what}{late}").format(
                what=rule_name(late.rule.value), late=late_text(-late.left_s(now))
            )
        row = ElidedLabel(self._theme, "base", "bad" if late is not None else "text", incident.number, room=80)
        row.show_text(told)
        return row
