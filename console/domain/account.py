"""Account 账号 of a person, the roles 角色 it holds, and the seat 席位 a person has signed on to.

Source: domain.md E7; GB/T 22239-2019 8.1.4.1–8.1.4.2 (an account is one person's, administrators are three different
people). A guard asks for the role, so one person may hold several; only what excludes each other may not meet.
The password is no part of this: its hash stands in a table of its own and never in the journal.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may be signed on as; MACHINE are lines and the clock, never a person."""

    CALL_TAKER = "call_taker"
    DISPATCHER = "dispatcher"
    CHIEF = "chief"
    UNIT = "unit"
    LIAISON = "liaison"
    OFFICE = "office"
    TECHNICIAN = "technician"
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"
    MACHINE = "machine"


ROLE_LABELS = {
    Role.CALL_TAKER: "接警员",
    Role.DISPATCHER: "派警员",
    Role.CHIEF: "值班长",
    Role.UNIT: "处警民警",
    Role.LIAISON: "联动单位联络员",
    Role.OFFICE: "联动办公室",
    Role.TECHNICIAN: "技术员",
    Role.SYSTEM: "系统管理员",
    Role.SECURITY: "安全管理员",
    Role.AUDIT: "审计管理员",
    Role.MACHINE: "程序",
}

ADMINISTRATORS = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDIT})
DESK_ROLES = (Role.CALL_TAKER, Role.DISPATCHER, Role.CHIEF)
"""What a desk run by one person comes to; also what a database without accounts gives to whoever sits there."""

MACHINE = (Role.MACHINE.value,)
"""The roles of acts that lines, the clock and the console's own upkeep ask for."""


def nobody(seat: str) -> str:
    """Who acts at a room's seat that was started while its server was away: no account is known, so nobody signed on.

    Calls and alarms are worked all the same; the journal says that no person stands behind them.
    """
    return f"{seat}席未登录"


def why_not_together(roles: Collection[Role]) -> str:
    """Why one person may not hold these roles; '' if he may.

    Each administrator excludes the two others and every role that works with incidents.
    """
    admins = [role for role in Role if role in roles and role in ADMINISTRATORS]
    if Role.MACHINE in roles:
        return "“程序”不是人的角色"
    if len(admins) > 1:
        return f"{'、'.join(ROLE_LABELS[role] for role in admins)}须由不同的人担任"
    if admins and len(set(roles)) > 1:
        return f"{ROLE_LABELS[admins[0]]}不得兼任其他角色"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person. `number` is the person's number (警号), `unit` and `agency` bind a unit's or agency's own person.

    After five wrong passwords in a row (`failures`) it is locked until `locked_until`. `passwordless` accounts are the
    demo's and work only in a database that the demo made.
    """

    number: str
    name: str
    roles: tuple[str, ...] = ()
    unit: str = ""
    agency: str = ""
    disabled: bool = False
    passwordless: bool = False
    failures: int = 0
    locked_until: datetime | None = None
    password_at: datetime | None = None
    registered_at: datetime
    version: int = 1

    @property
    def key(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A position 席位 and who has signed on there; `actor` is '' while nobody has. `host` is the machine's name."""

    id: str
    actor: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()
    since: datetime | None = None
    host: str = ""

    @property
    def key(self) -> str:
        return self.id
