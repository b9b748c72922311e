"""The roster pane by hand: keys, mouse, menu, filter, and what it says when there is nothing to show."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.facts import Fact, UnitMoved
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from tests.support import tell
from tests.widgets.evening import GAS, play
from tests.widgets.held import repeat
from tests.widgets.later import a_moment_later
from widgets.advice import Advice
from widgets.delegates.roster import RosterDelegate
from widgets.models.roster import Index, Role
from widgets.models.roster_text import Column, spoken_text
from widgets.models.unit_groups import UnitGroup
from widgets.panels.roster import RosterPanel, legal_statuses
from widgets.selection import Selection
from widgets.theme import Theme
from widgets.tick import Tick


@pytest.fixture
def panel(desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot) -> RosterPanel:
    play(desk)
    return shown(desk, theme, selection, tick, qtbot)


def shown(desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot) -> RosterPanel:
    panel = RosterPanel(desk, theme, selection, tick, Advice(desk))
    qtbot.addWidget(panel)
    panel.resize(915, 320)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def middle_of(panel: RosterPanel, row: int, column: Column = Column.CALL_SIGN) -> QPoint:
    return panel.table.visualRect(panel.filter.index(row, column)).center()


def unit_at(panel: RosterPanel, row: int) -> str:
    return str(panel.filter.index(row, 0).data(Role.ROW).unit.id)


def test_that_enter_asks_to_dispatch_the_current_unit(panel: RosterPanel, selection: Selection, qtbot: QtBot) -> None:
    selection.choose_incident(GAS)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.dispatch_requested) as asked:
        QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert asked.args == [unit_at(panel, panel.table.currentIndex().row())]
    assert selection.unit == asked.args[0]


def test_that_a_held_enter_asks_once(panel: RosterPanel, selection: Selection, qtbot: QtBot) -> None:
    selection.choose_incident(GAS)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    asked: list[str] = []
    panel.dispatch_requested.connect(asked.append)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    repeat(panel.table, Qt.Key.Key_Return)
    repeat(panel.table, Qt.Key.Key_Enter)
    assert asked == [unit_at(panel, panel.table.currentIndex().row())]


def test_that_a_double_click_asks_to_dispatch(panel: RosterPanel, selection: Selection, qtbot: QtBot) -> None:
    selection.choose_incident(GAS)
    at = middle_of(panel, 2)
    with qtbot.waitSignal(panel.dispatch_requested) as asked:
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked.args == [unit_at(panel, 2)]


def test_that_without_an_incident_enter_says_what_is_missing(panel: RosterPanel, qtbot: QtBot) -> None:
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    with qtbot.assertNotEmitted(panel.dispatch_requested):
        QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert "先选中一条警情" in panel._detail.text


def test_that_the_detail_line_gives_the_reasons_of_the_recommended_unit(
    panel: RosterPanel, selection: Selection
) -> None:
    selection.choose_incident(GAS)
    a_moment_later()
    assert panel._detail.text.startswith(f"荐 {unit_at(panel, 0)}：待命 · 本警区")
    selection.choose_unit("巡04")
    assert panel._detail.text == "巡04 为何不派：处置中"


def test_that_the_detail_line_goes_back_to_the_recommended_unit_with_another_incident(
    panel: RosterPanel, selection: Selection
) -> None:
    selection.choose_incident(GAS)
    a_moment_later()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(panel, 3))
    looked_at = unit_at(panel, 3)
    assert panel._detail.text.startswith(f"{looked_at} ")
    selection.choose_incident("ZZ20261121-0194")
    a_moment_later()
    best = next(row.unit.id for row in panel.model.rows() if row.best)
    assert best != looked_at
    assert panel._detail.text.startswith(f"荐 {best}：")
    again = panel.model.row_of(looked_at)
    panel.table.scrollTo(panel.filter.index(again, 0))
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(panel, again))
    assert panel._detail.text.startswith(f"{looked_at} ")


def test_that_the_menu_offers_the_legal_statuses_and_asks_for_one(
    panel: RosterPanel, selection: Selection, desk: Desk, qtbot: QtBot
) -> None:
    selection.choose_incident(GAS)
    unit = desk.picture.state.get(Unit, "巡05")
    assert unit is not None
    menu = panel.status_menu(unit)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[0] == "派 巡05 到选中警情"
    assert {"车巡", "步巡", "亮灯停靠", "未上岗", "装备故障"} <= set(words)
    assert not {"已派警", "处结返回", "待命"} & set(words)
    foot = next(action for action in menu.actions() if action.text() == "步巡")
    with qtbot.waitSignal(panel.status_requested) as asked:
        foot.trigger()
    assert asked.args == ["巡05", "03"]


def test_that_the_context_menu_is_that_of_the_row_or_else_of_the_current_one(panel: RosterPanel) -> None:
    panel.table.selectRow(3)
    for at, row in ((middle_of(panel, 1), 1), (QPoint(5, 5000), 3)):
        menu = panel.menu_at(at)
        assert menu is not None
        assert menu.accessibleName() == f"{unit_at(panel, row)} 状态"


def test_that_a_lost_unit_may_return_to_where_it_was(desk: Desk) -> None:
    play(desk)
    tell(desk, UnitMoved(unit="巡05", status=UnitStatus.LOST.value))
    unit = desk.picture.state.get(Unit, "巡05")
    assert unit is not None
    assert UnitStatus.AVAILABLE in legal_statuses(unit)


def test_that_a_click_on_a_count_filters_and_the_count_follows(panel: RosterPanel, desk: Desk) -> None:
    chip = panel._chips[UnitGroup.ON_SCENE]
    assert chip.text() == "到场 4"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert panel.filter.rowCount() == 4
    tell(desk, UnitMoved(unit="巡02", status=UnitStatus.ON_SCENE.value))
    a_moment_later()
    assert chip.text() == "到场 5"
    assert panel.filter.rowCount() == 5
    QTest.mouseClick(panel._chips[None], Qt.MouseButton.LeftButton)
    assert panel.filter.rowCount() == 31


def test_that_an_empty_group_says_how_to_see_all(panel: RosterPanel, desk: Desk) -> None:
    QTest.mouseClick(panel._chips[UnitGroup.BUSY], Qt.MouseButton.LeftButton)
    assert not panel._empty.isVisible()
    tell(desk, UnitMoved(unit="巡08", status=UnitStatus.AVAILABLE.value))
    a_moment_later()
    assert panel._empty.isVisible()
    assert "点“在岗”看全部" in panel._empty.text()


def test_that_a_desk_without_units_says_so(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot
) -> None:
    panel = shown(desk, theme, selection, tick, qtbot)
    assert panel._empty.isVisible()
    assert "还没有登记警组" in panel._empty.text()


def test_that_a_choice_elsewhere_selects_the_row(panel: RosterPanel, selection: Selection) -> None:
    selection.choose_unit("巡09")
    assert unit_at(panel, panel.table.currentIndex().row()) == "巡09"
    selection.choose_unit("")
    assert not panel.table.currentIndex().isValid()


def test_that_rows_stay_under_the_mouse_and_sort_when_it_leaves(
    panel: RosterPanel, selection: Selection, desk: Desk
) -> None:
    selection.choose_incident(GAS)
    first, second = unit_at(panel, 0), unit_at(panel, 1)
    QApplication.sendEvent(panel.table.viewport(), QEvent(QEvent.Type.Enter))
    tell(desk, UnitMoved(unit=first, status=UnitStatus.STANDBY.value))
    assert unit_at(panel, 0) == first
    assert panel._order.text == "鼠标在表上，顺序不动"
    QApplication.sendEvent(panel.table.viewport(), QEvent(QEvent.Type.Leave))
    assert unit_at(panel, 0) == second


def test_that_a_second_repaints_only_what_counts(
    panel: RosterPanel, tick: Tick, clock: ManualClock, qtbot: QtBot
) -> None:
    QApplication.processEvents()
    painted: list[tuple[int, int]] = []

    class Watch(RosterDelegate):
        def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
            painted.append((index.row(), index.column()))
            super().paint(painter, option, index)

    watch = Watch(panel._theme, clock, panel.table)
    panel.table.setItemDelegate(watch)
    qtbot.waitUntil(lambda: len(painted) > 0)
    qtbot.wait(50)
    painted.clear()
    with qtbot.assertNotEmitted(panel.model.dataChanged):
        clock.advance(1)
        tick.second.emit(clock())
        QApplication.processEvents()
    assert {column for _, column in painted} == {Column.ELAPSED, Column.TERMINAL}


@pytest.mark.parametrize("width", [600, 760, 1100, 2200])
def test_that_no_shown_column_is_cut_at_any_width(panel: RosterPanel, width: int) -> None:
    panel.resize(width, 300)
    QApplication.processEvents()
    assert panel.width() == width
    columns = [column for column in Column if not panel.table.isColumnHidden(column)]
    assert {Column.CALL_SIGN, Column.STATUS, Column.ARRIVAL, Column.TERMINAL} <= set(columns)
    taken = sum(panel.table.columnWidth(column) for column in columns)
    assert panel.table.viewport().width() - 3 <= taken <= panel.table.viewport().width()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_that_no_row_is_cut_at_any_height(panel: RosterPanel, theme: Theme, app: QApplication, scale: float) -> None:
    theme.use(app, scale=scale)
    for height in range(200, 330, 13):
        panel.resize(650, height)
        QApplication.processEvents()
        room, row = panel.table.viewport().height(), panel.table.rowHeight(0)
        assert room >= row
        assert room % row == 0
        assert panel.rect().contains(panel.table.geometry().translated(panel._rows.pos()))
    panel.table.scrollTo(panel.filter.index(17, 0))
    assert {panel.table.visualRect(panel.filter.index(n, 0)).top() % row for n in range(31)} == {0}


def test_that_every_control_has_a_name(panel: RosterPanel) -> None:
    assert panel.accessibleName()
    assert panel.table.accessibleName()
    assert all(chip.accessibleName() == chip.text() for chip in panel._chips.values())
    assert isinstance(panel.key_hints()[0][0], str)


def test_that_the_menus_dispatch_asks_like_enter_does(
    panel: RosterPanel, selection: Selection, desk: Desk, qtbot: QtBot
) -> None:
    selection.choose_incident(GAS)
    unit = desk.picture.state.get(Unit, "巡05")
    assert unit is not None
    action: QAction = panel.status_menu(unit).actions()[0]
    with qtbot.waitSignal(panel.dispatch_requested) as asked:
        action.trigger()
    assert asked.args == ["巡05"]


def test_that_a_slow_act_says_saving_in_its_units_row(panel: RosterPanel, desk: Desk) -> None:
    QApplication.processEvents()
    before = panel.table.grab().toImage()
    desk.health.act_started("act-1", 0.0, unit_at(panel, 0))
    desk.health.act_slow("act-1")
    assert panel.table.grab().toImage() != before
    desk.health.act_ended("act-1")
    assert panel.table.grab().toImage() == before


def test_that_a_spooled_act_is_marked_until_it_is_delivered(panel: RosterPanel, desk: Desk) -> None:
    before = panel.table.grab().toImage()
    body = UnitMoved(unit=unit_at(panel, 0), status=UnitStatus.FOOT_PATROL.value)
    desk.picture.apply([Fact(seq=0, at=desk.clock(), actor="031", seat="03", body=body)])
    a_moment_later()
    row = panel.model.rows()[panel.model.row_of(body.unit)]
    assert row.provisional
    assert "本机暂存" in spoken_text(row, Column.CALL_SIGN, desk.clock())
    assert panel.table.grab().toImage() != before


def test_that_the_maps_menu_is_the_rosters_menu(panel: RosterPanel) -> None:
    menus = len(panel.findChildren(QMenu))
    panel.open_menu("无此警组", QPoint(0, 0))
    assert len(panel.findChildren(QMenu)) == menus
