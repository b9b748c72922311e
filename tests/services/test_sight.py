"""Sight: what a role may see of incidents and of the people in them, and that looking is kept."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from console.domain.account import Role
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import IncidentOpened, PersonRevealed, PersonViewed
from console.domain.incident import Incident, IncidentState
from console.services.desk import Desk
from console.services.sight import REVEALED_FOR, Sight
from tests.support import EVENING, MemoryJournal, make_desk, tell

NUMBER = "ZZ20261121-0190"


def incident(**more: object) -> Incident:
    told = {"kind": "0201", "caller": "张伟", "phone": "13805961234", "owner": "031", "state": IncidentState.INTAKE}
    return Incident(number=NUMBER, created_at=EVENING, **{**told, **more})  # type: ignore[arg-type]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    tell(made, IncidentOpened(incident=NUMBER, record=incident()))
    return made


def kept(desk: Desk, kind: type) -> list[object]:
    assert isinstance(desk.journal, MemoryJournal)
    return [fact.body for fact in desk.journal.facts if isinstance(fact.body, kind)]


@pytest.mark.requirement("Z1-23")
@pytest.mark.parametrize(
    ("role", "kind", "confidential", "hidden"),
    [
        (Role.CALL_TAKER, "0201", False, False),
        (Role.CALL_TAKER, "1002", False, True),
        (Role.CALL_TAKER, "0201", True, True),
        (Role.DISPATCHER, "1002", False, False),
        (Role.CHIEF, "0201", True, False),
        (Role.OFFICE, "0201", False, False),
        (Role.OFFICE, "10", False, True),
        (Role.UNIT, "0201", False, True),
        (Role.LIAISON, "0201", False, True),
        (Role.TECHNICIAN, "0201", False, True),
        (Role.SYSTEM, "0201", False, True),
        (Role.SECURITY, "0201", False, True),
        (Role.AUDIT, "0201", False, True),
    ],
)
def test_that_a_role_sees_what_is_its_business(
    desk: Desk, role: Role, kind: str, confidential: bool, hidden: bool
) -> None:
    desk.actor, desk.roles = "052", (role,)
    assert Sight(desk).hidden(incident(kind=kind, confidential=confidential)) is hidden


def test_that_who_takes_a_complaint_can_finish_taking_it(desk: Desk) -> None:
    desk.roles = (Role.CALL_TAKER,)
    assert not Sight(desk).hidden(incident(kind="1002"))
    assert Sight(desk).hidden(incident(kind="1002", owner="052"))


def test_that_an_empty_seat_shows_no_secrets_and_no_people(desk: Desk) -> None:
    desk.actor, desk.roles = "", ()
    eyes = Sight(desk)
    assert not eyes.hidden(incident())
    assert eyes.hidden(incident(confidential=True, owner=""))
    assert not eyes.unmasked(incident(owner=""))


@pytest.mark.parametrize(
    ("owner", "state", "shown"),
    [
        ("031", IncidentState.INTAKE, True),
        ("052", IncidentState.INTAKE, False),
        ("031", IncidentState.CLOSED, False),
        ("", IncidentState.NEW, False),
    ],
)
def test_that_people_stand_in_full_on_ones_own_open_incident_only(
    desk: Desk, owner: str, state: IncidentState, shown: bool
) -> None:
    assert Sight(desk).unmasked(incident(owner=owner, state=state)) is shown


async def test_that_a_reveal_takes_a_reason_is_kept_and_ends(desk: Desk, clock: ManualClock) -> None:
    desk.actor = "052"
    eyes, told = Sight(desk), []
    eyes.observe(lambda: told.append(1))
    with pytest.raises(UserError, match="理由"):
        await eyes.reveal(NUMBER, " ")
    assert not eyes.unmasked(incident())
    await eyes.reveal(NUMBER, "回拨核实地址")
    assert eyes.unmasked(incident())
    assert kept(desk, PersonRevealed) == [
        PersonRevealed(incident=NUMBER, fields=("caller", "phone", "narrative"), reason="回拨核实地址")
    ]
    clock.advance(REVEALED_FOR.total_seconds())
    assert not eyes.unmasked(incident())
    await eyes.reveal(NUMBER, "再次核实")
    eyes.mask(NUMBER)
    assert not eyes.unmasked(incident())
    assert len(told) == 3


async def test_that_what_one_person_revealed_is_masked_for_the_next(desk: Desk) -> None:
    desk.actor = "052"
    eyes = Sight(desk)
    await eyes.reveal(NUMBER, "核实")
    desk.actor = "053"
    assert not eyes.unmasked(incident())


async def test_that_who_has_no_business_reveals_nothing(desk: Desk) -> None:
    for roles in ((Role.TECHNICIAN,), (Role.OFFICE,), ()):
        desk.roles = roles
        with pytest.raises(NotAllowed):
            await Sight(desk).reveal(NUMBER, "想看看")
    assert not kept(desk, PersonRevealed)


async def test_that_an_unmasked_view_is_kept_once_for_each_person(desk: Desk) -> None:
    eyes = Sight(desk)
    for actor in ("031", "031", "052", "031"):
        desk.actor = actor
        await eyes.viewed(incident(owner=actor))
    assert kept(desk, PersonViewed) == [PersonViewed(incident=NUMBER, fields=("caller", "phone"))] * 3
    desk.actor = "052"
    await eyes.viewed(incident(owner="031"))
    assert len(kept(desk, PersonViewed)) == 3


@dataclass(frozen=True)
class Row:
    incident: Incident


def test_that_searches_show_no_hidden_row(desk: Desk) -> None:
    desk.actor, desk.roles = "052", (Role.CALL_TAKER,)
    rows = [Row(incident()), Row(incident(confidential=True)), Row(incident(kind="1001"))]
    assert Sight(desk).seen(rows) == rows[:1]


def test_that_numbers_in_a_text_are_masked(desk: Desk) -> None:
    eyes = Sight(desk)
    assert eyes.text("回拨 13805961234，身份证 350602199001011234") == "回拨 138****1234，身份证 350***********1234"
    assert (eyes.phone("13805961234"), eyes.name("欧阳娜")) == ("138****1234", "欧**")
    assert timedelta(minutes=5) == REVEALED_FOR
