"""The technician's window 报警终端测试台: lines, live frames, one site's test, simulated panel, latency, quality.

It arranges finished panes and gives them their keys. What it does to the desk goes the way of every act; what it sends
to its own wire goes nowhere. Alarms are the call-taker's: here they are told by a word, never by a sound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.alarm import Alarm
from console.domain.site import Line, Site
from console.services.acceptance import Acceptance
from console.services.desk import Desk
from console.services.event_words import event_text
from console.services.lines import Lines
from console.services.picture import Changes
from console.services.quality import LineQuality
from console.services.test_guide import TestGuide
from widgets.arrangement import Arrangement
from widgets.panels.bench.ask_window import AskWindowSheet
from widgets.panels.bench.frames import FramesPane
from widgets.panels.bench.head import BenchHead
from widgets.panels.bench.latency import LatencyPane
from widgets.panels.bench.lines import LinesPane
from widgets.panels.bench.plan import PlanPane
from widgets.panels.bench.quality import QualityPane
from widgets.panels.bench.side import SidePane
from widgets.panels.bench.simulated import SimulatedPane
from widgets.panels.cover import Cover
from widgets.panels.repairs import RepairsPanel
from widgets.panels.site_due import SiteDuePanel
from widgets.panels.site_form import SiteForm
from widgets.panels.toast import Toast
from widgets.seating import Mode, Seating
from widgets.tasks import Tasks
from widgets.text import word
from widgets.theme import Theme
from widgets.tick import Tick
from widgets.windows.bench_keys import FREE, BenchKey, BenchKeys
from widgets.windows.bench_lines import BenchLines
from widgets.windows.deciding import Deciding
from widgets.windows.gate import Behind, Gate

QUALITY_EVERY_S = 60
COLUMNS, UPPER = (0.225, 0.495, 0.28), 0.62
"""Usual shares of the columns' widths, and of the upper panes' height."""


@dataclass(frozen=True, slots=True)
class BenchPanes:
    """The finished panes."""

    head: BenchHead
    lines: LinesPane
    frames: FramesPane
    plan: PlanPane
    simulated: SimulatedPane
    latency: LatencyPane
    quality: QualityPane
    due: SiteDuePanel
    repairs: RepairsPanel
    site: SiteForm


class BenchWindow(QMainWindow):
    """`closing` is emitted once when the person closes it, `language_wanted` when he asks for the
    other language. `lines` are this process's, None before the start;
    `read_quality` answers the last 24 hours."""

    closing = Signal()
    language_wanted = Signal(str)

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        tick: Tick,
        tasks: Tasks,
        panes: BenchPanes,
        guide: TestGuide,
        seating: Seating,
        arrangement: Arrangement,
        acceptance: Acceptance,
        *,
        lines: Callable[[], Lines | None],
        read_quality: Callable[[Sequence[Line]], object],
        lock_after_s: float = 0.0,
    ) -> None:
        super().__init__()
        self.desk, self.theme, self.tasks, self.panes, self.guide = desk, theme, tasks, panes, guide
        self._arrangement, self._acceptance, self._lines = arrangement, acceptance, lines
        self._read_quality = read_quality
        self._quality_at: datetime | None = None
        self._quality_lines = 0
        self._moved = False
        self.bench_lines: BenchLines | None = None
        self.setWindowTitle(self.tr("110 报警终端测试台"))
        self.setAccessibleName(self.tr("技术员窗口"))
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.ground = QWidget()
        self.side = SidePane(
            theme,
            (
                (self.tr("线路质量"), panes.quality),
                (self.tr("逾期测试"), panes.due),
                (self.tr("维修单"), panes.repairs),
            ),
        )
        self.stacks = [
            self._stack(panes.lines, panes.simulated),
            self._stack(panes.frames, panes.latency),
            self._stack(panes.plan, self.side),
        ]
        self._build()
        self.ask_window = AskWindowSheet(theme)
        self.window_cover = Cover(self.ground, theme, self.ask_window, self.free_place, 560)
        self.site_cover = Cover(self.ground, theme, panes.site, self.free_place, 1100)
        self.gate = self._build_gate(seating, tick, lock_after_s)
        self.toast = Toast(self.ground, theme, tick, tasks.messages, lift=12)
        self.keys: list[BenchKey] = []
        self._connect(tick)

    # -- building --------------------------------------------------------------------------------------------

    def _stack(self, upper: QWidget, lower: QWidget) -> QSplitter:
        stack = QSplitter(Qt.Orientation.Vertical)
        stack.setChildrenCollapsible(False)
        stack.setHandleWidth(self.theme.px(6))
        stack.addWidget(upper)
        stack.addWidget(lower)
        return stack

    def _build(self) -> None:
        px = self.theme.px
        for stack in self.stacks:
            self.columns.addWidget(stack)
        self.columns.setChildrenCollapsible(False)
        self.columns.setHandleWidth(px(6))
        self.ground.setProperty("role", "bar")
        self._outer = QVBoxLayout(self.ground)
        self._outer.setContentsMargins(px(6), 0, px(6), px(6))
        self._outer.setSpacing(px(6))
        self._outer.addWidget(self.panes.head)
        self._outer.addWidget(self.columns, 1)
        self.setCentralWidget(self.ground)
        self.setMinimumSize(px(960), px(600))

    def _build_gate(self, seating: Seating, tick: Tick, lock_after_s: float) -> Gate:
        nothing = QWidget(self.ground)
        nothing.hide()
        self.deciding = Deciding(self.desk, self.theme, self.tasks, self.ground, self.free_place)
        gate = Gate(
            seating,
            self.desk,
            self.theme,
            tick,
            self.tasks,
            Behind(self.ground, self.columns, nothing, self.panes.plan),
            before_lock=lambda: None,
            refreshed=self._another_person,
            to_queue=self.panes.lines.list.setFocus,
            lock_after_s=lock_after_s,
            goes_on=self.tr("线路照常接收；本窗口没有报警条和声音，警情在接警台处理"),
            kept=self.tr("线路照常接收，测试继续计数"),
        )
        self._outer.insertWidget(self._outer.indexOf(self.columns), gate.bar)
        self._outer.insertWidget(self._outer.indexOf(self.columns) + 1, gate.page, 1)
        return gate

    def free_place(self) -> QRect:
        """Where a sheet may lie: over everything but the head."""
        return self.columns.geometry()

    def _connect(self, tick: Tick) -> None:
        panes = self.panes
        for splitter in (self.columns, *self.stacks):
            splitter.splitterMoved.connect(self._person_moved)
        tick.second.connect(self._beat)
        self._end = self.desk.picture.observe(self._take_in)
        self.deciding.counted.connect(panes.head.show_approvals)
        panes.head.approvals_wanted.connect(self.deciding.open)
        panes.plan.window_wanted.connect(self.open_window_sheet)
        panes.plan.window_end_wanted.connect(self.end_window)
        panes.plan.site_key.clicked.connect(self.open_site_form)
        panes.plan.sheet_wanted.connect(self._make_sheet)
        self.ask_window.asked.connect(self._ask_for_window)
        self.ask_window.left.connect(self.window_cover.hide)
        panes.due.site_chosen.connect(panes.plan.choose_site)
        panes.due.test_asked.connect(panes.plan.choose_site)
        panes.repairs.site_chosen.connect(panes.plan.choose_site)
        panes.site.left.connect(self.site_cover.hide)
        panes.site.saved.connect(self._site_saved)

    def install_keys(self, bench_lines: BenchLines) -> None:
        """Give every key its action; each has a button or a menu entry too."""
        self.bench_lines = bench_lines
        plan, simulated, frames = self.panes.plan, self.panes.simulated, self.panes.frames
        self.keys = [
            BenchKey("add_line", "Ctrl+N", self.tr("添加线路"), bench_lines.open_sheet),
            BenchKey("press", "F2", self.tr("模拟按下"), simulated.send_press),
            BenchKey("restore", "F3", self.tr("模拟恢复"), simulated.send_restore),
            BenchKey("replay", "Ctrl+R", self.tr("回放捕获"), simulated.ask_replay),
            BenchKey("pause", "F4", self.tr("暂停报文"), frames.pause.toggle),
            BenchKey("start", "F5", self.tr("开始或继续测试"), plan.start),
            BenchKey("pass", "F6", self.tr("确认通过"), plan.pass_step),
            BenchKey("fail", "Shift+F6", self.tr("未通过"), plan.fail_step),
            BenchKey("skip", "F7", self.tr("跳过本项"), plan.skip_step),
            BenchKey("again", "F8", self.tr("重测本项"), plan.take_again),
            BenchKey("sheet", "F9", self.tr("验收单"), plan.make_sheet),
            BenchKey("abandon", "Shift+F9", self.tr("中止测试"), plan.abandon_run),
            BenchKey("window", "Ctrl+T", self.tr("测试报备"), self.open_window_sheet),
            BenchKey("end_window", "Ctrl+Shift+T", self.tr("结束测试报备"), self.end_window),
            BenchKey("choose", "Ctrl+F", self.tr("选点位"), plan.take_focus),
            BenchKey("site", "Ctrl+G", self.tr("点位登记"), self.open_site_form),
            BenchKey("export", "Ctrl+E", self.tr("导出报文"), bench_lines.export),
            BenchKey("quality", "Ctrl+1", self.tr("线路质量"), lambda: self.side.show_page(0)),
            BenchKey("due", "Ctrl+2", self.tr("逾期测试"), lambda: self.side.show_page(1)),
            BenchKey("repairs", "Ctrl+3", self.tr("维修单"), lambda: self.side.show_page(2)),
            BenchKey("approvals", "Ctrl+B", self.tr("待批"), self.deciding.open),
            BenchKey("lock", "F12", self.tr("锁定席位"), self.gate.lock),
            BenchKey("language", "Alt+L", self.tr("语言"), lambda: self.language_wanted.emit("")),
            BenchKey("hand_over", "Shift+F12", self.tr("换班登录"), self.gate.open_hand_over),
        ]
        self._keyboard = BenchKeys(self, self.keys, self.ground.findChildren(Cover), self._refuses)

    def _refuses(self, key: BenchKey) -> bool:
        """A key was pressed: somebody sits here, and what was told is read."""
        self.toast.clear()
        self.gate.idle.touch()
        return key.id not in FREE and self.gate.refuses()

    # -- as it stands ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """The loop runs and the lines are there."""
        lines = self._lines()
        if lines is not None:
            self.panes.frames.listen_to(lines.tap)
        self.panes.lines.list.setFocus(Qt.FocusReason.OtherFocusReason)
        # Last: who must sign on types into the form, and no password into a field that shows it.
        self.gate.show_mode()

    async def stop(self) -> None:
        """The window goes."""
        panes = self.panes
        panes.frames.close_pane()
        panes.plan.close_pane()
        panes.head.close_head()
        for panel in (panes.due, panes.repairs, panes.site):
            panel.close_panel()
        self.guide.close()
        self._end()
        self.deciding.close()
        if self.bench_lines is not None:
            await self.bench_lines.close()

    def _another_person(self) -> None:
        panes = self.panes
        self.deciding.cover.hide()
        self.deciding.refresh()
        panes.head.person.show_locked(self.gate.seating.mode is Mode.LOCKED)
        for panel in (panes.plan, panes.due, panes.repairs, panes.site):
            panel.refresh()

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        lines = self._lines()
        figures = lines.figures() if lines is not None else {}
        self.panes.lines.show_lines(figures, now)
        chosen = [f for name, f in figures.items() if self.panes.lines.line in ("", name)]
        stored = [value for f in chosen for value in f.stored_ms]
        answered = [value for f in chosen for value in f.answered_ms]
        self.panes.latency.show_delays(stored, answered, self.panes.frames.screen_ms(self.panes.lines.line))
        known = self.desk.picture.state.all(Line)
        waited = self._quality_at is None or now - self._quality_at >= timedelta(seconds=QUALITY_EVERY_S)
        if waited or len(known) != self._quality_lines:
            self._quality_at, self._quality_lines = now, len(known)
            self._read_quality(known)
            # What is due becomes overdue by the clock alone.
            self.panes.due.refresh()
            self.panes.repairs.refresh()

    def _take_in(self, changes: Changes) -> None:
        """A real alarm is never mistaken here for a part of the test: what went live is said at once."""
        for alarm in changes.added:
            if isinstance(alarm, Alarm):
                self._tell_alarm(alarm)

    def _tell_alarm(self, alarm: Alarm) -> None:
        site = self.desk.picture.state.get(Site, alarm.site) if alarm.site else None
        where = site.name if site is not None else self.tr("账号 {account}").format(account=alarm.account or "—")
        said = self.tr("真实报警已送接警台：{where} 防区 {zone} · {event}")
        self.tasks.messages.warn(said.format(where=where, zone=alarm.zone or "—", event=word(event_text(alarm))))

    def show_quality(self, lines: Sequence[LineQuality], now: datetime) -> None:
        """What was read of the last 24 hours."""
        self.panes.quality.show_quality(lines, now)

    # -- what a person does ----------------------------------------------------------------------------------

    @Slot()
    def open_window_sheet(self) -> None:
        """Ctrl+T."""
        site = self.desk.picture.state.get(Site, self.panes.plan.site_id)
        if site is None:
            self.tasks.messages.warn(self.tr("先按 Ctrl+F 选一个点位，再报备测试"))
            return
        if self.panes.plan.test_window is not None or self.panes.plan.window_asked:
            self.tasks.messages.warn(self.tr("这个点位的测试报备已在进行或等待批准，不必再报"))
            return
        self.window_cover.open()
        self.ask_window.open_for(site.id, site.name, site.zones)

    @Slot(object, str)
    def _ask_for_window(self, args: object, reason: str) -> None:
        self.tasks.start(self._asked_for_window(args, reason), self.tr("测试报备"))

    async def _asked_for_window(self, args: object, reason: str) -> None:
        await self.desk.do("approval.ask", act="test_window.open", args=args, reason=reason)
        self.window_cover.hide()
        if self.desk.open_without_accounts:
            self.tasks.messages.warn(self.tr("已提交，但本机还没有账号，没有人能批准：请安全管理员先导入账号"))
            return
        self.tasks.messages.info(self.tr("已提交，等值班长批准（接警台 Ctrl+B）；批准前信号照常报警"))

    @Slot()
    def end_window(self) -> None:
        """Ctrl+Shift+T: before its time."""
        window = self.panes.plan.test_window
        if window is None:
            self.tasks.messages.warn(self.tr("这个点位没有进行中的测试报备"))
            return
        self.tasks.start(self.desk.do("test_window.end", window=window.id), self.tr("结束测试报备"))

    @Slot()
    def open_site_form(self) -> None:
        """Ctrl+G: the chosen site, or an empty form."""
        self.panes.site.open(self.panes.plan.site_id)
        self.site_cover.open()
        self.panes.site.take_focus()

    @Slot(str)
    def _site_saved(self, site: str) -> None:
        self.panes.plan.choose_site(site)

    @Slot(str)
    def _make_sheet(self, run: str) -> None:
        self.tasks.start(self._sheet(run), self.tr("验收单"))

    async def _sheet(self, run: str) -> None:
        pdf, data = await self._acceptance.sheet(run)
        self.tasks.messages.info(self.tr("验收单已生成：{pdf}、{data}").format(pdf=pdf.name, data=data.name))

    # -- Qt's side -------------------------------------------------------------------------------------------

    def arrange(self) -> None:
        """The kept arrangement, else the usual one."""
        kept = self._arrangement.load()
        place = kept.get("window", [])
        if len(place) == 4:
            self.setGeometry(*place)
        whole = self.columns.width()
        self.columns.setSizes(kept.get("columns", [round(whole * share) for share in COLUMNS]))
        for at, stack in enumerate(self.stacks):
            high = stack.height()
            self.stacks[at].setSizes(kept.get(f"stack{at}", [round(high * UPPER), round(high * (1 - UPPER))]))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.arrange()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another screen: the usual arrangement follows until a person has made one."""
        super().resizeEvent(event)
        if not self._moved and not self._arrangement.load():
            self.arrange()

    @Slot()
    def _person_moved(self) -> None:
        self._moved = True

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self._moved:
            at = self.geometry()
            sizes = {f"stack{place}": stack.sizes() for place, stack in enumerate(self.stacks)}
            place = [at.x(), at.y(), at.width(), at.height()]
            self._arrangement.save({"columns": self.columns.sizes(), "window": place, **sizes})
        event.ignore()
        self.closing.emit()
