"""Writer: the one thread that owns the one writing connection and takes acts in order.

What queues up while a commit runs goes into the next transaction, so a burst costs one fsync. When the
ground fails, everything that waits is told so at once and the thread tries again with growing pauses until
a small real commit succeeds. A writer that hangs is abandoned: it finishes or fails by itself, takes nothing
new, and another one is put in its place. A writer that somebody doubts (its server no longer answers others)
refuses acts until a commit has gone through. What a server took back before its commit, because this machine stood
still in the middle of it, is done once more at once: nobody need hear of it.
"""

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from console.domain.clock import Clock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.ledger import Act, ActFunction
from console.domain.unit import Position
from console.persistence.base import table
from console.persistence.dialect import TakenBack, count_up, fault_of, together, writing_engine
from console.persistence.schema import prepare
from console.persistence.tables import CounterRow
from console.persistence.transaction import Committed, Transaction

log = logging.getLogger(__name__)

BATCH_ACTS = 20
BATCH_S = 0.02
"""On a server an act takes some milliseconds: a burst that shared less would pay for a commit with each."""
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0


@dataclass(slots=True, eq=False)
class Ticket:
    """A piece of work in the queue: an act, or positions for the track. `again`: it was taken back once."""

    work: Act | Sequence[Position]
    answer: Future[Committed] = field(default_factory=Future)
    again: bool = False


class _OnceMore(Exception):  # noqa: N818 -- no error: what was taken back waits for a new connection
    """Do what was taken back on another connection."""


def _fail(tickets: Sequence[Ticket], error: BaseException) -> None:
    for ticket in tickets:
        if not ticket.answer.done():
            ticket.answer.set_exception(error)


class Writer:
    """Carries out acts on a thread of its own; answers through each ticket's future."""

    def __init__(
        self,
        url: str,
        acts: Mapping[str, ActFunction],
        clock: Clock,
        prefix: str,
        fault: JournalUnavailable | None = None,
        *,
        prepared: bool = True,
    ) -> None:
        self.url = url
        self.prepared = prepared
        self.fault: JournalUnavailable | None = fault or JournalUnavailable("日志正在打开", "稍候")
        self._transaction: Callable[[Connection], Transaction] = lambda c: Transaction(c, acts, clock, prefix)
        self._queue: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._taken_back: list[Ticket] = []
        self._doubt: JournalUnavailable | None = None
        self._stopping = threading.Event()
        self.tried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Act | Sequence[Position]) -> Ticket:
        """Queue the work; raises the present fault at once while the ground is away."""
        if self.fault is not None:
            raise self.fault
        ticket = Ticket(work)
        self._queue.put(ticket)
        lost = self.fault
        if lost is not None and ticket.answer.cancel():
            # The thread has told everybody who waited a moment ago; this one would be done after those that failed.
            raise lost
        return ticket

    def doubt(self, fault: JournalUnavailable) -> None:
        """Refuse acts with the fault until a commit proves that the ground holds."""
        if self.fault is None:
            self._doubt = self.fault = fault
            self._queue.put(Ticket(()))

    def abandon(self, fault: JournalUnavailable) -> None:
        """Take nothing new; whatever has not been begun fails with the fault."""
        self.fault = fault
        self._stopping.set()
        _fail(self._withdraw(), fault)
        self._queue.put(None)

    def drain(self, seconds: float) -> list[Act]:
        """Refuse new acts, give the queued ones so long; those that were not begun by then are returned."""
        if self.fault is not None:
            self._stopping.set()
        self.fault = JournalUnavailable("日志正在关闭")
        self._queue.put(None)
        self._thread.join(seconds)
        self._stopping.set()
        left = self._withdraw()
        _fail(left, self.fault)
        self._queue.put(None)
        return [ticket.work for ticket in left if isinstance(ticket.work, Act)]

    def _withdraw(self) -> list[Ticket]:
        """Everything still in the queue that nobody has begun or called off."""
        waiting: list[Ticket] = []
        while True:
            try:
                ticket = self._queue.get_nowait()
            except queue.Empty:
                return waiting
            if ticket is not None and ticket.answer.set_running_or_notify_cancel():
                waiting.append(ticket)

    # -- on the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        pauses = self._pauses()
        while not self._stopping.is_set():
            try:
                with self._connected() as connection:
                    pauses = self._pauses()
                    self._serve(connection)
                    break
            except _OnceMore:
                continue
            except JournalUnavailable as fault:
                self.tried.set()
                _fail([*self._taken_back, *self._withdraw()], fault)
                self._taken_back.clear()
                self._stopping.wait(next(pauses))
        _fail(self._taken_back, self.fault or JournalUnavailable("日志正在关闭"))

    @staticmethod
    def _pauses() -> Iterator[float]:
        growing = itertools.accumulate(itertools.repeat(2.0), lambda pause, by: min(pause * by, LONGEST_PAUSE_S))
        return (FIRST_PAUSE_S * pause for pause in growing)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection that has proved it can commit; whatever fails comes out as `self.fault` and is retried."""
        try:
            if not self.prepared:
                prepare(self.url)
                self.prepared = True
            engine = writing_engine(self.url)
            with engine.connect() as connection:
                with connection.begin():
                    connection.execute(count_up(connection, table(CounterRow)), {"name": "writer opened", "value": 1})
                if not self._stopping.is_set() and not self._taken_back:
                    self.fault = None
                self.tried.set()
                yield connection
        except _OnceMore:
            raise
        except Exception as error:
            fault = fault_of(error) or self._unforeseen(error)
            self.fault = fault
            raise fault from error

    def _unforeseen(self, error: Exception) -> JournalUnavailable:
        """Nothing may end the thread: without it no act is ever stored again."""
        if isinstance(error, UserError):
            return JournalUnavailable(str(error))
        fault = JournalUnavailable(f"日志打不开（{error!r}）", "请保存日志并报告；正在自动重试")
        if self.fault is None or self.fault.what != fault.what:
            log.error("the writer cannot work", exc_info=error)
        return fault

    def _serve(self, connection: Connection) -> None:
        while not self._stopping.is_set():
            if self._taken_back:
                self._commit_with_what_follows(connection, self._taken_back.pop(0))
                continue
            ticket = self._queue.get()
            if ticket is None:
                return
            if ticket.answer.set_running_or_notify_cancel():
                self._commit_with_what_follows(connection, ticket)

    def _commit_with_what_follows(self, connection: Connection, first: Ticket) -> None:
        taken: list[Ticket] = []
        try:
            # Closed, not left: a commit that failed must not keep the connection in this transaction.
            with closing(connection.begin()) as begun:
                transaction = self._transaction(connection)
                answered: dict[Ticket, Committed] = {}
                # One that was taken back may stand still each time; it draws no other into that.
                alone = first.again or self._queue.empty()
                for ticket in (first,) if alone else self._batch(first):
                    taken.append(ticket)
                    self._do(transaction, ticket, answered, alone=alone)
                if alone and first.answer.done():
                    return
                with together(connection):
                    outcomes = transaction.number()
                    begun.commit()
        except Exception as error:  # noqa: BLE001 -- told there, or raised again
            self._lost(taken or [first], error)
            return
        if self.fault is self._doubt:
            self.fault = None
        for ticket in taken:
            if isinstance(ticket.work, Act) and ticket not in answered and not ticket.answer.done():
                answered[ticket] = outcomes[ticket.work.act_id]
        for ticket, outcome in answered.items():
            ticket.answer.set_result(outcome)

    def _lost(self, tickets: Sequence[Ticket], error: Exception) -> None:
        """Their transaction came to nothing: tell them, and raise where the ground is at fault.

        What the server took back is not in the journal, and its turn is still the first one: it gets another go.
        """
        fault = fault_of(error)
        if isinstance(fault, TakenBack) and not tickets[0].again:
            self._taken_back = [ticket for ticket in tickets if not ticket.answer.done()]
            for ticket in self._taken_back:
                ticket.again = True
            log.info("%s: %d acts are done once more", fault, len(self._taken_back))
            raise _OnceMore from error
        if fault is not None:
            # Before anybody hears of it: who asks again at once is refused at once.
            self.fault = fault
        _fail(tickets, fault or error)
        if fault is not None:
            raise error

    def _batch(self, first: Ticket) -> Iterator[Ticket]:
        """The first ticket and those already waiting behind it, as many as one transaction takes."""
        began = time.monotonic()
        yield first
        for _ in range(BATCH_ACTS - 1):
            if time.monotonic() - began > BATCH_S or self._stopping.is_set():
                return
            try:
                ticket = self._queue.get_nowait()
            except queue.Empty:
                return
            if ticket is None:
                self._queue.put(None)
                return
            if ticket.answer.set_running_or_notify_cancel():
                yield ticket

    @staticmethod
    def _do(transaction: Transaction, ticket: Ticket, answered: dict[Ticket, Committed], *, alone: bool) -> None:
        """Carry out one ticket; what is wrong with it is told to its caller alone, a failing ground to all."""
        try:
            if isinstance(ticket.work, Act):
                done = transaction.carry_out(ticket.work, alone=alone)
            else:
                transaction.track(ticket.work)
                done = Committed()
            if done is not None:
                answered[ticket] = done
        except Exception as error:
            if fault_of(error) is not None:
                raise
            ticket.answer.set_exception(error)
