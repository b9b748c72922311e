"""Transaction: several acts carried out, then numbered, chained and stored together.

Each act runs in a SAVEPOINT of its own: one that is refused leaves nothing behind and hurts no other. The
append lock is held from the begin on, so the head read there is the head to number behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from json import loads
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from console.domain.clock import Clock
from console.domain.facts import Fact, SignalReceived
from console.domain.ledger import Act, ActFunction
from console.domain.unit import Position
from console.persistence.base import table
from console.persistence.chain import SHA256, Entry, Head, genesis, head_of, link
from console.persistence.codec import encode, storable
from console.persistence.dialect import fault_of, notify
from console.persistence.ledger import SqlLedger
from console.persistence.tables import ActRow, JournalRow, PropertyRow, SignalRow, TrackRow

JOURNAL = table(JournalRow)
ACTS = table(ActRow)
_COLUMNS = attrgetter(*Entry.__slots__)
_HEAD = select(JOURNAL.c.seq, JOURNAL.c.hash, JOURNAL.c.at, JOURNAL.c.algo).order_by(JOURNAL.c.seq.desc()).limit(1)
_PROPERTIES = table(PropertyRow)
HASH = "hash"
"""The property that names the algorithm a journal is begun with; without it that is SHA-256."""
_CHOSEN = select(_PROPERTIES.c.value).where(_PROPERTIES.c.name == HASH)
_DONE = select(ACTS.c.result).where(ACTS.c.act_id == bindparam("act_id"))
_HEAD_AND_DONE = _HEAD.add_columns(_DONE.scalar_subquery().label("result"))
_SIGNALS = table(SignalRow)
_NUMBER_SIGNAL = update(_SIGNALS).where(_SIGNALS.c.ingest_id == bindparam("key")).values(seq=bindparam("number"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What became of an act: its facts with their numbers and its answer (a JSON value).

    `already` marks a repeat: the act had been carried out before, `value` is its first answer and there are
    no new facts.
    """

    facts: tuple[Fact, ...] = ()
    value: Any = None
    already: bool = False


@dataclass(slots=True)
class _Done:
    """An act carried out but not yet numbered; `bodies` are its facts as canonical text."""

    ledger: SqlLedger
    bodies: list[str]
    answer: str


def read_genesis(connection: Connection) -> Head:
    """What stands before the first row, by the algorithm chosen when the database was made."""
    return genesis(connection.execute(_CHOSEN).scalar() or SHA256)


def read_head(connection: Connection) -> Head:
    """The last row of the journal as this transaction sees it."""
    row = connection.execute(_HEAD).first()
    return read_genesis(connection) if row is None else Head(seq=row.seq, hash=row.hash, at=row.at, algo=row.algo)


class Transaction:
    """Acts on one connection, inside one BEGIN … COMMIT that the caller holds."""

    def __init__(self, connection: Connection, acts: Mapping[str, ActFunction], clock: Clock, prefix: str) -> None:
        self._connection = connection
        self._acts = acts
        self._clock = clock
        self._prefix = prefix
        self._head: Head | None = None
        self._stamp: datetime | None = None
        self._done: dict[str, _Done] = {}

    def carry_out(self, act: Act, *, alone: bool = False) -> Committed | None:
        """Do the act; what it came to is known after `number`. A repeat is answered at once.

        Raises whatever the act's function raises, and has then left nothing behind; an act that is `alone` in the
        transaction leaves that to the caller, who rolls all of it back, and lays down what it has put with its facts
        (three journeys to a server less).
        """
        before = self._answer_before(act.act_id)
        if before is not None:
            return Committed(value=loads(before), already=True)
        done = self._do(act) if alone else self._do_apart(act)
        self._stamp = done.ledger.now
        self._done[act.act_id] = done
        return None

    def _do_apart(self, act: Act) -> _Done:
        savepoint = self._connection.begin_nested()
        try:
            done = self._do(act)
            done.ledger.flush()
        except Exception as error:
            # When the ground failed the database has rolled back by itself: there is no savepoint any more.
            if fault_of(error) is None:
                savepoint.rollback()
            raise
        savepoint.commit()
        return done

    def _do(self, act: Act) -> _Done:
        ledger = SqlLedger(self._connection, act, self._now(act), self._prefix, self._unnumbered)
        answer = encode(self._acts[act.name](ledger, **storable(act.args)))
        return _Done(ledger, [encode(fact.body) for fact in ledger.facts], answer)

    def track(self, positions: Sequence[Position]) -> None:
        """Lay down where units were; the ground must answer even where that is nothing (it is asked that in doubt)."""
        if not positions:
            read_head(self._connection)
        else:
            self._connection.execute(insert(table(TrackRow)), [asdict(position) for position in positions])

    def number(self) -> dict[str, Committed]:
        """Number, chain and store every fact of the transaction; what became of each act, by its id.

        To be called inside `together`, with the commit.
        """
        for done in self._done.values():
            done.ledger.flush()
        if not self._done or self._head is None:
            return {}
        head = self._head
        entries: list[Entry] = []
        committed: dict[str, Committed] = {}
        for act_id, done in self._done.items():
            facts = []
            for fact, body in zip(done.ledger.facts, done.bodies, strict=True):
                entry = link(fact, body, head)
                head = head_of(entry)
                entries.append(entry)
                facts.append(replace(fact, seq=entry.seq))
            committed[act_id] = Committed(facts=tuple(facts), value=loads(done.answer))
        self._store(entries, committed)
        return committed

    def _store(self, entries: list[Entry], committed: Mapping[str, Committed]) -> None:
        if not entries:
            return
        told = {act_id: outcome.facts for act_id, outcome in committed.items() if outcome.facts}
        answers = [{"act_id": a, "seq": facts[-1].seq, "result": self._done[a].answer} for a, facts in told.items()]
        signals = [
            {"key": fact.body.signal.key, "number": fact.seq}
            for facts in told.values()
            for fact in facts
            if isinstance(fact.body, SignalReceived)
        ]
        self._connection.execute(insert(JOURNAL), [columns(entry) for entry in entries])
        self._connection.execute(insert(ACTS), answers)
        if signals:
            self._connection.execute(_NUMBER_SIGNAL, signals)
        notify(self._connection, entries[-1].seq)

    def _unnumbered(self) -> list[Fact]:
        """What the acts before this one in the transaction have recorded."""
        return [fact for done in self._done.values() for fact in done.ledger.facts]

    def _answer_before(self, act_id: str) -> str | None:
        if act_id in self._done:
            return self._done[act_id].answer
        if self._head is None:
            return self._look(act_id)
        return self._connection.execute(_DONE, {"act_id": act_id}).scalar()

    def _look(self, act_id: str) -> str | None:
        """Read the head, and in the same journey what the first act came to before."""
        row = self._connection.execute(_HEAD_AND_DONE, {"act_id": act_id}).first()
        if row is None:
            self._head = read_genesis(self._connection)
            return None
        self._head = Head(seq=row.seq, hash=row.hash, at=row.at, algo=row.algo)
        self._stamp = row.at
        return row.result  # type: ignore[no-any-return]

    def _now(self, act: Act) -> datetime:
        """Never before the last stamp, even when the machine's clock was set back.

        What waited in a spool happened when it was done: a unit sent during an outage was sent then, and its promise
        runs from then. Only what others have stamped meanwhile can push it later.
        """
        now = min(self._clock(), act.at) if act.waited else self._clock()
        return now if self._stamp is None else max(now, self._stamp)


def columns(entry: Entry) -> dict[str, object]:
    """The journal's columns of an entry by name."""
    return dict(zip(Entry.__slots__, _COLUMNS(entry), strict=True))
