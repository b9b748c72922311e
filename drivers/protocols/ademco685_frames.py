"""Records between LF and CR, as the Ademco 685 and the Congwin FE100 print them, cut out of a byte stream.

Neither carries a check: the layout decides. What stands outside of a record is noise, and a record within which the
next one begins has broken off.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.report import Report, garbage

# The longest record has 31 signs; a line message of the receiver some more.
CAP = 128
LF, CR = 0x0A, 0x0D
_IDLE = b"\x00 \r"

ReadRecord = Callable[[bytes], Report]


class RecordCodec:
    """Cuts records; `read` makes a report of one, LF and CR included."""

    def __init__(self, read: ReadRecord) -> None:
        self._read = read
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer.clear()

    def expire(self) -> list[Report]:
        return self._give_up("the record broke off before its CR")

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        for byte in data:
            if byte == LF:
                reports += self._give_up("the record broke off, the next one begins")
            elif not self._buffer and byte in _IDLE:
                continue
            self._buffer.append(byte)
            if byte == CR:
                reports.append(self._close())
            elif len(self._buffer) >= CAP:
                reports += self._give_up(f"no record in {CAP} bytes")
        return reports

    def _close(self) -> Report:
        raw = bytes(self._buffer)
        self._buffer.clear()
        return self._read(raw) if raw[0] == LF else garbage(raw, "noise outside of a record")

    def _give_up(self, why: str) -> list[Report]:
        raw = bytes(self._buffer)
        self._buffer.clear()
        return [garbage(raw, why)] if raw.strip(b"\x00 \r\n") else []
