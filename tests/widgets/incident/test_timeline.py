"""The timeline: every fact one sentence, newest first, the model a good Qt citizen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from console.domain import facts
from console.domain.assignment import Assignment
from console.domain.body import Body
from console.domain.equipment_facts import EQUIPMENT
from console.domain.facts import BODIES, Fact
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.services.desk import Desk
from console.services.telling import SENTENCES, Teller
from tests.support import EVENING
from widgets.models.timeline import RowRole, TimelineModel
from widgets.timeline_text import marks

N = "ZZ20261121-0190"


def fact(body: Body, seq: int = 1, act_id: str = "a", seconds: float = 0) -> Fact:
    return Fact(seq=seq, at=EVENING + timedelta(seconds=seconds), actor="031", seat="03", act_id=act_id, body=body)


@pytest.fixture
def model(desk: Desk) -> Iterator[TimelineModel]:
    model = TimelineModel(desk.reference)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    tester.deleteLater()


def texts(model: TimelineModel) -> list[str]:
    return [model.index(row).data(RowRole).text for row in range(model.rowCount())]


def story() -> list[Fact]:
    handoff = Handoff(id=f"{N}#1", incident=N, agency="fire_rescue", t_draft=EVENING)
    order = Assignment(id=f"{N}/1", incident=N, unit="巡05", t_dispatch=EVENING)
    bodies: list[Body] = [
        facts.IncidentOpened(incident=N, record=Incident(number=N, place="新华北路", created_at=EVENING)),
        facts.HandoffDrafted(incident=N, handoff=handoff),
        facts.HandoffMoved(incident=N, handoff=handoff.id, act="send", channel="slip"),
        facts.HandoffMoved(incident=N, handoff=handoff.id, act="sign", by="王", on_behalf=True),
        facts.UnitAssigned(incident=N, assignment=order),
        facts.IncidentMoved(incident=N, act="dispatch"),
        facts.AssignmentMoved(incident=N, assignment=order.id, act="sign", implied=True, on_behalf=True),
    ]
    return [fact(body, seq, f"act{seq}", seq) for seq, body in enumerate(bodies, 1)]


def test_that_the_newest_sentence_comes_first_and_repetition_is_left_out(model: TimelineModel) -> None:
    model.show(story())
    assert texts(model) == [
        "巡05 签收",
        "派警 巡05",
        "消防 签收：王",
        "联动派单 消防（派单纸）",
        "来电建立警情：新华北路",
    ]


def test_that_what_happens_since_is_inserted_once(model: TimelineModel) -> None:
    model.show(story())
    late = fact(facts.NoteAdded(incident=N, text="家属已到"), 8, "act8")
    model.append([*story()[-2:], late])
    model.append([late])
    assert texts(model)[:2] == ["备注：家属已到", "巡05 签收"]
    assert model.rowCount() == 6


def test_that_a_provisional_row_gives_way_to_its_committed_twin(model: TimelineModel) -> None:
    model.show(story())
    spooled = fact(facts.NoteAdded(incident=N, text="断网"), 0, "act9")
    model.append([spooled])
    assert model.index(0).data(RowRole).marks == ("本机暂存",)
    model.append([replace(spooled, seq=8)])
    assert texts(model).count("备注：断网") == 1
    assert model.index(0).data(RowRole).marks == ()


def test_that_marks_tell_what_was_entered_on_behalf_or_implied() -> None:
    told = story()
    assert marks(told[3]) == ("电话代录",)
    assert marks(told[6]) == ("代录", "推定")


def test_that_the_tool_tip_has_the_millisecond_and_the_seat(model: TimelineModel) -> None:
    model.show([fact(facts.NoteAdded(incident=N, text="x"), seconds=0.123)])
    tip = str(model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    assert tip.startswith("14:30:00.123\n031 · 03")


def test_that_a_child_has_no_rows(model: TimelineModel) -> None:
    model.show(story())
    assert model.rowCount(model.index(0)) == 0


SILENT = {
    *("SiteRegistered", "UnitRegistered", "LineChanged", "SignalReceived", "SheetPrinted"),
    *("AccountRegistered", "PasswordChanged", "SignedOn", "SignedOff", "SignOnFailed"),
    *("Exported", "JournalVerified", "Purged", "BackedUp", "Restored"),
    # A handover stands on its own sheet; that a unit was heard stands in its own report; calls in their bar.
    *("HandoverDrawn", "HandoverSigned", "UnitChecked", "CallDescribed", "CallMoved"),
    *(EQUIPMENT.keys() - {"RepairOpened"}),
}
"""Facts that belong to no incident's timeline."""


def test_that_every_fact_of_an_incident_has_a_sentence() -> None:
    assert {name for name, body in BODIES.items() if body not in SENTENCES} == SILENT


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (facts.PriorityChanged(old=3, new=2, reason="有人被困"), "升级：三级 → 二级：有人被困"),
        (facts.PriorityChanged(old=2, new=3, reason="已脱险"), "降级：二级 → 三级：已脱险"),
        (facts.IncidentEdited(new={"place": "钟法路"}, old={"place": ""}), "修改 地点 “钟法路”"),
        (facts.IncidentEdited(new={"lat": 24.5}, old={"lat": None}), "修改定位"),
        (facts.OwnerAsked(by="032"), "032 请求接手"),
        (facts.OwnerChanged(old="031", new="032", reason="席位失联"), "接警人 031 → 032：席位失联"),
        (facts.CalledBack(outcome="satisfied", text="感谢"), "回访：满意；感谢"),
        (facts.AlarmRestored(alarm="a", at=EVENING), "按钮已松开，报警仍锁定"),
        (facts.IncidentMoved(act="return", reason="缺结果"), "退回补充：缺结果"),
        (
            facts.DeadlinePassed(subject="x", rule="handoff_arrive", step=1, due_at=EVENING, owner="fire_rescue"),
            "消防 到场超时（应于 14:30:00）",
        ),
        (
            facts.DeadlinePassed(subject="x", rule="unowned", step=1, due_at=EVENING, owner="desk"),
            "一键报警无人确认（应于 14:30:00），已再次提示本台",
        ),
        (
            facts.DeadlinePassed(subject="x", rule="unowned", step=2, due_at=EVENING, owner="chief"),
            "一键报警无人确认（应于 14:30:00），已报值班长",
        ),
        (facts.AlarmMoved(alarm="a", act="annunciate"), "一键报警已在本席声光提示"),
        (facts.UnitMoved(unit="巡05", status="15", reason="持刀"), "巡05 请求增援：持刀"),
        (facts.UnitMoved(unit="巡05", status="12"), ""),
    ],
)
def test_that_a_fact_reads_as_a_sentence(desk: Desk, body: Body, said: str) -> None:
    assert Teller(desk.reference).tell(fact(body)) == said
