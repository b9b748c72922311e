"""The room at one window: says where its person is, and shows what the others do, ask for and take.

It joins the presence of the seats, the incident column and the messages; the column itself knows nothing of seats.
"""

from collections.abc import Iterator
from math import ceil

from PySide6.QtCore import QCoreApplication, QObject, Slot

from console.domain.facts import Fact, OwnerAsked, OwnerChanged
from console.domain.incident import Incident
from console.domain.presence import Present
from console.domain.secrecy import is_hidden
from console.services.claims import GRACE_S
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.presence import Presence
from console.services.seen_since import person
from widgets.afterwards import Afterwards
from widgets.messages import Messages
from widgets.panels.incident import IncidentPanel
from widgets.panels.room_bar import Request, Said
from widgets.selection import Selection
from widgets.text import elapsed_text, word
from widgets.tick import Tick
from widgets.wording import field_name


class Room(QObject):
    """Lives as long as its window; `close` ends it."""

    def __init__(
        self,
        desk: Desk,
        presence: Presence,
        panel: IncidentPanel,
        selection: Selection,
        tick: Tick,
        messages: Messages,
    ) -> None:
        super().__init__(panel)
        self._desk, self._presence, self._panel, self._messages = desk, presence, panel, messages
        self._typing = ""
        # The thread that says it wakes at once and takes the answer's time.
        self._where = Afterwards(self, self._say_where)
        self._ends = [desk.picture.observe(self._picture_changed), presence.observe(self.refresh)]
        panel.form.typing.connect(self._typed)
        selection.changed.connect(self._moved)
        tick.second.connect(self._second)

    def close(self) -> None:
        """Nobody is told anything any more."""
        self._where.forget()
        for end in self._ends:
            end()

    def silent_since(self, actor: str) -> str:
        """Since when (ISO, UTC) no seat of a person has been heard; '' while one has, or nobody knows."""
        since = self._presence.silent_since(actor)
        return since.isoformat() if since is not None else ""

    def title_of(self, number: str) -> str:
        """0190 燃气泄漏; '' for an incident that is hidden here, or that this desk does not hold."""
        incident = self._desk.picture.state.get(Incident, number)
        if incident is None or is_hidden(incident, self._desk.actor, self._desk.roles):
            return ""
        return f"{incident.short} {word(incident.title) or incident.place}".strip()

    # -- where this person is ----------------------------------------------------------------------------------

    @Slot(str)
    def _typed(self, field: str) -> None:
        self._typing = field
        self._where.ask()

    @Slot(object)
    def _moved(self, _: object) -> None:
        self._typing = ""
        self.refresh()

    def _say_where(self) -> None:
        incident = self._panel.incident if self._desk.actor else None
        self._presence.show(incident.number if incident is not None else "", self._typing if incident else "")

    # -- what the others do ------------------------------------------------------------------------------------

    @Slot(object)
    def _second(self, _: object) -> None:
        self.refresh()

    def _picture_changed(self, changes: Changes) -> None:
        told = [fact.body for fact in changes.facts]
        for fact in changes.facts:
            self._tell(fact)
        shown = self._panel.incident
        here = shown is not None and any(body.incident == shown.number for body in told)
        if here or not changes.facts or any(isinstance(body, OwnerAsked | OwnerChanged) for body in told):
            self.refresh()

    def _tell(self, fact: Fact) -> None:
        """An owner is told of a request; whoever had an incident, and whoever has it now, that it changed hands."""
        body, me = fact.body, self._desk.actor
        if fact.actor == me or not me:
            return
        state = self._desk.picture.state
        incident = state.get(Incident, body.incident)
        short = incident.short if incident is not None else body.incident
        if isinstance(body, OwnerAsked) and incident is not None and incident.owner == me:
            said = QCoreApplication.translate("Room", "{who} 请求接手 {short}：Ctrl+G 让出")
            self._messages.warn(said.format(who=person(state, body.by), short=short))
        elif isinstance(body, OwnerChanged) and body.old == me:
            said = QCoreApplication.translate("Room", "{short} 已由 {who} 接手：{why}")
            self._messages.warn(said.format(short=short, who=person(state, body.new), why=body.reason))
        elif isinstance(body, OwnerChanged) and body.new == me:
            said = QCoreApplication.translate("Room", "{short} 现由您负责：{who} 让出")
            self._messages.info(said.format(short=short, who=person(state, body.old)))

    @Slot()
    def refresh(self) -> None:
        """Say where we are, a moment later; show where the others are."""
        self._where.ask()
        incident = self._panel.incident
        people = [*self._owner(incident), *(self._present(row) for row in self._others(incident))]
        silent = incident is not None and incident.open and bool(self.silent_since(incident.owner))
        taking = incident.short if incident is not None and silent else ""
        self._panel.room.show_room(people, list(self._requests()), taking)

    def _others(self, incident: Incident | None) -> list[Present]:
        return self._presence.at(incident.number) if incident is not None else []

    def _owner(self, incident: Incident | None) -> Iterator[Said]:
        if incident is None or incident.owner in ("", self._desk.actor):
            return
        who = person(self._desk.picture.state, incident.owner)
        since = self._presence.silent_since(incident.owner)
        if since is not None and incident.open:
            ago = elapsed_text((self._desk.clock() - since).total_seconds())
            said = QCoreApplication.translate("Room", "接警 {who} · 失联 {ago}")
            yield said.format(who=who, ago=ago), "bad"
        else:
            yield QCoreApplication.translate("Room", "接警 {who}").format(who=who), "muted"

    def _present(self, row: Present) -> Said:
        if row.silent:
            said = QCoreApplication.translate("Room", "{who} 失联 {ago}，最后在此")
            return said.format(who=row.person, ago=elapsed_text(row.age_s)), "bad"
        if field_name(row.field):
            said = QCoreApplication.translate("Room", "{who} 也打开着 · 正在改 {field}")
            return said.format(who=row.person, field=field_name(row.field)), "warn"
        return QCoreApplication.translate("Room", "{who} 也打开着").format(who=row.person), "accent"

    def _requests(self) -> Iterator[Request]:
        """Those who ask for an incident of this person's, the oldest first."""
        desk = self._desk
        asked = [i for i in desk.picture.incidents() if i.asked_at and i.owner == desk.actor and i.open]
        for incident in sorted(asked, key=lambda i: i.asked_at or i.created_at):
            waited = (desk.clock() - (incident.asked_at or desk.clock())).total_seconds()
            left = GRACE_S - waited
            text = QCoreApplication.translate("Room", "{who} 请求接手 {short} {title}")
            who = person(desk.picture.state, incident.asked_by)
            until = QCoreApplication.translate("Room", "（{n} 秒后值班长可接手）").format(n=ceil(left))
            over = QCoreApplication.translate("Room", "（值班长现在可接手）")
            said = text.format(who=who, short=incident.short, title=word(incident.title)).strip()
            yield Request(incident.short, said, until if left > 0 else over)
