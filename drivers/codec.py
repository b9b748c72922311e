"""One face for every protocol: bytes in, reports out, nothing else.

A codec owns no socket, no clock and no thread. `feed` returns a list, because a half-consumed generator
would lose alarms; bad input becomes a garbage report, never an exception; the buffer is capped; any split
of the stream gives the same reports. Which codecs there are stands in drivers/protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from drivers.report import Report

if TYPE_CHECKING:
    from drivers.address import Address
    from drivers.panel import Panel
    from drivers.wire import LineStream

Options = Mapping[str, str]
"""What stands behind the port in a line: `key=value`, as written and already judged."""


class ProtocolError(ValueError):
    """No codec can be had for what was asked for; the text says why in one sentence."""


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


@runtime_checkable
class Talker(Codec, Protocol):
    """A codec that also speaks of its own accord: it sets a modem up, asks a box for its inputs, switches a lamp."""

    def outgoing(self, now: float) -> bytes:
        """What is to be sent at the monotonic time `now`; b"" for nothing. Asked after opening and several times a
        second.
        """
        ...

    def order(self, order: Mapping[str, object]) -> None:
        """Take what a person or the console wants sent; it goes out with the next `outgoing`."""
        ...


def _no_options(_options: Options) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolRow:
    """All that the rest of the library asks of a protocol; its file ends with one of these, named PROTOCOL.

    `codec` makes a fresh codec from a line's options. `panel` makes its simulated far end for an account.
    `options` are the option names it knows besides `supervise_s` and `lenient`, `judge` says in one sentence what
    is wrong with their values. `open` replaces the usual way of opening a port (a polled box, a USB button).
    `line` makes the codec of an open line where that is another than the one that reads single frames: to a listener
    on the bus the frames of a button box are messages, to its line they are presses.
    `many`: at a listening port each sender has a codec of its own and they work side by side. `spooled`: what sends
    it cannot repeat, so it goes to the local file before anything else. `usual`: the framings a technician tries
    first. `starts`: what a sender's first byte can be, None for anything; a probe from the net begins otherwise.
    `silence_ends`: a message may have no end but the silence behind it, so `expire` reads what is held back.
    """

    codec: Callable[[Options], Codec]
    panel: Callable[[str, Options], Panel] | None = None
    options: frozenset[str] = frozenset()
    judge: Callable[[Options], str] = _no_options
    open: Callable[[Address, Options, float], LineStream] | None = None
    line: Callable[[Address, Options], Codec] | None = None
    many: bool = False
    spooled: bool = False
    usual: tuple[str, ...] = field(default=("9600,8N1",))
    starts: bytes | None = None
    silence_ends: bool = False
