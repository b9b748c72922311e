"""How ports and lines are written, and what is said about those written wrongly."""

from __future__ import annotations

import pytest

from drivers.address import Address, AddressError, parse_address, parse_line


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/dev/ttyUSB0@9600,8N1", Address("serial", "/dev/ttyUSB0")),
        ("/dev/pts/3", Address("serial", "/dev/pts/3")),
        ("COM7@1200,7E1", Address("serial", "COM7", 1200, 7, "E", 1)),
        ("/dev/ttyS0@19200", Address("serial", "/dev/ttyS0", 19200)),
        ("/dev/ttyS0@2400,8N1.5", Address("serial", "/dev/ttyS0", 2400, 8, "N", 1.5)),
        ("usb:0403:6001:A10KZP45@9600,8N1", Address("usb", "0403:6001:A10KZP45")),
        ("usb:0403:6001", Address("usb", "0403:6001")),
        ("socket://10.0.0.7:1025", Address("socket", "10.0.0.7:1025")),
        ("rfc2217://server:2217", Address("rfc2217", "server:2217")),
        ("tcp-listen://127.0.0.1:8808", Address("tcp-listen", "127.0.0.1:8808")),
        ("udp-listen://0.0.0.0:8808", Address("udp-listen", "0.0.0.0:8808")),
        ("hid://1d34:000d", Address("hid", "1d34:000d")),
        ("file:capture.jsonl", Address("file", "capture.jsonl")),
    ],
)
def test_that_an_address_is_read_and_written_back_with_one_meaning(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        (" /dev/x", "blanks"),
        ("/dev/x@", "9600,8N1"),
        ("/dev/x@fast", "fast"),
        ("/dev/x@9600,9N1", "9N1"),
        ("/dev/x@0", "'0'"),
        ("@9600", "device"),
        ("usb:12:34", "usb:12:34"),
        ("socket://host", "host:port"),
        ("socket://host:99999", "host:99999"),
        ("carrier://pigeon:1", "carrier"),
        ("hid://zz", "zz"),
        ("file:", "file"),
    ],
)
def test_that_a_bad_address_is_refused_in_one_sentence_naming_the_fault(text: str, part: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_address(text)
    assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_that_a_usb_button_is_named_by_its_identity_and_its_serial_number_if_need_be() -> None:
    assert str(parse_address("hid://1D34:000D")) == "hid://1d34:000d"
    assert str(parse_address("hid://0fc5:b080:41-7A")) == "hid://0fc5:b080:41-7A"


def test_that_a_comma_part_without_equals_belongs_to_the_port() -> None:
    spec = parse_line("A1=surgard:/dev/ttyUSB0@1200,7E1,supervise_s=30,lenient=1")
    assert (spec.name, spec.protocol, spec.address.parity) == ("A1", "surgard", "E")
    assert (spec.supervise_s, spec.lenient) == (30.0, True)
    assert parse_line(str(spec)) == spec


def test_that_supervision_is_90_seconds_and_reading_strict_unless_asked() -> None:
    spec = parse_line("东门=surgard:/dev/pts/3")
    assert (spec.name, spec.supervise_s, spec.lenient) == ("东门", 90.0, False)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("surgard:/dev/x", "NAME=PROTOCOL:PORT"),
        ("A1=surgard", "NAME=PROTOCOL:PORT"),
        ("=surgard:/dev/x", "NAME=PROTOCOL:PORT"),
        ("A1=morse:/dev/x", "morse"),
        ("A1=surgard:", "empty"),
        ("A1=surgard:/dev/x,supervise_s=soon", "soon"),
        ("A1=surgard:/dev/x,lenient=yes", "yes"),
    ],
)
def test_that_a_bad_line_is_refused_in_one_sentence_naming_the_fault(text: str, part: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_line(text)
    assert part in str(refusal.value)
