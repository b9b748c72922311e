"""A Sur-Gard receiver as a simulator plays it: its frames, and what it makes of ACK and NAK."""

from __future__ import annotations

import re

from drivers.codec import Options
from drivers.panel import Heard, Press

ACK = b"\x06"
NAK = b"\x15"
DC4 = b"\x14"
# Sur-Gard MLR2: a heartbeat each 30 s, reset by any traffic.
HEARTBEAT_S = 30.0
_QUALIFIERS = {"new": "E", "restore": "R", "status": "P"}


def signal_frame(
    account: str = "1234",
    event: str = "120",
    qualifier: str = "E",
    partition: str = "01",
    zone: str = "001",
    receiver: str = "01",
    line: str = "1",
) -> bytes:
    """Return `5 RR L s 18 AAAA Q XYZ GG CCC` with its DC4; `qualifier` is E, R or P."""
    return f"5{receiver}{line} 18{account}{qualifier}{event}{partition}{zone}".encode("ascii") + DC4


def heartbeat_frame(receiver: str = "01", line: str = "1") -> bytes:
    """Return `1 RR L`, eleven blanks, `@` and four blanks with the DC4."""
    return f"1{receiver}{line}{' ' * 11}@{' ' * 4}".encode("ascii") + DC4


class SurGardPanel:
    """The receiver; the panel behind it has this account."""

    def __init__(self, account: str = "1234") -> None:
        self.heartbeat_s = HEARTBEAT_S
        self._account = account

    def greeting(self) -> list[bytes]:
        return [heartbeat_frame()]

    def signal(self, press: Press) -> bytes:
        qualifier = _QUALIFIERS[press.qualifier]
        return signal_frame(self._account, press.event, qualifier, press.partition, press.zone.zfill(3))

    def heartbeat(self) -> bytes:
        return heartbeat_frame()

    def hear(self, data: bytes) -> Heard:
        return Heard(data.count(ACK), refused=NAK in data)


def make_panel(account: str, _options: Options) -> SurGardPanel:
    """Return the far end of a Sur-Gard line."""
    if not re.fullmatch(r"[0-9A-F]{4}", account):
        raise ValueError(f"an account has four hex digits, not {account!r}")
    return SurGardPanel(account)
