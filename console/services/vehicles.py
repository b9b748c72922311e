"""Vehicles 车辆: what the console makes of the positions of buses and taxis (JT/T 808, 905).

A thousand terminals say every few seconds where they are. That is no fact: positions are answered from memory, kept in
batches in the track and shown on the map. What a person must act on is the driver's button; its press goes the way of
every alarm, is confirmed to the terminal once it is durable, and while the alarm is open the terminal is asked for a
position every few seconds. What a crew says at its terminal goes the way of a signal too (`unit_words`); the answers of
terminals to what they were told are handed on (`terminal_texts`).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from console.domain.alarm import Alarm
from console.domain.errors import JournalUnavailable
from console.domain.unit import Position, vehicle_key
from console.services.picture import Changes, Picture
from console.services.vehicle_button import EVENT, Button, Says, Sighting, sighting
from drivers.report import Report, garbage
from drivers.wire import PortError

log = logging.getLogger(__name__)

PROTOCOLS = frozenset({"jt808", "jt905"})
"""Whose lines bring vehicles."""

FLUSH_S = 0.5
"""So often positions are kept and shown: within a second of their coming."""

AT_ONCE, WAITING = 500, 20_000
"""So many positions go into one transaction; so many wait while the journal is away, then the oldest go."""

KNOWN = 20_000
"""So many terminals are remembered, those heard last."""

EVERY_S, FOR_S = 5, 1800
"""What a terminal with an open alarm is asked for: a position each 5 s, for half an hour (0x8202)."""

NUMBERS = (12, 20)
"""Digits of a terminal's number: in the header of 2011 and 2013 (and of JT/T 905), in that of 2019."""

REGISTER, AUTHENTICATE, LOCATION, BULK = 0x0100, 0x0102, 0x0200, 0x0704

SAYINGS = frozenset({0x0301, 0x0302, 0x0900})
"""What a crew says at its terminal: an event, an answer, words."""

Order = Callable[[Mapping[str, object]], None]
"""Has the terminal told something; PortError if it is not there any more."""


class Journal(Protocol):
    """The part of the journal that positions need."""

    async def track(self, positions: Sequence[Position]) -> None:
        """Keep positions; JournalUnavailable."""


@dataclass(slots=True)
class _Vehicle:
    """One terminal: its button, where it was last, how it can be told something.

    `tracked`: it was asked for quick positions.
    """

    account: str
    button: Button = field(default_factory=Button)
    last: Position | None = None
    order: Order | None = None
    tracked: bool = False
    unread: bool = False


class Vehicles:
    """All terminals that call at this process's lines. On the loop's thread only."""

    def __init__(self, picture: Picture, journal: Journal) -> None:
        self._picture = picture
        self._journal = journal
        self._known: dict[str, _Vehicle] = {}
        self._waiting: deque[Position] = deque(maxlen=WAITING)
        self._seen: dict[int, tuple[_Vehicle, Sighting]] = {}
        self._hears: list[Callable[[Mapping[str, Any]], None]] = []
        picture.observe(self._changed)

    def take(self, report: Report, at: datetime, order: Order) -> Report | None:
        """Take what a terminal said; None: it is taken, the answer may go at once.

        What is returned must be stored and answered like any signal, then `stored` or `unstored` called, before the
        next of this terminal is taken. `at`: when it was received; `order` reaches the terminal.
        """
        if not report.account or report.type == "garbage":
            return report
        said: Mapping[str, Any] = report.more or {}
        vehicle = self._of(report.account)
        self._reached_by(vehicle, order, said.get("msg_id"))
        if "lat" in said:
            return self._take_position(vehicle, report, at, said)
        if said.get("encrypted") and said.get("msg_id") in (LOCATION, BULK) and not vehicle.unread:
            vehicle.unread = True
            return garbage(report.raw, "位置报文已加密，读不出有无报警：请让车载终端改用不加密", report.ack)
        if said.get("ref"):
            for hear in self._hears:
                hear(said)
        # Registers are rare and tell the plate; heartbeats, authentications and answers are nobody's business.
        wanted = said.get("msg_id") == REGISTER or (said.get("msg_id") in SAYINGS and self._is_units(report.account))
        return report if wanted else None

    def _is_units(self, account: str) -> bool:
        key = vehicle_key(account)
        return any(unit.terminal and vehicle_key(unit.terminal) == key for unit in self._picture.units())

    def tell(self, account: str, what: Mapping[str, object]) -> bool:
        """Have a terminal told something; False if no line of this process hears it. PortError if it just left."""
        vehicle = self._known.get(vehicle_key(account))
        if vehicle is None or vehicle.order is None:
            return False
        vehicle.order({**what, "account": vehicle.account})
        return True

    def on_answer(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        """Call `hear` with every general answer that names what it answers (`ref`, `result`)."""
        self._hears.append(hear)

    def stored(self, report: Report) -> None:
        """A report that `take` returned is durable."""
        known = self._seen.pop(id(report), None)
        if known is None:
            return
        vehicle, seen = known
        vehicle.button.heard(seen)
        if report.qualifier == "new":
            self._tell(vehicle, {"do": "confirm", "serial": seen.serial})
            self._follow(vehicle)

    def unstored(self, report: Report) -> None:
        """A report that `take` returned could be stored nowhere: the button has said nothing yet."""
        self._seen.pop(id(report), None)

    async def run(self) -> None:
        """Keep and show positions as they come, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Show and keep what waits; what the journal does not take now waits on, the oldest go first."""
        shown = self._picture.positions
        moved: dict[str, Position] = {}
        for position in self._waiting:
            known = moved.get(position.unit) or shown.get(position.unit)
            # What comes late from a blind area moves nothing back.
            if known is None or known.at < position.at:
                moved[position.unit] = position
        if moved:
            self._picture.move(moved.values())
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            try:
                await self._journal.track(batch)
            except JournalUnavailable as fault:
                room = WAITING - len(self._waiting)
                self._waiting.extendleft(reversed(batch[-room:] if room else ()))
                log.info("positions wait for the journal: %s", fault)
                return

    # -- positions -------------------------------------------------------------------------------------------

    def _of(self, account: str) -> _Vehicle:
        key = vehicle_key(account)
        known = self._known.pop(key, None) or _Vehicle(account)
        # Orders reach it by its number as it writes it on this connection.
        known.account = account
        self._known[key] = known
        if len(self._known) > KNOWN:
            # What invents numbers at an open port costs itself; who was heard lately stays.
            forgotten = next(iter(self._known))
            del self._known[forgotten]
            self._picture.positions.pop(forgotten, None)
        return known

    def _take_position(self, vehicle: _Vehicle, report: Report, at: datetime, said: Mapping[str, Any]) -> Report | None:
        seen = sighting(vehicle.account, said, report.device_time, at)
        self._place(vehicle, seen)
        says = vehicle.button.says(seen, self._alarms(vehicle.account))
        if says is Says.REPEAT:
            vehicle.button.heard(seen)
            return None
        kept = self._signal(vehicle, report, seen, says)
        self._seen[id(kept)] = vehicle, seen
        return kept

    def _place(self, vehicle: _Vehicle, seen: Sighting) -> None:
        if seen.lat is None or seen.lon is None:
            return
        position = Position(unit=vehicle_key(vehicle.account), lat=seen.lat, lon=seen.lon, at=seen.at)
        self._waiting.append(position)
        if not seen.late:
            vehicle.last = position

    def _signal(self, vehicle: _Vehicle, report: Report, seen: Sighting, says: Says) -> Report:
        extended: dict[str, object] = {"text": _words(seen, says), "at": seen.at.isoformat(timespec="milliseconds")}
        if seen.lat is not None and seen.lon is not None:
            extended |= {"lat": f"{seen.lat:.6f}", "lon": f"{seen.lon:.6f}"}
        elif vehicle.last is not None:
            # No fix in a tunnel or a garage: where it was last is where to look.
            extended |= {"lat": f"{vehicle.last.lat:.6f}", "lon": f"{vehicle.last.lon:.6f}", "fix": "0"}
        return replace(
            report,
            type="signal",
            event_code=EVENT,
            qualifier="new" if says is Says.PRESS else "restore",
            panic=True,
            sequence=str(seen.serial),
            extended=extended,
            # A bulk report is one frame: its presses share bytes and serial, and none is a copy of another.
            more={"part": f"{says} {report.device_time}"},
        )

    def _alarms(self, account: str) -> list[Alarm]:
        """The terminal's, by whichever header it told them: the one of 2019 has more room for zeros in front."""
        bare = account.lstrip("0")
        forms = dict.fromkeys((account, *(bare.rjust(digits, "0") for digits in NUMBERS)))
        state = self._picture.state
        return [alarm for form in forms for alarm in state.where(Alarm, account=form, event_code=EVENT)]

    # -- what is said to terminals ---------------------------------------------------------------------------

    def _reached_by(self, vehicle: _Vehicle, order: Order, msg_id: object) -> None:
        """A terminal that calls anew, or is heard first in this run, may have forgotten what it was asked."""
        first, vehicle.order = vehicle.order is None, order
        if first or msg_id in (REGISTER, AUTHENTICATE):
            vehicle.tracked = False
            self._follow(vehicle)

    def _changed(self, changes: Changes) -> None:
        for entity in (*changes.added, *changes.updated, *changes.removed):
            known = self._known.get(vehicle_key(entity.account)) if isinstance(entity, Alarm) else None
            if known is not None:
                self._follow(known)

    def _follow(self, vehicle: _Vehicle) -> None:
        """Track it while an alarm of its own is open."""
        wanted = any(alarm.open for alarm in self._alarms(vehicle.account))
        if wanted is not vehicle.tracked:
            vehicle.tracked = wanted
            times = (EVERY_S, FOR_S) if wanted else (0, 0)
            self._tell(vehicle, {"do": "track", "interval_s": times[0], "valid_s": times[1]})

    def _tell(self, vehicle: _Vehicle, what: Mapping[str, object]) -> None:
        if vehicle.order is None:
            return
        try:
            vehicle.order({**what, "account": vehicle.account})
        except PortError as problem:
            # It calls again, and is told again.
            vehicle.tracked = False
            log.info("terminal %s could not be told: %s", vehicle.account, problem)


def _words(seen: Sighting, says: Says) -> str:
    """What happened, for the desk."""
    late = "（盲区补报）" if seen.late else ""
    if says is Says.RELEASE:
        return "车载紧急报警按钮已松开"
    return f"司机按下车载紧急报警按钮{late}，当时车速{seen.speed_kmh:.0f}公里/小时"
