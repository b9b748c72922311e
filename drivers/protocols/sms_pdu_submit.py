"""Text messages as they are written: SMS-SUBMIT for a modem; SMS-DELIVER and SMS-STATUS-REPORT for its simulator.

A text longer than one message goes out in parts of 67 signs or 153 letters (3GPP TS 23.040 section 9.2.3.24.1):
six octets of each hold the reference, the number of parts and the part's own number. Nothing that takes two
places, a surrogate pair or an escaped letter, is torn apart.
"""

from __future__ import annotations

import re
from datetime import datetime

from drivers.protocols.sms_pdu_alphabet import gsm7_codes, is_gsm7, pack_septets

# Places in one message and in a part of a longer one.
GSM7_WHOLE, GSM7_PART = 160, 153
UCS2_WHOLE, UCS2_PART = 70, 67
MOST_PARTS = 255
# TS 23.040 section 9.2.3.12.1: relative validity, 167 = one day. A report of an alarm is of no use later.
ONE_DAY = 167
_NUMBER = re.compile(r"\+?[0-9*#]{1,20}")
_DIGITS = "0123456789*#"
_SUBMIT, _STATUS_WANTED, _VALIDITY, _HEADER = 0x01, 0x20, 0x10, 0x40


def is_number(text: str) -> bool:
    """Whether a message can be sent to this: digits, perhaps with + in front."""
    return _NUMBER.fullmatch(text) is not None


def submit(to: str, text: str, reference: int = 0, *, report: bool = True) -> list[bytes]:
    """Return the PDUs that send a text, the SMSC left to the modem (a zero octet in front).

    `reference` (0-255) joins the parts of a long text; `report` asks for word of the delivery. ValueError if the
    number is none, or the text is empty or longer than 255 parts.
    """
    if not is_number(to):
        raise ValueError(f"{to!r} is no telephone number")
    parts = _parts(text)
    if not parts or len(parts) > MOST_PARTS:
        raise ValueError("an empty text" if not parts else f"a text of {len(parts)} parts; it has at most {MOST_PARTS}")
    first = _SUBMIT | _VALIDITY | (_STATUS_WANTED if report else 0) | (_HEADER if len(parts) > 1 else 0)
    dcs = 0x00 if is_gsm7(text) else 0x08
    pdus = []
    for number, part in enumerate(parts, start=1):
        header = bytes((5, 0, 3, reference % 256, len(parts), number)) if len(parts) > 1 else b""
        front = bytes((0, first, 0)) + address(to) + bytes((0, dcs, ONE_DAY))
        pdus.append(front + user_data(part, header, gsm7=dcs == 0))
    return pdus


def deliver(sender: str, text: str, sent_at: datetime, reference: int = 0, *, wide: bool = False) -> list[bytes]:
    """Return the PDUs in which a text comes in, without SMSC; `wide` writes 16-bit references."""
    parts = _parts(text)
    dcs = 0x00 if is_gsm7(text) else 0x08
    pdus = []
    for number, part in enumerate(parts, start=1):
        joined = (
            bytes((6, 8, 4, reference >> 8 & 0xFF, reference & 0xFF)) if wide else bytes((5, 0, 3, reference % 256))
        )
        header = joined + bytes((len(parts), number)) if len(parts) > 1 else b""
        first = 0x04 | (_HEADER if header else 0)
        front = bytes((0, first)) + address(sender) + bytes((0, dcs)) + time_stamp(sent_at)
        pdus.append(front + user_data(part, header, gsm7=dcs == 0))
    return pdus


def status_report(reference: int, recipient: str, at: datetime, status: int = 0) -> bytes:
    """Return the PDU that says what became of a sent message; status 0 = delivered."""
    front = bytes((0, 0x06, reference)) + address(recipient)
    return front + 2 * time_stamp(at) + bytes((status,))


def address(number: str) -> bytes:
    """Return the address field of a number, or of a name (up to eleven letters)."""
    if not is_number(number):
        codes = [code for letter in number for code in gsm7_codes(letter)]
        packed = pack_septets(codes)
        return bytes(((7 * len(codes) + 3) // 4, 0xD0)) + packed
    digits = number.removeprefix("+")
    kind = 0x91 if number.startswith("+") else 0x81
    return bytes((len(digits), kind)) + _semi_octets([_DIGITS.index(digit) for digit in digits])


def time_stamp(at: datetime) -> bytes:
    """Return the seven semi-octets of a time that knows its offset."""
    offset = at.utcoffset()
    assert offset is not None, "a time without its offset"
    quarters = int(offset.total_seconds() // 900)
    halves = [int(digit) for digit in f"{at:%y%m%d%H%M%S}{abs(quarters):02}"]
    if quarters < 0:
        halves[12] |= 0x08
    return _semi_octets(halves)


def _semi_octets(halves: list[int]) -> bytes:
    padded = [*halves, 0x0F] if len(halves) % 2 else halves
    return bytes(low | high << 4 for low, high in zip(padded[::2], padded[1::2], strict=True))


def user_data(text: str, header: bytes, *, gsm7: bool) -> bytes:
    """Return the length octet, the header and the text."""
    if not gsm7:
        data = header + text.encode("utf-16-be")
        return bytes((len(data),)) + data
    codes = [code for letter in text for code in gsm7_codes(letter)]
    skipped = (8 * len(header) + 6) // 7
    return bytes((skipped + len(codes),)) + header + pack_septets(codes, 7 * skipped - 8 * len(header))


def _parts(text: str) -> list[str]:
    """Cut a text into what fits one message each."""
    seven = is_gsm7(text)
    whole, part = (GSM7_WHOLE, GSM7_PART) if seven else (UCS2_WHOLE, UCS2_PART)
    sizes = [len(gsm7_codes(letter)) if seven else len(letter.encode("utf-16-be")) // 2 for letter in text]
    if sum(sizes) <= whole:
        return [text] if text else []
    parts, used = [""], 0
    for letter, size in zip(text, sizes, strict=True):
        if used + size > part:
            parts.append("")
            used = 0
        parts[-1] += letter
        used += size
    return parts
