"""The ledger: what an act sees while it is carried out.

An act is a name with plain arguments, so that it can wait in the spool and be carried out again later under
the same `act_id`. Carrying it out means calling its function with a ledger: it reads the state, checks, and
records facts; each recorded fact is folded at once, so the next line of the act sees it.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from console.domain.body import Body
from console.domain.facts import DeadlinePassed, Fact
from console.domain.fold import fold
from console.domain.state import E, Entity, State


def new_id() -> str:
    """A fresh UUID, for acts, frames and alarms."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person, a line or the clock asks for. `args` holds JSON values only.

    `at` is when it was asked; the facts carry the time they were recorded. `roles` are those the actor is signed on
    with (`domain.account.Role`). `seen` is the journal's number up to which the person had seen what happened when
    he asked; 0 = he need not be asked again, whatever happened since. `waited`: it was carried out at `at` on its own
    machine and comes out of the spool now.
    """

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    actor: str
    seat: str
    roles: tuple[str, ...] = ()
    seen: int = 0
    waited: bool = False
    at: datetime
    act_id: str = field(default_factory=new_id)


class Ledger(State, Protocol):
    """State that can be written to by recording facts."""

    @property
    def now(self) -> datetime:
        """The stamp of this act, never before the last one in the journal."""

    @property
    def act(self) -> Act:
        """The act that is being carried out."""

    def record(self, body: Body) -> None:
        """A fact, folded into the state at once and journaled with the act."""

    def next_number(self) -> str:
        """The next incident number `ZZyyyymmdd-NNNN`; a local one while the journal is away."""

    def announced(self, subject: str, rule: str, step: int, due_at: datetime) -> bool:
        """Whether the clock's fact (subject, rule, step, due_at) has been recorded already."""

    def since(self, seq: int, incident: str) -> list[Fact]:
        """The facts of an incident's timeline after the journal's number `seq`, before this act, in order."""


ActFunction = Callable[..., Any]
"""`function(ledger, **act.args)`; answers a JSON value; raises UserError and has then recorded nothing."""


class MemoryLedger:
    """A ledger over any state, collecting its facts: for provisional acts, tests and rebuilds.

    `number` gives the next incident number; `journal` are the facts before this act, where there are any to know.
    """

    def __init__(
        self, state: State, act: Act, now: datetime, number: Callable[[], str], journal: Sequence[Fact] = ()
    ) -> None:
        self._state = state
        self._number = number
        self._journal = journal
        self.act = act
        self.now = now
        self.facts: list[Fact] = []

    def get(self, kind: type[E], key: str) -> E | None:
        return self._state.get(kind, key)

    def put(self, entity: Entity) -> None:
        self._state.put(entity)

    def where(self, kind: type[E], **equal: object) -> list[E]:
        return self._state.where(kind, **equal)

    def record(self, body: Body) -> None:
        fact = Fact(at=self.now, actor=self.act.actor, seat=self.act.seat, act_id=self.act.act_id, body=body)
        fold(self._state, fact)
        self.facts.append(fact)

    def next_number(self) -> str:
        return self._number()

    def announced(self, subject: str, rule: str, step: int, due_at: datetime) -> bool:
        return any(
            isinstance(fact.body, DeadlinePassed)
            and (fact.body.subject, fact.body.rule, fact.body.step, fact.body.due_at) == (subject, rule, step, due_at)
            for fact in self.facts
        )

    def since(self, seq: int, incident: str) -> list[Fact]:
        return [fact for fact in self._journal if fact.seq > seq and fact.body.incident == incident]
