"""What the strip said of an alarm stands in the column after it left the strip: spot, button, warning, number."""

from PySide6.QtCore import Qt

from console.domain.equipment_facts import TroubleOpened
from console.domain.facts import SiteRegistered, UnitRegistered
from console.domain.site import Site
from console.domain.trouble import Trouble, TroubleKind
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from tests.support import EVENING, tell
from tests.widgets.incident.scene import Bench, bank, gas, press, school
from widgets.panels.alarm_card import unwell_text


async def test_that_a_silent_alarm_warns_in_the_head_until_it_is_over(bench: Bench) -> None:
    number = bank(bench.desk)
    await bench.choose(number)
    panel = bench.panel
    assert panel.silent.isVisible()
    assert panel.silent.text == "静默报警：不得回拨现场"
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Escape):
        press(panel.form.place, key)
    assert not panel.middle.isAncestorOf(panel.silent), "it never scrolls away"
    await bench.choose(gas(bench.desk))
    assert panel.silent.isHidden()
    assert panel.alarm.isHidden()


async def test_that_spot_zone_account_and_numbers_stand_in_the_column(bench: Bench) -> None:
    await bench.choose(bank(bench.desk))
    said = bench.panel.alarm.text.text()
    for expected in (
        "一号柜台",
        "防区 001",
        "账号 2001",
        "122",
        "未复位（已确认）",
        "不得打柜台",
        "郑保卫 13800000002",
    ):
        assert expected in said
    assert "大同路 154 号" in said


async def test_that_the_number_to_ring_back_names_its_place_and_goes_with_the_reset(bench: Bench) -> None:
    number = school(bench.desk)
    await bench.choose(number)
    said = bench.panel.alarm.text.text()
    assert "东门值班室 · 防区 003 · 账号 1234" in said
    assert "回拨核实 未登记号码" in said
    await bench.desk.do("alarm.judge", alarm="alarm-1", verdict="judge_false", reason="误碰")
    await bench.desk.do("alarm.reset", alarm="alarm-1")
    assert bench.panel.alarm.isHidden()


def test_that_the_card_says_what_of_the_panel_is_not_well_and_what_still_protects(desk: Desk) -> None:
    site = Site(id="S1", name="第一中学", account="1234", beat="05", zones={"001": "校长室", "002": "门卫室"}, guards=3)
    unit = Unit(id="巡05", beat="05", status=UnitStatus.AVAILABLE, status_since=EVENING)
    tell(desk, SiteRegistered(site=site), UnitRegistered(unit=unit))
    assert unwell_text(desk.picture, "S1") == ""
    cut = Trouble(id="t", kind=TroubleKind.LINE_CUT, site="S1", zone="002", opened_at=EVENING, last_at=EVENING)
    tell(desk, TroubleOpened(trouble=cut))
    said = "⚠ 设备异常 断线 · 仍在保护：防区 002 门卫室 可能失灵，001 校长室仍可报警；保安 3 人"
    assert unwell_text(desk.picture, "S1") == said
    assert unwell_text(desk.picture, "") == ""
