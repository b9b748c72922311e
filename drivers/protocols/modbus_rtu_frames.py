"""Modbus RTU as a listener on the bus hears it: requests, responses and exceptions, told apart by length and CRC.

A frame carries neither start mark nor length, and the silence between frames is lost in a byte stream. Each
function code says how long its request and its response are; the length whose CRC fits is the frame. Right
behind a good frame the next one is awaited where it must begin; elsewhere the frame that is complete first
counts. Layouts: MODBUS Application Protocol V1.1b3, MODBUS over Serial Line V1.02.
"""

from __future__ import annotations

from drivers.protocols.modbus_rtu_words import Reader
from drivers.report import Report, garbage

CAP = 256
"""The longest frame of the standard."""

_FIXED = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 8, 15, 16), (8,)),
    7: (4, 5),
    11: (4, 8),
    12: (4,),
    17: (4,),
    22: (10,),
    23: (),
}
"""Function code -> the lengths of its frames that have but one."""
_COUNTED = {
    **dict.fromkeys((1, 2, 3, 4, 12, 17), ((2, 5),)),
    **dict.fromkeys((15, 16), ((6, 9),)),
    23: ((2, 5), (10, 13)),
}
"""Function code -> (place of the byte count, length of the frame without the counted bytes)."""
_WORDS = (3, 4, 23)


def _table() -> tuple[int, ...]:
    row = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        row.append(value)
    return tuple(row)


_CRC = _table()


def crc16(data: bytes) -> int:
    """Return the CRC-16/MODBUS of the bytes; 0 for a whole frame that ends with the right one."""
    crc = 0xFFFF
    table = _CRC
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def frame(body: bytes) -> bytes:
    """Return the bytes from the unit to the last datum with their CRC, low byte first."""
    return body + crc16(body).to_bytes(2, "little")


def _lengths(data: bytes, at: int, known: int) -> list[int]:
    """Return how long a frame can be that begins here, `known` bytes having come; 0 while its byte count has not."""
    function = data[at + 1]
    if function & 0x80:
        return [5] if function & 0x7F in _FIXED else []
    lengths = list(_FIXED.get(function, ()))
    for place, rest in _COUNTED.get(function, ()):
        if at + place >= known:
            lengths.append(0)
        elif 0 < (count := data[at + place]) <= CAP - rest and not (function in _WORDS and count % 2):
            lengths.append(rest + count)
    return lengths


def _whole(data: bytes) -> int:
    """Return where the frame ends that begins here; 0 if that takes more bytes, -1 if none begins here."""
    known = len(data)
    if known < 2:
        return 0
    lengths = _lengths(data, 0, known)
    for length in sorted(lengths):
        if 0 < length <= known and not crc16(data[:length]):
            return length
    return 0 if any(not length or length > known for length in lengths) else -1


class _Hunt:
    """The search for a frame out of step, byte by byte, so that any split of the stream ends the same.

    Places are counted from the first byte of the search. `ends`: where a frame would be complete, with where it began.
    `open`: each place at which one may still begin, with how many of its lengths are undecided.
    """

    def __init__(self) -> None:
        self._given_up = 0
        self._seen = 0
        self._ends: dict[int, list[int]] = {}
        self._open: dict[int, int] = {}

    def go(self, data: bytes) -> tuple[int, int] | None:
        """Look at the bytes not seen yet; `data` is all that was not given up.

        Returns (start, end) of the first frame that is complete; (start, start) when all before is given up, because
        a frame failed its check there or the cap is reached; None when neither is so yet.
        """
        before = self._given_up
        while self._seen < before + len(data):
            self._seen = end = self._seen + 1
            failed = False
            for start in sorted(self._ends.pop(end, ())):
                if not crc16(data[start - before : end - before]):
                    return start - before, end - before
                failed = self._close(start) or failed
            self._learn(data, end)
            first = next(iter(self._open), end - 1)
            if first > before and (failed or first - before >= CAP):
                self._given_up = first
                return first - before, first - before
        return None

    def _close(self, start: int) -> bool:
        """Strike one length of a start; whether that gave up the foremost of all."""
        self._open[start] -= 1
        foremost = next(iter(self._open)) == start
        if self._open[start]:
            return False
        del self._open[start]
        return foremost

    def _learn(self, data: bytes, known: int) -> None:
        """Note what the last byte tells: a function code opens a start, a byte count decides a length."""
        before = self._given_up
        start = known - 2
        if start >= before and (lengths := _lengths(data, start - before, known - before)):
            self._open[start] = len(lengths)
            for length in lengths:
                self._expect(start, length)
        for place in (2, 6, 10):
            start = known - 1 - place
            if start in self._open:
                for at, rest in _COUNTED.get(data[start + 1 - before], ()):
                    if at == place:
                        self._decide(data, start, known, rest)

    def _decide(self, data: bytes, start: int, known: int, rest: int) -> None:
        before = self._given_up
        length = rest + data[known - 1 - before]
        if length in _lengths(data, start - before, known - before):
            self._expect(start, length)
        else:
            self._close(start)

    def _expect(self, start: int, length: int) -> None:
        if length:
            self._ends.setdefault(start + length, []).append(start)


class FrameCodec:
    """Cuts the stream of a bus into frames. It remembers the last request, to which the next response belongs."""

    def __init__(self) -> None:
        self.reset()

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer = b""
        self._in_step = False
        self._hunt = _Hunt()
        self._reader = Reader()

    def feed(self, data: bytes) -> list[Report]:
        self._buffer += data
        reports: list[Report] = []
        while self._buffer and (self._step(reports) if self._in_step else self._search(reports)):
            pass
        return reports

    def expire(self) -> list[Report]:
        """Give up what is unfinished, but not the whole frames that stand in it."""
        reports: list[Report] = []
        self._hunt = _Hunt()
        while self._buffer and self._search(reports):
            pass
        if self._buffer:
            reports.append(garbage(self._buffer, "the frame broke off"))
        self.reset()
        return reports

    def _step(self, reports: list[Report]) -> bool:
        end = _whole(self._buffer)
        if end > 0:
            reports.append(self._reader.read(self._buffer[:end]))
            self._buffer = self._buffer[end:]
        elif end < 0:
            self._in_step = False
            self._hunt = _Hunt()
        return end != 0

    def _search(self, reports: list[Report]) -> bool:
        found = self._hunt.go(self._buffer)
        if found is None:
            return False
        start, end = found
        if start:
            reports.append(garbage(self._buffer[:start], "no frame of a known form with the right CRC"))
        if end > start:
            reports.append(self._reader.read(self._buffer[start:end]))
            self._in_step = True
            self._hunt = _Hunt()
        self._buffer = self._buffer[end:]
        return True
