"""Many seats on one database: desks, line hosts and far ends in processes of their own, worked by people in threads.

A person chooses what to do next from what his own desk shows, does it through the desk's public services, and keeps
what he was answered. A far end sends frames as a receiver does, each until it is acknowledged. What all of them
were told is what `tests.e2e.reckoning` holds the database to afterwards.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from console.bench.remote import GoneError, RemoteDesk
from console.cli.importing import UnitRow, read_rows
from console.demo.evening import UNITS
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.ledger import Act
from console.domain.unit import UnitStatus
from console.persistence.journal import Journal
from console.services.acts import ACTS
from tests.e2e.process import ACK, Place, Wire, frame

PAUSE_S = 0.4
"""How long a person thinks between two acts."""
ACK_WAIT_S = 4.0
"""How long a receiver waits for an answer before it repeats (Sur-Gard MLR2)."""
FRAMES_EACH = 1000
"""Numbers a far end has for itself: frames of different far ends are never alike."""
SCENES = ("sign", "depart", "arrive", "report", "feedback")
AGENCIES = ("ems_120", "fire_rescue", "gas_supply")
KIND = "0101"
ALARM_FIRST = 0.6
"""How likely a person turns to the strip first when an alarm stands on it."""


def lay_out(url: str) -> None:
    """Make the database and put the demo's units on file, free for an order."""
    journal = Journal.open(url, ACTS, system_clock)
    units = [{**row, "status": UnitStatus.AVAILABLE.value} for row in read_rows(UNITS, UnitRow)]
    roles = (Role.SYSTEM.value,)
    act = Act(name="unit.import", args={"units": units}, actor="900", seat="00", roles=roles, at=system_clock())
    journal.commit_blocking(act)
    journal.close()


@dataclass
class CentrePlace(Place):
    """A machine's folder; the database is elsewhere."""

    server: str = ""

    @property
    def url(self) -> str:
        return self.server


class Worker:
    """Somebody who goes on working, on a thread, until told to hold or to stop."""

    def __init__(self, name: str) -> None:
        self.ended = threading.Event()
        self._going = threading.Event()
        self._idle = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def go(self) -> None:
        """Begin to work, or go on."""
        self._idle.clear()
        self._going.set()

    def hold(self, seconds: float = 15.0) -> bool:
        """Begin nothing new; returns once what is at hand is finished, False if that takes longer."""
        self._going.clear()
        return self._idle.wait(seconds)

    def stop(self) -> None:
        """Work no more."""
        self.ended.set()
        self._going.set()
        self._thread.join(15)

    def work(self) -> None:
        """One piece of work; returns at once when `ended` is set."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self.ended.is_set():
            if not self._going.is_set():
                self._idle.set()
                self._going.wait()
            else:
                self.work()


# -- a far end -------------------------------------------------------------------------------------------------


class FarEnd(Worker):
    """A receiver at the end of a wire: sends its frames one by one, repeats each until it is acknowledged."""

    def __init__(self, wire: Wire, which: int, every_s: float) -> None:
        self.wire, self.every_s = wire, every_s
        self.acknowledged: list[bytes] = []
        self.delays_s: list[float] = []
        self.repeated = 0
        self.unanswered: bytes | None = None
        self._frames = iter(range(which * FRAMES_EACH, (which + 1) * FRAMES_EACH))
        super().__init__(f"far end {which}")

    def work(self) -> None:
        """The next frame, until it is acknowledged."""
        self._send(frame(next(self._frames)))
        self.ended.wait(self.every_s)

    def _send(self, data: bytes) -> None:
        self.unanswered = data
        attempts, answer = 0, b""
        while answer[:1] != ACK:
            if self.ended.is_set():
                return
            attempts += 1
            began = time.monotonic()
            answer = self.wire.ask(data, ACK_WAIT_S)
        self.delays_s.append(time.monotonic() - began)
        self.acknowledged.append(data)
        self.unanswered = None
        self.repeated += attempts - 1
        # An answer to one of the copies must not pass for the answer to the next frame.
        if attempts > 1:
            while self.wire.answer(1.0):
                pass


# -- a person --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person asked for and what became of it, as he was told.

    `mark` is a text that stands in the deed's fact and nowhere else; for an acknowledgement it is the alarm.
    `outcome`: done, refused, unavailable, gone (the desk died before it answered) or bug.
    """

    seat: str
    actor: str
    kind: str
    mark: str
    outcome: str
    value: Any = None
    said: str = ""
    at: float = 0.0


class Person(Worker):
    """Works a desk; goes on at the new one when the desk is started again."""

    def __init__(self, desk: RemoteDesk, seed: int, pause_s: float = PAUSE_S) -> None:
        self.desk = desk
        self.deeds: list[Deed] = []
        self._pause_s = pause_s
        self._drawn = random.Random(seed)
        super().__init__(f"person {desk.actor}")

    def work(self) -> None:
        """Look at the screen, do one thing, think."""
        with contextlib.suppress(GoneError):
            self._act(self.desk.ask("see"))
        self.ended.wait(self._drawn.uniform(0.5, 1.5) * self._pause_s)

    def _act(self, seen: dict[str, Any]) -> None:
        choices: list[Callable[[dict[str, Any]], None]] = [self._note, self._open, self._assign, self._report]
        choices += [self._hand_off, self._report, self._note]
        if seen["alarms"] and self._drawn.random() < ALARM_FIRST:
            choices = [self._acknowledge]
        self._drawn.choice(choices)(seen)

    def acknowledge(self, alarm: str) -> Deed:
        """F1 on this very alarm."""
        return self._do("acknowledge", alarm, "alarm.acknowledge", alarm=alarm)

    def assign(self, unit: str, incident: str) -> Deed:
        """Send this very unit."""
        mark = self._mark()
        return self._do("assign", mark, "unit.assign", unit=unit, incident=incident, reason=mark)

    def _acknowledge(self, seen: dict[str, Any]) -> None:
        self.acknowledge(seen["alarms"][0])

    def _note(self, seen: dict[str, Any]) -> None:
        if seen["incidents"]:
            mark = self._mark()
            self._do("note", mark, "incident.note", incident=self._drawn.choice(seen["incidents"])[0], text=mark)

    def _open(self, _: dict[str, Any]) -> None:
        mark = self._mark()
        self._do("open", mark, "incident.open", kind=KIND, place="南昌路 1 号", narrative=mark)

    def _assign(self, seen: dict[str, Any]) -> None:
        free = [unit for unit, status, _ in seen["units"] if status == UnitStatus.AVAILABLE.value]
        waiting = [number for number, state, _ in seen["incidents"] if state in ("INTAKE", "NEW", "TRIAGED")]
        if free and waiting:
            self.assign(self._drawn.choice(free), self._drawn.choice(waiting))

    def _report(self, seen: dict[str, Any]) -> None:
        out = [unit for unit, _, incident in seen["units"] if incident]
        if out:
            mark = self._mark()
            step = self._drawn.choice(SCENES)
            self._do("report", mark, "unit.report", unit=self._drawn.choice(out), step=step, text=mark)

    def _hand_off(self, seen: dict[str, Any]) -> None:
        if seen["incidents"]:
            number, mark = self._drawn.choice(seen["incidents"])[0], self._mark()
            said = {"incident": number, "agency": self._drawn.choice(AGENCIES), "channel": "phone", "by": mark}
            self._keep("hand_off", mark, lambda: self.desk.ask("call", method="send_handoff", args=said))

    def _mark(self) -> str:
        return f"〔{self.desk.seat}-{len(self.deeds) + 1}〕"

    def _do(self, kind: str, mark: str, name: str, /, **args: Any) -> Deed:
        return self._keep(kind, mark, lambda: self.desk.do(name, **args))

    def _keep(self, kind: str, mark: str, ask: Callable[[], dict[str, Any]]) -> Deed:
        try:
            told = ask()
        except GoneError:
            told = {"gone": "the desk died"}
        outcome = next((word for word in ("refused", "unavailable", "bug", "gone") if word in told), "done")
        said = str(told.get(outcome, ""))
        deed = Deed(self.desk.seat, self.desk.actor, kind, mark, outcome, told.get("value"), said, at=time.monotonic())
        self.deeds.append(deed)
        if outcome == "gone":
            raise GoneError(said)
        return deed
