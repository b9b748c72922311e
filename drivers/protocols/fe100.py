"""Congwin FE100 (丛文) line of Chinese alarm centres: `LF 00 AAAAAAAA 18 QXYZ GG CCCC  CR`, 31 bytes, never answered.

Accounts have eight digits. Panels of this family use two codes of their own: 3B2 for a panel that went offline, 3B0
for one that is online again (captainwong/ademco_hb).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from drivers.codec import Options, ProtocolRow
from drivers.panel import Heard, Press
from drivers.protocols.ademco685_frames import RecordCodec
from drivers.protocols.contact_id import signal
from drivers.report import Report, garbage

_RECORD = re.compile(r" ([0-9]{2}) ([0-9A-F]{8}) 18 ([ER])([0-9][0-9A-F]{2}) ([0-9]{2}) ([CU])([0-9]{3}) ", re.ASCII)
_LETTERS = {"new": "E", "restore": "R", "status": "E"}


def read_record(raw: bytes) -> Report:
    """Return the report of one record, LF and CR included."""
    found = _RECORD.fullmatch(raw[1:-1].decode("latin-1"))
    if found is None:
        return garbage(raw, "a record of no known form")
    group, account, qualifier, code, partition, kind, third = found.groups()
    report = signal(partial(Report, raw=raw, receiver=group), account, qualifier, code, partition, third)
    return replace(report, zone_is_user=kind == "U")


class Fe100Panel:
    """The centre's software as a simulator plays it; nobody answers it."""

    heartbeat_s = 0.0
    unanswered = True

    def __init__(self, account: str) -> None:
        self._account = account

    def greeting(self) -> list[bytes]:
        return []

    def signal(self, press: Press) -> bytes:
        event = f"{_LETTERS[press.qualifier]}{press.event} {press.partition} C{press.zone.zfill(3)}"
        return f"\n 00 {self._account} 18 {event} \r".encode("ascii")

    def heartbeat(self) -> bytes:
        return b""

    def hear(self, _data: bytes) -> Heard:
        return Heard()


def make_panel(account: str, _options: Options) -> Fe100Panel:
    """Return the far end of an FE100 line; a shorter account is filled with zeros in front."""
    if not re.fullmatch(r"[0-9A-F]{1,8}", account):
        raise ValueError(f"an account has up to eight hex digits, not {account!r}")
    return Fe100Panel(account.zfill(8))


PROTOCOL = ProtocolRow(
    codec=lambda _: RecordCodec(read_record),
    panel=make_panel,
    starts=b"\n\r \x00",
)
