"""The calls a seat must know of now, kept from change to change: who rings, who was missed, who is talked to.

A large city has 20 000 calls and as many incidents a day in its picture, and the windows look every second; so this
follows the picture instead of going through it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from console.domain.call import Call
from console.domain.incident import Incident
from console.domain.state import State
from console.services.calls import MISSED_FOR, rung_out
from console.services.picture import Changes, Picture


class CallBook:
    """Follows a picture until `close`. Times are aware UTC."""

    def __init__(self, picture: Picture) -> None:
        self._calls: dict[str, Call] = {}
        self._taken: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        self._heard: dict[str, datetime] = {}
        self._state: State = picture.state
        for call in self._state.where(Call):
            self._put(call)
        self._hear(self._state.where(Incident))
        self.close = picture.observe(self._see)

    def _see(self, changes: Changes) -> None:
        for row in changes.removed:
            if isinstance(row, Call):
                self._calls.pop(row.id, None)
                self._taken[row.number].pop(row.id, None)
        rows = (*changes.added, *changes.updated)
        for row in rows:
            if isinstance(row, Call):
                self._put(row)
        self._hear(row for row in rows if isinstance(row, Incident))

    def _put(self, call: Call) -> None:
        if call.taken_by:
            self._taken[call.number][call.id] = call.rang_at
        else:
            self._taken[call.number].pop(call.id, None)
        if call.ended_at is None or not call.taken_by:
            self._calls[call.id] = call
        else:
            self._calls.pop(call.id, None)

    def _hear(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            if incident.phone:
                last = self._heard.get(incident.phone, incident.created_at)
                self._heard[incident.phone] = max(incident.created_at, last)

    def ringing(self, now: datetime) -> list[Call]:
        """The calls that ask for somebody, the oldest first."""
        return self._sorted(call for call in self._calls.values() if self._rings(call, now))

    def missed(self, now: datetime) -> list[Call]:
        """Calls with a number that nobody took and nobody has heard of since, the oldest first; one a number."""
        # One whose end nobody told stays: it rings again when its exchange is heard again.
        old = [key for key, call in self._calls.items() if call.ended_at is not None and _is_old(call, now)]
        for key in old:
            del self._calls[key]
        found: dict[str, Call] = {}
        for call in self._sorted(self._calls.values()):
            over = not call.taken_by and not self._rings(call, now) and not _is_old(call, now)
            if over and call.number and call.called_back != "reached" and not self._heard_since(call):
                found[call.number] = call
        return self._sorted(found.values())

    def _heard_since(self, call: Call) -> bool:
        """Whether the caller got through otherwise."""
        heard = [*self._taken[call.number].values(), self._heard.get(call.number)]
        return any(at is not None and at >= call.rang_at for at in heard)

    def in_hand(self) -> list[Call]:
        """Every call somebody has, the oldest first."""
        return self._sorted(call for call in self._calls.values() if call.in_hand)

    def of_seat(self, actor: str, seat: str) -> list[Call]:
        """What a person has in hand at a seat, the oldest first."""
        return [call for call in self.in_hand() if seat and (call.seat == seat or call.taken_by == actor)]

    def offers(self, seat: str) -> list[Call]:
        """What other seats want this one to take, the oldest first."""
        return [call for call in self.in_hand() if seat and call.transfer_to == seat]

    def _rings(self, call: Call, now: datetime) -> bool:
        return call.ringing and not rung_out(self._state, call, now)

    @staticmethod
    def _sorted(calls: Iterable[Call]) -> list[Call]:
        return sorted(calls, key=lambda call: (call.rang_at, call.id))


def _is_old(call: Call, now: datetime) -> bool:
    return now - call.rang_at > MISSED_FOR
