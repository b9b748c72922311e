"""SIA DC-09 on the wire: `LF crc length "id" … CR`, cut out of a stream, and written.

The check is CRC-16/ARC over the body, from the quote behind the length to the byte before CR; the length counts
the same bytes. Some senders write the CRC as two raw bytes (LUPUS), in lower case, or with a false length, and the
Chinese HENG-BO modules carry data of any bytes, CR and LF among them, behind a length of their own.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from struct import iter_unpack
from typing import NamedTuple

LF, CR = 0x0A, 0x0D
# The length field `0LLL` counts a body of 4 095 bytes at most; LF, CRC, length and CR stand around it.
CAP = 4095 + 10
# A sender that writes no CRC puts this in its place (seen of fire panels; read on a lenient line only).
NO_CRC = b"0101"

_HEX_HEAD = re.compile(rb"\n([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})\"")
_RAW_HEAD = re.compile(rb"\n(..)([0-9A-Fa-f]{4})\"", re.DOTALL)
_HEX_GROWING = re.compile(rb"\n[0-9A-Fa-f]{0,8}")
_RAW_GROWING = re.compile(rb"\n.{0,2}|\n..[0-9A-Fa-f]{0,4}", re.DOTALL)
_LONGEST_HEAD = 10
_END = re.compile(rb"[\r\n]")
# HENG-BO: extended data of any bytes, `][`, then their number as two bytes, high one first.
_BINARY = re.compile(rb"\]\[([\x00-\x0f])", re.DOTALL)
_IDLE = b"\x00\r\n "


def _table() -> array[int]:
    """Return the CRC of every two bytes, by their value with the first byte low: half the steps of a byte's table."""
    byte = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        byte.append(value)
    return array("H", (byte[byte[low] & 0xFF ^ high] ^ byte[low] >> 8 for high in range(256) for low in range(256)))


_CRC_TABLE = _table()


def crc16(data: bytes) -> int:
    """Return CRC-16/ARC: polynomial 8005 reflected, start 0; that of "123456789" is BB3D (DC-07)."""
    # A zero in front changes nothing while the CRC is zero.
    value, table = 0, _CRC_TABLE
    for pair in iter_unpack("<H", data if len(data) % 2 == 0 else b"\0" + data):
        value = table[value ^ pair[0]]
    return value


def write_frame(body: bytes) -> bytes:
    """Return the frame around a body, with its CRC and length in upper-case hex."""
    return b"\n%04X%04X%b\r" % (crc16(body), len(body), body)


class Piece(NamedTuple):
    """One piece of the stream: a whole frame whose checks hold, or bytes that are none and `why`."""

    raw: bytes
    body: bytes = b""
    why: str = ""


class Cutter:
    """Cuts a stream into frames. `lenient` lets the CRC alone decide, or no CRC where a sender writes none."""

    def __init__(self, *, lenient: bool = False) -> None:
        self._lenient = lenient
        self._buffer = b""

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer)

    def take(self) -> bytes:
        """Give up and return what is held back."""
        held, self._buffer = self._buffer, b""
        return b"" if not held.strip(_IDLE) else held

    def feed(self, data: bytes) -> list[Piece]:
        """Take bytes as they come; idle bytes between frames (blanks, empty lines) are no piece."""
        stream = self._buffer + data
        pieces: list[Piece] = []
        start = 0
        for end, piece in self._pieces(stream):
            start = end
            if piece is not None:
                pieces.append(piece)
        self._buffer = stream[start:]
        return pieces

    def _pieces(self, stream: bytes) -> Iterator[tuple[int, Piece | None]]:
        start = 0
        while start < len(stream):
            head = _head(stream, start)
            if head is None:
                return
            end, why = _frame_end(stream, start, *head) if head else _noise_end(stream, start)
            if end == 0:
                return
            raw = stream[start:end]
            if head and not why:
                yield end, self._judge(raw, *head)
            else:
                yield end, Piece(raw, why=why or "no DC-09 frame") if raw.strip(_IDLE) else None
            start = end

    def _judge(self, raw: bytes, crc: bytes, length: int, quote: int) -> Piece:
        body = raw[quote:-1]
        found = crc16(body)
        declared = int.from_bytes(crc, "big") if len(crc) == 2 else int(crc, 16)
        if found != declared and not (self._lenient and crc == NO_CRC):
            return Piece(raw, why=f"the CRC is {declared:04X}, the bytes ask for {found:04X}")
        if length != len(body) and not self._lenient:
            return Piece(raw, why=f"the length is given as {length}, it is {len(body)}")
        return Piece(raw, body)


def _head(stream: bytes, start: int) -> tuple[()] | tuple[bytes, int, int] | None:
    """Return CRC and length of the frame that begins here and how far in the quote of its body stands.

    () if none does, None if more bytes must tell. The first quote in the frame need not be the body's: a raw CRC
    may hold that byte.
    """
    part = stream[start : start + _LONGEST_HEAD]
    for form in (_HEX_HEAD, _RAW_HEAD):
        found = form.match(part)
        if found:
            return found[1], int(found[2], 16), found.end() - 1
    growing = _HEX_GROWING.fullmatch(part) or _RAW_GROWING.fullmatch(part)
    return None if growing else ()


def _noise_end(stream: bytes, start: int) -> tuple[int, str]:
    """Return where the noise ends that begins here; 0 for not yet.

    That is before the next LF, behind a CR, or after CAP bytes.
    """
    found = _END.search(stream, start + (stream[start] == LF), start + CAP)
    if found:
        return found.start() + (stream[found.start()] == CR), ""
    return (start + CAP if len(stream) - start >= CAP else 0), ""


def _frame_end(stream: bytes, start: int, _crc: bytes, length: int, quote: int) -> tuple[int, str]:
    """Return where the frame ends that begins here, and what is wrong with its end; 0 for not yet."""
    body = start + quote
    looked = body
    while True:
        found = _END.search(stream, looked, start + CAP)
        binary = _BINARY.search(stream, looked, found.start() if found else start + CAP)
        behind = _behind_binary(stream, binary.start(), body + length) if binary else 0
        if behind < 0:
            break
        if behind:
            looked = behind
            continue
        if found is None:
            break
        if stream[found.start()] == LF:
            return found.start(), "the frame broke off: another one begins"
        return found.end(), ""
    return (start + CAP, f"no end in {CAP} bytes") if len(stream) - start >= CAP else (0, "")


def _behind_binary(stream: bytes, at: int, limit: int) -> int:
    """Return where binary extended data end, 0 if these are none, -1 if more bytes must tell.

    They end within the length that the frame gives for itself, or a spoilt byte would swallow the frames behind it.
    """
    if at + 4 > limit:
        return 0
    if at + 4 > len(stream):
        return -1
    behind = at + 4 + int.from_bytes(stream[at + 2 : at + 4], "big")
    if behind >= limit:
        return 0
    if behind >= len(stream):
        return -1
    return behind if stream[behind] == ord("]") else 0
