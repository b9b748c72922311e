"""Narrowing the queue and dressing its rows, with keys and the mouse, over the evening."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.facts import PriorityChanged
from console.persistence import store
from console.persistence.filling import fill
from console.persistence.queries import Queries
from console.services.desk import Desk
from console.services.queue_filter import EVERYTHING, QueueFilter, choices, read, told
from tests.support import tell
from tests.widgets.scene import play_evening
from widgets.arrangement import Arrangement
from widgets.models.queue_look import Column, QueueLook, look_of
from widgets.models.queue_row import QueueRow, Tab
from widgets.panels.queue import QueuePanel
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick

GRAVE = QueueFilter(priorities=frozenset({1}))


@pytest.fixture
def queries(tmp_path: Path, clock: ManualClock) -> Iterator[Queries]:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    store.init(url)
    fill(url, 60, 5, clock)
    asked = Queries(url)
    yield asked
    asked.close()


@pytest.fixture
def panel(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks, queries: Queries, qtbot: QtBot
) -> Iterator[QueuePanel]:
    play_evening(desk, alarms=False)
    panel = QueuePanel(desk, theme, selection, tick, tasks, queries)
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setUseFetchMore(False)
    panel.resize(430, 700)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    shiboken6.delete(tester)
    shiboken6.delete(panel)


def rows(panel: QueuePanel) -> list[QueueRow]:
    return [panel.model.row(at) for at in range(panel.model.listed)]


def choose(menu: QMenu, *texts: str) -> None:
    """The entry of these words, through the menus inside."""
    for text in texts:
        entry = next(action for action in menu.actions() if action.text() == text)
        inner = entry.menu()
        menu = inner if isinstance(inner, QMenu) else menu
    assert entry.isCheckable()
    entry.trigger()


def test_that_a_level_chosen_in_the_menu_leaves_only_its_rows_and_says_so(panel: QueuePanel) -> None:
    everything = len(rows(panel))
    choose(panel.only.filter_menu(), "二级")
    assert {row.priority for row in rows(panel)} == {2}
    assert panel.only.said.text == "只看：二级"
    assert panel.only.clear.isVisible()
    choose(panel.only.filter_menu(), "二级")
    assert (len(rows(panel)), panel.only.said.text) == (everything, "")
    assert not panel.only.clear.isVisible()


def test_that_classes_and_beats_stand_in_menus_of_their_own(panel: QueuePanel, desk: Desk) -> None:
    panel.show_tab(Tab.UNDER_WAY)
    first = next(row for row in rows(panel) if row.kind and row.beat)
    name = desk.reference.codes[first.kind[:2]].name
    choose(panel.only.filter_menu(), "类别", name)
    assert {row.kind[:2] for row in rows(panel)} == {first.kind[:2]}
    choose(panel.only.filter_menu(), "警区", f"警区{first.beat}")
    assert first.key in {row.key for row in rows(panel)}
    assert panel.only.said.text == f"只看：警区{first.beat} · {name}"


def test_that_values_of_one_kind_widen_and_kinds_narrow(panel: QueuePanel) -> None:
    panel.show_tab(Tab.UNDER_WAY)
    every = rows(panel)
    panel.only.narrow(QueueFilter(priorities=frozenset({1, 2})))
    assert [row.key for row in rows(panel)] == [row.key for row in every if row.priority in (1, 2)]
    beat = every[0].beat
    panel.only.narrow(QueueFilter(priorities=frozenset({1, 2}), beats=frozenset({beat})))
    assert [row.key for row in rows(panel)] == [r.key for r in every if r.priority in (1, 2) and r.beat == beat]


def test_that_one_button_shows_everything_again_and_the_empty_list_names_its_key(panel: QueuePanel) -> None:
    everything = [row.key for row in rows(panel)]
    panel.only.narrow(QueueFilter(sources=frozenset({"sms"})))
    assert rows(panel) == []
    assert "Alt+C" in panel.list.empty_text()
    panel.only.clear.setFocus()
    QTest.keyClick(panel.only.clear, Qt.Key.Key_Space)
    assert [row.key for row in rows(panel)] == everything
    assert panel.only.filter is EVERYTHING


async def test_that_mine_is_what_this_person_owns(panel: QueuePanel, desk: Desk, tasks: Tasks) -> None:
    panel.show_tab(Tab.ALL)
    choose(panel.only.filter_menu(), "我的")
    await tasks.idle()
    assert panel.model.past == ()
    owned = {incident.number for incident in desk.picture.incidents() if incident.owner == desk.actor}
    assert {row.key for row in rows(panel)} == owned != set()


def test_that_late_ones_come_in_as_time_passes(panel: QueuePanel, tick: Tick, clock: ManualClock) -> None:
    panel.only.narrow(QueueFilter(late=True))
    before = len(rows(panel))
    tick.second.emit(clock.advance(3600))
    assert len(rows(panel)) > before
    assert all(row.promise is not None and row.promise.late(clock()) for row in rows(panel))


def test_that_a_filtered_row_that_changes_under_the_hand_stays_until_the_hand_is_gone(
    panel: QueuePanel, desk: Desk
) -> None:
    panel.only.narrow(QueueFilter(priorities=frozenset({2})))
    shown = [row.key for row in rows(panel)]
    panel.model.hold(True)
    tell(desk, PriorityChanged(incident=shown[0], old=2, new=3, reason="已控制"))
    assert [row.key for row in rows(panel)] == shown
    panel.model.hold(False)
    assert [row.key for row in rows(panel)] == shown[1:]


async def test_that_older_incidents_are_narrowed_too_and_a_long_look_rests(
    panel: QueuePanel, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.panels.queue_past.PAGE", 10)
    monkeypatch.setattr("widgets.panels.queue_past.PAGES", 2)
    panel.show_tab(Tab.ALL)
    panel.only.narrow(QueueFilter(classes=frozenset({"01"})))
    await tasks.idle()
    assert panel.model.past
    assert all(row.kind.startswith("01") for row in panel.model.past)
    panel.only.narrow(QueueFilter(beats=frozenset({"99"})))
    await tasks.idle()
    assert panel.model.ending is not None
    assert "已看过 20 条" in panel.model.ending.text
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_End)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    await tasks.idle()
    assert panel.model.ending is not None
    assert "已看过 40 条" in panel.model.ending.text


def test_that_one_line_rows_are_lower_and_left_out_columns_are_not_painted(panel: QueuePanel) -> None:
    two = panel.list.rowHeight(0)
    row = next(row for row in rows(panel) if any(column == Column.CALLER for column, _ in row.parts))
    assert row.number in panel.list.row_delegate.particulars(row)
    choose(panel.only.look_menu(), "一行")
    choose(panel.only.look_menu(), "报警人")
    choose(panel.only.look_menu(), "警情号")
    caller = dict(row.parts)[Column.CALLER]
    assert panel.list.rowHeight(0) < two
    assert caller not in panel.list.row_delegate.particulars(row)
    assert row.number not in panel.list.row_delegate.particulars(row)
    assert caller in row.second, "searching and the tip still know it"
    assert not panel.grab().toImage().isNull()


def test_that_the_look_is_kept_for_the_next_window(panel: QueuePanel, tmp_path: Path) -> None:
    kept = Arrangement(tmp_path, "calltaker")
    panel.keep_look(kept)
    panel.only.wear_word("一行")
    panel.only.wear_word("警区")
    assert look_of(Arrangement(tmp_path, "calltaker").queue) == QueueLook(
        two_lines=False, columns=frozenset(Column) - {Column.BEAT}
    )
    kept.forget()
    assert look_of(Arrangement(tmp_path, "calltaker").queue).two_lines is False, "sizes are forgotten, a look is not"
    assert look_of("three x") == QueueLook() == look_of("")


def test_that_words_make_a_filter_and_a_filter_its_words(desk: Desk) -> None:
    known = choices(desk.reference, ["05", "07"])
    wanted = read(["一级", "我的", "警区05"], known)
    assert wanted == QueueFilter(priorities=frozenset({1}), mine=True, beats=frozenset({"05"}))
    assert told(wanted, known) == ["我的", "一级", "警区05"]
    assert wanted.toggled(GRAVE) == replace(wanted, priorities=frozenset())
    with pytest.raises(UserError, match="几种意思"):
        read(["警区"], known)
    with pytest.raises(UserError, match="没有“别的”这一项"):
        read(["别的"], known)
