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
        for alarm, (key, since) in wanted.items():
            try:
                way = await asyncio.to_thread(self._track, key, since, self._clock() + AHEAD)
            except EnvironmentFault as fault:
                log.info("the track cannot be read: %s", fault)
                return
            fresh = [position for position in way if alarm not in self._seen or position.at > self._seen[alarm]]
            if fresh:
                self._seen[alarm] = fresh[-1].at
                self._picture.move(fresh)

    def _wanted(self) -> dict[str, tuple[str, datetime]]:
        """By alarm: the key of its bus, and from when on its positions are wanted."""
        return {
            alarm.id: (vehicle_key(alarm.account), self._seen.get(alarm.id, alarm.received_at - TRAIL))
            for alarm in self._picture.state.all(Alarm)
            if alarm.open and alarm.protocol in PROTOCOLS
        }
