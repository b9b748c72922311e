"""The caller's card: a telephone rings, and over the map stand its number, how long it rings and what is known of it.

It takes no key and no focus from what is being written; F9 begins the form with the number in it, and the card goes.
Several calls: the one that has rung longest is shown whole, the others below it with their time. What another seat
offers 转接 goes before them: F9 takes it. A caller who gave up stays on the card as 未接来电 until somebody rings back
(Shift+F9) or hears of him otherwise, and says when that is late, again after a try that did not reach him; F9 never
fills in his number.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.call import Call
from console.domain.equipment_facts import CallTaken
from console.domain.errors import EnvironmentFault
from console.domain.facts import IncidentOpened
from console.domain.incident import INCIDENT_LABELS, Incident
from console.domain.rights import may
from console.services.call_book import CallBook
from console.services.calls import Caller, FindIncidents, caller_of
from console.services.calls_in_hand import OUTCOMES, ring_back_due, rung_back_by_another
from console.services.desk import Desk
from console.services.masking import mask_phone
from console.services.phone_numbers import plain_number
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
SHOWN = 2
"""So many further calls are named beside their count."""
LINES = 4
"""So many lines of what is known: more nobody reads while it rings."""


class CallerPop(QWidget):
    """Lies over `over` (the map). `find` reads older incidents of a number and blocks; None asks the picture only.

    `told` is emitted whenever what it shows may be different.
    """

    told = Signal()

    def __init__(
        self, over: QWidget, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks, find: FindIncidents | None = None
    ) -> None:
        super().__init__(over)
        self._over, self._desk, self._theme, self._tick, self._tasks = over, desk, theme, tick, tasks
        self._find, self._sight = find, Sight(desk)
        self._book = CallBook(desk.picture)
        self._call: Call | None = None
        self._missed = self._offered = False
        self._told_late: set[tuple[str, datetime | None]] = set()
        self._seen: frozenset[str] = frozenset()
        self._returning = False
        self._caller = Caller(number="")
        self._taken: dict[str, str] = {}
        self._low: bool | None = None
        self._below = 0
        self._on_take: Callable[[], object] = lambda: None
        self.setAccessibleName(self.tr("来电"))
        self._build()
        self.hide()
        over.installEventFilter(self)
        tick.second.connect(self._beat)
        self._stop = desk.picture.observe(self._take_in)
        self.destroyed.connect(self._stop)
        self.destroyed.connect(self._book.close)

    def _build(self) -> None:
        px, theme = self._theme.px, self._theme
        self._heading = ElidedLabel(theme, "small", "muted", self.tr("来电线路"))
        self._time = QLabel()
        self._time.setFont(theme.font("title"))
        self._number = ElidedLabel(theme, "elapsed", "text", self.tr("来电号码"))
        self._who = ElidedLabel(theme, "base", "text", self.tr("机主与装机地址"))
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
        self._top, self._middle, self._bottom = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._top.addWidget(self._heading, 1)
        self._top.addWidget(self._time)
        self._middle.addWidget(self._number, 1)
        box.addLayout(self._top)
        box.addLayout(self._middle)
        box.addWidget(self._who)
        for line in self._lines:
            box.addWidget(line)
        box.addLayout(self._bottom)
        self._arrange(low=False)

    def _arrange(self, *, low: bool) -> None:
        """The button stands below everything, or, where the map is low, beside the number."""
        if low is self._low:
            return
        self._low = low
        more, buttons = (self._top, self._middle) if low else (self._bottom, self._bottom)
        if low:
            more.insertWidget(1, self._more)
        else:
            more.addWidget(self._more, 1)
        for button in (self.take_button, self.return_button):
            buttons.addWidget(button)

    # -- what it shows -------------------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        """The number that rings; '' for none, and for one that is withheld."""
        return self._call.number if self._call is not None else ""

    @property
    def rings(self) -> bool:
        """Whether a call asks for this seat now: it rings, or another seat offers it."""
        return self._call is not None and not self._missed

    def summary(self) -> tuple[str, str, str]:
        """(what call it is and who else waits, its number, how long) in words, for where the card is not in sight."""
        said = (self._heading.text, self._who.text, self._more.text)
        return " · ".join(filter(None, said)), self._number.text, self._time.text()

    def _take_in(self, changes: Changes) -> None:
        for fact in changes.facts:
            if isinstance(fact.body, IncidentOpened) and fact.actor == self._desk.actor:
                self._link(fact.body.record)
            elif isinstance(fact.body, CallTaken) and fact.body.number:
                self._linked(fact.body.call)
        if any(isinstance(entity, Call) for entity in (*changes.added, *changes.updated, *changes.removed)):
            self._tell_missed(changes)
            self.refresh()
        elif self._call is not None and any(isinstance(row, Incident) for row in (*changes.added, *changes.updated)):
            self._ask()

    def _tell_missed(self, changes: Changes) -> None:
        calls = [call for call in changes.updated if isinstance(call, Call) and call.id in self._seen]
        for call in calls if self._may else []:
            shown = self._shown_number(call)
            if call.ended_at is not None and not call.taken_by:
                self._tasks.messages.warn(self.tr("来电 {number} 已挂断，没有接起").format(number=shown))
            elif call.in_hand and call.taken_by != self._desk.actor:
                said = self.tr("来电 {number} 已由席位{seat} {who} 接起")
                self._tasks.messages.info(said.format(number=shown, seat=call.seat, who=call.taken_by))

    @property
    def _may(self) -> bool:
        return may(self._desk.roles, TAKE)

    def refresh(self) -> None:
        """Look at the picture again."""
        now, was = self._desk.clock(), (self._missed, self._offered)
        offers = self._book.offers(self._desk.seat) if self._may else []
        rings = self._book.ringing(now) if self._may else []
        missed = self._book.missed(now) if self._may else []
        self._seen = frozenset(call.id for call in rings)
        self._warn_late(missed, now)
        self._missed, self._offered = not (offers or rings), bool(offers)
        calls = offers or rings or missed
        kept = next((call for call in calls if self._call is not None and call.id == self._call.id), None)
        call = kept or next(iter(calls), None)
        before, self._call = self._call, call
        if call is None:
            self.hide()
            self.told.emit()
            return
        others = [row for row in ((*offers, *rings) if not self._missed else missed) if row.id != call.id]
        self._more.show_text(self._others_text(others, [] if self._missed else missed, now))
        if before != call or was != (self._missed, self._offered):
            self._begin(call, anew=before is None or before.id != call.id or was != (self._missed, self._offered))
        self.told.emit()

    def _others_text(self, others: list[Call], missed: list[Call], now: datetime) -> str:
        """另有 2 个来电 · 138 1234 5678 00:12 · 未接 3."""
        named = [f"{self._shown_number(c)} {elapsed_text((now - c.rang_at).total_seconds())}" for c in others[:SHOWN]]
        said = [self.tr("另有 {n} 个来电").format(n=len(others)), *named] if others else []
        said += [self.tr("未接 {n}").format(n=len(missed))] if missed else []
        return " · ".join(said)

    def _late(self, call: Call, now: datetime) -> timedelta:
        """How long ago a missed caller should have been rung back, or again; below zero: not yet."""
        return now - ring_back_due(call, timedelta(seconds=self._desk.reference.desk.missed_call_s))

    def _warn_late(self, missed: list[Call], now: datetime) -> None:
        for call in missed:
            told = (call.id, call.called_back_at)
            if self._late(call, now) > timedelta() and told not in self._told_late:
                self._told_late.add(told)
                shown = self._shown_number(call)
                self._tasks.messages.warn(self.tr("未接来电 {number} 逾期未回电，请按 Shift+F9").format(number=shown))

    def _heading_text(self, call: Call, now: datetime) -> tuple[str, str]:
        """What kind of call it is, and its ink; a late one says so in words."""
        if self._offered:
            return self.tr("转接 · 席位{seat} {who} 转来").format(seat=call.seat, who=call.taken_by), "text"
        line = f"{call.called} · {call.line}" if call.called else call.line
        if not self._missed:
            return self.tr("来电 · 线路{line}").format(line=line), "muted"
        said, late = self.tr("未接来电 · 线路{line}").format(line=line), self._late(call, now)
        if call.called_back_by:
            began = self.tr("正在回电") if late < timedelta() else self.tr("回电无结果")
            outcome = self.tr("未接通") if call.called_back == OUTCOMES[1] else began
            said = f"{said} · {call.called_back_by} {outcome}"
        if late <= timedelta():
            return said, "muted"
        return self.tr("{said} · 逾期 {time}").format(said=said, time=elapsed_text(late.total_seconds())), "bad"

    def _begin(self, call: Call, *, anew: bool) -> None:
        self._show_heading()
        where = " · ".join(part for part in (self._sight.name(call.subscriber), call.address) if part)
        self._who.show_text(where)
        self._who.setVisible(bool(where))
        if not anew:
            self._place()
            return
        self.take_button.show_text(self.tr("接起转来的电话") if self._offered else self.tr("接起并建单"))
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
        return grouped(call.number) if self._may else mask_phone(call.number)

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
        act = "call.accept" if self._offered else "call.call_back" if self._missed else TAKE
        self._call = None
        self.hide()
        self.told.emit()
        self._taken[call.number] = call.id
        self._tasks.start(self._desk.do(act, call=call.id), act)
        return call.number

    @Slot()
    def return_call(self) -> None:
        """Shift+F9: ring back who gave up; the form begins with his number. Nothing where nobody was missed."""
        if self._call is None or not self._missed:
            return
        if why := rung_back_by_another(self._call, self._desk.actor, self._desk.clock()):
            self._tasks.messages.warn(why)
            return
        self._returning = True
        try:
            self._on_take()
        finally:
            self._returning = False

    def call_of(self, number: str) -> str:
        """The call this person took from a number, or rang back, and still has to write down; '' for none."""
        call = self._desk.picture.state.get(Call, self._taken.get(plain_number(number), ""))
        me = self._desk.actor
        mine = call is not None and (call.taken_by == me or (not call.taken_by and call.called_back_by == me))
        # Of a caller without a number only a call that is still talked on is surely the one being written down.
        return call.id if call is not None and mine and (call.number or call.in_hand) else ""

    def _linked(self, call: str) -> None:
        """The call is part of an incident, by whatever key: what is written next is not about it."""
        self._taken = {number: taken for number, taken in self._taken.items() if taken != call}

    def _link(self, incident: Incident) -> None:
        """What this person wrote for the number is what became of the call."""
        call = self._taken.pop(plain_number(incident.phone), "")
        if call and incident.phone:
            self._tasks.start(self._desk.do(TAKE, call=call, incident=incident.number), TAKE)

    # -- time and place ------------------------------------------------------------------------------------------

    @Slot(object)
    def _beat(self, _now: datetime) -> None:
        # Every second, whoever sits here: somebody may have signed on while it rings.
        self.refresh()
        self._show_heading()
        self._show_time()
        self.told.emit()

    def _show_heading(self) -> None:
        if self._call is not None:
            self._heading.show_text(*self._heading_text(self._call, self._tick.now()))

    def _show_time(self) -> None:
        if self._call is not None:
            self._time.setText(elapsed_text((self._tick.now() - self._call.rang_at).total_seconds()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if watched is self._over and event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def leave_room(self, below: int) -> None:
        """So many pixels of the map below the card are another's."""
        if below != self._below:
            self._below = below
            self._place()

    def _place(self) -> None:
        """In the upper left corner of the map: what is chosen stands in its middle. On a low map less is told."""
        px = self._theme.px
        room = self._over.height() - px(8) - self._below
        self._shorten(room - px(48))
        width, height = min(px(460), self._over.width() - px(16)), self._box.sizeHint().height()
        self.resize(width, height)
        # Where even the short card has no room below it, it lies over the map's heading.
        self.move(QPoint(px(8), max(px(8), min(px(48), room - height))))

    def _shorten(self, room: int) -> None:
        """Bring the button beside the number, then leave out lines from the last on, until the card fits."""
        told: list[QWidget] = [self._who] if self._who.text else []
        told += [line for line in self._lines if line.told]
        self._arrange(low=False)
        for line in told:
            line.show()
        self._box.activate()
        if self._box.sizeHint().height() > room:
            self._arrange(low=True)
            self._box.activate()
        while told and self._box.sizeHint().height() > room:
            told.pop().hide()
            self._box.activate()

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

    @property
    def told(self) -> bool:
        """Whether there is anything to say."""
        return bool(self._text.text)

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


def grouped(number: str) -> str:
    """138 1234 5678: a mobile number as people read it aloud."""
    if len(number) == 11 and number.startswith("1"):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number
