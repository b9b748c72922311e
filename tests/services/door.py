"""A room in front of the door: a database with three people, desks that sign on there, and a wire that can be cut."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from console.domain.account import Account
from console.domain.clock import ManualClock
from console.domain.ledger import Act
from console.domain.state import MemoryState
from console.persistence.journal import Journal
from console.persistence.secrets import Secrets
from console.persistence.spool import Spool
from console.services import sign_on
from console.services.acts import ACTS
from console.services.desk import Desk
from console.services.health import Health
from console.services.picture import Picture
from console.services.reference import load
from console.services.rights import COMMAND_LINE
from console.services.sign_on import SignOn
from tests.services.test_unloading import AWAY, Severed
from tests.support import EVENING

LAMP, GATE = "Lamp-2026", "Gate-2026"
DESK = ("call_taker", "dispatcher", "chief")
PEOPLE = (
    {"account": "031", "name": "李娜", "roles": DESK},
    {"account": "032", "name": "王强", "roles": ("call_taker",)},
    {"account": "801", "name": "陈安", "roles": ("security",)},
)


@dataclass
class Counting:
    """A quick hasher that counts how often it worked."""

    quick: PasswordHasher = field(default_factory=lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    checks: int = 0

    def hash(self, password: str) -> str:
        return self.quick.hash(password)

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002 -- the library's word
        self.checks += 1
        return self.quick.verify(hash, password)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    counting = Counting()
    sign_on._nobodys_hash.cache_clear()
    monkeypatch.setattr(sign_on, "hasher", lambda: counting)
    yield counting
    sign_on._nobodys_hash.cache_clear()


@dataclass
class Wired:
    """The secrets behind the same wire as the journal."""

    secrets: Secrets
    wire: Severed

    def put(self, account: str, hash: str, at: Any) -> None:  # noqa: A002 -- the protocol's word
        if self.wire.cut:
            raise AWAY
        self.secrets.put(account, hash, at)

    def all(self) -> dict[str, str]:
        if self.wire.cut:
            raise AWAY
        return self.secrets.all()


@dataclass
class Room:
    """A database with three people, and desks in front of it."""

    url: str
    wire: Severed
    spool: Spool
    secrets: Wired
    clock: ManualClock
    hasher: Counting

    def desk(self, seat: str = "03") -> Desk:
        picture, fresh = Picture(load()), MemoryState()
        head = self.wire.load_state(fresh)
        picture.replace_state(fresh, head.seq)
        parts = (self.wire, self.spool, picture, Health(), load(), ACTS, self.clock)
        return Desk(*parts, actor="", seat=seat, roles=())

    def door(self, seat: str = "03", host: str = "pc3") -> tuple[Desk, SignOn]:
        desk = self.desk(seat)
        return desk, SignOn(desk, self.secrets, host)

    def do(self, name: str, /, **args: Any) -> None:
        """The security administrator at a terminal."""
        act = Act(name=name, args=args, actor="801", seat=COMMAND_LINE, roles=("security",), at=self.clock())
        self.wire.journal.commit_blocking(act)

    def facts(self, kind: type) -> list[Any]:
        return [fact.body for fact in self.wire.journal.read() if isinstance(fact.body, kind)]

    def account(self, number: str) -> Account:
        state = MemoryState()
        self.wire.journal.load_state(state)
        found = state.get(Account, number)
        assert found is not None
        return found


@pytest.fixture
async def room(prepared: Callable[[], str], tmp_path: Path, hasher: Counting) -> AsyncIterator[Room]:
    url, clock = prepared(), ManualClock(EVENING)
    journal, secrets = Journal.open(url, ACTS, clock), Secrets(url)
    spool = Spool.open(tmp_path / "spool.db", clock)
    wire = Severed(journal)
    made = Room(url, wire, spool, Wired(secrets, wire), clock, hasher)
    made.do("account.import", accounts=[dict(row) for row in PEOPLE])
    for number, password in (("031", LAMP), ("032", LAMP), ("801", GATE)):
        secrets.put(number, hasher.hash(password), clock())
    yield made
    spool.close()
    secrets.close()
    journal.close()
