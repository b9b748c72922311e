"""A vehicle's emergency button: what the bit in its positions says, and when that is a press.

The bit stands in every position for as long as the terminal likes: until the platform answered, or until the driver
lets go. So its rising edge is the press, its falling edge the release, and all between repeats the same alarm
(protocols.md section 5). What comes late from a blind area is a press only if nobody knows of it yet, and a release
only if nothing later is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from console.domain.alarm import Alarm

EVENT = "120"
"""The Contact ID code a press is taken in as: a person asks for help."""

BLIND_AREA = 1

KEPT_AT_MOST, AHEAD_AT_MOST = timedelta(days=30), timedelta(minutes=10)
"""What a terminal tells from its memory was neither longer ago nor later than this; else its clock is wrong, and by a
wrong clock a press would seem to be known already."""


class Says(StrEnum):
    """What one position says of the button. REPEAT: what is known already."""

    REPEAT = "repeat"
    PRESS = "press"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One position as the console reads it. `at`: when the terminal was there; `late`: it comes from its memory.

    `lat` and `lon` are None where the terminal knew no place.
    """

    account: str
    at: datetime
    emergency: bool
    late: bool = False
    lat: float | None = None
    lon: float | None = None
    speed_kmh: float = 0.0
    serial: int = 0


def sighting(account: str, said: Mapping[str, Any], device_time: str | None, received_at: datetime) -> Sighting:
    """What a driver's position says; a terminal's clock counts only for what it kept in its memory."""
    placed = bool(said.get("fix")) and abs(said["lat"]) <= 90 and abs(said["lon"]) <= 180
    placed = placed and (said["lat"], said["lon"]) != (0, 0)
    late = said.get("batch_type") == BLIND_AREA
    there = datetime.fromisoformat(device_time).astimezone(UTC) if late and device_time else received_at
    return Sighting(
        account=account,
        at=there if -AHEAD_AT_MOST <= received_at - there <= KEPT_AT_MOST else received_at,
        emergency=bool(said["emergency"]),
        late=late,
        lat=said["lat"] if placed else None,
        lon=said["lon"] if placed else None,
        speed_kmh=float(said["speed_kmh"]),
        serial=int(said["serial"]),
    )


@dataclass(slots=True)
class Button:
    """What is known of one terminal's button. `pressed` is None until its state has been heard in this run.

    `known_until`: how far its presses have been told; what comes late and is older is no news. `seen_at`: the latest
    it was seen in either state.
    """

    pressed: bool | None = None
    known_until: datetime | None = None
    seen_at: datetime | None = None

    def says(self, seen: Sighting, alarms: Sequence[Alarm]) -> Says:
        """What the position says, given all alarms of this terminal. Nothing is changed before `heard`."""
        if seen.late:
            return self._says_late(seen, alarms)
        open_alarms = [alarm for alarm in alarms if alarm.open]
        if seen.emergency:
            # After a restart of ours a bit that is set belongs to the alarm that is open.
            known = bool(open_alarms) if self.pressed is None else self.pressed
            return Says.REPEAT if known else Says.PRESS
        if self.pressed is None:
            held = any(alarm.restored_at is None for alarm in open_alarms)
            return Says.RELEASE if held else Says.REPEAT
        return Says.RELEASE if self.pressed else Says.REPEAT

    def _says_late(self, seen: Sighting, alarms: Sequence[Alarm]) -> Says:
        if self._let_go(seen):
            return Says.RELEASE
        if not seen.emergency or (self.known_until is not None and seen.at <= self.known_until):
            return Says.REPEAT
        if self.known_until is None:
            told = any(alarm.open or (alarm.reset_at is not None and seen.at <= alarm.reset_at) for alarm in alarms)
            return Says.REPEAT if told else Says.PRESS
        return Says.REPEAT if self.pressed else Says.PRESS

    def _let_go(self, seen: Sighting) -> bool:
        """Whether it was let go in a blind area: unnoticed, the next press there would seem to be the old one."""
        later = self.seen_at is not None and seen.at > self.seen_at
        return seen.late and not seen.emergency and later and bool(self.pressed)

    def heard(self, seen: Sighting) -> None:
        """The position has been taken: what it said of the button, if anything, is durable."""
        if seen.emergency:
            self.known_until = max(self.known_until or seen.at, seen.at)
        if seen.emergency or not seen.late or self._let_go(seen):
            self.pressed = seen.emergency
        self.seen_at = max(self.seen_at or seen.at, seen.at)
