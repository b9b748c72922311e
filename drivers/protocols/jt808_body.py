"""JT/T 808 message bodies as the terminal sends them: location, register, authentication, answers.

Numbers are big-endian, texts GBK, times BCD in GMT+8. A body that is too short raises BodyError; one that is longer
than its layout is read as far as the layout goes, for makers append their own.
"""

from __future__ import annotations

import struct
from datetime import datetime, timedelta, timezone
from typing import Any

Fields = dict[str, Any]

BEIJING = timezone(timedelta(hours=8))
# JT/T 808 table 23: alarm, status, latitude, longitude, altitude, speed, heading, time.
_LOCATION = struct.Struct(">IIIIHHH6s")
EMERGENCY = 0x0000_0001
_FIX, _SOUTH, _WEST = 0x2, 0x4, 0x8
# Register layouts: bytes of maker, model and terminal id.
_REGISTERS = {2011: (5, 8, 7), 2013: (5, 20, 7), 2019: (11, 30, 30)}
# JT/T 808 table of 0x0900: from here on the kinds are the user's own.
_USERS_OWN = 0xF0
# The authentication of 2019 ends with the IMEI and the version of the software.
_IMEI, _SOFTWARE = 15, 20


class BodyError(ValueError):
    """The body of a frame whose check is right does not fit its message; the text says why."""


def location(body: bytes, zone: timezone = BEIJING) -> Fields:
    """The fields of a 0x0200 body (protocols.md section 5); WGS-84 degrees, signed."""
    if len(body) < _LOCATION.size:
        raise BodyError(f"a location has {_LOCATION.size} bytes at least, this one {len(body)}")
    alarm, status, lat, lon, altitude, speed, heading, time = _LOCATION.unpack_from(body)
    return {
        "alarm_flag": alarm,
        "status_flag": status,
        "emergency": bool(alarm & EMERGENCY),
        "fix": bool(status & _FIX),
        "lat": (-lat if status & _SOUTH else lat) / 1e6,
        "lon": (-lon if status & _WEST else lon) / 1e6,
        # Below the sea the word is a signed one.
        "altitude_m": altitude - 0x10000 if altitude & 0x8000 else altitude,
        "speed_kmh": speed / 10,
        "heading_deg": heading,
        **device_time(time, zone),
        **tlvs(body[_LOCATION.size :]),
    }


def device_time(bcd: bytes, zone: timezone = BEIJING) -> Fields:
    """{"device_time": ISO 8601 with offset}; nothing if the clock of the terminal shows no time (no fix yet)."""
    try:
        moment = datetime.strptime(bcd.hex(), "%y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return {}
    return {"device_time": moment.isoformat()}


def tlvs(rest: bytes) -> Fields:
    """{"tlvs": id hex -> value hex}; one that breaks off ends the list, the position before it stands.

    An id that comes twice keeps its first value; the bytes are all in the raw frame.
    """
    found: dict[str, str] = {}
    at = 0
    while at + 2 <= len(rest) and at + 2 + rest[at + 1] <= len(rest):
        end = at + 2 + rest[at + 1]
        found.setdefault(f"{rest[at]:02x}", rest[at + 2 : end].hex())
        at = end
    return {"tlvs": found}


def text(data: bytes) -> str:
    """GBK text up to its padding of 00."""
    return data.split(b"\0", 1)[0].decode("gbk", "replace").strip()


def _padded(data: bytes, layout: int) -> str:
    """A field of fixed length: 00 stands on either side, in 2019 also the digit 0 in front (Koike's terminals)."""
    shown = data.strip(b"\0").decode("gbk", "replace").strip()
    return shown.lstrip("0") if layout == 2019 and len(data.strip(b"\0")) == len(data) else shown


def register(body: bytes, version: int) -> Fields:
    """The fields of 0x0100; `layout` is the year whose lengths it has, the header does not tell for sure."""
    layout = _layout(body, version)
    maker, model, terminal = _REGISTERS[layout]
    if len(body) < 4 + maker + model + terminal + 1:
        raise BodyError(f"a register of {layout} does not fit into {len(body)} bytes")
    province, city = struct.unpack_from(">HH", body)
    at = 4
    values = []
    for size in (maker, model, terminal):
        values.append(_padded(body[at : at + size], layout))
        at += size
    return {
        "layout": str(layout),
        "province": province,
        "city": city,
        **dict(zip(("maker", "model", "terminal_id"), values, strict=True)),
        "plate_color": body[at],
        "plate": text(body[at + 1 :]),
    }


def _layout(body: bytes, version: int) -> int:
    if version == 2019 and len(body) >= 76:
        return 2019
    # 4 + 5 + 20 + 7 + 1; a plate of 2011 has at most 12 bytes, so a body of 2011 is always shorter.
    return 2013 if len(body) >= 37 else 2011


def authentication(body: bytes, version: int) -> Fields:
    """The fields of 0x0102: the code alone, or with length, IMEI and software version (2019)."""
    if version == 2019 and body and len(body) >= 1 + body[0]:
        end = 1 + body[0]
        imei, software = body[end : end + _IMEI], body[end + _IMEI : end + _IMEI + _SOFTWARE]
        shown = {"auth_code": text(body[1:end]), "imei": text(imei), "software": text(software)}
        return {"layout": "2019", **shown}
    return {"layout": "2013", "auth_code": text(body)}


def answer(body: bytes) -> Fields:
    """The fields of a general answer (0x0001, 0x8001): to which serial, to which message, with which result."""
    if len(body) < 5:
        raise BodyError(f"a general answer has 5 bytes, this one {len(body)}")
    serial, msg_id, result = struct.unpack_from(">HHB", body)
    return {"reply_serial": serial, "reply_id": msg_id, "result": result}


def event(body: bytes) -> Fields:
    """The fields of 0x0301 (2011, 2013): the number of the event that was chosen at the terminal."""
    if not body:
        raise BodyError("an event report has 1 byte")
    return {"event": body[0]}


def choice(body: bytes) -> Fields:
    """The fields of 0x0302 (2011, 2013): which answer was chosen to the question with this serial."""
    if len(body) < 3:
        raise BodyError(f"the answer to a question has 3 bytes, this one {len(body)}")
    return {"reply_serial": int.from_bytes(body[:2], "big"), "answer": body[2]}


def passed(body: bytes) -> Fields:
    """The fields of 0x0900: its kind; of those a user may define (F0 to FF) the words, GBK."""
    if not body:
        raise BodyError("what is passed through has 1 byte at least")
    words = {"text": text(body[1:])} if body[0] >= _USERS_OWN else {"data": body[1:].hex()}
    return {"passed": body[0], **words}


def register_answer(body: bytes) -> Fields:
    """The fields of 0x8100."""
    if len(body) < 3:
        raise BodyError(f"a register answer has 3 bytes at least, this one {len(body)}")
    serial, result = struct.unpack_from(">HB", body)
    code = {"auth_code": text(body[3:])} if result == 0 else {}
    return {"reply_serial": serial, "result": result, **code}


def confirmation(body: bytes) -> Fields:
    """The fields of 0x8203."""
    if len(body) < 6:
        raise BodyError(f"a manual confirmation has 6 bytes, this one {len(body)}")
    serial, alarm_type = struct.unpack_from(">HI", body)
    return {"alarm_msg_serial": serial, "alarm_type": alarm_type}


def tracking(body: bytes) -> Fields:
    """The fields of 0x8202; a valid time of none at all stands with interval 0, which ends the tracking."""
    if len(body) < 2:
        raise BodyError("a temporary tracking has 2 bytes at least")
    interval = int.from_bytes(body[:2], "big")
    return {"interval_s": interval, "valid_s": int.from_bytes(body[2:6], "big")}


def bulk(body: bytes) -> tuple[int, list[bytes]]:
    """The kind (0 normal, 1 from a blind area) and the location bodies of 0x0704; BodyError if one breaks off."""
    if len(body) < 3:
        raise BodyError(f"a bulk report has 3 bytes at least, this one {len(body)}")
    count, kind = struct.unpack_from(">HB", body)
    items, at = [], 3
    for number in range(1, count + 1):
        end = at + 2 + int.from_bytes(body[at : at + 2], "big")
        if at + 2 > len(body) or end > len(body):
            raise BodyError(f"item {number} of {count} of the bulk report breaks off")
        items.append(body[at + 2 : end])
        at = end
    return kind, items
