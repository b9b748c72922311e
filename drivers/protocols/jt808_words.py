"""What the platform says in JT/T 808: message ids and the bodies of answers and commands."""

from __future__ import annotations

import struct
from collections.abc import Sequence

# Terminal to platform.
TERMINAL_ANSWER, HEARTBEAT, LOGOUT = 0x0001, 0x0002, 0x0003
REGISTER, AUTHENTICATE = 0x0100, 0x0102
LOCATION, LOCATION_ANSWER, BULK, MEDIA = 0x0200, 0x0201, 0x0704, 0x0801
EVENT, CHOICE, PASSED = 0x0301, 0x0302, 0x0900
# Platform to terminal.
ANSWER, RESEND, REGISTER_ANSWER = 0x8001, 0x8003, 0x8100
LOCATE, TRACK, CONFIRM, TEXT, MEDIA_ANSWER = 0x8201, 0x8202, 0x8203, 0x8300, 0x8800

FROM_PLATFORM = 0x8000
"""Ids from here on are the platform's own."""

ANSWERS = frozenset({TERMINAL_ANSWER, 0x0104, 0x0107, LOCATION_ANSWER, CHOICE, 0x0500, 0x0700, 0x0802, 0x0805})
"""What a terminal says in answer to the platform: nothing is answered to it."""

DONE, REFUSED, WRONG, UNSUPPORTED, ALARM_HANDLED = range(5)
"""The results of 0x8001."""

# JT/T 808-2019 table 37: bit 0 confirms the emergency.
EMERGENCY_TYPE = 0x0000_0001
# Table 38: bit 0 urgent, bit 2 on the terminal's display, bit 3 read aloud.
SHOWN_AND_READ = 0x0D
_NOTICE = 1


def answer(serial: int, msg_id: int, result: int = DONE) -> bytes:
    """0x8001: what became of this message."""
    return struct.pack(">HHB", serial, msg_id, result)


def register_answer(serial: int, code: str, result: int = DONE) -> bytes:
    """0x8100: the code the terminal authenticates with from now on, when the result is 0."""
    return struct.pack(">HB", serial, result) + (code.encode("gbk") if result == DONE else b"")


def media_answer(media: bytes) -> bytes:
    """0x8800: the media of this id (4 bytes) came whole."""
    return media


def resend(first_serial: int, missing: Sequence[int]) -> bytes:
    """0x8003: the sub-packages (numbers from 1) wanted again; at most 255 are named at a time."""
    named = missing[:255]
    return struct.pack(f">HB{len(named)}H", first_serial, len(named), *named)


def confirm(serial: int, alarm_type: int = EMERGENCY_TYPE) -> bytes:
    """0x8203: a person knows of the alarm reported with this serial."""
    return struct.pack(">HI", serial, alarm_type)


def track(interval_s: int, valid_s: int) -> bytes:
    """0x8202: a position each `interval_s` for `valid_s` seconds; interval 0 ends it and stands alone."""
    return struct.pack(">HI", interval_s, valid_s) if interval_s else struct.pack(">H", 0)


def send_text(words: str, version: int, flag: int = SHOWN_AND_READ) -> bytes:
    """0x8300: a text for the driver; 2019 has a byte for its kind (1 notice) behind the flag."""
    return bytes([flag, _NOTICE] if version == 2019 else [flag]) + words.encode("gbk", "replace")
