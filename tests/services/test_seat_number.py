"""The seat number: two machines under one number are told, for their local incident numbers would be the same."""

import pytest

from console.domain.facts import LineChanged, SignedOff, SignedOn
from console.domain.site import Line, LineState
from console.services.desk import Desk
from console.services.seat_number import seat_chore
from tests.support import EVENING, make_desk, tell


@pytest.fixture
def desk() -> Desk:
    return make_desk()


async def lamp(desk: Desk) -> str:
    await seat_chore(desk, "甲机").run()
    found = desk.health.faults.get("seat")
    return found.what if found is not None else ""


def line(host: str, seat: str, state: LineState = LineState.UP) -> LineChanged:
    return LineChanged(
        line=Line(name="A1", protocol="surgard", address="x", state=state, since=EVENING, host=host, seat=seat)
    )


async def test_that_a_seat_signed_on_at_another_machine_is_told_until_it_is_left(desk: Desk) -> None:
    assert await lamp(desk) == ""
    tell(desk, SignedOn(account="031", name="李娜", roles=("call_taker",), host="乙机"))
    assert "与 乙机 上的相同" in await lamp(desk)
    tell(desk, SignedOff(account="031", why="left"))
    assert await lamp(desk) == ""


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (line("乙机", "03"), True),
        (line("乙机", "90"), False),
        (line("甲机", "03"), False),
        (line("乙机", "03", LineState.CLOSED), False),
    ],
)
async def test_that_a_line_host_needs_a_number_of_its_own(desk: Desk, told: LineChanged, wrong: bool) -> None:
    tell(desk, told)
    assert bool(await lamp(desk)) is wrong
