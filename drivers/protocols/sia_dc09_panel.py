"""A DC-09 panel as a simulator plays it: in clear or encrypted, Contact ID or DC-03, or a HENG-BO network module."""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from drivers.codec import Options, ProtocolError
from drivers.panel import Heard, Press
from drivers.protocols.sia_dc09_content import Head, read_cipher, read_head, stamp_of
from drivers.protocols.sia_dc09_frame import Cutter, write_frame
from drivers.protocols.sia_dc09_keys import BLOCK, encrypt, read_key

# Ajax: a link test each 60 s.
HEARTBEAT_S = 60.0
FLAVOURS = ("adm-cid", "sia-dcs", "heng-bo")
_QUALIFIERS = {"new": "1", "restore": "3", "status": "6"}
# Contact ID -> DC-03, the new event and its restore, for what a simulated panel has to say.
_SIA = {
    "100": ("MA", "MH"),
    "110": ("FA", "FH"),
    "120": ("PA", "PH"),
    "121": ("HA", "HH"),
    "122": ("HA", "HH"),
    "123": ("HA", "HH"),
    "130": ("BA", "BH"),
    "137": ("TA", "TH"),
    "144": ("TA", "TH"),
    "301": ("AT", "AR"),
    "302": ("YT", "YR"),
    "401": ("OP", "CL"),
    "602": ("RP", "RP"),
}


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a panel has a clock of its own


class Dc09Panel:
    """One panel with its account; `key` encrypts, `flavour` is one of FLAVOURS."""

    def __init__(
        self,
        account: str = "1234",
        key: tuple[bytes, ...] = (),
        flavour: str = "adm-cid",
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.heartbeat_s = HEARTBEAT_S
        self._account = account
        self._keys = key
        self._flavour = flavour
        self._now = now
        self._sequence = 0
        # A few frames may be made before the first is sent.
        self._made: deque[str] = deque(maxlen=8)
        self._cutter = Cutter()

    def greeting(self) -> list[bytes]:
        """A link test; a HENG-BO module tells its state and its type first (event 737 here)."""
        if self._flavour == "heng-bo":
            return [self._frame("HENG-BO", "#000000|1737 00 000"), self.heartbeat()]
        return [self.heartbeat()]

    def signal(self, press: Press) -> bytes:
        if self._flavour == "sia-dcs":
            return self._frame("SIA-DCS", f"#{self._account}|N{sia_event(press)}")
        inner = "000010" if self._flavour == "heng-bo" else self._account
        digit = _QUALIFIERS[press.qualifier]
        return self._frame("ADM-CID", f"#{inner}|{digit}{press.event} {press.partition} {press.zone.zfill(3)}")

    def heartbeat(self) -> bytes:
        return self._frame("NULL", "")

    def hear(self, data: bytes) -> Heard:
        """A HENG-BO module acknowledges what the centre orders, as the centre does what it reports."""
        taken, refused, reply = 0, False, b""
        for piece in self._cutter.feed(data):
            head = read_head(piece.body) if not piece.why else None
            if head is None:
                continue
            taken += head.id in ("ACK", "RSP") and self._is_ours(head)
            refused = refused or head.id in ("NAK", "DUH")
            if self._flavour == "heng-bo" and head.id in ("ADM-CID", "HENG-BO"):
                reply += write_frame(b'"ACK"%b[]%b' % (head.echo, stamp_of(self._now(), UTC)))
        return Heard(taken, refused, reply)

    def _is_ours(self, head: Head) -> bool:
        if head.sequence not in self._made or head.encrypted != bool(self._keys):
            return False
        return not head.encrypted or read_cipher(head.rest, self._keys) is not None

    def _frame(self, kind: str, data: str) -> bytes:
        self._sequence = self._sequence % 9999 + 1
        self._made.append(f"{self._sequence:04d}")
        places = "R000001L000001" if self._flavour == "heng-bo" else "R0L0"
        clear = f"{data}]".encode("ascii") + stamp_of(self._now(), UTC)
        star, rest = ("*", self._sealed(b"|" + clear)) if self._keys else ("", clear)
        return write_frame(f'"{star}{kind}"{self._sequence:04d}{places}#{self._account}['.encode("ascii") + rest)

    def _sealed(self, tail: bytes) -> bytes:
        pad = secrets.token_hex(2 * BLOCK)[: 2 * BLOCK - len(tail) % BLOCK]
        return encrypt(self._keys[0], pad.encode("ascii") + tail).hex().upper().encode("ascii")


def sia_event(press: Press) -> str:
    """Return a press as DC-03 says it: `ri1/PA005`; ValueError if it has no code for it."""
    if press.event not in _SIA or press.qualifier == "status":
        raise ValueError(f"this panel has no SIA code for {press.qualifier} {press.event}")
    code = _SIA[press.event][press.qualifier == "restore"]
    return f"ri{int(press.partition)}/{code}{press.zone.zfill(3)}"


def make_panel(account: str, options: Options) -> Dc09Panel:
    """Return the far end of a DC-09 line; `key` and `flavour` say how it speaks."""
    if not re.fullmatch(r"[0-9A-Fa-f]{3,16}", account):
        raise ValueError(f"an account has 3 to 16 hex digits, not {account!r}")
    flavour = options.get("flavour", "adm-cid")
    if flavour not in FLAVOURS:
        raise ProtocolError(f"there is no flavour {flavour!r}; known are {', '.join(FLAVOURS)}")
    return Dc09Panel(account, read_key(options["key"]) if "key" in options else (), flavour)
