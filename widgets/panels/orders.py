"""The units on this incident: how far each has come, and the reports the desk may enter on its behalf."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.assignment import ASSIGNMENT, Assignment, AssignmentState
from console.domain.deadlines import Promise
from console.domain.plan_tables import NEVER_CAME
from widgets.allowed import show_allowed
from widgets.buckets import bucket_text, buckets_text
from widgets.paint import paint_pill, pill_width
from widgets.panels.order_delivery import DeliveryLine
from widgets.panels.parts import FlowLayout, chip
from widgets.panels.stages import LEVEL_COLORS, Level, level_of
from widgets.text import clock_text, elapsed_text, late_text, word
from widgets.theme import Theme
from widgets.wording import rule_name

A = AssignmentState

STEPS = ("sign", "depart", "arrive", "report", "feedback")
LEAD, RADIO = "lead", "radio"
"""Besides the steps: the unit becomes the primary one; the person told it by radio."""
STATE_OF_STEP = {
    "sign": A.SIGNED,
    "depart": A.EN_ROUTE,
    "arrive": A.ON_SCENE,
    "report": A.HANDLING,
    "feedback": A.FEEDBACK,
}
PILLS = {
    A.DISPATCHED: "en_route",
    A.SIGNED: "en_route",
    A.EN_ROUTE: "en_route",
    A.ON_SCENE: "on_scene",
    A.HANDLING: "on_scene",
    A.FEEDBACK: "available",
    A.WITHDRAWN: "lost",
    A.DIVERTED: "lost",
}
LAST_STAMP = {
    A.DISPATCHED: "t_dispatch",
    A.SIGNED: "t_sign",
    A.EN_ROUTE: "t_depart",
    A.ON_SCENE: "t_arrive",
    A.HANDLING: "t_scene_report",
    A.FEEDBACK: "t_feedback",
    A.WITHDRAWN: "t_end",
    A.DIVERTED: "t_end",
}


STAGE_OF = {A.SIGNED: "sign", A.EN_ROUTE: "depart", A.FEEDBACK: "feedback"}
"""The stage that ended when the order came into its state, where its time is reported in classes."""


def steps_left(order: Assignment) -> tuple[str, ...]:
    """What may still be reported: steps left out on the way are filled in as implied."""
    if not order.open:
        return ()
    done = [STATE_OF_STEP[step] for step in STEPS]
    start = done.index(order.state) + 1 if order.state in done else 0
    return STEPS[start:]


Allowed = Callable[[Assignment, str], str]
"""Why whoever sits here may not take a step of an order; '' if he may."""


def all_may(_order: Assignment, _step: str) -> str:
    """Nobody is kept from anything."""
    return ""


class _OrderLine(QWidget):
    """Call sign, state, since when, and the running clock."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._order: Assignment | None = None
        self._clock = ""
        self._level: Level = "calm"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_order(self, order: Assignment, promise: Promise | None, now: datetime) -> None:
        self._order = order
        self._level = level_of(promise, now)
        self._clock = ""
        if promise is not None:
            left = promise.left_s(now)
            what = rule_name(promise.rule)
            self._clock = f"{what} {elapsed_text(left)}" if left >= 0 else f"{what}{late_text(-left)}"
        spent = buckets_text(order)
        self.setToolTip(spent)
        self.setAccessibleName(f"{order.unit} {word(ASSIGNMENT.labels[order.state])} {self._clock} {spent}".strip())
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(24))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        order, theme, px = self._order, self._theme, self._theme.px
        if order is None:
            return
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("text"))
        painter.drawText(self.rect(), middle, order.unit)
        left = theme.metrics("strong").horizontalAdvance(order.unit) + px(8)
        state = word(ASSIGNMENT.labels[order.state])
        pill = QRectF(left, px(3), pill_width(theme, state), px(18))
        paint_pill(painter, theme, pill, state, theme.color(PILLS[order.state]))
        at: datetime | None = getattr(order, LAST_STAMP[order.state])
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("muted"))
        rest = QRectF(pill.right() + px(8), 0, self.width() - pill.right() - px(8), self.height())
        lead = self.tr("主办") if order.lead and order.state not in NEVER_CAME else ""
        wave = self.tr("第{n}梯次").format(n=order.wave) if order.wave > 1 else ""
        spent = bucket_text(STAGE_OF.get(order.state, ""), order.t_dispatch, at)
        parts = (lead, clock_text(at) if at else "", wave, spent)
        metrics = theme.metrics("small")
        room = int(rest.width()) - metrics.horizontalAdvance(self._clock) - px(8)
        known = metrics.elidedText(" ".join(part for part in parts if part), Qt.TextElideMode.ElideRight, room)
        painter.drawText(rest, middle, known)
        painter.setPen(theme.color(LEVEL_COLORS[self._level]))
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, self._clock)
        painter.end()


class _OrderRow(QWidget):
    """One order: its line and its buttons. When its order is gone it may be given another one."""

    pressed = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._unit = ""
        self._line = _OrderLine(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(2))
        layout.addWidget(self._line)
        self._buttons: dict[str, QPushButton] = {}
        flow = FlowLayout(theme.px(4))
        for step in (*STEPS, "withdraw"):
            self._add(flow, step, word(ASSIGNMENT.words[step]))
        self._add(flow, LEAD, self.tr("主办"))
        self._delivery = DeliveryLine(theme)
        self._delivery.told.connect(self._told_by_radio)
        layout.addWidget(self._delivery)
        self._holder = QWidget()
        self._holder.setLayout(flow)
        layout.addWidget(self._holder)

    def _add(self, flow: FlowLayout, step: str, text: str) -> None:
        button = chip(text)
        button.setProperty("step", step)
        button.clicked.connect(self._clicked)
        self._buttons[step] = button
        flow.addWidget(button)

    def _name(self, unit: str) -> None:
        """Whose order it is, for who hears the buttons instead of seeing them."""
        self._unit = unit
        for step, button in self._buttons.items():
            pattern = self.tr("{unit} 改为主办警组") if step == LEAD else self.tr("{unit} 代录 {step}")
            button.setAccessibleName(pattern.format(unit=unit, step=button.text()))

    def show_order(self, order: Assignment, promise: Promise | None, now: datetime, allowed: Allowed) -> None:
        if order.unit != self._unit:
            self._name(order.unit)
        self._line.show_order(order, promise, now)
        self._delivery.show_order(order)
        show_allowed(self._delivery.by_radio, allowed(order, RADIO))
        left = steps_left(order)
        for step, button in self._buttons.items():
            show_allowed(button, allowed(order, step))
            withdrawable = step == "withdraw" and ASSIGNMENT.may(order.state, "withdraw")
            button.setVisible(step in left or withdrawable or (step == LEAD and not order.lead))
        self._holder.setVisible(order.open)

    @Slot()
    def _told_by_radio(self) -> None:
        self.pressed.emit(self._unit, RADIO)

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if button is not None:
            self.pressed.emit(self._unit, str(button.property("step")))


class OrdersBox(QWidget):
    """Every order of the incident. `pressed` carries unit and step ('withdraw', 'radio' and 'lead' among them)."""

    pressed = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: dict[str, _OrderRow] = {}
        self._made: list[_OrderRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.px(6))
        self.setAccessibleName(self.tr("警组派警单"))

    def show_orders(
        self, orders: Sequence[Assignment], promises: Sequence[Promise], now: datetime, allowed: Allowed = all_may
    ) -> None:
        """Draw the orders; a row keeps its order, and one whose order is gone serves the next: making one is slow."""
        for gone in set(self._rows) - {order.id for order in orders}:
            row = self._rows.pop(gone)
            row.hide()
            self._layout.removeWidget(row)
        for order in orders:
            row = self._rows.get(order.id) or self._row_for(order.id)
            promise = next((p for p in promises if p.subject == order.id), None)
            row.show_order(order, promise, now, allowed)
            row.show()
        self.setVisible(bool(orders))

    def _row_for(self, order: str) -> _OrderRow:
        # The first one made that is free: Tab goes through them as they were made, and they stand so.
        spare = (row for row in self._made if row not in self._rows.values())
        row = self._rows[order] = next(spare, None) or self._new_row()
        self._layout.addWidget(row)
        return row

    def _new_row(self) -> _OrderRow:
        row = _OrderRow(self._theme)
        row.pressed.connect(self.pressed)
        self._made.append(row)
        return row
