"""Server clock: how far this machine's clock is from that of the database server.

Desks that stamp by clocks of their own put a shift's acts in a wrong order; the server is the one clock all of
them can ask. Embedded, the database has no clock but this machine's.
"""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import text

from console.domain.clock import Clock
from console.persistence.dialect import is_server, reading_engine, told_plainly

PATIENCE_S = 2.0
SAMPLES = 3
"""The quickest of so many answers is the surest."""

_ASK = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class Offset:
    """This machine's clock minus the server's, in seconds, give or take `unsure_s` (half the way there and back)."""

    seconds: float
    unsure_s: float

    @property
    def surely_s(self) -> float:
        """By how much the clocks differ at least."""
        return max(0.0, abs(self.seconds) - self.unsure_s)


class ServerClock:
    """Asks one server, on a connection of its own that stays open between questions."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self._engine = reading_engine(url, patience_s=PATIENCE_S)

    @classmethod
    def of(cls, url: str, clock: Clock) -> Self | None:
        """The clock of the database at the URL; None where it is this machine's own."""
        return cls(url, clock) if is_server(url) else None

    def offset(self) -> Offset:
        """Blocks some milliseconds, at most as long as a connection may take. Raises JournalUnavailable."""
        best: Offset | None = None
        with told_plainly(), self._engine.begin() as connection:
            connection.execute(_ASK)
            for _ in range(SAMPLES):
                before = self._clock()
                there = connection.execute(_ASK).scalar_one()
                after = self._clock()
                unsure = (after - before).total_seconds() / 2
                found = Offset((before - there).total_seconds() + unsure, unsure)
                best = found if best is None or found.unsure_s < best.unsure_s else best
        assert best is not None
        return best

    def close(self) -> None:
        """Let the connection go."""
        self._engine.dispose()
