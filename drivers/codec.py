"""One face for every protocol: bytes in, reports out, nothing else.

A codec owns no socket, no clock and no thread. `feed` returns a list, because a half-consumed generator
would lose alarms; bad input becomes a garbage report, never an exception; the buffer is capped; any split
of the stream gives the same reports.
"""

from __future__ import annotations

from typing import Protocol

from drivers.contact_id import ContactIdCodec
from drivers.report import Report
from drivers.surgard import SurGardCodec

PROTOCOLS = (
    "surgard", "contact-id", "sia-dc03", "galaxy", "sia-dc09", "ademco685", "fe100", "jt808", "jt905",
    "modbus-rtu", "hid-button", "sms-pdu", "at-modem", "line-button", "nmea",
)  # fmt: skip
BUILT = ("surgard", "contact-id")


class ProtocolError(ValueError):
    """No codec can be had for the name asked for; the text says why in one sentence."""


class UnknownProtocol(ProtocolError):  # noqa: N818 - the field's word
    """The name is not one of PROTOCOLS."""


class ProtocolNotBuilt(ProtocolError):  # noqa: N818 - the field's word
    """The name is known, its codec comes with a later release."""


class Codec(Protocol):
    """Turns a byte stream into reports."""

    @property
    def pending(self) -> int:
        """Bytes held back as an unfinished frame."""
        ...

    def feed(self, data: bytes) -> list[Report]:
        """Take bytes as they come and return what they completed."""
        ...

    def expire(self) -> list[Report]:
        """Give up the unfinished frame (the line fell silent or was lost): garbage, never acknowledged."""
        ...

    def reset(self) -> None:
        """Forget the unfinished frame."""
        ...


def codec_for(protocol: str, *, lenient: bool = False) -> Codec:
    """Return a fresh codec for `protocol`; `lenient` accepts the variants a strict line would refuse.

    Raises:
        UnknownProtocol, ProtocolNotBuilt: with one sentence for the user.
    """
    if protocol == "surgard":
        return SurGardCodec(lenient=lenient)
    if protocol == "contact-id":
        return ContactIdCodec()
    if protocol in PROTOCOLS:
        raise ProtocolNotBuilt(f"protocol {protocol} is not built yet; built are: {', '.join(BUILT)}")
    raise UnknownProtocol(f"there is no protocol {protocol!r}; known are: {', '.join(PROTOCOLS)}")
