"""Slips and sheets carry what a person needs to go on with pencil and telephone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from console.domain.errors import EnvironmentFault
from console.domain.facts import UnitRegistered
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.state import need
from console.domain.unit import Unit, UnitStatus
from console.paper.sheet import SheetContext, print_sheet
from console.paper.slip import SlipContext, print_slip
from console.services.desk import Desk
from console.services.printing import CURRENT_SHEET, FONTS, Printing
from tests.support import EVENING, make_desk, tell
from tests.widgets.incident.scene import bank


def words(file: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(file).pages).replace("\n", "")


async def gas_leak(desk: Desk) -> tuple[str, str]:
    number = await desk.do(
        "incident.open",
        kind="050302",
        title="燃气泄漏",
        place="新华北路钟法路口",
        phone="13800000190",
        narrative="楼道闻到浓烈煤气味，三楼有老人未下楼 <b>&</b> 喆",
        lat=24.5133,
        lon=117.6556,
        beat="05",
        route="B",
        priority=2,
    )
    return number, await desk.send_handoff(number, "gas_supply")


async def test_that_a_slip_names_number_place_duty_basis_with_jurisdiction_and_the_promise(tmp_path: Path) -> None:
    desk = make_desk()
    number, handoff = await gas_leak(desk)
    file = await Printing(desk, tmp_path).slip(handoff)
    said = words(file)
    for expected in (number, "新华北路钟法路口", "参照（潢川县 2021）", "30 分钟内到场", "15:00 前", "<b>&</b> 喆"):
        assert expected in said
    assert desk.reference.duties[need(desk.picture.state, Handoff, handoff).duty].zh[:12] in said
    assert [fact.name for fact in desk.journal.read() if fact.name == "SlipPrinted"] == ["SlipPrinted"]


async def test_that_a_repair_order_says_what_is_wrong_and_what_protects_and_names_no_person(tmp_path: Path) -> None:
    desk = make_desk()
    people = {"keyholder": "王建国", "keyholder_phone": "13812345678", "guards": 2, "guard_phone": "13912345678"}
    await desk.do("site.register", site={"id": "S1", "name": "第一中学", "account": "1234", **people})
    order = await desk.do("repair.open", site="S1", cause="manual", text="门卫室按钮 <b>松动</b>")
    await desk.do("repair.assign", order=order, who="林工", due="2026-11-25")
    file = await Printing(desk, tmp_path).repair(order)
    said = words(file)
    for expected in (
        "第一中学（S1）",
        "账号 1234",
        "人工报修：门卫室按钮 <b>松动</b>",
        "林工",
        "2026-11-25",
        "保安 2 人",
    ):
        assert expected in said
    assert not any(person in said for person in ("王建国", "13812345678", "13912345678"))
    assert len(PdfReader(file).pages) == 1


async def test_that_a_slip_outside_the_urban_area_promises_no_minutes(tmp_path: Path) -> None:
    desk = make_desk()
    number, handoff = await gas_leak(desk)
    incident = replace(need(desk.picture.state, Incident, number), urban=False)
    promise = replace(need(desk.picture.state, Handoff, handoff), arrive_s=None)
    context = SlipContext(desk="局", actor="031", seat="03", printed_at=EVENING)
    said = words(print_slip(tmp_path / "s.pdf", incident, promise, desk.reference, context, FONTS))
    assert "城区外请尽快到场" in said
    assert "分钟内到场" not in said
    assert "13800000190" not in said


async def test_that_the_sheet_lists_open_incidents_units_and_late_promises(tmp_path: Path) -> None:
    desk = make_desk()
    number, _ = await gas_leak(desk)
    tell(
        desk,
        UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING, phone="例：000-05")),
        UnitRegistered(unit=Unit(id="巡06", status_since=EVENING)),
    )
    desk.clock.advance(40 * 60)  # type: ignore[attr-defined]
    file = await Printing(desk, tmp_path, read_head=lambda: "第 12 条 abcdef").sheet()
    said = words(file)
    for expected in (
        number.rpartition("-")[2],
        "新华北路钟法路口",
        "13800000190",
        "巡05",
        "例：000-05",
        "逾10分",
        "abcdef",
    ):
        assert expected in said
    assert "巡06" not in said


async def test_that_the_sheet_says_until_when_and_why_an_incident_is_held(tmp_path: Path) -> None:
    desk = make_desk()
    number, _ = await gas_leak(desk)
    until = (desk.clock() + timedelta(minutes=30)).isoformat()
    held = str(await desk.do("incident.open", kind="0201", place="东门", priority=3))
    await desk.do("incident.hold", incident=held, until=until, reason="等物业回电")
    said = words(await Printing(desk, tmp_path).sheet())
    assert number.rpartition("-")[2] in said
    assert "暂缓至" in said
    assert "等物业回电" in said


async def test_that_an_empty_desk_prints_a_sheet_that_says_so(tmp_path: Path) -> None:
    context = SheetContext(desk="局", actor="031", seat="03", now=EVENING + timedelta(hours=1))
    file = print_sheet(tmp_path / "x.pdf", [], [], make_desk().reference, context, FONTS)
    assert "没有在办警情" in words(file)


async def test_that_the_minutes_copy_replaces_itself_and_leaves_no_half_file(tmp_path: Path) -> None:
    desk = make_desk()
    printing = Printing(desk, tmp_path)
    await gas_leak(desk)
    await printing.refresh_sheet()
    await printing.refresh_sheet()
    assert [file.name for file in tmp_path.iterdir()] == [CURRENT_SHEET]
    assert not [fact for fact in desk.journal.read() if fact.name == "SheetPrinted"]


async def test_that_a_disk_that_refuses_is_said_in_words_and_journals_nothing(tmp_path: Path) -> None:
    desk = make_desk()
    (tmp_path / "file").write_text("a file where the folder should be")
    with pytest.raises(EnvironmentFault, match="请检查磁盘空间"):
        await Printing(desk, tmp_path / "file" / "slips").sheet()
    assert not [fact for fact in desk.journal.read() if fact.name == "SheetPrinted"]


async def test_that_the_sheet_warns_of_a_silent_alarm_and_names_its_button(tmp_path: Path) -> None:
    desk = make_desk()
    bank(desk)
    said = words(await Printing(desk, tmp_path).sheet()).replace(" ", "")
    for expected in (
        "静默报警：不得回拨现场",
        "一号柜台",
        "防区001",
        "账号2001",
        "未复位（已确认）",
        "郑保卫13800000002",
    ):
        assert expected in said
    assert "回拨0596" not in said


async def test_that_every_page_says_how_many_there_are(tmp_path: Path) -> None:
    desk = make_desk()
    for place in range(40):
        await desk.do("incident.open", kind="050302", place=f"丹霞路 {place} 号", narrative="煤气味", priority=2)
    pages = PdfReader(await Printing(desk, tmp_path).sheet()).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        said = page.extract_text()
        assert said.count(f"第 {number} 页，共 {len(pages)} 页") == 1
        assert said.count("页，共") == 1


async def test_that_a_slip_says_which_number_to_ring(tmp_path: Path) -> None:
    desk = make_desk()
    _, handoff = await gas_leak(desk)
    said = words(await Printing(desk, tmp_path, desk_phone="0596-1110000").slip(handoff))
    assert "请电话 0596-1110000，找 03 席" in said
