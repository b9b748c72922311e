"""USB buttons on the desk: what their reports say, as presses, releases and the lid.

A report is a level, not an edge, so each is compared with the one before; what was seen last outlives the device
being pulled out. Which bit of which device means what is data (hid_button_profiles.py); hidapi itself stands in
hid_button_device.py. To `decode`, where no device is named, the bytes are those of a Big Red Button: whole reports,
or the first byte of each in a row, as programs of that button print them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.codec import Options, ProtocolError, ProtocolRow
from drivers.protocols.contacts import NORMAL, PRESSED, Contacts
from drivers.protocols.hid_button_profiles import DEFAULT, Profile, profile_of, profiles
from drivers.report import Report, garbage
from drivers.wire import LineStream, PortError

if TYPE_CHECKING:
    from drivers.address import Address
    from drivers.panel import Heard, Press

LID_OPEN, LID_CLOSED = "lid open", "lid closed"


class ReportReader:
    """Tells what each report of one button changes."""

    def __init__(self, profile: Profile, account: str, *, opens: bool) -> None:
        self._profile = profile
        self._account = account
        self._opens = opens
        self._contacts = Contacts(account)
        self._lid = ""

    def read(self, report: bytes) -> list[Report]:
        """Return what a report says that the one before did not; garbage if it is none of this button."""
        profile = self._profile
        if profile.valid is not None and not profile.valid.hold(report):
            return [garbage(report, f"no report of a {profile.vid}:{profile.pid} button")]
        told = self._read_lid(report)
        for zone, bits in enumerate(profile.buttons, start=1):
            pressed = bits.hold(report) != self._opens
            told += self._contacts.see(zone, PRESSED if pressed else NORMAL, report)
        return told

    def _read_lid(self, report: bytes) -> list[Report]:
        if self._profile.lid is None:
            return []
        before, self._lid = self._lid, LID_OPEN if self._profile.lid.hold(report) else LID_CLOSED
        if self._lid == before:
            return []
        account = self._account or None
        return [Report(type="message", raw=report, account=account, qualifier="status", more={"state": self._lid})]


class ButtonCodec:
    """Whole reports of one button, as its device hands them up."""

    def __init__(self, profile: Profile, options: Options) -> None:
        self._size = profile.size
        self._reader = ReportReader(profile, options.get("account", ""), opens=options.get("nc", "0") == "1")
        self._buffer = b""

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        self._buffer = b""

    def expire(self) -> list[Report]:
        raw, self._buffer = self._buffer, b""
        return [garbage(raw, "the report broke off")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        stream = self._buffer + data
        whole = len(stream) - len(stream) % self._size
        self._buffer = stream[whole:]
        reports = (stream[at : at + self._size] for at in range(0, whole, self._size))
        return [told for report in reports for told in self._reader.read(report)]


class FirstByteCodec:
    """Reports of a button of which the first byte alone counts: whole, or that byte of each in a row.

    A byte that follows such a first byte and is none itself belongs to the same report, and so do the six after it.
    """

    def __init__(self, profile: Profile, options: Options) -> None:
        self._profile = profile
        self._reader = ReportReader(profile, options.get("account", ""), opens=options.get("nc", "0") == "1")
        self._rest = 0
        self._just_read = False
        self._asked = b""

    @property
    def pending(self) -> int:
        return len(self._asked)

    def reset(self) -> None:
        self._rest, self._just_read, self._asked = 0, False, b""

    def expire(self) -> list[Report]:
        raw = self._asked
        self.reset()
        return [garbage(raw, "the report broke off")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        return [told for byte in data for told in self._take(bytes([byte]))]

    def _take(self, byte: bytes) -> list[Report]:
        assert self._profile.valid is not None, "a profile without a mark has no first byte to go by"
        first = self._profile.valid.hold(byte)
        if self._rest and not (first and self._just_read):
            self._rest, self._just_read = self._rest - 1, False
            return []
        if not first:
            return self._take_question(byte)
        asked = self.expire()
        self._rest, self._just_read = self._profile.size - 1, True
        return asked + self._reader.read(byte)

    def _take_question(self, byte: bytes) -> list[Report]:
        """Gather the host's question, which captures hold as well."""
        self._asked += byte
        question = bytes.fromhex(self._profile.ask.write)
        if len(self._asked) < len(question):
            return []
        raw, self._asked = self._asked, b""
        if raw[1:] == question[1:]:
            return [Report(type="message", raw=raw, more={"direction": "host to device"})]
        return [garbage(raw, f"no report of a {self._profile.vid}:{self._profile.pid} button")]


class ButtonPanel:
    """The button: its report as it stands, given when it is asked."""

    def __init__(self, profile: Profile) -> None:
        self.heartbeat_s = 0.0
        self._profile = profile
        self._report = bytearray(profile.size)
        for bits in (profile.valid, profile.lid):
            if bits is not None:
                self._set(bits.byte, bits.mask, bits.value)
        for bits in profile.buttons:
            self._set(bits.byte, bits.mask, ~bits.value)
        self._steps: list[bytes] = []

    def _set(self, byte: int, mask: int, value: int) -> None:
        self._report[byte] = self._report[byte] & ~mask & 0xFF | value & mask

    @property
    def report(self) -> bytes:
        """The input report, as the device would give it now."""
        return bytes(self._report)

    def greeting(self) -> list[bytes]:
        return []

    def heartbeat(self) -> bytes:
        return b""

    def signal(self, press: Press) -> bytes:
        zone = int(press.zone)
        if press.event != "120" or not 1 <= zone <= len(self._profile.buttons):
            raise ValueError(f"this button can tell 120 in zones 1 to {len(self._profile.buttons)}, not {press}")
        bits = self._profile.buttons[zone - 1]
        before = self.report
        self._set(bits.byte, bits.mask, ~bits.value)
        released = self.report
        if press.qualifier != "restore":
            self._set(bits.byte, bits.mask, bits.value)
        # A button that is held must be let go before it can be pressed again.
        self._steps = [released, self.report] if before == self.report != released else [self.report]
        return b""

    def hear(self, data: bytes) -> Heard:
        from drivers.panel import Heard

        taken = len(self._steps) == 1
        return Heard(int(taken), reply=self._steps.pop(0) if self._steps else self.report)


def judge(options: Options) -> str:
    """Return what is wrong with a line's options in one sentence; "" if nothing is."""
    if options.get("model", DEFAULT) not in profiles():
        known = ", ".join(profiles())
        return f"there is no profile {options['model']!r} in hid_buttons.json; known are {known}"
    if options.get("nc", "0") not in ("0", "1"):
        return f"nc is 0 (as the profile says) or 1 (the other way round), not {options['nc']!r}"
    return ""


def _profile(options: Options) -> Profile:
    return profiles()[options.get("model", DEFAULT)]


def _decoder(options: Options) -> FirstByteCodec | ButtonCodec:
    profile = _profile(options)
    return ButtonCodec(profile, options) if profile.valid is None else FirstByteCodec(profile, options)


def _line(address: Address, options: Options) -> ButtonCodec:
    profile = profile_of(address.target) if address.kind == "hid" else _profile(options)
    if profile is None:
        raise ProtocolError(f"no profile in hid_buttons.json fits {address}; known are {', '.join(profiles())}")
    return ButtonCodec(profile, options)


def open_button(address: Address, options: Options, poll_s: float) -> LineStream:
    """Open a button by its identity, or play a capture of one; PortError with the reason if it is not there."""
    from drivers.protocols.hid_button_device import HidStream
    from drivers.streams import open_stream

    if address.kind == "hid":
        profile = profile_of(address.target)
        assert profile is not None, "a line without a profile is refused when it is made"
        return HidStream(address.target, profile)
    if address.kind == "file":
        return open_stream(address, poll_s)
    raise PortError(f"a USB button is named by its identity, hid://VID:PID, not {address}")


PROTOCOL = ProtocolRow(
    codec=_decoder,
    line=_line,
    panel=lambda _, options: ButtonPanel(_profile(options)),
    options=frozenset({"model", "nc"}),
    judge=judge,
    open=open_button,
    spooled=True,
    usual=(),
)
