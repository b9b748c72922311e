"""Leases of lines 线路租约: a line is received by one host at a time; the others stand by and take over.

The database knows who (`persistence.leases`); here one process asks it once a second, in a thread of its own, so
that no server that stands still ever holds up the loop. While the database is away whoever receives goes on
receiving, for he cannot know better, and whoever stands by takes nothing he cannot prove to be free: after an
outage he gives the holder one lease's time to come back. Proof without waiting is a holder of this very machine
whose process is gone. What was seen last is kept in a small file, for a start while the database is away.
"""

import asyncio
import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psutil

from console.domain.errors import JournalUnavailable
from console.persistence.leases import LEASE_S, RENEW_S, Holder, Lease, Leases
from console.services.repeats import History

log = logging.getLogger(__name__)

T = TypeVar("T")

PREFIX = "line:"
LOOK_S = 1.0
"""So often a process that stands by looks; it is there when a lease runs out."""
RELEASE_S = 1.0
"""How long a process that ends waits for a database to take its leases back."""
_SOON_S = 0.02


class Ledger(Protocol):
    """The part of `persistence.leases.Leases` that is used here. Calls block."""

    def take(self, name: str, holder: Holder, *, dead: str = "", from_others: bool = True) -> Lease: ...
    def renew(self, names: frozenset[str], holder: Holder) -> frozenset[str]: ...
    def release(self, holder: Holder) -> None: ...
    def all(self, prefix: str = "") -> dict[str, Lease]: ...
    def close(self) -> None: ...


class Worker(Protocol):
    """A line as leases see it: told to receive or to stand by, as often as it is looked at."""

    @property
    def name(self) -> str: ...
    @property
    def movable(self) -> bool:
        """Whether another host can reach its port."""

    def receive(self, lease: str, last: History = ()) -> None:
        """Receive. `lease`: since when by lease (ISO 8601), '' if the database could not be asked.

        `last` is what the host before us stored lately, if it may have died before it answered.
        """

    def stand_by(self, seat: str, host: str) -> None:
        """That seat at that host receives the line."""


# -- who we are --------------------------------------------------------------------------------------------


@cache
def _machine() -> tuple[str, str]:
    """This machine as its processes see it (machine and process namespace), and its present run."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{machine}:{os.stat('/proc/self/ns/pid').st_ino}", boot  # noqa: PTH116 -- a link that leads nowhere
    except OSError:
        return f"{uuid.getnode():x}", str(int(psutil.boot_time()))


def this_process(seat: str, host: str = "") -> Holder:
    """The holder that this process is; `host` is the machine's name unless given."""
    name = host or socket.gethostname()
    machine, boot = _machine()
    pid = os.getpid()
    born = psutil.Process(pid).create_time()
    token = f"{machine}|{name}|{boot}|{pid}|{born:.2f}|{uuid.uuid4().hex}"
    return Holder(host=name, pid=pid, seat=seat, token=token)


def is_gone(token: str, host: str) -> bool:
    """Whether the holder was a process of this machine, by the name `host` too, that has ended.

    False when that cannot be known.
    """
    machine, boot = _machine()
    parts = token.split("|")
    if len(parts) != 6 or parts[:2] != [machine, host]:
        return False
    if parts[2] != boot:
        return True
    try:
        return f"{psutil.Process(int(parts[3])).create_time():.2f}" != parts[4]
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


# -- what was seen last ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """How every lease stands, and what the hosts before us stored last on the lines we took over just now."""

    leases: dict[str, Lease]
    last: Mapping[str, History]


@dataclass(slots=True)
class Memory:
    """Who received each line when the database answered last; a file beside the spool."""

    file: Path
    holders: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with suppress(OSError, ValueError):
            self.holders = dict(json.loads(self.file.read_text(encoding="utf-8")))

    def note(self, leases: Mapping[str, Lease]) -> None:
        """Keep it, if it is news. A disk that takes nothing costs only the next start its memory."""
        seen = {
            name: {"token": lease.holder.token, "host": lease.holder.host, "seat": lease.holder.seat}
            for name, lease in leases.items()
        }
        if seen == self.holders:
            return
        self.holders = seen
        try:
            new = self.file.with_name(f"{self.file.name}.{os.getpid()}")
            new.write_text(json.dumps(seen, ensure_ascii=False), encoding="utf-8")
            new.replace(self.file)
        except OSError as problem:
            log.info("who receives which line could not be noted: %s", problem)


# -- the leases of this process ----------------------------------------------------------------------------


class LineLeases:
    """Asks for the leases of this process's lines, renews them, and tells each line what to do.

    `unattended` is told of every line, ours or not, whose holder is gone and that nobody has taken: name -> words.
    `recall` reads the signals that were stored lately, each line's last.
    """

    def __init__(
        self,
        url: str,
        holder: Holder,
        memory: Path,
        unattended: Callable[[Mapping[str, str]], None],
        recall: Callable[[], Mapping[str, History]],
        open_leases: Callable[[str], Ledger] = Leases,
    ) -> None:
        self.holder = holder
        self._url = url
        self._open = open_leases
        self._leases = open_leases(url)
        self._memory = Memory(memory)
        self._unattended = unattended
        self._recall = recall
        self._lines: dict[str, Worker] = {}
        self._holding: set[str] = set()
        self._stood_by: set[str] = set()
        self._seen: dict[str, Lease] = {}
        self._in_touch_since: float | None = None
        self._in_touch_at = 0.0
        self._asking: Future[_Answer] | None = None

    def add(self, line: Worker) -> None:
        """One more line to ask for, from the next turn on."""
        # Another dictionary: the thread that asks reads the one it began with.
        self._lines = {**self._lines, PREFIX + line.name: line}

    async def run(self, lines: Mapping[str, Worker]) -> None:
        """Ask, tell, wait; until cancelled."""
        self._lines = {PREFIX + name: line for name, line in lines.items()} | self._lines
        while True:
            began = time.monotonic()
            self._asking = in_a_thread(partial(self._ask, frozenset(self._holding)))
            try:
                answer = await asyncio.shield(asyncio.wrap_future(self._asking))
            except JournalUnavailable as fault:
                log.info("leases cannot be asked: %s", fault)
                self._out_of_touch()
            except Exception:
                # A fault of our own, which whoever keeps us running tells; no line waits for its mending, and what
                # was not renewed is not believed in meanwhile.
                self._out_of_touch()
                raise
            else:
                self._note_touch(began)
                self._tell(answer)
            await asyncio.sleep(self._pause())

    async def release(self) -> None:
        """Give every lease back; for at most `RELEASE_S` seconds. Call it after `run` was cancelled."""
        if self._asking is not None and not self._asking.done():
            await _over(self._asking)
        if self._holding:
            await _over(in_a_thread(self._give_back))
        await _over(in_a_thread(self._leases.close))

    # -- in a thread of its own ----------------------------------------------------------------------------

    def _ask(self, holding: frozenset[str]) -> _Answer:
        """Renew what we hold, take what is free, and answer how every lease of a line stands."""
        kept = self._leases.renew(holding, self.holder) if holding else frozenset()
        found = self._leases.all(PREFIX)
        taken_over = False
        for name, line in self._lines.items():
            lease = found.get(name)
            if name not in kept and (lease is None or self._free(lease)):
                dead = lease.holder.token if lease is not None and is_gone(lease.holder.token, self.holder.host) else ""
                found[name] = self._leases.take(name, self.holder, dead=dead, from_others=line.movable)
                taken_over = taken_over or name in self._stood_by
        self._memory.note(found)
        return _Answer(found, self._recall() if taken_over else {})

    def _free(self, lease: Lease) -> bool:
        """Gone for certain, or run out before our eyes: after an outage everybody's lease has run out."""
        since = self._in_touch_since
        in_touch = since is not None and time.monotonic() - since >= LEASE_S
        return (lease.run_out and in_touch) or is_gone(lease.holder.token, self.holder.host)

    def _give_back(self) -> None:
        leases = self._open(self._url)
        try:
            leases.release(self.holder)
        except JournalUnavailable as fault:
            log.info("leases run out by themselves: %s", fault)
        finally:
            leases.close()

    # -- on the loop ---------------------------------------------------------------------------------------

    def _note_touch(self, began: float) -> None:
        """We have been in touch since then. A process that itself stood still has not."""
        now = time.monotonic()
        if self._in_touch_since is None or began - self._in_touch_at > LEASE_S / 2:
            self._in_touch_since = now
        self._in_touch_at = now

    def _out_of_touch(self) -> None:
        self._in_touch_since = None
        self._decide_alone()

    def _tell(self, answer: _Answer) -> None:
        leases = self._seen = answer.leases
        for name, line in self._lines.items():
            lease = leases.get(name)
            if lease is None:
                # Added while the answer was on its way: it is asked for at the next turn.
                continue
            if lease.holder.token == self.holder.token:
                self._receive(name, line, lease.taken_at.isoformat(), answer.last.get(line.name, ()))
            elif name not in self._holding or not lease.run_out:
                self._stand_by(name, line, lease.holder.seat, lease.holder.host)
        self._unattended({name.removeprefix(PREFIX): _words(lease) for name, lease in self._abandoned(leases)})

    def _abandoned(self, leases: Mapping[str, Lease]) -> list[tuple[str, Lease]]:
        return [
            (name, lease)
            for name, lease in leases.items()
            if name not in self._holding and lease.run_out and self._free(lease)
        ]

    def _decide_alone(self) -> None:
        """The database is away: go on as it was; a line that nobody else is known to receive is ours."""
        for name, line in self._lines.items():
            known = self._memory.holders.get(name)
            if name in self._holding:
                continue
            if known is None or is_gone(known["token"], self.holder.host):
                log.info("line %s: received without a lease, the database is away", line.name)
                self._receive(name, line, "", ())
            else:
                self._stand_by(name, line, known["seat"], known["host"])

    def _receive(self, name: str, line: Worker, lease: str, last: History) -> None:
        self._holding.add(name)
        self._stood_by.discard(name)
        line.receive(lease, last)

    def _stand_by(self, name: str, line: Worker, seat: str, host: str) -> None:
        self._holding.discard(name)
        self._stood_by.add(name)
        line.stand_by(seat, host)

    def _pause(self) -> float:
        """To the next renewal, or to the moment when a lease of another may run out."""
        waits = [RENEW_S if self._holding or not self._lines else LOOK_S]
        for name in self._lines:
            lease = self._seen.get(name)
            if name not in self._holding:
                waits.append(LOOK_S)
                if lease is not None and lease.left_s > 0:
                    waits.append(lease.left_s + _SOON_S)
        return min(waits)


async def _over(call: Future[Any]) -> None:
    """Until the call is over, well or badly, or has lasted `RELEASE_S`."""
    try:
        async with asyncio.timeout(RELEASE_S):
            await asyncio.shield(asyncio.wrap_future(call))
    except (JournalUnavailable, TimeoutError):
        pass
    except Exception:
        # Our own fault must not keep the rest from being given back.
        log.exception("leases could not be ended in order")


def _words(lease: Lease) -> str:
    return f"{lease.holder.seat}席（{lease.holder.host}）"


def in_a_thread(function: Callable[[], T]) -> Future[T]:
    """Run it in a thread that keeps no process from ending, however long it hangs."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(function())
        except BaseException as error:  # noqa: BLE001 -- whoever awaits it is told
            answer.set_exception(error)

    threading.Thread(target=run, name="line-leases", daemon=True).start()
    return answer
