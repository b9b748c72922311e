"""Advice: the recommendation as every pane sees it, computed once and shared.

The strip, the roster and the map all ask who should go; they must say the same thing at the same moment. The
answer for an incident is kept until a unit or the incident changes or a second has passed, whichever comes first.
"""

from datetime import datetime

from console.domain.assignment import Assignment
from console.domain.incident import Incident
from console.domain.plan import Proposal, propose
from console.domain.recommend import Candidate, Loads, Travel, recommend, second, straight_line
from console.domain.unit import Unit
from console.services.desk import Desk
from console.services.picture import Changes


class Advice:
    """Who should go to an incident, the best first.

    Build it before the panes that ask it: observers are told in the order they came, so it has forgotten its
    old answers when they are told.
    """

    def __init__(self, desk: Desk, travel: Travel = straight_line) -> None:
        self._desk = desk
        self._travel = travel
        self._known: dict[str, tuple[int, list[Candidate]]] = {}
        self._loads: tuple[datetime, Loads] | None = None
        self._end = desk.picture.observe(self._forget)

    def close(self) -> None:
        """Stop listening to the picture."""
        self._end()

    def _forget(self, changes: Changes) -> None:
        """A unit that moved or was sent may change every answer, an incident only its own."""
        rows = (*changes.added, *changes.updated, *changes.removed)
        if any(isinstance(row, Assignment) for row in rows):
            self._loads = None
        if changes.positions or any(isinstance(row, Unit | Assignment) for row in rows):
            self._known.clear()
        for row in rows:
            if isinstance(row, Incident):
                self._known.pop(row.number, None)

    def _loads_of(self, now: datetime) -> Loads:
        """How often each unit was sent in this shift; counted anew when an order or the shift changes."""
        plans = self._desk.reference.plans
        began = plans.shift_start(now)
        if self._loads is None or self._loads[0] != began:
            self._loads = began, plans.loads(self._desk.picture.state.all(Assignment), now)
        return self._loads[1]

    def for_incident(self, number: str) -> list[Candidate]:
        """Every unit on duty, those that may be sent first; empty if the picture has no such incident."""
        now = self._desk.clock()
        second = int(now.timestamp())
        known = self._known.get(number)
        if known is not None and known[0] == second:
            return known[1]
        picture = self._desk.picture
        incident = picture.state.get(Incident, number)
        if incident is None:
            return []
        tables = self._desk.reference
        answer = recommend(
            incident,
            picture.units(),
            picture.positions,
            now,
            self._travel,
            tables.unsuited,
            tables.weigh,
            self._loads_of(now),
        )
        self._known[number] = (second, answer)
        return answer

    def best(self, number: str) -> Candidate | None:
        """The unit to send; None if none may be sent or the incident has no place on the map yet."""
        first = next(iter(self.for_incident(number)), None)
        return first if first is not None and first.ready else None

    def second(self, number: str) -> Candidate | None:
        """The unit to send besides `best` to a 一级 incident; None where one is enough."""
        incident = self._desk.picture.state.get(Incident, number)
        return second(self.for_incident(number), incident) if incident is not None else None

    def plan(self, number: str, wave: int = 0) -> Proposal | None:
        """The tick list of a wave (0: the next one); None if the picture has no such incident."""
        picture = self._desk.picture
        incident = picture.state.get(Incident, number)
        if incident is None:
            return None
        bound = {
            unit.id: found
            for unit in picture.units()
            if unit.incident and (found := picture.state.get(Incident, unit.incident)) is not None
        }
        ranked, orders = self.for_incident(number), picture.orders(number)
        tables, now = self._desk.reference.plans, self._desk.clock()
        return propose(incident, ranked, orders, tables, now, bound=bound, wave=wave)

    def counts_within(self, number: str, minutes: float) -> int:
        """How many units that may be sent reach the incident within so many minutes."""
        return sum(
            1
            for candidate in self.for_incident(number)
            if candidate.ready and candidate.way is not None and candidate.way.time_s <= minutes * 60
        )
