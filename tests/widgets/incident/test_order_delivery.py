"""The orders box says how far an order has come, offers the radio, shows who is primary, also after he cleared."""

from console.domain.assignment import Assignment
from console.domain.desk_facts import OrderTold
from console.domain.facts import UnitRegistered
from console.domain.unit import Unit, UnitStatus
from tests.support import tell
from tests.widgets.incident.scene import GAS, Bench, gas, units
from widgets.panels.orders import LEAD


async def sent(bench: Bench, terminal: str = "000000000005") -> Assignment:
    gas(bench.desk)
    made = Unit(id="巡05", terminal=terminal, status=UnitStatus.AVAILABLE, status_since=bench.clock())
    units(bench.desk)
    tell(bench.desk, UnitRegistered(unit=made))
    await bench.choose(GAS)
    await bench.desk.do("unit.assign", unit="巡05", incident=GAS)
    return bench.desk.picture.orders(GAS)[0]


def line(bench: Bench, order: Assignment) -> str:
    return str(bench.panel.orders._rows[order.id]._delivery.text.text())


async def told(bench: Bench, order: Assignment, state: str) -> str:
    bench.clock.advance(1)
    tell(bench.desk, OrderTold(incident=GAS, assignment=order.id, state=state, channel="terminal"))
    await bench.settle()
    return line(bench, order)


async def test_that_the_way_of_an_order_is_told_in_words_until_it_is_signed(bench: Bench) -> None:
    order = await sent(bench)
    assert line(bench, order) == "→ 正在下达 · 车载终端"
    assert await told(bench, order, "sent") == "→ 已发出，等待回执 · 车载终端"
    assert await told(bench, order, "undelivered") == "⚠ 未送达 · 请用电台通知"
    assert await told(bench, order, "delivered") == "✓ 已送达 14:30:03 · 车载终端"
    await bench.desk.do("unit.report", unit="巡05", step="sign")
    assert bench.panel.orders._rows[order.id]._delivery.isHidden()


async def test_that_one_press_notes_the_radio_and_the_key_goes(bench: Bench) -> None:
    order = await sent(bench, terminal="")
    delivery = bench.panel.orders._rows[order.id]._delivery
    assert delivery.text.text() == "没有终端和手机 · 请用电台通知"
    delivery.by_radio.click()
    await bench.settle()
    assert bench.desk.picture.orders(GAS)[0].delivery == "radio"
    assert delivery.by_radio.isHidden()


async def test_that_the_primary_unit_is_changed_by_a_press(bench: Bench) -> None:
    first = await sent(bench)
    await bench.desk.do("unit.assign", unit="巡06", incident=GAS)
    second = bench.desk.picture.orders(GAS)[1]
    assert bench.panel.orders._rows[first.id]._buttons[LEAD].isHidden()
    bench.panel.orders._rows[second.id]._buttons[LEAD].click()
    await bench.settle()
    assert [order.unit for order in bench.desk.picture.orders(GAS) if order.lead] == ["巡06"]


async def test_that_a_row_that_served_another_order_acts_for_its_own_unit(bench: Bench) -> None:
    first = await sent(bench)
    row = bench.panel.orders._rows[first.id]
    other = await bench.desk.do("incident.open", kind="010401", place="丹霞路", priority=2)
    await bench.desk.do("unit.assign", unit="巡06", incident=other)
    await bench.choose(other)
    (second,) = bench.desk.picture.orders(other)
    assert bench.panel.orders._rows == {second.id: row}
    assert row._buttons["sign"].accessibleName() == "巡06 代录 签收"
    row._buttons["sign"].click()
    await bench.settle()
    assert bench.desk.picture.orders(GAS)[0].t_sign is None
    assert bench.desk.picture.orders(other)[0].t_sign is not None


async def test_that_rows_which_serve_again_stand_in_the_order_tab_goes_through_them(bench: Bench) -> None:
    await sent(bench)
    await bench.desk.do("unit.assign", unit="巡06", incident=GAS)
    await bench.settle()
    rows = list(bench.panel.orders._rows.values())
    other = await bench.desk.do("incident.open", kind="010401", place="丹霞路", priority=2)
    for unit in ("巡07", "巡08"):
        made = Unit(id=unit, status=UnitStatus.AVAILABLE, status_since=bench.clock())
        tell(bench.desk, UnitRegistered(unit=made))
        await bench.desk.do("unit.assign", unit=unit, incident=other)
    await bench.choose(other)
    assert list(bench.panel.orders._rows.values()) == rows
