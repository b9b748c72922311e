"""The demo's people 演示人员: one passwordless account of each role, all invented, and those of units and agencies.

The person at the window holds every role of a desk, so that one person can finish the evening (E7: a one-person desk
holds several roles). Units report as themselves, each agency's liaison for his agency; nobody acts in a role that is
not his. No password opens these accounts and none is needed: they exist in the demo's database only.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from console.domain.account import DESK_ROLES, MACHINE, ROLE_LABELS, Account, Role
from console.domain.ledger import Act
from console.domain.presence import Present
from console.domain.state import need
from console.services.desk import Desk
from console.services.rights import COMMAND_LINE

FIRST, SECOND, CHIEF, TECHNICIAN = "031", "052", "010", "702"
"""The person at this window, the one at the desk beside, who closes what only a chief may, who sits at the bench."""

SECOND_SEAT = "05"

PEOPLE: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    (FIRST, "李娜", DESK_ROLES),
    (SECOND, "陈芳", (Role.CALL_TAKER, Role.DISPATCHER)),
    (CHIEF, "赵建国", (Role.CHIEF,)),
    ("042", "王强", (Role.CALL_TAKER,)),
    ("062", "郑平", (Role.DISPATCHER,)),
    ("701", "林青", (Role.OFFICE,)),
    (TECHNICIAN, "许文", (Role.TECHNICIAN,)),
    ("901", "吴敏", (Role.SYSTEM,)),
    ("902", "何静", (Role.SECURITY,)),
    ("903", "蔡勇", (Role.AUDIT,)),
)


def rows(units: Iterable[str], agencies: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Every account as `account.import` takes it; `agencies` are (id, short name). A unit's number is its call sign."""
    for number, name, roles in PEOPLE:
        yield {"account": number, "name": name, "roles": list(roles), "passwordless": True}
    for unit in units:
        yield {"account": unit, "name": f"{unit}带班", "roles": [Role.UNIT], "unit": unit, "passwordless": True}
    for agency, short in agencies:
        liaison = {"account": agency, "name": f"{short}值班员", "roles": [Role.LIAISON], "agency": agency}
        yield {**liaison, "passwordless": True}


async def register(desk: Desk, units: Iterable[str]) -> None:
    """Put everybody on file, the first ones of a database need nobody's word; the second person sits down."""
    agencies = [(agency.id, agency.short) for agency in desk.reference.agencies.values() if not agency.own_force]
    args = {"accounts": list(rows(units, agencies))}
    act = Act(
        name="account.import", args=args, actor="demo", seat=COMMAND_LINE, roles=(Role.SECURITY,), at=desk.clock()
    )
    await desk.carry_out(act)
    roles = need(desk.picture.state, Account, SECOND).roles
    said = {"account": SECOND, "roles": list(roles), "host": "demo"}
    await desk.carry_out(
        Act(name="seat.sign_on", args=said, actor=SECOND, seat=SECOND_SEAT, roles=roles, at=desk.clock())
    )


def second_present(desk: Desk) -> Present:
    """What the seat beside says of itself in the room."""
    person = need(desk.picture.state, Account, SECOND)
    return Present(seat=SECOND_SEAT, actor=SECOND, name=person.name)


def roles_of(desk: Desk, actor: str, act: str) -> tuple[str, ...]:
    """What somebody acts as: lines as machines, everybody else with the roles of his account.

    Before there are accounts the records are put on file, and a picture is drawn, by whoever is there.
    """
    if act == "intake.receive":
        return MACHINE
    if act.endswith(".import"):
        return (Role.SYSTEM,)
    account = desk.picture.state.get(Account, actor)
    return DESK_ROLES if account is None else account.roles


def first_person(desk: Desk, number: str = FIRST) -> tuple[Account, str]:
    """Who is signed on at the window without a password, and what to tell whoever watches."""
    person = need(desk.picture.state, Account, number)
    roles = "、".join(ROLE_LABELS[Role(role)] for role in person.roles)
    return person, f"演示：免密码登录 {person.number} {person.name}（{roles}）"
