"""Acts on accounts 账号 and seats 席位: register, change, disable, sign on, sign off, fail.

Source: domain.md E7, B6; GB/T 22239-2019 8.1.4.1–8.1.4.2. No act carries a password or its hash: acts stand in the
spool and in logs. Who may do which is judged before these functions are called (services/rights.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from console.domain.account import ADMINISTRATORS, ROLE_LABELS, Account, Role, Seat, why_not_together
from console.domain.errors import UserError
from console.domain.facts import AccountRegistered, PasswordChanged, SignedOff, SignedOn, SignOnFailed
from console.domain.ledger import Ledger
from console.domain.password import is_locked, lock_after
from console.domain.state import State, need

WRONG = "警号或密码不对"
"""The one sentence for a wrong number and a wrong password: neither is given away."""


def register(
    ledger: Ledger,
    *,
    account: str,
    name: str,
    roles: Sequence[str],
    unit: str = "",
    agency: str = "",
    passwordless: bool = False,
    initial_password: bool = False,
    why: str = "",
) -> None:
    """Make an account, or change its name and roles. It cannot sign on before it has a password.

    `initial_password`: its password was chosen by somebody else, so the person must change it at the first sign-on.
    """
    known = ledger.get(Account, account)
    problem = why_not_registered(account, name, roles) or _why_not_beside(ledger, account, passwordless=passwordless)
    if problem:
        raise UserError(problem)
    made = known or Account(number=account, name=name, registered_at=ledger.now, version=0)
    if initial_password:
        made = replace(made, password_at=None, failures=0, locked_until=None)
    registered = replace(
        made,
        name=name,
        roles=tuple(roles),
        unit=unit,
        agency=agency,
        passwordless=passwordless,
        disabled=False,
        version=made.version + 1,
    )
    ledger.record(AccountRegistered(account=registered, why=why))


def why_not_registered(account: str, name: str, roles: Sequence[str]) -> str:
    """What is wrong with an account as asked for; '' if nothing is."""
    if not account.strip() or not name.strip():
        return "账号须有警号和姓名"
    unknown = [role for role in roles if role not in ROLE_LABELS]
    if unknown:
        return f"不认识的角色：{'、'.join(unknown)}"
    return "账号至少要有一个角色" if not roles else why_not_together([Role(role) for role in roles])


def _why_not_beside(ledger: Ledger, account: str, *, passwordless: bool) -> str:
    """A door without a password is a demo's; it never stands in a database where people sign on with one."""
    others = [row for row in ledger.where(Account, passwordless=not passwordless) if row.number != account]
    if not others:
        return ""
    if passwordless:
        return "数据库里已有用密码登录的账号，不能再登记免密码的演示账号"
    return "这是演示数据库（账号免密码），不能登记正式账号；请另建数据库"


def import_accounts(ledger: Ledger, *, accounts: Sequence[Mapping[str, Any]]) -> int:
    """Register several at once; answers how many."""
    for row in accounts:
        register(ledger, **row)
    return len(accounts)


def disable(ledger: Ledger, *, account: str, reason: str) -> None:
    """The person may not sign on any more; whatever he did stays his."""
    found = need(ledger, Account, account)
    if not reason.strip():
        raise UserError("停用账号须写明理由")
    ledger.record(AccountRegistered(account=replace(found, disabled=True, version=found.version + 1), why=reason))


def unlock(ledger: Ledger, *, account: str) -> None:
    """After five wrong passwords, before the half hour is over."""
    found = need(ledger, Account, account)
    opened = replace(found, failures=0, locked_until=None, version=found.version + 1)
    ledger.record(AccountRegistered(account=opened, why="解除锁定"))


def password_changed(ledger: Ledger, *, account: str) -> None:
    """The account has another password from now on (its hash is stored already)."""
    ledger.record(PasswordChanged(account=need(ledger, Account, account).number))


# -- seats ---------------------------------------------------------------------------------------------------


def sign_on(ledger: Ledger, *, account: str, roles: Sequence[str], host: str = "") -> None:
    """The person sits at the act's seat with these roles; whoever sat there has handed over."""
    found = need(ledger, Account, account)
    problem = why_not_signed_on(found, roles)
    if problem:
        raise UserError(problem)
    if is_locked(found, ledger.now):
        raise UserError("账号已锁定")
    sitting = ledger.get(Seat, ledger.act.seat)
    if sitting is not None and sitting.actor and sitting.actor != account:
        ledger.record(SignedOff(account=sitting.actor, why="handed over"))
    ledger.record(SignedOn(account=account, name=found.name, roles=tuple(roles), host=host))


def why_not_signed_on(account: Account, roles: Sequence[str]) -> str:
    """Why the account may not sign on with these roles; '' if it may."""
    if account.disabled:
        return "账号已停用"
    missing = [ROLE_LABELS[Role(role)] for role in roles if role not in account.roles]
    if missing:
        return f"账号没有这些角色：{'、'.join(missing)}"
    if not roles:
        return "请选择角色"
    return why_not_together([Role(role) for role in roles])


def sign_off(ledger: Ledger, *, why: str = "left") -> None:
    """The seat is empty; nothing if it was."""
    sitting = ledger.get(Seat, ledger.act.seat)
    if sitting is not None and sitting.actor:
        ledger.record(SignedOff(account=sitting.actor, why=why))


def failed(ledger: Ledger, *, account: str, why: str = WRONG) -> None:
    """Somebody could not sign on. The fifth time in a row locks the account, if there is one, for half an hour."""
    found = ledger.get(Account, account)
    until = None if found is None else lock_after(found, ledger.now)
    if found is not None and is_locked(found, ledger.now):
        until = found.locked_until  # Trying on neither opens it nor keeps it locked for longer.
    ledger.record(SignOnFailed(account=account, why=why, locked_until=until))


# -- what guards ask -----------------------------------------------------------------------------------------


def why_unknown(state: State, actor: str, roles: Sequence[str]) -> str:
    """Why an act under this number and these roles is nobody's; '' in a database without accounts."""
    account = state.get(Account, actor)
    if account is None:
        return "没有这个账号，或席位未登录" if state.where(Account) else ""
    if account.disabled:
        return f"账号{actor}已停用"
    missing = [role for role in roles if role not in account.roles]
    return f"账号{actor}没有{_label(missing[0])}的角色" if missing else ""


def _label(role: str) -> str:
    """A role's word; the role itself where a newer program's act names one that is unknown here."""
    return ROLE_LABELS[Role(role)] if role in ROLE_LABELS else role


def is_administrator(roles: Sequence[str]) -> bool:
    """Whether one of the roles is an administrator's."""
    return not ADMINISTRATORS.isdisjoint(roles)
