"""Whose incident it is: asked for, given, taken; never silently, and what entitled the taker stays on record."""

from datetime import timedelta

import pytest

from console.domain.account import Role
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import Fact, IncidentOpened, OwnerAsked, OwnerChanged
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.state import need
from console.services.claims import GRACE_S
from tests.support import EVENING, MemoryJournal

N = "ZZ20261121-0190"
DESK = (Role.CALL_TAKER.value, Role.DISPATCHER.value)
CHIEF = (Role.CHIEF.value,)


class Room:
    """One journal; people act by their number."""

    def __init__(self, owner: str = "031", state: IncidentState = IncidentState.INTAKE) -> None:
        self.clock = ManualClock(EVENING)
        self.journal = MemoryJournal(self.clock)
        record = Incident(number=N, state=state, owner=owner, created_at=EVENING)
        self.journal.state.put(record)
        self.journal.facts.append(
            Fact(seq=1, at=EVENING, actor="031", seat="03", body=IncidentOpened(incident=N, record=record))
        )

    async def does(self, actor: str, act: str, roles: tuple[str, ...] = DESK, **args: str) -> None:
        await self.journal.commit(
            Act(
                name=f"incident.{act}", args={"incident": N, **args}, actor=actor, seat=actor, roles=roles,
                at=self.clock(),
            )
        )  # fmt: skip

    @property
    def incident(self) -> Incident:
        return need(self.journal.state, Incident, N)

    def last(self) -> OwnerChanged:
        body = self.journal.facts[-1].body
        assert isinstance(body, OwnerChanged)
        return body


async def test_that_a_request_stands_until_the_owner_gives_the_incident() -> None:
    room = Room()
    await room.does("032", "ask_for")
    assert (room.incident.owner, room.incident.asked_by, room.incident.asked_at) == ("031", "032", EVENING)
    await room.does("031", "give")
    assert (room.incident.owner, room.incident.asked_by, room.incident.asked_at) == ("032", "", None)
    assert (room.last().old, room.last().reason) == ("031", "本人让出")


async def test_that_only_the_owner_gives_and_only_to_somebody() -> None:
    room = Room()
    with pytest.raises(NotAllowed, match="由031负责，只有本人能让出"):
        await room.does("032", "give")
    with pytest.raises(UserError, match="没有人请求接手"):
        await room.does("031", "give")
    with pytest.raises(UserError, match="不能让给自己"):
        await room.does("031", "give", to="031")
    await room.does("031", "give", to="032")
    assert room.incident.owner == "032"


async def test_that_a_second_request_is_told_of_the_first() -> None:
    room = Room()
    await room.does("032", "ask_for")
    with pytest.raises(UserError, match="032已在请求接手"):
        await room.does("033", "ask_for")
    with pytest.raises(UserError, match="20 秒内等其答复"):
        await room.does("032", "ask_for")
    with pytest.raises(UserError, match="已由您负责"):
        await room.does("031", "ask_for")


async def test_that_an_incident_nobody_has_is_anybodys() -> None:
    room = Room(owner="")
    with pytest.raises(UserError, match="请直接接手"):
        await room.does("032", "ask_for")
    await room.does("032", "take")
    assert room.incident.owner == "032"
    with pytest.raises(UserError, match="已由您负责"):
        await room.does("032", "take")


async def test_that_taking_a_new_incident_is_answering_it() -> None:
    room = Room(owner="", state=IncidentState.NEW)
    await room.does("032", "take")
    assert (room.incident.owner, room.incident.state) == ("032", IncidentState.INTAKE)


async def test_that_what_a_present_owner_has_is_taken_by_the_chief_alone_after_the_grace_with_a_reason() -> None:
    room = Room()
    with pytest.raises(NotAllowed, match="请先请求接手，由其让出，或请值班长接手"):
        await room.does("032", "take", reason="他在忙")
    with pytest.raises(UserError, match="请先请求接手"):
        await room.does("035", "take", CHIEF, reason="他在忙")
    await room.does("032", "ask_for")
    room.clock.advance(GRACE_S - 1)
    with pytest.raises(UserError, match="还须等 1 秒"):
        await room.does("035", "take", CHIEF, reason="他在忙")
    room.clock.advance(1)
    with pytest.raises(NotAllowed, match="请值班长接手"):
        await room.does("032", "take", reason="他在忙")
    with pytest.raises(UserError, match="须写明理由"):
        await room.does("035", "take", CHIEF, reason=" ")
    await room.does("035", "take", CHIEF, reason="他在忙")
    assert room.incident.owner == "035"
    assert room.last().reason == "031未答复 032的请求，值班长接手；他在忙"


async def test_that_a_silent_owners_incident_is_anybodys_and_since_when_stays_on_record() -> None:
    room = Room()
    silent = EVENING - timedelta(seconds=44)
    with pytest.raises(NotAllowed):
        await room.does("032", "take", silent_since=silent.isoformat())
    room.clock.advance(1)
    await room.does("032", "take", silent_since=silent.isoformat())
    assert room.last().reason == "031所在席位自 14:29:16 失联"
    assert room.incident.owner == "032"


@pytest.mark.parametrize("act", ["ask_for", "give", "take"])
async def test_that_an_ended_incident_has_no_owner_to_speak_of(act: str) -> None:
    room = Room(state=IncidentState.CLOSED)
    with pytest.raises(UserError, match="已结束"):
        await room.does("032", act)


async def test_that_a_request_is_one_fact() -> None:
    room = Room()
    await room.does("032", "ask_for")
    assert room.journal.facts[-1].body == OwnerAsked(incident=N, by="032")


async def test_that_an_owner_is_never_changed_by_a_correction() -> None:
    room = Room()
    edit = Act(
        name="incident.edit",
        args={"incident": N, "fields": {"owner": "032"}},
        actor="031",
        seat="03",
        roles=DESK,
        at=EVENING,
    )
    with pytest.raises(UserError, match="不能直接修改：owner"):
        await room.journal.commit(edit)
