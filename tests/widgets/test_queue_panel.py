"""The left column, driven with keys and the mouse over a desk in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QEnterEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.facts import PriorityChanged
from console.domain.incident import Incident
from console.persistence import store
from console.persistence.queries import Queries
from console.services.desk import Desk
from tests.support import tell
from tests.widgets.scene import play_evening, raise_alarm, raise_garbage
from widgets.models.queue_look import QueueLook
from widgets.models.queue_row import Tab
from widgets.paint import pill_width
from widgets.panels.queue import QueuePanel
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick


@pytest.fixture
def panel(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks, tmp_path: Path, qtbot: QtBot
) -> Iterator[QueuePanel]:
    play_evening(desk, alarms=False)
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    store.init(url)
    queries = Queries(url)
    panel = QueuePanel(desk, theme, selection, tick, tasks, queries)
    qtbot.addWidget(panel)
    panel.resize(430, 700)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    queries.close()


def shown(panel: QueuePanel) -> list[str]:
    return [panel.model.row(at).number for at in range(panel.model.rowCount())]


def test_that_tabs_count_and_show_what_they_say(panel: QueuePanel) -> None:
    counts = {tab: panel.model.counts[tab] for tab in Tab}
    assert counts == {Tab.WAITING: 4, Tab.HELD: 0, Tab.UNDER_WAY: 3, Tab.LINKED: 1, Tab.CALLBACK: 1, Tab.ALL: 9}
    panel.show_tab(Tab.UNDER_WAY)
    assert shown(panel) == ["0186", "0184", "0185"]
    panel.show_tab(Tab.CALLBACK)
    assert shown(panel) == ["0182"]


@pytest.mark.requirement("Z2-41")
def test_that_a_new_alarm_stands_first_among_the_calls_and_says_where(panel: QueuePanel, desk: Desk) -> None:
    raise_alarm(desk, key="0192")
    first = panel.model.row(0)
    assert (first.number, first.state, first.alarm) == ("0192", "待确认", "alarm-0192")
    assert "漳州市实验小学" in first.title
    assert "东门值班室 · 防区 003 · 警区 05" in first.second


def test_that_unreadable_bytes_are_a_row_a_person_must_see(panel: QueuePanel, desk: Desk, selection: Selection) -> None:
    raise_garbage(desk)
    rows = [panel.model.row(at) for at in range(panel.model.rowCount())]
    garbage = next(row for row in rows if not row.number)
    assert garbage.title == "线路A1收到无法解析的报文"
    assert garbage.second == "未知字头 ZZ"
    panel.list.chosen.emit(garbage)
    assert selection.alarm == garbage.key


def test_that_the_caller_is_masked(panel: QueuePanel) -> None:
    gas = next(row for row in map(panel.model.row, range(panel.model.rowCount())) if row.number == "0190")
    assert "138****6621" in gas.second
    assert "13805966621" not in gas.second


def test_that_arrow_keys_choose_the_incident_everybody_sees(
    panel: QueuePanel, selection: Selection, qtbot: QtBot
) -> None:
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Home)
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert selection.incident == f"ZZ20261121-{shown(panel)[1]}"


def test_that_typing_in_the_list_filters_by_initials_and_esc_keeps_what_was_typed(
    panel: QueuePanel, qtbot: QtBot
) -> None:
    panel.list.setFocus()
    for letter in "rqxl":
        QTest.keyClicks(panel.window().focusWidget() or panel.list, letter)
    assert panel.filter.text() == "rqxl"
    assert shown(panel) == ["0190"]
    QTest.keyClick(panel.filter, Qt.Key.Key_Escape)
    assert panel.filter.text() == "rqxl"
    assert panel.list.hasFocus()


def test_that_the_number_as_people_say_it_finds_the_incident(panel: QueuePanel) -> None:
    panel.filter.setText("190")
    assert shown(panel) == ["0190"]


def test_that_an_empty_list_says_what_to_do(panel: QueuePanel) -> None:
    panel.filter.setText("没有这样的警情")
    assert "清除筛选" in panel.list.empty_text()
    panel.filter.clear()
    assert "F9" in panel.list.empty_text()


def test_that_rows_do_not_move_under_the_mouse_but_do_afterwards(
    panel: QueuePanel, desk: Desk, tick: Tick, clock: ManualClock
) -> None:
    before = shown(panel)
    hover(panel)
    number = f"ZZ20261121-{before[-1]}"
    tell(desk, PriorityChanged(incident=number, old=4, new=1, reason="持刀"))
    assert shown(panel) == before
    panel.list.leaveEvent(None)  # type: ignore[arg-type]
    assert shown(panel)[0] == before[-1]


def hover(panel: QueuePanel) -> None:
    point = QPoint(10, 10)
    panel.list.enterEvent(QEnterEvent(point, point, panel.list.mapToGlobal(point)))


def test_that_rows_rest_for_a_second_after_a_key(
    panel: QueuePanel, desk: Desk, tick: Tick, clock: ManualClock, qtbot: QtBot
) -> None:
    panel.list.setFocus()
    before = shown(panel)
    QTest.keyClick(panel.list, Qt.Key.Key_Home)
    tell(desk, PriorityChanged(incident=f"ZZ20261121-{before[-1]}", old=4, new=1, reason="持刀"))
    assert shown(panel) == before
    tick.second.emit(clock.advance(1.0))
    assert shown(panel)[0] == before[-1]


def test_that_a_row_coming_in_above_the_cursor_leaves_the_row_under_it_in_place(
    panel: QueuePanel, qtbot: QtBot
) -> None:
    hover(panel)
    list_ = panel.list
    top = list_.visualRect(panel.model.index(1)).top()
    key = panel.model.row(1).key
    row = panel.model.row(0)
    panel.model.put([type(row)(**{f: getattr(row, f) for f in row.__slots__} | {"key": "new", "priority": 1})])
    list_.shift(list_.rowHeight(0))
    assert list_.visualRect(panel.model.index(panel.model.place_of(key))).top() == top


def test_that_the_keys_come_and_go_without_a_row_being_drawn_anew(panel: QueuePanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.list.take_focus()
    qtbot.waitUntil(panel.list.hasFocus)
    QTest.qWait(50)
    painted: list[QEvent.Type] = []

    class Watch(QObject):
        def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
            painted.extend([event.type()] if event.type() is QEvent.Type.Paint else [])
            return False

    watch = Watch()
    panel.list.viewport().installEventFilter(watch)
    panel.filter.setFocus()
    QTest.qWait(50)
    panel.list.setFocus()
    QTest.qWait(50)
    assert panel.list.hasFocus()
    assert painted == []


def test_that_a_row_shown_again_looks_as_one_painted_anew(
    panel: QueuePanel, desk: Desk, theme: Theme, clock: ManualClock, tick: Tick, app: QApplication
) -> None:
    def seen(*, anew: bool = False) -> QImage:
        if anew:
            panel.list.row_delegate.forget()
        panel.list.viewport().update()
        return panel.list.viewport().grab().toImage()

    def changed() -> bool:
        before, now = pictures[-1], seen()
        assert now == seen(anew=True)
        pictures.append(now)
        return now != before

    pictures = [seen()]
    assert not changed()
    clock.advance(61)
    tick.second.emit(clock())
    assert changed()
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert changed()
    tell(desk, PriorityChanged(incident="ZZ20261121-0190", old=2, new=1, reason="有人受伤"))
    assert changed()
    desk.health.act_started("act", 0.0, "ZZ20261121-0190")
    desk.health.act_slow("act")
    assert changed()
    panel.list.wear(QueueLook(two_lines=False))
    assert changed()
    theme.use(app, DAY)
    assert changed()
    theme.use(app, NIGHT)


def test_that_a_selection_made_elsewhere_is_marked_and_a_change_does_not_lose_it(
    panel: QueuePanel, desk: Desk, selection: Selection
) -> None:
    selection.choose_incident("ZZ20261121-0190")
    assert panel.model.row(panel.list.currentIndex().row()).number == "0190"
    raise_alarm(desk, key="0192")
    assert panel.model.row(panel.list.currentIndex().row()).number == "0190"
    assert selection.incident == "ZZ20261121-0190"


def test_that_ageing_turns_amber_at_half_and_says_what_is_late_by_how_much(
    panel: QueuePanel, desk: Desk, clock: ManualClock
) -> None:
    delegate = panel.list.row_delegate
    gas = next(row for row in map(panel.model.row, range(panel.model.rowCount())) if row.number == "0190")
    assert gas.promise is not None
    half = gas.promise.since + (gas.promise.due_at - gas.promise.since) / 2
    assert delegate.ageing(gas, half - timedelta(seconds=1)) == "text"
    assert delegate.ageing(gas, half) == "p2"
    late = gas.promise.due_at + timedelta(seconds=32)
    assert delegate.ageing(gas, late) == "p1"
    assert delegate.state_text(gas, late) == "派警超时 32秒 · 031"


def test_that_what_is_late_gives_way_to_the_pills_beside_it_and_covers_none(panel: QueuePanel, theme: Theme) -> None:
    delegate = panel.list.row_delegate
    gas = next(row for row in map(panel.model.row, range(panel.model.rowCount())) if row.number == "0190")
    assert gas.promise is not None
    late = gas.promise.due_at + timedelta(seconds=32)
    row = replace(gas, owner="031", silent=True, spooled=True)
    left = theme.px(48) + sum(pill_width(theme, text) + theme.px(6) for text, _ in delegate._marked(row))
    said = {}
    for width in (348, 300, 270, 250):
        said[width] = delegate._fitting_state(QRect(0, 0, width, 48), row, late)
        if width > 250:
            assert pill_width(theme, said[width]) <= width - 1 - theme.px(10) - left
    assert said[348] == "派警超时 32秒 · 031"
    assert said[250] == "派警超时", "what is late stands there however narrow it is"
    assert len({len(text) for text in said.values()}) > 2, "it gives up one thing after the other"


def test_that_a_slow_act_marks_its_row_and_the_mark_goes(panel: QueuePanel, desk: Desk) -> None:
    desk.health.act_started("act", 0.0, "ZZ20261121-0190")
    desk.health.act_slow("act")
    assert panel.list.row_delegate.saving == {"ZZ20261121-0190"}
    desk.health.act_ended("act")
    assert panel.list.row_delegate.saving == frozenset()


def test_that_a_merged_incident_leaves_the_queue_and_comes_back(panel: QueuePanel, desk: Desk) -> None:
    from console.domain.facts import IncidentMerged, IncidentUnmerged

    number = "ZZ20261121-0190"
    tell(desk, IncidentMerged(incident=number, into="ZZ20261121-0189"))
    assert "0190" not in shown(panel)
    tell(desk, IncidentUnmerged(incident=number, reason="两件事"))
    assert "0190" in shown(panel)
    assert desk.picture.state.get(Incident, number) is not None


def test_that_a_narrow_row_gives_up_the_word_for_a_panic_and_never_the_one_for_duress(
    panel: QueuePanel, desk: Desk
) -> None:
    raise_alarm(desk, key="0192")
    row = next(row for row in map(panel.model.row, range(panel.model.rowCount())) if row.number == "0192")
    shown = panel.list.row_delegate._title
    assert shown(replace(row, title="一键报警 · 漳州市实验小学", place=""), 10) == "漳州市实验小学"
    assert shown(replace(row, title="胁迫报警 · 漳州市实验小学", place=""), 10) == "胁迫报警 · 漳州市实验小学"
