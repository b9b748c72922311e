"""JT/T 905 (taxis): the frames and the session of JT/T 808-2013 with a location of their own.

Degrees come in 1/10000 minute, the heading in two degrees, and there is no altitude. The status bits differ too:
bit 0 set means no fix, bits 1 and 2 south and west. A Chinese taxi is neither; terminals that follow JT/T 808 in
these bits are in use, so the hemisphere is never read from them: a taxi out of service must not land in America.
"""

from __future__ import annotations

import struct
from datetime import datetime, timezone

from drivers.codec import Options, ProtocolRow
from drivers.protocols import jt808_body as body
from drivers.protocols.jt808 import Jt808Codec, judge
from drivers.protocols.jt808_terminal import Place, Terminal, bcd_time, checked_phone

# JT/T 905.4: alarm, status, latitude, longitude, speed, heading, time.
_LOCATION = struct.Struct(">IIIIHB6s")
_PER_DEGREE = 600_000
_NO_FIX, _ACC = 0x001, 0x100


def location(data: bytes, zone: timezone = body.BEIJING) -> body.Fields:
    """The fields of a 0x0200 body of a taxi (protocols.md section 5); BodyError if it is too short."""
    if len(data) < _LOCATION.size:
        raise body.BodyError(f"a taxi's location has {_LOCATION.size} bytes at least, this one {len(data)}")
    alarm, status, lat, lon, speed, heading, time = _LOCATION.unpack_from(data)
    return {
        "alarm_flag": alarm,
        "status_flag": status,
        "emergency": bool(alarm & body.EMERGENCY),
        "fix": not status & _NO_FIX,
        "lat": round(lat / _PER_DEGREE, 6),
        "lon": round(lon / _PER_DEGREE, 6),
        "speed_kmh": speed / 10,
        "heading_deg": 2 * heading,
        **body.device_time(time, zone),
        **body.tlvs(data[_LOCATION.size :]),
    }


def location_body(spot: Place, alarm: int, at: datetime) -> bytes:
    """A taxi's 0x0200 body, as a simulator sends it."""
    degrees = (round(spot.lat * _PER_DEGREE), round(spot.lon * _PER_DEGREE))
    rest = (round(spot.speed_kmh * 10), spot.heading_deg // 2)
    return struct.pack(">IIIIHB", alarm, _ACC, *degrees, *rest) + bcd_time(at)


def _panel(account: str, _options: Options) -> Terminal:
    return Terminal(checked_phone(account), encode=location_body)


def _codec(options: Options) -> Jt808Codec:
    return Jt808Codec(options, location)


PROTOCOL = ProtocolRow(codec=_codec, panel=_panel, judge=judge, many=True, starts=b"\x7e")
