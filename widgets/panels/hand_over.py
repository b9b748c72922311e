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

Line = tuple[str, str, str]
"""A row of the list: whose it is, its token, its words."""


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
        self.told = ElidedLabel(theme, "strong", "warn", self.tr("未了事项的变化"))
        self.told.hide()
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
        column.addWidget(self.told)
        self._body = QWidget()
        self._body_rows = QVBoxLayout(self._body)
        self._body_rows.setContentsMargins(0, 0, px(6), 0)
        self._body_rows.setSpacing(px(4))
        area = self._area = QScrollArea()
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

    def tell(self, text: str) -> None:
        """What the giver has to know before he signs; '' for nothing."""
        self.told.show_text(text)
        self.told.setVisible(bool(text))

    def show_standing(
        self, seat: str, whom: str, left: Standing, items: list[Item], now: datetime, *, may_give: bool = True
    ) -> None:
        """What stands open at this moment: the person's incidents, and everything else that must not be lost.

        Notes, choices and the place that is read in the list stay as they are. `may_give`: the person himself is here
        to give his incidents away.
        """
        self.items = items
        self.title.show_text(self.tr("{seat} 席交接班 · {whom} 交班").format(seat=seat, whom=whom))
        self.open_count.show_figure(len(left.incidents))
        self.alarm_count.show_figure(left.alarms)
        self.late_count.show_figure(len(left.late))
        self.unsent_count.show_figure(left.unsent)
        self.give.setVisible(bool(left.incidents) and may_give)
        lines = [self._row(incident, left, now) for incident in left.incidents]
        own = {incident.number for incident in left.incidents}
        lines += [self._other(item) for item in items if item.kind != "promise" and item.key not in own]
        self._show_lines(lines or [(self.tr("在办警情"), "muted", self.tr("没有未了事项"))])

    def _show_lines(self, lines: list[Line]) -> None:
        """Where only the words of a row are others, as with every second that is late, it says so where it stands."""
        if [row.accessibleName() for row in self.rows] != [name for name, _, _ in lines]:
            read, below = self._place()
            self._lay_out(lines)
            self._return_to(read, below)
        for row, (_, ink, text) in zip(self.rows, lines, strict=True):
            row.show_text(text, ink)

    def _lay_out(self, lines: list[Line]) -> None:
        for row in self.rows:
            self._body_rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        while self._body_rows.count():
            self._body_rows.takeAt(0)
        self.rows = [ElidedLabel(self._theme, "base", ink, name, room=80) for name, ink, _ in lines]
        for row in self.rows:
            self._body_rows.addWidget(row)
            row.show()
        self._body_rows.addStretch(1)

    def _place(self) -> tuple[str, int]:
        """The row at the top of what is seen, and how far of it is above; '' where the list stands at its beginning."""
        top = self._area.verticalScrollBar().value()
        seen = next((row for row in self.rows if top and row.geometry().bottom() >= top), None)
        return (seen.accessibleName(), top - seen.y()) if seen is not None else ("", 0)

    def _return_to(self, name: str, below: int) -> None:
        """What came above or went must not move what somebody reads."""
        row = next((row for row in self.rows if name and row.accessibleName() == name), None)
        if row is None:
            return
        # The area would lay its rows out only with the next event, and the bar knows no further before it has.
        height = max(self._area.viewport().height(), self._body_rows.sizeHint().height())
        self._body.resize(self._body.width(), height)
        self._body_rows.activate()
        self._area.verticalScrollBar().setValue(row.y() + below)

    def _other(self, item: Item) -> Line:
        ink = "bad" if item.kind in ("emergency", "alarm") else "text"
        return item.key, ink, f"{word(GROUPS[item.kind])} · {said(item.text)}"

    def _row(self, incident: Incident, left: Standing, now: datetime) -> Line:
        late = left.late_on(incident.number)
        name = word(incident.title) or incident.place
        told = f"{SHAPES[incident.priority]} {incident.short} {name} · {word(INCIDENT_LABELS[incident.state])}"
        if late is not None:
            told += " · " + word("{what}{late}").format(
                what=rule_name(late.rule.value), late=late_text(-late.left_s(now))
            )
        return incident.number, "bad" if late is not None else "text", told
