"""SIA DC-09: alarms over IP, TCP or UDP, in clear or encrypted, and the Chinese HENG-BO flavour of it.

What a frame looks like stands in sia_dc09_frame.py, what is in it in sia_dc09_content.py; here it becomes reports and
the answer its sender waits for:
ACK for all that can be stored, unknown accounts and codes among it, for a panel that is refused holds back later
alarms; NAK with our time for an encrypted frame whose stamp is outside the window, or that no key opens; DUH for an id
or data nobody understands; nothing for a frame whose check fails (it comes again) or that had to be encrypted.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from drivers.codec import Options, ProtocolError, ProtocolRow
from drivers.protocols import is_lenient
from drivers.protocols.contact_id import signal
from drivers.protocols.sia_dc03_text import in_parts, read_text, signals
from drivers.protocols.sia_dc09_content import (
    Content,
    Head,
    read_cipher,
    read_clear,
    read_head,
    stamp_of,
    time_of,
    xdata_words,
    zone_of,
)
from drivers.protocols.sia_dc09_frame import Cutter, Piece, write_frame
from drivers.protocols.sia_dc09_keys import BLOCK, Keys, encrypt, keys_for
from drivers.protocols.sia_dc09_panel import make_panel
from drivers.report import Report, garbage

# DC-09 5.5.1.9: so late and so early may an encrypted frame be, in seconds.
LATE_S, EARLY_S = 40, 20
HENG_BO = "HENG-BO"
# Frames that carry one Contact ID event.
_CONTACT_ID = ("ADM-CID", HENG_BO)
_LINK_TESTS = ("NULL", "XNM")
_REPLIES = ("ACK", "NAK", "DUH", "RSP")
# DC-09: the pulse formats and others whose data are not DC-03 or DC-05; they are shown as they came.
_OTHER_EVENTS = frozenset(
    (
        "SIA-PUL", "ACR-SF", "ADM-41E", "ADM-42E", "ADM-HS", "DSC-43", "FBI-SF", "ITI-I", "SCN-S8", "SCN-S16",
        "SCN-S24", "SCT", "SES-SS", "SIA-S2K", "SK-FSK1", "SK-FSK2",
    )
)  # fmt: skip
_EVENT = re.compile(
    r"(?:#(?P<account>[0-9A-Fa-f]{1,16}))?\|? ?(?P<qualifier>[136]) ?(?P<code>[0-9B-F]{3})"
    r" ?(?P<partition>[0-9]{2}) ?(?P<third>[0-9]{3}) ?"
)
# HENG-BO: the private event 799 tells the signal strength, one byte of two decimal digits.
_SIGNAL_STRENGTH = "799"


def utc_now() -> datetime:
    """Return the time as the computer has it."""
    return datetime.now(UTC)  # noqa: TID251 - the library's own clock; tests and panels are given another


class Dc09Codec:
    """Reads what one sender says and knows the answer to it.

    `now` is the clock for stamps and for the window in which an encrypted frame must lie (`judge_time`); `pad` gives so
    many random bytes; `zone` is the sender's time zone if it is not GMT, as DC-09 has it.
    """

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        lenient: bool = False,
        require_key: bool = False,
        judge_time: bool = True,
        zone: tzinfo = UTC,
        now: Callable[[], datetime] = utc_now,
        pad: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._keys = keys or Keys({})
        self._cutter = Cutter(lenient=lenient)
        self._require_key = require_key
        self._judge_time = judge_time
        self._zone = zone
        self._now = now
        self._pad = pad
        self._heng_bo: str | None = None

    @property
    def pending(self) -> int:
        return self._cutter.pending

    def reset(self) -> None:
        self._cutter.take()

    def expire(self) -> list[Report]:
        raw = self._cutter.take()
        return [garbage(raw, "the frame broke off before its end")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        return [report for piece in self._cutter.feed(data) for report in self._read(piece)]

    def _read(self, piece: Piece) -> list[Report]:
        if piece.why:
            return [garbage(piece.raw, piece.why)]
        head = read_head(piece.body)
        if head is None:
            return [garbage(piece.raw, "the check holds, but the frame has not the form of DC-09")]
        if head.encrypted:
            return self._read_encrypted(piece.raw, head)
        content = read_clear(head.rest)
        if self._require_key and head.id not in _REPLIES:
            return [garbage(piece.raw, "not encrypted, though this line takes only what is")]
        if content is None:
            return [garbage(piece.raw, "the bracket around the data is not closed", self._duh(head))]
        return self._understand(piece.raw, head, content, b"")

    def _read_encrypted(self, raw: bytes, head: Head) -> list[Report]:
        keys = self._keys.for_account(head.account or "")
        if not keys:
            more = {"id": head.id, "encrypted": True}
            why = f"encrypted, and there is no key for account {head.account}"
            return [replace(_blank(raw, head), type="message", why=why, more=more)]
        opened = read_cipher(head.rest, keys)
        if opened is None:
            why = f"encrypted, and not to be opened with the key of account {head.account}"
            return [garbage(raw, why, self._nak())]
        content, key = opened
        fault = self._time_fault(content.stamp) if self._judge_time else ""
        return [garbage(raw, fault, self._nak())] if fault else self._understand(raw, head, content, key)

    def _time_fault(self, stamp: str) -> str:
        sent = time_of(stamp, self._zone)
        if sent is None:
            return f"the time stamp {stamp!r} is no time"
        late = (self._now() - sent) / timedelta(seconds=1)
        if -EARLY_S <= late <= LATE_S:
            return ""
        return f"the time stamp is {abs(late):.0f} s {'old' if late > 0 else 'ahead'}: {stamp}"

    def _understand(self, raw: bytes, head: Head, content: Content, key: bytes) -> list[Report]:
        blank = self._filled(raw, head, content)
        if head.id in _REPLIES:
            return [replace(blank, type="message")]
        events = _events(head, content, partial(_with, blank))
        self._remember_flavour(head, events)
        if not events:
            why = f"nobody here understands {head.id} with the data {content.data!r}"
            return [garbage(raw, why, self._duh(head))]
        ack = self._ack(head, key)
        return in_parts([replace(event, ack=ack) for event in events])

    def _filled(self, raw: bytes, head: Head, content: Content) -> Report:
        sent = time_of(content.stamp, self._zone)
        more: dict[str, object] = {"id": head.id, "encrypted": head.encrypted, "data": content.data}
        more |= {"xdata": list(content.xdata)}
        more |= {"timestamp": content.stamp} if content.stamp else {}
        more |= {"left": content.left.decode("latin-1")} if content.left else {}
        extended = xdata_words(content.xdata) or None
        when = sent.isoformat() if sent else None
        return replace(_blank(raw, head), device_time=when, extended=extended, more=more)

    # -- answers -------------------------------------------------------------------------------------------------

    def _remember_flavour(self, head: Head, events: list[Report]) -> None:
        """HENG-BO modules put a 6-digit hex number of their own inside; their link tests look like any other's."""
        inner = (events[0].more or {}).get("inner_account") if events else None
        if head.id == HENG_BO or (isinstance(inner, str) and len(inner) == 6 and len(head.account or "") >= 10):
            self._heng_bo = head.account

    def _ack(self, head: Head, key: bytes) -> bytes:
        if key:
            return write_frame(b'"*ACK"%b[%b' % (head.echo, self._sealed(key)))
        # HENG-BO answers carry the time, DC-09 has it in encrypted ones only.
        stamp = stamp_of(self._now(), self._zone) if head.account and head.account == self._heng_bo else b""
        return write_frame(b'"ACK"%b[]%b' % (head.echo, stamp))

    def _sealed(self, key: bytes) -> bytes:
        """Return the cipher text of an empty answer: 16 to 31 bytes of pad (DC-09-2026), `|]` and the time, as hex."""
        tail = b"|]" + stamp_of(self._now(), self._zone)
        pad = bytes(byte % 26 + ord("A") for byte in self._pad(2 * BLOCK - len(tail) % BLOCK))
        return encrypt(key, pad + tail).hex().upper().encode("ascii")

    def _nak(self) -> bytes:
        """Return NAK: it tells our time, by which the sender sets its clock, and is never encrypted."""
        return write_frame(b'"NAK"0000R0L0A0[]%b' % stamp_of(self._now(), self._zone))

    def _duh(self, head: Head) -> bytes:
        return write_frame(b'"DUH"%b[]' % head.echo)


def _blank(raw: bytes, head: Head) -> Report:
    return Report(
        type="garbage",
        raw=raw,
        account=head.account,
        receiver=head.receiver,
        receiver_line=head.line,
        sequence=head.sequence,
    )


def _with(blank: Report, **fields: object) -> Report:
    """Return the blank report filled in; what two sides have in `extended` stands there together."""
    extended = dict(blank.extended or {}) | dict(fields.pop("extended", None) or {})  # type: ignore[call-overload]
    return replace(blank, extended=extended or None, **fields)  # type: ignore[arg-type]


def _events(head: Head, content: Content, report: Callable[..., Report]) -> list[Report]:
    """Return what a frame says, [] if that cannot be understood."""
    if head.id in _LINK_TESTS:
        return [report(type="heartbeat")]
    if head.id in _CONTACT_ID:
        return _contact_id(head, content, report)
    if head.id == "SIA-DCS":
        return _dc03(head, content, report)
    if head.id in _OTHER_EVENTS:
        return [report(type="signal", test=False, silent=False, panic=False, extended={"text": content.data})]
    return []


def _contact_id(head: Head, content: Content, report: Callable[..., Report]) -> list[Report]:
    found = _EVENT.fullmatch(content.data)
    if found is None:
        return []
    account = head.account or found["account"]
    told = signal(report, account, found["qualifier"], found["code"], found["partition"], found["third"])
    if found["account"] and found["account"] != account:
        told = replace(told, more={**(told.more or {}), "inner_account": found["account"]})
    if found["code"] == _SIGNAL_STRENGTH and content.xdata:
        told = replace(told, extended={**(told.extended or {}), "signal_strength": content.xdata[0]})
    return [told]


def _dc03(head: Head, content: Content, report: Callable[..., Report]) -> list[Report]:
    """Return the events of a DC-03 text; a text without any is a message, if it says something at all."""
    told = read_text(content.data)
    account = head.account or told.account
    if told.events:
        rows = signals(report, account, told.events)
        inner = {"inner_account": told.account} if told.account and told.account != account else {}
        return [replace(row, more={**(row.more or {}), **inner}) for row in rows]
    return [report(type="message", account=account, extended={"text": " ".join(told.texts)})] if told.texts else []


def _flag(options: Options, name: str, default: str) -> bool:
    return options.get(name, default) == "1"


def make_codec(options: Options) -> Dc09Codec:
    """Return the codec of a line with these options, already judged."""
    return Dc09Codec(
        keys_for(options),
        lenient=is_lenient(options),
        require_key=_flag(options, "require_key", "0"),
        judge_time=_flag(options, "judge_time", "1"),
        zone=zone_of(options.get("tz", "+00:00")) or UTC,
    )


def judge(options: Options) -> str:
    """Return what is wrong with a line's options, in one sentence; "" for nothing."""
    for name in ("require_key", "judge_time"):
        if options.get(name, "0") not in ("0", "1"):
            return f"{name} is 0 or 1, not {options[name]!r}"
    if zone_of(options.get("tz", "+00:00")) is None:
        return f"tz is an offset like +08:00, not {options['tz']!r}"
    if _flag(options, "require_key", "0") and not options.keys() & {"keys", "key"}:
        return "require_key=1 needs keys=FILE"
    try:
        keys_for(options)
    except ProtocolError as problem:
        return str(problem)
    return ""


PROTOCOL = ProtocolRow(
    codec=make_codec,
    panel=make_panel,
    options=frozenset(("keys", "require_key", "judge_time")),
    judge=judge,
    many=True,
    starts=b"\n",
)
