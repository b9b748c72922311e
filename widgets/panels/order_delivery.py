"""How far an order has come: on its way, delivered at …, not delivered, told by radio; with the key for the radio.

Said in words with a sign before them, never by colour alone. Once the unit has signed there is nothing left to say.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from console.domain.assignment import Assignment, AssignmentState
from widgets.panels.parts import chip, label
from widgets.text import clock_text, word
from widgets.theme import Theme

WAYS = {"terminal": "车载终端", "sms": "短信", "radio": "电台"}
"""How an order goes out, in words."""


class DeliveryLine(QWidget):
    """`told`: the person has told the unit by radio."""

    told = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        self.text = label("", "small", wrap=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.by_radio = chip(self.tr("已电台通知"))
        self.by_radio.clicked.connect(self.told)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.by_radio)

    def show_order(self, order: Assignment) -> None:
        """Say how far it is; hidden for an order that was signed, or ended."""
        waiting = order.state is AssignmentState.DISPATCHED
        self.setVisible(waiting)
        if waiting:
            self.text.setText(self.sentence(order))
            # Where no unit has a terminal every order goes by radio: that is no alarm.
            self._mark("wrong" if order.delivery == "undelivered" else "small")
            self.by_radio.setVisible(order.delivery != "radio")

    def _mark(self, role: str) -> None:
        if self.text.property("role") != role:
            self.text.setProperty("role", role)
            self.text.style().polish(self.text)

    def sentence(self, order: Assignment) -> str:
        """✓ 已送达 14:31:05 · 车载终端"""
        way = word(WAYS[order.channel]) if order.channel in WAYS else ""
        at = clock_text(order.t_delivered) if order.t_delivered is not None else ""
        if order.delivery == "delivered":
            return self.tr("✓ 已送达 {at} · {way}").format(at=at, way=way)
        if order.delivery == "radio":
            return self.tr("✓ 已电台通知 {at}").format(at=at)
        if order.delivery == "undelivered":
            return self.tr("⚠ 未送达 · 请用电台通知")
        if order.delivery == "sent":
            return self.tr("→ 已发出，等待回执 · {way}").format(way=way)
        if order.channel:
            return self.tr("→ 正在下达 · {way}").format(way=way)
        return self.tr("没有终端和手机 · 请用电台通知")
