"""NMEA 0183 sentences of a GPS receiver: positions from RMC and GGA, everything else a message.

`$` talker type `,` fields `*` checksum: two hex digits, the exclusive or of all signs between `$` and `*`. A sentence
that fails it is garbage; one without is only read on a `lenient` line. Positions are WGS-84 degrees.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from typing import Any

from drivers.codec import Options, ProtocolRow
from drivers.panel import Heard, Press
from drivers.protocols import is_lenient
from drivers.report import Report, garbage

# NMEA 0183: a sentence has at most 82 signs; some receivers exceed it a little.
CAP = 128
KM_H_PER_KNOT = 1.852
_START = b"$!"
_WHOLE = re.compile(rb"[\r\n \x00]*([$!][^$!*\r\n]{0,124}\*[^$!*\r\n]{2})[\r\n]*")
_SENTENCE = re.compile(r"[$!]((?:P[A-Z]{3}|[A-Z]{2})([A-Z0-9]{1,4}),([ -)+-~]*))(?:\*([0-9A-Fa-f]{2}))?", re.ASCII)
_BEGUN = re.compile(rb"[$!][^$!*\r\n]{0,126}\Z")
_FIGURE = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]*)?")
_ANGLE = {digits: re.compile(rf"[0-9]{{{digits + 2}}}(?:\.[0-9]*)?") for digits in (2, 3)}
_DATE, _CLOCK = re.compile(r"[0-9]{6}"), re.compile(r"[0-9]{6}(?:\.[0-9]*)?")


def checksum(words: str) -> str:
    """Return the two hex digits for what stands between `$` and `*`."""
    return f"{reduce(xor, words.encode('latin-1'), 0):02X}"


def sentence(words: str) -> bytes:
    """Return the sentence of these words, with its checksum and end."""
    return f"${words}*{checksum(words)}\r\n".encode("ascii")


class NmeaCodec:
    """Cuts sentences: two digits behind the star end one, or the end of the line."""

    def __init__(self, account: str = "", *, lenient: bool = False) -> None:
        self._account = account or None
        self._lenient = lenient
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer.clear()

    def expire(self) -> list[Report]:
        raw = bytes(self._buffer)
        self._buffer.clear()
        return [garbage(raw, "the sentence broke off")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        # What is held back is looked at again with what came: as a whole it is mostly one sentence.
        stream, at = bytes(self._buffer) + data, 0
        self._buffer.clear()
        while at < len(stream):
            whole = None if self._buffer else _WHOLE.match(stream, at)
            if whole:
                reports.append(self._read(whole[1]))
                at = whole.end()
            elif not self._buffer and _BEGUN.match(stream, at):
                self._buffer += stream[at:]
                return reports
            else:
                reports += self._take(stream[at])
                at += 1
        return reports

    def _take(self, byte: int) -> list[Report]:
        """Take one byte where no whole sentence stands."""
        given_up: list[Report] = []
        if byte in _START:
            given_up = self.expire()
        elif byte in b"\r\n" or (not self._buffer and byte in b" \x00"):
            return self._close()
        self._buffer.append(byte)
        if self._buffer[-3:-2] == b"*" and self._buffer[0] in _START:
            return given_up + self._close()
        return given_up + (self.expire() if len(self._buffer) >= CAP else [])

    def _close(self) -> list[Report]:
        raw = bytes(self._buffer)
        self._buffer.clear()
        return [self._read(raw)] if raw else []

    def _read(self, raw: bytes) -> Report:
        found = _SENTENCE.fullmatch(raw.decode("latin-1"))
        if found is None:
            return garbage(raw, "no sentence")
        words, kind, rest, check = found.groups()
        if check is None and not self._lenient:
            return garbage(raw, "a sentence without its checksum")
        if check is not None and check.upper() != checksum(words):
            return garbage(raw, f"checksum {check} is wrong, the signs ask for {checksum(words)}")
        fields = rest.split(",")
        said: dict[str, Any] = {"sentence": kind}
        try:
            position = {"RMC": _rmc, "GGA": _gga}.get(kind, _nothing)(fields)
        except (ValueError, IndexError):
            return garbage(raw, f"a {kind} sentence with fields it cannot have")
        if not position:
            return Report(type="message", raw=raw, account=self._account, more=said | {"fields": fields})
        device_time = position.pop("device_time", None)
        kept = {name: value for name, value in position.items() if value is not None}
        return Report(type="position", raw=raw, account=self._account, device_time=device_time, more=said | kept)


def _nothing(_fields: list[str]) -> dict[str, Any]:
    return {}


def _rmc(fields: list[str]) -> dict[str, Any]:
    """Read time, status, latitude, longitude, knots, course, date; A is a fix, V a warning."""
    clock, status, lat, north, lon, east, knots, course, date = fields[:9]
    speed = _number(knots)
    return {
        "fix": status == "A" and bool(lat and lon),
        "lat": _degrees(lat, north, 2, 90),
        "lon": _degrees(lon, east, 3, 180),
        "speed_kmh": None if speed is None else round(speed * KM_H_PER_KNOT, 3),
        "heading_deg": _number(course),
        "device_time": _time(date, clock),
    }


def _gga(fields: list[str]) -> dict[str, Any]:
    """Read time, latitude, longitude, quality (0 = no fix), satellites, dilution, altitude; it carries no date."""
    _, lat, north, lon, east, quality, satellites, dilution, altitude = fields[:9]
    return {
        "fix": quality not in ("", "0") and bool(lat and lon),
        "lat": _degrees(lat, north, 2, 90),
        "lon": _degrees(lon, east, 3, 180),
        "altitude_m": _number(altitude),
        "satellites": int(satellites) if satellites else None,
        "hdop": _number(dilution),
    }


def _number(text: str) -> float | None:
    if not text:
        return None
    if not _FIGURE.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _degrees(text: str, side: str, digits: int, most: int) -> float | None:
    """Return `dddmm.mmmm` as signed degrees; ValueError if that is none."""
    if not text:
        return None
    if not _ANGLE[digits].fullmatch(text) or side not in ("NS" if digits == 2 else "EW"):
        raise ValueError(text)
    minutes = float(text[digits:])
    degrees = int(text[:digits]) + minutes / 60
    if minutes >= 60 or degrees > most or not side:
        raise ValueError(text)
    return round(-degrees if side in "SW" else degrees, 7)


def _time(date: str, clock: str) -> str | None:
    """Return `ddmmyy` and `hhmmss.sss` as ISO 8601; None where the receiver does not know them yet."""
    if not (date and clock):
        return None
    if not (_DATE.fullmatch(date) and _CLOCK.fullmatch(clock)):
        raise ValueError(date)
    day, month, year, hour, minute, second = date[:2], date[2:4], date[4:], clock[:2], clock[2:4], clock[4:6]
    # ValueError where there is no such time; two digits of the year: what sends here was made in this century.
    datetime(2000 + int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return f"20{year}-{month}-{day}T{hour}:{minute}:{second}.{(clock[7:] + '000')[:3]}+00:00"


class NmeaPanel:
    """A GPS mouse as a simulator plays it: it goes on standing where it stands, whatever is pressed."""

    heartbeat_s = 1.0
    unanswered = True

    def __init__(self) -> None:
        self._sentence = sentence("GPRMC,020000.00,A,3207.8000,N,11503.0000,E,0.0,0.0,211126,,,A")

    def greeting(self) -> list[bytes]:
        return []

    def signal(self, _press: Press) -> bytes:
        return self._sentence

    def heartbeat(self) -> bytes:
        return self._sentence

    def hear(self, _data: bytes) -> Heard:
        return Heard()


def make_panel(_account: str, _options: Options) -> NmeaPanel:
    """Return the far end of a GPS line; sentences carry no account."""
    return NmeaPanel()


PROTOCOL = ProtocolRow(
    codec=lambda options: NmeaCodec(options.get("account", ""), lenient=is_lenient(options)),
    panel=make_panel,
    usual=("4800,8N1", "9600,8N1"),
    starts=b"$!\r\n",
)
