"""What a modem says of its SIM and its network, and when that becomes a technical event.

Out of the network for two minutes is one (protocols.md section 8): till then it may be a lift or a tunnel. The
answer to each poll is a heartbeat with the field strength.
"""

from __future__ import annotations

from drivers.protocols.at_modem_lines import number_in
from drivers.report import Report

LOST_AFTER_S = 120.0
# TS 27.007 section 7.2: at home, roaming.
_REGISTERED = (1, 5)
# DC-05: 350 communication trouble. The console makes a technical event of the line of it.
EVENT = "350"


class Network:
    """Whether the modem is in its network, and how well it hears it."""

    NAMES = frozenset({"Call Ready", "SMS Ready", "SMS READY", "PB DONE", "+CPIN", "+CREG", "+CSQ"})
    """Words that are no noise, though they need no report."""

    def __init__(self) -> None:
        self._registered: bool | None = None
        self._away_since: float | None = None
        self._told_lost = False
        self._raw = b""
        self._dbm: int | None = None
        self._sim = ""

    def said(self, name: str, fields: list[str], raw: bytes, now: float | None) -> list[Report]:
        """Take a line about SIM, network or field strength; nothing for any other."""
        if name == "+CREG":
            return self._registration(fields, raw, now)
        if name == "+CSQ":
            return self._strength(fields, raw, spoken=now is not None)
        if name == "+CPIN" and fields and fields[0] != self._sim:
            self._sim = fields[0]
            return [self._link(raw)]
        return []

    def tick(self, now: float) -> list[Report]:
        """Return that the network has been away for two minutes, once."""
        if self._told_lost or self._away_since is None or now - self._away_since < LOST_AFTER_S:
            return []
        self._told_lost = True
        return [self._link(self._raw, event_code=EVENT, qualifier="new")]

    def _registration(self, fields: list[str], raw: bytes, now: float | None) -> list[Report]:
        """Take `+CREG: n,stat` (asked) or `+CREG: stat` (unasked), either with place and cell behind."""
        plain = len(fields) > 1 and len(fields[1]) == 1
        state = number_in(fields, 1 if plain else 0)
        if state is None:
            return []
        before, self._registered = self._registered, state in _REGISTERED
        self._raw = raw
        if now is None:
            return [self._link(raw)]
        if not self._registered:
            self._away_since = now if self._away_since is None else self._away_since
            return []
        self._away_since = None
        if self._told_lost:
            self._told_lost = False
            return [self._link(raw, event_code=EVENT, qualifier="restore")]
        return [self._link(raw)] if before is None else []

    def _strength(self, fields: list[str], raw: bytes, *, spoken: bool) -> list[Report]:
        """Take `+CSQ: rssi,ber`; 0 to 31 stand for -113 to -51 dBm, 99 for unknown (TS 27.007 section 8.5)."""
        rssi = number_in(fields, 0)
        self._dbm = 2 * rssi - 113 if rssi is not None and rssi <= 31 else None
        report = self._link(raw)
        return [Report(type="heartbeat", raw=raw, more=report.more) if spoken else report]

    def _link(self, raw: bytes, event_code: str | None = None, qualifier: str | None = None) -> Report:
        said = {"registered": self._registered, "signal_dbm": self._dbm, "sim": self._sim or None}
        more = {name: value for name, value in said.items() if value is not None}
        return Report(type="link", raw=raw, event_code=event_code, qualifier=qualifier, more=more)
