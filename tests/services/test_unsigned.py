"""A room's seat started while its server is away: calls are taken, and the journal says that nobody had signed on."""

from dataclasses import replace

import pytest

from console.domain.account import DESK_ROLES, Account, Role, nobody
from console.domain.errors import JournalUnavailable, NotAllowed
from console.domain.facts import AccountRegistered
from console.domain.ledger import MemoryLedger
from console.domain.state import MemoryState
from console.services.acts import ACTS
from console.services.desk import Desk
from tests.support import EVENING, MemorySpool, make_desk, tell

CALL = {"kind": "0206", "place": "钟法路 89 号"}
LI_NA = AccountRegistered(
    account=Account(number="031", name="李娜", roles=(Role.CALL_TAKER.value,), registered_at=EVENING)
)


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    made.roles, made.open_without_accounts = DESK_ROLES, False
    made.health.journal_failed(JournalUnavailable("数据库无应答"))
    return made


async def test_that_a_call_is_taken_in_nobodys_name_while_no_account_is_known(desk: Desk) -> None:
    await desk.do("incident.open", **CALL)
    assert isinstance(desk.spool, MemorySpool)
    assert [act.actor for act in desk.spool.acts] == ["03席未登录"]
    (incident,) = desk.picture.incidents()
    assert incident.owner == nobody("03")


async def test_that_a_person_who_is_known_acts_in_his_own_name(desk: Desk) -> None:
    tell(desk, LI_NA)
    assert desk.act("incident.open", CALL).actor == "031"


def test_that_what_nobody_did_comes_in_from_a_spool_and_from_nowhere_else(desk: Desk) -> None:
    state = MemoryState()
    state.put(LI_NA.account)
    asked = desk.act("incident.open", CALL)

    def carry_out(act: object) -> object:
        return ACTS["incident.open"](MemoryLedger(state, act, EVENING, lambda: "ZZ20261121-0001"), **CALL)  # type: ignore[arg-type]

    with pytest.raises(NotAllowed):
        carry_out(asked)
    with pytest.raises(NotAllowed):
        carry_out(replace(asked, waited=True, actor="099"))
    with pytest.raises(NotAllowed):
        carry_out(replace(asked, waited=True, roles=(Role.SECURITY.value,)))
    assert carry_out(replace(asked, waited=True)) == "ZZ20261121-0001"
