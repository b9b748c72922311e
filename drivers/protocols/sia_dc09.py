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
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

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
_INNER = re.compile(r"#([0-9A-Fa-f]{1,16})(?:\||$)")
_EVENT = re.compile(r"(?:#[0-9A-Fa-f]{1,16})?\|? ?([136]) ?([0-9B-F]{3}) ?([0-9]{2}) ?([0-9]{3}) ?")
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
            return [self._unread(raw, head)]
        opened = read_cipher(head.rest, keys, stamped=self._judge_time)
        if opened is None:
            why = f"encrypted, and not to be opened with the key of account {head.account}"
            return [garbage(raw, why, self._nak())]
        content, key = opened
        fault = self._time_fault(content.stamp) if self._judge_time else ""
        return [garbage(raw, fault, self._nak())] if fault else self._understand(raw, head, content, key)

    def _unread(self, raw: bytes, head: Head) -> Report:
        """Return the report of a frame nobody here can open; without an answer its sender notices."""
        return Report(
            type="message",
            raw=raw,
            account=head.account,
            receiver=head.receiver,
            receiver_line=head.line,
            sequence=head.sequence,
            why=f"encrypted, and there is no key for account {head.account}",
            more={"id": head.id, "encrypted": True},
        )

    def _time_fault(self, stamp: str) -> str:
        sent = time_of(stamp, self._zone)
        if sent is None:
            return f"the time stamp {stamp!r} is no time"
        late = (self._now() - sent) / timedelta(seconds=1)
        if -EARLY_S <= late <= LATE_S:
            return ""
        return f"the time stamp is {abs(late):.0f} s {'old' if late > 0 else 'ahead'}: {stamp}"

    def _understand(self, raw: bytes, head: Head, content: Content, key: bytes) -> list[Report]:
        found = _INNER.match(content.data)
        inner = found[1] if found else None
        self._remember_flavour(head, inner)
        account = head.account or inner
        frame = self._frame(raw, head, content, inner if inner != account else None)
        if head.id in _REPLIES:
            return [Report(type="message", account=account, **frame)]
        frame["ack"] = self._ack(head, key)
        said = xdata_words(content.xdata)
        report = partial(_with, frame, said) if said else partial(Report, **frame)
        events = _events(head.id, content, account, report)
        if not events:
            why = f"nobody here understands {head.id} with the data {content.data!r}"
            return [garbage(raw, why, self._duh(head))]
        return in_parts(events)

    def _frame(self, raw: bytes, head: Head, content: Content, inner: str | None) -> dict[str, Any]:
        """Return the fields that every report of a frame has."""
        more: dict[str, object] = {
            "id": head.id,
            "encrypted": head.encrypted,
            "data": content.data,
            "xdata": list(content.xdata),
        }
        sent = None
        if content.stamp:
            more["timestamp"] = content.stamp
            sent = time_of(content.stamp, self._zone)
        if inner:
            more["inner_account"] = inner
        if content.left:
            more["left"] = content.left.decode("latin-1")
        return {
            "raw": raw,
            "receiver": head.receiver,
            "receiver_line": head.line,
            "sequence": head.sequence,
            "device_time": sent.isoformat() if sent else None,
            "more": more,
        }

    # -- answers -------------------------------------------------------------------------------------------------

    def _remember_flavour(self, head: Head, inner: str | None) -> None:
        """HENG-BO modules put a 6-digit hex number of their own inside; their link tests look like any other's."""
        if head.id == HENG_BO or (inner and len(inner) == 6 and len(head.account or "") >= 10):
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


def _with(frame: Mapping[str, Any], said: Mapping[str, str], **fields: Any) -> Report:
    """Return a report of a frame with extended data: what an event says itself stands beside them."""
    return Report(**{**frame, **fields, "extended": {**said, **(fields.get("extended") or {})}})


def _events(kind: str, content: Content, account: str | None, report: Callable[..., Report]) -> list[Report]:
    """Return what a frame says, [] if that cannot be understood."""
    if kind in _LINK_TESTS:
        return [report(type="heartbeat", account=account)]
    if kind in _CONTACT_ID:
        return _contact_id(content, account, report)
    if kind == "SIA-DCS":
        return _dc03(content, account, report)
    if kind in _OTHER_EVENTS:
        said = {"text": content.data}
        return [report(type="signal", account=account, test=False, silent=False, panic=False, extended=said)]
    return []


def _contact_id(content: Content, account: str | None, report: Callable[..., Report]) -> list[Report]:
    found = _EVENT.fullmatch(content.data)
    if found is None:
        return []
    qualifier, code, partition, third = found.groups()
    if code == _SIGNAL_STRENGTH and content.xdata:
        report = partial(report, extended={"signal_strength": content.xdata[0]})
    return [signal(report, account, qualifier, code, partition, third)]


def _dc03(content: Content, account: str | None, report: Callable[..., Report]) -> list[Report]:
    """Return the events of a DC-03 text; a text without any is a message, if it says something at all."""
    told = read_text(content.data)
    if told.events:
        return signals(report, account, told.events)
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
