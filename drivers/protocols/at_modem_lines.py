"""What a modem writes, cut into lines: results, answers, what it says unasked, and the prompt for a text.

A line ends with CR or LF; the prompt `> ` has no end and is known by its first two signs (3GPP TS 27.005 section
3.5.1). The fields of a line stand behind its colon, parted by commas, words in quotation marks (V.250).
"""

from __future__ import annotations

import csv
import re

# The longest line is a PDU of 176 bytes in hex; a modem's own words are short.
CAP = 1024
PROMPT = b"> "
_PRINTABLE = re.compile(rb"[\x20-\x7e]*")


class Lines:
    """Cuts a stream; what is too long for a line is handed out as it is."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def take(self) -> bytes:
        """Return the unfinished line and forget it."""
        rest, self._buffer = self._buffer, b""
        return rest

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are complete, each with the sign that ended it; empty ones are left out."""
        found: list[bytes] = []
        for byte in data:
            if not (self._buffer or byte not in b"\r\n\x00 "):
                continue
            self._buffer += bytes((byte,))
            if byte in b"\r\n" or self._buffer == PROMPT or len(self._buffer) >= CAP:
                found.append(self.take())
        return found


def is_words(line: bytes) -> bool:
    """Whether a line is readable: what is not is noise."""
    return _PRINTABLE.fullmatch(line) is not None


def parted(line: str) -> tuple[str, list[str]]:
    """Return a line's name (what stands before its colon) and its fields without quotation marks."""
    name, _, rest = line.partition(":")
    return name.strip(), [word.strip() for words in csv.reader([rest.strip()]) for word in words]


def number_in(fields: list[str], place: int) -> int | None:
    """Return a field as a number, None where there is none."""
    return int(fields[place]) if place < len(fields) and re.fullmatch(r"[0-9]{1,9}", fields[place]) else None
