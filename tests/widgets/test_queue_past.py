"""The tab 全部 over a real database of 300 incidents: 40 of them live, the others read from it, by keys."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.incident import Incident, IncidentState
from console.domain.state import MemoryState
from console.persistence.filling import fill
from console.persistence.journal import Journal
from console.persistence.queries import IncidentLine, Queries
from console.persistence.searching import NO_KINDS
from console.services.acts import ACTS
from console.services.desk import Desk
from tests.support import EVENING
from widgets.models.queue import ROW
from widgets.models.queue_past import Ending, WholeQueueModel
from widgets.models.queue_row import Tab
from widgets.panels.queue import QueuePanel
from widgets.panels.queue_past import PAUSE_MS
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


class Slow(Queries):
    """The real queries; a test may make them fail or wait."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fault: Exception | None = None
        self.asked: list[str] = []
        self.gates: dict[str, threading.Event] = {}

    def incidents(self, open_only: bool = False, limit: int | None = None, offset: int = 0) -> list[IncidentLine]:
        self.asked.append(f"{offset}+{limit}")
        if self.fault is not None:
            raise self.fault
        return super().incidents(open_only, limit, offset)

    def search(
        self, text: str, limit: int = 50, kinds: Mapping[str, Collection[str]] = NO_KINDS, before: str = ""
    ) -> list[IncidentLine]:
        self.asked.append(text)
        if text in self.gates:
            self.gates[text].wait(5)
        return super().search(text, limit, kinds, before)


@pytest.fixture
async def past(desk: Desk, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Slow]:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    fill(url, 300, 7, clock)
    journal, state = Journal.open(url, ACTS, clock), MemoryState()
    desk.picture.replace_state(state, journal.load_state(state).seq)
    journal.close()
    queries = Slow(url)
    yield queries
    queries.close()


@pytest.fixture
async def panel(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks, past: Slow, qtbot: QtBot
) -> AsyncIterator[QueuePanel]:
    panel = QueuePanel(desk, theme, selection, tick, tasks, past)
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setUseFetchMore(False)  # else every check would read a page on
    panel.model.modelReset.connect(lambda: pytest.fail("a model that resets loses the person's place"))
    # Not handed to qtbot: it would delete the panel before what was asked of it has come to rest.
    panel.resize(430, 700)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.past.leave()
    await tasks.idle()
    shiboken6.delete(tester)
    shiboken6.delete(panel)


def shown(panel: QueuePanel) -> list[str]:
    return [panel.model.row(at).key for at in range(panel.model.listed)]


def foot(panel: QueuePanel) -> str:
    return panel.foot.text()


def ending(panel: QueuePanel) -> Ending | None:
    last = panel.model.index(panel.model.rowCount() - 1).data(ROW)
    return last if isinstance(last, Ending) else None


async def settle(tasks: Tasks) -> None:
    """What was asked has been answered and laid out."""
    for _ in range(3):
        await asyncio.sleep(0.02)
        await tasks.idle()


async def look_for(panel: QueuePanel, text: str, tasks: Tasks) -> None:
    panel.filter.setText(text)
    await asyncio.sleep((PAUSE_MS + 30) / 1000)
    await tasks.idle()


async def test_that_older_incidents_stand_below_the_live_ones_and_are_counted(
    panel: QueuePanel, past: Slow, tasks: Tasks, desk: Desk
) -> None:
    live = shown_live(panel)
    panel.show_tab(Tab.ALL)
    assert ending(panel) == Ending("正在读取更早的警情…")
    await tasks.idle()
    keys = shown(panel)
    assert set(keys[: len(live)]) == set(live)
    newest = [line.incident.number for line in past.incidents(limit=100)]
    assert keys[len(live) :] == [number for number in newest if number not in live]
    assert foot(panel) == f"共 {len(keys)} 条（数据库 300 条）"
    panel.show_tab(Tab.WAITING)
    assert set(shown(panel)) <= set(live)
    assert foot(panel) == f"共 {len(shown(panel))} 条"


def shown_live(panel: QueuePanel) -> list[str]:
    panel.model.show_tab(Tab.ALL)
    return shown(panel)


async def test_that_the_end_key_reads_on_page_by_page_to_the_first_incident_of_all(
    panel: QueuePanel, past: Slow, tasks: Tasks, selection: Selection
) -> None:
    panel.show_tab(Tab.ALL)
    await settle(tasks)
    assert len(shown(panel)) == 100
    panel.list.setFocus()
    for _ in range(4):
        QTest.keyClick(panel.list, Qt.Key.Key_End)
        await settle(tasks)
    QTest.keyClick(panel.list, Qt.Key.Key_End)
    assert len(shown(panel)) == len(set(shown(panel))) == 300
    assert past.asked == ["0+100", "100+100", "200+100", "300+100"]
    assert selection.incident == past.incidents()[-1].incident.number
    assert ending(panel) is None


async def test_that_reading_on_leaves_the_list_where_the_hand_is(panel: QueuePanel, tasks: Tasks) -> None:
    panel.show_tab(Tab.ALL)
    await settle(tasks)
    bar = panel.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    top = panel.list.indexAt(panel.list.viewport().rect().topLeft()).data(ROW)
    await settle(tasks)
    assert len(shown(panel)) == 200
    assert panel.list.indexAt(panel.list.viewport().rect().topLeft()).data(ROW) == top


async def test_that_a_row_of_last_year_says_its_day_and_who_went(panel: QueuePanel, past: Slow, tasks: Tasks) -> None:
    line = past.incidents(limit=1, offset=250)[0]
    panel.show_tab(Tab.ALL)
    await look_for(panel, line.incident.number, tasks)
    row = panel.model.row(0)
    assert (row.key, row.state) == (line.incident.number, "已办结")
    assert row.day == f"{line.incident.created_at + timedelta(hours=8):%Y-%m-%d}"
    assert line.units[0] in row.second
    assert line.incident.phone not in row.second
    assert not panel.grab().toImage().isNull()


async def test_that_a_word_finds_every_incident_of_the_database_once(
    panel: QueuePanel, past: Slow, tasks: Tasks
) -> None:
    panel.show_tab(Tab.ALL)
    await look_for(panel, "钟法路", tasks)
    found = {line.incident.number for line in Queries.search(past, "钟法路", limit=1000)}
    assert len(found) > 10
    assert set(shown(panel)) == found
    assert len(shown(panel)) == len(found)
    assert foot(panel) == f"共 {len(found)} 条（数据库 300 条）"


async def test_that_every_word_must_fit(panel: QueuePanel, past: Slow, tasks: Tasks) -> None:
    panel.show_tab(Tab.ALL)
    await look_for(panel, "钟法路 盗窃", tasks)
    both = [line for line in past.incidents() if "钟法路" in line.incident.place and "盗窃" in line.incident.narrative]
    assert both
    assert set(shown(panel)) == {line.incident.number for line in both}


async def test_that_typing_asks_once_and_the_last_question_wins(panel: QueuePanel, past: Slow, tasks: Tasks) -> None:
    panel.show_tab(Tab.ALL)
    await tasks.idle()
    past.asked.clear()
    past.gates["钟法"] = threading.Event()
    for text in ("钟", "钟法"):
        panel.filter.setText(text)
    assert ending(panel) == Ending("正在查询数据库…")
    await asyncio.sleep((PAUSE_MS + 30) / 1000)
    panel.filter.setText("丹霞路")
    await asyncio.sleep((PAUSE_MS + 30) / 1000)
    past.gates["钟法"].set()
    await tasks.idle()
    assert past.asked == ["钟法", "丹霞路"]
    assert {panel.model.row(at).place.rstrip("0123456789号") for at in range(panel.model.listed)} == {"丹霞路"}


async def test_that_a_live_incident_only_the_database_finds_is_shown_live(
    panel: QueuePanel, past: Slow, tasks: Tasks, desk: Desk
) -> None:
    panel.show_tab(Tab.ALL)
    code = next(i.kind for i in desk.picture.incidents() if i.kind in desk.reference.codes)
    row = next(i for i in desk.picture.incidents() if i.kind == code)
    desk.picture.state.put(replace(row, title="另一个名字", narrative=""))
    panel.load()
    await look_for(panel, row.narrative, tasks)
    assert row.number in shown(panel)
    assert row.number not in {past_row.key for past_row in panel.model.past}


async def test_that_nothing_found_says_so_and_what_to_do(panel: QueuePanel, tasks: Tasks) -> None:
    panel.show_tab(Tab.ALL)
    await look_for(panel, "没有这样的警情", tasks)
    assert panel.model.rowCount() == 0
    assert "全部历史也查过了" in panel.list.empty_text()


async def test_that_a_failed_page_says_why_and_enter_reads_it_again(
    panel: QueuePanel, past: Slow, tasks: Tasks
) -> None:
    past.fault = JournalUnavailable("数据库文件打不开", "检查磁盘")
    panel.show_tab(Tab.ALL)
    await settle(tasks)
    said = ending(panel)
    assert said is not None
    assert said.failed
    assert "数据库文件打不开" in said.text
    assert "按回车再试" in said.text
    assert past.asked == ["0+100"], "no question repeats itself"
    past.fault = None
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_End)
    assert not panel.grab().toImage().isNull()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    await settle(tasks)
    assert len(shown(panel)) == 100
    assert ending(panel) is None


async def test_that_our_own_bug_in_a_page_is_logged_and_the_row_says_it(
    panel: QueuePanel, past: Slow, tasks: Tasks, expected_log: list[str]
) -> None:
    expected_log.append("queue.past")
    past.fault = KeyError("x")
    panel.show_tab(Tab.ALL)
    await tasks.idle()
    said = ending(panel)
    assert said is not None
    assert said.failed


async def test_that_an_incident_whose_day_is_over_goes_down_to_the_past(
    panel: QueuePanel, tasks: Tasks, desk: Desk
) -> None:
    panel.show_tab(Tab.ALL)
    await settle(tasks)
    live = next(i for i in desk.picture.incidents() if i.open)
    desk.picture.state.put(replace(live, state=IncidentState.CLOSED, t_close=EVENING))
    desk.picture.apply([])
    desk.picture.forget_old(EVENING + timedelta(days=2))
    assert desk.picture.state.get(Incident, live.number) is None
    assert live.number in {row.key for row in panel.model.past}
    assert len(shown(panel)) == len(set(shown(panel)))


async def test_that_an_old_incident_that_lives_again_stands_above_only(
    panel: QueuePanel, tasks: Tasks, past: Slow
) -> None:
    panel.show_tab(Tab.ALL)
    await settle(tasks)
    row = panel.model.past[0]
    panel.model.put([replace(row, until=None)])
    assert row.key not in {old.key for old in panel.model.past}
    assert shown(panel).count(row.key) == 1


async def test_that_rows_let_go_of_while_past_ones_are_shown_sort_without_touching_them(
    panel: QueuePanel, tasks: Tasks
) -> None:
    panel.show_tab(Tab.ALL)
    await settle(tasks)
    chosen = len(shown(panel)) - 1
    panel.list.setCurrentIndex(panel.model.index(chosen))
    key, model = panel.model.row(chosen).key, panel.model
    model.hold(True)
    last = model.row(len(shown(panel)) - len(model.past) - 1)
    model.put([replace(last, priority=1, until=None, since=EVENING - timedelta(days=1))])
    model.hold(False)
    assert model.row(0).key == last.key
    assert model.row(panel.list.currentIndex().row()).key == key


def test_that_a_model_without_more_asks_for_nothing(qapp: QApplication) -> None:
    model = WholeQueueModel()
    asked: list[str] = []
    model.more_wanted.connect(lambda: asked.append("more"))
    model.fetchMore(QModelIndex())
    model.has_more = True
    model.end_with(Ending("正在读取"))
    model.fetchMore(QModelIndex())
    assert asked == []
    model.end_with(None)
    model.fetchMore(QModelIndex())
    assert asked == ["more"]
