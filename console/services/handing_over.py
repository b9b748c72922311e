"""Hand-over 交接班: what a person leaves behind at a seat, for whoever takes it over.

Read from the picture at one moment: open incidents of the person, alarms nobody has acknowledged, promises that are
late, and what has not reached the journal yet.
"""

from dataclasses import dataclass
from datetime import datetime

from console.domain.deadlines import Promise
from console.domain.incident import Incident
from console.services.health import Health
from console.services.picture import Picture


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands open. `incidents` are the person's own, the gravest and oldest first; `late` the promises on them
    that are past due, the latest first; `alarms` and `unsent` count what concerns the whole desk."""

    incidents: tuple[Incident, ...]
    late: tuple[Promise, ...]
    alarms: int
    unsent: int

    def late_on(self, number: str) -> Promise | None:
        """The promise on an incident that is late the longest."""
        return next((promise for promise in self.late if promise.incident == number), None)


def standing(picture: Picture, health: Health, actor: str, now: datetime) -> Standing:
    """What `actor` would hand over now."""
    own = [incident for incident in picture.incidents() if incident.open and actor and incident.owner == actor]
    own.sort(key=lambda incident: (incident.priority, incident.created_at))
    late = [promise for incident in own for promise in picture.promises(incident.number) if promise.late(now)]
    late.sort(key=lambda promise: promise.due_at)
    return Standing(tuple(own), tuple(late), len(picture.unacknowledged_alarms()), health.unsent)
