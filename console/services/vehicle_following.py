"""Following: where a bus with an open alarm was and is, also at the seats that do not receive its line.

Positions are no facts and reach no journal, so a seat reads them from the track: from 30 s before the press on, once a
second, for as long as the alarm is open.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from console.domain.alarm import Alarm
from console.domain.clock import Clock
from console.domain.errors import EnvironmentFault
from console.domain.unit import TRAIL, Position, vehicle_key
from console.services.picture import Picture
from console.services.vehicles import PROTOCOLS

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""So often the track is read for each bus with an open alarm."""

RECENT = timedelta(minutes=10)
"""So much of the way is read of a bus whose alarm has been open for long, besides that around its press."""

AHEAD = timedelta(minutes=1)
"""So far another machine's clock may be ahead of ours."""

Track = Callable[[str, datetime, datetime], list[Position]]
"""The stored positions of one key between two times, in order; blocks."""


class Following:
    """One seat's look at the buses with an open alarm."""

    def __init__(self, picture: Picture, track: Track, clock: Clock) -> None:
        self._picture, self._track, self._clock = picture, track, clock
        self._seen: dict[str, datetime] = {}

    async def run(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Show what is new of every bus with an open alarm; nothing while the track cannot be read."""
        wanted = self._wanted()
        self._seen = {alarm: seen for alarm, seen in self._seen.items() if alarm in wanted}
        try:
            for alarm in wanted.values():
                await self._show_new(alarm, vehicle_key(alarm.account))
        except EnvironmentFault as fault:
            log.info("the track cannot be read: %s", fault)

    def _wanted(self) -> dict[str, Alarm]:
        alarms = self._picture.state.all(Alarm)
        return {alarm.id: alarm for alarm in alarms if alarm.open and alarm.protocol in PROTOCOLS}

    async def _show_new(self, alarm: Alarm, key: str) -> None:
        now = self._clock()
        seen = self._seen.get(alarm.id)
        if seen is None:
            seen = max(alarm.received_at + TRAIL, now - RECENT)
            way = await self._read(key, alarm.received_at - TRAIL, alarm.received_at + TRAIL)
            way += [position for position in await self._read(key, seen, now + AHEAD) if position not in way]
        else:
            way = [position for position in await self._read(key, seen, now + AHEAD) if position.at > seen]
        if way:
            self._picture.move(way)
            self._seen[alarm.id] = max(way[-1].at, now - RECENT)

    async def _read(self, key: str, since: datetime, until: datetime) -> list[Position]:
        return await asyncio.to_thread(self._track, key, since, until)
