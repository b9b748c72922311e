"""The caller's strip at the top of the incident column: how often the number called, what else is reported by it, at
this place and near by, whose telephone it is; and what the telephone company says, to be put into the form.

It follows what is typed. A click opens an incident or a site; what is put into the form never replaces a typed word.
"""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from console.domain.call import Call
from console.domain.errors import EnvironmentFault
from console.domain.incident import INCIDENT_LABELS, Incident
from console.services.call_book import CallBook
from console.services.caller_strip import RADIUS_M, REPEATS, Beside, CallerFacts, CallerIndex
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.sight import Sight
from widgets.afterwards import Afterwards
from widgets.panels.card import Card, Show
from widgets.panels.drafts import Draft
from widgets.panels.parts import FlowLayout, Tag, chip, label
from widgets.tasks import Tasks
from widgets.text import word
from widgets.theme import Theme

CallsFrom = Callable[[str], int]
"""How many calls a number made within 30 days; it blocks."""


class CallerCard(Card):
    """`opened` carries an incident's number, `wanted` a command line; `on_fill` is told (field, text) for the form."""

    opened = Signal(object)
    wanted = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, calls_from: CallsFrom | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("CallerCard", "来电人"))
        self._desk, self._tasks, self._calls_from = desk, tasks, calls_from
        self._index, self._book, self._sight = CallerIndex(desk.picture), CallBook(desk.picture), Sight(desk)
        self.destroyed.connect(self._index.close)
        self.destroyed.connect(self._book.close)
        self._on_fill: Callable[[str, str], object] = lambda _field, _text: None
        self._asked: tuple[str, str, tuple[float, float] | None, str] | None = None
        self._drafting: Draft | None = None
        self._later = Afterwards(self, self._refresh)
        self._counts: dict[str, int] = {}
        self._shown: tuple[object, ...] = ()
        self.badge = Tag(theme, "warn")
        self.text = label("", "muted", wrap=True)
        rows = QWidget()
        self._rows = FlowLayout(theme.px(4))
        rows.setLayout(self._rows)
        for part in (self.badge, self.text, rows):
            self.content.addWidget(part)

    def on_fill(self, fill: Callable[[str, str], object]) -> None:
        """Who puts a text into a field of the form."""
        self._on_fill = fill

    # -- told by the column --------------------------------------------------------------------------------------

    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        """What stands about the caller and the place of the shown incident."""
        self._drafting = None
        if incident is None or self._sight.hidden(incident):
            self._ask(None)
            return
        self._ask((incident.phone, incident.place, _at(incident.lat, incident.lon), incident.number))

    def show_draft(self, draft: Draft) -> None:
        """The same for what is being typed."""
        self._drafting = draft
        self._ask((draft.phone, draft.place, _at(draft.lat, draft.lon), ""))

    def changes(self, changes: Changes) -> None:
        """An incident or a call has moved on."""
        if any(isinstance(row, Incident | Call) for row in (*changes.added, *changes.updated, *changes.removed)):
            self._later.ask()

    def _ask(self, asked: tuple[str, str, tuple[float, float] | None, str] | None) -> None:
        if asked is not None and self._asked in (asked, (*asked[:3], "")):
            # The same, or what was typed has become this incident: what stands there is right but for itself.
            self._asked = asked
            self._later.ask()
            return
        self._asked = asked
        number = asked[0] if asked is not None else ""
        if number and number not in self._counts and self._calls_from is not None:
            self._counts[number] = 0
            self._tasks.start(self._count(number, self._calls_from), "calls from")
        self._refresh()

    async def _count(self, number: str, calls_from: CallsFrom) -> None:
        """How often he called before; the strip does without it where the database is away."""
        try:
            self._counts[number] = await asyncio.to_thread(calls_from, number)
        except EnvironmentFault:
            del self._counts[number]
            return
        self._refresh()

    # -- what is shown -------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        if self._asked is None:
            self.say(Show.HIDDEN)
            return
        number, place, at, beyond = self._asked
        facts = self._index.facts(
            number=number, place=place, at=at, now=self._desk.clock(), beyond=beyond, hidden=self._sight.hidden
        )
        offered = self._suggested()
        calls = self._counts.get(number, 0)
        shown = (facts, tuple(offered), calls, word(""))
        if shown != self._shown:
            self._shown = shown
            self._show_facts(facts, offered, calls)
        worth = bool(facts.beside or facts.sites or offered or calls >= REPEATS)
        self.say((Show.OPEN if worth else Show.LINE) if number or worth else Show.HIDDEN, self._summary(facts, calls))

    def _summary(self, facts: CallerFacts, calls: int) -> str:
        said = [self.tr("今日 {n} 次").format(n=facts.today)] if facts.number else []
        said += [self.tr("30天 {n} 次").format(n=calls)] if calls else []
        near = self.tr("{m} 米内在办 {n} 起").format(m=int(RADIUS_M), n=facts.open_near)
        return " · ".join([*said, *([near] if facts.open_near else [])])

    def _show_facts(self, facts: CallerFacts, offered: list[tuple[str, str, str]], calls: int) -> None:
        self.badge.show_text(self.tr("◆ 重复来电 {n} 次").format(n=calls) if calls >= REPEATS else "")
        self.badge.setVisible(calls >= REPEATS)
        nothing = not (facts.beside or facts.sites)
        self.text.setText(self.tr("此号码与此处没有其他警情") if nothing else "")
        self.text.setVisible(nothing)
        while (item := self._rows.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for row in facts.beside:
            self._add(self._beside_text(row), "open", row.incident.number)
        for site, role in facts.sites:
            said = self.tr("点位 {name} · {role}").format(name=word(site.name), role=word(role))
            self._add(said, "line", f"点位 {site.account or site.name}")
        for field, shown, value in offered:
            self._add(shown, field, value)

    def _add(self, text: str, does: str, value: str) -> None:
        made: QPushButton = chip(text)
        made.setProperty("does", does)
        made.setProperty("value", value)
        made.clicked.connect(self._pressed)
        self._rows.addWidget(made)

    def _beside_text(self, row: Beside) -> str:
        incident = row.incident
        kind = self._desk.reference.codes.get(incident.kind)
        why = {"number": self.tr("同号码"), "place": self.tr("同地点"), "near": self.tr("附近")}[row.why]
        if row.why == "near" and row.metres is not None:
            why = self.tr("附近 {m} 米").format(m=round(row.metres))
        what = word(kind.name if kind is not None else incident.title)
        return " · ".join(part for part in (incident.short, what, word(INCIDENT_LABELS[incident.state]), why) if part)

    def _suggested(self) -> list[tuple[str, str, str]]:
        """(field, what the chip says, text) of what the telephone company says and the form does not say yet."""
        draft = self._drafting
        if draft is None:
            return []
        mine = self._book.of_seat(self._desk.actor, self._desk.seat)
        call = next((row for row in mine if row.number == draft.phone), None)
        if call is None:
            return []
        told = (
            ("caller", self.tr("填入机主 {text}"), call.subscriber, draft.caller),
            ("place", self.tr("填入地址 {text}"), call.address, draft.place),
            ("recording", self.tr("填入录音号 {text}"), call.recording, draft.recording),
        )
        return [(field, said.format(text=text), text) for field, said, text, typed in told if text and not typed]

    @Slot()
    def _pressed(self) -> None:
        sender: QObject = self.sender()
        does, value = str(sender.property("does")), str(sender.property("value"))
        if does == "open":
            self.opened.emit(value)
        elif does == "line":
            self.wanted.emit(value)
        elif self._drafting is not None:
            # What a draft offered stands a moment longer than the draft.
            self._on_fill(does, value)


def fill_empty(form: QObject, field: str, text: str) -> None:
    """Put a text into a field of the form as if it were typed; a field that says something stays as it is."""
    line = getattr(form, field)
    if isinstance(line, QLineEdit) and not line.text().strip():
        line.insert(text)


def _at(lat: float | None, lon: float | None) -> tuple[float, float] | None:
    return (lat, lon) if lat is not None and lon is not None else None
