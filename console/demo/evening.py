"""The evening: lays out the past, then plays the script over a running station.

Alarms come as bytes from a simulated receiver; calls and the other seats act through the desk's own acts.
Steps that belong to a panel alarm are left to the person at this desk, unless the evening plays by itself.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from console.cli.importing import UnitRow, read_rows, read_sites
from console.demo import accounts
from console.demo.clock import DemoClock
from console.demo.people import Agencies, Crew, Do, SecondDesk, others
from console.demo.script import FOLDER, Script, Step
from console.demo.ways import walker
from console.domain.alarm import Alarm
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.ledger import new_id
from console.domain.recommend import recommend
from console.domain.routing import classify
from console.domain.unit import ON_ORDER, Position, UnitStatus
from console.geo.city import City
from console.services.desk import Desk
from console.services.lines import simulated_report
from console.services.places import Places

SEAT, ACTOR = accounts.SECOND_SEAT, accounts.SECOND
"""The desk beside this one."""

TICK_S = 0.2
"""How often the evening looks at the clock, in real seconds; people act at most once a demo second."""

UNITS = FOLDER / "units.csv"
QUALIFIERS = {"new": "E", "restore": "R", "status": "P"}
LOST_FIX_S = 600

Press = Callable[[str, str, str, str], None]
"""`press(account, zone, event, qualifier)`: a panel sends a signal."""


@dataclass(slots=True)
class Evening:
    """One evening at one desk. `auto` also acts for the person at this desk."""

    desk: Desk
    clock: DemoClock
    script: Script
    city: City
    places: Places
    press: Press
    auto: bool = False
    began: datetime = field(init=False)
    crew: Crew = field(init=False)
    _say: Do = field(init=False)
    _agencies: Agencies = field(init=False)
    _second: SecondDesk = field(init=False)
    _played: int = 0
    _late: list[Step] = field(default_factory=list)
    _numbers: dict[str, str] = field(default_factory=dict)
    _waiting: dict[str, str] = field(default_factory=dict)
    _by_signal: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.began = self.clock()
        do = self._say = others(self.desk, SEAT)
        posts = read_rows(UNITS, UnitRow)
        walkers = {row["id"]: walker(self.city, row["home_lat"], row["home_lon"]) for row in posts}
        self.crew = Crew(self.desk, do, self.script.units, walkers, self.began)
        self._agencies = Agencies(self.desk, do, self.script.agencies, self.began)
        self._second = SecondDesk(self.desk, do, self.script.desk, ACTOR, self.began)

    # -- the past --------------------------------------------------------------------------------------------

    async def lay_out(self, *, people: bool = True) -> None:
        """Put records and people on file and play everything before the window opens; leaves the clock running."""
        past = sorted(self._past(), key=lambda pair: pair[0])
        self.clock.set(self.began + timedelta(seconds=past[0][0] - 1))
        await self._say("desk", "site.import", sites=read_sites(FOLDER / "sites.csv"))
        units = [{**row, "status": UnitStatus.AVAILABLE.value} for row in read_rows(UNITS, UnitRow)]
        await self._say("desk", "unit.import", units=units)
        if people:
            await accounts.register(self.desk, [unit["id"] for unit in units])
        for at, play in past:
            self.clock.set(self.began + timedelta(seconds=at))
            await play()
        self.clock.set(self.began)
        self._place_units()
        self.clock.run()

    def _past(self) -> Iterator[tuple[float, Callable[[], Coroutine[Any, Any, None]]]]:
        """Everything before the evening: (seconds, what happens)."""
        for step in self.script.before:
            yield step.at, partial(self._play, step)
        for unit, row in self.script.roster.items():
            yield -float(row["for_s"]), partial(self._take_up, unit, str(row["status"]))

    async def _take_up(self, unit: str, status: str) -> None:
        """A unit takes up the status it has when the window opens, by way of 待命 where the table asks for it."""
        for code in (UnitStatus.AVAILABLE.value, status):
            await self._say(unit, "unit.status", unit=unit, status=code, on_behalf=False)

    def _place_units(self) -> None:
        """Units on a case stand at its scene or half-way; the lost one was last seen ten minutes ago."""
        for unit in self.desk.picture.units():
            incident = self.desk.picture.state.get(Incident, unit.incident) if unit.status in ON_ORDER else None
            if incident is None or incident.lat is None or incident.lon is None:
                continue
            walking = self.crew.walkers[unit.id]
            if unit.status.value >= "13":
                walking.place(incident.lat, incident.lon)
            else:
                walking.drive(incident.lat, incident.lon, unit.speed_kmh, 60)
        lost = [unit.id for unit in self.desk.picture.units() if unit.status is UnitStatus.LOST]
        old = [self._fix(name, self.began - timedelta(seconds=LOST_FIX_S)) for name in lost]
        self.desk.picture.move([*self.crew.seen(self.began), *old])

    def _fix(self, unit: str, at: datetime) -> Position:
        lat, lon = self.crew.walkers[unit].degrees
        return Position(unit=unit, lat=lat, lon=lon, at=at)

    # -- the evening -----------------------------------------------------------------------------------------

    async def play(self, seconds: float | None = None) -> None:
        """Play until the script's end, or until so many demo seconds; can be called again to go on."""
        end = self.script.seconds if seconds is None else seconds
        last = self.clock()
        while (now := self.clock()) and (elapsed := (now - self.began).total_seconds()) < end:
            while self._played < len(self.script.steps) and self.script.steps[self._played].at <= elapsed:
                await self._play(self.script.steps[self._played])
                self._played += 1
            late, self._late = self._late, []
            for step in late:
                await self._desk(step)
            if (gone := (now - last).total_seconds()) >= 1:
                await self.live(now, gone)
                last = now
            await asyncio.sleep(TICK_S)

    async def live(self, now: datetime, seconds: float) -> None:
        """Everybody else does what is due."""
        await self.crew.step(now, seconds)
        await self._agencies.step(now)
        await self._second.step(now)

    async def _play(self, step: Step) -> None:
        if step.do == "call":
            await self._call(step)
        elif step.do == "signal":
            await self._signal(step)
        elif step.do == "unit":
            said = {"unit": step.said["unit"], "step": step.said["act"], "text": step.said.get("text", "")}
            await self._say(str(said["unit"]), "unit.report", **said, on_behalf=False)
        elif step.do == "agency":
            await self._agency(step)
        elif step.at < 0 or self.auto or step.key not in self._by_signal:
            await self._desk(step)

    async def _call(self, step: Step) -> None:
        code = self.desk.reference.codes[step.said["kind"]]
        judged = classify(step.said["narrative"], code.code, self.desk.reference)
        lat, lon = step.said["lat"], step.said["lon"]
        place = {"lat": lat, "lon": lon, "beat": self.places.beat_at(lat, lon), "urban": self.places.urban_at(lat, lon)}
        told = {name: step.said[name] for name in ("kind", "place", "caller", "phone", "narrative")}
        self._numbers[step.key] = await self._say(
            ACTOR, "incident.open", **told, **place, title=code.name, priority=judged.priority, answered=False
        )

    async def _signal(self, step: Step) -> None:
        self._by_signal.add(step.key)
        self._waiting[step.key] = step.said["account"]
        sent = (step.said["account"], step.said["zone"], step.said["event"], QUALIFIERS[step.said["qualifier"]])
        if step.at >= 0:
            self.press(*sent)
            return
        heard = {"ingest_id": new_id(), "line": "A1", "protocol": "surgard", "received_at": self.clock().isoformat()}
        await self._say("A1", "intake.receive", **heard, report=simulated_report(*sent))

    async def _agency(self, step: Step) -> None:
        number, agency = self._number(step.key), step.said["agency"]
        for handoff in self.desk.picture.handoffs(number):
            if handoff.agency == agency:
                said = {"by": "值班员（例）", "text": step.said.get("text", "")}
                await self._say(
                    agency, "handoff.report", handoff=handoff.id, act=step.said["act"], **said, on_behalf=False
                )

    # -- the call-taker's steps ------------------------------------------------------------------------------

    async def _desk(self, step: Step) -> None:
        number = self._number(step.key)
        if not number or any(late.key == step.key for late in self._late):
            self._late.append(step)  # its alarm is still on the wire
            return
        act = step.said["act"]
        if act == "dispatch":
            await self._dispatch(number, step.said["unit"])
        elif act == "hand_off":
            await self._hand_off(number, step.said["agency"])
        elif act == "triage":
            await self._triage(number)
        elif act in ("acknowledge", "verify", "confirm", "judge_false", "reset"):
            await self._alarm(number, act, step.said.get("text", ""))
        elif act == "merge":
            await self._say(self._who(step), "incident.merge", incident=number, into=self._number(step.said["into"]))
        elif act == "feedback":
            await self._say(ACTOR, "incident.settle", incident=number, code="desk", text=step.said["text"])
        else:
            await self._say(self._who(step), f"incident.{act}", incident=number)

    def _who(self, step: Step) -> str:
        return self.desk.actor if step.key in self._by_signal else ACTOR

    def _number(self, key: str) -> str:
        """The incident of a key: told by the call, or found by the panel's account once its alarm is there."""
        account = self._waiting.get(key)
        if account is not None:
            raised = [alarm for alarm in self.desk.picture.state.where(Alarm, account=account) if alarm.incident]
            if raised:
                self._numbers[key] = raised[-1].incident
        return self._numbers.get(key, "")

    async def _triage(self, number: str) -> None:
        incident = self.desk.picture.state.get(Incident, number)
        if incident is not None:
            route = classify(incident.narrative, incident.kind, self.desk.reference).route or "A"
            await self._say(ACTOR, "incident.triage", incident=number, route=route)

    async def _dispatch(self, number: str, unit: str) -> None:
        incident = self.desk.picture.state.get(Incident, number)
        if incident is None:
            return
        picture = self.desk.picture
        if unit == "recommended":
            ranked = recommend(
                incident,
                picture.units(),
                picture.positions,
                self.clock(),
                unsuited=self.desk.reference.unsuited,
                weigh=self.desk.reference.weigh,
            )
            unit = ranked[0].unit.id if ranked and not ranked[0].why_not else ""
        if unit:
            await self._say(incident.owner or ACTOR, "unit.assign", unit=unit, incident=number)

    async def _hand_off(self, number: str, agency: str) -> None:
        try:
            await self.desk.send_handoff(number, agency)
        except UserError:
            return  # The person at this desk was faster.

    async def _alarm(self, number: str, act: str, reason: str) -> None:
        for alarm in self.desk.picture.alarms(number):
            said = {"alarm": alarm.id}
            if alarm.unacknowledged and act != "acknowledge":
                # Pressed again since: the person takes it once more before going on.
                await self._say(self.desk.actor, "alarm.acknowledge", **said)
            if act in ("confirm", "judge_false"):
                await self._say(self.desk.actor, "alarm.judge", **said, verdict=act, reason=reason)
            elif act == "verify":
                await self._say(self.desk.actor, "alarm.verify", **said, how=reason or "调看视频，最小应急单元核实")
            else:
                await self._say(self.desk.actor, f"alarm.{act}", **said)
