"""Contacts: buttons on bare inputs, that say nothing but whether they are closed. Here a level becomes an edge.

Such equipment cannot repeat what was not heard, so what is remembered here outlives the port: a button that was
pressed while the wire was down and is still held is told when it is back, once.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.events import event
from drivers.report import Report

PRESS = "120"
"""Contact ID for a panic button."""
NORMAL, PRESSED = "normal", "pressed"


def told(raw: bytes, account: str, zone: int, code: str, qualifier: str, state: str = "") -> Report:
    """Return the signal of one input, counted from 1, as a Contact ID event of this account ("" for none)."""
    meaning = event(code)
    return Report(
        type="signal",
        raw=raw,
        account=account or None,
        zone=f"{zone:03}",
        zone_is_user=False,
        event_code=code,
        qualifier=qualifier,
        test=meaning.test,
        silent=meaning.silent,
        panic=meaning.panic,
        more={"state": state} if state else None,
    )


class Contacts:
    """The inputs of one box. A state counts once it was seen `settle` times in a row.

    `tamper` gives each state of a supervised wire that is neither normal nor pressed its event. What an input is
    found in when it is first seen is told as a status, not as new: nobody knows since when, and a desk that was
    started again must not count one press twice.
    """

    def __init__(self, account: str, settle: int = 1, tamper: Mapping[str, str] | None = None) -> None:
        self._account = account
        self._settle = settle
        self._tamper = tamper or {}
        self._seen: dict[int, tuple[str, int]] = {}
        self._held: dict[int, bool] = {}
        self._tampered: dict[int, str] = {}

    def see(self, zone: int, state: str, raw: bytes) -> list[Report]:
        """Take what an input was read as; return the signals of what has changed by it."""
        before, times = self._seen.get(zone, ("", 0))
        times = times + 1 if state == before else 1
        # No need to count on.
        self._seen[zone] = state, min(times, self._settle + 1)
        return self._settled(zone, state, raw) if times == self._settle else []

    def _settled(self, zone: int, state: str, raw: bytes) -> list[Report]:
        begun = "new" if zone in self._held else "status"
        was_held, was_tampered = self._held.get(zone, False), self._tampered.get(zone, "")
        # A cut wire does not tell whether the button is still held.
        held = was_held if state in self._tamper else state == PRESSED
        tampered = self._tamper.get(state, "")
        self._held[zone], self._tampered[zone] = held, tampered
        changes = (
            (was_tampered, "restore", bool(was_tampered) and tampered != was_tampered),
            (PRESS, "restore", was_held and not held),
            (PRESS, begun, held and not was_held),
            (tampered, begun, bool(tampered) and tampered != was_tampered),
        )
        return [told(raw, self._account, zone, code, became, state) for code, became, so in changes if so]
