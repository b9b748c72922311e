"""Repeats: what a line's senders may still be repeating, because they have not heard our answer.

Only such a frame can be a copy of an earlier one; any other identical frame is a further press (issue 2). A frame
that carries a sequence number is a copy of the same frame with the same number by the same account, also when its
sender has called again meanwhile; two numbers are never copies. Times are monotonic seconds.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from datetime import datetime

from console.domain.ledger import Act
from drivers.report import Report
from drivers.wire import Wire

ACK_WAIT_S = 4.0
"""How long a receiver waits before it repeats a frame (protocols.md section 1)."""

REPEAT_GAP_S = 4 * ACK_WAIT_S
"""A sender that goes on repeating is heard at least this often; the next identical frame is another one."""

SEQUENCED_GAP_S = 60.0
"""A network sender waits longer between two tries, and calls again first; a number comes round much later."""

REMEMBERED = 32
"""So many numbered frames of one sender are remembered; it numbers a burst while it waits for our answers."""

SENDERS = 20_000
"""So many accounts of one line are remembered, those heard last."""

Heard = Mapping[str, str]
"""A stored signal as intake compares it, {"ingest_id", "raw_hex"}; of an earlier run with "account" and
"received_at" (ISO 8601)."""

History = Sequence[Heard]
"""What a line stored lately in an earlier run, or by another host, the oldest first."""


def same_frame(raw_hex: str) -> bytes:
    """What makes two frames identical, however they ended."""
    return Report(type="", raw=bytes.fromhex(raw_hex)).frame


def message_of(report: Report) -> object:
    """What makes two numbered frames the same message: their bytes; of encrypted ones, which are padded anew for each
    try, what they say, the time of their making included."""
    if not (report.more or {}).get("encrypted") or report.why:
        return report.frame, part_of(report)
    return repr(sorted((name, said) for name, said in report.to_json().items() if name not in ("raw_hex", "ack_hex")))


def part_of(report: Report) -> object:
    """Which of the several signals of its frame this is; None for the only one."""
    return (report.more or {}).get("part")


class Repeats:
    """The memory of one sender. `last` is its last stored signal of an earlier run."""

    def __init__(self, last: Heard | None) -> None:
        self.last = last
        # None while the last signal waits for our answer; one of an earlier run does not.
        self._answered_at: float | None = 0.0
        self._opened_at = float("-inf")
        self._from_before_opening = True
        self._numbered: deque[tuple[float, object, Heard]] = deque(maxlen=REMEMBERED)

    def opened(self, at: float) -> None:
        """The port was opened, or opened again, or the sender called again: an answer may have been lost."""
        self._opened_at = at
        self._from_before_opening = True

    def begun_anew(self) -> None:
        """The sender told that it begins anew: it counts from the start, and says nothing of its former life again."""
        self.last = None
        self._numbered.clear()

    def taken_over(self, last: Heard) -> None:
        """Another host stored this last and may have died before it answered: the sender repeats it to us."""
        self.last = last
        self._answered_at = None

    def stored(self, signal: Heard, *, awaits_answer: bool) -> None:
        """A signal was made durable; its answer, if it wants one, comes next."""
        self.last = signal
        self._from_before_opening = False
        self._answered_at = None if awaits_answer else 0.0

    def numbered(self, signal: Heard, at: float, message: object = None) -> None:
        """A signal that came at `at` with a sequence number was made durable; its bytes are the `message` if none is
        given (see `message_of`)."""
        self._numbered.append((at, message or (same_frame(signal["raw_hex"]), None), signal))

    def answered(self, at: float) -> None:
        """Our answer to the last signal was written."""
        self._answered_at = at

    def possible(self, at: float) -> Heard | None:
        """The last signal, if a frame whose last byte came at `at` can be its repetition."""
        unanswered = self._answered_at is None or at <= self._answered_at
        reopened = self._from_before_opening and at - self._opened_at <= ACK_WAIT_S
        return self.last if unanswered or reopened else None

    def same_number(self, report: Report, at: float) -> Heard | None:
        """The signal of this very message, which holds its sequence number, if it was stored lately.

        A frame with several events is several signals, none of them a copy of another.
        """
        message = message_of(report)
        for came, known, signal in self._numbered:
            if known == message and at - came <= SEQUENCED_GAP_S:
                # Intake compares bytes; those of another pad are as good.
                return {**signal, "raw_hex": report.raw.hex()}
        return None


class Unstored:
    """The last frame that could be stored nowhere and was not answered, all its reports: its sender is repeating it."""

    def __init__(self) -> None:
        self._acts: dict[object, tuple[Act, float]] = {}
        self._raw = b""

    def remember(self, act: Act, report: Report, at: float) -> None:
        """The act of a report whose last byte came at `at` is nowhere (or nobody knows)."""
        if report.raw != self._raw:
            self._acts.clear()
        self._raw = report.raw
        self._acts[part_of(report)] = act, at

    def forget(self, report: Report) -> None:
        """This one has been stored; if it is of a later frame, the sender has gone on."""
        if report.raw == self._raw:
            self._acts.pop(part_of(report), None)
        else:
            self._acts.clear()

    def repeated(self, report: Report, at: float) -> Act | None:
        """The act of this very report if it is being repeated; None for another one, or the same one later."""
        act, heard_at = self._acts.get(part_of(report), (None, 0.0)) if report.raw == self._raw else (None, 0.0)
        return act if at - heard_at <= REPEAT_GAP_S else None


class Sender:
    """One that is heard: what it may be repeating, and the turn in which its frames are stored."""

    def __init__(self, last: Heard | None = None) -> None:
        self.repeats = Repeats(last)
        self.unstored = Unstored()
        self.turn = asyncio.Lock()
        self.wire: Wire | None = None

    def may_be_copy(self, report: Report, at: float) -> Heard | None:
        """The stored signal that this report can be a copy of."""
        known = self.repeats.same_number(report, at) if report.sequence is not None else None
        return known or self.repeats.possible(at)

    def stored(self, report: Report, signal: Heard, at: float) -> None:
        """The report was made durable as this signal."""
        self.unstored.forget(report)
        self.repeats.stored(signal, awaits_answer=bool(report.ack))
        if report.sequence is not None:
            self.repeats.numbered(signal, at, message_of(report))


class Senders:
    """The memory of one line: of its one sender, or (`many`) of each account that speaks at our port."""

    def __init__(self, history: History, now: datetime, *, many: bool) -> None:
        self._many = many
        self._known: OrderedDict[str, Sender] = OrderedDict()
        self._recall(history, now)

    def of(self, report: Report, wire: Wire | None, at: float) -> Sender:
        """Whose report this is."""
        if not self._many:
            return self._one("")
        # Without an account only the connection tells senders apart.
        sender = self._one(report.account or (wire.name if wire is not None else ""))
        if sender.wire is not wire:
            sender.wire = wire
            sender.repeats.opened(at)
        return sender

    def opened(self, at: float) -> None:
        """The port was opened; where many call, each is new by its own wire."""
        if not self._many:
            self._one("").repeats.opened(at)

    def taken_over(self, history: History, now: datetime) -> None:
        """Another host stored these and may have died before it answered the last of each sender."""
        self._recall(history, now)
        for heard in history:
            self._one(self._key(heard)).repeats.taken_over(heard)

    def _recall(self, history: History, now: datetime) -> None:
        for heard in history:
            repeats = self._one(self._key(heard)).repeats
            repeats.last = heard
            if "received_at" in heard:
                age = (now - datetime.fromisoformat(heard["received_at"])).total_seconds()
                repeats.numbered(heard, time.monotonic() - age)

    def _key(self, heard: Heard) -> str:
        return heard.get("account", "") if self._many else ""

    def _one(self, key: str) -> Sender:
        sender = self._known.setdefault(key, Sender())
        self._known.move_to_end(key)
        if len(self._known) > SENDERS:
            self._known.popitem(last=False)
        return sender
