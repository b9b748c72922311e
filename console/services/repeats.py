"""Repeats: what a line's sender may still be repeating, because it has not heard our answer.

Only such a frame can be a copy of the last one; any other identical frame is a further press (issue 2).
Times are monotonic seconds.
"""

from console.domain.ledger import Act

ACK_WAIT_S = 4.0
"""How long a receiver waits before it repeats a frame (protocols.md section 1)."""

REPEAT_GAP_S = 4 * ACK_WAIT_S
"""A sender that goes on repeating is heard at least this often; the next identical frame is another one."""

Heard = dict[str, str]
"""A stored signal as intake compares it: {"ingest_id", "raw_hex"}."""


class Repeats:
    """The memory of one line. `last` is its last stored signal of an earlier run."""

    def __init__(self, last: Heard | None) -> None:
        self.last = last
        # None while the last signal waits for our answer; one of an earlier run does not.
        self._answered_at: float | None = 0.0
        self._opened_at = float("-inf")
        self._from_before_opening = True

    def opened(self, at: float) -> None:
        """The port was opened, or opened again: an answer may have been lost with the old wire."""
        self._opened_at = at
        self._from_before_opening = True

    def taken_over(self, last: Heard) -> None:
        """Another host stored this last and may have died before it answered: the sender repeats it to us."""
        self.last = last
        self._answered_at = None

    def stored(self, signal: Heard, *, awaits_answer: bool) -> None:
        """A signal was made durable; its answer, if it wants one, comes next."""
        self.last = signal
        self._from_before_opening = False
        self._answered_at = None if awaits_answer else 0.0

    def answered(self, at: float) -> None:
        """Our answer to the last signal was written."""
        self._answered_at = at

    def possible(self, at: float) -> Heard | None:
        """The last signal, if a frame whose last byte came at `at` can be its repetition."""
        unanswered = self._answered_at is None or at <= self._answered_at
        reopened = self._from_before_opening and at - self._opened_at <= ACK_WAIT_S
        return self.last if unanswered or reopened else None


class Unstored:
    """The last frame that could be stored nowhere and was not answered: its sender is repeating it."""

    def __init__(self) -> None:
        self._act: Act | None = None
        self._heard_at = 0.0

    def remember(self, act: Act, at: float) -> None:
        """The act of a frame whose last byte came at `at` is nowhere (or nobody knows)."""
        self._act, self._heard_at = act, at

    def forget(self) -> None:
        """A later frame has been stored: the sender has gone on."""
        self._act = None

    def repeated(self, raw_hex: str, at: float) -> Act | None:
        """The act of this very frame if it is being repeated; None for another frame, or the same one later."""
        act = self._act
        if act is None or at - self._heard_at > REPEAT_GAP_S or act.args["report"]["raw_hex"] != raw_hex:
            return None
        return act
