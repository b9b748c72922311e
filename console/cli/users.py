"""users: who has an account here; taking one out of use, and opening one that wrong passwords have locked."""

import argparse
from typing import Any

from console.cli.terminal import Office, add_proof, open_office
from console.cli.words import GOOD, WRONG_USE, Subparsers, add_command, add_database, add_json, say, show
from console.domain.account import ROLE_LABELS, Account, Role
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.password import is_due, is_locked

COLUMNS = ("number", "name", "roles", "unit", "agency", "state")


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    about = "人员账号：列出；disable 停用（写明理由），unlock 解除锁定。新增和更改用 import users"
    parser = add_command(subparsers, "users", run, about)
    parser.add_argument("action", nargs="?", choices=("disable", "unlock"))
    parser.add_argument("number", nargs="?", metavar="NUMBER", help="警号")
    parser.add_argument("--reason", default="", metavar="TEXT", help="停用的理由，记入日志")
    add_proof(parser)
    add_database(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """List, or change one account."""
    if options.action and not options.number:
        say("须写明警号：users disable|unlock NUMBER")
        return WRONG_USE
    if options.action == "disable" and not options.reason.strip():
        say("停用账号须写明理由：--reason TEXT")
        return WRONG_USE
    with open_office(options) as office:
        if not options.action:
            accounts = sorted(office.accounts.values(), key=lambda account: account.number)
            return show(
                [_row(account, people=not options.json) for account in accounts], as_json=options.json, columns=COLUMNS
            )
        _change(office, options)
    return GOOD


def _change(office: Office, options: argparse.Namespace) -> None:
    if options.number not in office.accounts:
        raise UserError(f"没有这个账号：{options.number}")
    office.sign_on(options.by)
    if options.action == "unlock":
        office.do("account.unlock", account=options.number)
        say(f"{options.number} 已解除锁定")
    else:
        office.do("account.disable", account=options.number, reason=options.reason)
        say(f"{options.number} 已停用，其登录的席位不能再操作")


def _row(account: Account, *, people: bool) -> dict[str, Any]:
    now = system_clock()
    due, locked = is_due(account, now), is_locked(account, now)
    told: dict[str, Any] = {name: getattr(account, name) for name in ("number", "name", "unit", "agency")}
    if people:
        states = {"已停用": account.disabled, "已锁定": locked, "须改密码": due, "免密码": account.passwordless}
        words = [word for word, holds in states.items() if holds]
        return {**told, "roles": [ROLE_LABELS[Role(role)] for role in account.roles], "state": words or ["正常"]}
    until = account.locked_until if locked else None
    flags = {"disabled": account.disabled, "passwordless": account.passwordless, "password_due": due}
    return {**told, "roles": account.roles, **flags, "locked_until": until}
