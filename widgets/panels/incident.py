"""The right column of the call-taker's window: one incident from its first word to its end.

Head and stage line on top, the cards of the middle (form, questions, routing, orders …: the only part that scrolls),
the agency buttons always visible, the timeline below. Here is what a person does; what is shown is in `IncidentView`.
Every button ends in an act of the desk.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from typing_extensions import override

from console.domain.facts import PersonViewed
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.services.desk import Desk
from console.services.drafts import Drafts
from console.services.picture import Changes
from console.services.places import Places, learn
from console.services.seen_since import person
from console.services.sight import Sight
from widgets.keys import keeps
from widgets.panels.agencies import KEYS, AgencyRow
from widgets.panels.card import Card
from widgets.panels.closing import Step
from widgets.panels.duplicates import DuplicatesCard
from widgets.panels.incident_acts import IncidentActs, PrintSlip
from widgets.panels.incident_writing import IncidentWriting
from widgets.panels.level_tip import level_reasons
from widgets.panels.questions import QuestionsCard
from widgets.panels.story import TimelineLoader
from widgets.selection import Chosen, Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


class IncidentPanel(IncidentWriting):
    """The incident column. `left` asks the window to give the focus back to the queue.

    `timeline_loader` and `calls_from` (a number's calls within 30 days) block and are called in threads. Call
    `start` once the loop runs: it offers the drafts an earlier run left.
    """

    left = Signal()
    _kept_writing = Signal()

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        selection: Selection,
        tick: Tick,
        tasks: Tasks,
        *,
        places: Places,
        print_slip: PrintSlip,
        timeline_loader: TimelineLoader,
        drafts: Drafts,
        calls_from: Callable[[str], int] | None = None,
        sight: Sight | None = None,
    ) -> None:
        super().__init__(
            desk,
            theme,
            selection,
            tick,
            tasks,
            places=places,
            timeline_loader=timeline_loader,
            drafts=drafts,
            sight=sight,
        )
        self.take_call: Callable[[], str] = lambda: ""
        self.return_call: Callable[[], object] = lambda: None
        self.show_plan: Callable[[str, int], object] = lambda _number, _wave: None
        self._calls_from = calls_from
        self._was_low: bool | None = None
        self.acts = IncidentActs(desk, tasks, self.sheet, print_slip)
        self.duplicates = DuplicatesCard(desk, theme)
        self.cards.plug("duplicates", self.duplicates)
        self.questions = QuestionsCard(desk, theme, tasks, self._sight)
        self.cards.plug("questions", self.questions)
        self.head.level.tell = self._level_reasons
        self._connect()
        self._end = desk.picture.observe(self._picture_changed)
        self._end_sight = self._sight.observe(self.refresh)
        self._show(selection.incident)

    def _connect(self) -> None:
        self.head.new_wanted.connect(self.new_incident)
        self.head.merge_wanted.connect(self.merge)
        self.form.changed.connect(self._draft_changed)
        self.form.submitted.connect(self.save)
        self.form.edited.connect(self._edited)
        self.form.level_wanted.connect(self._level_wanted)
        self.form.paused.connect(self._propose)
        self.form.left.connect(self._leave)
        self.questions.asking.left.connect(self._leave)
        self.sight_bar.wanted.connect(self._reveal_wanted)
        self.card.chosen.connect(self._route_chosen)
        self.card.raise_wanted.connect(self._raise_wanted)
        self.orders.pressed.connect(self._unit_step)
        self.closing.pressed.connect(self._closing_step)
        self.agencies.pressed.connect(self._agency_pressed)
        self.any_agency.clicked.connect(self.choose_agency)
        self.drafts.resumed.connect(self.resume)
        self.drafts.dropped.connect(self._drop_draft)
        self.duplicates.supplement_wanted.connect(self._supplement_wanted)
        self.duplicates.merge_wanted.connect(self._merge_wanted)
        self.duplicates.open_wanted.connect(self._look_at)
        self.waiting.opened.connect(self.open_waiting)
        self.sheet.opened.connect(self._sheet_opened)
        self.sheet.closed.connect(self._sheet_closed)
        self._tick.second.connect(self._second)
        self._selection.changed.connect(self._show_chosen)
        # Queued: every other pane is told of the choice before it is taken back.
        self._kept_writing.connect(self._choose_shown, Qt.ConnectionType.QueuedConnection)
        self._theme.changed.connect(self._theme_changed)

    async def start(self) -> None:
        """Offer the drafts of an earlier run."""
        await asyncio.to_thread(learn, self._known.names())
        await self.drafting.load()

    def close_panel(self) -> None:
        """While the loop still runs: save what was typed in a field, then stop listening."""
        self.form.commit()
        self.form.blockSignals(True)
        self._end()
        self._end_sight()

    def _level_reasons(self) -> str:
        incident = self.incident
        return level_reasons(self._desk, incident, self.story.facts) if incident is not None else ""

    @property
    def question(self) -> str:
        """The question that the card asks, '' for none."""
        return self.questions.question

    def show_questions(self, *, back: bool) -> None:
        """Alt+Q: the question card takes the keys; Alt+←: with the question before."""
        if back:
            self.questions.back()
        self.questions.take_focus()

    def plug(self, name: str, card: Card) -> None:
        """Put a card into its place of the middle; it is told at once what is shown."""
        self.cards.plug(name, card)
        self._refresh()

    # -- what is shown -------------------------------------------------------------------------------------------

    @Slot(object)
    def _show_chosen(self, chosen: Chosen) -> None:
        if chosen.incident == self._number:
            return
        if chosen.incident and self.later.must():
            self.later.put_off(chosen.incident)
            self._kept_writing.emit()
        else:
            self._show(chosen.incident)

    def _show(self, number: str, *, same: bool = False) -> None:
        """Show an incident; `same` = it is what was written here, so the cursor stays in it."""
        self._turn_to(number, same=same)
        self._refresh()

    @override
    def _turn_to(self, number: str, *, same: bool = False) -> None:
        if not same:
            self._let_go_of_fields()
            self.cards.to_top()
        self.form.commit()
        self.sheet.close_sheet()
        self._number, self._older = number, None
        self.later.done(number)
        self.drafting.leave()
        self.story.show(self._number)
        self._start_counting()
        self.form.show_calls(None)

    @Slot()
    def _choose_shown(self) -> None:
        """Keys that mean the chosen incident mean what is in the column."""
        self._selection.choose_incident(self._number)

    @Slot(str)
    def open_waiting(self, number: str) -> None:
        """Ctrl+O: show an incident that waits; a new one in the form stays as a draft."""
        self.left.emit()
        self._show(number)
        self._selection.choose_incident(number)

    def _let_go_of_fields(self) -> None:
        """The keys go to no field of this column: what is typed next is not meant for the incident that comes."""
        at = self.window().focusWidget()
        if at is not None and self.isAncestorOf(at):
            at.clearFocus()

    def _start_counting(self) -> None:
        incident = self.incident
        if incident is not None and incident.phone and self._calls_from is not None and self.story.reading:
            self._tasks.start(self._count_calls(incident.number, incident.phone, self._calls_from), "calls")

    async def _count_calls(self, number: str, phone: str, calls_from: Callable[[str], int]) -> None:
        times = await asyncio.to_thread(calls_from, phone)
        if number == self._number:
            self.form.show_calls(times)

    @override
    def event(self, event: QEvent) -> bool:
        """While a new incident is written, F5–F8 are the panel's: it saves first, then sends."""
        return keeps(event, self._key_agency) or super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        agency = self._key_agency(event)
        if agency:
            self.send(agency)
        else:
            super().keyPressEvent(event)

    def _key_agency(self, event: QKeyEvent) -> str:
        """The agency of an F-key while a new incident is written, '' for any other key."""
        key = QKeySequence(event.keyCombination()).toString()
        place = KEYS.index(key) if self.writing and key in KEYS else len(self._keys)
        return self._keys[place] if place < len(self._keys) else ""

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.sheet.title or self.low != self._was_low:
            self._was_low = self.low
            self._refresh()

    @Slot(object)
    def _theme_changed(self, _: object) -> None:
        self._fitted_low = None
        self._refresh()
        self.update()

    def _picture_changed(self, changes: Changes) -> None:
        if self.later.waiting:
            self.later.show()
        self.cards.changes(changes)
        mine = [fact for fact in changes.facts if fact.body.incident == self._number]
        if not self._number:
            return
        self.story.append(mine)
        self.form.told(mine, partial(person, self._desk.picture.state))
        touched = (*changes.added, *changes.updated, *changes.removed)
        # That it was looked at is told by the timeline and changes nothing else.
        news = [fact for fact in mine if not isinstance(fact.body, PersonViewed)]
        if news or any(getattr(row, "incident", "") == self._number or row.key == self._number for row in touched):
            self._follow()
            self._refresh()

    def _follow(self) -> None:
        """What is shown has left the picture: it got its true number on unloading, or its day is over."""
        if self.incident is not None or self.story.reading:
            return
        renamed = self._desk.picture.state.where(Incident, alias=self._number)
        if renamed:
            self._number = renamed[0].number
            self._show(self._number, same=True)
            self._selection.choose_incident(self._number)
        else:
            self.story.show(self._number)

    @Slot(object)
    def _second(self, _: object) -> None:
        incident = self.incident
        if self.sight_bar.revealed and incident is not None:
            self.sight_bar.beat(self._desk.clock())
            if self._sight.until(incident) is None:
                self._refresh()
        if self.isVisible():
            self.form.beat_second()
            self.cards.beat(self._desk.clock())
            self._refresh_clocks()

    # -- what a person does --------------------------------------------------------------------------------------

    @Slot()
    def _leave(self) -> None:
        """Esc: back to the queue, or to what was chosen meanwhile; a new incident waits on the bar as a draft."""
        if self.later.waiting and self.drafting.id:
            self.open_waiting(self.later.waiting[0])
            return
        if self.drafting.id and not self._number:
            self.drafting.leave()
            self._refresh()
        self.left.emit()

    @Slot()
    def _sheet_opened(self) -> None:
        self._refresh()

    @Slot()
    def _sheet_closed(self) -> None:
        self._refresh()

    @Slot(str, str)
    def _unit_step(self, unit: str, step: str) -> None:
        incident = self._workable
        if incident is not None:
            self.acts.unit_step(incident, unit, step)

    @Slot(object)
    def _closing_step(self, step: Step) -> None:
        incident = self._workable
        if incident is not None:
            self.acts.step(incident, step)

    @property
    def channel(self) -> str:
        """How the next handoff is delivered: 'slip' or 'phone'."""
        return "phone" if self.by_phone.isChecked() else "slip"

    @Slot(object)
    def _agency_pressed(self, row: AgencyRow) -> None:
        handoff = self._desk.picture.state.get(Handoff, row.handoff) if row.handoff else None
        if handoff is not None:
            self.acts.open_handoff(handoff)
        else:
            self.send(row.agency)

    def send(self, agency: str) -> None:
        """F5–F8: instruct an agency, or open its running handoff. A new incident is saved first."""
        incident = self._workable
        if incident is not None:
            self.acts.send_handoff(incident, agency, self.channel)
        elif self.drafting.id:
            self._tasks.start(self._save_and_send(self._save(), agency, self.channel), "handoff.send")
        else:
            self._tasks.messages.warn(self._refused(self.tr("请先选中警情，再联动")))

    async def _save_and_send(self, saving: Coroutine[Any, Any, str], agency: str, channel: str) -> None:
        number = await saving
        incident = self._desk.picture.state.get(Incident, number)
        if incident is not None:
            self.acts.send_handoff(incident, agency, channel)

    @Slot()
    def choose_agency(self) -> None:
        """Ctrl+L: any agency, by words or initials."""
        incident = self._workable
        if incident is not None:
            self.acts.choose_agency(incident, self.channel)
        else:
            self._tasks.messages.warn(self._refused(self.tr("请先选中或保存警情，再联动")))

    @Slot()
    def merge(self) -> None:
        """Ctrl+M: this incident is a duplicate of another."""
        incident = self._workable
        if incident is not None:
            self.acts.merge(incident)
        else:
            self._tasks.messages.warn(self._refused(self.tr("请先选中警情，再合并")))

    def take_duplicate(self, place: int) -> None:
        """Ctrl+1 … Ctrl+3; UserError if no such match is shown."""
        self.duplicates.take(place)

    @Slot(str)
    def _supplement_wanted(self, number: str) -> None:
        """The call in writing adds to a known incident: what was written goes there, the draft is done."""
        draft = self.drafting.id
        if draft:
            adding = self.drafting.attach(number, self.call_of(self.form.draft().phone))
            self._tasks.start(self._supplement(draft, number, adding), "incident.supplement")

    async def _supplement(self, draft: str, number: str, adding: Coroutine[Any, Any, bool]) -> None:
        if not await adding:
            return
        if self.drafting.id == draft:
            self._show(number)
            self._selection.choose_incident(number)
        self._tasks.messages.info(self.tr("来电已附到 {number}").format(number=number))

    @Slot(str, str)
    def _merge_wanted(self, duplicate: str, main: str) -> None:
        self.acts.do("incident.merge", incident=duplicate, into=main)

    @Slot(str)
    def _look_at(self, number: str) -> None:
        """A new incident in writing stays as a draft."""
        self._show(number)
        self._selection.choose_incident(number)

    def key_hints(self) -> list[tuple[str, str]]:
        """Keys worth knowing here, for the window's last line."""
        if self.drafting.id:
            return [("Ctrl+Enter", self.tr("保存")), ("Esc", self.tr("返回队列"))]
        return [("F5–F8", self.tr("联动")), ("F9", self.tr("新建")), ("Ctrl+L", self.tr("其他单位"))]
