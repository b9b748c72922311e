"""The lines of the telephone exchange's link (cti.py): how one is written, read and checked."""

from __future__ import annotations

import re
from binascii import crc_hqx
from collections.abc import Mapping
from dataclasses import dataclass

END = b"\r\n"
LONGEST = 1024
"""Bytes of a line with its end; what runs on is cut into garbage of this size."""

_LINE = re.compile(rb"@([0-9]{4}) ([a-z]{1,16})((?: [a-z]{1,16}=[^ *]*)*)\*([0-9A-F]{4})\r?\n")
_ACK = re.compile(rb"!([0-9]{4})\*([0-9A-F]{4})\r?\n")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_SPECIAL = re.compile(r"[\x00-\x20%*\x7f]")


@dataclass(frozen=True, slots=True)
class Said:
    """One line: its number, its word ('' for an acknowledgement) and its fields."""

    sequence: str
    word: str
    fields: Mapping[str, str]


class BadLine(ValueError):  # noqa: N818 -- the text says what is wrong with the line
    """Bytes that are no line of the protocol; the text is one sentence."""


def check(body: bytes) -> bytes:
    """Return the check of what stands between the first letter and the `*`: CRC-16/XMODEM, four capital hex digits."""
    return b"%04X" % crc_hqx(body, 0)


def line(sequence: int, word: str, **fields: str) -> bytes:
    """Return a line; empty fields are left out."""
    told = "".join(f" {name}={_escape(value)}" for name, value in fields.items() if value)
    body = f"{sequence:04d} {word}{told}".encode()
    return b"@" + body + b"*" + check(body) + END


def acknowledgement(sequence: str) -> bytes:
    """Return the answer to the line of this number."""
    body = sequence.encode()
    return b"!" + body + b"*" + check(body) + END


def read(raw: bytes) -> Said:
    """Return what a whole line says; BadLine otherwise."""
    found = _ACK.fullmatch(raw)
    if found is not None:
        return Said(_checked(raw, found[2]), "", {})
    found = _LINE.fullmatch(raw)
    if found is None:
        raise BadLine("no line of a telephone exchange")
    _checked(raw, found[4])
    try:
        pairs = [part.partition("=") for part in found[3].decode().split(" ")[1:]]
        fields = {name: _unescape(value) for name, _, value in pairs}
    except UnicodeDecodeError:
        raise BadLine("the line is not UTF-8") from None
    return Said(found[1].decode(), found[2].decode(), fields)


def _checked(raw: bytes, said: bytes) -> str:
    """Return the line's number if its check is right."""
    if check(raw[1 : raw.rindex(b"*")]) != said:
        raise BadLine("the check of the line is wrong")
    return raw[1:5].decode()


def _escape(value: str) -> str:
    return _SPECIAL.sub(lambda found: f"%{ord(found.group()):02X}", value)


def _unescape(value: str) -> str:
    """An escape stands for one of the letters that cannot be written as they are, all of them below 128."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
