"""A desk without a database, for tests of windows and services: the real acts over the real fold, in memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from console.domain.account import Account, Role
from console.domain.body import Body
from console.domain.clock import Clock, ManualClock
from console.domain.facts import AccountRegistered, Fact
from console.domain.fold import fold
from console.domain.ledger import Act, MemoryLedger
from console.domain.overlay import Overlay
from console.domain.state import KINDS, MemoryState, State
from console.services.acts import ACTS
from console.services.desk import Desk
from console.services.health import Health
from console.services.picture import Picture
from console.services.reference import load

ALL = tuple(role.value for role in Role)
"""Every role at once: for tests that are not about rights."""

EVENING = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
"""14:30 in Zhangzhou, a Saturday."""


@dataclass(frozen=True)
class Done:
    """What the journal in memory answers."""

    facts: tuple[Fact, ...]
    value: Any
    already: bool = False


@dataclass(frozen=True)
class Head:
    """The last number of the journal in memory."""

    seq: int


@dataclass
class MemoryJournal:
    """Carries out acts over a state in memory, numbers their facts; `failure` makes it refuse."""

    clock: Clock
    state: MemoryState = field(default_factory=MemoryState)
    facts: list[Fact] = field(default_factory=list)
    done: dict[str, Done] = field(default_factory=dict)
    failure: Exception | None = None
    numbers: int = 180

    async def commit(self, act: Act) -> Done:
        if self.failure is not None:
            raise self.failure
        if act.act_id in self.done:
            return replace(self.done[act.act_id], facts=(), already=True)
        ledger = MemoryLedger(Overlay(self.state), act, self.clock(), self._number, self.facts)
        value = ACTS[act.name](ledger, **act.args)
        facts = tuple(replace(fact, seq=len(self.facts) + n) for n, fact in enumerate(ledger.facts, 1))
        for fact in facts:
            fold(self.state, fact)
        self.facts.extend(facts)
        self.done[act.act_id] = Done(facts, value)
        return self.done[act.act_id]

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        return self.facts[since : since + limit]

    def load_state(self, picture: State) -> Head:
        for kind in KINDS:
            for row in self.state.all(kind):
                picture.put(row)
        return Head(len(self.facts))

    def timeline(self, number: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.body.incident == number]

    def _number(self) -> str:
        self.numbers += 1
        return f"ZZ20261121-{self.numbers:04}"


@dataclass
class MemorySpool:
    """Keeps spooled acts in a list."""

    acts: list[Act] = field(default_factory=list)
    held: dict[str, Act] = field(default_factory=dict)
    numbers: int = 0

    def hold(self, act: Act) -> None:
        self.held[act.act_id] = act

    def let_go(self, act_id: str) -> None:
        self.held.pop(act_id, None)

    def put(self, act: Act) -> bool:
        self.held.pop(act.act_id, None)
        new = all(act.act_id != waiting.act_id for waiting in self.acts)
        self.acts.extend([act] if new else [])
        return new

    def count(self) -> int:
        return len(self.acts)

    def local_number(self, prefix: str, seat: str, at: datetime) -> str:
        self.numbers += 1
        return f"{prefix}{at:%Y%m%d}-L{seat}-{self.numbers:02}"


def make_desk(clock: Clock | None = None, actor: str = "031", seat: str = "03") -> Desk:
    """A desk over the journal in memory."""
    clock = clock or ManualClock(EVENING)
    reference = load()
    return Desk(
        journal=MemoryJournal(clock),
        spool=MemorySpool(),
        picture=Picture(reference),
        health=Health(),
        reference=reference,
        acts=ACTS,
        clock=clock,
        actor=actor,
        seat=seat,
        roles=ALL,
    )


def tell(desk: Desk, *bodies: Body) -> None:
    """Put facts into a desk's journal and picture without an act (to set a scene)."""
    journal = desk.journal
    assert isinstance(journal, MemoryJournal)
    facts = [
        Fact(seq=len(journal.facts) + n, at=desk.clock(), actor=desk.actor, seat=desk.seat, body=body)
        for n, body in enumerate(bodies, 1)
    ]
    for fact in facts:
        fold(journal.state, fact)
    journal.facts.extend(facts)
    desk.picture.apply(facts)


def people(desk: Desk) -> None:
    """Three with accounts, who may do everything: 031 陈志强, 032 王敏, 035 林队."""
    for number, name in (("031", "陈志强"), ("032", "王敏"), ("035", "林队")):
        account = Account(number=number, name=name, roles=ALL, registered_at=desk.clock())
        tell(desk, AccountRegistered(account=account))
