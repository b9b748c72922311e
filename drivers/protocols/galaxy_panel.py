"""A Galaxy panel as a simulator plays it: its blocks, and the session it goes through for one event."""

from __future__ import annotations

import re

from drivers.codec import Options
from drivers.panel import Heard, Press
from drivers.protocols.sia_dc09_panel import sia_event

LENGTH_BITS, ANSWER_BIT = 0x3F, 0x40
_ACKS, _REJECT = "678", "9"


def write_block(function: str, data: bytes = b"", *, answer: bool = False) -> bytes:
    """Return a block; `answer` asks for one. ValueError for more than 63 data bytes."""
    if len(data) > LENGTH_BITS:
        raise ValueError(f"a block holds {LENGTH_BITS} data bytes, not {len(data)}")
    block = bytes([len(data) | (ANSWER_BIT if answer else 0), ord(function)]) + data
    parity = 0xFF
    for byte in block:
        parity ^= byte
    return block + bytes([parity])


class GalaxyPanel:
    """Says its account, waits, says its event, waits, and ends the session: a press is taken with the second ACK."""

    def __init__(self, account: str = "1234") -> None:
        self.heartbeat_s = 0.0
        self._account = account.encode("ascii")
        self._event = b""
        self._said = False

    def greeting(self) -> list[bytes]:
        return []

    def signal(self, press: Press) -> bytes:
        self._event = write_block("N", sia_event(press).encode("ascii"), answer=True)
        self._said = False
        return write_block("#", self._account, answer=True)

    def heartbeat(self) -> bytes:
        return b""

    def hear(self, data: bytes) -> Heard:
        """Take the answers; three bytes each, they come whole from a console."""
        taken, refused, reply = 0, False, b""
        for answer in re.findall(rb"[\x00\xc0]([6789])[\x00-\xff]", data, re.DOTALL):
            kind = answer.decode("ascii")
            if kind == _REJECT:
                refused, self._said = True, False
            elif kind in _ACKS and self._said:
                taken, self._said, reply = taken + 1, False, reply + write_block("0")
            elif kind in _ACKS:
                self._said, reply = True, reply + self._event
        return Heard(taken, refused, reply)


def make_panel(account: str, _options: Options) -> GalaxyPanel:
    """Return the far end of a Galaxy line."""
    if not re.fullmatch(r"[0-9]{1,10}", account):
        raise ValueError(f"an account has digits only, not {account!r}")
    return GalaxyPanel(account)
