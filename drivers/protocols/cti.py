"""The link to a telephone exchange (CTI): who rings, who answered, who is on hold; and our orders to it.

A line protocol of our own, for whoever connects an exchange (a program beside it, or the exchange itself). It runs on
a serial port or one TCP connection, either side calling. Lines are UTF-8 text that ends with CR LF:

    @SSSS word name=value name=value*CCCC        SSSS counts 0001…9999 and begins anew; each side has its own
    !SSSS*CCCC                                   the answer to each line; without it within 2 s the line is said again,
                                                 three times in all, with the same number

CCCC is CRC-16/XMODEM (polynomial 1021, begins with 0), four capital hex digits, of the bytes between the first letter
and `*`. In a value blanks, controls, `%` and `*` are written `%20` and so on; an empty field is left out. A line is at
most 1024 bytes long. What cannot be read is not answered. A line that is understood but says something unknown is.

The exchange says (`id` names a call, 1–32 letters, digits, `.`, `-`, `_`, and is never used for another one):
    hello                                            the link was opened or the exchange began anew
    beat                                             every 30 s without other lines
    ring id number called subscriber address recording   a call waits; `number` is left out when it is withheld
    info id subscriber address recording             what became known of it later
    up id ext recording     held id     back id     moved id ext     end id why
    synced calls            after `sync` and the lines that tell each call anew: the ids, with commas between
    done ref                an order was carried out;    fail ref why: it was not
    reached ref             who was dialled answered;    unreached ref why: he did not

We say (`ref` names the order, `ext` a seat as the exchange knows it):
    sync     answer ref id ext     hold ref id     resume ref id     transfer ref id ext     end ref id
    dial ref ext number

`why` of a failure is one word of `WHY`. An order without an answer in 6 s, or whose `done` or `fail` does not come
in 20 s, has failed; so has one that was on its way when the link was lost or `hello` came. `sync` is said whenever the
link opens, and after `hello`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.codec import ProtocolRow
from drivers.protocols.cti_lines import LONGEST, BadLine, Said, acknowledgement, line, read
from drivers.protocols.cti_panel import make_panel
from drivers.report import Report, garbage

ACK_S = 2.0
TRIES = 3
DONE_S = 20.0
MOST_WAITING = 100
"""Orders of a desk; more of them wait only where something is badly wrong."""

WHY = {
    "busy": "the extension is busy",
    "noanswer": "nobody answered",
    "nocall": "there is no such call any more",
    "noext": "there is no such extension",
    "state": "the call is not in a state for it",
    "line": "no outgoing line is free",
}
LOST = "the line was lost"
UNANSWERED = "the exchange did not answer"
CROWDED = "too many orders wait"

ORDERS = frozenset({"answer", "hold", "resume", "transfer", "end", "dial"})
_CALLS = {"ring": "ringing", "info": "known", "up": "up", "held": "held", "back": "resumed", "moved": "moved"}
_STATES = {**_CALLS, "end": "ended"}
_TELLING = ("number", "called", "subscriber", "address", "recording", "ext", "why")
_OUTCOMES = {"done": "order_done", "fail": "order_failed", "reached": "reached", "unreached": "unreached"}
_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


@dataclass(slots=True)
class _Flight:
    """A line of ours whose answer is awaited."""

    sequence: str
    ref: str
    data: bytes
    due: float
    tries: int = 1


class CtiCodec:
    """The exchange's lines come in by `feed`, ours go out by `outgoing`, one after the other."""

    def __init__(self) -> None:
        self._buffer = b""
        self._sequence = 0
        self._now: float | None = None
        self._told: list[Report] = []
        self._flight: _Flight | None = None
        self._waiting: deque[tuple[str, dict[str, str]]] = deque()
        self._open: dict[str, float] = {}
        self._begin()

    def _begin(self) -> None:
        self._waiting.clear()
        self._waiting.append(("sync", {}))
        self._flight = None
        self._open = {}

    # -- the codec -------------------------------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        return len(self._buffer)

    def reset(self) -> None:
        """The wire was opened anew: what was ordered before is not known to have been done."""
        self._buffer = b""
        for ref in self._refs():
            self._failed(ref, LOST)
        self._begin()

    def expire(self) -> list[Report]:
        raw, self._buffer = self._buffer, b""
        return ([garbage(raw, "the line broke off")] if raw else []) + self._found()

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        self._buffer += data
        while (raw := self._next_line()) is not None:
            if raw.strip():
                reports += self._line(raw)
        return reports + self._found()

    def _next_line(self) -> bytes | None:
        """Cut at the same places however the bytes came."""
        end = self._buffer.find(b"\n", 0, LONGEST) + 1
        size = end or (LONGEST if len(self._buffer) >= LONGEST else 0)
        if not size:
            return None
        raw, self._buffer = self._buffer[:size], self._buffer[size:]
        return raw

    def _found(self) -> list[Report]:
        """What the clock or a loss has brought up."""
        told, self._told = self._told, []
        return told

    # -- what the exchange says ------------------------------------------------------------------------------------

    def _line(self, raw: bytes) -> list[Report]:
        try:
            said = read(raw)
            return self._said(said, raw) if said.word else self._acknowledged(said)
        except BadLine as problem:
            return [garbage(raw, str(problem))]

    def _said(self, said: Said, raw: bytes) -> list[Report]:
        ack, fields = acknowledgement(said.sequence), said.fields
        if said.word == "hello" and self._now is not None:
            self._greeted()
        if said.word in ("beat", "hello"):
            return [Report(type="heartbeat", raw=raw, ack=ack, sequence=said.sequence, more={"word": said.word})]
        more: dict[str, object] = {"word": said.word}
        kind = "message"
        if said.word in _STATES:
            kind, more = "call", self._call(said)
        elif said.word in _OUTCOMES:
            more = self._outcome(said)
        elif said.word == "synced":
            more = {"calls": [part for part in fields.get("calls", "").split(",") if part]}
        return [Report(type=kind, raw=raw, ack=ack, sequence=said.sequence, more=more)]

    def _greeted(self) -> None:
        """Another connection to a port of ours, or an exchange that began anew: what was on its way is lost."""
        flying = [self._flight.ref] if self._flight is not None and self._flight.ref else []
        for ref in (*self._open, *flying):
            self._failed(ref, LOST)
        self._open, self._flight = {}, None
        if not any(word == "sync" for word, _ in self._waiting):
            self._waiting.appendleft(("sync", {}))

    def _call(self, said: Said) -> dict[str, object]:
        if not _ID.fullmatch(said.fields.get("id", "")):
            raise BadLine("a call without its name")
        told = {name: said.fields[name] for name in _TELLING if name in said.fields}
        told |= {"number": told.get("number", "")} if said.word == "ring" else {}
        return {"call": said.fields["id"], "state": _STATES[said.word], **told}

    def _outcome(self, said: Said) -> dict[str, object]:
        ref = said.fields.get("ref", "")
        if not ref:
            raise BadLine("the end of an order without its name")
        if said.word in ("done", "fail"):
            self._open.pop(ref, None)
        why = said.fields.get("why", "")
        return {_OUTCOMES[said.word]: ref, **({"reason": WHY.get(why, why)} if why else {})}

    def _acknowledged(self, said: Said) -> list[Report]:
        flight = self._flight
        if flight is not None and flight.sequence == said.sequence:
            self._flight = None
            if flight.ref and self._now is not None:
                self._open[flight.ref] = self._now + DONE_S
        return []

    # -- what we say -----------------------------------------------------------------------------------------------

    def order(self, order: Mapping[str, object]) -> None:
        """Take `{"cti": one of ORDERS, "ref": word, "id": call, "ext": seat, "number": number}`, as far as it applies.

        What waits here already under its `ref` goes out once.
        """
        word, ref = str(order.get("cti", "")), str(order.get("ref", ""))
        if word not in ORDERS or ref in self._refs():
            return
        if len(self._waiting) >= MOST_WAITING:
            self._failed(ref, CROWDED)
            return
        fields = {name: str(order.get(name, "")) for name in ("id", "ext", "number")}
        self._waiting.append((word, {"ref": ref, **fields}))

    def outgoing(self, now: float) -> bytes:
        self._now = now
        for ref in [ref for ref, due in self._open.items() if now > due]:
            del self._open[ref]
            self._failed(ref, UNANSWERED)
        if self._flight is not None:
            return self._again(self._flight, now)
        if not self._waiting:
            return b""
        word, fields = self._waiting.popleft()
        self._sequence = self._sequence % 9999 + 1
        data = line(self._sequence, word, **fields)
        self._flight = _Flight(f"{self._sequence:04d}", fields.get("ref", ""), data, now + ACK_S)
        return data

    def _again(self, flight: _Flight, now: float) -> bytes:
        if now <= flight.due:
            return b""
        if flight.tries >= TRIES:
            self._flight = None
            if flight.ref:
                self._failed(flight.ref, UNANSWERED)
            return b""
        flight.tries, flight.due = flight.tries + 1, now + ACK_S
        return flight.data

    def _refs(self) -> list[str]:
        """Every order whose end is not known."""
        waiting = [fields["ref"] for _, fields in self._waiting if "ref" in fields]
        flying = [self._flight.ref] if self._flight is not None and self._flight.ref else []
        return [*self._open, *flying, *waiting]

    def _failed(self, ref: str, why: str) -> None:
        self._told.append(Report(type="message", raw=b"", more={"order_failed": ref, "reason": why}))


PROTOCOL = ProtocolRow(codec=lambda _options: CtiCodec(), panel=make_panel, usual=("9600,8N1", "115200,8N1"))
