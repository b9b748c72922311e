"""What a port open to a network defends itself with: bounds, allowances, and an eye for probes.

A port on the net is found within minutes by programs that speak HTTP, TLS or SIP at it, by half-open connections
and now and then by a device gone mad. None of them may cost an alarm of the others, nor fill the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

PROBES = (
    *(method + b" " for method in (b"GET", b"POST", b"HEAD", b"PUT", b"OPTIONS", b"CONNECT", b"DELETE", b"PATCH")),
    *(method + b" " for method in (b"TRACE", b"PROPFIND", b"PRI", b"INVITE", b"REGISTER", b"SUBSCRIBE", b"NOTIFY")),
    b"SIP/2.0",
    b"HTTP/1.",
    b"SSH-",
    # TLS 1.0 to 1.3: a handshake record begins 16 03; SSL 2 is not spoken any more.
    b"\x16\x03",
    # Remote desktop (TPKT) and the telnet negotiation.
    b"\x03\x00\x00",
    b"\xff\xfb",
    b"\xff\xfd",
)
"""How the programs begin that speak to every open port they find."""

LONGEST = max(len(words) for words in PROBES)


def looks_like_probe(opening: bytes, starts: bytes | None) -> bool | None:
    """Whether a sender's first bytes are a probe's; None while too few have come to tell.

    `starts`: what a first byte can be (ProtocolRow.starts).
    """
    if starts is not None and opening[0] not in starts:
        return True
    if any(opening.startswith(words) for words in PROBES):
        return True
    return None if any(words.startswith(opening) for words in PROBES) else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one listening port. Times in seconds.

    `connections` in all and `peers` from one address (one network's vehicles often share it; this machine's own
    programs are not bounded by it); `idle_s` without a byte ends a connection; `rate` frames and `bytes_per_s` are
    what a peer may send for long, `burst_s` seconds' worth of it at once; one that is held back for `flood_s` is
    dropped. `frame_s`: a frame that takes longer is no frame. `unsent`: bytes of our answers a peer may leave unread.
    """

    connections: int = 2000
    peers: int = 50
    idle_s: float = 300.0
    rate: float = 100.0
    bytes_per_s: float = 65536.0
    burst_s: float = 5.0
    flood_s: float = 60.0
    frame_s: float = 30.0
    unsent: int = 65536

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Limits:
        """The bounds of a line as its options say; `fault` has judged them."""
        whole = {name: int(options[name]) for name in ("connections", "peers") if name in options}
        parts = {name: float(options[name]) for name in ("idle_s", "rate") if name in options}
        return cls(**whole, **parts)  # type: ignore[arg-type]


LIMIT_OPTIONS = ("connections", "peers", "idle_s", "rate")
"""The bounds that stand in a line."""
assert set(LIMIT_OPTIONS) <= {field.name for field in fields(Limits)}


def fault(options: Mapping[str, str]) -> str:
    """What is wrong with the bounds written in a line, in one sentence; '' for nothing."""
    for name in LIMIT_OPTIONS:
        text = options.get(name, "1")
        if not (text.isascii() and text.isdigit() and int(text) > 0):
            return f"{name} is a whole number from 1, not {text!r}"
    return ""


class Bucket:
    """An allowance that fills at a steady rate: `rate` a second, at most `burst` of them saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._level = burst
        self._at = float("-inf")

    def take(self, amount: float, now: float) -> float:
        """Take so much and return how many seconds it takes until the debt is paid; 0 for no debt."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        self._level -= amount
        return max(0.0, -self._level / self._rate)

    def has(self, amount: float, now: float) -> bool:
        """Take so much if it is there; whether it was."""
        if self.take(0.0, now) > 0 or self._level < amount:
            return False
        self._level -= amount
        return True
