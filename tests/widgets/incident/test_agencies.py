"""Agency buttons: the suggested ones by key, sent once, then a clock that says in words what is late."""

from datetime import datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

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
    bench.clock.advance(1)  # the keys have stood still
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
    bench.clock.advance(1)  # the keys have stood still
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


@pytest.mark.parametrize(
    ("local", "there"),
    [
        ("2026-11-20T14:00", True),
        ("2026-11-20T17:59", True),
        ("2026-11-20T18:00", False),
        ("2026-11-20T07:59", False),
        ("2026-11-22T14:00", False),
    ],
)
async def test_that_an_office_out_of_hours_says_so_and_comes_after_those_on_duty(
    bench: Bench, local: str, there: bool
) -> None:
    bench.clock.advance((datetime.fromisoformat(f"{local}+08:00") - bench.clock()).total_seconds())
    await bench.choose(school(bench.desk))
    level = button(bench, "education").row.level
    assert ("非工作时间" in level) is not there
    keys_of = bench.panel.suggested()
    assert (keys_of.index("education") < keys_of.index("ems_120")) is there


async def test_that_a_closed_incident_offers_no_agency(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.desk.actor = "040"
    await bench.desk.do("incident.invalidate", incident=GAS, reason="误报")
    await bench.settle()
    assert bench.panel.incident is not None
    assert not bench.panel.incident.open
    assert bench.panel.suggested() == ()
    assert [b.row for b in bench.panel.agencies.buttons if b.row.suggested] == []


@pytest.mark.parametrize("height", [590, 900])
async def test_that_caller_next_step_and_judgement_are_seen_without_scrolling(bench: Bench, height: int) -> None:
    number = school(bench.desk)
    await bench.choose(gas(bench.desk))
    panel = bench.panel
    panel.resize(386, height)
    panel.show()
    for _ in range(3):
        QApplication.processEvents()
    low = height < 600
    # In a low window the question to ask next has the room; the basis of the routing is scrolled to.
    for piece in (panel.form.phone, panel.form.caller, *(() if low else (panel.card.title,))):
        assert piece.visibleRegion().boundingRect().height() == piece.height()
    assert not (panel.cards["questions"].body if low else panel.card.basis).visibleRegion().isEmpty()
    await bench.choose(number)
    QApplication.processEvents()
    offered = {b.text(): b for b in panel.closing.findChildren(QPushButton) if b.isVisible()}
    for text in ("判属实", "判误报", "处结"):
        assert offered[text].visibleRegion().boundingRect().size() == offered[text].size(), text
    assert not panel.alarm.visibleRegion().isEmpty()
