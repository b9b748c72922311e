"""Repair orders and due tests as panels, by keys; their models keep to the rules."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.equipment_facts import RepairOpened, TestRunEnded, TestRunStarted, TroubleOpened
from console.domain.facts import SiteRegistered
from console.domain.repair import RepairOrder, RepairState
from console.domain.site import Site
from console.domain.state import need
from console.domain.test_run import TestRun
from console.domain.trouble import Trouble, TroubleKind
from console.services.desk import Desk
from tests.support import EVENING, tell
from tests.widgets.incident.scene import keys
from widgets.messages import Messages
from widgets.panels.repairs import RepairsPanel
from widgets.panels.site_due import SiteDuePanel
from widgets.panels.site_rows import RowsView
from widgets.tasks import Tasks
from widgets.theme import Theme

KEY = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
DAY = timedelta(days=1)


@pytest.fixture
def tasks(messages: Messages) -> Tasks:
    return Tasks(messages)


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    for n, name in enumerate(("第一中学", "江滨小学", "丹霞银行"), 1):
        since = EVENING - DAY * (80 + 10 * n)
        site = Site(id=f"S{n}", name=name, account=f"000{n}", guards=n, test_days=90, registered_at=since)
        tell(desk, SiteRegistered(site=site))
    for n in (1, 2):
        tell(desk, opened(n))
    return desk


def opened(n: int) -> RepairOpened:
    at = EVENING - timedelta(hours=5 - n)
    return RepairOpened(order=RepairOrder(id=f"r{n}", site=f"S{n}", cause="fault", text=f"断线{n}", opened_at=at))


@pytest.fixture
def panel(qtbot: QtBot, stocked: Desk, theme: Theme, tasks: Tasks) -> Iterator[RepairsPanel]:
    made = RepairsPanel(stocked, theme, tasks)
    show(qtbot, made)
    yield made
    made.close_panel()


@pytest.fixture
def due(qtbot: QtBot, stocked: Desk, theme: Theme) -> Iterator[SiteDuePanel]:
    made = SiteDuePanel(stocked, theme)
    show(qtbot, made)
    yield made
    made.close_panel()


def show(qtbot: QtBot, panel: RepairsPanel | SiteDuePanel) -> None:
    qtbot.addWidget(panel)
    panel.resize(900, 480)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    panel.take_focus()


def press(key: Qt.Key, more: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert isinstance(focused, QWidget)
    QTest.keyClick(focused, key, more)


def texts(view: RowsView) -> list[list[str]]:
    model = view.rows
    rows, columns = range(model.rowCount()), range(model.columnCount())
    return [[str(model.data(model.index(row, column))) for column in columns] for row in rows]


def order(desk: Desk, key: str) -> RepairOrder:
    return need(desk.picture.state, RepairOrder, key)


# -- repair orders -------------------------------------------------------------------------------------------


async def test_that_an_order_is_given_to_somebody_with_a_date_by_keys(
    panel: RepairsPanel, stocked: Desk, tasks: Tasks
) -> None:
    press(KEY.Key_Down)
    press(KEY.Key_A, ALT)
    assert panel.sheet.fields["due"].text() == "2026-11-24"
    keys(panel.sheet.fields["who"], "林工")
    press(KEY.Key_Return)
    press(KEY.Key_Return)
    await tasks.idle()
    assert (order(stocked, "r2").state, order(stocked, "r2").who) == (RepairState.ASSIGNED, "林工")
    assert texts(panel.list)[0] == ["江滨小学", "设备故障", "断线2", "林工", "11-24", "维修中"]
    assert panel.list.key == "r2", "the cursor went with its row"


async def test_that_an_order_is_finished_with_its_result_and_leaves_the_list(
    panel: RepairsPanel, stocked: Desk, tasks: Tasks
) -> None:
    press(KEY.Key_D, ALT)
    press(KEY.Key_Return)
    press(KEY.Key_Return)
    await tasks.idle()
    assert order(stocked, "r1").open, "a result is needed"
    keys(panel.sheet.fields["result"], "换了按钮")
    keys(panel.sheet.fields["part"], "HB-9")
    panel.sheet.fields["part"].setFocus()
    press(KEY.Key_Return)
    await tasks.idle()
    assert (order(stocked, "r1").state, order(stocked, "r1").part) == (RepairState.DONE, "HB-9")
    assert [row[0] for row in texts(panel.list)] == ["江滨小学"]
    panel.ended.click()
    assert [row[-1] for row in texts(panel.list)] == ["待派工", "已修复"]


async def test_that_an_order_is_cancelled_with_a_reason(panel: RepairsPanel, stocked: Desk, tasks: Tasks) -> None:
    press(KEY.Key_X, ALT)
    keys(panel.sheet.fields["reason"], "误报修")
    press(KEY.Key_Return)
    await tasks.idle()
    assert (order(stocked, "r1").state, order(stocked, "r1").result) == (RepairState.CANCELLED, "误报修")


async def test_that_a_person_reports_a_site_found_by_its_initials(
    panel: RepairsPanel, stocked: Desk, tasks: Tasks
) -> None:
    press(KEY.Key_R, ALT)
    keys(panel.sheet.fields["site"], "dxyh")
    press(KEY.Key_Return)
    keys(panel.sheet.fields["text"], "按钮松动")
    panel.sheet.fields["text"].setFocus()
    press(KEY.Key_Return)
    await tasks.idle()
    assert ["丹霞银行", "人工报修", "按钮松动", "—", "—", "待派工"] in texts(panel.list)


async def test_that_what_still_protects_follows_the_site(panel: RepairsPanel, stocked: Desk) -> None:
    assert panel.still.text() == "目前仍在保护：报警按钮仍可用；保安 1 人"
    lost = Trouble(id="t1", kind=TroubleKind.COMM_LOST, site="S1", opened_at=EVENING, last_at=EVENING)
    tell(stocked, TroubleOpened(trouble=lost))
    assert "主机信号可能到不了本台" in panel.still.text()


async def test_that_a_late_order_says_so_in_words_and_comes_first(
    panel: RepairsPanel, stocked: Desk, clock: ManualClock
) -> None:
    await stocked.do("repair.assign", order="r2", who="林工", due="2026-11-22")
    clock.advance(DAY.total_seconds() * 2)
    panel.refresh()
    assert panel.title.text() == "维修单 2 张，逾期 1 张"
    assert texts(panel.list)[0][-1] == "✕ 逾期 维修中"


async def test_that_who_may_not_is_told_why_and_no_key_acts(panel: RepairsPanel, stocked: Desk, tasks: Tasks) -> None:
    stocked.roles = ("chief",)
    panel.refresh()
    assert [b.isEnabled() for b in (panel.assign, panel.finish, panel.cancel, panel.report)] == [
        True,
        False,
        True,
        True,
    ]
    assert "技术员" in panel.finish.toolTip()
    press(KEY.Key_D, ALT)
    assert panel.sheet.isHidden()


async def test_that_enter_shows_the_site_and_escape_leaves(panel: RepairsPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.site_chosen) as chosen:
        press(KEY.Key_Return)
    assert chosen.args == ["S1"]
    with qtbot.waitSignal(panel.left):
        press(KEY.Key_Escape)
    assert panel.list.key == "r1"


async def test_that_an_order_is_printed_by_key_where_a_printer_is(
    qtbot: QtBot, stocked: Desk, theme: Theme, tasks: Tasks, messages: Messages
) -> None:
    said: list[str] = []
    messages.said.connect(lambda message: said.append(message.text))

    async def page(order: str) -> Path:
        return Path(f"/var/slips/维修单-{order}.pdf")

    panel = RepairsPanel(stocked, theme, tasks, page)
    show(qtbot, panel)
    press(KEY.Key_P, ALT)
    await tasks.idle()
    panel.close_panel()
    assert said == ["已打印维修单 维修单-r1.pdf"]


# -- due tests -----------------------------------------------------------------------------------------------


async def test_that_due_tests_stand_with_the_longest_overdue_first(due: SiteDuePanel) -> None:
    assert due.title.text() == "测试逾期 3 处，两周内到期 0 处"
    assert [(row[0], row[2], row[-1]) for row in texts(due.list)] == [
        ("丹霞银行", "从未", "✕ 逾期 20 天"),
        ("江滨小学", "从未", "✕ 逾期 10 天"),
        ("第一中学", "从未", "✕ 逾期 0 天"),
    ]


async def test_that_a_passed_test_takes_its_site_out_and_the_clock_brings_others(
    due: SiteDuePanel, stocked: Desk, clock: ManualClock
) -> None:
    tell(stocked, TestRunStarted(run=TestRun(id="q", site="S3", started_at=EVENING), steps=()))
    tell(stocked, TestRunEnded(run="q", state="PASSED"))
    assert [row[0] for row in texts(due.list)] == ["江滨小学", "第一中学"]
    clock.advance(DAY.total_seconds() * 80)
    due.refresh()
    assert [row[2:] for row in texts(due.list)][-1] == ["2026-11-21", "2027-02-19", "○ 还有 10 天"]


async def test_that_a_test_is_asked_for_and_a_site_shown_by_key(due: SiteDuePanel, qtbot: QtBot) -> None:
    press(KEY.Key_Down)
    with qtbot.waitSignal(due.test_asked) as asked:
        press(KEY.Key_T, ALT)
    with qtbot.waitSignal(due.site_chosen) as chosen:
        press(KEY.Key_Return)
    assert asked.args == chosen.args == ["S2"]


async def test_that_a_call_taker_begins_no_test(due: SiteDuePanel, stocked: Desk, qtbot: QtBot) -> None:
    stocked.roles = ("call_taker",)
    due.refresh()
    assert not due.test.isEnabled()
    assert "技术员" in due.test.toolTip()
    with qtbot.assertNotEmitted(due.test_asked):
        press(KEY.Key_T, ALT)


# -- models --------------------------------------------------------------------------------------------------


async def test_that_the_models_keep_to_the_rules_while_orders_come_and_go(
    panel: RepairsPanel, due: SiteDuePanel, stocked: Desk, clock: ManualClock
) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(view.rows, mode) for view in (panel.list, due.list)]
    tell(stocked, opened(3))
    await stocked.do("repair.assign", order="r3", who="林工", due="2026-11-22")
    await stocked.do("repair.cancel", order="r1", reason="重复")
    panel.ended.click()
    clock.advance(DAY.total_seconds() * 3)
    for view in (panel, due):
        view.refresh()
    assert [row[0] for row in texts(panel.list)] == ["丹霞银行", "江滨小学", "第一中学"]
    assert all(tester.model() is not None for tester in testers)
