"""The bench's head: who sits here, the yellow sign of open test windows, what is wrong, the time."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.domain.account import Account, Seat
from console.domain.site import Site
from console.domain.test_window import TestWindow
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.panels.banner import FaultBanner
from widgets.panels.chip import Chip
from widgets.panels.clock_face import ClockFace
from widgets.panels.parts import Tag
from widgets.panels.person import PersonButton
from widgets.text import elapsed_text
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick

MOST_ZONES = 5


def zones_text(zones: Sequence[str]) -> str:
    """001、002, the first of many: everything else is live, so the sign names what is not."""
    said = "、".join(zones[:MOST_ZONES])
    if len(zones) <= MOST_ZONES:
        return said
    return QCoreApplication.translate("bench", "{zones} 等 {n} 个").format(zones=said, n=len(zones))


class BenchHead(QWidget):
    """`approvals_wanted` as in the header of a desk."""

    approvals_wanted = Signal()
    theme_chosen = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, tick: Tick) -> None:
        super().__init__()
        self._desk, self._theme = desk, theme
        px = theme.px
        self.setProperty("role", "bar")
        self.setAccessibleName(self.tr("页眉"))
        title = QLabel(self.tr("报警终端测试台"))
        title.setProperty("role", "title")
        self.person = PersonButton(desk, theme, self.tr("席位与技术员"))
        self.testing = Tag(theme, "warn")
        self.approvals = Chip(theme, "", "warn", tick=False)
        self.approvals.setCheckable(False)
        self.approvals.hide()
        self.night = Chip(theme, "", tick=False)
        self.clock = ClockFace(theme)
        self.banner = FaultBanner(desk, theme)
        row = QHBoxLayout()
        row.setSpacing(px(12))
        for piece in (title, self.person, self.testing, self.approvals):
            row.addWidget(piece)
        row.addStretch(1)
        row.addWidget(self.night)
        row.addWidget(self.clock)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(6), px(14), px(4))
        column.setSpacing(px(4))
        column.addLayout(row)
        column.addWidget(self.banner)
        self.approvals.clicked.connect(self.approvals_wanted)
        self.night.clicked.connect(self._switch_theme)
        tick.second.connect(self._beat)
        self._end = desk.picture.observe(self._take_in)
        self._name_theme()

    def close_head(self) -> None:
        """The window goes."""
        self._end()

    def show_approvals(self, waiting: int) -> None:
        """How many requests of others wait for this person."""
        self.approvals.show_text(self.tr("Ctrl+B 待批 {n}").format(n=waiting))
        self.approvals.setVisible(waiting > 0)

    def _take_in(self, changes: Changes) -> None:
        rows = (*changes.added, *changes.updated, *changes.removed)
        if any(isinstance(row, Account | Seat) for row in rows):
            self.person.refresh()
        if any(isinstance(row, TestWindow) for row in rows):
            self.show_windows(self._desk.clock())

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        self.clock.show_time(now)
        self.show_windows(now)

    def show_windows(self, now: datetime) -> None:
        """测试模式 · site · 剩 23:10, as long as one is open."""
        state = self._desk.picture.state
        found = [w for w in state.all(TestWindow) if w.open and w.since <= now < w.until]
        if not found:
            self.testing.show_text("")
            return
        first = min(found, key=lambda window: window.until)
        site = state.get(Site, first.site)
        left = elapsed_text((first.until - now).total_seconds())
        said = self.tr("测试模式 · {site} · 防区 {zones} 不派警 · 剩 {left}")
        more = self.tr("（共 {n} 处）").format(n=len(found)) if len(found) > 1 else ""
        zones = zones_text(first.zones)
        self.testing.show_text(said.format(site=site.name if site else first.site, zones=zones, left=left) + more)
        self.testing.setToolTip(self.tr("防区 {zones}；其他防区和胁迫码照常报警").format(zones="、".join(first.zones)))

    @Slot()
    def _switch_theme(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._theme.use(app, DAY if self._theme.tokens is NIGHT else NIGHT)
            self.theme_chosen.emit(self._theme.tokens.name)
            self._name_theme()

    def _name_theme(self) -> None:
        self.night.show_text(self.tr("夜间") if self._theme.tokens is NIGHT else self.tr("日间"))
