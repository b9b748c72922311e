"""Text messages as a modem hands them over: the PDU of 3GPP TS 23.040 with its SMSC in front, as bytes.

Read are SMS-DELIVER (received), SMS-SUBMIT (sent) and SMS-STATUS-REPORT (what became of a sent one). A PDU has no
start byte and no check: its own lengths say where it ends, and behind one that cannot be a PDU nothing
can be found again before the stream falls silent. How a PDU is written stands in sms_pdu_submit.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from drivers.codec import ProtocolRow
from drivers.protocols import is_lenient
from drivers.protocols.sms_pdu_alphabet import octets_text, septets_text, ucs2_text, unpack_septets
from drivers.report import Report, garbage

# Twelve octets of SMSC and 164 of TPDU (TS 23.040 section 9.2.3): no PDU is longer.
CAP = 176
# Section 9.2.3.24: at most 140 octets of user data, which hold 160 septets.
MOST_OCTETS, MOST_SEPTETS = 140, 160
# Section 9.1.2.3: the values above nine of a semi-octet.
_DIGITS = "0123456789*#abc"
_KINDS = {0: "DELIVER", 1: "SUBMIT", 2: "STATUS-REPORT"}
_DELIVERED = range(3)
_STILL_TRYING = range(0x20, 0x40)


class Unfinished(Exception):  # noqa: N818 - no error: the rest is still on its way
    """The PDU goes on behind the bytes at hand."""


class BadPdu(ValueError):  # noqa: N818
    """These bytes can be no PDU; the text says why. `at` bytes showed it."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at


class _Reader:
    """Takes a PDU apart from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if len(self.data) - self.at < count:
            raise Unfinished
        self.at += count
        return self.data[self.at - count : self.at]

    def octet(self) -> int:
        return self.take(1)[0]

    def refuse(self, why: str) -> BadPdu:
        return BadPdu(why, self.at)


def read_pdu(data: bytes, *, lenient: bool = False) -> tuple[Report, int]:
    """Return the report of the PDU at the front and its length.

    `lenient`: an impossible length of the text means that all there is belongs to it.

    Raises:
        Unfinished: there is more to come. BadPdu: it can be none.
    """
    reader = _Reader(data)
    said: dict[str, Any] = {"pdu": ""}
    smsc = _smsc(reader)
    first = reader.octet()
    kind = first & 0x03
    if kind not in _KINDS:
        raise reader.refuse("message type 3 is reserved")
    said |= {"pdu": _KINDS[kind], "smsc": smsc}
    reading = (_deliver, _submit, _status_report)[kind]
    said |= reading(reader, first, lenient)
    raw = data[: reader.at]
    kept = {name: value for name, value in said.items() if value is not None}
    return Report(type="message" if kind == 2 else "text", raw=raw, more=kept), reader.at


def _deliver(reader: _Reader, first: int, lenient: bool) -> dict[str, Any]:
    sender = _address(reader)
    pid, dcs = reader.octet(), reader.octet()
    sent_at = _time(reader.take(7))
    return {"sender": sender, "sent_at": sent_at, "pid": pid} | _user_data(reader, first, dcs, lenient=lenient)


def _submit(reader: _Reader, first: int, lenient: bool) -> dict[str, Any]:
    reference, recipient = reader.octet(), _address(reader)
    pid, dcs = reader.octet(), reader.octet()
    # Validity (section 9.2.3.3): none, enhanced (7), relative (1) or absolute (7 octets).
    validity = reader.take((0, 7, 1, 7)[first >> 3 & 0x03])
    until = _time(validity) if first >> 3 & 0x03 == 3 else None
    said = {"recipient": recipient, "reference": reference, "pid": pid, "valid_until": until}
    return said | _user_data(reader, first, dcs, lenient=lenient)


def _status_report(reader: _Reader, _first: int, _lenient: bool) -> dict[str, Any]:
    """Read what became of a sent message; of the optional parts behind it nothing is used here."""
    reference, recipient = reader.octet(), _address(reader)
    sent_at, done_at = _time(reader.take(7)), _time(reader.take(7))
    status = reader.octet()
    said = {"reference": reference, "recipient": recipient, "sent_at": sent_at, "done_at": done_at, "status": status}
    return said | {"delivered": status in _DELIVERED, "trying": status in _STILL_TRYING}


# -- the parts -----------------------------------------------------------------------------------------------------


def _smsc(reader: _Reader) -> str | None:
    length = reader.octet()
    if length == 0:
        return None
    if not 2 <= length <= 12:
        raise reader.refuse(f"an SMSC of {length} octets; it has 2 to 12 or none")
    kind, digits = reader.octet(), reader.take(length - 1)
    return _number(kind, digits, 2 * len(digits)) or None


def _address(reader: _Reader) -> str:
    """Read an address field: its length counts digits; D0 marks a name in septets (section 9.1.2.5)."""
    length = reader.octet()
    if length > 20:
        raise reader.refuse(f"an address of {length} digits; it has at most 20")
    kind = reader.octet()
    if not kind & 0x80:
        raise reader.refuse(f"the kind of an address has its high bit set, {kind:02X} has not")
    return _number(kind, reader.take((length + 1) // 2), length)


def read_address(data: bytes) -> str:
    """Return the number or name of an address field; raises Unfinished or BadPdu."""
    return _address(_Reader(data))


def _number(kind: int, data: bytes, length: int) -> str:
    if kind & 0x70 == 0x50:
        return septets_text(unpack_septets(data, length * 4 // 7))
    halves = [half for octet in data for half in (octet & 0x0F, octet >> 4)][:length]
    digits = "".join(_DIGITS[half] for half in halves if half != 0x0F)
    return f"+{digits}" if kind & 0x70 == 0x10 and digits else digits


def _time(data: bytes) -> str | None:
    """Return a time stamp as ISO 8601 with its offset, None if it is none: a wrong clock must not cost the text.

    Section 9.2.3.11: semi-octets YY MM DD hh mm ss and quarter hours, whose sign is bit 3 of the first digit.
    """
    year, month, day, hour, minute, second = ((octet & 0x0F) * 10 + (octet >> 4) for octet in data[:6])
    quarters = (data[6] & 0x07) * 10 + (data[6] >> 4)
    offset = timedelta(minutes=15 * (-quarters if data[6] & 0x08 else quarters))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(offset)).isoformat()
    except ValueError:
        return None


def read_time(data: bytes) -> str | None:
    """Return the time of seven octets as ISO 8601 with its offset; None if they are none."""
    return _time(data) if len(data) == 7 else None


def _coding(dcs: int) -> tuple[str, int | None]:
    """Return the alphabet and the message class of a data coding scheme (TS 23.038 section 4)."""
    group = dcs >> 4
    if group == 0x0F:
        return ("8bit" if dcs & 0x04 else "gsm7"), dcs & 0x03
    if group == 0x0E:
        return "ucs2", None
    if group & 0x08:
        return "gsm7", None
    # Compressed text nobody sends; its octets are shown as they are. Reserved alphabets count as the default one.
    alphabet = "8bit" if dcs & 0x20 else ("gsm7", "8bit", "ucs2", "gsm7")[dcs >> 2 & 0x03]
    return alphabet, dcs & 0x03 if dcs & 0x10 else None


def _user_data(reader: _Reader, first: int, dcs: int, *, lenient: bool) -> dict[str, Any]:
    encoding, message_class = _coding(dcs)
    length = reader.octet()
    most = MOST_SEPTETS if encoding == "gsm7" else MOST_OCTETS
    octets = (7 * length + 7) // 8 if encoding == "gsm7" else length
    if length > most:
        if not lenient:
            raise reader.refuse(f"a text of {length} places; it has at most {most}")
        octets = len(reader.data) - reader.at
        length = octets * 8 // 7 if encoding == "gsm7" else octets
    data = reader.take(octets)
    header, concat = _header(data) if first & 0x40 else (b"", None)
    said = {"encoding": encoding, "message_class": message_class, "concat": concat}
    return said | {"text": _text(encoding, data, length, len(header))}


def _text(encoding: str, data: bytes, length: int, header: int) -> str:
    if encoding == "ucs2":
        return ucs2_text(data[header:])
    if encoding == "8bit":
        return octets_text(data[header:])
    skipped = (8 * header + 6) // 7
    return septets_text(unpack_septets(data[header:], length - skipped, 7 * skipped - 8 * header))


def _header(data: bytes) -> tuple[bytes, Mapping[str, int] | None]:
    """Return the user data header with its length octet, and the place of this part in a longer text."""
    length = data[0] if data else 0
    header = data[: length + 1]
    at, concat = 1, None
    while at + 2 <= len(header):
        element, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        # Section 9.2.3.24.1 and .8: reference, parts, number; the reference has one octet or two.
        if (element, len(value)) in ((0x00, 3), (0x08, 4)):
            concat = {"ref": int.from_bytes(value[:-2], "big"), "parts": value[-2], "number": value[-1]}
        at += 2 + size
    valid = concat is not None and 1 <= concat["number"] <= concat["parts"]
    return header, concat if valid else None


# -- the stream ----------------------------------------------------------------------------------------------------


class SmsPduCodec:
    """Cuts PDUs standing back to back by their own lengths."""

    def __init__(self, *, lenient: bool = False) -> None:
        self._read = partial(read_pdu, lenient=lenient)
        self._buffer = b""
        self._lost = False

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer = b""
        self._lost = False

    def expire(self) -> list[Report]:
        raw, why = self._buffer, "the rest behind a refused PDU" if self._lost else "the PDU broke off"
        self.reset()
        return [garbage(raw, why)] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        self._buffer += data
        reports: list[Report] = []
        while self._buffer and not self._lost:
            try:
                report, length = self._read(self._buffer)
            except Unfinished:
                return reports
            except BadPdu as problem:
                report, length = garbage(self._buffer[: problem.at], str(problem)), problem.at
                self._lost = True
            reports.append(report)
            self._buffer = self._buffer[length:]
        while len(self._buffer) >= CAP:
            reports.append(garbage(self._buffer[:CAP], "the rest behind a refused PDU"))
            self._buffer = self._buffer[CAP:]
        return reports


PROTOCOL = ProtocolRow(codec=lambda options: SmsPduCodec(lenient=is_lenient(options)))
