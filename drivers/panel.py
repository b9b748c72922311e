"""Panel: the far end of a line as a simulator plays it, sans-IO. Every protocol has one beside its codec.

It knows frames only: what it says when the line opens, for a signal and for a heartbeat, and what it makes of
what it hears. Waiting, repeating and faults are the simulator's (drivers/simulator.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A signal to be sent, in the words of Contact ID: `qualifier` is new, restore or status; `event` its code."""

    zone: str = "001"
    event: str = "120"
    qualifier: str = "new"
    partition: str = "01"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the panel made of the bytes it got.

    `taken`: how many of its frames were acknowledged; `refused`: the last one is asked for again. `reply` goes back
    at once: the response of a polled box, the answer to a command.
    """

    taken: int = 0
    refused: bool = False
    reply: bytes = b""


class Panel(Protocol):
    """The far end of one line."""

    heartbeat_s: float
    """Seconds of quiet before a heartbeat; 0 for a protocol without."""

    def greeting(self) -> list[bytes]:
        """Frames sent one by one when the line opens, each answered before the next; [] for none."""
        ...

    def signal(self, press: Press) -> bytes:
        """The frame of a signal; b"" for a panel that only answers: it shows the press when it is asked next.

        ValueError with one sentence if it cannot be said in this protocol.
        """
        ...

    def heartbeat(self) -> bytes:
        """The frame that says all is well; b"" if the protocol has none."""
        ...

    def hear(self, data: bytes) -> Heard:
        """Take what came from the console, in any pieces."""
        ...


@runtime_checkable
class Unanswered(Protocol):
    """A panel on a line without answers: what it said once is said, and never repeated."""

    unanswered: bool
