"""Patient: a connection to PostgreSQL whose calls come back, and whose transactions begin without a journey.

No timeout of the server or the kernel frees a call on a server that stands still, so each wait has an end here.
What begins a transaction goes to the server together with its first statement: on a busy machine a journey costs
more than what it carries.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import psycopg
from psycopg import errors
from psycopg.abc import RV, Params, PQGen

POLL_S = 0.1
CONNECTING_S = 2.5
"""The patience of a connection that nobody has set up yet."""


class _Pipeline(psycopg.Pipeline):
    """Ends with its Sync: behind that a Flush, as psycopg sends it, switches off the server's watch over the idle.

    With it a client that stood still inside its transaction would keep the append lock for ever.
    """

    def _exit_gen(self) -> PQGen[None]:
        try:
            self._enqueue_sync()
            yield from self._communicate_gen()
        finally:
            yield from self._fetch_gen(flush=False)


class Patient(psycopg.Connection[Any]):
    """A connection whose every wait ends: after `patience_s` the server counts as away and the socket is closed."""

    patience_s: float | None = CONNECTING_S
    unsent: tuple[str, ...] = ()
    """What begins the transaction, as long as there was nothing to do in it."""

    def wait(self, gen: PQGen[RV], interval: float = POLL_S, timeout: float | None = None) -> RV:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience_s)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise errors.ConnectionTimeout(f"no answer within {self.patience_s} s") from None

    def cursor(self, name: str = "", **shape: Any) -> Any:
        """Its first statement brings what begins the transaction along; one with a name is the server's."""
        if name:
            self.send()
        return super().cursor(name, **shape)

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Pipeline]:
        """Statements inside go to the server in one journey."""
        if self._pipeline is None and not self.closed:
            self._pipeline = _Pipeline(self)
        with super().pipeline() as pipeline:
            yield pipeline

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
        except psycopg.Error:
            # SQLAlchemy takes nothing back once it has asked for a commit: the append lock would stay.
            self.rollback()
            raise

    def rollback(self) -> None:
        """A connection that is lost has nothing to take back; its loss has been told already.

        What stood in the pipeline behind a failed statement may answer only now, that it was not done: nobody asks.
        """
        self.unsent = ()
        undone = self.closed
        while not undone:
            with suppress(errors.PipelineAborted):
                super().rollback()
                undone = True


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
