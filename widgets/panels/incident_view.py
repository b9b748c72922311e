"""What the incident column shows: one incident as it stands, the person in it, its clocks, its proposals.

It observes and never changes anything; `IncidentPanel` adds what a person does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

from PySide6.QtCore import QCoreApplication, QEvent, Slot

from console.domain.assignment import Assignment
from console.domain.errors import UserError
from console.domain.facts import Fact
from console.domain.fold import fold
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.rights import may
from console.domain.routing import Classification, classify
from console.domain.state import MemoryState, State
from console.services.desk import Desk
from console.services.drafts import Drafts
from console.services.field_history import histories
from console.services.place_search import KnownPlaces
from console.services.places import Places
from console.services.questions import agencies_asked_for
from console.services.seen_since import person
from console.services.sight import Sight
from widgets.allowed import why_not, why_not_step
from widgets.panels.agencies import agency_rows, suggest
from widgets.panels.ask import Answer, Question
from widgets.panels.closing import Step, judged, lacks, needs_callback, ways_out
from widgets.panels.drafting import Drafting
from widgets.panels.incident_layout import IncidentLayout
from widgets.panels.orders import LEAD, RADIO, Allowed
from widgets.panels.putting_off import PuttingOff
from widgets.panels.stages import stage_rows, stage_sentence
from widgets.panels.story import Story, TimelineLoader
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.text import word
from widgets.theme import Theme
from widgets.tick import Tick

LAYOUT_TURNS = 4
"""A label wraps anew, its card grows, the column moves, the pane gives room."""


class IncidentView(IncidentLayout):
    """The column over a desk's picture. `_older` holds an incident that has left the picture, read from the journal."""

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        selection: Selection,
        tick: Tick,
        tasks: Tasks,
        *,
        places: Places,
        timeline_loader: TimelineLoader,
        drafts: Drafts,
        sight: Sight | None = None,
    ) -> None:
        self._known = KnownPlaces(places, desk)
        super().__init__(theme, desk.reference, self._known)
        self._desk, self._selection, self._tasks, self._tick = desk, selection, tasks, tick
        self._sight = sight or Sight(desk)
        self._seen = ("", "")
        self._number = ""
        self._older: MemoryState | None = None
        self._keys: tuple[str, ...] = ()
        self._proposed: tuple[str, ...] = ()
        self._found: Classification = classify("", None, desk.reference)
        self.story = Story(self.timeline, self.model, tasks, timeline_loader, self._story_loaded, self._show_missing)
        self.drafting = Drafting(desk, tasks, drafts, self.form, self.drafts)
        self.later = PuttingOff(self, self.waiting, desk.picture, lambda: bool(self.drafting.id or self.sheet.title))
        self.agencies.steady = tick.steady

    def _story_loaded(self, facts: Sequence[Fact]) -> None:
        if self._desk.picture.state.get(Incident, self._number) is None:
            self._older = _folded(facts)
            self._refresh()
        else:
            self._show_histories()

    @property
    def _state(self) -> State:
        return self._older if self._older is not None else self._desk.picture.state

    @property
    def incident(self) -> Incident | None:
        """The incident that is shown; None while a new one is written or nothing is selected."""
        return self._state.get(Incident, self._number) if self._number else None

    @property
    def historic(self) -> bool:
        """Whether what is shown has left the picture: it can be read, not worked on."""
        return self._older is not None and self.incident is not None

    @property
    def _workable(self) -> Incident | None:
        return None if self.historic else self.incident

    def _refused(self, otherwise: str) -> str:
        return self.tr("历史警情，只读") if self.historic else otherwise

    @property
    def writing(self) -> bool:
        """Whether a new incident is in the form."""
        return bool(self.drafting.id)

    def refresh(self) -> None:
        """Another person sits here, or sees more or less: everything is shown and allowed anew."""
        self._refresh()

    def _refresh(self) -> None:
        with self.laid_out_once():
            self._show_all()
        self._lay_out_at_once()

    def _show_all(self) -> None:
        incident = self.incident
        writing = bool(self.drafting.id)
        self.show_parts(incident=incident is not None, writing=writing)
        self.allow_work(not self.historic)
        self.later.show()
        self.silent.show_incident(incident)
        alarms = self._desk.picture.alarms(self._number) if self._number else ()
        self.alarm.show_alarms(self._desk.picture, alarms, masked=not may(self._desk.roles, "alarm.verify"))
        if incident is not None:
            self._refresh_incident(incident)
        elif writing:
            self.head.show_new()
        else:
            self.head.show_nothing()
            self._show_missing()
        self.cards.about(self._number or self.drafting.id)
        self.cards.show_incident(incident, workable=not self.historic)
        if incident is not None or writing:
            self._propose()

    def _lay_out_at_once(self) -> None:
        """Cards that grow move those below them, each in a turn of the loop of its own: all turns before one paint."""
        if self.isVisible():
            for _ in range(LAYOUT_TURNS):
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    def _show_missing(self) -> None:
        if self._number:
            reading = self.tr("正在读取警情 {number}…")
            said = reading if self.story.reading else self.tr("没有读到警情 {number}：{why}")
            self.nothing.setText(said.format(number=self._number, why=self.timeline.said))
        else:
            self.nothing.setText(self.tr("未选中警情\n在队列中用 ↑ ↓ 选择，或按 F9 新建警情"))

    def _refresh_incident(self, incident: Incident) -> None:
        picture = self._desk.picture
        self.head.show_incident(incident, provisional=picture.is_provisional(incident), historic=self.historic)
        self._show_person(incident)
        if self.historic:
            self.closing.show_state(incident, (), ())
            return
        orders = self._state.where(Assignment, incident=incident.number)
        handoffs = self._state.where(Handoff, incident=incident.number)
        missing = lacks(incident, orders, handoffs, picture.alarms(incident.number), self._desk.reference)
        ways = judged(ways_out(incident, orders), self._why_not)
        self.closing.show_state(incident, [lack.judged(self._why_not) for lack in missing], ways)

    # -- the person in it ----------------------------------------------------------------------------------------

    def _show_person(self, incident: Incident) -> None:
        """The form, with personal data masked where this person has no business with them."""
        masked = not self._sight.unmasked(incident)
        shown = _without_person(incident, self._sight) if masked else incident
        self.model.mask = self._sight.text if masked else str
        self.form.show_incident(shown, masked=masked)
        self._show_histories()
        self._show_sight(incident, masked=masked)
        if not masked and not self.historic:
            self._keep_view(incident)

    def _show_histories(self) -> None:
        """What stood in each field before, as the journal tells it."""
        self.form.show_histories(histories(self.story.facts), partial(person, self._desk.picture.state))

    def _keep_view(self, incident: Incident) -> None:
        """That personal data stand here in full goes into the journal, once for each person and incident."""
        seen = (self._desk.actor, incident.number)
        if seen != self._seen and _loop_runs():
            self._seen = seen
            self._tasks.start(self._sight.viewed(incident), "person.viewed")

    def _show_sight(self, incident: Incident, *, masked: bool) -> None:
        why = self._refused(why_not(self._desk, "person.revealed", incident=incident.number))
        personal = masked and bool(incident.caller or incident.phone or incident.narrative)
        now, until = self._desk.clock(), self._sight.until(incident)
        self.sight_bar.show_state(masked=personal, until=until, now=now, why=why)

    @Slot()
    def _reveal_wanted(self) -> None:
        self.reveal(self._number)

    def reveal(self, number: str, reason: str = "") -> None:
        """Ctrl+I: ask for the reason where the masked fields are; with one, reveal at once."""
        incident = self._workable
        if incident is None or incident.number != number:
            self._tasks.messages.warn(self._refused(self.tr("请先选中警情，再查看")))
        elif self._sight.unmasked(incident):
            self._tasks.messages.info(self.tr("这起警情的个人信息没有遮蔽"))
        elif reason:
            self._tasks.start(self._sight.reveal(number, reason), "person.revealed")
        else:
            title = self.tr("{short} · 查看个人信息").format(short=incident.short)
            question = Question("reason", self.tr("理由"), self.tr("如：回访报警人"))
            answer = Answer("do", self.tr("查看 5 分钟"), ("reason",))
            self.sheet.ask(title, [question], [answer], lambda _, said: self.reveal(number, said["reason"]))

    # -- clocks and proposals ------------------------------------------------------------------------------------

    def _why_not(self, step: Step) -> str:
        """Why this person may not press a button of the closing card."""
        return why_not_step(self._desk, step.act, step.subject, self._number)

    def _refresh_clocks(self) -> None:
        incident, now, reference = self.incident, self._desk.clock(), self._desk.reference
        handoffs: list[Handoff] = []
        if incident is not None:
            handoffs = self._state.where(Handoff, incident=incident.number)
            promises = self._desk.picture.promises(incident.number)
            rows = stage_rows(incident, promises, now, needs_callback=needs_callback(incident, reference))
            self.stages.show_rows(rows, *stage_sentence(incident, promises, now, self._name_of))
            orders = self._state.where(Assignment, incident=incident.number)
            self.orders.show_orders(orders, promises, now, self._orders_allowed())
        if incident is not None or self.drafting.id:
            rows_shown = agency_rows(reference, self.suggested(), self._proposed, handoffs, incident, now)
            self.agencies.show_rows(rows_shown, first_only=self.crowded, low=self.low)

    def _orders_allowed(self) -> Allowed:
        """What may be done with orders at this moment; the five reports are one act and asked for once."""
        acts = {"withdraw": "unit.withdraw", LEAD: "unit.lead", RADIO: "order.radio"}

        @cache
        def why(incident: str, unit: str, order: str, act: str) -> str:
            return why_not(self._desk, act, incident=incident, unit=unit, assignment=order)

        return lambda order, step: why(order.incident, order.unit, order.id, acts.get(step, "unit.report"))

    def _name_of(self, owner: str) -> str:
        if owner == "desk":
            return self.tr("本台")
        agency = self._desk.reference.agencies.get(owner)
        return word(agency.short) if agency is not None else owner

    @Slot()
    def _propose(self) -> None:
        """Read the words again: kind, level, route and agencies."""
        incident = self.incident
        narrative = self.form.narrative.toPlainText()
        kind = self.form.kind_code
        self._found = classify(narrative, kind or None, self._desk.reference)
        linkage: tuple[str, ...] = ()
        if incident is not None and incident.site:
            site = self._desk.picture.site(incident.site)
            linkage = site.linkage if site is not None else ()
        answered = agencies_asked_for(self._desk.picture.state, incident, self._desk.reference.protocols)
        self._proposed = (*answered, *self._found.agencies, *linkage)
        self._keys = suggest(self._desk.reference, self._proposed, self._desk.clock())
        self.form.show_proposal(self._found)
        if incident is None and self.drafting.id:
            self.cards.show_draft(self.drafting.draft())
        route = incident.route if incident is not None else self.drafting.route
        self.card.show_proposal(self._found, route, incident.priority if incident is not None else 0)
        self._refresh_clocks()

    def suggested(self) -> tuple[str, ...]:
        """The agencies of F5–F8 and Shift+F5…F8, in that order; fewer where fewer are known."""
        incident = self.incident
        return () if self.historic or (incident is not None and not incident.open) else self._keys


def _without_person(incident: Incident, sight: Sight) -> Incident:
    """The incident as it may be shown to somebody who has no business with the people in it."""
    return replace(
        incident,
        caller=sight.name(incident.caller),
        phone=sight.phone(incident.phone),
        narrative=sight.text(incident.narrative),
    )


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _folded(facts: Sequence[Fact]) -> MemoryState:
    """An incident that the picture has let go of, rebuilt from its facts; what belongs to others is left out."""
    state = MemoryState()
    for fact in facts:
        try:
            fold(state, fact)
        except UserError:
            continue  # a unit or an alarm that other facts describe
    return state
