"""Agency buttons: the suggested ones by key, sent once, then a clock that says in words what is late."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from console.domain.handoff import Handoff, HandoffState
from tests.support import EVENING
from tests.widgets.incident.scene import GAS, Bench, gas, keys, press, school
from widgets.panels.agencies import KEYS, AgencyButton
from widgets.panels.incident_acts import handoff_answers


def button(bench: Bench, agency: str) -> AgencyButton:
    return next(b for b in bench.panel.agencies.buttons if b.row.agency == agency)


def answer(bench: Bench, text: str) -> QPushButton:
    found = [b for b in bench.panel.sheet.findChildren(QPushButton) if b.text() == text]
    assert found, f"{text} is not offered"
    return found[-1]


async def test_that_the_eight_keys_are_the_eight_buttons(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    rows = [b.row for b in bench.panel.agencies.buttons]
    assert tuple(row.key for row in rows) == KEYS
    assert tuple(row.agency for row in rows) == bench.panel.suggested()
    assert rows[0].agency == "gas_supply"
    assert rows[0].below == "建议 · 城区 30 分钟到场"
    assert not {"police", "traffic_police"} & set(bench.panel.suggested())


async def test_that_a_site_s_own_linkage_is_suggested(bench: Bench) -> None:
    await bench.choose(school(bench.desk))
    assert {"education", "ems_120"} <= set(bench.panel.suggested()[:4])
    assert button(bench, "ems_120").row.suggested


@pytest.mark.requirement("Z0-13")
async def test_that_space_on_a_button_sends_and_prints_the_slip(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    press(button(bench, "gas_supply"), Qt.Key.Key_Space)
    await bench.settle()
    (handoff,) = bench.desk.picture.handoffs(GAS)
    assert (handoff.agency, handoff.state, handoff.arrive_s) == ("gas_supply", HandoffState.SENT, 1800)
    assert "参照" in handoff.basis or "依据" in handoff.basis
    assert bench.slips.made == [handoff.id]
    assert bench.names()[-1] == "SlipPrinted"
    assert button(bench, "gas_supply").row.clock == "剩 30:00"


async def test_that_the_clock_runs_and_then_says_what_is_late_and_how_late(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.send("gas_supply")
    await bench.settle()
    await bench.beat(131)
    assert button(bench, "gas_supply").row.clock == "剩 27:49"
    assert button(bench, "gas_supply").row.clock_level == "calm"
    await bench.beat(1200)
    assert button(bench, "gas_supply").row.clock_level == "amber"
    await bench.beat(1800 - 1331 + 190)
    assert button(bench, "gas_supply").row.clock == "到场超时 3分10秒"
    assert "燃气 到场超时 3分10秒" in bench.panel.stages.sentence


async def test_that_a_failed_print_leaves_the_handoff_sent_and_says_what_to_do(bench: Bench) -> None:
    bench.slips.failure = OSError("没有纸")
    await bench.choose(gas(bench.desk))
    bench.panel.send("gas_supply")
    await bench.settle()
    assert bench.desk.picture.handoffs(GAS)[0].state is HandoffState.SENT
    said = bench.tasks.messages.last[-1]
    assert said.level == "error"
    assert "没有纸" in said.text
    assert "电话通知" in said.text


async def test_that_by_phone_the_person_is_asked_and_it_counts_as_delivered(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    press(bench.panel.by_phone, Qt.Key.Key_Space)
    bench.panel.send("fire_rescue")
    sheet = bench.panel.sheet
    assert "电话通知消防" in sheet.title
    press(sheet.fields["by"], Qt.Key.Key_Return)
    assert bench.desk.picture.handoffs(GAS) == []
    keys(sheet.fields["by"], "王队")
    press(sheet.fields["by"], Qt.Key.Key_Return)
    await bench.settle()
    (handoff,) = bench.desk.picture.handoffs(GAS)
    assert (handoff.state, handoff.person, handoff.channel) == (HandoffState.DELIVERED, "王队", "phone")
    assert bench.slips.made == []
    assert "电话代录" in button(bench, "fire_rescue").row.below


async def test_that_a_sent_one_opens_its_acts_and_a_report_is_recorded_on_behalf(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.send("gas_supply")
    await bench.settle()
    press(button(bench, "gas_supply"), Qt.Key.Key_Space)
    sheet = bench.panel.sheet
    assert sheet.title == "0190#1 燃气 · 已发送"
    keys(sheet.fields["by"], "李工")
    press(answer(bench, "到场"), Qt.Key.Key_Space)
    await bench.settle()
    (handoff,) = bench.desk.picture.handoffs(GAS)
    assert (handoff.state, handoff.person, handoff.on_behalf) == (HandoffState.ARRIVED, "李工", True)
    assert sheet.title == ""


@pytest.mark.requirement("Z3-02")
async def test_that_agencies_on_one_incident_each_have_their_own_state_and_clock(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.send("gas_supply")
    bench.panel.send("urban_mgmt")
    await bench.settle()
    await bench.beat(60)
    await bench.desk.do("handoff.report", handoff=f"{GAS}#1", act="arrive", by="李工")
    assert button(bench, "gas_supply").row.below.startswith("14:31:00 已到场")
    assert button(bench, "gas_supply").row.clock == "剩 30:00"
    assert button(bench, "urban_mgmt").row.below.startswith("14:30:00 已发送")
    assert button(bench, "urban_mgmt").row.clock == "剩 29:00"


@pytest.mark.requirement("Z3-57")
def test_that_progress_and_result_can_be_entered_and_only_a_result_can_be_closed() -> None:
    for state in HandoffState:
        answers = {
            a.key: a.needs
            for a in handoff_answers(Handoff(id="x#1", incident="x", agency="a", state=state, t_draft=EVENING))
        }
        assert ("close" in answers) == (state in (HandoffState.RESULT, HandoffState.CALLED_BACK))
        if state is HandoffState.ARRIVED:
            assert answers["result"] == ("text",)
            assert "progress" in answers


async def test_that_refusing_needs_a_person_and_a_reason_and_the_chief_rules(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.send("gas_supply")
    await bench.settle()
    bench.panel.send("gas_supply")
    sheet = bench.panel.sheet
    press(answer(bench, "拒绝"), Qt.Key.Key_Space)
    assert sheet.title != ""
    keys(sheet.fields["by"], "赵")
    keys(sheet.fields["text"], "不属本单位")
    press(answer(bench, "拒绝"), Qt.Key.Key_Space)
    await bench.settle()
    assert bench.desk.picture.handoffs(GAS)[0].state is HandoffState.REFUSED
    assert button(bench, "gas_supply").row.needs_ruling
    bench.panel.send("gas_supply")
    assert {"改派", "责令执行", "撤销"} <= {b.text() for b in sheet.findChildren(QPushButton)}


async def test_that_urging_counts_and_esc_keeps_what_was_typed(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.send("gas_supply")
    await bench.settle()
    bench.panel.send("gas_supply")
    sheet = bench.panel.sheet
    keys(sheet.fields["text"], "家属在等")
    press(sheet.fields["text"], Qt.Key.Key_Escape)
    assert sheet.title == ""
    bench.panel.send("gas_supply")
    assert sheet.fields["text"].text() == "家属在等"
    press(answer(bench, "催办"), Qt.Key.Key_Space)
    await bench.settle()
    assert button(bench, "gas_supply").row.below.endswith("催办 1 次")


async def test_that_any_agency_is_found_by_initials_and_gets_a_button(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.panel.choose_agency()
    field = bench.panel.sheet.fields["agency"]
    keys(field, "气象")
    press(field, Qt.Key.Key_Return)
    press(field, Qt.Key.Key_Return)
    await bench.settle()
    assert [h.agency for h in bench.desk.picture.handoffs(GAS)] == ["meteorology"]
    row = bench.panel.agencies.buttons[-1].row
    assert (row.agency, row.key) == ("meteorology", "")


async def test_that_without_an_incident_it_says_what_to_do_first(bench: Bench) -> None:
    bench.panel.send("fire_rescue")
    bench.panel.choose_agency()
    bench.panel.merge()
    assert [m.level for m in bench.tasks.messages.last] == ["warn", "warn", "warn"]
