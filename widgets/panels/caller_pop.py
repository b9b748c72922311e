"""The caller's card: a telephone rings, and over the map stand its number, how long it rings and what is known of it.

It takes no key and no focus from what is being written; F9 begins the form with the number in it, and the card goes.
Several calls: the one that has rung longest is shown, the others are counted. A caller who gave up stays on the card
as 未接来电 until somebody rings back (Shift+F9) or hears of him otherwise; F9 never fills in his number.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.call import Call
from console.domain.errors import EnvironmentFault
from console.domain.facts import IncidentOpened
from console.domain.incident import INCIDENT_LABELS, Incident
from console.domain.rights import may
from console.services.calls import Caller, FindIncidents, caller_of, missed, ringing
from console.services.desk import Desk
from console.services.masking import mask_phone
from console.services.picture import Changes
from console.services.sight import Sight
from widgets.controls import KeyButton
from widgets.layouts import ElidedLabel
from widgets.paint import paint_priority
from widgets.tasks import Tasks
from widgets.text import date_text, elapsed_text, minute_text, word
from widgets.theme import Theme
from widgets.tick import Tick

TAKE = "call.take"
LINES = 4
"""So many lines of what is known: more nobody reads while it rings."""


class CallerPop(QWidget):
    """Lies over `over` (the map). `find` reads older incidents of a number and blocks; None asks the picture only."""

    def __init__(
        self, over: QWidget, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks, find: FindIncidents | None = None
    ) -> None:
        super().__init__(over)
        self._over, self._desk, self._theme, self._tick, self._tasks = over, desk, theme, tick, tasks
        self._find, self._sight = find, Sight(desk)
        self._call: Call | None = None
        self._missed = False
        self._returning = False
        self._caller = Caller(number="")
        self._taken: dict[str, str] = {}
        self._on_take: Callable[[], object] = lambda: None
        self.setAccessibleName(self.tr("来电"))
        self._build()
        self.hide()
        over.installEventFilter(self)
        tick.second.connect(self._beat)
        self._stop = desk.picture.observe(self._take_in)
        self.destroyed.connect(self._stop)

    def _build(self) -> None:
        px, theme = self._theme.px, self._theme
        self._heading = ElidedLabel(theme, "small", "muted", self.tr("来电线路"))
        self._time = QLabel()
        self._time.setFont(theme.font("title"))
        self._number = ElidedLabel(theme, "elapsed", "text", self.tr("来电号码"))
        self._lines = [_Line(theme) for _ in range(LINES)]
        self._more = ElidedLabel(theme, "small", "muted", self.tr("其他来电"), room=60)
        self.take_button = KeyButton(theme, "F9", self.tr("接起并建单"), "")
        # A click begins the form; until then the keys stay where they are.
        self.take_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.take_button.clicked.connect(self._clicked)
        self.return_button = KeyButton(theme, "Shift+F9", self.tr("回拨并建单"), "")
        self.return_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.return_button.clicked.connect(self.return_call)
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(px(20), px(10), px(14), px(12))
        box.setSpacing(px(4))
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._time)
        bottom.addWidget(self._more, 1)
        bottom.addWidget(self.take_button)
        bottom.addWidget(self.return_button)
        box.addLayout(top)
        box.addWidget(self._number)
        for line in self._lines:
            box.addWidget(line)
        box.addSpacing(px(4))
        box.addLayout(bottom)

    # -- what it shows -------------------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        """The number that rings; '' for none, and for one that is withheld."""
        return self._call.number if self._call is not None else ""

    def _take_in(self, changes: Changes) -> None:
        for fact in changes.facts:
            if isinstance(fact.body, IncidentOpened) and fact.actor == self._desk.actor:
                self._link(fact.body.record)
        if any(isinstance(entity, Call) for entity in (*changes.added, *changes.updated, *changes.removed)):
            self._tell_missed(changes)
            self.refresh()
        elif self._call is not None and any(isinstance(row, Incident) for row in (*changes.added, *changes.updated)):
            self._ask()

    def _tell_missed(self, changes: Changes) -> None:
        for call in changes.updated:
            if isinstance(call, Call) and call.ended_at is not None and not call.taken_by and self._may:
                shown = self._shown_number(call)
                self._tasks.messages.warn(self.tr("来电 {number} 已挂断，没有接起").format(number=shown))

    @property
    def _may(self) -> bool:
        return may(self._desk.roles, TAKE)

    def refresh(self) -> None:
        """Look at the picture again."""
        state, clock = self._desk.picture.state, self._desk.clock
        calls = ringing(state, clock) if self._may else []
        was_missed, self._missed = self._missed, not calls
        calls = calls or (missed(state, clock) if self._may else [])
        kept = next((call for call in calls if self._call is not None and call.id == self._call.id), None)
        call = kept or next(iter(calls), None)
        before, self._call = self._call, call
        if call is None:
            self.hide()
            return
        others = len(calls) - 1
        self._more.show_text(self.tr("另有 {n} 个来电").format(n=others) if others else "")
        if before is None or before.id != call.id or was_missed is not self._missed:
            self._begin(call)

    def _begin(self, call: Call) -> None:
        heading = self.tr("未接来电 · 线路{line}") if self._missed else self.tr("来电 · 线路{line}")
        self._heading.show_text(heading.format(line=call.line))
        self.take_button.setVisible(not self._missed)
        self.return_button.setVisible(self._missed)
        self._number.show_text(self._shown_number(call))
        self._ask()
        self._show_time()
        self.show()
        self.raise_()
        kind = self.tr("未接来电") if self._missed else self.tr("来电")
        event = QAccessibleAnnouncementEvent(self, f"{kind} {self._shown_number(call)}")
        QAccessible.updateAccessibility(event)
        if self._find is not None and call.number:
            self._tasks.start(self._look_back(call, self._find), "caller")

    def _shown_number(self, call: Call) -> str:
        if not call.number:
            return self.tr("号码未显示")
        return _grouped(call.number) if self._may else mask_phone(call.number)

    def _ask(self) -> None:
        """What the picture holds, at once."""
        self._show_caller(caller_of(self._desk.picture.state, self.number, hidden=self._sight.hidden))

    async def _look_back(self, call: Call, find: FindIncidents) -> None:
        """What the database holds besides; the card does not wait for it, and does without it where it is away."""
        state = self._desk.picture.state
        try:
            past = await asyncio.to_thread(find, call.number, LINES * 2)
        except EnvironmentFault:
            return
        if self._call is not None and self._call.id == call.id:
            self._show_caller(caller_of(state, call.number, lambda _number, _most: past, self._sight.hidden))

    def _show_caller(self, caller: Caller) -> None:
        self._caller = caller
        told: list[tuple[Incident | None, str]] = []
        told += [(None, self._site_text(site.name, role)) for site, role in caller.sites[:1]]
        rows = [*caller.open[:2], *caller.former]
        told += [(row, self._incident_text(row)) for row in rows[: LINES - len(told)]]
        if not told:
            told = [(None, self.tr("此号码没有警情记录") if self.number else self.tr("来电人隐藏了号码，请当面询问"))]
        for line, (incident, text) in zip(self._lines, [*told, *[(None, "")] * (LINES - len(told))], strict=True):
            line.show_line(incident, text)
        self._place()

    def _site_text(self, name: str, role: str) -> str:
        return self.tr("点位 {name} · {role}").format(name=word(name), role=word(role))

    def _incident_text(self, incident: Incident) -> str:
        kind = self._desk.reference.codes.get(incident.kind)
        what = word(kind.name if kind is not None else incident.title)
        state = word(INCIDENT_LABELS[incident.state])
        at = minute_text(incident.created_at) if incident.open else date_text(incident.created_at)
        return " · ".join(part for part in (incident.short, what, incident.place, state, at) if part)

    # -- taking it -----------------------------------------------------------------------------------------------

    def on_take(self, begin: Callable[[], object]) -> None:
        """What the button does: the same as F9."""
        self._on_take = begin

    @Slot()
    def _clicked(self) -> None:
        self._on_take()

    def take(self) -> str:
        """The form takes the call: the number to fill in, '' when nothing rings. The card goes.

        A missed one is taken only by `return_call`: a form begun for another caller must not get its number.
        """
        call = self._call
        if call is None or (self._missed and not self._returning):
            return ""
        self._call = None
        self.hide()
        self._taken[call.number] = call.id
        self._tasks.start(self._desk.do(TAKE, call=call.id), TAKE)
        return call.number

    @Slot()
    def return_call(self) -> None:
        """Shift+F9: ring back who gave up; the form begins with his number. Nothing where nobody was missed."""
        if self._call is None or not self._missed:
            return
        self._returning = True
        try:
            self._on_take()
        finally:
            self._returning = False

    def _link(self, incident: Incident) -> None:
        """What this person wrote for the number is what became of the call."""
        call = self._taken.pop(incident.phone, "") if incident.phone else ""
        if call:
            self._tasks.start(self._desk.do(TAKE, call=call, incident=incident.number), TAKE)

    # -- time and place ------------------------------------------------------------------------------------------

    @Slot(object)
    def _beat(self, _now: datetime) -> None:
        # Every second, whoever sits here: somebody may have signed on while it rings.
        self.refresh()
        self._show_time()

    def _show_time(self) -> None:
        if self._call is not None:
            self._time.setText(elapsed_text((self._tick.now() - self._call.rang_at).total_seconds()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if watched is self._over and event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        """In the upper left corner of the map: what is chosen stands in its middle."""
        px = self._theme.px
        self._box.activate()
        width = min(px(460), self._over.width() - px(16))
        self.resize(width, self._box.sizeHint().height())
        self.move(QPoint(px(8), px(48)))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(box, px(6), px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(px(6), px(10), px(4), self.height() - px(20)), px(2), px(2))
        painter.end()


class _Line(QWidget):
    """One line of what is known: the sign of an incident's level, and its words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._incident: Incident | None = None
        self._text = ElidedLabel(theme, "base", "text", "")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._text)
        self.setFixedHeight(theme.px(22))

    def show_line(self, incident: Incident | None, text: str) -> None:
        """Hidden when there is nothing to say; what is over is muted."""
        self._incident = incident
        over = incident is not None and not incident.open
        self._row.setContentsMargins(self._theme.px(22) if incident is not None else 0, 0, 0, 0)
        self._text.show_text(text, "muted" if over else "text")
        self.setVisible(bool(text))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size = self._theme.px(14)
        box = QRectF(0, (self.height() - size) / 2, size, size)
        if self._incident is not None:
            paint_priority(painter, self._theme, box, self._incident.priority)
        painter.end()


def _grouped(number: str) -> str:
    """138 1234 5678: a mobile number as people read it aloud."""
    if len(number) == 11 and number.startswith("1"):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number
