"""What waits in a line's queue, and the answer to each frame: given once, and on the wire the frame came by."""

from dataclasses import dataclass

from console.services.alarm_path import in_answer
from console.services.repeats import Sender
from drivers.link import Link, LinkState
from drivers.report import Report
from drivers.wire import Wire


@dataclass(frozen=True, slots=True)
class Read:
    """What one read completed, the monotonic time of its last byte, and the link and wire it came by.

    `begun`: the first report has been looked at already, and is to be stored.
    """

    reports: list[Report]
    at: float
    link: Link
    wire: Wire | None
    begun: bool = False


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
    """The answer to one report; another wire than that of its frame has another exchange going on.

    `sender`: who repeats the frame without it; None if nobody stored it. `answered_at`: when all of it was written.
    """

    report: Report
    read: Read
    given: bool = False
    sender: Sender | None = None
    answered_at: float | None = None
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
        await in_answer(self.read.link.write, self._rest, self.read.wire)
        return True
