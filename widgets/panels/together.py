"""What an incident waits for and what it belongs to: hold, schedule, mark and call-backs, links, its place in a stack.

A card of the incident column. Every act is a chip that says its key; a linked incident is opened by click or Enter.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.commands import BY_ID
from console.domain.incident import BEFORE_DISPATCH, INCIDENT_LABELS, Incident
from console.domain.link import IncidentLink, StackedJob
from console.domain.marks import MARKS, TRIES, asks_for_unit, rings_back, tries_left
from console.domain.secrecy import is_hidden
from console.services.desk import Desk
from console.services.links import links_of, other_end
from console.services.picture import Changes
from console.services.stacks import job_of, stack_of
from widgets.models.queue_words import waiting_text
from widgets.panels.card import Card, Show
from widgets.panels.parts import FlowLayout, chip, label
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.text import elapsed_text, late_text, word
from widgets.theme import Theme

CountMarks = Callable[[str], Counter[str]]
"""How many calls of each mark a telephone number has made; it blocks."""

WAITING = ("incident.hold", "incident.schedule", "incident.link", "unit.stack")
MARKING = ("incident.silent", "incident.prank", "incident.dropped")
RINGING = ("incident.unreached", "incident.reached")


class TogetherCard(Card):
    """`wanted` carries the id of a command, for the window to perform as if its key had been pressed."""

    wanted = Signal(object)

    def __init__(
        self, desk: Desk, theme: Theme, selection: Selection, tasks: Tasks, count_marks: CountMarks | None = None
    ) -> None:
        super().__init__(theme, QCoreApplication.translate("Together", "等待与关联"))
        self._desk, self._selection, self._tasks, self._count = desk, selection, tasks, count_marks
        self._incident: Incident | None = None
        self._workable = False
        self._counts: dict[str, Counter[str]] = {}
        self._now = desk.clock()
        self.text = label("", wrap=True)
        self.text.setAccessibleName(self.tr("等待、标记与叠放"))
        self.links = QWidget()
        self._rows = FlowLayout(theme.px(4))
        self.links.setLayout(self._rows)
        self._shown: tuple[tuple[str, str], ...] = ()
        self.chips = {
            key: self._chip(key) for key in (*WAITING, "incident.wake", *MARKING, "incident.unmark", *RINGING)
        }
        self.chips["incident.late_seen"] = self._chip("incident.late_seen")
        acts = QWidget()
        flow = FlowLayout(theme.px(4))
        for made in self.chips.values():
            flow.addWidget(made)
        acts.setLayout(flow)
        for part in (self.text, self.links, acts):
            self.content.addWidget(part)

    def _chip(self, key: str) -> QPushButton:
        command = BY_ID[key]
        said = f"{word(command.title)} {' '.join(command.keys)}".strip()
        made = chip(said, said)
        made.setProperty("command", key)
        made.clicked.connect(self._pressed)
        return made

    @Slot()
    def _pressed(self) -> None:
        self.wanted.emit(str(_sender(self).property("command")))

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        """Another incident, or the same one as it stands now."""
        self._incident, self._workable = incident, workable
        if incident is not None and incident.mark and incident.phone and incident.phone not in self._counts:
            self._counts[incident.phone] = Counter()
            self._tasks.start(self._read_counts(incident.phone), "count marks")
        self._refresh()

    def changes(self, changes: Changes) -> None:
        """A link or a job changed at this incident or at the other end, or an incident that is linked moved on."""
        ends = {end for _, end in self._shown}
        if any(
            isinstance(row, IncidentLink | StackedJob) or (isinstance(row, Incident) and row.number in ends)
            for row in (*changes.added, *changes.updated)
        ):
            self._refresh()

    def beat(self, now: datetime) -> None:
        """The clocks run."""
        self._now = now
        self._refresh()

    async def _read_counts(self, phone: str) -> None:
        if self._count is not None:
            self._counts[phone] = await asyncio.to_thread(self._count, phone)
            self._refresh()

    def _refresh(self) -> None:
        incident = self._incident
        if incident is None:
            self.say(Show.HIDDEN)
            return
        linked = self._linked(incident)
        lines = [line for line in (*self._lines(incident), *(said for said, _ in linked)) if line]
        self.text.setText("\n".join(line for line in self._lines(incident) if line))
        self.text.setVisible(bool(self.text.text()))
        self._show_links(linked)
        self._show_chips(incident)
        urgent = incident.waits_until is not None or rings_back(incident) or asks_for_unit(incident)
        self.say(Show.OPEN if urgent and self._workable else Show.LINE, "；".join(lines) or self.tr("无"))

    def _lines(self, incident: Incident) -> list[str]:
        return [self._waits(incident), self._marked(incident), self._stacked(incident)]

    def _waits(self, incident: Incident) -> str:
        until = incident.waits_until
        if until is None:
            return ""
        left = max(0.0, (until - self._now).total_seconds())
        said = f"{waiting_text(incident, until)} · " + self.tr("还剩 {left}").format(left=elapsed_text(left))
        return f"{said} · {incident.held_reason}" if incident.held_reason else said

    def _marked(self, incident: Incident) -> str:
        if not incident.mark:
            return ""
        said = self.tr("{mark}来电").format(mark=word(MARKS[incident.mark]))
        if incident.mark in TRIES:
            tried = self.tr("已回拨 {n} 次").format(n=incident.ring_backs)
            left = tries_left(incident)
            said += f" · {tried}" + (" · " + self.tr("还须 {n} 次").format(n=left) if left else "")
            said += self._ring_back_clock(incident)
        if asks_for_unit(incident):
            said += " · " + self.tr("未接通而地点明确：请派警核实")
        return said + self._of_number(incident)

    def _ring_back_clock(self, incident: Incident) -> str:
        promises = self._desk.picture.promises(incident.number)
        owed = next((promise for promise in promises if promise.rule == "ring_back"), None)
        if owed is None:
            return ""
        left = owed.left_s(self._now)
        return " · " + (self.tr("剩 {time}").format(time=elapsed_text(left)) if left >= 0 else late_text(-left))

    def _of_number(self, incident: Incident) -> str:
        counts = self._counts.get(incident.phone, Counter())
        named = [f"{word(MARKS[mark])} {counts[mark]}" for mark in MARKS if counts[mark]]
        return " · " + self.tr("此号码共：{counts}").format(counts="、".join(named)) if named else ""

    def _stacked(self, incident: Incident) -> str:
        job = job_of(self._desk.picture.state, incident.number)
        if job is None:
            return ""
        jobs = stack_of(self._desk.picture.state, job.unit)
        place = [each.incident for each in jobs].index(incident.number) + 1
        return self.tr("叠放给 {unit}，第 {place} 件，共 {n} 件").format(unit=job.unit, place=place, n=len(jobs))

    # -- links ---------------------------------------------------------------------------------------------------

    def _linked(self, incident: Incident) -> list[tuple[str, str]]:
        """(what it says, the number) of every linked incident that this person may see."""
        found = []
        for link in links_of(self._desk.picture.state, incident.number):
            number, what = other_end(link, incident.number)
            other = self._desk.picture.state.get(Incident, number)
            if other is not None and is_hidden(other, self._desk.actor, self._desk.roles):
                continue
            known = f"{other.short} {other.title or other.place}".strip() if other is not None else number
            state = word(INCIDENT_LABELS[other.state]) if other is not None else ""
            found.append((" ".join(part for part in (word(what), known, state) if part), number))
        return found

    def _show_links(self, linked: list[tuple[str, str]]) -> None:
        if tuple(linked) == self._shown:
            return
        self._shown = tuple(linked)
        while (item := self._rows.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for said, number in linked:
            opens = chip(said, self.tr("打开 {what}").format(what=said))
            opens.setProperty("number", number)
            opens.clicked.connect(self._open)
            ends = chip("✕", self.tr("取消关联 {what}").format(what=said))
            ends.setToolTip(ends.accessibleName())
            ends.setProperty("number", number)
            ends.clicked.connect(self._unlink)
            ends.setVisible(self._workable)
            self._rows.addWidget(_side_by_side(opens, ends))
        self.links.setVisible(bool(linked))

    @Slot()
    def _open(self) -> None:
        self._selection.choose_incident(str(_sender(self).property("number")))

    @Slot()
    def _unlink(self) -> None:
        number = str(_sender(self).property("number"))
        self.wanted.emit(f"{BY_ID['incident.unlink'].verbs[0]} {number}")

    # -- acts ----------------------------------------------------------------------------------------------------

    def _show_chips(self, incident: Incident) -> None:
        """What may be done now; the rest is away, so that the card stays low."""
        before = incident.state in BEFORE_DISPATCH
        waits, call = incident.waits_until is not None, incident.source == "call"
        shown = {
            "incident.hold": before and not waits,
            "incident.schedule": before and not waits,
            "incident.wake": waits,
            "incident.link": incident.open,
            "unit.stack": before and not waits,
            "incident.late_seen": any(p.late(self._now) for p in self._desk.picture.promises(incident.number)),
            **{f"incident.{mark}": before and call and incident.mark != mark for mark in MARKS},
            "incident.unmark": bool(incident.mark),
            **dict.fromkeys(RINGING, incident.mark in TRIES and incident.open),
        }
        for key, made in self.chips.items():
            made.setVisible(self._workable and shown[key])


def _side_by_side(*parts: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part in parts:
        layout.addWidget(part)
    return row


def _sender(of: QObject) -> QObject:
    found = of.sender()
    assert found is not None
    return found
