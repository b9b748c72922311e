"""The queue's model: order, filter, holding still, and telling a view only what changed."""

import random
from collections.abc import Iterator
from datetime import timedelta
from statistics import median

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support import EVENING
from widgets.models.queue import QueueModel, contiguous
from widgets.models.queue_measure import change_s, filter_s, many_rows
from widgets.models.queue_row import QueueRow, Tab
from widgets.panels.queue_list import QueueList
from widgets.theme import Theme
from widgets.tick import Tick


def row(key: str, priority: int = 3, age: float = 60, **more: object) -> QueueRow:
    fields: dict[str, object] = {
        "key": key,
        "number": key,
        "priority": priority,
        "title": "打架斗殴",
        "place": "延安北路",
        "second": "",
        "state": "待派警",
        "since": EVENING - timedelta(seconds=age),
        "tabs": frozenset({Tab.WAITING, Tab.ALL}),
        "haystack": f"{key} 打架斗殴 dajd ybl",
    }
    return QueueRow(**(fields | more))  # type: ignore[arg-type]


@pytest.fixture
def model(qapp: QApplication) -> Iterator[QueueModel]:
    model = QueueModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    assert tester.failureReportingMode() is QAbstractItemModelTester.FailureReportingMode.Fatal


def keys(model: QueueModel) -> list[str]:
    return [model.row(at).key for at in range(model.rowCount())]


def heard(model: QueueModel) -> list[str]:
    said: list[str] = []
    model.dataChanged.connect(lambda first, last, _roles: said.append(f"changed {first.row()}-{last.row()}"))
    model.rowsInserted.connect(lambda _p, first, last: said.append(f"in {first}-{last}"))
    model.rowsRemoved.connect(lambda _p, first, last: said.append(f"out {first}-{last}"))
    model.layoutChanged.connect(lambda *_: said.append("sorted"))
    model.modelReset.connect(lambda: said.append("reset"))
    return said


def test_that_rows_stand_by_level_then_age_and_ended_ones_last(model: QueueModel) -> None:
    ended = row("e", priority=1, age=900, until=EVENING)
    model.put([row("b", 2, 60), row("d", 3, 600), row("a", 1, 6), ended, row("c", 2, 30)])
    assert keys(model) == ["a", "b", "c", "d", "e"]


def test_that_a_list_has_no_rows_below_its_rows(model: QueueModel) -> None:
    model.put([row("a")])
    assert model.rowCount(model.index(0)) == 0
    assert model.rowCount(QModelIndex()) == 1


def test_that_changed_words_are_told_as_one_range_per_run_of_neighbours(model: QueueModel) -> None:
    model.put([row(f"{n:02}", age=100 - n) for n in range(10)])
    said = heard(model)
    model.put([row(f"{n:02}", age=100 - n, state="已派警") for n in (2, 3, 4, 8)])
    assert said == ["changed 2-4", "changed 8-8"]
    model.put([row("02", age=98, state="已派警")])
    assert len(said) == 2, "an equal row is no change"


def test_that_a_raised_priority_moves_one_row_and_nothing_else(model: QueueModel) -> None:
    model.put([row(key, age=age) for key, age in (("a", 90), ("b", 80), ("c", 70))])
    said = heard(model)
    model.put([row("c", priority=1, age=70)])
    assert keys(model) == ["c", "a", "b"]
    assert said == ["out 2-2", "in 0-0"]


def test_that_rows_keep_their_places_while_held_and_sort_when_let_go(model: QueueModel) -> None:
    model.put([row(key, age=age) for key, age in (("a", 90), ("b", 80), ("c", 70))])
    model.hold(True)
    said = heard(model)
    model.put([row("c", priority=1, age=70), row("a", age=90, tabs=frozenset({Tab.UNDER_WAY, Tab.ALL}))])
    assert keys(model) == ["a", "b", "c"], "nothing jumps"
    assert model.row(2).priority == 1, "its words are true at once"
    model.put([row("new", priority=1, age=1)])
    assert "new" in keys(model), "a new row does not wait"
    model.hold(False)
    assert keys(model) == ["c", "new", "b"]
    assert "reset" not in said


def test_that_persistent_places_follow_their_rows_through_a_sort(model: QueueModel) -> None:
    from PySide6.QtCore import QPersistentModelIndex

    model.put([row(key, age=age) for key, age in (("a", 90), ("b", 80), ("c", 70))])
    model.hold(True)
    model.put([row("c", priority=1, age=70)])
    held = QPersistentModelIndex(model.index(2))
    model.hold(False)
    assert model.row(held.row()).key == "c"


def test_that_a_filter_finds_number_text_and_initials_and_never_resets(model: QueueModel) -> None:
    model.put(
        [
            row("0190", haystack="zz20261121-0190 燃气泄漏 rqxl 新华北路钟法路口 xhblzflk"),
            row("0191", haystack="zz20261121-0191 噪音扰民 zyrm 丹霞花园 dxhy"),
        ]
    )
    said = heard(model)
    for query, found in (
        ("0190", ["0190"]),
        ("xhbl", ["0190"]),
        ("丹霞", ["0191"]),
        ("燃气 钟法", ["0190"]),
        ("zzz", []),
    ):
        model.filter(query)
        assert keys(model) == found, query
    model.filter("")
    assert len(keys(model)) == 2
    assert "reset" not in said


def test_that_counts_follow_each_row_through_the_tabs(model: QueueModel) -> None:
    model.put([row("a"), row("b", tabs=frozenset({Tab.UNDER_WAY, Tab.LINKED, Tab.ALL}))])
    assert (model.counts[Tab.WAITING], model.counts[Tab.UNDER_WAY], model.counts[Tab.LINKED]) == (1, 1, 1)
    model.put([row("a", tabs=frozenset({Tab.CALLBACK, Tab.ALL}))])
    model.drop(["b"])
    assert {tab: n for tab, n in model.counts.items() if n} == {Tab.CALLBACK: 1, Tab.ALL: 1}


def test_that_ranges_join_neighbours_only() -> None:
    assert contiguous([5, 1, 2, 2, 9, 10]) == [(1, 2), (5, 5), (9, 10)]


@pytest.mark.parametrize("seed", range(5))
def test_that_any_history_ends_in_the_same_order_as_a_fresh_list(model: QueueModel, seed: int) -> None:
    chance = random.Random(seed)
    truth: dict[str, QueueRow] = {}
    for _ in range(300):
        key = f"{chance.randrange(40):02}"
        act = chance.random()
        if act < 0.15:
            model.drop([key])
            truth.pop(key, None)
        elif act < 0.3:
            model.hold(chance.random() < 0.5)
        else:
            tabs = frozenset({Tab.ALL, chance.choice([Tab.WAITING, Tab.UNDER_WAY])})
            truth[key] = row(key, chance.randint(1, 4), chance.randrange(900), tabs=tabs)
            model.put([truth[key]])
    model.hold(True)
    model.hold(False)
    model.show_tab(Tab.WAITING)
    shown = sorted((r for r in truth.values() if Tab.WAITING in r.tabs), key=lambda r: r.order)
    assert keys(model) == [r.key for r in shown]


def test_that_five_thousand_rows_filter_and_change_within_the_budget(
    theme: Theme, app: QApplication, qtbot: QtBot
) -> None:
    model = QueueModel()
    view = QueueList(theme, Tick(lambda: EVENING), model)
    qtbot.addWidget(view)
    view.resize(430, 900)
    model.put(many_rows(5000, EVENING))
    view.show()
    queries = ("1", "12", "xhbl", "丹霞", "4999")
    assert median(filter_s(app, view, model, query) for query in queries) <= 0.050
    assert model.rowCount() == 1
    model.filter("")
    app.processEvents()
    assert median(change_s(app, view, model, at % 10, f"第{at}次") for at in range(20)) <= 0.005
