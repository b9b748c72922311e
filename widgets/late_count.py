"""The chief's count 超时: how many promises are late in the room, how many have climbed to the duty chief, which first.

Shown above the queue to whoever is signed on as duty chief; a click goes to the one that has been late the longest.
"""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Slot

from console.domain.account import Role
from console.domain.deadlines import Promise
from console.domain.incident import Incident
from console.domain.ladder import LOOKS
from console.domain.secrecy import is_hidden
from console.services.desk import Desk
from console.services.watch import Watch
from widgets.models.queue_words import climbed_text, owner_text
from widgets.panels.chip import Chip
from widgets.selection import Selection
from widgets.text import late_text
from widgets.tick import Tick
from widgets.wording import rule_name

NAMED = 8
"""So many are named in the tip."""

CHIEFS_STEP = LOOKS.index("chief")


class LateCount(QObject):
    """Counts once a second what the watch knows to be late."""

    def __init__(self, desk: Desk, watch: Watch, chip: Chip, selection: Selection, tick: Tick) -> None:
        super().__init__(chip)
        self._desk, self._watch, self._chip, self._selection = desk, watch, chip, selection
        self._first = ""
        chip.clicked.connect(self._go)
        tick.second.connect(self.beat)

    @Slot(object)
    def beat(self, now: datetime) -> None:
        """The count as it is now; nothing for anybody but the chief."""
        if Role.CHIEF not in self._desk.roles:
            self._chip.hide()
            return
        late = [promise for promise in self._watch.late(now) if self._may_see(promise)]
        climbed = sum(promise.step(now) >= CHIEFS_STEP for promise in late)
        self._first = late[0].incident if late else ""
        text = QCoreApplication.translate("LateCount", "超时 {n}").format(n=len(late))
        if climbed:
            text += " · " + QCoreApplication.translate("LateCount", "须值班长 {n}").format(n=climbed)
        self._chip.show_text(text)
        self._chip.setToolTip("\n".join(self._named(promise, now) for promise in late[:NAMED]))
        self._chip.setVisible(bool(late))

    def _may_see(self, promise: Promise) -> bool:
        incident = self._desk.picture.state.get(Incident, promise.incident)
        return incident is not None and not is_hidden(incident, self._desk.actor, self._desk.roles)

    def _named(self, promise: Promise, now: datetime) -> str:
        """0014 派警超时 23秒 · 052 ↑邻席."""
        incident = self._desk.picture.state.get(Incident, promise.incident)
        if incident is None:
            return ""
        late = f"{rule_name(promise.rule)}{late_text(-promise.left_s(now))}"
        whose = owner_text(self._desk.reference, promise, incident)
        return f"{incident.short} {late} · {whose}{climbed_text(promise.looks(now))}"

    @Slot()
    def _go(self) -> None:
        if self._first:
            self._selection.choose_incident(self._first)
