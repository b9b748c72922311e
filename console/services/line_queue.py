"""What waits in a line's queue, and the answer to each frame: given once, and on the wire the frame came by."""

import asyncio
from dataclasses import dataclass

from drivers.link import Link, LinkState
from drivers.report import Report
from drivers.wire import Wire


@dataclass(frozen=True, slots=True)
class Read:
    """What one read completed, the monotonic time of its last byte, and the link and wire it came by."""

    reports: list[Report]
    at: float
    link: Link
    wire: Wire | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a link."""

    state: LinkState
    link: Link


class Retry:
    """It is time to try the kept frames again."""


class Tell:
    """The line's lease changed: whose word about the line counts hangs on it."""


@dataclass(slots=True)
class Answer:
    """The answer to one report; another wire than that of its frame has another exchange going on."""

    report: Report
    read: Read
    given: bool = False
    _rest: bytes = b""

    def give(self) -> bool:
        """Write it, without waiting; False if bytes of it found no room yet. Raises PortError."""
        self.given = True
        if self.report.ack:
            self._rest = self.read.link.write_now(self.report.ack, self.read.wire)
        return not self._rest

    async def finish(self) -> bool:
        """Write what found no room, for as long as that takes; whether there was any. Raises PortError."""
        if not self._rest:
            return False
        await asyncio.to_thread(self.read.link.write, self._rest, self.read.wire)
        return True
