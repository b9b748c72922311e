"""Sign-on 登录: one seat's door. It checks a password and puts the person and the roles on the desk.

A wrong number and a wrong password get the same answer after the same work. While the database is away the hashes
last known serve, and the sign-on goes into the spool like any act. Hashing takes a tenth of a second on purpose
(argon2id, RFC 9106's second recommended option), in a thread: the alarm path never waits for it.

The act `seat.sign_on` carries no proof: a password must not stand in the spool, so the journal believes the desk that
it was checked here. Whoever can write to the database directly is beyond this door; a centre keeps its address and
its role on the server to the desks' machines.
"""

import asyncio
import logging
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from console.domain.account import MACHINE, Account, Seat
from console.domain.errors import JournalUnavailable, NotAllowed, UserError
from console.domain.ledger import Act
from console.domain.password import is_due, is_locked, why_too_weak
from console.persistence.numbers import SHANGHAI
from console.services.accounts import WRONG, why_not_signed_on
from console.services.desk import Desk

log = logging.getLogger(__name__)


class Secrets(Protocol):
    """The part of `persistence.secrets.Secrets` that the door needs. Calls block."""

    def put(self, account: str, hash: str, at: datetime) -> None: ...  # noqa: A002 -- what it is
    def all(self) -> dict[str, str]: ...


@cache
def hasher() -> PasswordHasher:
    """argon2id with 64 MiB, 3 passes, 4 lanes: what a desk can spare and a thief cannot."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _nobodys_hash() -> str:
    return hasher().hash("nobody's password")


def is_right(hash: str | None, password: str) -> bool:  # noqa: A002 -- what it is
    """Whether the password fits; without a hash the same time passes and the answer is no."""
    try:
        return hasher().verify(hash or _nobodys_hash(), password) and hash is not None
    except (VerificationError, InvalidHashError):
        return False


def _locked(account: Account) -> str:
    until = account.locked_until
    return f"账号已锁定到 {until.astimezone(SHANGHAI):%H:%M}，可请安全管理员解锁" if until is not None else "账号已锁定"


class SignOn:
    """The door of one seat's desk."""

    def __init__(self, desk: Desk, secrets: Secrets, host: str = "") -> None:
        self._desk, self._secrets = desk, secrets
        self._host = host or socket.gethostname()
        self._known: dict[str, str] = {}
        self._proven = ""

    async def check(self, number: str, password: str) -> Account:
        """The account behind number and password.

        UserError: wrong; NotAllowed: locked or disabled, with until when. Each is journaled.
        """
        self._proven = ""
        account = self._desk.picture.state.get(Account, number)
        if account is not None and is_locked(account, self._desk.clock()):
            await self._tell_failure(number, "账号已锁定")
            raise NotAllowed(_locked(account))
        known = await self._hashes()
        # A number that is nobody's, or that has no password at all, costs the same work and gets the same answer.
        wanted = known.get(number) if account is not None and not account.passwordless else None
        if not await asyncio.to_thread(is_right, wanted, password) or account is None:
            # What is no number of ours may be a password typed into the wrong field: it is not kept.
            await self._tell_failure(number if account is not None else "", WRONG)
            found = self._desk.picture.state.get(Account, number)
            if found is not None and is_locked(found, self._desk.clock()):
                raise NotAllowed(_locked(found))
            raise UserError(WRONG)
        if account.disabled:
            await self._tell_failure(number, "账号已停用")
            raise NotAllowed("账号已停用，请找安全管理员")
        self._proven = number
        return account

    async def enter(self, account: Account, roles: Sequence[str]) -> None:
        """`account` sits here with these roles, after `check`; a passwordless one without.

        UserError: he does not hold them, or another host has this seat. NotAllowed: nobody has proved to be him.
        """
        problem = why_not_signed_on(account, roles)
        if problem:
            raise UserError(problem)
        if not account.passwordless and self._proven != account.number:
            raise NotAllowed("请先输入警号和密码")
        sitting = self._desk.picture.state.get(Seat, self._desk.seat)
        if sitting is not None and sitting.actor and sitting.host not in ("", self._host):
            raise UserError(f"{sitting.id}席已由{sitting.name}在 {sitting.host} 登录，请先在那里退出或换一个席位号")
        args = {"account": account.number, "roles": list(roles), "host": self._host}
        await self._desk.carry_out(self._act("seat.sign_on", args, account.number, roles))
        self._desk.actor, self._desk.roles, self._proven = account.number, tuple(roles), ""

    async def leave(self, why: str) -> None:
        """The seat is empty."""
        await self._desk.carry_out(self._act("seat.sign_off", {"why": why}, self._desk.actor))
        self._desk.actor, self._desk.roles = "", ()

    async def change_password(self, number: str, old: str, new: str) -> None:
        """The person's own change. UserError: the old one is wrong, or the new one too weak."""
        await self.choose_password(await self.check(number, old), new)

    async def choose_password(self, account: Account, new: str) -> None:
        """Another password for whoever has just been checked. UserError: too weak; JournalUnavailable: not stored."""
        number = account.number
        if self._proven != number:
            raise NotAllowed("请先输入警号和密码")
        same = await asyncio.to_thread(is_right, self._known.get(number), new)
        problem = "新密码与旧密码相同" if same else why_too_weak(new, account)
        if problem:
            raise UserError(problem)
        made = await asyncio.to_thread(hasher().hash, new)
        await asyncio.to_thread(self._secrets.put, number, made, self._desk.clock())
        await self._desk.carry_out(self._act("account.password", {"account": number}, number, account.roles))

    def must_change(self, account: Account) -> bool:
        """Whether the password is changed before this sign-on: somebody else chose it, or it is too old.

        Not while the database is away: nobody is kept from an alarm by that.
        """
        return bool(self.password_due(account)) and self._desk.health.journal_up

    def password_due(self, account: Account) -> str:
        """Why the person ought to change the password now; '' if not."""
        if not is_due(account, self._desk.clock()):
            return ""
        return "初始密码须更改" if account.password_at is None else "密码已用满 90 天，请更改"

    async def learn(self) -> None:
        """Know the passwords' hashes before the database may go away; nothing while it is away."""
        if not self._desk.health.journal_up:
            return
        try:
            self._known = await asyncio.to_thread(self._secrets.all)
        except JournalUnavailable as fault:
            log.debug("passwords could not be learnt: %s", fault)

    async def _hashes(self) -> dict[str, str]:
        """As the database holds them, else as they were last known. UserError if they never were."""
        try:
            self._known = await asyncio.to_thread(self._secrets.all)
        except JournalUnavailable as fault:
            log.warning("passwords are checked as last known: %s", fault)
            if not self._known:
                raise UserError("数据库连不上，本机还没有密码记录，暂不能登录；报警照常接收") from fault
        return self._known

    async def _tell_failure(self, number: str, why: str) -> None:
        try:
            await self._desk.carry_out(self._act("seat.failed", {"account": number, "why": why}, number))
        except JournalUnavailable as fault:
            log.warning("a failed sign-on could not be stored: %s", fault)

    def _act(self, name: str, args: Mapping[str, Any], actor: str, roles: Sequence[str] = MACHINE) -> Act:
        desk = self._desk
        return Act(name=name, args=args, actor=actor, seat=desk.seat, roles=tuple(roles), at=desk.clock())
