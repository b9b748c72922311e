"""SIA DC-03 in binary blocks, as a Honeywell Galaxy speaks it on its RS-232 module: header, function, data, parity.

Header: bits 0-5 the number of data bytes, bit 6 asks for an answer, bit 7 enables the reverse channel. All bytes of a
block XOR to FF. A session is an account block, event blocks, perhaps texts, and an end; each block that asks is
answered, ACK `00 38 C7` or, for a wrong parity, reject `00 39 C6`; the panel forgets an event only then (it tries four
times, each 2.5 s). Old modules write the functions 6 to 9 as the bytes 06 to 09, and are answered in kind.

The parity finds every spoilt byte but one: a spoilt header changes how many bytes it is taken over, and one time in 256
it fits by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from drivers.codec import Options, ProtocolRow
from drivers.protocols.galaxy_panel import ANSWER_BIT, LENGTH_BITS, make_panel, write_block
from drivers.protocols.sia_dc03_text import Dc03Event, in_parts, read_events, signals
from drivers.report import Report, garbage

_REVERSE_BIT = 0x80
_FUNCTIONS = {
    "#": "account id",
    "N": "new event",
    "O": "old event",
    "E": "environmental",
    "A": "text",
    "@": "configuration",
    "?": "remote login",
    "C": "control",
    "P": "program",
    "&": "origin",
    "X": "extended",
    "L": "listen-in",
    "V": "video",
    "v": "video",
    "I": "video",
    "0": "end of data",
    "1": "wait",
    "2": "abort",
    "6": "ACK and standby",
    "7": "ACK and disconnect",
    "8": "ACK",
    "9": "reject",
}
_ANSWERS = "6789"
# Old modules: the functions 6, 7, 8 and 9 as these bytes.
_OLD = {byte: str(byte) for byte in (6, 7, 8, 9)}
# Noise in front of a block is given up in pieces of this size.
_NOISE = 64
_SHORTEST = 3


class GalaxyCodec:
    """Reads blocks byte by byte and keeps the account of the session."""

    def __init__(self) -> None:
        self._noise = bytearray()
        self._buffer = bytearray()
        self._account: str | None = None
        self._old_module = False

    @property
    def pending(self) -> int:
        return len(self._noise) + len(self._buffer)

    def reset(self) -> None:
        self._noise.clear()
        self._buffer.clear()
        self._account = None

    def expire(self) -> list[Report]:
        raw = bytes(self._noise + self._buffer)
        self._noise.clear()
        self._buffer.clear()
        return [garbage(raw, "the block broke off")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        for byte in data:
            self._buffer.append(byte)
            self._look(reports)
        return reports

    def _look(self, reports: list[Report]) -> None:
        """Take a whole block off the buffer. An account block opens a session, wherever noise says it should end."""
        begins = _account_block(self._buffer)
        if begins > 0:
            self._noise += self._buffer[:begins]
            del self._buffer[:begins]
        while len(self._buffer) >= 2 and _function(self._buffer[1]) not in _FUNCTIONS:
            self._noise.append(self._buffer.pop(0))
        if len(self._noise) >= _NOISE:
            self._give_up_noise(reports)
        if len(self._buffer) < _SHORTEST or len(self._buffer) < (self._buffer[0] & LENGTH_BITS) + _SHORTEST:
            return
        self._give_up_noise(reports)
        raw = bytes(self._buffer)
        self._buffer.clear()
        if _parity(raw):
            reports.append(garbage(raw, "the parity is wrong", self._answer("9")))
        else:
            reports += self._read(raw)

    def _give_up_noise(self, reports: list[Report]) -> None:
        if self._noise:
            reports.append(garbage(bytes(self._noise), "noise before a block"))
            self._noise.clear()

    def _read(self, raw: bytes) -> list[Report]:
        header, kind, data = raw[0], _function(raw[1]), raw[2:-1]
        self._old_module = self._old_module or raw[1] in _OLD
        asked = bool(header & ANSWER_BIT) and kind not in _ANSWERS
        text = data.decode("latin-1")
        more = {
            "block": _FUNCTIONS[kind] + (" (old RS-232 modules)" if raw[1] in _OLD else ""),
            "function": f"0x{raw[1]:02X}" if raw[1] in _OLD else kind,
            "text": text,
            "parity": f"{raw[-1]:02X}",
            "ack_request": bool(header & ANSWER_BIT),
            "reverse_channel": bool(header & _REVERSE_BIT),
        }
        if kind == "#":
            self._account = text or None
        ack = self._answer("8") if asked else b""
        report = partial(Report, raw=raw, ack=ack, more=more)
        account = self._account
        if kind in "02":
            self._account = None
        if kind not in "NOE":
            return [report(type="message", account=account, extended={"text": text} if text and kind != "#" else None)]
        return _events(report, kind, text, account)

    def _answer(self, kind: str) -> bytes:
        return write_block(chr(int(kind)) if self._old_module else kind)


def _function(byte: int) -> str:
    return _OLD.get(byte, chr(byte))


def _parity(block: bytes | bytearray) -> int:
    """Return 0 if the bytes of a block XOR to FF."""
    value = 0xFF
    for byte in block:
        value ^= byte
    return value


def _account_block(buffer: bytearray) -> int:
    """Return where a whole account block begins that ends with the buffer, 0 if none does or it is all there is."""
    begins = buffer.rfind(b"#") - 1
    if begins <= 0:
        return 0
    block = buffer[begins:]
    whole = len(block) == (block[0] & LENGTH_BITS) + _SHORTEST and len(block) > _SHORTEST
    return begins if whole and block[2:-1].isdigit() and not _parity(block) else 0


def _events(report: Callable[..., Report], kind: str, text: str, account: str | None) -> list[Report]:
    """Return the signals of an event block; one that holds none is still a signal, without a code."""
    nothing = Dc03Event(code="", text=text, modifiers={}, block=kind)
    return in_parts(signals(report, account, tuple(read_events(text, kind)) or (nothing,)))


def _codec(_options: Options) -> GalaxyCodec:
    return GalaxyCodec()


PROTOCOL = ProtocolRow(codec=_codec, panel=make_panel)
