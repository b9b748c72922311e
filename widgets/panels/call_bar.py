"""The bar of calls in hand: whom this seat talks to and who waits, with what can be done by key and by click.

It lies below the caller's card over the map and takes no focus: what is typed keeps the keys.
"""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.account import Seat
from console.domain.call import Call
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.rights import may
from console.services.call_book import CallBook
from console.services.desk import Desk
from console.services.exchange_orders import failure_text, parts_of
from console.services.masking import mask_phone
from console.services.order_sending import EXCHANGE
from console.services.picture import Changes
from widgets.controls import KeyButton
from widgets.layouts import ElidedLabel
from widgets.panels.caller_pop import TAKE, CallerPop, grouped
from widgets.tasks import Tasks
from widgets.text import elapsed_text
from widgets.theme import Theme
from widgets.tick import Tick

LINES = 3
"""So many calls in hand are named; nobody holds more."""


class CallBar(QWidget):
    """Lies over `over` (the map), below `pop`. `on_command` is told the id of a desk command that was clicked."""

    def __init__(self, over: QWidget, pop: CallerPop, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks) -> None:
        super().__init__(over)
        self._over, self._pop, self._desk, self._theme, self._tasks = over, pop, desk, theme, tasks
        self._book = CallBook(desk.picture)
        self._on_command: Callable[[str], object] = lambda _: None
        self.setAccessibleName(self.tr("通话"))
        self._lines = [ElidedLabel(theme, "base", "text", self.tr("通话")) for _ in range(LINES)]
        self._build()
        self.hide()
        for widget in (over, pop):
            widget.installEventFilter(self)
        tick.second.connect(self._beat)
        self.destroyed.connect(self._book.close)
        self.destroyed.connect(desk.picture.observe(self._take_in))

    def _build(self) -> None:
        px = self._theme.px
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(px(20), px(8), px(14), px(8))
        box.setSpacing(px(4))
        for line in self._lines:
            box.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(px(6))
        self.hold_button = self._button("Alt+B", self.tr("保留"), "call.hold")
        for button in (
            self.hold_button,
            self._button("Alt+T", self.tr("转接"), "call.offer"),
            self._button("Alt+X", self.tr("附"), "call.attach"),
            self._button("Alt+E", self.tr("挂机"), "call.hang_up"),
        ):
            row.addWidget(button)
        row.addStretch(1)
        box.addLayout(row)

    def _button(self, key: str, text: str, command: str) -> KeyButton:
        button = KeyButton(self._theme, key, text, height=32)
        button.setObjectName(command)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self._clicked)
        return button

    def on_command(self, perform: Callable[[str], object]) -> None:
        """Who carries out a command by its id."""
        self._on_command = perform

    @Slot()
    def _clicked(self) -> None:
        self._on_command(self.sender().objectName())

    # -- what it shows -------------------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        """The lines that are shown."""
        return [line.text for line in self._lines if not line.isHidden()]

    def _take_in(self, changes: Changes) -> None:
        orders = (row for row in changes.updated if isinstance(row, OutboxMessage) and row.purpose == EXCHANGE)
        for row in orders:
            if row.state is MessageState.FAILED and parts_of(row)[2] == self._desk.seat:
                self._tasks.messages.warn(failure_text(row))
        if any(isinstance(row, Call | Seat) for row in (*changes.added, *changes.updated, *changes.removed)):
            self.refresh()

    @Slot(object)
    def _beat(self, _now: datetime) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Look at the calls again."""
        desk, now = self._desk, self._desk.clock()
        calls = self._book.of_seat(desk.actor, desk.seat) if may(desk.roles, TAKE) else []
        calls.sort(key=lambda call: call.held_at is not None)
        for line, call in zip(self._lines, [*calls[:LINES], *[None] * LINES], strict=False):
            line.setVisible(call is not None)
            if call is not None:
                line.show_text(self._text(call, now))
        if calls:
            self.hold_button.show_text(self.tr("取回") if calls[0].held_at is not None else self.tr("保留"))
        self.setVisible(bool(calls))
        if calls:
            self._place()
        else:
            self._pop.leave_room(0)

    def _text(self, call: Call, now: datetime) -> str:
        since = call.held_at or call.taken_at or call.rang_at
        pattern = self.tr("‖ 保留 {number} {time}") if call.held_at is not None else self.tr("● 通话 {number} {time}")
        number = grouped(call.number) or self.tr("号码未显示")
        said = pattern.format(number=number, time=elapsed_text((now - since).total_seconds()))
        if call.transfer_to:
            said += " · " + self.tr("正在转给席位{seat}，Alt+D 收回").format(seat=call.transfer_to)
        return said + (f" · {call.incident.rpartition('-')[2]}" if call.incident else "")

    def text_of_seat(self, seat: str) -> str:
        """What a seat has on the telephone, for 席位一览: number masked, how long; '' for nothing."""
        now = self._desk.clock()
        calls = [call for call in self._book.in_hand() if call.seat == seat]
        said = []
        for call in calls:
            pattern = self.tr("‖ 保留 {number} {time}") if call.held_at else self.tr("● 通话 {number} {time}")
            since = call.held_at or call.taken_at or call.rang_at
            number = mask_phone(call.number) or self.tr("号码未显示")
            said.append(pattern.format(number=number, time=elapsed_text((now - since).total_seconds())))
        return " · ".join(said)

    # -- place -----------------------------------------------------------------------------------------------------

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move):
            self._place()
        return False

    def _place(self) -> None:
        px, pop = self._theme.px, self._pop
        self._box.activate()
        if not self.isHidden():
            pop.leave_room(self._box.sizeHint().height() + px(6))
        top = pop.geometry().bottom() + px(6) if pop.isVisibleTo(self._over) else px(48)
        width = max(px(460), self._box.minimumSize().width())
        self.resize(min(width, self._over.width() - px(16)), self._box.sizeHint().height())
        self.move(QPoint(px(8), top))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), px(6), px(6))
        painter.end()
