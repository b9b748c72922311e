"""What units owe and what they do next, for the roster: found once and remembered until it changes."""

from console.domain.assignment import Assignment
from console.domain.deadlines import Promise
from console.domain.incident import Incident
from console.domain.link import StackedJob
from console.domain.unit import Unit
from console.services.picture import Picture
from console.services.stacks import stack_of


class Owed:
    """What each unit owes first, remembered while unit, incident and site are the very ones it was found for.

    The roster is computed anew with every fix of every unit; what is owed changes only with a report.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], Assignment | None, Promise | None]] = {}

    def by(self, picture: Picture, unit: Unit, incident: Incident | None) -> tuple[Assignment | None, Promise | None]:
        """(its open order, what it owes first)."""
        if incident is None:
            return None, None
        about = (unit, incident, picture.site(incident.site))
        known = self._known.get(unit.id)
        if known is not None and all(old is new for old, new in zip(known[0], about, strict=True)):
            return known[1:]
        orders = picture.orders(unit.incident)
        order = next((each for each in orders if each.unit == unit.id and each.open), None)
        promise = picture.order_promise(order) if order is not None else None
        self._known[unit.id] = (about, order, promise)
        return order, promise


def stacks(picture: Picture) -> dict[str, list[Incident | None]]:
    """Each unit's next jobs in their order; few units have any."""
    units = {job.unit for job in picture.state.all(StackedJob) if job.open}
    found = {unit: stack_of(picture.state, unit) for unit in units}
    return {unit: [picture.state.get(Incident, job.incident) for job in jobs] for unit, jobs in found.items()}
