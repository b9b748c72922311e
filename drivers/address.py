"""PORT addresses and line specifications: what a technician writes to name the wire.

Only text is judged here; nothing is opened. Every refusal is one sentence that names the part at fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from drivers import guard
from drivers.protocols import MODULES, protocol_row

DEFAULT_SUPERVISE_S = 90.0

_FRAMING = re.compile(r"([0-9]+)(?:,([5-8])([NEOMS])(1|1\.5|2))?")
_USB = re.compile(r"usb:([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::([^@]*))?")
_HID = re.compile(r"([0-9A-Fa-f]{4}:[0-9A-Fa-f]{4})(:[^@,]+)?")
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:/\[\]]+):([0-9]{1,5})")
LISTENING = ("tcp-listen", "udp-listen")
"""Ports of ours at which others call."""
_NETWORK = ("socket", "rfc2217", *LISTENING)
_LOOPBACK = "127.0.0.1"
_COMMON = ("supervise_s", "lenient", "account", "tz")
"""Options that mean the same on every line."""


class AddressError(ValueError):
    """A port or line was written in a way that cannot be understood; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where bytes come from.

    `kind` is serial, usb, socket, rfc2217, file, tcp-listen, udp-listen or hid; `target` the device path,
    VID:PID or VID:PID:SERIAL, host:port or file name. Speed and framing matter to real serial lines only.
    """

    kind: str
    target: str
    baud: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1

    def __str__(self) -> str:
        prefix = {"serial": "", "usb": "usb:", "file": "file:"}.get(self.kind, f"{self.kind}://")
        return f"{prefix}{self.target}{self._framing()}"

    def _framing(self) -> str:
        if self == Address(self.kind, self.target):
            return ""
        return f"@{self.baud},{self.bytesize}{self.parity}{self.stopbits:g}"

    @property
    def host_port(self) -> tuple[str, int]:
        """Host and port number of a network address."""
        host, _, number = self.target.rpartition(":")
        return host.strip("[]"), int(number)


def parse_address(text: str) -> Address:
    """Return the address written as in the command line contract; raise AddressError with one sentence."""
    if not text or text != text.strip():
        raise AddressError("the port is empty" if not text.strip() else f"blanks around the port {text!r}")
    if text.startswith("file:"):
        return _file(text.removeprefix("file:"))
    scheme, separator, rest = text.partition("://")
    if separator:
        place, _, framing = rest.partition("@")
        if scheme == "rfc2217":
            # The device server sets its port as we ask; every other network wire has no speed.
            return _framed(_network(scheme, place), framing, text)
        return _network(scheme, rest)
    path, _, framing = text.partition("@")
    if path.startswith("usb:"):
        return _framed(_usb(path), framing, text)
    return _framed(Address("serial", path), framing, text)


def _file(name: str) -> Address:
    if not name:
        raise AddressError("file: needs the name of a capture file")
    return Address("file", name)


def _network(scheme: str, rest: str) -> Address:
    if scheme == "hid":
        found = _HID.fullmatch(rest)
        if found is None:
            raise AddressError(f"hid:// needs VID:PID in hex, or VID:PID:SERIAL, not {rest!r}")
        return Address("hid", found[1].lower() + (found[2] or ""))
    if scheme not in _NETWORK:
        raise AddressError(f"there is no kind of port {scheme}://; known are {', '.join(_NETWORK)} and hid")
    if scheme in LISTENING and rest.startswith(":"):
        # Who wants to be called from elsewhere says so.
        rest = _LOOPBACK + rest
    found = _HOST_PORT.fullmatch(rest)
    if found is None or not 0 < int(found[2]) < 65536:
        raise AddressError(f"{scheme}:// needs host:port, not {rest!r}")
    return Address(scheme, rest)


def _usb(path: str) -> Address:
    found = _USB.fullmatch(path)
    if found is None:
        raise AddressError(f"usb: needs VID:PID:SERIAL with four hex digits each, not {path!r}")
    vid, pid, serial = found.groups()
    return Address("usb", f"{vid.lower()}:{pid.lower()}" + (f":{serial}" if serial else ""))


def _framed(address: Address, framing: str, text: str) -> Address:
    if not address.target:
        raise AddressError(f"there is no device before the @ of {text!r}")
    if "@" not in text:
        return address
    found = _FRAMING.fullmatch(framing)
    if found is None or int(found[1]) == 0:
        raise AddressError(f"after @ stands a speed and framing like 9600,8N1, not {framing!r}")
    baud, bits, parity, stop = found.groups()
    if bits is None:
        return replace(address, baud=int(baud))
    return replace(address, baud=int(baud), bytesize=int(bits), parity=parity, stopbits=float(stop))


@dataclass(frozen=True, slots=True)
class LineSpec:
    """One line of the console: its name, the protocol spoken on it, its port and its options as written."""

    name: str
    protocol: str
    address: Address
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        options = "".join(f",{key}={value}" for key, value in self.options.items())
        return f"{self.name}={self.protocol}:{self.address}{options}"

    @property
    def supervise_s(self) -> float:
        """Seconds of silence that count as a dead line; 0 switches supervision off."""
        return float(self.options.get("supervise_s", DEFAULT_SUPERVISE_S))

    @property
    def lenient(self) -> bool:
        """Whether the codec accepts the variants a strict line would refuse."""
        return self.options.get("lenient", "0") == "1"


def parse_line(text: str) -> LineSpec:
    """Return the line written as NAME=PROTOCOL:PORT[,key=value…]; a part without `=` belongs to PORT."""
    name, separator, rest = text.partition("=")
    protocol, colon, port = rest.partition(":")
    if not (separator and colon and name.strip()):
        raise AddressError(f"a line is written NAME=PROTOCOL:PORT, not {text!r}")
    if protocol not in MODULES:
        raise AddressError(f"line {name}: there is no protocol {protocol!r}")
    parts = port.split(",")
    address = parse_address(",".join(part for part in parts if "=" not in part))
    options = dict(part.split("=", 1) for part in parts if "=" in part)
    _judge(name, protocol, address, options)
    return LineSpec(name.strip(), protocol, address, MappingProxyType(options))


def _judge(name: str, protocol: str, address: Address, options: Mapping[str, str]) -> None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", options.get("supervise_s", "0")):
        raise AddressError(f"line {name}: supervise_s is a number of seconds, not {options['supervise_s']!r}")
    if options.get("lenient", "0") not in ("0", "1"):
        raise AddressError(f"line {name}: lenient is 0 or 1, not {options['lenient']!r}")
    row = protocol_row(protocol)
    known = {*_COMMON, *row.options, *(guard.LIMIT_OPTIONS if row.many else ())}
    strange = next((key for key in options if key not in known), None)
    if strange is not None:
        raise AddressError(f"line {name}: {protocol} has no option {strange!r}; it knows {', '.join(sorted(known))}")
    fault = row.judge(options) or guard.fault(options)
    if fault:
        raise AddressError(f"line {name}: {fault}")
    if address.kind == "udp-listen" and not row.many:
        raise AddressError(f"line {name}: {protocol} is not spoken over UDP")
