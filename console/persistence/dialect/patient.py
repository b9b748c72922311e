"""Patient: a connection to PostgreSQL whose calls come back, and whose transactions begin without a journey.

No timeout of the server or the kernel frees a call on a server that stands still, so each wait has an end here.
What begins a transaction goes to the server together with its first statement: on a busy machine a journey costs
more than what it carries. A connection is whole or closed: one that was lost in the middle of its answers, or could
not give back what it held, is never used again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import psycopg
from psycopg import errors
from psycopg.abc import RV, Params, PQGen
from psycopg.generators import fetch_many, send
from psycopg.pq import DiagnosticField, PipelineStatus

POLL_S = 0.1
CONNECTING_S = 2.5
"""The patience of a connection that nobody has set up yet."""


class _Pipeline(psycopg.Pipeline):
    """A journey: what is put into it is only sent, and answered at its Sync, to the last answer.

    psycopg's own reads while it sends: when the connection is lost it forgets what it has read, and gives the rest to
    the wrong statements; behind a failure it leaves answers lying. It ends with a Flush behind its Sync, which
    switches off the server's watch over the idle: a client that stood still would keep the append lock for ever.
    """

    unsendable: errors.Error | None = None
    """Why nothing more could be sent; what the server said before that stands in its answers."""

    def _communicate_gen(self) -> PQGen[None]:
        try:
            while self.command_queue and self.unsendable is None:
                self.command_queue.popleft()()
            # The server works while the next statement is made; what its socket does not take now goes with the Sync.
            self.pgconn.flush()
        except errors.Error as error:
            self.unsendable = self.unsendable or error
        yield from ()

    def _sync_gen(self) -> PQGen[None]:
        if not self.command_queue and not self.result_queue:
            return
        self._enqueue_sync()
        yield from self._communicate_gen()
        if self.unsendable is not None and not self._conn.closed:
            # The server stands, but waits for a Sync that never comes.
            self.pgconn.finish()
            raise self.unsendable
        failed = yield from self._answers()
        if failed is not None:
            raise failed

    def _answers(self) -> PQGen[errors.Error | None]:
        """The first failure among them; those behind it only say that they were not done, or that all is lost."""
        failed: errors.Error | None = None
        if self.unsendable is None:
            yield from send(self.pgconn)
        while self.result_queue and not (failed and self._conn.closed):
            asked = self.result_queue.popleft()
            try:
                results = yield from fetch_many(self.pgconn)
                if not results:
                    raise errors.OperationalError("the answers broke off")
                self._process_results(asked, results)
            except errors.Error as error:
                failed = failed or error
        return failed or self.unsendable

    _exit_gen = _sync_gen

    def last_words(self) -> errors.Error | None:
        """What the server said before it hung up; None as long as all that was put in could be sent.

        libpq has let go of the socket by now, and keeps what it had read from it.
        """
        if self.unsendable is None or self.unsendable.sqlstate:
            return self.unsendable
        with suppress(errors.Error):
            for _ in range(2 * len(self.result_queue)):
                result = self.pgconn.get_result()
                if result is not None and result.error_field(DiagnosticField.SQLSTATE):
                    self.unsendable = errors.error_from_result(result)
                    break
        return self.unsendable


class Patient(psycopg.Connection[Any]):
    """A connection whose every wait ends: after `patience_s` the server counts as away and the socket is closed."""

    patience_s: float | None = CONNECTING_S
    unsent: tuple[str, ...] = ()
    """What begins the transaction, as long as there was nothing to do in it."""
    farewell: errors.Error | None = None
    """Why the server hung up, where it said so between two answers: libpq takes that for a mere notice."""

    def hear_farewell(self, notice: errors.Diagnostic) -> None:
        """To be told of every notice."""
        if notice.severity_nonlocalized == "FATAL" and notice.sqlstate:
            with suppress(KeyError):
                self.farewell = errors.lookup(notice.sqlstate)(notice.message_primary or "")

    def wait(self, gen: PQGen[RV], interval: float = POLL_S, timeout: float | None = None) -> RV:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        self._tell_loss()
        try:
            return super().wait(gen, interval, self.patience_s)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise errors.ConnectionTimeout(f"no answer within {self.patience_s} s") from None
        except errors.Error as error:
            if self.closed and not error.sqlstate and self.farewell is not None:
                raise self.farewell from error
            # libpq answers for a server that is gone, without a state; psycopg has many names for that.
            if not self.closed or error.sqlstate or isinstance(error, errors.OperationalError):
                raise
            raise errors.OperationalError(str(error)) from error

    def cursor(self, name: str = "", **shape: Any) -> Any:
        """Its first statement brings what begins the transaction along; one with a name is the server's."""
        self._tell_loss()
        if name:
            self.send()
        return super().cursor(name, **shape)

    def _tell_loss(self) -> None:
        """Why the connection was lost is told by what comes next: that only finds it closed."""
        if not self.closed:
            return
        said = self.farewell
        if said is None and isinstance(self._pipeline, _Pipeline):
            said = self._pipeline.last_words()
        if said is not None:
            raise said

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Pipeline]:
        """Statements inside go to the server in one journey, what fails is raised at its end; none brings rows back.

        One inside another is part of that one's journey.
        """
        if self._pipeline is not None:
            yield self._pipeline
            return
        if not self.closed:
            self._pipeline = _Pipeline(self)
        try:
            with super().pipeline() as pipeline:
                yield pipeline
        finally:
            if self.pgconn.pipeline_status != PipelineStatus.OFF:
                self.pgconn.finish()

    def send(self) -> None:
        """Begin the transaction now, for a first statement that cannot share its journey."""
        begin, self.unsent = self.unsent, ()
        for statement in begin:
            self.execute(statement).close()

    def commit(self) -> None:
        """In a pipeline with everything before it; where it was not reached the transaction ends all the same."""
        self.unsent = ()
        try:
            super().commit()
        except errors.Error:
            # SQLAlchemy takes nothing back once it has asked for a commit: the append lock would stay.
            with suppress(errors.Error):
                self.rollback()
            raise

    def rollback(self) -> None:
        """A connection that is lost has nothing to take back; its loss has been told already."""
        self.unsent = ()
        if self.closed:
            return
        try:
            super().rollback()
        except errors.Error:
            # The server takes back by itself what a connection that is gone has left.
            self.pgconn.finish()
            raise


class Cursor(psycopg.Cursor[Any]):
    """Sends the begin of the transaction and its first statement together."""

    connection: Patient

    def execute(
        self, query: Any, params: Params | None = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Self:
        begin, self.connection.unsent = self.connection.unsent, ()
        if not begin:
            return super().execute(query, params, prepare=prepare, binary=binary)
        with self.connection.pipeline():
            for statement in begin:
                psycopg.Cursor(self.connection).execute(statement)
            return super().execute(query, params, prepare=prepare, binary=binary)

    def executemany(self, query: Any, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        with self.connection.pipeline():
            self.connection.send()
            super().executemany(query, params_seq, returning=returning)

    def copy(self, *args: Any, **more: Any) -> Any:
        self.connection.send()
        return super().copy(*args, **more)
