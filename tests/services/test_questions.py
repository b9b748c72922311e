"""Answers at work: saved one by one, raising and never lowering; what goes to the unit; priority and its reasons."""

from typing import Any

import pytest

from console.domain.alarm import Alarm
from console.domain.answer import Answer
from console.domain.errors import UserError
from console.domain.facts import AlarmRaised, IncidentOpened, PriorityChanged, SiteRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.priority import Circumstances, Colour, PriorityTable, weigh
from console.domain.site import Site
from console.domain.state import need
from console.services import priorities, questions
from console.services.desk import Desk
from console.services.telling import Teller
from tests.support import EVENING, MemoryJournal, make_desk, tell

NUMBER = "ZZ20261121-0300"


def fight(desk: Desk, **fields: Any) -> Incident:
    known = {"kind": "0201", "place": "夜市", "state": IncidentState.INTAKE, "priority": 3, "created_at": EVENING}
    record = Incident(number=NUMBER, **{**known, **fields})
    tell(desk, IncidentOpened(incident=NUMBER, record=record))
    return record


def now(desk: Desk) -> Incident:
    return need(desk.picture.state, Incident, NUMBER)


async def say(desk: Desk, question: str, said: str) -> None:
    protocol = questions.protocol_of(now(desk), desk.reference.protocols)
    assert protocol is not None
    asked = protocol.question(question)
    assert asked is not None
    name, args = questions.answer_step(NUMBER, protocol, asked, said)
    await desk.do(name, **args)


def raised(desk: Desk) -> list[tuple[int, int, str]]:
    assert isinstance(desk.journal, MemoryJournal)
    bodies = [fact.body for fact in desk.journal.facts if isinstance(fact.body, PriorityChanged)]
    return [(body.old, body.new, body.reason) for body in bodies]


async def test_that_an_answer_is_kept_with_its_words_and_raises_by_itself() -> None:
    desk = make_desk()
    fight(desk)
    await say(desk, "s_weapon", "knife")
    (row,) = desk.picture.state.where(Answer, incident=NUMBER)
    assert (row.value, row.text, row.answered_by, row.at) == ("knife", "凶器：刀具", "031", EVENING)
    assert raised(desk) == [(3, 1, "自动：问询 凶器：刀具")]


async def test_that_a_level_a_person_lowered_is_raised_only_by_something_new() -> None:
    desk = make_desk()
    fight(desk)
    await say(desk, "s_weapon", "knife")
    await desk.do("incident.priority", incident=NUMBER, priority=3, reason="刀是玩具")
    await say(desk, "s_weapon", "knife")
    await desk.do("incident.edit", incident=NUMBER, fields={"title": "打架"})
    assert now(desk).priority == 3
    await say(desk, "s_injured", "serious")
    assert now(desk).priority == 1


async def test_that_an_answer_fills_an_empty_field_and_never_overwrites_one() -> None:
    desk = make_desk()
    fight(desk, narrative="有人打架")
    await say(desk, "c_callback", "13800000000")
    await say(desk, "c_what", "两伙人打起来了")
    assert (now(desk).phone, now(desk).narrative) == ("13800000000", "有人打架")


async def test_that_a_skip_keeps_its_reason_and_takes_no_answer_back() -> None:
    desk = make_desk()
    fight(desk)
    skip = {"incident": NUMBER, "question": "s_weapon", "text": "凶器", "reason": "电话断了"}
    await desk.do("incident.skip_question", **skip)
    row = desk.picture.state.where(Answer, incident=NUMBER)[0]
    assert (row.skipped, row.reason) == (True, "电话断了")
    await say(desk, "s_weapon", "knife")
    with pytest.raises(UserError, match="已有答复"):
        await desk.do("incident.skip_question", **skip)


async def test_that_nobody_is_asked_after_the_end() -> None:
    desk = make_desk()
    fight(desk, state=IncidentState.CLOSED)
    with pytest.raises(UserError, match="已结束，不再问询"):
        await say(desk, "s_weapon", "knife")


async def test_that_the_timeline_tells_answers_skips_and_the_choice_of_a_protocol() -> None:
    desk = make_desk()
    fight(desk)
    await say(desk, "s_weapon", "knife")
    await desk.do("incident.skip_question", incident=NUMBER, question="c_who", text="身份", reason="匿名")
    await desk.do("incident.protocol", incident=NUMBER, protocol="theft")
    await desk.do("incident.protocol", incident=NUMBER, protocol="")
    teller = Teller(desk.reference)
    assert isinstance(desk.journal, MemoryJournal)
    assert [teller.tell(fact) for fact in desk.journal.facts][1:] == [
        "问询 凶器：刀具",
        "升级：三级 → 一级：自动：问询 凶器：刀具",
        "跳过问询 身份：匿名",
        "问询要点改为 盗窃",
        "问询要点随警情类别",
    ]


async def test_that_the_unit_gets_warnings_answers_and_its_own_checklist_and_no_private_answer() -> None:
    desk = make_desk()
    fight(desk, kind="010501", narrative="被骗了")
    for question, said in (("paid", "yes"), ("own", "张三 110101199001011234"), ("amount", "80000"), ("cash", "no")):
        await say(desk, f"telecom_fraud.{question}", said)
    told = questions.checklist(desk.picture.state, now(desk), desk.reference.protocols)
    assert told == ["已转账：是", "金额：80000", "提取转账截图、聊天记录，引导到派出所做笔录"]


async def test_that_an_unknown_weapon_stands_first_in_what_the_unit_is_told() -> None:
    desk = make_desk()
    fight(desk)
    await say(desk, "s_weapon", "unknown")
    told = questions.checklist(desk.picture.state, now(desk), desk.reference.protocols)
    assert told[:2] == ["注意：凶器不明：按持械对待，提醒警组防护", "凶器：不清楚"]
    assert "持械或凶器不明：穿防护装备，先观察后接近" in told


async def test_that_the_proposed_agencies_follow_the_answers() -> None:
    desk = make_desk()
    fight(desk)
    await say(desk, "s_injured", "serious")
    await say(desk, "fight_assault.place", "school")
    book = desk.reference.protocols
    found = questions.agencies_asked_for(desk.picture.state, now(desk), book)
    assert found == ("ems_120", "min_emergency_unit", "school_officer", "education")


# -- priority --------------------------------------------------------------------------------------------------------

TABLE = PriorityTable(
    codes={"0206": ("噪音扰民", 4), "13": ("技防报警", 1), "08": ("纠纷", 3)},
    sources={"sms": 2},
    sites={"bank": 1},
    site_codes=("13",),
    colours={"red": Colour("红", "red", 1), "green": Colour("绿", "green")},
    zones={"林1": "red", "林2": "green"},
)


@pytest.mark.parametrize(
    ("known", "levels"),
    [
        (Circumstances(code="0206"), [("code", 4)]),
        (Circumstances(code="0206", source="sms"), [("source", 2), ("code", 4)]),
        (Circumstances(code="0206", calls=3), [("calls", 3), ("code", 4)]),
        (Circumstances(code="08", presses=3), [("presses", 2), ("code", 3)]),
        (Circumstances(code="08", site_kind="bank"), [("code", 3)]),
        (Circumstances(code="13", site_kind="bank"), [("code", 1), ("site", 1)]),
        (Circumstances(code="08", beat="林1"), [("zone", 1), ("code", 3)]),
        (Circumstances(code="08", beat="林2"), [("code", 3), ("zone", 0)]),
        (Circumstances(code="08", answers=((1, "凶器：刀具"),)), [("answer", 1), ("code", 3)]),
        (Circumstances(), []),
    ],
)
def test_that_every_reason_is_weighed_and_the_gravest_stands_first(
    known: Circumstances, levels: list[tuple[str, int]]
) -> None:
    assert [(reason.kind, reason.level) for reason in weigh(known, TABLE)] == levels


async def test_that_the_third_report_from_one_place_is_raised_and_says_why() -> None:
    desk = make_desk()
    for _ in range(3):
        await desk.do("incident.open", kind="0206", place="丹霞花园 3 栋", priority=4)
    assert raised(desk) == [(4, 3, "自动：60 分钟内 3 次报警")]


async def test_that_a_graver_kind_raises_and_a_lighter_one_lowers_nothing() -> None:
    desk = make_desk()
    fight(desk, priority=2)
    await desk.do("incident.edit", incident=NUMBER, fields={"kind": "0103"})
    assert raised(desk) == [(2, 1, "自动：警情 0103 抢劫抢夺")]
    await desk.do("incident.edit", incident=NUMBER, fields={"kind": "0206"})
    assert now(desk).priority == 1


async def test_that_the_reasons_of_a_level_are_told_gravest_first() -> None:
    desk = make_desk()
    tell(desk, SiteRegistered(site=Site(id="S1", name="农行", kind="bank")))
    record = fight(desk, kind="13", source="alarm", site="S1")
    alarm = Alarm(id="a1", kind="burglary", incident=NUMBER, site="S1", presses=3, received_at=EVENING)
    tell(desk, AlarmRaised(incident=NUMBER, alarm=alarm))
    await say(desk, "s_weapon", "gun")
    found = priorities.reasons_with_answers(desk.picture.state, record, desk.reference.protocols)
    assert [reason.said for reason in found] == [
        "一级：警情 13 技防报警（待核实）",
        "一级：重点部位的技防报警",
        "一级：报警按钮按下 3 次",
        "一级：问询 凶器：枪支",
    ]
