"""The telephone that rings at a modem: one report a call, not one a ring, and one when it has ended.

The number comes with `+CLIP`, mostly behind the first ring, sometimes behind the second; a caller who withholds it
has none. The end of a call nobody answers is often not told: then the rings stay out.
"""

from __future__ import annotations

from drivers.report import Report

# A ring each 5 s (YD/T, 1 s on and 4 s off; elsewhere 6 s): two missing ones and the call is over.
RINGS_STAY_OUT_S = 13.0
# The third ring without a number: it does not come any more.
RINGS_WITHOUT_NUMBER = 3


class Ringing:
    """The call at the modem now, if there is one."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._rings = 0
        self._last = 0.0
        self._raw = b""
        self._number: str | None = None

    @property
    def going_on(self) -> bool:
        return self._rings > 0

    def rang(self, raw: bytes, now: float) -> list[Report]:
        """Take one ring; the call's report where no number will come."""
        self._rings += 1
        self._last = now
        if self._number is not None:
            return []
        self._raw += raw
        return self._named("") if self._rings >= RINGS_WITHOUT_NUMBER else []

    def named(self, raw: bytes, number: str, now: float) -> list[Report]:
        """Take the caller's number, '' if he withholds it; the call's report the first time."""
        self._rings, self._last = max(self._rings, 1), now
        if self._number is not None:
            return []
        self._raw += raw
        return self._named(number)

    def ended(self, raw: bytes) -> list[Report]:
        """Take the end of the call; nothing if there is none."""
        number, known = self._number, self.going_on
        rings = self._rings
        # A ring or two without a number and silence behind it: somebody called all the same.
        first = self._named("") if known and number is None else []
        self._begin()
        over = Report(type="call", raw=raw, more={"number": number or "", "ended": True, "rings": rings})
        return [*first, over] if known else []

    def tick(self, now: float) -> list[Report]:
        """Return the end of a call whose rings stay out."""
        return self.ended(b"") if self.going_on and now - self._last > RINGS_STAY_OUT_S else []

    def _named(self, number: str) -> list[Report]:
        self._number = number
        return [Report(type="call", raw=self._raw, more={"number": number})]
