"""Password rules 口令规则 and what a wrong one costs. Source: GB/T 22239-2019 8.1.4.1; figures: domain.md B6."""

from datetime import datetime, timedelta

from console.domain.account import Account

SHORTEST = 8
KINDS = 3
MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)
CHANGE_AFTER = timedelta(days=90)


def why_too_weak(password: str, account: Account) -> str:
    """Why this may not be the account's password; '' if it may."""
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 位"
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if sum(any(kind(character) for character in password) for kind in kinds) < KINDS:
        return "密码须含大写字母、小写字母、数字、符号中的三种"
    if account.number in password or (account.name and account.name in password):
        return "密码不得包含警号或姓名"
    return ""


def lock_after(account: Account, now: datetime) -> datetime | None:
    """Until when the account is locked after one more wrong password; None while it is not."""
    return now + LOCKED_FOR if account.failures + 1 >= MOST_FAILURES else None


def is_locked(account: Account, now: datetime) -> bool:
    """Whether no password opens the account at present."""
    return account.locked_until is not None and now < account.locked_until


def is_due(account: Account, now: datetime) -> bool:
    """Whether the password ought to be changed: never set by the person, or too old."""
    if account.passwordless:
        return False
    return account.password_at is None or now - account.password_at > CHANGE_AFTER
