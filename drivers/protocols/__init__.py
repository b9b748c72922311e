"""Which protocols there are: one row each, one file each, read when the protocol is first asked for.

To add one, write its file (ending with PROTOCOL, a ProtocolRow) and its row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from drivers.codec import Codec, Options, ProtocolError, ProtocolRow

if TYPE_CHECKING:
    from drivers.address import Address

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "surgard": "surgard",
        "contact-id": "contact_id",
        "sia-dc03": "sia_dc03",
        "galaxy": "galaxy",
        "sia-dc09": "sia_dc09",
        "jt808": "jt808",
        "jt905": "jt905",
        "ademco685": "ademco685",
        "fe100": "fe100",
        "sms-pdu": "sms_pdu",
        "at-modem": "at_modem",
        "cti": "cti",
        "nmea": "nmea",
        "modbus-rtu": "modbus_rtu",
        "hid-button": "hid_button",
        "line-button": "line_button",
    }
)
"""Protocol name -> the file in this folder that speaks it."""

NO_OPTIONS: Options = MappingProxyType({})


def protocol_row(protocol: str) -> ProtocolRow:
    """Return the row of a protocol; ProtocolError with one sentence if there is none of this name."""
    if protocol not in MODULES:
        raise ProtocolError(f"there is no protocol {protocol!r}; known are: {', '.join(MODULES)}")
    row = import_module(f"drivers.protocols.{MODULES[protocol]}").PROTOCOL
    assert isinstance(row, ProtocolRow)
    return row


def codec_for(protocol: str, options: Options = NO_OPTIONS) -> Codec:
    """Return a fresh codec; ProtocolError with one sentence if the protocol or an option is not understood."""
    row = protocol_row(protocol)
    fault = row.judge(options)
    if fault:
        raise ProtocolError(fault)
    return row.codec(options)


def line_codec(protocol: str, address: Address, options: Options) -> Codec:
    """Return a fresh codec for a line that is opened at this address; ProtocolError like `codec_for`."""
    codec = codec_for(protocol, options)
    own = protocol_row(protocol).line
    return codec if own is None else own(address, options)


def is_lenient(options: Options) -> bool:
    """Whether a line accepts the variants a strict one would refuse."""
    return options.get("lenient", "0") == "1"
