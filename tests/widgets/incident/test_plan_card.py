"""The plan's card: proposed and ticked, toggled by keys, sent by one Enter, still while it has the keys."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget

from console.domain.assignment import Assignment
from console.domain.facts import UnitMoved, UnitRegistered
from console.domain.unit import Position, Unit, UnitStatus
from tests.support import tell
from tests.widgets.held import repeat
from tests.widgets.incident.scene import GAS, Bench, gas, press
from tests.widgets.later import a_moment_later
from widgets.advice import Advice
from widgets.panels.card import Show
from widgets.panels.plan import PlanCard

LAT, LON = 24.515, 117.655


def patrol(bench: Bench, name: str, metres: float, **more: object) -> None:
    known = {"type": "处警巡逻", "status": UnitStatus.AVAILABLE, **more}
    tell(bench.desk, UnitRegistered(unit=Unit(id=name, status_since=bench.clock(), **known)))  # type: ignore[arg-type]
    at = bench.clock() - timedelta(seconds=3)
    bench.desk.picture.move([Position(unit=name, lat=LAT + metres / 111195.08, lon=LON, at=at)])


@pytest.fixture
def card(bench: Bench, queue: QListWidget) -> Iterator[PlanCard]:
    gas(bench.desk)
    patrol(bench, "巡05", 300, beat="05")
    patrol(bench, "巡06", 900, beat="06")
    patrol(bench, "巡07", 1500, beat="07")
    tell(bench.desk, UnitRegistered(unit=Unit(id="交01", type="交警", status_since=bench.clock())))
    advice = Advice(bench.desk)
    made = PlanCard(bench.desk, bench.theme, bench.tasks, advice)
    bench.panel.plug("plan", made)
    made.left.connect(queue.setFocus)
    yield made
    advice.close()


def orders(bench: Bench) -> list[Assignment]:
    return bench.desk.picture.orders(GAS)


async def test_that_the_closed_card_names_the_plan_and_who_would_go(bench: Bench, card: PlanCard) -> None:
    await bench.choose(GAS)
    assert (card.shown, card.summary) == (Show.LINE, "Ctrl+D · …")
    a_moment_later()
    assert card.shown is Show.LINE
    assert "二级" not in card.summary
    assert card.summary == "Ctrl+D · 一般警情（通用） · 第1梯次 · 巡05"


async def test_that_one_enter_sends_the_ticked_in_one_act(bench: Bench, card: PlanCard, queue: QListWidget) -> None:
    await bench.choose(GAS)
    await bench.desk.do("incident.priority", incident=GAS, priority=1, reason="有人被困")
    card.show_plan(GAS, 0)
    assert card.shown is Show.OPEN
    assert [row.unit for row in card.rows] == ["巡05", "巡06", ""]
    assert card.ticked == ("巡05", "巡06")
    assert card.rows[2].head.text() == "— 3 交警 · ⚠ 没有可派的交警"
    assert "消防" in card.notes.text()
    before = len(bench.journal.done)
    press(card.list, Qt.Key.Key_Return)
    await bench.settle()
    assert [order.unit for order in orders(bench)] == ["巡05", "巡06"]
    assert len(bench.journal.done) == before + 1
    assert not bench.desk.picture.handoffs(GAS)
    assert queue.hasFocus()


async def test_that_the_enter_still_held_from_the_typed_line_sends_nobody(bench: Bench, card: PlanCard) -> None:
    await bench.choose(GAS)
    card.show_plan(GAS, 0)
    repeat(card.list, Qt.Key.Key_Return)
    await bench.settle()
    assert orders(bench) == []


async def test_that_space_digits_and_arrows_tick_and_what_it_costs_is_said(bench: Bench, card: PlanCard) -> None:
    await bench.choose(GAS)
    await bench.desk.do("incident.priority", incident=GAS, priority=1, reason="有人被困")
    card.show_plan(GAS, 0)
    press(card.list, Qt.Key.Key_2)
    seen = [card.ticked]
    press(card.list, Qt.Key.Key_Up)
    press(card.list, Qt.Key.Key_Space)
    seen.append(card.ticked)
    assert seen == [("巡05",), ()]
    assert not card.send_button.isEnabled()
    press(card.list, Qt.Key.Key_Space)
    press(card.list, Qt.Key.Key_3)
    assert card.ticked == ("巡05",)
    assert "警区05将无可派警组" in card.rows[0].more.text()
    assert "跨警区 06→05" in card.rows[1].more.text()
    press(card.list, Qt.Key.Key_Escape)
    assert not card.list.hasFocus()


async def test_that_nothing_moves_while_it_has_the_keys_and_a_unit_gone_meanwhile_loses_its_tick(
    bench: Bench, card: PlanCard
) -> None:
    await bench.choose(GAS)
    await bench.desk.do("incident.priority", incident=GAS, priority=1, reason="有人被困")
    card.show_plan(GAS, 0)
    rows = list(card.rows)
    patrol(bench, "巡08", 10, beat="05")
    tell(bench.desk, UnitMoved(unit="巡05", status=UnitStatus.ASSIGNED.value, order="ZZ20261121-0188"))
    await bench.desk.do("incident.note", incident=GAS, text="又有来电")
    assert card.rows == rows
    assert card.ticked == ("巡06",)
    assert "刚转为“已派警”" in rows[0].head.text()
    press(card.list, Qt.Key.Key_1)
    assert card.ticked == ("巡06",)


async def test_that_a_unit_another_seat_took_refuses_the_whole_list(bench: Bench, card: PlanCard) -> None:
    await bench.choose(GAS)
    card.show_plan(GAS, 0)
    bench.journal.state.put(
        Unit(id="巡05", type="处警巡逻", status=UnitStatus.EN_ROUTE, status_since=bench.clock(), incident="x")
    )
    press(card.list, Qt.Key.Key_Return)
    await bench.settle()
    assert not orders(bench)


async def test_that_the_next_wave_follows_when_the_first_is_sent(bench: Bench, card: PlanCard) -> None:
    await bench.choose(GAS)
    bench.clock.advance(1)
    await bench.desk.do("unit.assign", unit="巡05", incident=GAS)
    a_moment_later()
    assert card.summary == "Ctrl+D · 一般警情（通用） · 第2梯次 · 巡06"
    assert [row.unit for row in card.rows] == ["巡06", ""]


async def test_that_an_incident_for_an_agency_alone_has_no_plan(bench: Bench, card: PlanCard) -> None:
    await bench.choose(GAS)
    await bench.desk.do("incident.triage", incident=GAS, route="C")
    assert card.shown is Show.HIDDEN
