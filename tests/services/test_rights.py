"""Role × act: every act by every role through a real journal, so that it is the service that refuses, not a window.

The table below is domain.md E7 with the columns “who may” of E1 and E2, written out once more on purpose: a right that
is changed in the code must be changed here too. What depends on more than the role has its own tests beneath.
"""

from collections.abc import Callable, Iterator

import pytest

from console.domain.account import DESK_ROLES, MACHINE, Account, Role
from console.domain.assignment import Assignment
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed
from console.domain.facts import AccountRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.rights import RIGHTS
from console.domain.state import need
from console.services.acts import ACTS
from console.services.rights import IN_SIGHT
from tests.persistence.conftest import cluster, fill, ground, new_place, prepared, templates
from tests.services.rights_scenes import AGENCY, SCENES, World, number_of
from tests.support import EVENING

__all__ = ["cluster", "fill", "ground", "new_place", "prepared", "templates"]

LETTERS = {
    "T": Role.CALL_TAKER,
    "D": Role.DISPATCHER,
    "C": Role.CHIEF,
    "U": Role.UNIT,
    "L": Role.LIAISON,
    "O": Role.OFFICE,
    "E": Role.TECHNICIAN,
    "S": Role.SYSTEM,
    "R": Role.SECURITY,
    "A": Role.AUDIT,
    "M": Role.MACHINE,
}
PERSONS = "TDCULOESRA"

TABLE = {
    # lines, clock, upkeep
    **dict.fromkeys(("intake.receive", "line.changed", "watch.announce", "incident.alias", "seat.failed"), "M"),
    # E4, E7: whoever sits at the desk answers an alarm
    "alarm.annunciate": "TDCM",
    **dict.fromkeys((f"alarm.{act}" for act in ("acknowledge", "verify", "judge", "reset", "close")), "TDC"),
    # E1 rows 1-3, MERGED, HANDED_OFF; E7 call-taker
    **dict.fromkeys((f"incident.{act}" for act in ("open", "answer", "edit", "triage", "priority", "note")), "TDC"),
    **dict.fromkeys((f"incident.{act}" for act in ("settle", "hand_off", "merge", "unmerge", "supplement")), "TDC"),
    **dict.fromkeys((f"incident.{act}" for act in ("ask_for", "give", "take")), "TDC"),
    # issue 5, point 2: whoever sits at the desk asks the questions
    **dict.fromkeys((f"incident.{act}" for act in ("protocol", "answer_question", "skip_question")), "TDC"),
    # issue 5: holds, links, marks; the clock wakes what is held
    **dict.fromkeys((f"incident.{act}" for act in ("hold", "schedule", "link", "unlink")), "TDC"),
    **dict.fromkeys((f"incident.{act}" for act in ("mark", "call_back_tried", "late_seen")), "TDC"),
    "incident.wake": "TDCM",
    "unit.stack": "DC",
    "unit.unstack": "DC",
    # E1 rows 9, 10, INVALID
    **dict.fromkeys((f"incident.{act}" for act in ("review", "send_back", "callback", "close", "invalidate")), "DC"),
    "incident.confidential": "DC",
    # E1 REOPENED, row 11 (no archivist in E7: the chief)
    "incident.reopen": "C",
    "incident.archive": "C",
    # E1 rows 3-8, E7 dispatcher and unit; a call-taker's first unit to a 一级
    "unit.assign": "TDC",
    "unit.assign_plan": "TDC",
    "unit.lead": "DC",
    "unit.divert": "DC",
    # issue 5: orders on their way, requests to other zones
    "order.told": "M",
    "order.radio": "TDC",
    **dict.fromkeys(("help.ask", "help.answer", "help.withdraw"), "TDC"),
    # issue 5, points 8 and 9: whoever dispatches issues, every seat reads and reports up
    "bulletin.issue": "DC",
    "bulletin.cancel": "DC",
    **dict.fromkeys(("bulletin.told", "incident.major", "report_up.told", "command.log"), "TDC"),
    "unit.withdraw": "DC",
    "unit.report": "DCU",
    "unit.status": "DCUM",
    "unit.register": "S",
    "unit.import": "S",
    "site.register": "CSE",
    "site.import": "SE",
    # E7 technician; the clock opens what is due
    "repair.open": "CEM",
    "repair.assign": "CE",
    "repair.finish": "E",
    "repair.cancel": "CE",
    # E2
    "handoff.send": "TDC",
    "handoff.cancel": "TDC",
    "handoff.slip_printed": "TDC",
    "handoff.report": "DCL",
    **dict.fromkeys(("handoff.urge", "handoff.call_back", "handoff.close"), "DC"),
    "handoff.rule": "C",
    # E7 administrators, B6
    "seat.sign_on": PERSONS,
    "unit.checked": "TDC",
    "emergency.start": "TDCUM",
    "emergency.acknowledge": "TDC",
    "emergency.stop": "DC",
    "handover.draw": PERSONS,
    "handover.sign": PERSONS,
    "seat.sign_off": PERSONS + "M",
    **dict.fromkeys((f"account.{act}" for act in ("register", "import", "disable", "unlock")), "R"),
    "account.password": PERSONS,
    "approval.ask": PERSONS,
    "approval.withdraw": PERSONS,
    # of a 作无效处理: whoever may do that decides on it
    "approval.decide": "DC",
    "person.viewed": "TDC",
    "person.revealed": "TDC",
    "audit.refused": PERSONS + "M",
    "audit.exported": "COA",
    "audit.verified": "AM",
    "hold.place": "A",
    "keeping.backed_up": "SM",
    "keeping.restored": "S",
    # issue 4: the technician's bench, and what its guide counts by itself
    "test_run.start": "E",
    "test_run.step": "EM",
    "test_run.end": "E",
    "test_run.printed": "EC",
    "sheet.printed": "TDC",
    "spool.discard": "CS",
    # issue 4, E4: equipment; an alarm has no such acts
    "trouble.raise": "M",
    "trouble.restore": "M",
    "trouble.shelve": "TDCE",
    "trouble.unshelve": "TDCEM",
    "trouble.close": "CE",
    "test_window.end": "CEM",
    # issue 4: what a modem sends and who calls
    "outbox.queue": "TDCEM",
    "outbox.told": "M",
    "outbox.resend": "TDCE",
    "call.rang": "M",
    "call.ended": "M",
    "call.take": "TDC",
    "call.decline": "TDCM",
    **dict.fromkeys(
        (f"call.{act}" for act in ("hold", "resume", "offer", "accept", "hang_up", "call_back", "attach")), "TDC"
    ),
    # two persons, always: nobody alone
    "test_window.open": "",
    "hold.lift": "",
    "keeping.purged": "",
}


@pytest.fixture
def world(prepared: Callable[[], str]) -> Iterator[World]:
    opened = World.open(prepared(), ManualClock(EVENING))
    yield opened
    opened.journal.close()


def test_that_the_table_names_every_act_of_the_console_and_no_other() -> None:
    assert set(TABLE) == set(ACTS) == set(RIGHTS) == set(SCENES)


@pytest.mark.parametrize("letter", LETTERS)
def test_that_each_role_may_do_exactly_its_acts(world: World, letter: str) -> None:
    role = LETTERS[letter]
    done, expected = [], [act for act, letters in TABLE.items() if letter in letters]
    for act, scene in SCENES.items():
        args = scene(world, role)
        before = world.journal.head().seq
        try:
            world.act(role, act, args)
        except NotAllowed:
            assert world.journal.head().seq == before
        else:
            done.append(act)
    assert sorted(done) == sorted(expected)


def test_that_an_act_without_any_role_is_refused_with_what_to_do(world: World) -> None:
    incident = world.incident()
    with pytest.raises(NotAllowed, match="请先登录"):
        world.act(Role.CHIEF, "incident.note", {"incident": incident, "text": "x"}, roles=())


def test_that_a_number_nobody_has_is_refused_whatever_it_claims(world: World) -> None:
    said = {"incident": world.incident(), "text": "x"}
    with pytest.raises(NotAllowed, match="没有这个账号"):
        world.act(Role.CHIEF, "incident.note", said, actor="999")


def test_that_a_role_the_account_does_not_hold_is_refused_whatever_the_desk_says(world: World) -> None:
    said = {"incident": world.incident(state="CLOSED"), "reason": "新线索"}
    with pytest.raises(NotAllowed, match="值班长"):
        world.act(Role.CALL_TAKER, "incident.reopen", said, roles=(Role.CALL_TAKER.value, Role.CHIEF.value))


def test_that_a_person_who_calls_himself_a_machine_besides_is_refused(world: World) -> None:
    said = {"incident": world.incident(), "alias": "ZZ20261121-L03-02"}
    with pytest.raises(NotAllowed):
        world.act(Role.CALL_TAKER, "incident.alias", said, roles=(Role.CALL_TAKER.value, *MACHINE))


# -- what depends on more than the role ----------------------------------------------------------------------

TAKER, DISPATCHER, CHIEF = Role.CALL_TAKER, Role.DISPATCHER, Role.CHIEF


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("incident.edit", {"fields": {"place": "延安北路"}}),
        ("incident.triage", {"route": "A"}),
        ("incident.settle", {"code": "desk", "text": "已解答"}),
        ("incident.merge", {"into": ""}),
    ],
)
def test_that_a_call_taker_changes_his_own_and_unowned_records_only(
    world: World, act: str, said: dict[str, object]
) -> None:
    def args(owner: str) -> dict[str, object]:
        return {
            "incident": world.incident(owner=owner),
            **said,
            **({"into": world.incident()} if "into" in said else {}),
        }

    with pytest.raises(NotAllowed, match="由033接警"):
        world.act(TAKER, act, args("033"))
    world.act(TAKER, act, args(""))
    world.act(TAKER, act, args(number_of(TAKER)))
    world.act(DISPATCHER, act, args("033"))


def test_that_a_call_taker_takes_back_his_own_instruction_only(world: World) -> None:
    of_another = {"handoff": world.handoff(owner="033"), "reason": "误派"}
    with pytest.raises(NotAllowed, match="由033接警"):
        world.act(TAKER, "handoff.cancel", of_another)
    world.act(TAKER, "handoff.cancel", {"handoff": world.handoff(owner=number_of(TAKER)), "reason": "误派"})
    world.act(DISPATCHER, "handoff.cancel", of_another)


def test_that_anybody_at_the_desk_raises_a_priority_and_only_the_dispatcher_or_chief_lowers_it(world: World) -> None:
    incident = world.incident(owner="033", priority=3)
    world.act(TAKER, "incident.priority", {"incident": incident, "priority": 1})
    lower = {"incident": incident, "priority": 4, "reason": "误会"}
    with pytest.raises(NotAllowed, match="派警员或值班长"):
        world.act(TAKER, "incident.priority", lower)
    world.act(DISPATCHER, "incident.priority", lower)


def test_that_a_call_taker_sends_the_first_unit_to_the_gravest_and_nothing_else(world: World) -> None:
    mild, grave = world.incident(priority=2), world.incident(priority=1)
    with pytest.raises(NotAllowed, match="一级警情首派"):
        world.act(TAKER, "unit.assign", {"unit": world.unit(), "incident": mild})
    world.act(TAKER, "unit.assign", {"unit": world.unit(), "incident": grave})
    with pytest.raises(NotAllowed, match="增派"):
        world.act(TAKER, "unit.assign", {"unit": world.unit(), "incident": grave})
    world.act(DISPATCHER, "unit.assign", {"unit": world.unit(), "incident": grave})


def test_that_a_lone_call_taker_is_never_kept_from_a_gravest_call_nobody_has_typed_anything_into(world: World) -> None:
    incident = world.incident(state="NEW", kind="", place="", owner="033", priority=3)
    world.act(TAKER, "incident.priority", {"incident": incident, "priority": 1})
    world.act(TAKER, "unit.assign", {"unit": world.unit(), "incident": incident})
    world.act(TAKER, "handoff.send", {"incident": incident, "agency": AGENCY})


def test_that_a_call_taker_sends_another_unit_when_the_first_was_taken_off_the_gravest(world: World) -> None:
    unit, incident = world.unit(), world.incident(priority=1)
    world.act(TAKER, "unit.assign", {"unit": unit, "incident": incident})
    world.act(DISPATCHER, "unit.withdraw", {"unit": unit, "reason": "改派"})
    world.act(TAKER, "unit.assign", {"unit": world.unit(), "incident": incident})


def test_that_a_unit_reports_its_own_orders_and_status_only(world: World) -> None:
    other, incident = world.ordered()
    with pytest.raises(NotAllowed, match="只能报备本警组"):
        world.act(Role.UNIT, "unit.report", {"unit": other, "incident": incident, "step": "sign"})
    with pytest.raises(NotAllowed, match="只能报备本警组"):
        world.act(Role.UNIT, "unit.status", {"unit": world.unit(), "status": "02"})


def test_that_a_liaison_reports_on_its_own_agency_only(world: World) -> None:
    with pytest.raises(NotAllowed, match="只能报告本单位"):
        world.act(
            Role.LIAISON, "handoff.report", {"handoff": world.handoff(agency="ems_120"), "act": "sign", "by": "王"}
        )


@pytest.mark.requirement("Z4-12")
def test_that_only_the_chief_closes_the_gravest(world: World) -> None:
    incident = world.incident(state="REVIEW", priority=1)
    with pytest.raises(NotAllowed, match="值班长办结"):
        world.act(DISPATCHER, "incident.close", {"incident": incident})
    world.act(CHIEF, "incident.close", {"incident": incident})


def test_that_a_role_of_a_newer_program_is_refused_in_words(world: World) -> None:
    """A spooled act may come from one; a bug of ours would not be a refusal."""
    note = {"incident": world.incident(), "text": "x"}
    with pytest.raises(NotAllowed, match="没有watcher的角色"):
        world.act(CHIEF, "incident.note", note, roles=("chief", "watcher"))


INVALID = {"reason": "误拨"}


@pytest.mark.parametrize("priority", [1, 2])
def test_that_nobody_declares_invalid_alone_what_he_took_himself(world: World, priority: int) -> None:
    own = world.incident(owner=number_of(DISPATCHER), priority=priority)
    with pytest.raises(NotAllowed, match="另一人审批"):
        world.act(DISPATCHER, "incident.invalidate", {"incident": own, **INVALID})
    world.act(CHIEF, "incident.invalidate", {"incident": own, **INVALID})


def test_that_giving_it_away_or_lowering_it_first_does_not_help(world: World) -> None:
    given = world.incident(owner=number_of(DISPATCHER), priority=1)
    lowered = world.incident(owner=number_of(DISPATCHER), priority=1)
    world.act(DISPATCHER, "incident.give", {"incident": given, "to": number_of(CHIEF)})
    world.act(DISPATCHER, "incident.priority", {"incident": lowered, "priority": 4, "reason": "误会"})
    for incident in (given, lowered):
        with pytest.raises(NotAllowed, match="另一人审批"):
            world.act(DISPATCHER, "incident.invalidate", {"incident": incident, **INVALID})


def test_that_a_milder_one_he_declares_invalid_himself(world: World) -> None:
    own = world.incident(owner=number_of(DISPATCHER), priority=3)
    world.act(DISPATCHER, "incident.invalidate", {"incident": own, **INVALID})
    assert need(world.state(), Incident, own).state is IncidentState.INVALID


def test_that_one_person_with_all_desk_roles_finishes_an_evening_alone_but_for_a_grave_invalid(world: World) -> None:
    alone = tuple(role.value for role in DESK_ROLES)
    world.lay(AccountRegistered(account=Account(number="031", name="陈", roles=alone, registered_at=EVENING)))

    def act(name: str, **args: object) -> None:
        world.act(TAKER, name, args, actor="031", roles=alone)

    incident, unit = world.incident(owner="031", priority=1), world.unit()
    act("unit.assign", unit=unit, incident=incident)
    act("unit.assign", unit=world.unit(), incident=incident)
    for order in world.state().where(Assignment, incident=incident):
        act("unit.report", unit=order.unit, step="feedback", text="已处置")
    act("incident.review", incident=incident)
    act("incident.close", incident=incident)
    with pytest.raises(NotAllowed, match="另一人审批"):
        act("incident.invalidate", incident=world.incident(owner="031", priority=1), reason="误拨")


def test_that_a_disabled_persons_acts_are_refused_whenever_they_arrive(world: World) -> None:
    world.act(Role.SECURITY, "account.disable", {"account": number_of(CHIEF), "reason": "离职"})
    with pytest.raises(NotAllowed, match="已停用"):
        world.act(CHIEF, "incident.note", {"incident": world.incident(), "text": "x"})


def test_that_nobody_changes_anothers_password_but_the_security_administrator(world: World) -> None:
    with pytest.raises(NotAllowed, match="自己的密码"):
        world.act(CHIEF, "account.password", {"account": number_of(TAKER)})
    world.act(Role.SECURITY, "account.password", {"account": number_of(TAKER)})


def test_that_nobody_signs_on_as_another(world: World) -> None:
    with pytest.raises(NotAllowed, match="自己的账号"):
        world.act(CHIEF, "seat.sign_on", {"account": number_of(TAKER), "roles": [TAKER.value]})


@pytest.mark.parametrize("secret", [{"kind": "100201"}, {"confidential": True}])
def test_that_what_is_hidden_from_a_person_is_not_there_for_him(world: World, secret: dict[str, object]) -> None:
    for act in sorted(IN_SIGHT):
        said = {**SCENES[act](world, TAKER), "incident": world.incident(owner="033", **secret)}
        with pytest.raises(NotAllowed, match=f"^查无此警情：{said['incident']}$"):
            world.act(TAKER, act, said)


def test_that_a_duplicate_is_not_merged_into_what_is_hidden(world: World) -> None:
    said = {"incident": world.incident(), "into": world.incident(owner="033", confidential=True)}
    with pytest.raises(NotAllowed, match=f"查无此警情：{said['into']}"):
        world.act(TAKER, "incident.merge", said)


def test_that_whoever_took_a_complaint_finishes_it_and_anybody_answers_one_that_waits(world: World) -> None:
    own = world.incident(owner=number_of(TAKER), kind="100201")
    world.act(TAKER, "incident.edit", {"incident": own, "fields": {"narrative": "已记录"}})
    world.act(TAKER, "incident.answer", {"incident": world.incident(state="NEW", kind="100201")})


def test_that_secrecy_never_holds_up_a_unit_or_an_agency_for_the_gravest(world: World) -> None:
    grave = world.incident(owner="033", priority=1, confidential=True)
    world.act(TAKER, "unit.assign", {"unit": world.unit(), "incident": grave})
    world.act(TAKER, "handoff.send", {"incident": grave, "agency": AGENCY})


# -- a database without accounts -----------------------------------------------------------------------------


def test_that_where_nobody_has_an_account_the_roles_of_the_desk_decide(prepared: Callable[[], str]) -> None:
    world = World.open(prepared(), ManualClock(EVENING), people=False)
    try:
        world.act(TAKER, "incident.note", {"incident": world.incident(), "text": "x"}, actor="031")
        with pytest.raises(NotAllowed, match="值班长"):
            world.act(TAKER, "incident.reopen", {"incident": world.incident(state="CLOSED"), "reason": "x"})
    finally:
        world.journal.close()
