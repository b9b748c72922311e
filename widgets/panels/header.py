"""The header: who sits here, the time, and the lamps; below it, in red, what is wrong and what to do about it.

Lamps of what is not there (no modem, 12345) are drawn as off and say so.
"""

from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from console.domain.account import Account, Seat
from console.domain.incident import Incident
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.site import LINE_LABELS, Line, LineState
from console.services.desk import Desk
from console.services.health import Lamp
from console.services.outbox import MODEM
from console.services.picture import Changes
from widgets.afterwards import Afterwards
from widgets.controls import LampLabel
from widgets.layouts import Reflow
from widgets.panels.banner import FaultBanner
from widgets.panels.chip import Chip
from widgets.panels.clock_face import ClockFace
from widgets.panels.person import PersonButton
from widgets.text import clock_text, word
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick

RECENT = timedelta(minutes=10)
SLOW_MS = 300
"""A journal that answers later than this lights its lamp yellow (a row then says 保存中)."""


class Header(QWidget):
    """`sound` tells whether sounds can be heard; `theme_chosen` carries the name of the theme a person chose,
    `approvals_wanted` is a press on the count of what waits for this person's decision, `technical_wanted` one on that
    of the technical events."""

    theme_chosen = Signal(object)
    approvals_wanted = Signal()
    technical_wanted = Signal()
    bulletins_wanted = Signal()

    def __init__(
        self, desk: Desk, theme: Theme, tick: Tick, *, city: str = "", shift: str = "", sound: bool = True
    ) -> None:
        super().__init__()
        self._desk, self._theme, self._tick, self._sound = desk, theme, tick, sound
        self.setProperty("role", "bar")
        self.setAccessibleName(self.tr("页眉"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        title = self.tr("{city}110 接处警台").format(city=word(city) if city else "")
        self._title = QLabel(title)
        self.person = PersonButton(desk, theme, self.tr("席位与接警员"), shift)
        self.approvals = Chip(theme, "", "warn", tick=False)
        self.approvals.setCheckable(False)
        self.approvals.hide()
        self.technical = Chip(theme, "", "muted", tick=False)
        self.technical.setCheckable(False)
        self.technical.hide()
        self.bulletins = Chip(theme, "", "warn", tick=False)
        self.bulletins.setCheckable(False)
        self.bulletins.hide()
        self._flood = 0
        self._recent_later = Afterwards(self, lambda: self._show_recent(self._tick.now()))
        self.clock = ClockFace(theme)
        self.lines = LampLabel(theme, self.tr("报警线路"))
        self.database = LampLabel(theme, self.tr("数据库"))
        self.sms = LampLabel(theme, self.tr("短信模块"))
        self.hotline = LampLabel(theme, self.tr("12345"))
        self.loudspeaker = LampLabel(theme, self.tr("声音"))
        self.recent = LampLabel(theme, self.tr("10分钟警情"))
        self.night = Chip(theme, "", tick=False)
        self.flashing = Chip(theme, self.tr("闪烁"))
        self.banner = FaultBanner(desk, theme)
        self._build()
        self._connect()
        self._static_lamps()
        self.refresh()

    def _build(self) -> None:
        px = self._theme.px
        self._title.setProperty("role", "title")
        self._title.setAccessibleName(self.tr("本台名称"))
        left, right = QWidget(), QWidget()
        self._lamps = right
        # It gives way: what pushes the clock to the middle must not count as needed room.
        self._beside = QSpacerItem(0, 0, QSizePolicy.Policy.Maximum)
        names = self._names = QHBoxLayout(left)
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(px(12))
        names.addWidget(self._title)
        names.addWidget(self.person, 1)
        names.addWidget(self.approvals)
        names.addWidget(self.technical)
        names.addWidget(self.bulletins)
        names.addStretch(0)
        names.addWidget(self.clock, 0, Qt.AlignmentFlag.AlignRight)
        names.addSpacerItem(self._beside)
        lamps = QHBoxLayout(right)
        lamps.setContentsMargins(0, 0, 0, 0)
        lamps.setSpacing(px(6))
        lamps.addStretch(1)
        for lamp in (self.lines, self.database, self.loudspeaker, self.sms, self.hotline, self.recent):
            lamps.addWidget(lamp)
        lamps.addWidget(self.flashing)
        lamps.addWidget(self.night)
        self._reflow = Reflow(left, right, px(12))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(14), px(6), px(14), px(4))
        outer.setSpacing(px(4))
        outer.addWidget(self._reflow)
        outer.addWidget(self.banner)

    def _connect(self) -> None:
        self.night.clicked.connect(self._switch_theme)
        self.approvals.clicked.connect(self.approvals_wanted)
        self.technical.clicked.connect(self.technical_wanted)
        self.bulletins.clicked.connect(self.bulletins_wanted.emit)
        self.flashing.setChecked(True)
        self.flashing.toggled.connect(self._tick.allow_flash)
        self.flashing.setToolTip(self.tr("关闭后只用文字、图形和颜色提示，不再闪烁"))
        self._tick.second.connect(self._beat)
        self._stops = (
            self._desk.picture.observe(self._take_in),
            self._desk.health.observe(self.refresh),
        )
        self._theme.changed.connect(self._dress)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        for stop in self._stops:
            stop()
        super().closeEvent(event)

    # -- lamps -----------------------------------------------------------------------------------------------

    def _static_lamps(self) -> None:
        self.hotline.show_state(Lamp.OFF, self.tr("12345 未接入"), self.tr("本版本未接入，请电话转办并代录"))
        if not self._sound:
            remedy = self.tr("接上音箱或耳机后重新打开本程序；报警仍会显示在报警条上")
            self.loudspeaker.show_state(Lamp.WARN, self.tr("无声音设备"), remedy)
        self.night.show_text(self.tr("夜间") if self._theme.tokens is NIGHT else self.tr("日间"))
        self.night.setToolTip(self.tr("切换日间或夜间配色"))

    def show_sound(self, tested_at: datetime | None) -> None:
        """When the sounds were heard in this shift; None: nobody has tried them yet."""
        if not self._sound:
            return
        if tested_at is None:
            remedy = self.tr("按 Ctrl+Alt+S 试音，听到后再按一次")
            self.loudspeaker.show_state(Lamp.WARN, self.tr("声音待试"), remedy)
        else:
            heard = self.tr("{at} 试音通过").format(at=clock_text(tested_at))
            self.loudspeaker.show_state(Lamp.GOOD, self.tr("声音"), heard)
        self._arrange()

    def show_approvals(self, waiting: int) -> None:
        """How many requests of others wait for this person; the chip is hidden at 0."""
        self.approvals.show_text(self.tr("待批 {n}").format(n=waiting))
        self.approvals.setToolTip(self.tr("他人请求审批，点击或按 Ctrl+B 处理"))
        self.approvals.setVisible(waiting > 0)
        self._arrange()

    def show_technical(self, waiting: int, shelved: int) -> None:
        """How many technical events want somebody, and how many are shelved; the chip is hidden at 0 and 0."""
        aside = self.tr("（搁置 {n}）").format(n=shelved) if shelved else ""
        self.technical.show_text(self.tr("技术 {n}").format(n=waiting) + aside + " · Ctrl J")
        self.technical.setToolTip(self.tr("设备技术事件，点击或按 Ctrl+J 查看"))
        self.technical.setVisible(waiting + shelved > 0)
        self._arrange()

    def show_bulletins(self, unread: int, running: int) -> None:
        """How many bulletins are in force, how many of them this seat has not opened; hidden while there are none."""
        fresh = self.tr(" · 未读 {n}").format(n=unread) if unread else ""
        self.bulletins.show_text(self.tr("布控 {n}").format(n=running) + fresh)
        self.bulletins.setToolTip(self.tr("布控、协查、通播，点击或按 Ctrl+Shift+K 查看"))
        self.bulletins.setVisible(running > 0)
        self._arrange()

    def show_flood(self, signals: int) -> None:
        """A flood of so many new signals in ten minutes; 0: none."""
        self._flood = signals
        self._show_recent(self._tick.now())
        self._arrange()

    def refresh(self) -> None:
        """All lamps as things stand."""
        self.person.refresh()
        self._show_lines()
        self._show_sms()
        self._show_database()
        self._show_recent(self._tick.now())
        self.banner.refresh()
        self._arrange()

    def _arrange(self) -> None:
        """Side by side or in two rows; where there is room the clock stands in the middle of the window."""
        self._reflow.arrange()
        lamps = self._lamps.sizeHint().width() + self._theme.px(12)
        room = (self._reflow.width() - self.clock.sizeHint().width()) // 2 - lamps
        self._beside.changeSize(0 if self._reflow.narrow else max(0, room), 0, QSizePolicy.Policy.Maximum)
        self._names.invalidate()

    def _show_lines(self) -> None:
        lines = self._desk.picture.state.all(Line)
        health = self._desk.health
        up = [line for line in lines if line.state is LineState.UP and f"unattended:{line.name}" not in health.faults]
        text = self.tr("报警线路 {up}/{all}").format(up=len(up), all=len(lines))
        wrong = [line for line in lines if line not in up]
        said = [f"{line.name} {word(LINE_LABELS[line.state])} {word(line.why)}".strip() for line in wrong]
        said += [
            f"{name} {word(LINE_LABELS[LineState.STANDBY])} {word(who)}" for name, who in health.standing_by.items()
        ]
        told = "\n".join(said)
        if not lines:
            self.lines.show_state(Lamp.WARN, text, self.tr("没有报警线路：用 --line 指定接收机端口"))
        elif not wrong:
            self.lines.show_state(Lamp.GOOD, text, told)
        else:
            lost = any(line.state in (LineState.LOST, LineState.SILENT, LineState.UP) for line in wrong)
            self.lines.show_state(Lamp.BAD if lost else Lamp.WARN, text, told)

    def _show_sms(self) -> None:
        """The modems: one that is up is enough; what waits to be sent is counted."""
        state = self._desk.picture.state
        modems = state.where(Line, protocol=MODEM)
        waiting = len(state.where(OutboxMessage, state=MessageState.QUEUED))
        if not modems:
            later = self.tr("没有短信模块线路（at-modem），派单走派单纸和电话代录")
            self.sms.show_state(Lamp.OFF, self.tr("短信 未接入"), later)
        elif not any(line.state is LineState.UP for line in modems):
            remedy = self.tr("检查短信模块的电源、SIM 卡和接线；收不到短信报警和来电")
            self.sms.show_state(Lamp.BAD, self.tr("短信 中断"), remedy)
        elif waiting:
            text = self.tr("短信 待发 {n}").format(n=waiting)
            self.sms.show_state(Lamp.GOOD, text, self.tr("正在发送，失败会自动重试"))
        else:
            self.sms.show_state(Lamp.GOOD, self.tr("短信"))

    def _show_database(self) -> None:
        health = self._desk.health
        if not health.journal_up or health.unsent:
            text = self.tr("本机暂存 {n} 条未送达").format(n=health.unsent)
            remedy = self.tr("新警情先存本机，数据库恢复后自动补送；请检查数据库与磁盘")
            self.database.show_state(Lamp.WARN if health.journal_up else Lamp.BAD, text, remedy)
            return
        if health.saving_subjects():
            self.database.show_state(Lamp.WARN, self.tr("数据库 保存中"), self.tr("写入较慢，请稍候；2 秒后转存本机"))
            return
        lamp = Lamp.GOOD if health.latency_ms < SLOW_MS else Lamp.WARN
        text = self.tr("数据库 {ms} ms").format(ms=round(health.latency_ms)) if health.latency_ms else self.tr("数据库")
        self.database.show_state(lamp, text)

    def _show_recent(self, now: datetime) -> None:
        if self._flood:
            told = self.tr("10 分钟内新信号超过 10 个：技术事件按点位合并，一键报警逐条显示")
            self.recent.show_state(Lamp.BAD, self.tr("洪峰 {n}/10分钟").format(n=self._flood), told)
            return
        since = now - RECENT
        count = sum(1 for incident in self._desk.picture.incidents() if incident.created_at > since)
        self.recent.show_state(Lamp.GOOD, self.tr("10分钟警情 {n}").format(n=count))

    def _take_in(self, changes: Changes) -> None:
        rows = (*changes.added, *changes.updated, *changes.removed)
        if any(isinstance(row, Account | Seat) for row in rows):
            self.person.refresh()
        if any(isinstance(row, Line) for row in rows):
            self._show_lines()
        if any(isinstance(row, Line | OutboxMessage) for row in rows):
            self._show_sms()
        if any(isinstance(row, Incident) for row in changes.added):
            self._recent_later.ask()
        if changes.facts:
            self._show_database()

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        self.clock.show_time(now)
        if now.second % 10 == 0:
            self._show_recent(now)

    # -- the person ------------------------------------------------------------------------------------------

    @Slot()
    def _switch_theme(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._theme.use(app, DAY if self._theme.tokens is NIGHT else NIGHT)
            self.theme_chosen.emit(self._theme.tokens.name)

    @Slot(object)
    def _dress(self, _theme: Theme) -> None:
        self._static_lamps()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        super().resizeEvent(event)
        self._arrange()
