"""The register's form by keys: found, read, corrected, entered anew; an unknown account's alarm gets its site."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.cli.importing import read_sites
from console.domain.alarm import Alarm
from console.domain.equipment_facts import RepairOpened, TestRunEnded, TestRunStarted, TroubleOpened
from console.domain.errors import JournalUnavailable
from console.domain.facts import SiteRegistered
from console.domain.incident import Incident
from console.domain.repair import RepairOrder
from console.domain.site import Signal, Site
from console.domain.state import need
from console.domain.test_run import TestRun
from console.domain.trouble import Trouble, TroubleKind
from console.services.desk import Desk
from resources import ROOT
from tests.support import EVENING, tell
from tests.widgets.incident.scene import keys
from widgets.messages import Messages
from widgets.models.site_rows import Role
from widgets.panels.site_form import SiteForm
from widgets.tasks import Tasks
from widgets.theme import Theme

KEY = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def register_demo(desk: Desk) -> None:
    for row in read_sites(Path(ROOT / "reference" / "demo" / "sites.csv")):
        lists = {name: tuple(row[name]) for name in ("keyholders", "linkage")}
        tell(desk, SiteRegistered(site=Site(**{**row, **lists, "registered_at": EVENING - timedelta(days=80)})))


@pytest.fixture
def tasks(messages: Messages) -> Tasks:
    return Tasks(messages)


@pytest.fixture
def heard() -> list[Signal]:
    return []


@pytest.fixture
def form(qtbot: QtBot, desk: Desk, theme: Theme, tasks: Tasks, heard: list[Signal]) -> Iterator[SiteForm]:
    register_demo(desk)
    made = SiteForm(desk, theme, tasks, lambda site: [s for s in heard if s.account == site.account])
    qtbot.addWidget(made)
    made.resize(1100, 760)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.close_panel()


def key(form: SiteForm, pressed: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(form.focusWidget() or form, pressed, modifier)


def write(widget: QWidget, text: str) -> None:
    """A person selects what stands there and types over it."""
    widget.setFocus()
    QTest.keyClick(widget, KEY.Key_A, CTRL)
    keys(widget, text)


def write_cell(form: SiteForm, table: Any, row: int, column: int, text: str) -> None:
    table.setFocus()
    table.setCurrentCell(row, column)
    QTest.keyClick(table, KEY.Key_F2)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClick(editor, KEY.Key_A, CTRL)
    keys(editor, text)


def on_file(desk: Desk, site: str) -> Site:
    return need(desk.picture.state, Site, site)


# -- looking up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["zzssyxx", "1234", "S001", "shiyanxiaoxue", "钟法路 89"])
async def test_that_a_site_is_found_by_initials_account_number_or_address(
    form: SiteForm, tasks: Tasks, typed: str
) -> None:
    form.open()
    keys(form.search, typed)
    key(form, KEY.Key_Return)
    await tasks.idle()
    assert (form.site, form.title.text()) == ("S001", "漳州市实验小学")


async def test_that_arrows_walk_the_list_and_enter_goes_into_the_record(form: SiteForm, tasks: Tasks) -> None:
    form.open()
    keys(form.search, "小学")
    key(form, KEY.Key_Return)
    key(form, KEY.Key_Down)
    assert form.site == "S002"
    key(form, KEY.Key_Return)
    await tasks.idle()
    assert form.fields.lines["name"].hasFocus()
    assert form.fields.lines["name"].text() == "巷口小学"


async def test_that_nothing_found_is_said(form: SiteForm) -> None:
    form.open()
    keys(form.search, "没有这所学校")
    assert form.list.rows.rowCount() == 0
    assert form.list.nothing == "没有这样的点位"


async def test_that_the_record_says_how_the_site_stands(
    form: SiteForm, desk: Desk, tasks: Tasks, heard: list[Signal]
) -> None:
    cut = Trouble(id="t1", kind=TroubleKind.LINE_CUT, site="S001", zone="003", opened_at=EVENING, last_at=EVENING)
    order = RepairOrder(id="r1", site="S001", cause="fault", text="断线", opened_at=EVENING)
    run = TestRun(id="q1", site="S001", started_at=EVENING)
    tell(desk, TroubleOpened(trouble=cut), RepairOpened(order=order), TestRunStarted(run=run, steps=()))
    tell(desk, TestRunEnded(run="q1", state="PASSED"))
    stamp: dict[str, Any] = {
        "line": "A1",
        "protocol": "surgard",
        "type": "signal",
        "raw_hex": "00",
        "received_at": EVENING,
    }
    heard.append(Signal(ingest_id="s1", account="1234", event_code="120", zone="003", **stamp))
    form.show_site("S001")
    assert form.state.signals.text() == "正在读取…"
    await tasks.idle()
    assert form.state.signals.text() == "11-21 14:30:00 A1 120 防区 003"
    assert form.state.still.text().startswith("防区 003 东门值班室 可能失灵")
    assert form.state.wrong.text() == "⚠ 断线 东门值班室"
    assert form.state.repairs.text() == "设备故障 断线：待派工"
    assert form.state.test.text() == "2026-11-21 合格，应于 2027-02-19 前测试（还有 90 天）"


async def test_that_signals_that_cannot_be_read_are_said_and_nothing_else_suffers(form: SiteForm, tasks: Tasks) -> None:
    def away(_: Site) -> list[Signal]:
        raise JournalUnavailable("数据库没有应答", "检查网络")

    form.last_signals = away
    form.show_site("S001")
    await tasks.idle()
    assert "数据库没有应答" in form.state.signals.text()
    form.last_signals = None
    form.show_site("S002")
    assert form.state.signals.text() == "此窗口读不到信号记录"


# -- correcting ----------------------------------------------------------------------------------------------


async def test_that_a_correction_is_stored_by_one_key_and_says_only_what_was_changed(
    form: SiteForm, desk: Desk, tasks: Tasks, messages: Messages, qtbot: QtBot
) -> None:
    told: list[str] = []
    form.saved.connect(told.append)
    form.show_site("S001")
    before = on_file(desk, "S001")
    write(form.fields.lines["guards"], "5")
    assert form.list.rows.data(form.list.rows.index(0, 0)) == "● 漳州市实验小学"
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert on_file(desk, "S001").guards == 5
    assert on_file(desk, "S001").keyholders == before.keyholders
    assert told == ["S001"]
    assert form.list.rows.data(form.list.rows.index(0, 0)) == "漳州市实验小学"


async def test_that_zones_and_keyholders_are_written_into_small_tables(
    form: SiteForm, desk: Desk, tasks: Tasks
) -> None:
    form.show_site("S001")
    write_cell(form, form.fields.zones, 5, 0, "006")
    write_cell(form, form.fields.zones, 5, 1, "食堂；后厨")
    write_cell(form, form.fields.keyholders, 1, 0, "王 某")
    write_cell(form, form.fields.keyholders, 1, 1, "0596-1234567")
    form.fields.zones.setCurrentCell(0, 0)
    form.fields.zones.setFocus()
    key(form, KEY.Key_Delete)
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    site = on_file(desk, "S001")
    assert form.told.text() == ""
    assert "001" not in site.zones
    assert site.zones["006"] == "食堂、后厨"
    assert site.keyholders[-1] == "王 某 0596-1234567"
    assert form.fields.zones.rowCount() == len(site.zones) + 1


async def test_that_a_mistake_is_said_while_it_is_typed_and_is_not_stored(
    form: SiteForm, desk: Desk, tasks: Tasks
) -> None:
    form.show_site("S001")
    write(form.fields.lines["account"], "12x4")
    assert form.told.text() == "账号：格式不对，应为 3–20 位数字或 A–F"
    assert form.fields.lines["account"].accessibleDescription() == "格式不对，应为 3–20 位数字或 A–F"
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert on_file(desk, "S001").account == "1234"
    write(form.fields.lines["account"], "1235")
    assert not form.told.isVisible()


async def test_that_an_account_that_is_anothers_is_refused_and_what_was_typed_stays(
    form: SiteForm, tasks: Tasks, messages: Messages
) -> None:
    said: list[str] = []
    messages.said.connect(lambda message: said.append(message.text))
    form.show_site("S002")
    write(form.fields.lines["account"], "1234")
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert said == ["账号 1234 已属于漳州市实验小学"]
    assert form.fields.lines["account"].text() == "1234"


async def test_that_what_was_typed_stays_with_its_site_until_it_is_taken_back(form: SiteForm, tasks: Tasks) -> None:
    form.show_site("S001")
    write(form.fields.lines["hours"], "放假")
    form.show_site("S002")
    assert form.fields.lines["hours"].text() != "放假"
    form.show_site("S001")
    assert form.fields.lines["hours"].text() == "放假"
    key(form, KEY.Key_Z, ALT)
    assert form.fields.lines["hours"].text().startswith("周一至周五")
    await tasks.idle()


async def test_that_escape_leaves_and_discards_nothing(form: SiteForm, qtbot: QtBot) -> None:
    form.show_site("S001")
    write(form.fields.lines["hours"], "放假")
    with qtbot.waitSignal(form.left):
        key(form, KEY.Key_Escape)
    assert form.fields.lines["hours"].text() == "放假"


async def test_that_a_record_another_person_changed_is_asked_for_again_and_keeps_his_other_columns(
    form: SiteForm, desk: Desk, tasks: Tasks
) -> None:
    form.show_site("S001")
    write(form.fields.lines["guards"], "5")
    await desk.do("site.register", site={"id": "S001", "hours": "24 小时"})
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert "刚被他人修改" in form.told.text()
    assert on_file(desk, "S001").guards == 3
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert (on_file(desk, "S001").guards, on_file(desk, "S001").hours) == (5, "24 小时")


async def test_that_a_record_nobody_types_in_follows_what_others_do(form: SiteForm, desk: Desk, tasks: Tasks) -> None:
    form.show_site("S001")
    await desk.do("site.register", site={"id": "S001", "hours": "24 小时"})
    await tasks.idle()
    assert form.fields.lines["hours"].text() == "24 小时"


# -- entering ------------------------------------------------------------------------------------------------


async def test_that_a_new_site_gets_the_next_number_and_needs_a_name(form: SiteForm, desk: Desk, tasks: Tasks) -> None:
    form.open()
    key(form, KEY.Key_N, CTRL)
    assert form.fields.lines["name"].hasFocus()
    assert form.fields.lines["id"].text() == "S067"
    keys(form.fields.lines["account"], "77")
    assert "名称" not in form.told.text()
    keys(form.fields.lines["account"], "70")
    key(form, KEY.Key_S, CTRL)
    assert form.told.text() == "名称：必填"
    keys(form.fields.lines["name"], "江滨幼儿园")
    keys(form.fields.lines["kind"], "幼儿园")
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert (on_file(desk, "S067").name, on_file(desk, "S067").kind) == ("江滨幼儿园", "kindergarten")
    assert form.site == "S067"
    assert form.fields.lines["id"].isReadOnly()


async def test_that_a_new_site_never_takes_anothers_number(form: SiteForm, desk: Desk, tasks: Tasks) -> None:
    form.new_site()
    write(form.fields.lines["id"], "S001")
    write(form.fields.lines["name"], "冒名小学")
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert form.told.text() == "编号 S001 已是漳州市实验小学，请换一个编号"
    assert on_file(desk, "S001").name == "漳州市实验小学"


async def press(desk: Desk, event: str = "120") -> dict[str, str]:
    report = {"type": "signal", "raw_hex": "01", "account": "7777", "zone": "003", "event_code": event}
    stamp = {"line": "A1", "protocol": "surgard", "received_at": desk.clock().isoformat()}
    told = {**report, "qualifier": "new", "silent": event == "121"}
    answer: dict[str, str] = await desk.do("intake.receive", ingest_id="p1", report=told, **stamp)
    return answer


async def test_that_an_unknown_accounts_alarm_is_registered_from_what_is_known_of_it(
    form: SiteForm, desk: Desk, tasks: Tasks
) -> None:
    answer = await press(desk)
    form.register_alarm(answer["alarm"])
    assert [form.fields.lines[name].text() for name in ("account", "line")] == ["7777", "A1"]
    keys(form.fields.lines["name"], "江滨小学")
    write_cell(form, form.fields.zones, 0, 1, "门卫室")
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    incident = need(desk.picture.state, Incident, answer["incident"])
    assert need(desk.picture.state, Alarm, answer["alarm"]).site == "S067"
    assert (incident.site, incident.place, incident.place_unknown) == ("S067", "江滨小学 门卫室", "")
    form.register_alarm(answer["alarm"])
    assert form.site == "S067"


async def test_that_the_user_of_a_duress_code_is_offered_as_no_zone(form: SiteForm, desk: Desk) -> None:
    answer = await press(desk, "121")
    form.register_alarm(answer["alarm"])
    assert form.fields.cells()["zones"] == ""


async def test_that_a_place_that_was_asked_for_by_telephone_is_the_address(form: SiteForm, desk: Desk) -> None:
    answer = await press(desk)
    fields = {"place": "江滨路 9 号", "place_unknown": "", "lat": 24.5, "lon": 117.6, "beat": "09"}
    await desk.do("incident.edit", incident=answer["incident"], fields=fields)
    form.register_alarm(answer["alarm"])
    cells = form.fields.cells()
    assert [cells[name] for name in ("address", "lat", "lon", "beat")] == ["江滨路 9 号", "24.5", "117.6", "09"]


# -- reading only --------------------------------------------------------------------------------------------


async def test_that_whoever_may_not_write_reads_it_with_the_reason_and_people_masked(
    form: SiteForm, desk: Desk, tasks: Tasks
) -> None:
    desk.roles = ("call_taker",)
    form.refresh()
    form.show_site("S001")
    assert "须由值班长、技术员、系统管理员操作" in form.reason.text()
    assert not form.save.isEnabled()
    shown = form.fields.cells()
    assert (shown["keyholder"], shown["keyholder_phone"]) == ("校**", "例：0****0001")
    assert shown["keyholders"] == "分** 例：0****0001"
    keys(form.fields.lines["name"], "x")
    key(form, KEY.Key_S, CTRL)
    await tasks.idle()
    assert on_file(desk, "S001").name == "漳州市实验小学"
    desk.roles = ("technician",)
    form.refresh()
    assert form.fields.cells()["keyholder"] == "校安全主任（例）"
    assert form.save.isEnabled()


def test_that_the_list_keeps_to_the_rules_of_models(form: SiteForm, desk: Desk) -> None:
    form.list.rows.rowCount()
    tester = QAbstractItemModelTester(form.list.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for typed in ("小学", "银行", "", "没有", "xx", ""):
        form.search.setText(typed)
        form.search.textEdited.emit(typed)
    assert form.list.rows.rowCount() == 66
    assert form.list.rows.data(form.list.rows.index(0, 0), Role.KEY) == "S001"
    assert tester.model() is form.list.rows
