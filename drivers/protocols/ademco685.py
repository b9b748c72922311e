"""Ademco 685 receiver output: `LF RL AAAA 18 QXYZ GG UCCC CR`, each record answered by one byte.

Layout of the VisorALARM manual, heartbeat of the MX8000 manual. After two unanswered records the receiver takes the
computer for dead and sends heartbeats only; so a record of no known form is acknowledged too (a person sees it),
and only one with parity errors is asked for again.
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

ACK, NAK = b"\x06", b"\x15"
HEARTBEAT = b"\n00 OKAY @\r"
HEARTBEAT_S = 30.0
# The blank in front of the account stands in the manual and is missing in what was seen.
_RECORD = re.compile(
    r"([0-9])([0-9]) ?([0-9A-F]{4}) 18 ([ERP136])([0-9][0-9A-F]{2}) ([0-9]{2}) ([CU])([0-9]{3})", re.ASCII
)
_ALIVE = re.compile(r"[0-9]{2} OKAY @", re.ASCII)
# A word of the receiver about itself, `20 LINE 5155 5555 7`.
_OWN = re.compile(r"[0-9]{2} [A-Z]{2,}[ -~]*", re.ASCII)
_LETTERS = {"new": "E", "restore": "R", "status": "P"}


def read_record(raw: bytes) -> Report:
    """Return the report of one record, LF and CR included."""
    if any(byte & 0x80 for byte in raw):
        return garbage(raw, "parity error: the eighth bit is set", NAK)
    line = raw.decode("ascii").strip()
    found = _RECORD.fullmatch(line)
    if found:
        receiver, receiver_line, account, qualifier, code, group, kind, third = found.groups()
        known = partial(Report, raw=raw, ack=ACK, receiver=receiver, receiver_line=receiver_line)
        report = signal(known, account, qualifier, code, group, third)
        # The record itself says whether its last three digits are a zone or a user.
        return replace(report, zone_is_user=kind == "U")
    if _ALIVE.fullmatch(line):
        return Report(type="heartbeat", raw=raw, ack=ACK)
    if _OWN.fullmatch(line):
        return Report(type="message", raw=raw, ack=ACK, more={"text": line})
    return garbage(raw, "a record of no known form", ACK)


class Ademco685Panel:
    """The receiver as a simulator plays it; the panel behind it has this account."""

    heartbeat_s = HEARTBEAT_S

    def __init__(self, account: str) -> None:
        self._account = account

    def greeting(self) -> list[bytes]:
        return [HEARTBEAT]

    def signal(self, press: Press) -> bytes:
        event = f"{_LETTERS[press.qualifier]}{press.event} {press.partition} C{press.zone.zfill(3)}"
        return f"\n01 {self._account} 18 {event}\r".encode("ascii")

    def heartbeat(self) -> bytes:
        return HEARTBEAT

    def hear(self, data: bytes) -> Heard:
        return Heard(data.count(ACK), refused=NAK in data)


def make_panel(account: str, _options: Options) -> Ademco685Panel:
    """Return the far end of an Ademco 685 line."""
    if not re.fullmatch(r"[0-9A-F]{4}", account):
        raise ValueError(f"an account has four hex digits, not {account!r}")
    return Ademco685Panel(account)


PROTOCOL = ProtocolRow(
    codec=lambda _: RecordCodec(read_record),
    panel=make_panel,
    usual=("1200,8N1", "9600,8N1", "1200,7E1"),
    starts=b"\n\r \x00",
)
