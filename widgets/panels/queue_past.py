"""What the tab 全部 reads from the database: older incidents page by page, or all that name the filter's words.

Reading runs in a thread; what is asked last wins. Incidents that the picture holds are never shown from the
database: their live rows stand above, and those that only the database could find are let through the filter.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from console.domain.errors import EnvironmentFault, UserError
from console.domain.incident import Incident
from console.persistence.queries import IncidentLine
from console.persistence.searching import NO_KINDS
from console.services.incident_search import kinds_by_word
from console.services.picture import Picture
from widgets.models.queue_past import Ending, WholeQueueModel
from widgets.models.queue_row import QueueRow, past_row
from widgets.tasks import Tasks

PAGE = 100
"""Incidents read at once."""

PAGES = 10
"""Pages read on by itself while a filter lets nothing of them through."""

PAUSE_MS = 80
"""How long typing must rest before the database is asked."""


class PastIncidents(Protocol):
    """The questions to the database; they block (`persistence.queries.Queries`)."""

    def incidents(self, open_only: bool = False, limit: int | None = None, offset: int = 0) -> list[IncidentLine]: ...

    def search(
        self, text: str, limit: int = 50, kinds: Mapping[str, Collection[str]] = NO_KINDS, before: str = ""
    ) -> list[IncidentLine]: ...

    def count_incidents(self, open_only: bool = False) -> int: ...


class QueuePast(QObject):
    """Fills the lower part of the queue. `told` is emitted when the answer to how many there are has changed; `seen`
    leaves of what was read that which may be shown here (`services.sight`), `me` is whose desk it is."""

    told = Signal()

    def __init__(
        self,
        model: WholeQueueModel,
        picture: Picture,
        source: PastIncidents,
        tasks: Tasks,
        seen: Callable[[Iterable[IncidentLine]], list[IncidentLine]] = list,
        me: Callable[[], str] = str,
    ) -> None:
        super().__init__(model)
        self._me = me
        self._model, self._picture, self._source, self._tasks, self._seen = model, picture, source, tasks, seen
        self.total: int | None = None
        self.shown = False
        self._turn = 0
        self._text = ""
        self._fetched = 0
        self._last = ""
        self._rows: dict[str, QueueRow] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.read_on)
        # Views ask while the model is being changed; the answer may change it only afterwards.
        model.more_wanted.connect(self._go_on, Qt.ConnectionType.QueuedConnection)

    # -- what is asked ---------------------------------------------------------------------------------------

    def show(self, text: str) -> None:
        """From the newest on: incidents that name the text, all of them for ''."""
        self._forget()
        self.shown, self._text = True, text.strip()
        if self._text:
            fitting = [row for row in self._model.past if self._model.says_it(row) and self._model.lets(row)]
            self._model.show_past(fitting)
            self._model.end_with(Ending(self.tr("正在查询数据库…")))
            self._pause.start()
        else:
            self._model.show_past(())
            self.read_on()

    def leave(self) -> None:
        """Another tab is shown, which has no past."""
        self._forget()
        self.shown = False
        self._model.show_past(())
        self._model.end_with(None)

    def _forget(self) -> None:
        self._turn += 1
        self._pause.stop()
        self._fetched, self._last = 0, ""
        self._rows = {}
        self._model.has_more = False

    @Slot()
    def _go_on(self) -> None:
        if self._model.has_more:
            self.read_on()

    @Slot()
    def read_on(self) -> None:
        """The next page, or the same again after it failed."""
        self._pause.stop()
        self._model.has_more = False
        reading = self.tr("正在查询数据库…") if self._text else self.tr("正在读取更早的警情…")
        self._model.end_with(Ending(reading))
        self._turn += 1
        self._tasks.start(self._read(self._turn), "queue.past")

    # -- what is answered ------------------------------------------------------------------------------------

    async def _read(self, turn: int) -> None:
        """Read until something new can be shown: the newest pages may hold nothing but live incidents, or little that
        a filter lets through; then it rests after some pages and asks whether to go on."""
        full, before, pages = True, len(self._rows), 0
        while full and len(self._rows) == before and pages < PAGES:
            lines = await self._lines(turn)
            if lines is None:
                return
            pages += 1
            self._take(lines)
            full = len(lines) == PAGE
        self._model.end_with(None)
        self._model.show_past(self._rows.values())
        resting = full and len(self._rows) == before
        if resting:
            said = self.tr("已看过 {n} 条更早的警情，没有符合筛选的；按回车再往前找").format(n=self._fetched)
            self._model.end_with(Ending(said, asks=True))
        self._model.has_more = full and not resting
        self.told.emit()

    async def _lines(self, turn: int) -> list[IncidentLine] | None:
        """A page; None if it could not be read, which the last row says, or if nobody asks for it any more."""
        try:
            lines, total = await asyncio.to_thread(self._page, self._text, self._fetched, self._last, self.total)
        except Exception as fault:
            if turn == self._turn:
                self._fail(fault)
            if isinstance(fault, EnvironmentFault | UserError):
                return None
            raise
        if turn != self._turn:
            return None
        self.total = total
        return lines

    def _page(self, text: str, fetched: int, last: str, total: int | None) -> tuple[list[IncidentLine], int]:
        """Blocks. Counting a million rows takes longer than finding one of them: a search counts only if nobody has."""
        if not text:
            return self._source.incidents(limit=PAGE, offset=fetched), self._source.count_incidents()
        kinds = kinds_by_word(text, self._picture.reference)
        found = self._source.search(text, limit=PAGE, kinds=kinds, before=last)
        return found, self._source.count_incidents() if total is None else total

    def _take(self, lines: Sequence[IncidentLine]) -> None:
        self._fetched += len(lines)
        self._last = lines[-1].incident.number if lines else self._last
        alive: list[str] = []
        for line in self._seen(lines):
            live = self._picture.state.get(Incident, line.incident.number)
            if live is not None:
                alive += [live.main or live.number] if self._text else []
                continue
            row = past_row(self._picture.reference, line, self._me())
            if self._model.lets(row):
                self._rows[row.key] = row
        self._model.admit(alive)

    def _fail(self, fault: Exception) -> None:
        said = self.tr("没有读到更早的警情：{why}\n点此行或按回车再试").format(why=fault)
        self._model.end_with(Ending(said, failed=True))

    def over(self, lines: Iterable[IncidentLine]) -> None:
        """Incidents that have just left the picture: they belong to the past now."""
        if not self.shown:
            return
        rows = [past_row(self._picture.reference, line, self._me()) for line in lines]
        fitting = [row for row in rows if self._model.says_it(row) and self._model.lets(row)]
        if fitting:
            self._rows |= {row.key: row for row in fitting}
            self._rows = dict(sorted(self._rows.items(), key=lambda item: item[1].since, reverse=True))
            self._model.show_past(self._rows.values())
