"""The others: units that sign, depart, drive, arrive and report; agencies that accept, come and answer; the
second call-taker who finishes what is left.

Each looks at the picture once a second and does what is due by its habits, whoever gave the order. Nobody
counts: a person who is faster by hand simply leaves less to do.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.demo.accounts import CHIEF, roles_of
from console.demo.script import Habits
from console.demo.ways import Walker
from console.domain.account import Account
from console.domain.assignment import Assignment, AssignmentState
from console.domain.errors import UserError
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from console.services.incidents import what_is_missing
from console.services.required import lacking

Do = Callable[..., Awaitable[Any]]
"""`do(actor, act, **args)`: an act by somebody; a refusal is answered with None."""

MOVING = (UnitStatus.AVAILABLE, UnitStatus.VEHICLE_PATROL, UnitStatus.FOOT_PATROL, UnitStatus.CLEAR)
STILL_SEEN = frozenset(UnitStatus) - {UnitStatus.LOST, UnitStatus.OFF_DUTY}


def others(desk: Desk, seat: str) -> Do:
    """How people act in the demo: under their own name and roles, all but this desk's person from another seat."""

    async def do(actor: str, act: str, /, **args: Any) -> Any:
        at = desk.seat if actor == desk.actor else seat
        roles = roles_of(desk, actor, act)
        try:
            return await desk.carry_out(Act(name=act, args=args, actor=actor, seat=at, roles=roles, at=desk.clock()))
        except UserError:
            return None  # Somebody was faster, or the case has moved on.

    return do


def _due(since: datetime | None, began: datetime, delay_s: float | None, now: datetime) -> bool:
    """Whether so many seconds have gone since a stamp; what happened before the evening counts from its start."""
    if since is None or delay_s is None:
        return False
    return (now - max(since, began)).total_seconds() >= delay_s


@dataclass(slots=True)
class Crew:
    """All units. `walkers` holds where each one is."""

    desk: Desk
    do: Do
    habits: Habits
    walkers: dict[str, Walker]
    began: datetime

    async def step(self, now: datetime, seconds: float) -> None:
        """What is due at `now`; `seconds` have gone since the last step."""
        for unit in self.desk.picture.units():
            orders = [o for o in self.desk.picture.state.where(Assignment, unit=unit.id) if o.open]
            if orders:
                await self._follow(unit, orders[-1], now, seconds)
            elif unit.status in MOVING:
                self.walkers[unit.id].patrol(seconds)
                if unit.status is UnitStatus.CLEAR and self._after(unit.id, unit.status_since, "clear_s", now):
                    await self.do(unit.id, "unit.status", unit=unit.id, status="02", on_behalf=False)
        self.desk.picture.move(self.seen(now))

    def seen(self, now: datetime) -> list[Position]:
        """Everybody's fix but that of the lost and the absent."""
        fixes = []
        for unit in self.desk.picture.units():
            if unit.status in STILL_SEEN:
                lat, lon = self.walkers[unit.id].degrees
                fixes.append(Position(unit=unit.id, lat=lat, lon=lon, at=now))
        return fixes

    def _after(self, unit: str, since: datetime | None, habit: str, now: datetime) -> bool:
        return _due(since, self.began, self.habits.of(unit, habit), now)

    async def _follow(self, unit: Unit, order: Assignment, now: datetime, seconds: float) -> None:
        incident = self.desk.picture.state.get(Incident, order.incident)
        if incident is None:
            return
        if order.state is AssignmentState.DISPATCHED and self._after(unit.id, order.t_dispatch, "sign_s", now):
            await self._report(unit, "sign")
        elif order.state is AssignmentState.SIGNED and self._after(unit.id, order.t_sign, "depart_s", now):
            await self._report(unit, "depart")
        elif order.state is AssignmentState.EN_ROUTE:
            await self._drive(unit, incident, seconds)
        elif order.state is AssignmentState.ON_SCENE and self._after(unit.id, order.t_arrive, "report_s", now):
            await self._report(unit, "report", self._words("report_text", incident))
        elif order.state is AssignmentState.HANDLING and self._after(unit.id, order.t_scene_report, "feedback_s", now):
            await self._report(unit, "feedback", self._words("feedback_text", incident))

    async def _drive(self, unit: Unit, incident: Incident, seconds: float) -> None:
        speed = unit.speed_kmh * float(self.habits.of(unit.id, "speed_factor"))
        placed = incident.lat is not None and incident.lon is not None
        if not placed or self.walkers[unit.id].drive(incident.lat or 0, incident.lon or 0, speed, seconds):
            await self._report(unit, "arrive")

    async def _report(self, unit: Unit, step: str, text: str = "") -> None:
        await self.do(unit.id, "unit.report", unit=unit.id, step=step, text=text, on_behalf=False)

    def _words(self, name: str, incident: Incident) -> str:
        texts = self.habits.general[name]
        return str(texts.get(incident.kind[:2], texts[""]))


AGENCY_STEPS: dict[HandoffState, tuple[str, str, str]] = {
    HandoffState.SENT: ("sign", "t_sent", "sign_s"),
    HandoffState.DELIVERED: ("sign", "t_sent", "sign_s"),
    HandoffState.SIGNED: ("depart", "t_sign", "depart_s"),
    HandoffState.EN_ROUTE: ("arrive", "t_depart", "arrive_s"),
    HandoffState.ARRIVED: ("progress", "t_arrive", "progress_s"),
    HandoffState.IN_PROGRESS: ("result", "t_progress", "result_s"),
}
"""What an agency does next, from which stamp it counts, and the habit that says how long."""


@dataclass(slots=True)
class Agencies:
    """All linkage agencies."""

    desk: Desk
    do: Do
    habits: Habits
    began: datetime

    async def step(self, now: datetime) -> None:
        for handoff in self.desk.picture.state.all(Handoff):
            await self._follow(handoff, now)

    async def _follow(self, handoff: Handoff, now: datetime) -> None:
        act, stamp, habit = AGENCY_STEPS.get(handoff.state, ("", "", ""))
        refuse_s = self.habits.of(handoff.agency, "refuse_s")
        said = {"by": str(self.habits.of(handoff.agency, "person")), "text": "", "reason": ""}
        if act == "sign" and refuse_s is not None:
            act, habit = "refuse", "refuse_s"
            said["reason"] = str(self.habits.of(handoff.agency, "reason"))
        if not act or not _due(getattr(handoff, stamp), self.began, self.habits.of(handoff.agency, habit), now):
            return
        if act == "result":
            said["text"] = str(self.habits.of(handoff.agency, "result_text"))
        await self.do(handoff.agency, "handoff.report", handoff=handoff.id, act=act, on_behalf=False, **said)


@dataclass(slots=True)
class SecondDesk:
    """The desk beside: reviews, calls back and closes what nobody else does; the chief closes a 一级."""

    desk: Desk
    do: Do
    habits: Habits
    actor: str
    began: datetime

    async def step(self, now: datetime) -> None:
        for handoff in self.desk.picture.state.all(Handoff):
            if handoff.state is HandoffState.RESULT and self._due(handoff.t_result, "close_s", now):
                await self.do(self.actor, "handoff.close", handoff=handoff.id)
        for incident in self.desk.picture.incidents():
            await self._finish(incident, now)

    def _due(self, since: datetime | None, habit: str, now: datetime) -> bool:
        return _due(since, self.began, self.habits.of("", habit), now)

    async def _finish(self, incident: Incident, now: datetime) -> None:
        number = incident.number
        filled = not lacking(incident)
        if incident.state is IncidentState.FEEDBACK and filled and self._due(incident.t_feedback, "review_s", now):
            await self.do(self.actor, "incident.review", incident=number)
        elif incident.state is IncidentState.REVIEW:
            await self._end(incident, now)
        elif incident.route == "C" and incident.state is IncidentState.TRIAGED:
            await self.do(self.actor, "incident.hand_off", incident=number)
        elif (
            incident.state is IncidentState.HANDED_OFF
            and filled
            and not any(handoff.open for handoff in self.desk.picture.handoffs(number))
        ):
            await self.do(self.actor, "incident.review", incident=number)

    async def _end(self, incident: Incident, now: datetime) -> None:
        asked = self.desk.needs_callback(incident)
        if asked and not incident.callback and self._due(incident.t_review, "callback_s", now):
            await self.do(self.actor, "incident.callback", incident=incident.number, outcome="satisfied")
        elif not what_is_missing(self.desk.picture.state, incident, needs_callback=asked) and self._due(
            incident.t_callback or incident.t_review, "close_s", now
        ):
            await self.do(self._closer(incident), "incident.close", incident=incident.number, needs_callback=asked)

    def _closer(self, incident: Incident) -> str:
        """A 一级 is the chief's to close (E1)."""
        chief = self.desk.picture.state.get(Account, CHIEF)
        return CHIEF if incident.priority == 1 and chief is not None else self.actor
