"""What the timeline says of holds, marks, links and stacks, and of what climbed."""

from datetime import timedelta

import pytest

from console.domain import desk_facts as facts
from console.domain.body import Body
from console.domain.facts import DeadlinePassed, Fact
from console.domain.link import IncidentLink, StackedJob
from console.services.reference import load
from console.services.telling import Teller
from tests.support import EVENING

LATER = EVENING + timedelta(hours=1)
LINK = IncidentLink(id="A~B", incident="A", other="B", kind="child", reason="同一起火灾", linked_by="031", at=EVENING)
JOB = StackedJob(id="巡05>A", unit="巡05", incident="A", place=2, stacked_by="031", at=EVENING)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (facts.IncidentHeld(kind="held", until=LATER, reason="等物业"), "暂缓至 11-21 15:30：等物业"),
        (facts.IncidentHeld(kind="scheduled", until=LATER), "预约至 11-21 15:30"),
        (facts.IncidentWoken(why="time"), "到时唤醒，时限重新计"),
        (facts.IncidentWoken(why="person"), "唤醒，时限重新计"),
        (facts.IncidentMarked(mark="silent"), "标为无声来电"),
        (facts.IncidentMarked(mark="", reason="有人说话"), "撤销来电标记：有人说话"),
        (facts.CallBackTried(outcome="unreached", text="关机"), "回拨：未接通；关机"),
        (facts.LateSeen(), "已知晓超时"),
        (facts.IncidentLinked(incident="A", link=LINK), "关联子警情 B：同一起火灾"),
        (facts.IncidentUnlinked(incident="A", link="A~B"), "取消关联 B"),
        (facts.IncidentUnlinked(incident="B", link="A~B", reason="两回事"), "取消关联 A：两回事"),
        (facts.JobStacked(job=JOB), "叠放给 巡05，第 2 件"),
        (facts.StackEnded(job="巡05>A", why="dispatched"), "巡05 的叠放结束：已派警"),
        (
            DeadlinePassed(subject="x", rule="dispatch", step=2, due_at=EVENING, owner="desk", looks="04"),
            "本台 派警超时（应于 14:30:00），已提示邻席 04",
        ),
        (
            DeadlinePassed(subject="x", rule="arrive", step=3, due_at=EVENING, owner="巡05", looks="chief"),
            "巡05 到场超时（应于 14:30:00），已提示值班长",
        ),
        (
            DeadlinePassed(subject="x", rule="depart", step=2, due_at=EVENING, owner="巡05"),
            "巡05 出警超时（应于 14:30:00），已提示各席",
        ),
    ],
)
def test_that_the_timeline_says_what_waits_and_what_climbed(body: Body, said: str) -> None:
    fact = Fact(seq=1, at=EVENING, actor="031", seat="03", body=body)
    assert Teller(load()).tell(fact) == said
