"""Button boards that speak in lines (Arduino, Pico, ESP32 as a USB serial port): `BTN1 DOWN`, `BTN1 UP`, `OK`.

A line may end with `*HH`, the XOR of all characters before it as two hex digits; one whose checksum is wrong is
garbage. `OK` is the heartbeat. Opening the port resets most of these boards, which then print what they like: lines
of another kind are gathered into one piece of garbage, so that a boot message is not a row for each of its lines.
"""

from __future__ import annotations

import re
from functools import reduce

from drivers.codec import Options, ProtocolRow
from drivers.panel import Heard, Press
from drivers.protocols.contacts import PRESS, told
from drivers.report import Report, garbage

CAP = 1024
"""What is gathered at most before it is told; a line longer than this is none of ours."""
HEARTBEAT_S = 30.0

_LINE = re.compile(rb"(?:BTN([0-9]{1,3}) (DOWN|UP)|OK)(?:\*([0-9A-Fa-f]{2}))?")
_OURS = re.compile(rb"BTN|OK")
_AT_END = re.compile(rb"BTN[0-9]{1,3} (?:DOWN|UP)(?:\*[0-9A-Fa-f]{2})?$")
"""A press behind noise or the rest of a boot message must not be lost."""
_QUALIFIER = {b"DOWN": "new", b"UP": "restore"}


def checksum(text: bytes) -> bytes:
    """Return the XOR of the characters as two hex digits."""
    return f"{reduce(lambda one, other: one ^ other, text, 0):02X}".encode("ascii")


class LineButtonCodec:
    """Cuts the stream at CR or LF. `account` is what the board reports as."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._buffer = b""
        self._foreign = b""

    @property
    def pending(self) -> int:
        return len(self._foreign) + len(self._buffer)

    def reset(self) -> None:
        self._buffer = self._foreign = b""

    def expire(self) -> list[Report]:
        reports: list[Report] = []
        self._tell_foreign(reports, self._buffer)
        self._buffer = b""
        return reports

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        *lines, self._buffer = re.split(rb"(?<=[\r\n])", self._buffer + data)
        for line in lines:
            self._take(line, reports)
        while len(self._buffer) >= CAP:
            self._tell_foreign(reports, self._buffer[:CAP])
            self._buffer = self._buffer[CAP:]
        return reports

    def _take(self, raw: bytes, reports: list[Report]) -> None:
        while len(raw) > CAP:
            self._tell_foreign(reports, raw[:CAP])
            raw = raw[CAP:]
        line = raw.strip()
        if not line:
            # The second half of CR LF; between foreign lines it belongs to them.
            self._foreign += raw if self._foreign else b""
        elif _OURS.match(line):
            self._tell_foreign(reports)
            reports.append(self._read(line, raw))
        elif (found := _AT_END.search(line)) is not None:
            start = raw.index(found[0], raw.index(line) + found.start())
            self._tell_foreign(reports, raw[:start])
            reports.append(self._read(found[0], raw[start:]))
        else:
            if len(self._foreign) + len(raw) > CAP:
                self._tell_foreign(reports)
            self._foreign += raw

    def _tell_foreign(self, reports: list[Report], more: bytes = b"") -> None:
        raw, self._foreign = self._foreign + more, b""
        if raw.strip():
            reports.append(garbage(raw, "no words of a button board (it may have started anew)"))

    def _read(self, line: bytes, raw: bytes) -> Report:
        found = _LINE.fullmatch(line)
        if found is None:
            return garbage(raw, "neither BTNn DOWN nor BTNn UP nor OK")
        number, became, check = found.groups()
        if check is not None and check.upper() != checksum(line[:-3]):
            return garbage(raw, f"the checksum is wrong, the characters ask for {checksum(line[:-3]).decode()}")
        if number is None:
            return Report(type="heartbeat", raw=raw, account=self._account or None)
        return told(raw, self._account, int(number), PRESS, _QUALIFIER[became])


class LineButtonPanel:
    """The board. It has no ears: what it said once is said."""

    unanswered = True

    def __init__(self) -> None:
        self.heartbeat_s = HEARTBEAT_S

    def greeting(self) -> list[bytes]:
        return [self.heartbeat()]

    def signal(self, press: Press) -> bytes:
        if press.event != PRESS or press.qualifier == "status":
            raise ValueError(f"a button board can tell 120 and its restore, not {press.qualifier} {press.event}")
        return _line(f"BTN{int(press.zone)} {'UP' if press.qualifier == 'restore' else 'DOWN'}".encode("ascii"))

    def heartbeat(self) -> bytes:
        return _line(b"OK")

    def hear(self, _data: bytes) -> Heard:
        return Heard()


def _line(text: bytes) -> bytes:
    return text + b"*" + checksum(text) + b"\r\n"


def make_panel(_account: str, _options: Options) -> LineButtonPanel:
    """Return a board; its account is the line's own affair."""
    return LineButtonPanel()


PROTOCOL = ProtocolRow(
    codec=lambda options: LineButtonCodec(options.get("account", "")),
    panel=make_panel,
    spooled=True,
    usual=("115200,8N1", "9600,8N1"),
)
