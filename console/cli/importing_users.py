"""import users: people from a table, checked as a whole before anything is stored.

Columns 警号 姓名 角色 警组 联动单位 密码 (or number name roles unit agency password); ； separates several roles.
Whoever has no password yet and is given none gets one for his first sign-on, in a file only its owner can read.
Domain: E7, B6; an administrator is made or changed by two persons, but for the first people of a database.
"""

import argparse
import contextlib
import csv
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from console.cli.importing import checked_rows, refuse
from console.cli.terminal import Office, open_office
from console.cli.words import GOOD, say
from console.domain.account import ROLE_LABELS, Account, Role, why_not_together
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.password import why_too_weak
from console.domain.unit import Unit
from console.services.accounts import is_administrator
from console.services.sign_on import hasher

COLUMNS = {
    "number": "警号",
    "name": "姓名",
    "roles": "角色",
    "unit": "警组",
    "agency": "联动单位",
    "password": "密码",
}
CODES = {label: role.value for role, label in ROLE_LABELS.items()} | {role.value: role.value for role in Role}
MANY = 20
EASY_TO_READ = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")
"""Letters and digits that are not mistaken for one another on paper."""


class UserRow(BaseModel):
    """A row of users.csv."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str = Field(alias="警号", pattern=r"^[0-9A-Za-z]{1,16}$")
    name: str = Field(alias="姓名", min_length=1, max_length=20)
    roles: list[str] = Field(alias="角色")
    unit: str = Field(default="", alias="警组")
    agency: str = Field(default="", alias="联动单位")
    password: str = Field(default="", alias="密码")

    @field_validator("roles", mode="before")
    @classmethod
    def _roles(cls, text: str) -> list[str]:
        named = [part.strip() for part in re.split("[；;、,，]", text) if part.strip()]
        unknown = [name for name in named if name not in CODES]
        if unknown:
            raise ValueError(f"不认识的角色 {'、'.join(unknown)}")
        roles = list(dict.fromkeys(CODES[name] for name in named))
        problem = why_not_together([Role(role) for role in roles])
        if problem:
            raise ValueError(problem)
        return roles

    @property
    def sharp(self) -> bool:
        """Whether an administrator would be made."""
        return is_administrator(self.roles)


def import_users(options: argparse.Namespace) -> int:
    """Check everything, store the hashes, then register everybody in one act; administrators are asked for."""
    found, problems = checked_rows(options.file, UserRow, COLUMNS)
    with open_office(options) as office:
        problems += [problem for number, row in found for problem in _problems(number, row, office)]
        rows = [row for _, row in found]
        problems += _problems_together(rows, office.accounts)
        refuse(options.file, problems)
        asked = [row for row in rows if office.accounts and _takes_two(row, office.accounts)]
        if office.accounts:
            office.sign_on(options.by)
        given = _first_passwords(rows, asked, office)
        with _on_paper(options, rows, given):
            _store(office, rows, asked, given)
            _ask(office, asked, options.file.name)
    return GOOD


# -- what is wrong -------------------------------------------------------------------------------------------


def _problems(number: int, row: UserRow, office: Office) -> Iterator[str]:
    state, known = office.desk.picture.state, office.accounts.get(row.number)
    where = f"第 {number} 行"
    if Role.UNIT in row.roles and not row.unit:
        yield f"{where} 警组：处警民警须写明警组"
    if row.unit and state.get(Unit, row.unit) is None:
        yield f"{where} 警组：没有警组 {row.unit}，请先导入警组"
    if Role.LIAISON in row.roles and not row.agency:
        yield f"{where} 联动单位：联络员须写明联动单位"
    if row.agency and row.agency not in office.reference.agencies:
        yield f"{where} 联动单位：没有联动单位 {row.agency}"
    someone = Account(number=row.number, name=row.name, registered_at=system_clock())
    if row.password and (weak := why_too_weak(row.password, someone)):
        yield f"{where} 密码：{weak}"
    if row.password and known is not None and is_administrator(known.roles):
        yield f"{where} 密码：管理员的密码由本人更改，不能导入"


def _problems_together(rows: Sequence[UserRow], accounts: Mapping[str, Account]) -> Iterator[str]:
    numbers = [row.number for row in rows]
    yield from (f"警号重复：{number}" for number in dict.fromkeys(numbers) if numbers.count(number) > 1)
    if not accounts and not any(Role.SECURITY in row.roles for row in rows):
        yield "首次导入须有安全管理员，否则以后无人能管理账号"
    if any(account.passwordless for account in accounts.values()):
        yield "这是演示数据库（账号免密码），不能导入正式账号；请另建数据库"


def _takes_two(row: UserRow, accounts: Mapping[str, Account]) -> bool:
    known = accounts.get(row.number)
    return row.sharp or (known is not None and is_administrator(known.roles))


# -- passwords -----------------------------------------------------------------------------------------------


def _first_passwords(rows: Sequence[UserRow], asked: Sequence[UserRow], office: Office) -> dict[str, str]:
    """By number, the password somebody else chose: the table's, else a new one for whoever has none."""
    have = office.secrets.all()
    waiting = {row.number for row in asked}
    given = {}
    for row in rows:
        if row.number in have and row.number in waiting:
            continue  # Asking for somebody's account must not open his door.
        if row.password:
            given[row.number] = row.password
        elif row.number not in have or row.number not in office.accounts:
            given[row.number] = _one_time_password(row)
    return given


def _one_time_password(row: UserRow) -> str:
    """Twelve characters in three groups, 70 bits."""
    someone = Account(number=row.number, name=row.name, registered_at=system_clock())
    while True:
        groups = ("".join(secrets.choice("".join(EASY_TO_READ)) for _ in range(4)) for _ in range(3))
        password = "-".join(groups)
        if not why_too_weak(password, someone):
            return password


@contextlib.contextmanager
def _on_paper(options: argparse.Namespace, rows: Sequence[UserRow], given: Mapping[str, str]) -> Iterator[None]:
    """The new passwords in a file of mode 0600, there before they are in effect and gone if they never are."""
    new = [row for row in rows if not row.password and row.number in given]
    if not new:
        yield
        return
    file: Path = options.passwords or options.file.with_name(f"{options.file.stem}.passwords.csv")
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UserError(f"文件已存在，不会覆盖：{file}；用 --passwords 另指定") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["警号", "姓名", "一次性密码"])
            writer.writerows([row.number, row.name, given[row.number]] for row in new)
        yield
    except UserError:
        file.unlink()
        raise
    say(f"{len(new)} 人的一次性密码在 {file}（只有文件所有者可读）：分发给本人后删除，首次登录须更改")


# -- storing -------------------------------------------------------------------------------------------------


def _args(row: UserRow, *, initial: bool) -> dict[str, Any]:
    told = {"account": row.number, "name": row.name, "roles": row.roles, "unit": row.unit, "agency": row.agency}
    return {**told, "initial_password": initial}


def _store(office: Office, rows: Sequence[UserRow], asked: Sequence[UserRow], given: Mapping[str, str]) -> None:
    """Hashes first: whoever's account is told has a password."""
    before = office.accounts
    if len(given) > MANY:
        say(f"正在计算 {len(given)} 个密码的散列，每个约 0.1 秒")
    for number, password in given.items():
        office.secrets.put(number, hasher().hash(password), system_clock())
    told = [_args(row, initial=row.number in given) for row in rows if row not in asked]
    if told:
        office.do("account.import", accounts=told)
        known = sum(args["account"] in before for args in told)
        say(f"已导入 {len(told)} 人：新增 {len(told) - known} 人，更改 {known} 人")
    if not before and sum(Role.SECURITY in row.roles for row in rows) == 1:
        say("只有一名安全管理员：以后新增管理员须两名安全管理员，请尽早再指定一名")


def _ask(office: Office, asked: Sequence[UserRow], file: str) -> None:
    """An administrator is made by two persons: another security administrator decides at a seat."""
    for row in asked:
        args = _args(row, initial=row.number not in office.accounts)
        try:
            office.do("approval.ask", act="account.register", args=args, reason=f"由 {file} 导入")
        except UserError as refusal:
            say(f"{row.number} {row.name}：{refusal}")
        else:
            say(f"{row.number} {row.name}（{ROLE_LABELS[Role(row.roles[0])]}）已申请双人审批，须另一名安全管理员批准")
