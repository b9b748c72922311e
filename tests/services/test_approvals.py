"""Two persons: one asks, another decides, and what was asked for happens with the decision or not at all.

Through a real journal on both databases; afterwards the stored state must equal the fold of the journal.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console.domain.account import Account, Role
from console.domain.approval import Approval, ApprovalState, Hold
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import AccountRegistered, ApprovalDecided, Exported, IncidentMoved
from console.domain.incident import Incident, IncidentState
from console.domain.state import need
from console.persistence import dialect
from console.persistence.rebuild import differences
from console.services.approvals import can_ask, words
from console.services.seen_since import ChangedMeanwhile
from tests.persistence.conftest import cluster, fill, ground, new_place, prepared, templates
from tests.services.rights_scenes import World, account_of, number_of
from tests.support import EVENING

__all__ = ["cluster", "fill", "ground", "new_place", "prepared", "templates"]

TAKER, DISPATCHER, CHIEF, SECURITY, AUDIT = (
    Role.CALL_TAKER,
    Role.DISPATCHER,
    Role.CHIEF,
    Role.SECURITY,
    Role.AUDIT,
)


@pytest.fixture
def world(prepared: Callable[[], str]) -> Iterator[World]:
    url = prepared()
    opened = World.open(url, ManualClock(EVENING))
    for role in (SECURITY, AUDIT, DISPATCHER, Role.SYSTEM):
        second = Account(number=second_of(role), name="乙", roles=(role.value,), registered_at=EVENING)
        opened.lay(AccountRegistered(account=second))
    yield opened
    opened.journal.close()
    with dialect.glance(url) as connection:
        assert differences(connection) == []


def second_of(role: Role) -> str:
    """Another person of the role."""
    return f"{role.value}2"


def ask(world: World, role: Role, act: str, **args: Any) -> str:
    return str(world.act(role, "approval.ask", {"act": act, "args": args, "reason": "误拨，已回拨核实"}))


def invalidate(world: World, asker: Role = TAKER, **fields: Any) -> tuple[str, str]:
    """An incident the asker took, and the approval he asked for."""
    incident = world.incident(**{"owner": number_of(asker), "priority": 1, **fields})
    return incident, ask(world, asker, "incident.invalidate", incident=incident, reason="误拨")


def decide(world: World, role: Role, approval: str, *, granted: bool = True, answer: str = "", **said: Any) -> None:
    world.act(role, "approval.decide", {"approval": approval, "granted": granted, "answer": answer}, **said)


def approval_of(world: World, key: str) -> Approval:
    return need(world.state(), Approval, key)


def test_that_granting_does_what_was_asked_for_in_the_same_step(world: World) -> None:
    incident, approval = invalidate(world)
    decide(world, DISPATCHER, approval)
    decided, moved = world.journal.read(world.journal.head().seq - 2)
    assert isinstance(decided.body, ApprovalDecided)
    assert isinstance(moved.body, IncidentMoved)
    assert (decided.act_id, decided.actor) == (moved.act_id, moved.actor)
    assert need(world.state(), Incident, incident).state is IncidentState.INVALID
    kept = approval_of(world, approval)
    assert (kept.state, kept.asked_by, kept.decided_by) == (
        ApprovalState.GRANTED,
        number_of(TAKER),
        number_of(DISPATCHER),
    )


def test_that_the_asker_does_not_decide_whatever_his_role(world: World) -> None:
    incident, approval = invalidate(world, CHIEF)
    with pytest.raises(NotAllowed, match="自己提出"):
        decide(world, CHIEF, approval)
    assert need(world.state(), Incident, incident).open


def test_that_only_who_may_do_the_act_decides_on_it(world: World) -> None:
    _, approval = invalidate(world, DISPATCHER)
    for role in (TAKER, Role.UNIT, Role.OFFICE, SECURITY, AUDIT):
        with pytest.raises(NotAllowed, match="派警员、值班长"):
            decide(world, role, approval)


def test_that_who_took_the_call_does_not_decide_either_when_somebody_else_asks(world: World) -> None:
    incident = world.incident(owner=number_of(DISPATCHER), priority=2)
    approval = ask(world, TAKER, "incident.invalidate", incident=incident, reason="误拨")
    with pytest.raises(NotAllowed, match="不得由接警人本人"):
        decide(world, DISPATCHER, approval)
    decide(world, DISPATCHER, approval, actor=second_of(DISPATCHER))


def test_that_what_cannot_be_done_any_more_leaves_the_application_waiting(world: World) -> None:
    incident, approval = invalidate(world)
    unit = world.unit()
    world.act(DISPATCHER, "unit.assign", {"unit": unit, "incident": incident})
    before = world.journal.head().seq
    with pytest.raises(UserError, match="先撤回"):
        decide(world, CHIEF, approval)
    assert world.journal.head().seq == before
    assert approval_of(world, approval).open


def test_that_a_refusal_says_why_and_changes_nothing_else(world: World) -> None:
    incident, approval = invalidate(world)
    with pytest.raises(UserError, match="理由"):
        decide(world, CHIEF, approval, granted=False)
    decide(world, CHIEF, approval, granted=False, answer="先回拨")
    kept = approval_of(world, approval)
    assert (kept.state, kept.answer) == (ApprovalState.REFUSED, "先回拨")
    assert need(world.state(), Incident, incident).open
    with pytest.raises(NotAllowed, match="已有结论"):
        decide(world, CHIEF, approval)


def test_that_only_the_asker_withdraws_and_then_nobody_decides(world: World) -> None:
    _, approval = invalidate(world)
    with pytest.raises(NotAllowed, match="自己提出"):
        world.act(CHIEF, "approval.withdraw", {"approval": approval})
    world.act(TAKER, "approval.withdraw", {"approval": approval})
    with pytest.raises(NotAllowed, match="已有结论"):
        decide(world, CHIEF, approval)
    with pytest.raises(UserError, match="已有结论"):
        world.act(TAKER, "approval.withdraw", {"approval": approval})


def test_that_asking_deciding_and_withdrawing_stand_on_the_incidents_timeline(world: World) -> None:
    incident, approval = invalidate(world)
    world.act(TAKER, "approval.withdraw", {"approval": approval})
    told = [fact.name for fact in world.journal.read() if fact.body.incident == incident]
    assert told == ["IncidentOpened", "ApprovalAsked", "ApprovalDecided"]


def test_that_the_same_is_asked_for_once_also_by_its_local_number(world: World) -> None:
    incident, _ = invalidate(world, alias="ZZ20261121-L03-01")
    for number in (incident, "ZZ20261121-L03-01"):
        with pytest.raises(UserError, match="正在等待审批"):
            ask(world, CHIEF, "incident.invalidate", incident=number, reason="误拨")


def test_that_an_application_needs_a_reason_and_an_act_of_two_persons(world: World) -> None:
    incident = world.incident()
    with pytest.raises(UserError, match="不需要审批"):
        ask(world, TAKER, "incident.close", incident=incident)
    said = {"act": "incident.invalidate", "args": {"incident": incident}, "reason": " "}
    with pytest.raises(UserError, match="理由"):
        world.act(TAKER, "approval.ask", said)
    with pytest.raises(UserError, match="查无此警情"):
        ask(world, TAKER, "incident.invalidate", incident="ZZ20261121-9999", reason="误拨")


def test_that_an_administrator_is_made_by_two_security_administrators(world: World) -> None:
    new = {"account": "900001", "name": "丙", "roles": [AUDIT.value]}
    with pytest.raises(NotAllowed, match="双人审批"):
        world.act(SECURITY, "account.register", new)
    approval = ask(world, SECURITY, "account.register", **new)
    decide(world, SECURITY, approval, actor=second_of(SECURITY))
    assert need(world.state(), Account, "900001").roles == (AUDIT.value,)


def test_that_a_person_is_not_made_an_administrator_by_a_table_either(world: World) -> None:
    rows = [{"account": number_of(TAKER), "name": "甲", "roles": [SECURITY.value]}]
    with pytest.raises(NotAllowed, match="双人审批"):
        world.act(SECURITY, "account.import", {"accounts": rows})
    assert need(world.state(), Account, number_of(TAKER)) == account_of(TAKER)


def test_that_an_export_with_personal_data_needs_two_and_one_without_does_not(world: World) -> None:
    bare = {"what": "incidents", "rows": 3, "file": "x.csv", "masked": False, "reason": "法院调取"}
    with pytest.raises(NotAllowed, match="双人审批"):
        world.act(AUDIT, "audit.exported", bare)
    decide(world, AUDIT, ask(world, CHIEF, "audit.exported", **bare))
    body = world.journal.read(world.journal.head().seq - 1)[0].body
    assert isinstance(body, Exported)
    assert not body.masked
    world.act(CHIEF, "audit.exported", {**bare, "masked": True})


def test_that_a_hold_is_lifted_by_two(world: World) -> None:
    hold = world.hold()
    approval = ask(world, AUDIT, "hold.lift", hold=hold, reason="已结案")
    with pytest.raises(NotAllowed, match="自己提出"):
        decide(world, AUDIT, approval)
    decide(world, AUDIT, approval, actor=second_of(AUDIT))
    assert not need(world.state(), Hold, hold).stands


def test_that_a_grant_by_somebody_disabled_meanwhile_is_refused(world: World) -> None:
    incident, approval = invalidate(world)
    world.act(SECURITY, "account.disable", {"account": number_of(CHIEF), "reason": "离职"})
    with pytest.raises(NotAllowed, match="已停用"):
        decide(world, CHIEF, approval)
    assert need(world.state(), Incident, incident).open


def test_that_an_application_tells_a_person_what_is_asked(world: World) -> None:
    incident, approval = invalidate(world)
    assert words(approval_of(world, approval)) == f"作无效处理 {incident}：误拨，已回拨核实"
    assert can_ask("incident.invalidate")
    assert json.loads(approval_of(world, approval).args) == {"incident": incident, "reason": "误拨"}


@pytest.mark.parametrize(
    ("role", "act", "args", "told"),
    [
        (
            *(SECURITY, "account.register"),
            *({"account": "099", "name": "郑", "roles": ["system"]}, "登记账号 099（郑，系统管理员）"),
        ),
        (
            *(SECURITY, "account.import"),
            *({"accounts": [{"account": "7", "name": "钱", "roles": ["audit"]}]}, "导入账号（7 钱，审计管理员）"),
        ),
        (
            *(AUDIT, "audit.exported"),
            *({"what": "journal", "first": 3, "last": 9, "rows": 7, "file": "a.jsonl", "masked": False}, "第 3–9 条"),
        ),
        (
            *(Role.SYSTEM, "keeping.purged"),
            *({"what": "track", "before": EVENING.isoformat(), "rows": 90, "kept": 4}, "90 条，留存令保住 4 条"),
        ),
    ],
)
def test_that_an_application_tells_whose_rights_and_which_rows(
    world: World, role: Role, act: str, args: dict[str, Any], told: str
) -> None:
    assert told in words(approval_of(world, ask(world, role, act, **args)))


def test_that_who_grants_is_told_what_happened_since_he_looked(world: World) -> None:
    incident, approval = invalidate(world)
    looked = world.journal.head().seq
    world.act(TAKER, "incident.note", {"incident": incident, "text": "又来电呼救"})
    with pytest.raises(ChangedMeanwhile):
        decide(world, DISPATCHER, approval, seen=looked)
    assert approval_of(world, approval).open
    decide(world, DISPATCHER, approval, seen=world.journal.head().seq)
    assert need(world.state(), Incident, incident).state is IncidentState.INVALID
