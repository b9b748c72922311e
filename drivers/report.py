"""What a driver hands up: one frozen value per thing heard on a line.

Every codec speaks this one vocabulary, so intake, the technician's bench, the replay and the command line
need to know no protocol. Field names are those of the command line contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

_WIRE_FIELDS = ("raw", "ack", "glued", "type", "more")
_TERMINATORS = b"\x14\r\n\x94\x8d\x8a "


@dataclass(frozen=True)
class Report:
    """One thing heard: a signal, a heartbeat, or bytes that could not be read.

    `raw` holds the bytes as they came, with the terminator that closed them; only idle bytes between frames
    (blanks, empty lines) belong to no report. `ack` holds what the receiver side answers once the report is
    safely stored; b"" for nothing. `glued` marks a piece identical to one before it in the same
    unterminated line: a copy, not a new press. `more` holds what only some protocols say (a position, a text, a
    register); it stands beside the other fields when the report is printed.
    """

    type: str
    raw: bytes
    ack: bytes = b""
    account: str | None = None
    partition: str | None = None
    zone: str | None = None
    zone_is_user: bool | None = None
    event_code: str | None = None
    sia_code: str | None = None
    qualifier: str | None = None
    receiver: str | None = None
    receiver_line: str | None = None
    sequence: str | None = None
    device_time: str | None = None
    test: bool | None = None
    silent: bool | None = None
    panic: bool | None = None
    extended: Mapping[str, object] | None = None
    why: str | None = None
    glued: bool = False
    more: Mapping[str, object] | None = None

    @property
    def frame(self) -> bytes:
        """The bytes without terminator and blank ends: equal for identical frames, however they ended."""
        return self.raw.strip(_TERMINATORS)

    def to_json(self) -> dict[str, object]:
        """Return the report as the command line prints it; what does not apply is left out."""
        shown: dict[str, object] = {"type": self.type, "raw_hex": self.raw.hex(), "ack_hex": self.ack.hex()}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in _WIRE_FIELDS and value is not None:
                shown[field.name] = dict(value) if isinstance(value, Mapping) else value
        if self.glued:
            shown["glued"] = True
        return shown | dict(self.more or {})


_NAMES = frozenset(field.name for field in fields(Report))


def _only_what_is_said(self: Report, type: str, raw: bytes, ack: bytes = b"", **said: object) -> None:  # noqa: A002 -- the field's name
    """Set what is given; the rest are the defaults of the class."""
    if not said.keys() <= _NAMES:
        raise TypeError(f"a report has no {', '.join(sorted(said.keys() - _NAMES))}")
    self.__dict__.update(said, type=type, raw=raw, ack=ack)


# The generated one sets all of the fields, one by one and most of them to nothing: with it half of the time of a codec
# goes into that (9 of 16 microseconds for a Modbus frame, against 2).
Report.__init__ = _only_what_is_said  # type: ignore[method-assign, assignment]


def garbage(raw: bytes, why: str, ack: bytes = b"") -> Report:
    """Return the report of bytes that gave no message; `why` is one clear sentence for a person."""
    return Report(type="garbage", raw=raw, ack=ack, why=why)
