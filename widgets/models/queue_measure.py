"""Measures of the queue for the bench: how long a filter takes, how long one changed row takes to be shown."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtWidgets import QApplication

from widgets.models.queue import QueueModel
from widgets.models.queue_row import QueueRow, Tab
from widgets.panels.queue_list import QueueList

PLACES = ("延安北路 yabl", "新华北路钟法路口 xhblzflk", "丹霞花园 dxhy", "胜利路 sll")


def many_rows(count: int, now: datetime) -> list[QueueRow]:
    """Rows of an impossible evening."""
    return [
        QueueRow(
            key=f"ZZ20261121-{n:04}",
            number=f"{n:04}",
            priority=1 + n % 4,
            title="打架斗殴",
            place=PLACES[n % 4].partition(" ")[0],
            second="138****6621 · 警区 05",
            state="待派警",
            since=now - timedelta(seconds=n),
            tabs=frozenset({Tab.WAITING, Tab.ALL}),
            haystack=f"zz20261121-{n:04} 打架斗殴 djdo {PLACES[n % 4]} 13805966621",
        )
        for n in range(count)
    ]


def filter_s(app: QApplication, view: QueueList, model: QueueModel, query: str) -> float:
    """Seconds from a query to a painted list."""
    model.filter("")
    app.processEvents()
    began = time.perf_counter()
    model.filter(query)
    app.processEvents()
    return time.perf_counter() - began


def change_s(app: QApplication, view: QueueList, model: QueueModel, at: int, word: str) -> float:
    """Seconds from a changed row to its painting; `at` should be in sight."""
    row = model.row(at)
    began = time.perf_counter()
    model.put([replace(row, state=word)])
    app.processEvents()
    return time.perf_counter() - began
