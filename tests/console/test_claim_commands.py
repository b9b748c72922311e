"""接手, 让出, 席位: one word does what may be done now, and its echo says which."""

from typing import Any

import pytest

from console.commands import Context, interpret
from console.commands.completion import complete
from console.domain.account import Role
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import IncidentOpened, SignedOn
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.state import need
from console.services.catching_up import catch_up
from console.services.desk import Desk
from tests.console.test_commands import PaperSurface, context_on
from tests.support import EVENING, MemoryJournal, make_desk, people, tell

N = "ZZ20261121-0190"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    people(made)
    return made


def incident(desk: Desk, owner: str) -> None:
    record = Incident(number=N, title="燃气泄漏", owner=owner, state=IncidentState.INTAKE, created_at=EVENING)
    tell(desk, IncidentOpened(incident=N, record=record))


def owner(desk: Desk) -> str:
    return need(desk.picture.state, Incident, N).owner


async def by(desk: Desk, actor: str, act: str, **args: Any) -> None:
    """Another person acts at another seat; this one is shown it."""
    journal = desk.journal
    assert isinstance(journal, MemoryJournal)
    asked = {"incident": N, **args}
    done = await journal.commit(Act(name=act, args=asked, actor=actor, seat=actor, roles=desk.roles, at=desk.clock()))
    await catch_up(desk.picture, journal, done.facts)


def on(desk: Desk, **focus: Any) -> Context:
    return context_on(desk, **{"incident": N, **focus})


async def test_that_an_incident_of_nobody_is_taken_at_once(desk: Desk) -> None:
    incident(desk, "")
    prepared = interpret(on(desk), "接手")
    assert prepared.echo == "接手 0190 燃气泄漏"
    assert await prepared.deed() == "已接手 0190"
    assert owner(desk) == "031"


async def test_that_a_present_owner_is_asked(desk: Desk) -> None:
    incident(desk, "032")
    prepared = interpret(on(desk), "接手 0190")
    assert prepared.echo == "向 032 王敏 请求接手 0190 燃气泄漏"
    await prepared.deed()
    assert need(desk.picture.state, Incident, N).asked_by == "031"


async def test_that_a_silent_owners_incident_is_taken_and_the_echo_says_why(desk: Desk, clock: ManualClock) -> None:
    incident(desk, "032")
    since = clock().isoformat()
    clock.advance(60)
    prepared = interpret(on(desk, silent_since=lambda who: since if who == "032" else ""), "接手")
    assert prepared.echo == "接手 0190 燃气泄漏（032 王敏 的席位失联）"
    assert await prepared.deed() == "已接手 0190，原接警人 032 王敏"
    assert owner(desk) == "031"


async def test_that_the_chief_is_told_what_is_missing_and_then_takes(desk: Desk, clock: ManualClock) -> None:
    incident(desk, "032")
    await interpret(on(desk), "接手").deed()
    with pytest.raises(UserError, match="还须等 20 秒"):
        interpret(on(desk), "接手 交通堵塞")
    with pytest.raises(UserError, match="还须等 20 秒"):
        interpret(on(desk), "接手")
    clock.advance(20)
    surface = PaperSurface()
    begun = interpret(context_on(desk, surface, incident=N), "接手")
    assert begun.echo == "从 032 王敏 接手 0190 燃气泄漏：（请写明理由）"
    await begun.deed()
    assert (surface.asked, owner(desk)) == ([("line", "接手 0190 ")], "032"), "the line waits for the reason"
    prepared = interpret(on(desk), "接手 交通堵塞")
    assert prepared.echo == "从 032 王敏 接手 0190 燃气泄漏：交通堵塞"
    await prepared.deed()
    assert owner(desk) == "031"


def test_that_who_is_no_chief_asks_once_and_waits(desk: Desk) -> None:
    incident(desk, "032")
    desk.roles = (Role.CALL_TAKER.value,)
    assert interpret(on(desk), "接手").echo.startswith("向 032 王敏 请求")
    with pytest.raises(UserError, match="看不懂：我来"):
        interpret(on(desk), "接手 我来")


async def test_that_giving_alone_means_the_incident_somebody_asked_for(desk: Desk) -> None:
    incident(desk, "031")
    await by(desk, "032", "incident.ask_for")
    prepared = interpret(on(desk, incident=""), "让出")
    assert prepared.echo == "让出 0190 燃气泄漏 → 032 王敏"
    assert await prepared.deed() == "已让出 0190 给 032 王敏"
    assert owner(desk) == "032"
    with pytest.raises(NotAllowed, match="只有本人能让出"):
        interpret(on(desk), "让出")


async def test_that_a_person_may_be_named_to_give_it_to(desk: Desk) -> None:
    incident(desk, "031")
    desk.seat, seat = "05", desk.seat
    tell(desk, SignedOn(account="035", name="林队", roles=desk.roles))
    desk.seat = seat
    assert [found.line for found in complete(on(desk), "让出 0190 ")] == ["让出 0190 035 "]
    await interpret(on(desk), "让出 0190 035").deed()
    assert owner(desk) == "035"
    with pytest.raises(UserError):
        interpret(on(desk), "让出 0190 099")


async def test_that_the_list_of_seats_is_opened(desk: Desk) -> None:
    surface = PaperSurface()
    await interpret(context_on(desk, surface), "席位").deed()
    assert surface.asked == [("seats",)]
