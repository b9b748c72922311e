"""Sur-Gard MLR2 / System III / System 5 automation output: strings closed by DC4, one ACK byte each.

The string forms stand in surgard_strings.py; here a byte stream is cut into strings, and what is neither a
string nor a frame becomes garbage with the answer a receiver needs:
06 for a terminated string, known or not, because a refused one comes again 3 to 26 times and holds back
later alarms; 15 for a parity error or an impossible length; nothing for noise that no sender waits for.
"""

from __future__ import annotations

import re
from dataclasses import replace

from drivers.codec import ProtocolRow
from drivers.protocols import is_lenient
from drivers.protocols.surgard_panel import ACK, NAK, make_panel
from drivers.protocols.surgard_strings import CONTACT_ID_AT_END, CONTACT_ID_INSIDE, WRONG_LENGTH, copies, read_string
from drivers.report import Report, garbage

# An unterminated stream longer than this is no string; the value field receivers use.
CAP = 4096
# Kept of an over-long stream: longer than any frame, so that one at its end is still found.
TAIL = 64

_TERMINATOR = re.compile(rb"[\x14\r\n]")
_TERMINATOR_LENIENT = re.compile(rb"[\x14\r\n\x94\x8d\x8a]")
_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
_IDLE = b"\x00 "


class SurGardCodec:
    """Cuts the stream at DC4, CR or LF. The eighth bit is masked where it is the parity bit of every byte.

    `lenient` masks it wherever it stands, and reads the spaceless variant.
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self._lenient = lenient
        self._terminator = _TERMINATOR_LENIENT if lenient else _TERMINATOR
        self._buffer = b""
        self._refused = b""

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer = b""

    def expire(self) -> list[Report]:
        raw = self._buffer
        self.reset()
        return [garbage(raw, "the string broke off before its terminator")] if raw.strip(_IDLE) else []

    def feed(self, data: bytes) -> list[Report]:
        searched = len(self._buffer)
        stream = self._buffer + data
        reports: list[Report] = []
        start = 0
        for end in self._terminator.finditer(stream, searched):
            start = _skip_overlong(stream, start, end.start(), reports)
            reports += self._read_line(stream[start : end.end()])
            start = end.end()
        start = _skip_overlong(stream, start, len(stream), reports)
        self._buffer = stream[start:]
        return reports

    def _read_line(self, raw: bytes) -> list[Report]:
        masked = self._lenient or _is_even_parity(raw)
        line = (raw.translate(_SEVEN_BITS) if masked else raw)[:-1]
        if not line.strip(_IDLE):
            return []
        blank = len(line) - len(line.lstrip(_IDLE))
        line, raw = line[blank:], raw[blank:]
        reports = self._read_frames(line, raw) or self._after_noise(line, raw)
        if reports:
            self._refused = b""
        return reports or [self._refuse(line, raw)]

    def _read_frames(self, line: bytes, raw: bytes) -> list[Report]:
        """Return the reports of a line that is one string, or exactly a row of glued frames."""
        single = read_string(line, raw, ACK, lenient=self._lenient)
        if single:
            return single
        reports: list[Report] = []
        seen: set[bytes] = set()
        for start, end in copies(line):
            piece = raw[start:] if end == len(line) else raw[start:end]
            (report,) = read_string(line[start:end], piece, ACK)
            reports.append(replace(report, glued=report.frame in seen))
            seen.add(report.frame)
        return reports

    def _after_noise(self, line: bytes, raw: bytes) -> list[Report]:
        """Return noise and the frame behind it: noise or half a frame must not cost the next alarm.

        Not so if the noise itself holds a frame (a text about frames is not ours to take apart), or if all
        of the line is one frame with parity errors (it will come again, whole).
        """
        found = CONTACT_ID_AT_END.search(line)
        if found is None or CONTACT_ID_INSIDE.search(line, 0, found.start()):
            return []
        if read_string(line.translate(_SEVEN_BITS), raw, NAK):
            return []
        start = found.start()
        reports = read_string(line[start:], raw[start:], ACK)
        return [garbage(raw[:start], "noise before a frame"), *reports] if reports else []

    def _refuse(self, line: bytes, raw: bytes) -> Report:
        """Return the garbage of a line without meaning, and ask for it again where that may help.

        A Contact ID string that lost or gained characters is refused once; if the same comes again, it is
        meant so, and refusing it for ever would hold back every later alarm.
        """
        if any(byte & 0x80 for byte in line):
            return garbage(raw, "parity error: the eighth bit is set (a 7E1 line read as 8N1?)", NAK)
        if WRONG_LENGTH.fullmatch(line) and line != self._refused:
            self._refused = line
            return garbage(raw, "a Contact ID string of impossible length", NAK)
        return garbage(raw, "a terminated string of no known form", ACK)


def _is_even_parity(raw: bytes) -> bool:
    """Whether the eighth bits are those of a 7E1 line read as 8N1: then they are a check, and it holds."""
    return not raw.isascii() and all(byte.bit_count() % 2 == 0 for byte in raw)


def _skip_overlong(stream: bytes, start: int, end: int, reports: list[Report]) -> int:
    """Report what is too long to be a string and return where the rest begins, TAIL bytes still in hand."""
    cut = CAP + 1 - TAIL
    while end - start > CAP:
        reports.append(garbage(stream[start : start + cut], f"no terminator in {CAP} bytes", NAK))
        start += cut
    return start


PROTOCOL = ProtocolRow(
    codec=lambda options: SurGardCodec(lenient=is_lenient(options)),
    panel=make_panel,
    usual=("9600,8N1", "1200,7E1", "19200,7E1", "1200,8N1"),
    starts=b"0123456789STC \r\n\x14",
)
