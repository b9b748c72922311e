"""The terminal as a seat: whoever works on the database by commands, and how he proves to be who he says.

Commands act at the seat CLI (`services.rights.COMMAND_LINE`) under the operating system's name of the person, so that
they work in a database with accounts and the journal still says who it was. What an administrator alone may do, and
what one asks a second person for, asks for his number and password, at the prompt or as the first line of standard
input: by the system's name nobody could see that asker and decider are one person.
"""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from console.cli.words import settings_of
from console.domain.account import ROLE_LABELS, Account, Role
from console.domain.clock import system_clock
from console.domain.errors import JournalUnavailable, NotAllowed, UserError
from console.domain.ledger import Act, new_id
from console.domain.reference import Reference
from console.domain.state import MemoryState
from console.persistence.journal import Journal
from console.persistence.secrets import Secrets
from console.services.acts import ACTS
from console.services.desk import Desk
from console.services.health import Health
from console.services.no_spool import NoSpool
from console.services.picture import Picture
from console.services.reference import load
from console.services.rights import COMMAND_LINE
from console.services.sign_on import SignOn
from console.station import database_url


def add_proof(parser: argparse.ArgumentParser) -> None:
    """`--as`."""
    about = "管理员的警号（已有账号的数据库须有），密码从终端或标准输入读取"
    parser.add_argument("--as", dest="by", metavar="NUMBER", default="", help=about)


def person() -> str:
    """The operating system's name of whoever types; 'terminal' where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "terminal"


def act_of(name: str, args: Mapping[str, Any], role: Role, act_id: str = "") -> Act:
    """An act of the person at this terminal."""
    return Act(
        name=name,
        args=args,
        actor=person(),
        seat=COMMAND_LINE,
        roles=(role.value,),
        at=system_clock(),
        act_id=act_id or new_id(),
    )


@dataclass(frozen=True, slots=True)
class Office:
    """The accounts' database at a terminal. It has no spool: what the journal does not take has not happened."""

    desk: Desk
    secrets: Secrets
    reference: Reference

    @property
    def accounts(self) -> dict[str, Account]:
        """Everybody by number."""
        return {account.number: account for account in self.desk.picture.state.all(Account)}

    def do(self, name: str, **args: Any) -> Any:
        """Carry out an act; blocks. UserError and JournalUnavailable as `Desk.do`."""
        return asyncio.run(self.desk.do(name, **args))

    def sign_on(self, number: str, role: Role = Role.SECURITY) -> None:
        """Prove to be this administrator. UserError: nobody was named, or it is not true."""
        if not number:
            raise UserError(f"这个数据库已有账号，须由{ROLE_LABELS[role]}操作：加 --as 警号，并输入密码")
        account = asyncio.run(SignOn(self.desk, self.secrets, "CLI").check(number, _password(number)))
        if role not in account.roles:
            raise NotAllowed(f"{number} 不是{ROLE_LABELS[role]}")
        self.desk.actor, self.desk.roles = number, (role.value,)


def _password(number: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"{number} 的密码：")
    return sys.stdin.readline().rstrip("\r\n")


@contextmanager
def open_office(options: argparse.Namespace) -> Iterator[Office]:
    """The accounts of the database of `--db`, as the person at this terminal; without accounts he may do all."""
    settings, reference = settings_of(options), load()
    url = database_url(settings, options.db)
    journal = Journal.open(url, ACTS, system_clock, settings.number_prefix)
    secrets = Secrets(journal.url)
    try:
        picture, fresh = Picture(reference), MemoryState()
        picture.replace_state(fresh, journal.load_state(fresh).seq)
        spool = NoSpool(JournalUnavailable("日志没有写成", "检查数据库后重试"))
        desk = Desk(journal, spool, picture, Health(), reference, ACTS, system_clock, person(), COMMAND_LINE)
        desk.roles = (Role.SECURITY.value,)
        yield Office(desk, secrets, reference)
    finally:
        secrets.close()
        journal.close()
