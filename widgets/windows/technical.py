"""The technical lane in a window: how many events wait, the sheet to see to them, the tests that are running.

Quiet by design: no sound, no flash; a chip with a count, a sheet over queue and map, a yellow bar. More than ten new
signals in ten minutes are a flood: then the lane groups by site, and the header says so. Alarms are never in here.
"""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtWidgets import QWidget

from console.domain.alarm import Alarm
from console.domain.flood import LaneRow, is_flood, lane, new_signals
from console.domain.site import Site
from console.domain.test_window import TestWindow
from console.domain.trouble import TROUBLE, Trouble, TroubleState
from console.services import trouble_words
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.test_windows import open_windows
from widgets.panels.cover import Cover
from widgets.panels.technical import TechnicalRow, TechnicalSheet
from widgets.panels.testing_bar import Testing, TestingBar
from widgets.tasks import Tasks
from widgets.text import elapsed_text, said
from widgets.theme import Theme
from widgets.tick import Tick

SHOWN = (Trouble, Alarm, TestWindow, Site)


class Technical(QObject):
    """`counted` carries how many rows want somebody and how many are shelved; `flooded` the new signals of the last
    ten minutes, 0 while there is no flood."""

    counted = Signal(int, int)
    flooded = Signal(int)

    def __init__(
        self, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks, ground: QWidget, place: Callable[[], QRect]
    ) -> None:
        super().__init__(ground)
        self._desk, self._tick, self._tasks = desk, tick, tasks
        self._rows: dict[str, LaneRow] = {}
        self._flood = 0
        self._told: tuple[int, int, int] | None = None
        self.sheet = TechnicalSheet(theme)
        self.bar = TestingBar(theme)
        self.cover = Cover(ground, theme, self.sheet, place, 760)
        self.sheet.shelved.connect(self._shelve)
        self.sheet.taken_back.connect(self._take_back)
        self.sheet.closed.connect(self._close)
        self.sheet.left.connect(self.cover.hide)
        tick.second.connect(self._beat)
        self.close = desk.picture.observe(self._take_in)

    # -- what it shows ---------------------------------------------------------------------------------------

    @property
    def flood(self) -> bool:
        """Whether more news came than a person can take in."""
        return self._flood > 0

    def refresh(self) -> None:
        """Count, judge, and show anew what is open."""
        state, now = self._desk.picture.state, self._tick.now()
        troubles = state.all(Trouble)
        fresh = new_signals(state.all(Alarm), troubles, now)
        self._flood = fresh if is_flood(fresh) else 0
        self._rows = {row.key: row for row in lane(troubles, grouped=self.flood)}
        shelved = sum(row.state is TroubleState.SHELVED for row in self._rows.values())
        told = (len(self._rows) - shelved, shelved, self._flood)
        if told != self._told:
            self._told = told
            self.counted.emit(*told[:2])
            self.flooded.emit(self._flood)
        if self.cover.isVisible():
            self._show_rows()
        self._show_windows(now)

    def _show_rows(self) -> None:
        title = self.tr("技术事件 {n}").format(n=len(self._rows))
        if self.flood:
            title += self.tr(" · 报警洪峰，按点位合并")
        self.sheet.show_rows(title, [self._in_words(row) for row in self._rows.values()])

    def _in_words(self, row: LaneRow) -> TechnicalRow:
        def may(act: str) -> bool:
            return any(TROUBLE.may(trouble.state, act) for trouble in row.troubles)

        return TechnicalRow(
            key=row.key,
            text=said(trouble_words.headline(self._desk.picture.state, row)),
            said=said(trouble_words.details(row)),
            shelved=row.state is TroubleState.SHELVED,
            shelves=may("shelve"),
            takes_back=may("unshelve"),
            closes=may("close"),
        )

    def _show_windows(self, now: datetime) -> None:
        self.bar.show_windows([self._testing(window, now) for window in open_windows(self._desk.picture.state, now)])

    def _testing(self, window: TestWindow, now: datetime) -> Testing:
        site = self._desk.picture.site(window.site)
        name = site.name if site is not None else window.site
        text = self.tr("测试中 · {site} · 防区 {zones}").format(site=name, zones="、".join(window.zones))
        left = self.tr("剩 {time}（其他防区和胁迫码照常报警）")
        ends = f"结束报备 {site.account if site is not None and site.account else window.site}"
        return Testing(window.id, text, left.format(time=elapsed_text((window.until - now).total_seconds())), ends)

    def _take_in(self, changes: Changes) -> None:
        touched = (*changes.added, *changes.updated, *changes.removed)
        if not any(isinstance(row, SHOWN) for row in touched):
            return
        for row in changes.updated:
            if isinstance(row, TestWindow) and not row.open:
                self._tell_end(row)
        self.refresh()

    def _tell_end(self, window: TestWindow) -> None:
        site = self._desk.picture.site(window.site)
        name = site.name if site is not None else window.site
        who = window.ended_by or self.tr("到时自动")
        text = self.tr("测试报备已结束（{who}）：{site} 防区 {zones} 恢复报警")
        self._tasks.messages.warn(text.format(who=who, site=name, zones="、".join(window.zones)))

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        if now.second % 10 == 0 or self._told is None:
            self.refresh()
        else:
            self._show_windows(now)

    # -- what a person does ----------------------------------------------------------------------------------

    def open(self) -> None:
        """Ctrl+J."""
        self.refresh()
        self._show_rows()
        self.cover.open()
        self.sheet.take_focus()

    @Slot(str, int, str)
    def _shelve(self, key: str, minutes: int, reason: str) -> None:
        self._do(key, "shelve", minutes=minutes, reason=reason)

    @Slot(str, str)
    def _take_back(self, key: str, reason: str) -> None:
        self._do(key, "unshelve", reason=reason)

    @Slot(str, str)
    def _close(self, key: str, reason: str) -> None:
        self._do(key, "close", reason=reason)

    def _do(self, key: str, act: str, **args: object) -> None:
        row = self._rows.get(key)
        if row is not None:
            self._tasks.start(self._each(row, act, args), f"trouble.{act}")

    async def _each(self, row: LaneRow, act: str, args: dict[str, object]) -> None:
        """Every event of the row that can be seen to so; of a group they are several."""
        for trouble in row.troubles:
            if TROUBLE.may(trouble.state, act):
                await self._desk.do(f"trouble.{act}", trouble=trouble.id, **args)
