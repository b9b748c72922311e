"""queue: one row changed, and 5 000 rows filtered; from the change to the painted list."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QApplication, QListView, QWidget

from console.bench.crowd import show_calls
from console.bench.figure import Figure, p50, p99
from console.bench.painting import settle
from console.bench.reception import bench_station
from console.domain.facts import Fact, IncidentEdited, PriorityChanged
from console.domain.incident import Incident
from console.seat import Desktop, open_desktop
from console.station import Station
from widgets.models.queue import ROW
from widgets.panels.queue import QueuePanel
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.tick import Tick

ROWS = 5_000
CHANGE_MS, FILTER_MS = 5.0, 50.0
CHANGES = 300
FILTERS = 10
QUERIES = ("路", "xhl", "", "0123", "盗窃", "", "zzzz", "")
"""Text, pinyin initials, a number, nothing found, and back to all rows after each."""
SIZE = (430, 900)


def measure(folder: Path) -> Iterator[Figure]:
    """The queue panel over a picture of 5 000 open incidents."""
    desktop = open_desktop("night", "zh")
    station = bench_station(folder, [])
    try:
        show_calls(station, ROWS)
        tick, tasks = Tick(station.clock), Tasks(desktop.messages)
        panel = QueuePanel(station.desk, desktop.theme, Selection(), tick, tasks, station.queries)
        _show(panel, desktop)
        settle()
        yield _change(station, panel, desktop)
        yield _filter(panel, desktop)
        panel.close()
    finally:
        station.close()


def _show(widget: QWidget, desktop: Desktop) -> None:
    widget.resize(*SIZE)
    widget.show()
    desktop.app.processEvents()


def _painted_ms(app: QApplication, deed: Callable[[], object]) -> float:
    """From the deed to the painted list."""
    began = time.perf_counter()
    deed()
    app.processEvents()
    return (time.perf_counter() - began) * 1000


def _change(station: Station, panel: QueuePanel, desktop: Desktop) -> Figure:
    facts = islice(_edits(station), CHANGES)
    took = [_painted_ms(desktop.app, partial(station.picture.apply, [fact])) for fact in facts]
    return Figure(
        name="queue.change",
        value=p99(took),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=CHANGES,
        at_most=CHANGE_MS,
        baseline="QListView of as many strings, one changed",
        baseline_value=p99(_plain_changes(desktop)),
        note=f"{panel.model.rowCount()} rows; another level (the row moves) or another place, by turns",
    )


def _edits(station: Station) -> Iterator[Fact]:
    """Changes of one incident each, all over the list."""
    numbers = [incident.number for incident in station.picture.incidents()]
    for n in range(len(numbers)):
        row = station.picture.state.get(Incident, numbers[n * 997 % len(numbers)])
        assert row is not None
        new = row.priority % 4 + 1
        body = (
            PriorityChanged(incident=row.number, old=row.priority, new=new, reason="bench")
            if n % 2
            else IncidentEdited(incident=row.number, old={"place": row.place}, new={"place": f"{row.place} 2楼"})
        )
        yield Fact(seq=station.picture.seq + 1, at=station.clock(), actor="bench", seat="00", body=body)


def _plain_changes(desktop: Desktop) -> list[float]:
    model, view = QStringListModel([f"ZZ-{n:05} 某地" for n in range(ROWS)]), QListView()
    view.setUniformItemSizes(True)
    view.setModel(model)
    _show(view, desktop)
    took = [
        _painted_ms(desktop.app, partial(model.setData, model.index(n * 997 % ROWS), f"changed {n}"))
        for n in range(CHANGES)
    ]
    view.close()
    return took


def _filter(panel: QueuePanel, desktop: Desktop) -> Figure:
    texts = [panel.model.data(panel.model.index(n), ROW).haystack for n in range(panel.model.rowCount())]
    queries = list(islice(cycle(QUERIES), FILTERS * len(QUERIES)))
    took = [_painted_ms(desktop.app, partial(panel.filter.setText, query)) for query in queries]
    return Figure(
        name="queue.filter",
        value=p99(took),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=len(took),
        at_most=FILTER_MS,
        baseline="list comprehension over the same texts",
        baseline_value=p99([_comprehend_ms(texts, query) for query in queries]),
        note=f"{len(texts)} rows",
    )


def _comprehend_ms(texts: list[str], query: str) -> float:
    began = time.perf_counter()
    found = [text for text in texts if query in text]
    took = (time.perf_counter() - began) * 1000
    assert len(found) <= len(texts)
    return took
