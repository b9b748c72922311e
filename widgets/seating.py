"""Who sits at this desk now, and whether anything may be done: open, empty, signed on, locked.

The state is the desk's own (its person and roles); only the lock is the window's: it stands between a person and
the acts until the password was typed again. While a seat is empty or locked the desk has no roles at all, so that
no key, button or half-sent command acts, whatever else goes wrong; alarms are still told, by the program.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from console.domain.account import Account, Role
from console.domain.errors import NotAllowed, UserError
from console.services.desk import Desk
from console.services.handing_over import standing
from console.services.picture import Changes


class Door(Protocol):
    """The part of `console.services.sign_on.SignOn` that a window needs. Refusals are UserErrors in one sentence."""

    async def check(self, number: str, password: str) -> Account:
        """The account if the password is right."""

    def must_change(self, account: Account) -> bool:
        """Whether a password somebody else chose must be changed first."""

    def password_due(self, account: Account) -> str:
        """Why the password ought to be changed; '' if not."""

    async def choose_password(self, account: Account, new: str) -> None:
        """Another password for whoever was just checked."""

    async def enter(self, account: Account, roles: Sequence[str]) -> None:
        """Sign on at this seat, in place of whoever sat here: the desk's person and roles are this one's now."""

    async def leave(self, why: str) -> None:
        """Sign off: the seat is empty."""


class Mode(StrEnum):
    """OPEN: no accounts are known, whoever sits here may work (and is told so)."""

    OPEN = "open"
    EMPTY = "empty"
    SIGNED = "signed"
    LOCKED = "locked"


class Seating(QObject):
    """`changed` after every sign-on, sign-off, lock and unlock."""

    changed = Signal()

    def __init__(self, desk: Desk, door: Door) -> None:
        super().__init__()
        self._desk, self._door = desk, door
        self._roles: tuple[str, ...] = ()
        self._locked = False
        self.why_locked = ""
        self._was_open = not desk.picture.state.all(Account)
        self.close = desk.picture.observe(self._take_in)

    # -- as it stands ----------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        if not self._desk.picture.state.all(Account):
            return Mode.OPEN
        if not self._desk.actor:
            return Mode.EMPTY
        return Mode.LOCKED if self._locked else Mode.SIGNED

    @property
    def person(self) -> Account | None:
        """Whoever is signed on."""
        return self._desk.picture.state.get(Account, self._desk.actor) if self._desk.actor else None

    @property
    def refusal(self) -> str:
        """Why nothing may be done now; '' if it may."""
        if self.mode is Mode.EMPTY:
            return self.tr("席位未登录，请先登录再操作")
        return self.tr("席位已锁定，请先解锁再操作") if self.mode is Mode.LOCKED else ""

    def passwordless(self) -> list[Account]:
        """The demo's people who work at a desk; those of units and agencies report from elsewhere."""
        people = [a for a in self._desk.picture.state.all(Account) if a.passwordless and not a.disabled]
        return [a for a in people if not a.unit and not a.agency]

    @property
    def needs_password(self) -> bool:
        """Whether people here sign on with a password: everywhere but in the demo's database."""
        return not self.passwordless()

    # -- what happens ----------------------------------------------------------------------------------------

    def empty(self) -> None:
        """Where there are accounts, nobody sits here until somebody has signed on."""
        if self.mode is not Mode.OPEN:
            self._desk.actor, self._desk.roles = "", ()
        self.changed.emit()

    def _take_in(self, changes: Changes) -> None:
        """The first accounts were made while somebody worked here without one: from now on he signs on."""
        if self._was_open and any(isinstance(row, Account) for row in changes.added):
            self._was_open = False
            self.empty()

    async def check(self, number: str, password: str) -> Account:
        """The account behind number and password."""
        return await self._door.check(number, password)

    def must_change(self, account: Account) -> bool:
        """Whether the person must choose a new password before he signs on."""
        return self._door.must_change(account)

    def password_due(self, account: Account) -> str:
        """Why the password ought to be changed; '' if not."""
        return self._door.password_due(account)

    async def choose_password(self, account: Account, new: str) -> Account:
        """Another password for whoever was just checked; the account as it is now. UserError: too weak."""
        await self._door.choose_password(account, new)
        return self._desk.picture.state.get(Account, account.number) or account

    async def enter(self, account: Account, roles: Sequence[str], *, with_incidents: bool = False) -> None:
        """`account` takes the seat; `with_incidents`: whoever sat here first gives his open ones to him."""
        if with_incidents and self.mode is Mode.SIGNED:
            await self._give_over(account.number)
        await self._door.enter(account, roles)
        self._locked, self._roles = False, ()
        self.changed.emit()

    async def _give_over(self, to: str) -> None:
        desk = self._desk
        for incident in standing(desk.picture, desk.health, desk.actor, desk.clock()).incidents:
            await desk.do("incident.give", incident=incident.number, to=to)

    async def sign_off(self, why: str = "left") -> None:
        """The seat is empty again."""
        await self._door.leave(why)
        self._locked, self._roles = False, ()
        self.changed.emit()

    def lock(self, why: str) -> None:
        """Nothing may be done until `unlock`; what is half written stays as it is. `why` stands on the bar."""
        if self.mode is not Mode.SIGNED:
            return
        self._roles, self._desk.roles = self._desk.roles, ()
        self._locked, self.why_locked = True, why
        self.changed.emit()

    async def unlock(self, password: str) -> None:
        """The same person is back."""
        person = self.person
        if person is None or not person.passwordless:
            await self._door.check(self._desk.actor, password)
        self._desk.roles, self._roles = self._roles, ()
        self._locked = False
        self.changed.emit()

    async def release(self, number: str, password: str) -> None:
        """A chief signs the absent person off; the seat is free for the next."""
        chief = await self._door.check(number, password)
        if Role.CHIEF not in chief.roles:
            raise NotAllowed(self.tr("只有值班长能解除他人的锁定"))
        if chief.number == self._desk.actor:
            raise UserError(self.tr("请用自己的密码直接解锁"))
        await self.sign_off(f"released by {chief.number}")
