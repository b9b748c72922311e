"""Notices of the clock to whoever sits here: what woke, whose next job may be sent, what climbed to this seat.

Each says in one sentence what happened and which key answers it; the window shows it as any message.
"""

from PySide6.QtCore import QCoreApplication, QObject

from console.commands import BY_ID
from console.domain.deadlines import DESK, Rule
from console.domain.desk_facts import IncidentWoken
from console.domain.facts import DeadlinePassed, UnitMoved
from console.domain.incident import Incident
from console.domain.secrecy import is_hidden
from console.services.desk import Desk
from console.services.lateness import concerns
from console.services.picture import Changes
from console.services.stacks import next_job
from widgets.messages import Messages
from widgets.text import word
from widgets.wording import owner_name, rule_name


class Notices(QObject):
    """Listens to the picture; `close` ends it."""

    def __init__(self, desk: Desk, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._messages = desk, messages
        self.close = desk.picture.observe(self._take_in)

    def _take_in(self, changes: Changes) -> None:
        for fact in changes.facts:
            if isinstance(fact.body, IncidentWoken) and fact.body.why == "time":
                self._say("到时唤醒：{what}，请处置", fact.body.incident)
            elif isinstance(fact.body, UnitMoved):
                self._offer(fact.body.unit)
            elif isinstance(fact.body, DeadlinePassed) and fact.body.step > 1:
                self._climbed(fact.body)

    def _offer(self, unit: str) -> None:
        """A unit is free and has been kept for something: the desk sends it, nothing goes by itself."""
        job = next_job(self._desk.picture.state, unit)
        if job is not None:
            key = BY_ID["unit.next"].keys[0]
            self._say("{unit} 已空闲，叠放的下一件 {what}：{key} 派出", job.incident, unit=unit, key=key)

    def _climbed(self, body: DeadlinePassed) -> None:
        ladder = body.rule in set(Rule) and body.rule != Rule.ACKNOWLEDGE
        if not ladder or not concerns(body, self._desk.seat, self._desk.roles):
            return
        agency = self._desk.reference.agencies.get(body.owner)
        who = word(agency.short) if agency is not None else owner_name(body.owner)
        key = "" if body.owner == DESK else " " + " ".join(BY_ID["incident.late_seen"].keys)
        self._say("{who} {rule}超时，请协助：{what}{key}", body.incident, who=who, rule=rule_name(body.rule), key=key)

    def _say(self, pattern: str, number: str, **parts: str) -> None:
        incident = self._desk.picture.state.get(Incident, number)
        if incident is None or is_hidden(incident, self._desk.actor, self._desk.roles):
            return
        said = QCoreApplication.translate("Notices", pattern)
        what = f"{incident.short} {word(incident.title) or incident.place}".strip()
        self._messages.warn(said.format(what=what, **parts))
