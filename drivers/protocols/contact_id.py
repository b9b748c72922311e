"""Contact ID (SIA DC-05): the 16-character block `AAAA MT Q XYZ GG CCC S` as ASCII.

Blocks stand back to back or one a line. The checksum decides: a block that fails it is garbage. Two forms
of capture equipment are read as well: a log that prints `_` for the checksum it has already verified, and
the serial module line `AL…##`, which carries no checksum and wants the text OK as its answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from drivers.codec import Options, ProtocolRow
from drivers.events import event
from drivers.panel import Heard, Press
from drivers.report import Report, garbage

BLOCK = 16
# DC-05: the digit 0 counts ten; B..F are the DTMF keys 11..15; the digit A does not exist.
DIGIT_VALUE = {"0": 10} | {str(n): n for n in range(1, 10)} | dict(zip("BCDEF", range(11, 16), strict=True))
QUALIFIERS = {"1": "new", "3": "restore", "6": "status", "E": "new", "R": "restore", "P": "status"}

_SEPARATORS = b"\r\n"
# What a block or a module line may look like while it comes in.
_GROWING = re.compile(rb"[0-9B-F]{0,15}|[0-9B-F]{15}[0-9B-F_]|AL?|AL[0-9B-F]{1,17}#{0,2}")
_MODULE_LINE = re.compile(rb"AL(?:00)?([0-9B-F]{4})([0-9]{2})([0-9B-F])([0-9B-F]{3})([0-9B-F]{2})([0-9B-F]{3})##")


def checksum(digits: str) -> str:
    """Return the digit that makes the sum of all sixteen values a multiple of 15 (DC-05).

    A sum that is one already gets F, the value 15.
    """
    value = 15 - sum(DIGIT_VALUE[digit] for digit in digits) % 15
    return "0" if value == 10 else "0123456789_BCDEF"[value]


def block(account: str, event_code: str, qualifier: str, partition: str, third: str, kind: str = "18") -> bytes:
    """Return the block a panel would send; `qualifier` is its digit, `third` the zone or user."""
    digits = f"{account}{kind}{qualifier}{event_code}{partition}{third}"
    return (digits + checksum(digits)).encode("ascii")


def signal(
    report: Callable[..., Report], account: str | None, qualifier: str, code: str, partition: str, third: str
) -> Report:
    """Return the report of one Contact ID event, with what the console will make of its code.

    `report` builds a Report that already knows its bytes. An odd qualifier is passed on raw.
    """
    meaning = event(code)
    return report(
        type="signal",
        account=account,
        partition=partition,
        zone=third,
        zone_is_user=meaning.third_field == "user",
        event_code=code,
        qualifier=QUALIFIERS.get(qualifier, qualifier),
        test=meaning.test,
        silent=meaning.silent,
        panic=meaning.panic,
    )


class ContactIdCodec:
    """Cuts a character stream into blocks; sixteen characters or a line end close one.

    A foreign character refuses its block at once, but the block keeps its sixteen places, so that the next
    one standing right behind it is read.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._refused = 0

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer.clear()
        self._refused = 0

    def expire(self) -> list[Report]:
        raw = bytes(self._buffer)
        self.reset()
        return [garbage(raw, "the block broke off")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        for byte in data:
            if byte in _SEPARATORS or (byte == 0x20 and not self._buffer):
                self._close(reports)
            else:
                self._buffer.append(byte)
                self._look(reports)
        return reports

    def _look(self, reports: list[Report]) -> None:
        growing = self._refused or _GROWING.fullmatch(self._buffer)
        if not growing:
            places = len(self._buffer)
            self._close(reports)
            self._refused = places % BLOCK
        elif self._complete():
            self._close(reports)

    def _complete(self) -> bool:
        if self._buffer.startswith(b"AL") and not self._refused:
            return self._buffer.endswith(b"##")
        return len(self._buffer) >= BLOCK - self._refused

    def _close(self, reports: list[Report]) -> None:
        raw = bytes(self._buffer)
        if raw and self._refused:
            reports.append(garbage(raw, "the rest of a refused block"))
        elif raw:
            reports.append(_read(raw))
        self.reset()


def _read(raw: bytes) -> Report:
    module = _MODULE_LINE.fullmatch(raw)
    if module:
        account, _, qualifier, code, partition, third = (part.decode("ascii") for part in module.groups())
        return signal(partial(Report, raw=raw, ack=b"OK"), account, qualifier, code, partition, third)
    text = raw.decode("latin-1")
    fault = _fault(text)
    if fault:
        return garbage(raw, fault)
    fields = text[0:4], text[6], text[7:10], text[10:12], text[12:15]
    return signal(partial(Report, raw=raw), *fields)


def _fault(text: str) -> str:
    digits, check = text[:15], text[15:]
    odd = [char for char in digits if char not in DIGIT_VALUE]
    if odd:
        return f"{odd[0]!a} is not a Contact ID digit (0-9, B-F)"
    if not check:
        return f"a block has 16 digits, this one {len(text)}"
    if check != "_" and check != checksum(digits):
        return f"checksum {check!a} is wrong, the digits ask for {checksum(digits)}"
    return ""


class ContactIdPanel:
    """A capture device that hands on what it hears: a block a line; nobody answers it."""

    heartbeat_s = 0.0
    unanswered = True

    def __init__(self, account: str) -> None:
        self._account = account

    def greeting(self) -> list[bytes]:
        return []

    def signal(self, press: Press) -> bytes:
        qualifier = {"new": "1", "restore": "3", "status": "6"}[press.qualifier]
        return block(self._account, press.event, qualifier, press.partition, press.zone.zfill(3)) + b"\r\n"

    def heartbeat(self) -> bytes:
        return b""

    def hear(self, _data: bytes) -> Heard:
        return Heard()


def make_panel(account: str, _options: Options) -> ContactIdPanel:
    """Return the far end of a Contact ID line."""
    if not re.fullmatch(r"[0-9B-F]{4}", account):
        raise ValueError(f"an account has four Contact ID digits (0-9, B-F), not {account!r}")
    return ContactIdPanel(account)


PROTOCOL = ProtocolRow(panel=make_panel, codec=lambda _: ContactIdCodec())
