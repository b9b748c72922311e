"""Refusals 审计: who asks for what he may not do is told so; that he asked is kept, once, wherever it can be kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.domain.account import MACHINE, Account, Role
from console.domain.body import Body
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, NotAllowed, UserError
from console.domain.facts import AccountRegistered, ActRefused, IncidentOpened
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act, Ledger
from console.persistence.journal import Journal
from console.persistence.spool import Spool
from console.services.acts import ACTS
from console.services.desk import Desk
from tests.support import EVENING, MemoryJournal, MemorySpool, make_desk, tell

NUMBER = "ZZ20261121-0100"
RECORD = Incident(number=NUMBER, state=IncidentState.CLOSED, owner="031", created_at=EVENING)
SCENE: tuple[Body, ...] = (
    AccountRegistered(account=Account(number="031", name="陈", roles=("call_taker",), registered_at=EVENING)),
    AccountRegistered(account=Account(number="011", name="林", roles=("chief",), registered_at=EVENING)),
    IncidentOpened(incident=NUMBER, record=RECORD),
)


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    tell(made, *SCENE)
    made.roles = (Role.CALL_TAKER.value,)
    return made


def kept(desk: Desk) -> list[tuple[str, ActRefused]]:
    assert isinstance(desk.journal, MemoryJournal)
    return [(fact.actor, fact.body) for fact in desk.journal.facts if isinstance(fact.body, ActRefused)]


async def reopen(desk: Desk) -> None:
    await desk.do("incident.reopen", incident=NUMBER, reason="新线索")


async def test_that_a_refusal_is_told_with_who_may_and_kept_once(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="须由值班长操作") as refused:
        await reopen(desk)
    assert kept(desk) == [
        ("031", ActRefused(incident=NUMBER, act="incident.reopen", why=str(refused.value))),
    ]


@pytest.mark.parametrize(("actor", "roles"), [("", ()), ("031", ()), ("999", ("chief",)), ("031", ("chief",))])
async def test_that_an_empty_or_locked_seat_a_stranger_and_a_claimed_role_are_kept_too(
    desk: Desk, actor: str, roles: tuple[str, ...]
) -> None:
    desk.actor, desk.roles = actor, roles
    with pytest.raises(NotAllowed):
        await reopen(desk)
    assert [(who, body.act) for who, body in kept(desk)] == [(actor, "incident.reopen")]


async def test_that_a_refusal_names_people_to_turn_to_and_not_the_program(desk: Desk) -> None:
    with pytest.raises(NotAllowed) as refused:
        await desk.do("unit.status", unit="巡05", status="car_patrol", reason="")
    assert str(refused.value) == "当前角色无权进行这项操作，须由派警员、值班长、处警民警操作"


async def test_that_what_cannot_be_done_by_anybody_is_no_refusal(desk: Desk) -> None:
    desk.actor, desk.roles = "011", ("chief",)
    with pytest.raises(UserError, match="理由"):
        await desk.do("incident.reopen", incident=NUMBER, reason="")
    assert kept(desk) == []


async def test_that_the_program_goes_on_at_a_seat_where_nobody_may_act(desk: Desk) -> None:
    desk.actor, desk.roles = "", ()
    told = {"subject": NUMBER, "rule": "dispatch", "step": 1, "due_at": EVENING.isoformat()}
    act = Act(name="watch.announce", args=told, actor="系统", seat="03", roles=MACHINE, at=EVENING)
    assert await desk.carry_out(act) is True
    assert kept(desk) == []


async def test_that_a_refusal_waits_in_the_spool_while_the_journal_is_away(desk: Desk) -> None:
    assert isinstance(desk.journal, MemoryJournal)
    assert isinstance(desk.spool, MemorySpool)
    desk.journal.failure = JournalUnavailable("数据库没有应答")
    desk.health.journal_failed(desk.journal.failure)
    with pytest.raises(NotAllowed, match="值班长"):
        await reopen(desk)
    assert [act.name for act in desk.spool.acts] == ["audit.refused"]


async def test_that_a_refusal_that_can_be_kept_nowhere_is_told_all_the_same(
    desk: Desk, expected_log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise JournalUnavailable("数据库没有应答")

    def full(_: object) -> bool:
        raise JournalUnavailable("磁盘已满")

    expected_log.append("a refusal could not be stored")
    desk.health.journal_failed(JournalUnavailable("数据库没有应答"))
    monkeypatch.setattr(desk.spool, "put", full)
    with pytest.raises(NotAllowed, match="值班长"):
        await reopen(desk)


# -- a room's database without people ------------------------------------------------------------------------


async def test_that_in_a_room_nobody_acts_before_there_are_accounts_and_is_told_what_to_do() -> None:
    desk = make_desk()
    desk.open_without_accounts = False
    with pytest.raises(NotAllowed, match="import users"):
        await desk.do("incident.open", kind="050301", place="路口")
    assert await desk.carry_out(Act(name="seat.sign_off", actor="系统", seat="03", roles=MACHINE, at=EVENING)) is None
    tell(desk, *SCENE)
    desk.actor, desk.roles = "011", ("chief",)
    assert await desk.do("incident.open", kind="050301", place="路口")


async def test_that_a_desk_that_could_not_ask_who_has_an_account_keeps_a_call_all_the_same() -> None:
    desk = make_desk()
    assert isinstance(desk.spool, MemorySpool)
    desk.open_without_accounts = False
    desk.health.journal_failed(JournalUnavailable("数据库没有应答"))
    await desk.do("incident.open", kind="050301", place="路口")
    assert [act.name for act in desk.spool.acts] == ["incident.open"]


# -- what was spooled by somebody who may not any more -------------------------------------------------------


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    def lay(ledger: Ledger) -> None:
        for body in SCENE:
            ledger.record(body)

    opened = Journal.open(f"sqlite:///{tmp_path / 'a.db'}", {**ACTS, "lay": lay}, ManualClock(EVENING))
    await opened.commit(Act(name="lay", actor="test", seat="00", roles=MACHINE, at=EVENING))
    yield opened
    opened.close()


async def test_that_spooled_acts_of_somebody_disabled_meanwhile_become_clashes_and_alarms_go_through(
    journal: Journal, tmp_path: Path
) -> None:
    disable = {"account": "011", "reason": "离职"}
    acts = Act(name="account.disable", args=disable, actor="root", seat="CLI", roles=("security",), at=EVENING)
    spool = Spool.open(tmp_path / "spool.db", ManualClock(EVENING))
    note = {"incident": NUMBER, "text": "已告知报警人"}
    line = {"name": "A1", "protocol": "surgard", "address": "x", "state": "UP", "since": EVENING.isoformat()}
    spool.put(Act(name="incident.note", args=note, actor="011", seat="03", roles=("chief",), at=EVENING))
    spool.put(Act(name="line.changed", args={"line": line}, actor="A1", seat="03", roles=MACHINE, at=EVENING))
    await journal.commit(acts)
    await spool.unload(journal)
    assert [(row.act.name, row.why) for row in spool.clashes()] == [("incident.note", "账号011已停用")]
    assert [fact.name for fact in journal.read()][-1] == "LineChanged"
    spool.close()
