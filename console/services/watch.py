"""Watch 时限监督: the one timer of the program.

Once a second it compares the clock with what has been promised and announces what was broken, once for each step of
the ladder: a late stage, an alarm nobody took, a unit nobody hears. The facts are unique by (subject, rule, step,
due_at), so several seats may watch at once, and a promise made anew is broken anew. What is held or scheduled it
wakes. It also calls the small chores of the house at their time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE
from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.deadlines import Promise
from console.domain.errors import EnvironmentFault, UserError
from console.domain.facts import DeadlinePassed
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.ledger import Act, Ledger
from console.domain.safety import CHECK_IN
from console.domain.unit import Unit, UnitStatus, may_return
from console.services import safety
from console.services.desk import Desk
from console.services.lateness import looker
from console.services.picture import Changes
from console.services.waiting import due_to_wake

log = logging.getLogger(__name__)

ACTOR = "系统"
"""Who announces: the clock, no person."""

UNOWNED = "unowned"
"""An alarm nobody took: step 1 all seats louder, step 2 the chief (DESIGN section 5)."""

UNOWNED_STEPS = (1, 2)
NOT_WATCHED = frozenset({UnitStatus.OFF_DUTY, UnitStatus.OUT_OF_SERVICE, UnitStatus.NEEDS_HELP})
"""Units whose silence changes nothing: two are not there, and a call for help is ended by a person alone."""


def announce(
    ledger: Ledger, *, subject: str, rule: str, step: int, due_at: str, incident: str = "", owner: str = ""
) -> bool:
    """A promise was broken. Answers whether this was news; the second one to say so is dropped silently."""
    due = datetime.fromisoformat(due_at)
    if ledger.announced(subject, rule, step, due):
        return False
    looks = "" if rule == UNOWNED else looker(ledger, incident, step)
    passed = DeadlinePassed(
        incident=incident, subject=subject, rule=rule, step=step, due_at=due, owner=owner, looks=looks
    )
    ledger.record(passed)
    return True


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every so many seconds, for example the sheet for the day the screens go dark."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Broken:
    subject: str
    rule: str
    step: int
    due_at: datetime
    incident: str
    owner: str


def _unheard(silent: list[tuple[Unit, datetime, int]]) -> Iterator[_Broken]:
    for unit, due, climbed in silent:
        for step in range(1, climbed + 1):
            yield _Broken(unit.id, CHECK_IN, step, due, unit.incident, unit.id)


class Watch:
    """The timer over one desk. `tracking`: whether units send positions here, so that silence means lost."""

    def __init__(self, desk: Desk, *, tracking: bool = True) -> None:
        self.tracking = tracking
        self._desk = desk
        self._promises: dict[str, list[Promise]] = {}
        self._changed = {incident.number for incident in desk.picture.incidents()}
        self._unowned = {alarm.id: alarm for alarm in desk.picture.unacknowledged_alarms()}
        self._waiting: dict[str, Incident] = {}
        for incident in desk.picture.incidents():
            self._follow(incident)
        self._told: set[_Broken] = set()
        self._chores: list[tuple[Chore, float]] = []
        self.add_chore(Chore("forget", 60.0, self._forget))
        desk.picture.observe(self._see)

    def add_chore(self, chore: Chore) -> None:
        """Have `chore.run` awaited every `chore.every_s` seconds, the first time after that time; it takes the place of
        one of the same name."""
        self._chores = [(known, left) for known, left in self._chores if known.name != chore.name]
        self._chores.append((chore, chore.every_s))

    async def run(self) -> None:
        """Once a second, for ever."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            await self.tick()
            await self._do_chores(loop.time() - started)
            # To the next whole second: timers are coarse under qasync, deadlines compare the clock anyway.
            await asyncio.sleep(1.0 - (loop.time() - started) % 1.0)

    async def tick(self) -> None:
        """One look at the clock: announce what is broken and not told yet."""
        now = self._desk.clock()
        await self._wake(now)
        silent = self._silent(now)
        broken = (*self._late(now), *self._climbing(now), *_unheard(silent))
        self._told.intersection_update(broken)
        for promise in broken:
            if promise not in self._told and not await self._announce(promise):
                return
        await self._raise_for(silent)
        if self.tracking:
            await self._look_for_units(now)

    def late(self, now: datetime) -> list[Promise]:
        """Every promise that is late in the room, the longest first, as of the last look."""
        found = [promise for promises in self._promises.values() for promise in promises if promise.late(now)]
        return sorted(found, key=lambda promise: promise.due_at)

    # -- what is broken --------------------------------------------------------------------------------------

    def _see(self, changes: Changes) -> None:
        for entity in (*changes.added, *changes.updated, *changes.removed):
            if isinstance(entity, Incident):
                self._changed.add(entity.number)
                self._follow(entity)
            elif isinstance(entity, Assignment | Handoff | Alarm):
                self._changed.add(entity.incident)
        for entity in (*changes.added, *changes.updated):
            if isinstance(entity, Alarm):
                if entity.unacknowledged:
                    self._unowned[entity.id] = entity
                else:
                    self._unowned.pop(entity.id, None)
        for entity in changes.removed:
            self._unowned.pop(entity.key, None)
            self._waiting.pop(entity.key, None)

    def _follow(self, incident: Incident) -> None:
        if incident.open and incident.waits_until is not None:
            self._waiting[incident.number] = incident
        else:
            self._waiting.pop(incident.number, None)

    def _late(self, now: datetime) -> Iterator[_Broken]:
        for number in self._changed:
            self._promises[number] = self._desk.picture.promises(number)
            if not self._promises[number]:
                del self._promises[number]
        self._changed.clear()
        for promises in list(self._promises.values()):
            for promise in promises:
                if not promise.late(now):
                    continue
                rule, due = promise.rule.value, promise.due_at
                for step in range(1, promise.step(now) + 1):
                    yield _Broken(promise.subject, rule, step, due, promise.incident, promise.owner)

    async def _wake(self, now: datetime) -> None:
        """What is held or scheduled wakes at its time; of many seats one is the first, the others change nothing."""
        for incident in list(self._waiting.values()):
            if due_to_wake(incident, now) and incident.waits_until is not None:
                until = incident.waits_until.isoformat()
                once = str(uuid5(NAMESPACE_OID, f"wake\n{incident.number}\n{until}\n{incident.version}"))
                await self._act("incident.wake", {"incident": incident.number, "until": until}, once)

    def _climbing(self, now: datetime) -> Iterator[_Broken]:
        limit = timedelta(seconds=self._desk.reference.desk.unowned_s)
        for alarm in list(self._unowned.values()):
            for step in UNOWNED_STEPS:
                due = alarm.waiting_since + limit * step
                if now > due:
                    owner = "desk" if step == 1 else "chief"
                    yield _Broken(alarm.id, UNOWNED, step, due, alarm.incident, owner)

    def _silent(self, now: datetime) -> list[tuple[Unit, datetime, int]]:
        """Units that have to be heard again and were not (安全核实): by when, and how far that has climbed."""
        state = self._desk.picture.state
        asked = ((unit, safety.due(state, unit)) for unit in self._desk.picture.units())
        steps = ((unit, due, safety.table().step(due, now)) for unit, due in asked if due is not None)
        return [(unit, due, step) for unit, due, step in steps if step]

    async def _raise_for(self, silent: list[tuple[Unit, datetime, int]]) -> None:
        """Who does not answer even then may be unable to: the whole room hears of it."""
        picture = self._desk.picture
        for unit, due, step in silent:
            if step < safety.EMERGENCY_STEP or safety.open_emergency(picture.state, unit.id) is not None:
                continue
            where = safety.seen_at(picture.positions.get(unit.id))
            once = str(uuid5(NAMESPACE_OID, f"emergency\n{unit.id}\n{due.isoformat()}"))
            await self._act("emergency.start", {"unit": unit.id, "source": safety.CLOCK, **where}, once)

    async def _announce(self, broken: _Broken) -> bool:
        """Tell it once. False if nothing can be stored at present; the next second tries again."""
        args = {
            "subject": broken.subject,
            "rule": broken.rule,
            "step": broken.step,
            "due_at": broken.due_at.isoformat(),
            "incident": broken.incident,
            "owner": broken.owner,
        }
        # One id for the same news: told again after a restart, or by another seat, it waits in the spool only once.
        news = "\n".join(str(args[name]) for name in ("subject", "rule", "step", "due_at"))
        if not await self._act("watch.announce", args, str(uuid5(NAMESPACE_OID, news))):
            return False
        self._told.add(broken)
        return True

    async def _look_for_units(self, now: datetime) -> None:
        limit = timedelta(seconds=self._desk.reference.desk.fix_lost_s)
        for unit in self._desk.picture.units():
            fix = self._desk.picture.positions.get(unit.id)
            if fix is None or unit.status in NOT_WATCHED:
                continue
            lost = unit.status is UnitStatus.LOST
            before = may_return(unit)
            if not lost and now - fix.at > limit:
                reason = f"{limit.seconds} 秒没有定位"
                await self._act("unit.status", {"unit": unit.id, "status": UnitStatus.LOST.value, "reason": reason})
            elif lost and before is not None and fix.at > unit.status_since:
                await self._act("unit.status", {"unit": unit.id, "status": before.value, "reason": "定位恢复"})

    async def _act(self, name: str, args: dict[str, Any], act_id: str = "") -> bool:
        desk = self._desk
        asked = Act(name=name, args=args, actor=ACTOR, seat=desk.seat, roles=MACHINE, at=desk.clock())
        try:
            await desk.carry_out(replace(asked, act_id=act_id or asked.act_id))
        except UserError as refusal:
            log.info("%s %s: %s", name, args.get("unit") or args.get("subject"), refusal)
        except EnvironmentFault as fault:
            log.warning("%s could not be stored: %s", name, fault)
            return False
        return True

    # -- chores ----------------------------------------------------------------------------------------------

    async def _do_chores(self, elapsed: float) -> None:
        for index, (chore, due) in enumerate(self._chores):
            if elapsed < due:
                continue
            self._chores[index] = (chore, elapsed + chore.every_s)
            try:
                await chore.run()
            except EnvironmentFault as fault:
                self._desk.health.fault(f"chore:{chore.name}", fault.what, fault.remedy)
            except Exception:
                log.exception("chore %s", chore.name)
            else:
                self._desk.health.mended(f"chore:{chore.name}")

    async def _forget(self) -> None:
        self._desk.picture.forget_old(self._desk.clock())
