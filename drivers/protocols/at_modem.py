"""A GSM modem spoken to with AT commands (3GPP TS 27.005, 27.007): who calls, texts in, texts out.

Set up once and again after each reset; texts are fetched one at a time from the modem's memory and deleted by the
report's own answer, so only when they are durable; long ones wait there until they are whole (at_modem_parts.py).
The modem is asked for its network and its field strength every 30 s, which also keeps the line's supervision fed:
one that answers nothing is set up again and again, and the line falls silent. A codec nobody asks to speak (a
capture, `decode`) reports the notices themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from drivers.codec import Options, ProtocolRow
from drivers.protocols.at_modem_calls import Ringing
from drivers.protocols.at_modem_lines import PROMPT, Lines, is_words, number_in, parted
from drivers.protocols.at_modem_network import Network
from drivers.protocols.at_modem_panel import make_panel
from drivers.protocols.at_modem_parts import Joined, Parts
from drivers.protocols.at_modem_sending import Sending
from drivers.protocols.sms_pdu import BadPdu, Unfinished, read_pdu
from drivers.report import Report, garbage

# An escape first: a modem left within a text takes everything for its letters.
SET_UP = (
    "\x1bATE0",
    "AT+CMEE=1",
    "AT+CPIN?",
    "AT+CLIP=1",
    "AT+CRC=1",
    "AT+CMGF=0",
    "AT+CNMI=2,1,0,1,0",
    "AT+CREG=1",
    "AT+CREG?",
    "AT+CSQ",
    "AT+CMGL=4",
)
"""The last one lists what came while nobody was there (4 = all, in PDU mode)."""
NEEDED = frozenset({"AT+CPIN?", "AT+CMGF=0"})
"""Without these there is no use in going on."""
POLL_S = 30.0
POLLS_A_SUPERVISION = 3
"""A line that is supervised more closely is asked more often: one lost answer must not make it silent."""
# A notice may be lost with a modem that stumbled.
LIST_EVERY_S = 60.0
ANSWER_S = 5.0
# The network may take its time with a text (TS 27.005 names no limit; makers name 60 s).
SENT_S = 60.0
# So long the console may take to make a text durable; else it stays in the modem and is fetched again later.
DURABLE_S = 10.0
AGAIN_S = 10.0
# So many places one command deletes: a command line has its limits.
DELETED_AT_ONCE = 8
RESTARTED = frozenset({"^SYSSTART", "RDY", "START", "*ATREADY", "+PBREADY", "^BOOT", "NORMAL POWER DOWN"})
_UNREAD = frozenset({"0", "1"})


@dataclass(slots=True)
class _Flight:
    """A command whose result is awaited; kind `text` is the PDU behind the prompt, `ack` the console's answer."""

    kind: str
    command: str
    due: float


class AtModemCodec:
    """The modem's side of the dialogue comes in by `feed`, ours goes out by `outgoing`."""

    def __init__(self, poll_s: float = POLL_S) -> None:
        self._lines = Lines()
        self._poll_s = poll_s
        self._calls, self._parts, self._sending, self._network = Ringing(), Parts(), Sending(), Network()
        self._now: float | None = None
        self._kept: list[Report] = []
        self._begin()

    def _begin(self) -> None:
        """Forget what was agreed with the modem; what it holds is read anew."""
        self._steps = deque(SET_UP)
        self._wait_until = 0.0
        self._echo_off = False
        self._flight: _Flight | None = None
        self._header: tuple[str, list[str], bytes] | None = None
        self._read: Report | None = None
        self._to_read: deque[int] = deque()
        self._to_delete: deque[int] = deque()
        self._asked_at = self._listed_at = self._now or 0.0
        self._prompted = False
        self._parts.forget()

    # -- the codec -------------------------------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        return self._lines.pending + (len(self._header[2]) if self._header else 0)

    def reset(self) -> None:
        """The wire was opened anew, perhaps to another modem."""
        self._lines.take()
        self._kept += self._sending.failed(b"", "the line was lost") if self._given_away(self._flight) else []
        self._begin()

    def expire(self) -> list[Report]:
        raw = (self._header[2] if self._header else b"") + self._lines.take()
        self._header = None
        reports = [garbage(raw, "the line broke off")] if raw else []
        return reports + self._found()

    def feed(self, data: bytes) -> list[Report]:
        reports = [report for raw in self._lines.feed(data) for report in self._line(raw)]
        return reports + self._found() if self._now is not None else reports

    def _found(self) -> list[Report]:
        """Return what the clock has brought up."""
        if self._now is None:
            return []
        reports, self._kept = self._kept + self._sending.told(), []
        reports += self._calls.tick(self._now) + self._network.tick(self._now)
        joined = self._parts.overdue(self._now) if self._flight is None else None
        return reports + (self._hand_over(joined) if joined else [])

    # -- what the modem says ---------------------------------------------------------------------------------------

    def _line(self, raw: bytes) -> list[Report]:
        if raw == PROMPT:
            self._prompted = self._flight is not None and self._flight.kind == "send"
            return []
        line = raw.strip()
        if not is_words(line) or raw[-1:] not in (b"\r", b"\n"):
            return [garbage(raw, "no line a modem writes")]
        words = line.decode("ascii")
        if self._header is not None:
            return self._pdu(words, raw)
        if self._flight is not None and words == self._flight.command.lstrip("\x1b"):
            return self._echoed()
        name, fields = parted(words)
        return self._said(name, fields, raw)

    def _echoed(self) -> list[Report]:
        """Our own command came back: before ATE0 that is usual, later the modem forgot what it was told."""
        if self._echo_off:
            self._begin()
        return []

    def _said(self, name: str, fields: list[str], raw: bytes) -> list[Report]:
        if name in ("RING", "+CRING"):
            return self._calls.rang(raw, self._now or 0.0)
        if name == "+CLIP":
            return self._calls.named(raw, fields[0] if fields else "", self._now or 0.0)
        if name in ("NO CARRIER", "BUSY", "NO ANSWER", "VOICE NO CARRIER"):
            return self._calls.ended(raw)
        if name in ("+CMTI", "+CDSI"):
            return self._stored(name, fields, raw)
        if name in ("+CMGR", "+CMT", "+CDS"):
            self._header = (name, fields, raw)
            return []
        if name == "+CMGL":
            return self._listed(fields, raw)
        if name == "+CMGS":
            self._sending.referenced(number_in(fields, 0) or 0)
            return []
        if name in RESTARTED or name.startswith("^SYSSTART"):
            return self._restarted()
        if name in ("OK", "ERROR", "+CME ERROR", "+CMS ERROR"):
            return self._final(name, number_in(fields, 0), raw)
        return self._network.said(name, fields, raw, self._now) or self._unknown(name, raw)

    def _unknown(self, name: str, raw: bytes) -> list[Report]:
        """Makers have many words of their own, none of which means anything to us; other words are noise."""
        known = name[:1] in "+^*%!#$" or name in self._network.NAMES
        return [] if known or self._now is not None else [garbage(raw, "no line of a modem that means anything here")]

    def _restarted(self) -> list[Report]:
        reports = self._sending.failed(b"", "the modem restarted") if self._given_away(self._flight) else []
        self._begin()
        return reports

    def _stored(self, name: str, fields: list[str], raw: bytes) -> list[Report]:
        index = number_in(fields, 1)
        if index is None:
            return [garbage(raw, "a notice of a text without its place")]
        if self._now is None:
            said: dict[str, object] = {"memory": fields[0], "index": index}
            return [Report(type="text", raw=raw, more=said | ({"status_report": True} if name == "+CDSI" else {}))]
        if index not in self._to_read:
            self._to_read.append(index)
        return []

    def _listed(self, fields: list[str], raw: bytes) -> list[Report]:
        """A line of the list: the text itself is fetched alone, so that each is answered alone."""
        self._header = ("+CMGL", fields, raw)
        index = number_in(fields, 0)
        received = len(fields) > 1 and fields[1] in _UNREAD
        if index is not None and received and index not in self._to_read and index not in self._parts.held:
            self._to_read.append(index)
        return []

    def _pdu(self, words: str, raw: bytes) -> list[Report]:
        """Take the line behind a header: the text itself, as hex."""
        assert self._header is not None
        (name, _, front), self._header = self._header, None
        if name == "+CMGL" and self._now is not None:
            return []
        report = _read_hex(words, front + raw)
        if self._now is not None and name == "+CMGR":
            self._read = report
            return []
        if report.type == "message" and self._now is not None:
            return [self._sending.delivery(report)]
        if report.type == "text" and self._now is not None:
            joined = self._parts.add(report, None, self._now)
            return [joined.report] if joined else []
        return [report]

    # -- results ---------------------------------------------------------------------------------------------------

    def _final(self, name: str, code: int | None, raw: bytes) -> list[Report]:
        flight, self._flight = self._flight, None
        if flight is None or self._now is None:
            return []
        good = name == "OK"
        if flight.kind == "set":
            self._set(flight.command, good=good)
        elif flight.kind == "read":
            return self._fetched(flight, good=good)
        elif flight.kind in ("send", "text"):
            self._prompted = False
            return self._sending.taken(raw) if good else self._sending.refused(raw, code if "CMS" in name else None)
        return []

    def _set(self, command: str, *, good: bool) -> None:
        """Go on with setting up. Not every modem knows every command; without its SIM it is asked again soon."""
        if command.endswith("ATE0"):
            self._echo_off = good
        if not good and command in NEEDED:
            self._steps = deque(SET_UP)
            self._wait_until = (self._now or 0.0) + AGAIN_S
            self._echo_off = False

    def _fetched(self, flight: _Flight, *, good: bool) -> list[Report]:
        """The text of one place is here; an empty place says nothing or ERROR."""
        assert self._now is not None
        index, report, self._read = int(flight.command.rpartition("=")[2]), self._read, None
        if not good or report is None:
            return []
        if report.type == "message":
            return self._hand_over(Joined(self._sending.delivery(report), (index,)))
        if report.type == "garbage":
            return self._hand_over(Joined(report, (index,)))
        joined = self._parts.add(report, index, self._now)
        return self._hand_over(joined) if joined else []

    def _hand_over(self, joined: Joined) -> list[Report]:
        """Give a text to the console, with the answer that deletes it; until that is given nothing else is said."""
        assert self._now is not None
        if not joined.indexes:
            return [joined.report]
        first, rest = joined.indexes[:DELETED_AT_ONCE], joined.indexes[DELETED_AT_ONCE:]
        self._to_delete.extend(rest)
        ack = _deleting(first)
        self._flight = _Flight("ack", ack, self._now + DURABLE_S)
        more = {**(joined.report.more or {}), "indexes": list(joined.indexes)}
        return [replace(joined.report, ack=f"{ack}\r".encode(), more=more)]

    # -- what we say -----------------------------------------------------------------------------------------------

    def order(self, order: Mapping[str, object]) -> None:
        """Send a text: `{"sms": text, "to": number, "ref": word of whoever orders}`."""
        self._sending.order(order)

    def outgoing(self, now: float) -> bytes:
        if self._now is None:
            self._asked_at = self._listed_at = now
        self._now = now
        self._sending.tick(now)
        if self._flight is not None and now > self._flight.due:
            self._unanswered(self._flight)
        if self._flight is not None:
            return self._text(now) if self._prompted else b""
        return self._next(now)

    def _unanswered(self, flight: _Flight) -> None:
        """No result in time: a text goes on to wait in the modem, any other silence asks for a new beginning."""
        self._flight = None
        if flight.kind == "ack":
            return
        self._kept += self._sending.failed(b"", "the modem did not answer") if self._given_away(flight) else []
        self._begin()

    def _given_away(self, flight: _Flight | None) -> bool:
        """Whether a text was handed to the modem, so that nobody knows whether it went out; before that it waits on."""
        return flight is not None and flight.kind == "text"

    def _text(self, now: float) -> bytes:
        """The text behind the prompt, ended by Ctrl-Z."""
        pdu = self._sending.next_pdu()
        assert pdu is not None, "the order is there until its result is"
        self._prompted = False
        self._flight = _Flight("text", "", now + SENT_S)
        return pdu.hex().upper().encode() + b"\x1a"

    def _next(self, now: float) -> bytes:
        if now < self._wait_until:
            return b""
        if self._steps:
            return self._say("set", self._steps.popleft(), now)
        if self._to_delete:
            places = [self._to_delete.popleft() for _ in range(min(DELETED_AT_ONCE, len(self._to_delete)))]
            return self._say("delete", _deleting(tuple(places)), now)
        if self._to_read:
            return self._say("read", f"AT+CMGR={self._to_read.popleft()}", now)
        pdu = self._sending.next_pdu()
        if pdu is not None:
            # The length does not count the SMSC, here one zero octet (TS 27.005 section 3.5.1).
            return self._say("send", f"AT+CMGS={len(pdu) - 1}", now)
        return self._poll(now)

    def _poll(self, now: float) -> bytes:
        if now - self._asked_at < self._poll_s:
            return b""
        self._asked_at = now
        self._steps.extend(("AT+CREG?", "AT+CSQ"))
        if now - self._listed_at >= LIST_EVERY_S:
            self._listed_at = now
            self._steps.append("AT+CMGL=4")
        return self._next(now)

    def _say(self, kind: str, command: str, now: float) -> bytes:
        self._flight = _Flight(kind, command, now + ANSWER_S)
        return f"{command}\r".encode()


def _deleting(indexes: tuple[int, ...]) -> str:
    """Return one command for several places (V.250 section 5.2.1: further ones behind a semicolon)."""
    return "AT" + ";".join(f"+CMGD={index}" for index in indexes)


def _read_hex(words: str, raw: bytes) -> Report:
    """Return the report of a PDU in hex; its raw bytes are the modem's lines."""
    try:
        report, _ = read_pdu(bytes.fromhex(words), lenient=True)
    except Unfinished:
        return garbage(raw, "the PDU broke off")
    except (BadPdu, ValueError) as problem:
        return garbage(raw, str(problem) if isinstance(problem, BadPdu) else "a PDU that is no hex")
    return replace(report, raw=raw)


def _poll_s(options: Options) -> float:
    """How often a line of these options is asked; one without supervision as usual."""
    supervise_s = float(options.get("supervise_s", "0"))
    return min(POLL_S, supervise_s / POLLS_A_SUPERVISION) if supervise_s else POLL_S


PROTOCOL = ProtocolRow(
    codec=lambda options: AtModemCodec(_poll_s(options)),
    panel=make_panel,
    usual=("115200,8N1", "9600,8N1"),
)
