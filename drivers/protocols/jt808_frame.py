"""JT/T 808 frames: cut out of a stream, unescaped, checked, taken apart and put together.

`7E <escaped header + body + check> 7E`. The check is the XOR of header and body; the escape covers it as well.
Two headers are in use: that of 2011 and 2013 with a phone of 6 bytes, that of 2019 (bit 14 of the properties) with a
version byte and a phone of 10. Real terminals set bit 14 and send the old header all the same, so the header whose
body length fits the frame decides. Frames may share the 7E between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor

FLAG = b"\x7e"
ESCAPE = b"\x7d"
# JT/T 808-2019 4.4.1: bits 0-9 body length, 10-12 encryption, 13 sub-packaged, 14 header of 2019.
LENGTH, ENCRYPTED, PARTED, VERSIONED = 0x03FF, 0x1C00, 0x2000, 0x4000
# The longest frame: the header of 2019 with its sub-package fields, 1023 bytes of body and the check, each escaped.
LONGEST = 2 * (21 + LENGTH + 1)


class FrameError(ValueError):
    """The bytes between two flags are no frame; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message. `phone` is the terminal's number in hex digits as sent, `version` the header's year.

    `protocol_version` stands in a header of 2019 only; `part` is (total, index from 1) of a sub-package.
    """

    msg_id: int
    phone: str
    serial: int
    body: bytes = b""
    version: int = 2013
    protocol_version: int = 1
    encryption: int = 0
    part: tuple[int, int] | None = None

    def wire(self) -> bytes:
        """The frame as it goes over the line."""
        props = len(self.body) | self.encryption << 10
        props |= PARTED if self.part else 0
        phone = bytes.fromhex(self.phone)
        if self.version == 2019:
            props |= VERSIONED
            phone = bytes([self.protocol_version]) + phone
        parts = b"" if self.part is None else b"".join(_word(number) for number in self.part)
        content = _word(self.msg_id) + _word(props) + phone + _word(self.serial) + parts + self.body
        return FLAG + escape(content + bytes([check_of(content)])) + FLAG


def _word(value: int) -> bytes:
    return value.to_bytes(2, "big")


def check_of(content: bytes) -> int:
    """The XOR of all bytes."""
    return reduce(xor, content, 0)


def escape(content: bytes) -> bytes:
    """7D becomes 7D 01, 7E becomes 7D 02."""
    return content.replace(ESCAPE, b"\x7d\x01").replace(FLAG, b"\x7d\x02")


def unescape(chunk: bytes) -> bytes:
    """What stood before the escape; FrameError for a 7D that is followed by neither 01 nor 02."""
    head, *rest = chunk.split(ESCAPE)
    for part in rest:
        if part[:1] not in (b"\x01", b"\x02"):
            raise FrameError("7D is followed by neither 01 nor 02")
    return head + b"".join((ESCAPE if part[0] == 1 else FLAG) + part[1:] for part in rest)


def read_frame(chunk: bytes, *, lenient: bool = False) -> Frame:
    """The frame whose bytes these are (without the flags); FrameError says what is wrong with them.

    `lenient` takes the frames of terminals that forget to escape their check byte (go-jt808 met one): a check of 7D
    stands bare at the end, one of 7E has become the closing flag itself.
    """
    if lenient and chunk.endswith(ESCAPE):
        content, check = unescape(chunk[:-1]), ESCAPE[0]
    else:
        content = unescape(chunk)
        content, check = content[:-1], content[-1] if content else 0
        if lenient and check_of(content) != check and check_of(content) ^ check == FLAG[0]:
            content, check = content + bytes([check]), FLAG[0]
    found = check_of(content)
    if found != check:
        raise FrameError(f"check {check:02X} is wrong, the bytes give {found:02X}")
    return _headed(content)


def _headed(content: bytes) -> Frame:
    if len(content) < 12:
        raise FrameError(f"a header has 12 bytes at least, this frame {len(content)}")
    props = int.from_bytes(content[2:4], "big")
    versions = (2019, 2013) if props & VERSIONED else (2013, 2019)
    for version in versions:
        start = _body_at(version, props)
        if len(content) - start == props & LENGTH:
            return _taken_apart(content, version, props, start)
    raise FrameError(f"the header announces {props & LENGTH} bytes of body, {len(content)} bytes came in all")


def _body_at(version: int, props: int) -> int:
    return (17 if version == 2019 else 12) + (4 if props & PARTED else 0)


def _taken_apart(content: bytes, version: int, props: int, start: int) -> Frame:
    phone = content[5:15] if version == 2019 else content[4:10]
    serial_at = 15 if version == 2019 else 10
    words = [int.from_bytes(content[at : at + 2], "big") for at in range(serial_at, start, 2)]
    part = (words[1], words[2]) if props & PARTED else None
    if part is not None and not 1 <= part[1] <= part[0]:
        raise FrameError(f"sub-package {part[1]} of {part[0]} cannot be")
    return Frame(
        msg_id=int.from_bytes(content[:2], "big"),
        phone=phone.hex(),
        serial=words[0],
        body=content[start:],
        version=version,
        protocol_version=content[4] if version == 2019 else 1,
        encryption=(props & ENCRYPTED) >> 10,
        part=part,
    )


class Cutter:
    """Cuts a stream at its flags. `cut` yields (raw bytes, chunk); the chunk is None for bytes between frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        # Bytes before the flag that opened the frame at hand: reported when the frame is.
        self._strange = b""
        self._inside = False
        # Whether the last flag opened a frame and closed none.
        self._fresh = False

    @property
    def pending(self) -> int:
        """Bytes held back; a flag that closed a frame is held by nobody, though it may open the next."""
        flags = 1 if self._fresh or (self._inside and self._buffer) else 0
        return len(self._strange) + flags + len(self._buffer)

    def cut(self, data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
        """Take bytes as they come; what they completed, in order."""
        pieces = data.split(FLAG)
        for piece in pieces[:-1]:
            yield from self._grow(piece)
            yield from self._flag()
        yield from self._grow(pieces[-1])

    def broken_off(self) -> bytes:
        """What is held back as an unfinished frame; it is forgotten."""
        raw = self._strange + (FLAG if self._inside and self._buffer else b"") + bytes(self._buffer)
        self.reset()
        return raw

    def reset(self) -> None:
        """Forget what is held back."""
        self._buffer.clear()
        self._strange = b""
        self._inside = self._fresh = False

    def _flag(self) -> Iterator[tuple[bytes, bytes | None]]:
        chunk = bytes(self._buffer)
        self._buffer.clear()
        if chunk and not self._inside:
            self._strange = chunk
        elif chunk:
            if self._strange:
                yield self._strange, None
                self._strange = b""
            yield FLAG + chunk + FLAG, chunk
        self._fresh = not (chunk and self._inside)
        self._inside = True

    def _grow(self, piece: bytes) -> Iterator[tuple[bytes, bytes | None]]:
        """Take bytes that are no flag; no frame is longer than `LONGEST`, what grows beyond is none."""
        while len(self._buffer) + len(piece) > LONGEST:
            room = LONGEST + 1 - len(self._buffer)
            self._buffer += piece[:room]
            piece = piece[room:]
            yield self.broken_off(), None
        self._buffer += piece
