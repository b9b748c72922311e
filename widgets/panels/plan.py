"""The card of the response plan 派警方案: whom the incident calls for, slot by slot; one Enter sends the ticked.

Closed it is one line that names who would go. Opened (Ctrl+D) it takes the keys: ↑ ↓ move, Space or a digit ticks,
Enter sends, Esc leaves. What stands in it while it has the keys stays where it is; a unit that another seat sent
meanwhile loses its tick and says so. Agencies are offered beside it and never sent by it.
"""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.incident import ENDED, Incident, IncidentState
from console.domain.plan import Proposal, SlotKind
from console.domain.plan import Slot as PlanSlot
from console.domain.state import need
from console.domain.unit import UNIT_LABELS, Unit
from console.services.desk import Desk
from widgets.advice import Advice
from widgets.afterwards import Afterwards
from widgets.allowed import show_allowed, why_not
from widgets.keys import is_held
from widgets.panels.card import Card, Show
from widgets.panels.finder import ENTER
from widgets.panels.parts import chip, label
from widgets.tasks import Tasks
from widgets.text import said, word
from widgets.theme import Theme

OVER = (*ENDED, IncidentState.FEEDBACK, IncidentState.REVIEW, IncidentState.HANDED_OFF)
"""States in which nobody is sent any more."""


class SlotRow(QFrame):
    """One slot: its tick, number, unit and reasons; below, what it costs and why not the one that was expected."""

    clicked = Signal(int)

    def __init__(self, theme: Theme, place: int, slot: PlanSlot) -> None:
        super().__init__()
        self._theme, self.place, self.slot = theme, place, slot
        self.ticked, self.current, self.gone = slot.ticked, False, ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(6), theme.px(2), theme.px(4), theme.px(2))
        layout.setSpacing(0)
        self.head, self.more = label("", "strong", wrap=True), label("", "muted", wrap=True)
        for piece in (self.head, self.more):
            layout.addWidget(piece)
        self.tell()

    @property
    def unit(self) -> str:
        """Its unit's call sign, '' for an empty slot."""
        return self.slot.unit.id if self.slot.unit is not None else ""

    def tell(self) -> None:
        """Write it anew: the tick, or what has become of the unit."""
        slot = self.slot
        box = ("■" if self.ticked else "□") if slot.sendable else ("✓" if slot.kind is SlotKind.SENT else "—")
        name = f"{self.unit} · {word(slot.unit.type)}" if slot.unit is not None else said(slot.want.name)
        warning = self.gone or said(slot.warning)
        self.head.setText(f"{box} {self.place} {name}" + (f" · ⚠ {warning}" if warning else ""))
        self.more.setText("\n".join(filter(None, [" · ".join(map(said, slot.reasons)), self._besides()])))
        self.more.setVisible(bool(self.more.text()))
        state = self.tr("已勾选") if self.ticked else self.tr("未勾选")
        self.setAccessibleName(f"{self.place} {name} {state if slot.sendable else ''} {warning}".strip())
        self.setAccessibleDescription(self.more.text())
        self.update()

    def _besides(self) -> str:
        slot = self.slot
        parts = list(map(said, slot.costs))
        if slot.expected:
            pattern = self.tr("未选 {unit}：{why}")
            parts.append(pattern.format(unit=slot.expected, why=said(slot.expected_why_not)))
        return " · ".join(parts)

    def toggle(self) -> None:
        """Tick it, or take the tick away; nothing where nobody can be sent."""
        if self.slot.sendable and not self.gone:
            self.ticked = not self.ticked
            self.tell()

    def look(self, unit: Unit | None) -> None:
        """The unit as it is now: one that has been sent elsewhere meanwhile is not ticked any more."""
        slot = self.slot
        if not slot.sendable or slot.unit is None:
            return
        moved = unit is None or (unit.status, unit.incident) != (slot.unit.status, slot.unit.incident)
        gone = self.tr("刚转为“{status}”").format(status=word(UNIT_LABELS[unit.status])) if moved and unit else ""
        if gone != self.gone:
            self.gone, self.ticked = gone, self.ticked and not gone
            self.tell()

    def point(self, *, current: bool) -> None:
        """The keys mean this row, or not."""
        self.current = current
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit(self.place)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.current:
            painter.fillRect(self.rect(), self._theme.color("panel2"))
            painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color("accent"))
        painter.end()


class PlanCard(Card):
    """`left`: Esc, or the plan was sent; the window gives the keys back to the queue."""

    left = Signal()

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, advice: Advice) -> None:
        self._sending = False
        super().__init__(theme, QCoreApplication.translate("PlanCard", "派警方案"))
        self._desk, self._tasks, self._advice = desk, tasks, advice
        self.proposal: Proposal | None = None
        self._number, self._current = "", 0
        self._later = Afterwards(self, self._propose_next)
        self.rows: list[SlotRow] = []
        self.plan_name, self.notes = label("", "small", wrap=True), label("", "muted", wrap=True)
        self.list = QWidget()
        self._list = QVBoxLayout(self.list)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(2))
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.list.installEventFilter(self)
        self.send_button = chip("")
        self.send_button.clicked.connect(self.send)
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.plan_name, 1)
        # Above the list: in a low window the last slots may be out of sight, what Enter does never is.
        row.addWidget(self.send_button)
        for piece in (top, self.list, self.notes):
            self.content.addWidget(piece)

    # -- what is shown -------------------------------------------------------------------------------------------

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        if incident is None or not workable or incident.state in OVER or incident.route == "C":
            self._number = ""
            self._later.forget()
            self._clear()
            self.say(Show.HIDDEN)
            return
        if incident.number != self._number:
            self._number = incident.number
            self._clear()
            self.say(Show.LINE, "Ctrl+D · …")
        if not self._looked_again():
            self._later.ask()

    @property
    def _held(self) -> bool:
        """Whether it has the keys: then nothing in it changes its place."""
        return not self._sending and (self.list.hasFocus() or self.send_button.hasFocus())

    def _clear(self) -> None:
        self.proposal = None
        self._fill(())

    def _propose_next(self) -> None:
        if self._number and not self._looked_again():
            self._propose(0)

    def _propose(self, wave: int) -> None:
        found = self._advice.plan(self._number, wave)
        if found is None:
            self._clear()
            self.say(Show.HIDDEN)
            return
        if self.proposal is None or found.slots != self.proposal.slots or found.wave != self.proposal.wave:
            self.proposal = found
            self._fill(found.slots)
        self._tell()

    def _fill(self, slots: Sequence[PlanSlot]) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [SlotRow(self._theme, place, slot) for place, slot in enumerate(slots, 1)]
        for row in self.rows:
            row.clicked.connect(self._clicked)
            self._list.addWidget(row)
        self._point(next((n for n, row in enumerate(self.rows) if row.slot.sendable), 0))

    def _tell(self) -> None:
        """The lines around the list, and the one line of the closed card."""
        found = self.proposal
        if found is None:
            return
        plan = said(found.plan.name) if found.plan is not None else ""
        self.plan_name.setText(" · ".join(filter(None, [plan, said(found.wave_name)])))
        notes = [*map(said, found.notes), self._offered(found)]
        self.notes.setText("\n".join(filter(None, notes)))
        self.notes.setVisible(bool(self.notes.text()))
        ticked = self.ticked
        self.send_button.setText(self.tr("Enter 派出 {n} 组").format(n=len(ticked)))
        why = why_not(self._desk, "unit.assign_plan", incident=self._number, units=list(ticked))
        show_allowed(self.send_button, why or (self.tr("没有勾选警组") if not ticked else ""))
        self.say(Show.LINE, self._summary(found))

    def _offered(self, found: Proposal) -> str:
        """Agencies the plan names; they have their own keys."""
        known = self._desk.reference.agencies
        names = "、".join(word(known[agency].short) for agency in found.agencies if agency in known)
        return self.tr("建议联动 {names}（不随方案发出，按 F5–F8）").format(names=names) if names else ""

    def _summary(self, found: Proposal) -> str:
        short = [said(slot.warning) for slot in found.short]
        units = "、".join(found.ticked)
        sent = self.tr("第{n}梯次已派齐").format(n=found.wave)
        nobody = "；".join(short)
        named = units or (nobody or sent)
        return f"Ctrl+D · {plan_title(found)} · {named}"

    @property
    def ticked(self) -> tuple[str, ...]:
        """The call signs one Enter sends, in the order of the list."""
        return tuple(row.unit for row in self.rows if row.ticked)

    def _looked_again(self) -> bool:
        """While it has the keys its rows stay, and only say what their units do now."""
        if not self._held or self.proposal is None:
            return False
        for row in self.rows:
            row.look(self._desk.picture.state.get(Unit, row.unit) if row.unit else None)
        self._tell()
        return True

    # -- keys ----------------------------------------------------------------------------------------------------

    def show_plan(self, number: str, wave: int) -> None:
        """Ctrl+D: open it for the incident that is shown, and take the keys."""
        if number != self._number:
            self._tasks.messages.warn(self.tr("这起警情现在不能派警"))
            return
        self._later.forget()
        self._propose(wave)
        self.open()
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @override
    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.list and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._point(self._current)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if is_held(event, ENTER):
            return True  # The Enter that opened the card sends nobody.
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._point(self._current + (1 if key == Qt.Key.Key_Down else -1))
        elif key == Qt.Key.Key_Space:
            self._clicked(self._current + 1)
        elif event.text().isdigit() and event.text() != "0":
            self._clicked(int(event.text()))
        elif key in ENTER:
            self.send()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return False
        return True

    def _point(self, place: int) -> None:
        self._current = max(0, min(place, len(self.rows) - 1))
        for n, row in enumerate(self.rows):
            row.point(current=n == self._current and self.list.hasFocus())

    @Slot(int)
    def _clicked(self, place: int) -> None:
        if 1 <= place <= len(self.rows):
            self._point(place - 1)
            self.rows[place - 1].toggle()
            self._tell()

    # -- sending -------------------------------------------------------------------------------------------------

    @Slot()
    def send(self) -> None:
        """Enter: every ticked unit in one act."""
        found, ticked = self.proposal, self.ticked
        if found is None or not ticked:
            self._tasks.messages.warn(self.tr("没有勾选警组：用空格或数字勾选，再按 Enter"))
            return
        warned = [row.unit for row in self.rows if row.ticked and row.slot.kind is not SlotKind.SEND]
        seen_on = {unit: need(self._desk.picture.state, Unit, unit).incident for unit in warned}
        self._tasks.start(self._sent(found, ticked, seen_on), "unit.assign_plan")

    async def _sent(self, found: Proposal, ticked: Sequence[str], seen_on: Mapping[str, str]) -> None:
        """`seen_on`: those ticked in spite of a warning, and the incident each was on."""
        said_so = {"units": list(ticked), "anyway": list(seen_on), "seen_on": dict(seen_on), "wave": found.wave}
        # What it sends by itself is no news from another seat: the card shows what is left to do.
        self._sending = True
        try:
            await self._desk.do("unit.assign_plan", incident=found.incident, **said_so)
        finally:
            self._sending = False
        short = need(self._desk.picture.state, Incident, found.incident).short
        done = self.tr("已派 {units} → {number}（{wave}）")
        self._tasks.messages.info(done.format(units="、".join(ticked), number=short, wave=plan_title(found)))
        self.left.emit()


def plan_title(found: Proposal) -> str:
    """打架斗殴 · 第2梯次: how a proposal is called."""
    plan = said(found.plan.name) if found.plan is not None else ""
    wave = QCoreApplication.translate("PlanCard", "第{n}梯次").format(n=found.wave)
    return " · ".join(filter(None, [plan, wave]))
