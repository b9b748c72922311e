"""A bus terminal as a simulator plays it: registers, authenticates, drives a route, presses, obeys the platform.

It keeps the authentication code it is given and shows it at the next connection, as real ones do. While it is pressed
or tracked it says where it is instead of a bare heartbeat.
"""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle

from drivers.codec import Options
from drivers.panel import Heard, Press
from drivers.protocols import jt808_body as body
from drivers.protocols import jt808_words as words
from drivers.protocols.jt808_frame import Cutter, Frame, FrameError, read_frame

HEARTBEAT_S = 30.0
# The codes of Contact ID that mean the driver's button.
PANIC = frozenset({"120", "121", "122", "123"})
KEPT = 100
"""So many commands are remembered."""

_STATUS = 0x0000_0003
_OK, _CANNOT = 0, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One position: WGS-84 degrees of the north-eastern quarter, km/h, degrees."""

    lat: float
    lon: float
    speed_kmh: float = 36.0
    heading_deg: int = 90


def drive(lat: float = 35.42, lon: float = 119.46, points: int = 60) -> list[Place]:
    """A way there and back, 50 m a point: what a terminal drives unless it is given another route."""
    there = [Place(lat=lat, lon=round(lon + number * 0.00055, 6)) for number in range(points)]
    return there + [Place(lat=spot.lat, lon=spot.lon, heading_deg=270) for spot in reversed(there)]


def location_body(spot: Place, alarm: int, at: datetime) -> bytes:
    """A 0x0200 body with mileage and signal strength."""
    values = (alarm, _STATUS, round(spot.lat * 1e6), round(spot.lon * 1e6), 20, round(spot.speed_kmh * 10))
    return struct.pack(">IIIIHHH", *values, spot.heading_deg) + bcd_time(at) + bytes.fromhex("010400000064300110")


def bcd_time(at: datetime) -> bytes:
    """The time as the terminals write it: yyMMddHHmmss in BCD, GMT+8."""
    return bytes.fromhex(at.astimezone(body.BEIJING).strftime("%y%m%d%H%M%S"))


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), body.BEIJING)


class Terminal:
    """One terminal. Up to 12 digits of phone make a header of 2013, up to 20 one of 2019.

    `model` is what it registers as; `emergency` whether the button's bit stands in its positions; `interval_s` what
    the platform asked for by 0x8202 (0: no tracking); `commands` what it was told, the last last.
    """

    def __init__(
        self,
        phone: str,
        route: Sequence[Place] = (),
        encode: Callable[[Place, int, datetime], bytes] = location_body,
        clock: Callable[[], datetime] = _now,
        model: str = "BUS-808",
    ) -> None:
        self.version = 2013 if len(phone) <= 12 else 2019
        self.phone = phone.lower().rjust(12 if self.version == 2013 else 20, "0")
        self.model = model
        self.code = ""
        self.emergency = False
        self.interval_s = 0
        self.heartbeat_s = HEARTBEAT_S
        self.commands: deque[tuple[int, body.Fields]] = deque(maxlen=KEPT)
        self._route = cycle(route or drive())
        self._encode = encode
        self._clock = clock
        self._serial = 0
        # The frame whose answer counts: a late one to the frame before does not pass for it.
        self._awaited: int | None = None
        self._cutter = Cutter()

    def greeting(self) -> list[bytes]:
        """A register, or the authentication of a terminal that has its code; that follows the code at once."""
        return [self._authenticate() if self.code else self.say(words.REGISTER, self._register())]

    def signal(self, press: Press) -> bytes:
        """A position with the button's bit: set for a new press and for one that stands, clear for a restore."""
        if press.event not in PANIC:
            raise ValueError(f"a terminal has one button, code 120; it cannot say {press.event!r}")
        self.emergency = press.qualifier != "restore"
        return self.position()

    def heartbeat(self) -> bytes:
        return self.position() if self.interval_s or self.emergency else self.say(words.HEARTBEAT)

    def position(self) -> bytes:
        """The next point of the route."""
        return self.say(words.LOCATION, self._location())

    def say(self, msg_id: int, content: bytes = b"", *, awaited: bool = True) -> bytes:
        """The frame of a message; the platform's answer to it counts as taken."""
        serial, self._serial = self._serial, (self._serial + 1) & 0xFFFF
        if awaited:
            self._awaited = serial
        return Frame(msg_id=msg_id, phone=self.phone, serial=serial, body=content, version=self.version).wire()

    def hear(self, data: bytes) -> Heard:
        taken, refused, reply = 0, False, b""
        for _, chunk in self._cutter.cut(data):
            try:
                frame = read_frame(chunk or b"")
            except FrameError:
                continue
            heard = self._obey(frame)
            taken, refused, reply = taken + heard.taken, refused or heard.refused, reply + heard.reply
        return Heard(taken, refused, reply)

    # -- what it hears ---------------------------------------------------------------------------------------

    def _obey(self, frame: Frame) -> Heard:
        match frame.msg_id:
            case words.ANSWER:
                said = body.answer(frame.body)
                return self._answered(said["reply_serial"], said["result"])
            case words.REGISTER_ANSWER:
                return self._registered(body.register_answer(frame.body))
            case words.LOCATE:
                self.commands.append((frame.msg_id, {}))
                asked = struct.pack(">H", frame.serial)
                return Heard(reply=self.say(words.LOCATION_ANSWER, asked + self._location(), awaited=False))
            case words.TRACK:
                said = body.tracking(frame.body)
                self.interval_s = said["interval_s"]
                self.heartbeat_s = float(self.interval_s) or HEARTBEAT_S
                return self._done(frame, said)
            case words.CONFIRM:
                return self._done(frame, body.confirmation(frame.body))
            case words.TEXT:
                shown = frame.body[2 if self.version == 2019 else 1 :]
                return self._done(frame, {"text": body.text(shown)})
            case _:
                return self._done(frame, {}, _CANNOT)

    def _answered(self, serial: int, result: int) -> Heard:
        if serial != self._awaited:
            return Heard()
        good = result in (words.DONE, words.ALARM_HANDLED)
        return Heard(taken=int(good), refused=not good)

    def _registered(self, said: body.Fields) -> Heard:
        heard = self._answered(said["reply_serial"], said["result"])
        if not heard.taken:
            return heard
        self.code = said["auth_code"]
        return Heard(taken=1, reply=self._authenticate(awaited=False))

    def _done(self, frame: Frame, said: body.Fields, result: int = _OK) -> Heard:
        self.commands.append((frame.msg_id, said))
        return Heard(
            reply=self.say(words.TERMINAL_ANSWER, words.answer(frame.serial, frame.msg_id, result), awaited=False)
        )

    # -- what it says ----------------------------------------------------------------------------------------

    def _location(self) -> bytes:
        return self._encode(next(self._route), body.EMERGENCY if self.emergency else 0, self._clock())

    def _register(self) -> bytes:
        sizes = (5, 20, 7) if self.version == 2013 else (11, 30, 30)
        texts = zip((b"12310", self.model.encode("gbk"), self.phone[-7:].encode()), sizes, strict=True)
        padded = b"".join(text[:size].ljust(size, b"\0") for text, size in texts)
        return struct.pack(">HH", 37, 1100) + padded + b"\x02" + "鲁L·10086".encode("gbk")

    def _authenticate(self, *, awaited: bool = True) -> bytes:
        code = self.code.encode("gbk")
        if self.version == 2019:
            code = bytes([len(code)]) + code + b"865501020304051" + b"1.0".ljust(20, b"\0")
        return self.say(words.AUTHENTICATE, code, awaited=awaited)


def checked_phone(account: str) -> str:
    """The phone of a terminal; ValueError with one sentence if it is none."""
    if not (1 <= len(account) <= 20 and all(char in "0123456789abcdefABCDEF" for char in account)):
        raise ValueError(f"a terminal's phone has up to 20 digits, not {account!r}")
    return account


def make_panel(account: str, _options: Options) -> Terminal:
    """Return the far end of a JT/T 808 line."""
    return Terminal(checked_phone(account))
