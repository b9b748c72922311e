"""Sight 可见: what the person at this desk may see of incidents and of the people in them.

Source: domain.md E7 (complaints 10 are not the call-taker's; units, liaisons, technicians and administrators see no
incidents here), B6 and PIPL Art. 6, 28, 51 (personal data masked, unmasked on one's own open incident, revealed with a
reason). Windows and searches ask here, so that what is hidden is hidden everywhere. Looking is journaled: every
unmasked view once a sign-on, every reveal each time.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from console.domain.account import MACHINE, Seat
from console.domain.errors import EnvironmentFault, NotAllowed, UserError
from console.domain.incident import Incident
from console.domain.rights import may
from console.domain.secrecy import is_hidden
from console.domain.state import need
from console.services.desk import Desk
from console.services.masking import mask_name, mask_phone, mask_text

log = logging.getLogger(__name__)

REVEALED_FOR = timedelta(minutes=5)
PERSONAL = ("caller", "phone", "narrative")


class About(Protocol):
    """A row of a search: an incident with what belongs to it."""

    @property
    def incident(self) -> Incident: ...


A = TypeVar("A", bound=About)


def visible(desk: Desk, among: Iterable[Incident] | None = None) -> list[Incident]:
    """The picture's incidents, or those `among` them, as far as they may appear at this desk: what lists, maps, numbers
    and sheets ask."""
    rows = desk.picture.incidents() if among is None else among
    return [row for row in rows if not is_hidden(row, desk.actor, desk.roles)]


class Sight:
    """The eyes of one desk. It follows the desk's person and roles by itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._revealed: dict[str, datetime] = {}
        self._viewed: set[str] = set()
        self._since: tuple[str, datetime | None] = ("", None)
        self._observers: list[Callable[[], None]] = []

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Call `observer` when something was revealed or masked again; the answer ends it."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    # -- whole incidents -------------------------------------------------------------------------------------

    def hidden(self, incident: Incident) -> bool:
        """Whether it must not appear here at all."""
        return is_hidden(incident, self._desk.actor, self._desk.roles)

    def seen(self, rows: Iterable[A]) -> list[A]:
        """Those rows of a search that may be shown here."""
        return [row for row in rows if not self.hidden(row.incident)]

    # -- the people in them ----------------------------------------------------------------------------------

    def unmasked(self, incident: Incident) -> bool:
        """Whether personal data may stand here in full: one's own open incident, or just revealed."""
        if not self._desk.roles:
            return False
        if incident.open and incident.owner == self._desk.actor and incident.owner:
            return True
        return self.until(incident) is not None

    def until(self, incident: Incident) -> datetime | None:
        """Until when it is revealed; None if it is not."""
        self._begin_anew()
        end = self._revealed.get(incident.number)
        return end if end is not None and self._desk.clock() < end else None

    def phone(self, number: str) -> str:
        """138****1234."""
        return mask_phone(number)

    def name(self, name: str) -> str:
        """张**."""
        return mask_name(name)

    def text(self, text: str) -> str:
        """A free text with its telephone and ID-card numbers masked."""
        return mask_text(text)

    async def reveal(self, number: str, reason: str) -> None:
        """Unmask an incident for five minutes. The reason is stored first; UserError without one."""
        incident = need(self._desk.picture.state, Incident, number)
        if self.hidden(incident) or not may(self._desk.roles, "person.revealed"):
            raise NotAllowed("当前角色无权查看报警人信息")
        if not reason.strip():
            raise UserError("查看须写明理由")
        await self._desk.do("person.revealed", incident=incident.number, fields=list(PERSONAL), reason=reason)
        self._begin_anew()
        self._revealed[incident.number] = self._desk.clock() + REVEALED_FOR
        self._tell()

    def mask(self, number: str) -> None:
        """The person has left the incident: masked again."""
        if self._revealed.pop(number, None) is not None:
            self._tell()

    async def viewed(self, incident: Incident) -> None:
        """Personal data stand unmasked on this screen now: kept once for each person and incident."""
        self._begin_anew()
        shown = [name for name in PERSONAL if getattr(incident, name)]
        if incident.number in self._viewed or not shown or not self.unmasked(incident):
            return
        self._viewed.add(incident.number)
        try:
            await self._desk.do("person.viewed", incident=incident.number, fields=shown)
        except EnvironmentFault as fault:
            self._viewed.discard(incident.number)
            log.warning("a view could not be stored: %s", fault)

    # -- another person --------------------------------------------------------------------------------------

    def _begin_anew(self) -> None:
        """What one person has revealed is masked for the next."""
        sitting = self._desk.picture.state.get(Seat, self._desk.seat)
        now = (self._desk.actor, sitting.since if sitting is not None else None)
        if now != self._since and self._desk.roles != MACHINE:
            self._since = now
            self._revealed.clear()
            self._viewed.clear()

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer()
