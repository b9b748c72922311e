"""What a Modbus frame says: its unit, function, addresses and values, in the words of a report.

Many requests and their responses look alike; what was asked last tells them apart and how many of the coils in a
response's last byte are meant. `function` is the byte on the wire, so an exception keeps its eighth bit.
"""

from __future__ import annotations

from drivers.report import Report

_READS = (1, 2, 3, 4)
_COILS = (1, 2)
_LONGEST_READ = 2000
"""Coils that one request may ask for."""


def word(data: bytes, at: int) -> int:
    """Return the sixteen bits that begin at this place, high byte first."""
    return data[at] << 8 | data[at + 1]


def words(data: bytes) -> list[int]:
    """Return the registers that stand in the bytes."""
    return [word(data, at) for at in range(0, len(data) - 1, 2)]


def bits(data: bytes, count: int | None = None) -> list[int]:
    """Return the coils that stand in the bytes, the lowest bit of the first byte first; `count` of them."""
    return [byte >> place & 1 for byte in data for place in range(8)][:count]


class Reader:
    """Reads one frame after another and remembers the last request."""

    def __init__(self) -> None:
        self._asked = b""

    def read(self, raw: bytes) -> Report:
        """Return the message that a frame with a good CRC is."""
        said: dict[str, object] = {"unit": raw[0], "function": raw[1]}
        if raw[1] & 0x80:
            said |= {"direction": "response", "exception": raw[2]}
        elif self._is_request(raw):
            said |= {"direction": "request"} | _request(raw)
        else:
            said |= {"direction": "response"} | self._response(raw)
        self._asked = raw if said["direction"] == "request" else b""
        return Report(type="message", raw=raw, more=said)

    def _is_request(self, raw: bytes) -> bool:
        """Whether it is one; what can be both is the answer if the same function of this unit was asked last."""
        answers = self._asked[:2] == raw[:2]
        function, size = raw[1], len(raw)
        if function in _COILS and size == 8 and raw[2] == 3:
            awaited = 16 < word(self._asked, 4) <= 24 if answers else False
            return not awaited and 0 < word(raw, 4) <= _LONGEST_READ
        if function in _READS:
            return size == 8
        if function in (15, 16):
            return size > 8
        if function in (7, 11, 12, 17):
            return size == 4
        if function == 23:
            return size > 11 and size == 13 + raw[10] and not answers
        return not answers

    def _response(self, raw: bytes) -> dict[str, object]:
        function = raw[1]
        if function in _COILS:
            asked = word(self._asked, 4) if self._asked[:2] == raw[:2] else 0
            data = raw[3:-2]
            fits = asked > 0 and (asked + 7) // 8 == len(data)
            return {"coils": bits(data, asked if fits else None)}
        if function in (3, 4, 23):
            return {"registers": words(raw[3:-2])}
        return _written(raw)


def _request(raw: bytes) -> dict[str, object]:
    function = raw[1]
    if function in _READS:
        return {"address": word(raw, 2), "count": word(raw, 4)}
    if function in (15, 16):
        count = word(raw, 4)
        data = raw[7:-2]
        named = ("coils", bits(data, count)) if function == 15 else ("registers", words(data))
        return {"address": word(raw, 2), "count": count, named[0]: named[1]}
    if function == 23:
        read: dict[str, object] = {"address": word(raw, 2), "count": word(raw, 4)}
        return read | {"write_address": word(raw, 6), "registers": words(raw[11:-2])}
    return _written(raw)


def _written(raw: bytes) -> dict[str, object]:
    """Return what stands alike in a request and in the response that confirms it."""
    function = raw[1]
    if function in (5, 6):
        return {"address": word(raw, 2), "value": word(raw, 4)}
    if function in (15, 16):
        return {"address": word(raw, 2), "count": word(raw, 4)}
    if function == 22:
        return {"address": word(raw, 2), "and_mask": word(raw, 4), "or_mask": word(raw, 6)}
    return {"data": raw[2:-2].hex()}
