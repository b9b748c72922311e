"""Detect what speaks at a port: listen with the usual settings, let every codec read, propose what fits, with evidence.

It only listens and answers nothing: a receiver keeps what is not acknowledged and sends it again to the line that is
made of the port afterwards. What never speaks first (a polled box, a modem) cannot be found this way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from drivers.address import Address, parse_address
from drivers.codec import Codec
from drivers.protocols import MODULES, codec_for, protocol_row
from drivers.report import Report
from drivers.streams import open_stream
from drivers.wire import PortError, StreamEnded

LISTEN_S = 35.0
"""With each framing: receivers send a heartbeat each 30 s when nothing else happens."""

SURE_AFTER = 2
"""So many frames without one that cannot be read end the listening early."""

POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Proposal:
    """A protocol and a port that fit. `frames` were read, `unread` bytes were not; `sample` is the last good frame."""

    protocol: str
    address: Address
    frames: int
    unread: int
    kinds: tuple[str, ...]
    sample: bytes

    @property
    def share(self) -> float:
        """About how much of what came could be read, 0–1."""
        read = len(self.sample) * self.frames
        return read / (read + self.unread)


@dataclass(slots=True)
class _Candidate:
    protocol: str
    codec: Codec
    frames: int = 0
    unread: int = 0
    kinds: dict[str, None] | None = None
    sample: bytes = b""

    def hear(self, data: bytes) -> None:
        for report in self.codec.feed(data):
            self._count(report)

    def _count(self, report: Report) -> None:
        if report.type == "garbage":
            self.unread += len(report.raw)
            return
        self.frames += 1
        self.kinds = (self.kinds or {}) | {report.type: None}
        self.sample = report.raw

    def give_up(self) -> None:
        """What was left of a frame belongs to nobody."""
        for report in self.codec.expire():
            self._count(report)


def framings(address: Address) -> Iterator[Address]:
    """The address itself where its framing is written or it has none; else each usual one, the commonest first."""
    if address.kind not in ("serial", "usb", "rfc2217") or address != Address(address.kind, address.target):
        yield address
        return
    seen: set[Address] = set()
    for name in MODULES:
        for written in protocol_row(name).usual:
            framed = parse_address(f"/dev/x@{written}")
            found = replace(framed, kind=address.kind, target=address.target)
            if found not in seen:
                seen.add(found)
                yield found


def detect(
    address: Address,
    listen_s: float = LISTEN_S,
    on_try: Callable[[Address], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Proposal]:
    """Listen at a port with one framing after the other until something fits; the best proposal first, [] for none.

    Blocks up to `listen_s` for each framing; `cancelled` ends it early. PortError if the port cannot be opened.
    """
    # All at once: every codec is loaded before a port is opened, not while it speaks.
    for framed in list(framings(address)):
        if cancelled():
            break
        on_try(framed)
        found = _listen(framed, listen_s, cancelled)
        if found:
            return found
    return []


def _listen(address: Address, listen_s: float, cancelled: Callable[[], bool]) -> list[Proposal]:
    candidates = [_Candidate(name, codec_for(name)) for name in MODULES if protocol_row(name).open is None]
    stream = open_stream(address, POLL_S)
    ends = time.monotonic() + listen_s
    try:
        while time.monotonic() < ends and not cancelled():
            data = stream.read()
            for candidate in candidates if data else ():
                candidate.hear(data)
            if any(c.frames >= SURE_AFTER and not c.unread for c in candidates):
                break
    except (PortError, StreamEnded):
        if not any(c.frames for c in candidates):
            raise
    finally:
        stream.close()
    return _ranked(address, candidates)


def _ranked(address: Address, candidates: list[_Candidate]) -> list[Proposal]:
    for candidate in candidates:
        candidate.give_up()
    found = [
        Proposal(c.protocol, address, c.frames, c.unread, tuple(c.kinds or ()), c.sample)
        for c in candidates
        if c.frames
    ]
    good = [proposal for proposal in found if proposal.share >= 0.5]
    return sorted(good, key=lambda p: (-p.share, -p.frames, list(MODULES).index(p.protocol)))
