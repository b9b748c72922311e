"""SIA DC-03 text as a line of its own: what some receivers and bridges print, one text a line.

The text form has no check and no end of its own: CR, LF or DC4 end a text, and so does silence, for a sender without
any end would never be heard. An ended text is answered as the automation outputs are that carry it: 06, and 15 for
bytes that are no characters (they come again); one ended by silence is not, for its sender waits for nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from drivers.codec import Options, ProtocolRow
from drivers.panel import Heard, Press
from drivers.protocols.sia_dc03_text import in_parts, read_text, signals
from drivers.protocols.sia_dc09_panel import sia_event
from drivers.report import Report, garbage

ACK, NAK = b"\x06", b"\x15"
# As for Sur-Gard: what goes on longer without an end is no text.
CAP = 4096
_END = re.compile(rb"[\x14\r\n]")
_TEXT = re.compile(r"#[0-9A-Fa-f]{1,16}\|.+|\|.+|[NO].+", re.DOTALL)
_ACCOUNT_ONLY = re.compile(r"#[0-9A-Fa-f]{1,16}\|?")


class Dc03Codec:
    """Cuts a character stream into texts; each event in one is a signal."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer = b""

    def expire(self) -> list[Report]:
        """Silence ends a text: what is held back is read as it stands."""
        raw, self._buffer = self._buffer, b""
        return _read(raw, raw, b"") if raw.strip() else []

    def feed(self, data: bytes) -> list[Report]:
        stream = self._buffer + data
        reports: list[Report] = []
        start = 0
        while start < len(stream):
            end = _END.search(stream, start, start + CAP)
            if end is None and len(stream) - start < CAP:
                break
            stop = end.end() if end else start + CAP
            raw = stream[start:stop]
            if end is None:
                reports.append(garbage(raw, f"no end in {CAP} bytes"))
            elif raw[:-1].strip():
                reports += _read(raw[:-1], raw, ACK)
            start = stop
        self._buffer = stream[start:]
        return reports


def _read(line: bytes, raw: bytes, ack: bytes) -> list[Report]:
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return [garbage(raw, "a spoilt byte: this is no text", ack and NAK)]
    if _ACCOUNT_ONLY.fullmatch(text):
        return [Report(type="message", raw=raw, ack=ack, account=text.strip("#|"))]
    said = read_text(text)
    known = bool(_TEXT.fullmatch(text)) and (said.understood or text.startswith("#"))
    if not known:
        return [garbage(raw, "no DC-03 text", ack)]
    report = partial(Report, raw=raw, ack=ack)
    if not said.events:
        return [report(type="message", account=said.account, extended={"text": " ".join(said.texts) or text})]
    rows = zip(signals(report, said.account, said.events), said.events, strict=True)
    whole = [replace(row, more={"block": event.block, "modifiers": dict(event.modifiers)}) for row, event in rows]
    return in_parts(whole)


class Dc03Panel:
    """A sender of one text a line."""

    def __init__(self, account: str) -> None:
        self.heartbeat_s = 0.0
        self._account = account

    def greeting(self) -> list[bytes]:
        return []

    def signal(self, press: Press) -> bytes:
        return f"#{self._account}|N{sia_event(press)}\r".encode("ascii")

    def heartbeat(self) -> bytes:
        return b""

    def hear(self, data: bytes) -> Heard:
        return Heard(data.count(ACK), refused=NAK in data)


def _make_panel(account: str, _options: Options) -> Dc03Panel:
    if not re.fullmatch(r"[0-9A-Fa-f]{1,16}", account):
        raise ValueError(f"an account has up to 16 hex digits, not {account!r}")
    return Dc03Panel(account)


PROTOCOL = ProtocolRow(codec=lambda _: Dc03Codec(), panel=_make_panel, silence_ends=True)
