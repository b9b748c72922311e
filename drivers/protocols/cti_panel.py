"""A telephone exchange as a simulator plays it: calls ring, are answered, held, moved and dropped by our orders.

It keeps to the protocol of cti.py. Subscribers stand in a book by their number; every call has a recording number.
A signal of the bench is one more call from the account's number.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from drivers.codec import Options
from drivers.panel import Heard, Press
from drivers.protocols.cti_lines import LONGEST, BadLine, Said, acknowledgement, line, read

BEAT_S = 30.0
REMEMBERED = 64
"""So many of the console's numbers are remembered: a line said again is answered again and done once."""


@dataclass(slots=True)
class _Call:
    number: str
    called: str
    recording: str
    state: str = "ring"
    ext: str = ""


class CtiPanel:
    """The exchange. `book`: number -> (subscriber, address); `busy`: extensions that take nothing; `extensions`: all
    it has, None for any; `silent`: numbers that do not answer when they are dialled.
    """

    heartbeat_s = BEAT_S

    def __init__(self, account: str = "13800001234", prefix: str = "C") -> None:
        self.book: dict[str, tuple[str, str]] = {}
        self.busy: set[str] = set()
        self.extensions: frozenset[str] | None = None
        self.silent: set[str] = set()
        self.calls: dict[str, _Call] = {}
        self.dialled: list[tuple[str, str]] = []
        self.orders: list[str] = []
        self._account, self._prefix = account, prefix
        self._sequence = self._count = 0
        self._buffer = b""
        self._awaited: set[str] = set()
        self._heard: deque[str] = deque(maxlen=REMEMBERED)

    # -- what it says by itself ------------------------------------------------------------------------------------

    def greeting(self) -> list[bytes]:
        return [self._asking("hello")]

    def signal(self, press: Press) -> bytes:
        if press.qualifier != "new":
            raise ValueError("a telephone only rings")
        return self.ring(self._account)

    def heartbeat(self) -> bytes:
        return self._asking("beat")

    def ring(self, number: str, called: str = "110") -> bytes:
        """One more call; its line."""
        self._count += 1
        name = f"{self._prefix}{self._count}"
        self.calls[name] = _Call(number, called, f"R{self._prefix}{self._count:04d}")
        return self._asking("ring", **self._ringing(name))

    def drop(self, name: str, why: str = "caller") -> bytes:
        """The caller hangs up; the line that says so."""
        self.calls.pop(name, None)
        return self._asking("end", id=name, why=why)

    def _ringing(self, name: str) -> dict[str, str]:
        call = self.calls[name]
        subscriber, address = self.book.get(call.number, ("", ""))
        told = {"id": name, "number": call.number, "called": call.called}
        return {**told, "subscriber": subscriber, "address": address, "recording": call.recording}

    def _asking(self, word: str, **fields: str) -> bytes:
        """A line that the simulator sends until it is answered."""
        said = self._line(word, **fields)
        self._awaited.add(f"{self._sequence:04d}")
        return said

    def _line(self, word: str, **fields: str) -> bytes:
        self._sequence = self._sequence % 9999 + 1
        return line(self._sequence, word, **fields)

    # -- what it hears ---------------------------------------------------------------------------------------------

    def hear(self, data: bytes) -> Heard:
        self._buffer += data
        taken, reply = 0, b""
        while b"\n" in self._buffer:
            raw, _, self._buffer = self._buffer.partition(b"\n")
            try:
                said = read(raw + b"\n")
            except BadLine:
                continue
            if said.word:
                reply += acknowledgement(said.sequence) + self._once(said)
            elif said.sequence in self._awaited:
                self._awaited.discard(said.sequence)
                taken += 1
        self._buffer = self._buffer[-LONGEST:]
        return Heard(taken, reply=reply)

    def _once(self, said: Said) -> bytes:
        mark = f"{said.sequence} {said.word} {said.fields.get('ref', '')}"
        if said.word != "sync" and mark in self._heard:
            return b""
        self._heard.append(mark)
        if said.word == "sync":
            return self._sync()
        self.orders.append(said.word)
        why = self._why_not(said)
        if why:
            return self._line("fail", ref=said.fields.get("ref", ""), why=why)
        return self._line("done", ref=said.fields.get("ref", "")) + self._do(said)

    def _sync(self) -> bytes:
        told = b""
        for name, call in self.calls.items():
            told += self._line("ring", **self._ringing(name))
            told += self._line("up", id=name, ext=call.ext, recording=call.recording) if call.ext else b""
            told += self._line("held", id=name) if call.state == "held" else b""
        return told + self._line("synced", calls=",".join(self.calls))

    def _why_not(self, said: Said) -> str:
        ext, call = said.fields.get("ext", ""), self.calls.get(said.fields.get("id", ""))
        if said.word in ("answer", "transfer", "dial"):
            if self.extensions is not None and ext not in self.extensions:
                return "noext"
            if ext in self.busy:
                return "busy"
        if said.word == "dial":
            return ""
        if call is None:
            return "nocall"
        wanted = {"answer": "ring", "hold": "up", "resume": "held"}.get(said.word, call.state)
        return "" if call.state == wanted else "state"

    def _do(self, said: Said) -> bytes:
        name, ext = said.fields.get("id", ""), said.fields.get("ext", "")
        if said.word == "dial":
            return self._dial(said)
        if said.word == "end":
            del self.calls[name]
            return self._line("end", id=name, why="desk")
        call = self.calls[name]
        call.state = "held" if said.word == "hold" else "up"
        call.ext = ext or call.ext
        if said.word == "answer":
            return self._line("up", id=name, ext=ext, recording=call.recording)
        if said.word == "transfer":
            return self._line("moved", id=name, ext=ext)
        return self._line("held" if said.word == "hold" else "back", id=name)

    def _dial(self, said: Said) -> bytes:
        number, ref = said.fields.get("number", ""), said.fields.get("ref", "")
        self.dialled.append((said.fields.get("ext", ""), number))
        if number in self.silent:
            return self._line("unreached", ref=ref, why="noanswer")
        return self._line("reached", ref=ref)


def make_panel(account: str, _options: Options) -> CtiPanel:
    """Return the exchange; the account is the number that calls when the bench presses."""
    if not account.isdigit():
        raise ValueError(f"a caller's telephone number has digits only, not {account!r}")
    return CtiPanel(account)
