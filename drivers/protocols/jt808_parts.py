"""Sub-packages of JT/T 808: a long message comes in parts, perhaps out of order, perhaps with some lost.

The parts of one message have serials that count up, so the serial of the first names the message. What is held is
bounded, the oldest message goes first; every part was a report of its own, so nothing is lost unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from drivers.protocols.jt808_frame import Frame

MESSAGES, BYTES = 16, 1 << 20
"""So many unfinished messages, and bytes of them, are held a connection."""

MOST_PARTS = 2048
"""A message of more is never held: with full parts it is larger than all that is held, and with empty ones it would
cost a whole fleet's thread its time."""

QUIET_S, ASKS = 5.0, 3
"""A message that does not grow for so long is asked for, so many times."""

Key = tuple[str, int, int, int]


@dataclass(slots=True)
class _Unfinished:
    last: Frame
    bodies: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    asked: int = 0
    # Monotonic seconds of the look that saw it grow last; None since it grew.
    seen_at: float | None = None

    @property
    def missing(self) -> list[int]:
        assert self.last.part is not None
        return [number for number in range(1, self.last.part[0] + 1) if number not in self.bodies]


class Parts:
    """The unfinished messages of one connection."""

    def __init__(self) -> None:
        self._messages: dict[Key, _Unfinished] = {}

    def take(self, frame: Frame) -> Frame | None:
        """Take a part; the whole message as soon as it is whole, with the header of the part that completed it."""
        assert frame.part is not None
        if frame.part[0] > MOST_PARTS:
            return None
        key = _key(frame)
        message = self._messages.setdefault(key, _Unfinished(frame))
        message.size += len(frame.body) - len(message.bodies.get(frame.part[1], b""))
        message.bodies[frame.part[1]] = frame.body
        message.last, message.seen_at = frame, None
        if len(message.bodies) < frame.part[0]:
            self._bound()
            return None
        del self._messages[key]
        body = b"".join(message.bodies[number] for number in sorted(message.bodies))
        return replace(frame, body=body, part=None)

    def gaps(self, frame: Frame) -> list[int]:
        """What is missing now that the last part is here; [] while more are on their way."""
        assert frame.part is not None
        message = self._messages.get(_key(frame))
        return message.missing if message is not None and frame.part[0] == frame.part[1] else []

    def overdue(self, now: float) -> Iterator[tuple[Frame, int, list[int]]]:
        """Messages that stopped growing: one of their parts, the serial of their first, the missing numbers."""
        for key, message in list(self._messages.items()):
            if message.seen_at is None:
                message.seen_at = now
            elif now - message.seen_at >= QUIET_S:
                message.seen_at = now
                message.asked += 1
                if message.asked > ASKS:
                    del self._messages[key]
                else:
                    yield message.last, key[3], message.missing

    def clear(self) -> None:
        """Forget all of them."""
        self._messages.clear()

    def _bound(self) -> None:
        while len(self._messages) > MESSAGES or sum(message.size for message in self._messages.values()) > BYTES:
            del self._messages[next(iter(self._messages))]


def first_serial(frame: Frame) -> int:
    """The serial of the first part of the message this is a part of."""
    assert frame.part is not None
    return (frame.serial - frame.part[1] + 1) & 0xFFFF


def _key(frame: Frame) -> Key:
    assert frame.part is not None
    return frame.phone, frame.msg_id, frame.part[0], first_serial(frame)
