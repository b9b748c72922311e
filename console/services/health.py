"""Health: what the lamps show, and what a person should do about a red one.

Plain values that the desk's parts report to; the header and the status of the window read them. It lives on
the loop's thread only.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from console.domain.errors import EnvironmentFault

log = logging.getLogger(__name__)

SAVING_AFTER_S = 0.3
"""After this long without an answer a row says 保存中 (DESIGN section 5)."""


class Lamp(StrEnum):
    """A lamp's state; always drawn with its text, never by colour alone."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something of the ground that is wrong now: what, and what to do."""

    source: str
    what: str
    remedy: str = ""


@dataclass(slots=True)
class Health:
    """The state of journal, spool and everything else that can fail, with one observer list.

    `standing_by`: the lines of this seat that another one receives, and which (由03席接收).
    """

    journal_up: bool = True
    latency_ms: float = 0.0
    unsent: int = 0
    clashes: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)
    standing_by: dict[str, str] = field(default_factory=dict)
    _running: dict[str, tuple[float, str]] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)
    _observers: list[Callable[[], None]] = field(default_factory=list)
    _lasting: list[Callable[[], None]] = field(default_factory=list)

    def observe(self, observer: Callable[[], None], *, lasting: bool = False) -> Callable[[], None]:
        """Call `observer` whenever something changed; the answer ends it.

        `lasting`: it belongs to no window, however late it came, and stays when one goes (`keep_only`).
        """
        self._observers.append(observer)
        if lasting:
            self._lasting.append(observer)
        return partial(self._end, observer)

    def _end(self, observer: Callable[[], None]) -> None:
        for known in (self._observers, self._lasting):
            if observer in known:
                known.remove(observer)

    @property
    def observers(self) -> tuple[Callable[[], None], ...]:
        """Who listens now."""
        return tuple(self._observers)

    def keep_only(self, observers: Sequence[Callable[[], None]]) -> None:
        """A window has gone: whoever came with it is told nothing any more."""
        self._observers[:] = [each for each in self._observers if each in observers or each in self._lasting]

    def _tell(self) -> None:
        """One observer that trips over its own bug keeps nothing from the others, nor from the act that told."""
        for observer in tuple(self._observers):
            try:
                observer()
            except Exception:
                log.exception("an observer of the lamps failed")
                # Not by `fault`: that would call the failing observer again.
                what = "程序内部错误：指示灯可能不准"
                self.faults["bug:lamps"] = Fault(source="bug:lamps", what=what, remedy="请保存日志并报告")

    def act_started(self, act_id: str, at: float, subject: str = "") -> None:
        """`at` is the loop's time in seconds; `subject` the key of the incident, alarm or unit it is about."""
        self._running[act_id] = (at, subject)

    def act_slow(self, act_id: str) -> None:
        """It has waited longer than SAVING_AFTER_S: its row says 保存中."""
        if act_id in self._running:
            self._slow.add(act_id)
            self._tell()

    def act_ended(self, act_id: str) -> None:
        self._running.pop(act_id, None)
        if act_id in self._slow:
            self._slow.discard(act_id)
            self._tell()

    def saving_subjects(self) -> frozenset[str]:
        """The keys of what slow acts are about."""
        return frozenset(self._running[act_id][1] for act_id in self._slow) - {""}

    def saving(self, now: float) -> int:
        """How many acts have waited longer than SAVING_AFTER_S; `now` is the loop's time."""
        return sum(now - started > SAVING_AFTER_S for started, _ in self._running.values())

    def journal_answered(self, seconds: float) -> None:
        self.latency_ms = seconds * 1000
        if not self.journal_up:
            self.journal_up = True
            self.faults.pop("journal", None)
            self._tell()

    def journal_failed(self, fault: EnvironmentFault) -> None:
        self.journal_up = False
        self.fault("journal", fault.what, fault.remedy)

    def spooled(self, unsent: int, clashes: int | None = None) -> None:
        """What waits in the spool; `clashes` stays as it is when it is not given."""
        self.unsent = unsent
        self.clashes = self.clashes if clashes is None else clashes
        self._tell()

    def fault(self, source: str, what: str, remedy: str = "") -> None:
        """Light a lamp; nothing if it says this already."""
        lit = Fault(source=source, what=what, remedy=remedy)
        if self.faults.get(source) != lit:
            self.faults[source] = lit
            self._tell()

    def mended(self, source: str) -> None:
        """Put a lamp out; nothing if it was not lit."""
        if self.faults.pop(source, None) is not None:
            self._tell()

    def stands_by(self, line: str, receiver: str) -> None:
        """Another seat receives the line, '' once this one does; no fault, nothing is to be done."""
        if self.standing_by.get(line, "") == receiver:
            return
        if receiver:
            self.standing_by[line] = receiver
        else:
            del self.standing_by[line]
        self._tell()
