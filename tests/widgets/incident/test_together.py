"""The card of what waits and belongs together: it says what, until when, how often; its chips ask for the commands."""

from collections import Counter
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from console.domain.facts import IncidentOpened, UnitRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.unit import Unit, UnitStatus
from tests.support import EVENING, tell
from tests.widgets.incident.scene import GAS, Bench, gas
from widgets.panels.card import Show
from widgets.panels.together import TogetherCard

OTHER = "ZZ20261121-0191"


class Placed:
    """The card in the column, and what it asked for."""

    def __init__(self, bench: Bench) -> None:
        self.asked: list[str] = []
        self.card = TogetherCard(
            bench.desk, bench.theme, bench.selection, bench.tasks, lambda _: Counter(silent=3, prank=1)
        )
        self.card.wanted.connect(lambda what: self.asked.append(str(what)))
        gas(bench.desk)
        other = Incident(number=OTHER, title="打架斗殴", state=IncidentState.INTAKE, created_at=EVENING, owner="031")
        tell(bench.desk, IncidentOpened(incident=OTHER, record=other))
        bench.panel.plug("links", self.card)

    def chips(self) -> list[str]:
        return [key for key, chip in self.card.chips.items() if not chip.isHidden()]


@pytest.fixture
async def placed(bench: Bench) -> Placed:
    made = Placed(bench)
    await bench.choose(GAS)
    return made


async def test_that_an_incident_that_waits_for_nothing_is_one_line_with_its_chips(placed: Placed) -> None:
    assert placed.card._wanted is Show.LINE
    assert placed.card.summary == "无"
    assert placed.chips() == [
        *("incident.hold", "incident.schedule", "incident.link", "unit.stack"),
        *("incident.silent", "incident.prank", "incident.dropped"),
    ]
    placed.card.chips["incident.hold"].click()
    assert placed.asked == ["incident.hold"]


async def test_that_a_held_incident_says_until_when_why_and_how_long_still(bench: Bench, placed: Placed) -> None:
    until = bench.clock() + timedelta(minutes=30)
    await bench.desk.do("incident.hold", incident=GAS, until=until.isoformat(), reason="等物业")
    await bench.beat(60)
    assert placed.card._wanted is Show.OPEN
    assert placed.card.text.text() == "暂缓至 15:00 · 还剩 29:00 · 等物业"
    assert "incident.wake" in placed.chips()
    assert "incident.hold" not in placed.chips()


async def test_that_a_silent_call_shows_its_clock_its_tries_and_the_numbers_history(
    bench: Bench, placed: Placed
) -> None:
    await bench.desk.do("incident.mark", incident=GAS, mark="silent")
    await bench.settle()
    await bench.beat(20)
    assert placed.card.text.text() == "无声来电 · 已回拨 0 次 · 还须 2 次 · 剩 01:40 · 此号码共：无声 3、骚扰 1"
    for _ in range(2):
        await bench.desk.do("incident.call_back_tried", incident=GAS, outcome="unreached")
    assert "未接通而地点明确：请派警核实" in placed.card.text.text()
    assert {"incident.reached", "incident.unmark"} <= set(placed.chips())


async def test_that_a_linked_incident_is_told_on_both_opened_by_key_and_unlinked(bench: Bench, placed: Placed) -> None:
    await bench.desk.do("incident.link", incident=GAS, other=OTHER, kind="child")
    opens, ends = placed.card.links.findChildren(QPushButton)
    assert opens.text() == "子警情 0191 打架斗殴 接警中"
    ends.click()
    assert placed.asked == [f"取消关联 {OTHER}"]
    opens.setFocus()
    QTest.keyClick(opens, Qt.Key.Key_Space)
    await bench.settle()
    assert bench.selection.incident == OTHER
    assert placed.card.summary == "主警情 0190 燃气泄漏 接警中"
    await bench.desk.do("incident.unlink", incident=OTHER, other=GAS)
    assert placed.card.summary == "无"


async def test_that_a_hidden_incident_is_not_told_by_its_link(bench: Bench, placed: Placed) -> None:
    await bench.desk.do("incident.link", incident=GAS, other=OTHER)
    await bench.desk.do("incident.confidential", incident=OTHER, confidential=True, reason="涉未成年人")
    bench.desk.actor, bench.desk.roles = "044", ("call_taker",)
    await bench.beat()
    assert "0191" not in placed.card.summary


async def test_that_a_stacked_incident_says_whose_next_job_it_is(bench: Bench, placed: Placed) -> None:
    busy = Unit(id="巡05", status=UnitStatus.VEHICLE_PATROL, status_since=EVENING)
    tell(bench.desk, UnitRegistered(unit=busy))
    await bench.desk.do("unit.assign", unit="巡05", incident=OTHER)
    await bench.desk.do("unit.stack", unit="巡05", incident=GAS)
    assert placed.card.text.text() == "叠放给 巡05，第 1 件，共 1 件"


async def test_that_whoever_only_reads_gets_no_chips(bench: Bench, placed: Placed) -> None:
    placed.card.show_incident(bench.panel.incident, workable=False)
    assert placed.chips() == []
