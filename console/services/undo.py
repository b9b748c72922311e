"""Undo 反悔: the acts of one seat within the last ten seconds, and which act takes each back, where one does.

Nothing is erased: taking back is an act of its own, with its reason, refused like any other where it is too late
(a unit that has signed its order is not recalled by a key).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from console.domain.assignment import Assignment, AssignmentState
from console.domain.errors import UserError
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident
from console.domain.state import State, need
from console.domain.unit import Unit

WITHIN = timedelta(seconds=10)
KEPT = 8
"""So many acts may be taken back one after the other."""
REASON = "误操作，十秒内反悔"

Step = tuple[str, dict[str, Any]]
Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """An act as it was asked, what stood before, and what it answered."""

    name: str
    args: Args
    before: Mapping[str, Any]
    value: Any
    at: datetime
    actor: str = ""


@dataclass(slots=True)
class Undo:
    """The last acts at one seat, the newest last; each belongs to who did it."""

    _done: list[Done] = field(default_factory=list)
    _taking_back: bool = False

    def note(self, done: Done) -> None:
        """An act has been carried out. What takes another one back is not taken back itself."""
        if not self._taking_back and done.name in INVERSES:
            self._done = [*self._done, done][-KEPT:]

    def last(self, now: datetime, actor: str) -> Done:
        """The newest act of this person that may still be taken back; UserError if there is none."""
        self._done = [done for done in self._done if now - done.at <= WITHIN and done.actor == actor]
        if not self._done:
            raise UserError("没有可反悔的操作（10 秒内有效）")
        return self._done[-1]

    async def take_back(self, done: Done, steps: Callable[[], Any]) -> None:
        """Carry out what takes `done` back; it is forgotten then, whatever came of it."""
        self._taking_back = True
        try:
            await steps()
        finally:
            self._taking_back = False
            self._done = [kept for kept in self._done if kept is not done]


def before(state: State, name: str, args: Args) -> dict[str, Any]:
    """What has to be known of the time before an act, so that it can be taken back."""
    incident = state.get(Incident, str(args.get("incident", "")))
    unit = state.get(Unit, str(args.get("unit", "")))
    found: dict[str, Any] = {}
    if incident is not None and name in INVERSES:
        found |= {"priority": incident.priority, "route": incident.route, "main": incident.main}
        found["fields"] = {field: getattr(incident, field, None) for field in args.get("fields", ())}
    if unit is not None:
        found["status"] = unit.status.value
    return found


def inverse(state: State, done: Done) -> list[Step]:
    """The acts that take it back; UserError says why there are none any more."""
    return INVERSES[done.name][1](state, done)


def title(done: Done) -> str:
    """What the act is called."""
    return INVERSES[done.name][0]


def _still(stands: object, set_to: object) -> None:
    """Refuses where another has changed it since: that is not ours to take back."""
    if stands != set_to:
        raise UserError("此后已被改过，不能反悔，请直接改")


def _assign(state: State, done: Done) -> list[Step]:
    number = need(state, Incident, str(done.args["incident"])).number
    return [_withdraw(state, str(unit), number) for unit in done.args.get("units", (done.args.get("unit"),))]


def _withdraw(state: State, unit: str, number: str) -> Step:
    orders = [order for order in state.where(Assignment, unit=unit) if order.open and order.incident == number]
    if not orders:
        raise UserError(f"{unit}已不在这起警情上，不能反悔")
    if any(order.state is not AssignmentState.DISPATCHED for order in orders):
        raise UserError(f"{unit}已签收，不能反悔，请撤回并写明理由：撤 {unit} 理由")
    return "unit.withdraw", {"unit": unit, "incident": number, "reason": REASON}


def _handoff(state: State, done: Done) -> list[Step]:
    handoff = state.get(Handoff, str(done.value))
    if handoff is None or handoff.state not in (HandoffState.DRAFT, HandoffState.SENT, HandoffState.DELIVERED):
        raise UserError("联动单位已签收，不能反悔，请撤销派单并写明理由")
    return [("handoff.cancel", {"handoff": handoff.id, "reason": REASON})]


def _priority(state: State, done: Done) -> list[Step]:
    old = done.before["priority"]
    _still(need(state, Incident, str(done.args["incident"])).priority, done.args["priority"])
    return [("incident.priority", {"incident": done.args["incident"], "priority": old, "reason": REASON})]


def _edit(_: State, done: Done) -> list[Step]:
    fields = done.before["fields"]
    step = {"incident": done.args["incident"], "fields": fields, "seen": dict(done.args["fields"])}
    return [("incident.edit", step)]


def _route(state: State, done: Done) -> list[Step]:
    if not done.before["route"]:
        raise UserError("首次分流不能反悔，请直接改选")
    _still(need(state, Incident, str(done.args["incident"])).route, done.args["route"])
    return [("incident.triage", {"incident": done.args["incident"], "route": done.before["route"]})]


def _status(state: State, done: Done) -> list[Step]:
    _still(need(state, Unit, str(done.args["unit"])).status.value, done.args["status"])
    return [("unit.status", {"unit": done.args["unit"], "status": done.before["status"], "reason": REASON})]


def _unmerge(_: State, done: Done) -> list[Step]:
    return [("incident.unmerge", {"incident": done.args["incident"], "reason": REASON})]


def _merge(_: State, done: Done) -> list[Step]:
    return [("incident.merge", {"incident": done.args["incident"], "into": done.before["main"]})]


def _wake(_: State, done: Done) -> list[Step]:
    return [("incident.wake", {"incident": done.args["incident"]})]


def _unstack(_: State, done: Done) -> list[Step]:
    return [("unit.unstack", {"unit": done.args["unit"], "incident": done.args["incident"]})]


INVERSES: Mapping[str, tuple[str, Callable[[State, Done], list[Step]]]] = {
    "unit.assign": ("派警", _assign),
    "unit.assign_plan": ("按方案派警", _assign),
    "unit.status": ("改勤务状态", _status),
    "unit.stack": ("叠放", _unstack),
    "handoff.send": ("联动派单", _handoff),
    "incident.priority": ("改级别", _priority),
    "incident.edit": ("改录", _edit),
    "incident.triage": ("分流", _route),
    "incident.merge": ("合并", _unmerge),
    "incident.unmerge": ("拆分", _merge),
    "incident.hold": ("暂缓", _wake),
    "incident.schedule": ("预约", _wake),
}
"""Which acts can be taken back: what they are called, and by which acts."""
