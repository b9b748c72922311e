"""The test of one site 单点测试: its steps with figures, what to do now, and the keys that go on.

The guide counts what comes in by itself; a person begins, confirms what no signal tells, skips with a reason, takes a
step again, ends the run and has its sheet made. A run laid down is taken up where it stood.
"""

import json
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLineEdit, QListView, QProgressBar
from typing_extensions import override

from console.domain.approval import Approval
from console.domain.site import Site
from console.domain.test_run import RUN_LABELS, StepState, TestRun, TestStep
from console.domain.test_window import TestWindow
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.test_guide import TestGuide
from console.services.test_plan import load_plan
from widgets.controls import KeyButton
from widgets.delegates.steps import StepDelegate
from widgets.models.bench_steps import StepsModel
from widgets.panels.bench.pane import Pane
from widgets.panels.parts import FlowLayout, label
from widgets.tasks import Tasks
from widgets.text import word
from widgets.theme import Theme


class PlanPane(Pane):
    """`site_chosen` carries a site's id; `sheet_wanted` a run's id; `window_wanted` is the key for a test window,
    `window_end_wanted` the key that ends it before its time."""

    site_chosen = Signal(str)
    sheet_wanted = Signal(str)
    window_wanted = Signal()
    window_end_wanted = Signal()

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, guide: TestGuide) -> None:
        super().__init__(theme, "")
        self._desk, self._theme, self._tasks, self._guide = desk, theme, tasks, guide
        self.title.setText(self.tr("单点测试"))
        self.setAccessibleName(self.title.text())
        self.site = QComboBox()
        self.model = StepsModel(self)
        self.view = QListView()
        self.progress = QProgressBar()
        self.said = label("", "", wrap=True)
        self.note = QLineEdit()
        self.begin = KeyButton(theme, "F5", self.tr("开始"), height=30)
        self.confirm = KeyButton(theme, "F6", self.tr("确认通过"), height=30)
        self.skip = KeyButton(theme, "F7", self.tr("跳过本项"), height=30)
        self.again = KeyButton(theme, "F8", self.tr("重测本项"), height=30)
        self.fail = KeyButton(theme, "Shift+F6", self.tr("未通过"), height=30)
        self.sheet = KeyButton(theme, "F9", self.tr("验收单"), height=30)
        self.abandon = KeyButton(theme, "Shift+F9", self.tr("中止"), height=30)
        self.window_key = KeyButton(theme, "Ctrl+T", self.tr("测试报备"), height=30)
        self.window_end = KeyButton(theme, "Ctrl+Shift+T", self.tr("结束报备"), height=30)
        self.site_key = KeyButton(theme, "Ctrl+G", self.tr("点位登记"), height=30)
        self._build()
        self._connect()
        self._end = desk.picture.observe(self._take_in)
        self._fill_sites()
        self.refresh()

    def _build(self) -> None:
        px = self._theme.px
        self.site.setEditable(True)
        self.site.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.site.setAccessibleName(self.tr("点位"))
        completer = self.site.completer()
        if isinstance(completer, QCompleter):
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        line = self.site.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("点位名称或账号"))
        self.view.setModel(self.model)
        self.view.setItemDelegate(StepDelegate(self._theme, self.view))
        self.view.setAccessibleName(self.tr("测试项目"))
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(px(8))
        self.progress.setAccessibleName(self.tr("测试进度"))
        self.note.setPlaceholderText(self.tr("理由或情况（跳过、未通过、中止时必填）"))
        self.note.setAccessibleName(self.tr("理由或情况"))
        self.body.addWidget(self.site)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.said)
        self.body.addWidget(self.note)
        flow = FlowLayout(px(6))
        for button in (self.begin, self.confirm, self.skip, self.again, self.fail, self.sheet, self.abandon):
            flow.addWidget(button)
        for button in (self.window_key, self.window_end, self.site_key):
            flow.addWidget(button)
        row = QHBoxLayout()
        row.addLayout(flow)
        self.body.addLayout(row)

    def _connect(self) -> None:
        self.site.activated.connect(self._site_picked)
        self.begin.clicked.connect(self.start)
        self.confirm.clicked.connect(self.pass_step)
        self.skip.clicked.connect(self.skip_step)
        self.again.clicked.connect(self.take_again)
        self.fail.clicked.connect(self.fail_step)
        self.sheet.clicked.connect(self.make_sheet)
        self.abandon.clicked.connect(self.abandon_run)
        self.window_key.clicked.connect(self.window_wanted)
        self.window_end.clicked.connect(self.window_end_wanted)
        self.site.installEventFilter(self)

    def close_pane(self) -> None:
        """The window goes."""
        self._end()

    # -- what is shown ---------------------------------------------------------------------------------------

    @property
    def site_id(self) -> str:
        """The chosen site, '' for none."""
        return str(self.site.currentData() or "")

    @property
    def run(self) -> TestRun | None:
        """The run under way at the site, else its last one."""
        runs = self._desk.picture.state.where(TestRun, site=self.site_id) if self.site_id else []
        return max(runs, key=lambda run: (run.open, run.started_at), default=None)

    @property
    def steps(self) -> list[TestStep]:
        run = self.run
        found = self._desk.picture.state.where(TestStep, run=run.id) if run is not None else []
        return sorted(found, key=lambda step: step.place)

    @property
    def step(self) -> TestStep | None:
        """The step under way, else the next one that waits."""
        steps = self.steps
        running = next((step for step in steps if step.state is StepState.RUNNING), None)
        return running or next((step for step in steps if step.state is StepState.WAITING), None)

    @property
    def test_window(self) -> TestWindow | None:
        """The test window that is open for the site."""
        now = self._desk.clock()
        found = self._desk.picture.state.where(TestWindow, site=self.site_id) if self.site_id else []
        return next((window for window in found if window.open and window.since <= now < window.until), None)

    @property
    def window_asked(self) -> bool:
        """Whether a test window for the site waits for the chief."""
        asked = self._desk.picture.state.all(Approval)
        waiting = [a for a in asked if a.open and a.act == "test_window.open"]
        return any(json.loads(a.args).get("site") == self.site_id for a in waiting)

    def take_focus(self) -> None:
        """Ctrl+F: another site is typed over the one that stands there."""
        self.site.setFocus(Qt.FocusReason.ShortcutFocusReason)
        line = self.site.lineEdit()
        if line is not None:
            line.selectAll()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What was typed and not chosen goes: the field never names another site than the one under test."""
        if (
            event.type() is QEvent.Type.FocusOut
            and isinstance(event, QFocusEvent)
            and event.reason() is not Qt.FocusReason.PopupFocusReason
        ):
            self.site.setEditText(self.site.itemText(self.site.currentIndex()))
        return super().eventFilter(watched, event)

    def choose_site(self, site: str) -> None:
        """Show a site's test; nothing if there is no such site."""
        at = self.site.findData(site)
        if at >= 0:
            self.site.setCurrentIndex(at)
            self._site_picked()

    def _fill_sites(self) -> None:
        chosen = self.site_id
        self.site.blockSignals(True)
        self.site.clear()
        for site in sorted(self._desk.picture.state.all(Site), key=lambda site: site.name):
            self.site.addItem(" · ".join(part for part in (site.name, site.account) if part), site.id)
        self.site.setCurrentIndex(self.site.findData(chosen) if chosen else -1)
        self.site.blockSignals(False)

    @Slot()
    def _site_picked(self) -> None:
        self.refresh()
        self.site_chosen.emit(self.site_id)

    def refresh(self) -> None:
        """Everything as it stands."""
        run, steps = self.run, self.steps
        found = self._desk.picture.state.get(Site, self.site_id) if self.site_id else None
        name = found.name if found is not None else ""
        self.title.setText(self.tr("单点测试 · {site}").format(site=name) if name else self.tr("单点测试"))
        self.model.show(steps)
        at = self.step
        if at is not None and at.place < self.model.rowCount():
            self.view.scrollTo(self.model.index(at.place))
        done = sum(1 for step in steps if not step.open)
        self.progress.setRange(0, max(1, sum(step.needed for step in steps)))
        self.progress.setValue(sum(step.needed if not step.open else step.seen for step in steps))
        self.said.setText(self._sentence(run, steps, done))
        self._show_buttons(run)

    def _sentence(self, run: TestRun | None, steps: Sequence[TestStep], done: int) -> str:
        if not self.site.count():
            return self.tr("还没有登记点位。按 Ctrl+G 登记，或用命令行导入点位表")
        if not self.site_id:
            return self.tr("按 Ctrl+F 选一个点位，开始验收测试")
        if run is None:
            return self._lane() or self.tr("按 F5 开始验收测试")
        if not run.open:
            state = word(RUN_LABELS[run.state])
            lane = self._lane()
            if lane and self.window_asked:
                return lane
            return self.tr("上次测试：{state}。F9 生成验收单，F5 重新开始").format(state=state)
        step = self.step
        if step is None:
            return self.tr("全部项目已做完，F9 结束并生成验收单")
        planned = load_plan().step(step.code)
        ask = word(planned.ask) if planned is not None else ""
        if step.state is StepState.WAITING:
            ask = self.tr("按 F5 开始计时，{ask}").format(ask=ask)
        left = step.needed - step.seen
        more = self.tr("还需 {n} 次").format(n=left) if step.needed > 1 else ""
        where = self.tr("第 {n} 项，共 {all} 项：{ask}").format(n=done + 1, all=len(steps), ask=ask)
        return " · ".join(part for part in (where, more, self._lane()) if part)

    def _lane(self) -> str:
        """Where a signal of the site goes now, if it is not the test lane."""
        if self.test_window is not None:
            return ""
        if self.window_asked:
            return self.tr("报备待值班长批准（接警台 Ctrl+B）：批准前信号照常报警")
        return self.tr("未报备：信号会作为真实报警进入接警台，先按 Ctrl+T 报备")

    def _show_buttons(self, run: TestRun | None) -> None:
        step = self.step
        running = step is not None and step.state is StepState.RUNNING
        under_way = run is not None and run.open
        self.begin.setEnabled(bool(self.site_id) and not running and not (under_way and step is None))
        self.begin.show_text(self.tr("继续") if under_way else self.tr("开始"))
        self.confirm.setEnabled(running)
        self.fail.setEnabled(running)
        self.skip.setEnabled(under_way and step is not None)
        self.again.setEnabled(under_way and any(not row.open for row in self.steps))
        self.sheet.setEnabled(run is not None)
        self.abandon.setEnabled(under_way)
        self.window_key.setEnabled(bool(self.site_id) and self.test_window is None and not self.window_asked)
        self.window_key.setVisible(self.test_window is None)
        self.window_end.setVisible(self.test_window is not None)

    def _take_in(self, changes: Changes) -> None:
        rows = (*changes.added, *changes.updated, *changes.removed)
        if any(isinstance(row, Site) for row in rows):
            self._fill_sites()
        if any(isinstance(row, Site | TestRun | TestStep | TestWindow | Approval) for row in rows):
            self.refresh()

    # -- what a person does ----------------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """F5: begin a run at the site, or go on with the next step."""
        if self.begin.isEnabled():
            self._tasks.start(self._start(), self.tr("开始测试"))

    async def _start(self) -> None:
        run = self.run
        if run is None or not run.open:
            window = self.test_window
            started = await self._desk.do("test_run.start", site=self.site_id, window=window.id if window else "")
        else:
            started = run.id
        step = self.step
        if step is not None and step.run == started and step.state is StepState.WAITING:
            await self._desk.do("test_run.step", run=step.run, code=step.code, act="start")

    @Slot()
    def pass_step(self) -> None:
        """F6: a person saw it himself (the call back, a siren)."""
        step = self.step
        if step is None or step.state is not StepState.RUNNING or not self.confirm.isEnabled():
            return
        planned = load_plan().step(step.code)
        figure = None
        if planned is not None and planned.measure == "start" and step.started_at is not None:
            figure = round((self._desk.clock() - step.started_at).total_seconds(), 1)
        self._move("pass", step, figure=figure, by_hand=planned is None or planned.expects != "person")

    @Slot()
    def skip_step(self) -> None:
        """F7: with its reason."""
        step = self.step
        if step is not None and self.skip.isEnabled():
            self._move("skip", step)

    @Slot()
    def fail_step(self) -> None:
        """Shift+F6: it did not come, or not as it should."""
        step = self.step
        if step is not None and self.fail.isEnabled():
            self._move("fail", step)

    @Slot()
    def take_again(self) -> None:
        """F8: the chosen step, else the last one that was done."""
        at = self.view.currentIndex()
        done = [step for step in self.steps if not step.open]
        chosen = self.steps[at.row()] if at.isValid() and at.row() < len(self.steps) else None
        step = chosen if chosen is not None and not chosen.open else done[-1] if done else None
        if step is not None and self.again.isEnabled():
            self._move("again", step, go_on=False)

    def _move(
        self, act: str, step: TestStep, *, figure: float | None = None, go_on: bool = True, by_hand: bool = False
    ) -> None:
        # A step that a signal should have passed says on the sheet that a person did.
        note = " ".join(part for part in (self.tr("人工确认") if by_hand else "", self.note.text().strip()) if part)
        self._tasks.start(self._moved(act, step, note, figure, go_on=go_on), self.tr("测试步骤"))

    async def _moved(self, act: str, step: TestStep, note: str, figure: float | None, *, go_on: bool) -> None:
        await self._desk.do("test_run.step", run=step.run, code=step.code, act=act, note=note, figure=figure)
        self.note.clear()
        if go_on:
            await self._guide.begin_next(step.run, f"{act}/{self._desk.clock().timestamp()}")

    @Slot()
    def make_sheet(self) -> None:
        """F9: end a finished run, and have its sheet made."""
        run = self.run
        if run is not None and self.sheet.isEnabled():
            self._tasks.start(self._sheet(run), self.tr("验收单"))

    @Slot()
    def abandon_run(self) -> None:
        """Shift+F9: the test ends as it stands, with its reason."""
        run = self.run
        if run is not None and self.abandon.isEnabled():
            self._tasks.start(self._abandoned(run, self.note.text().strip()), self.tr("中止测试"))

    async def _abandoned(self, run: TestRun, remark: str) -> None:
        await self._desk.do("test_run.end", run=run.id, abandon=True, remark=remark)
        self.note.clear()

    async def _sheet(self, run: TestRun) -> None:
        if run.open:
            await self._desk.do("test_run.end", run=run.id)
        self.sheet_wanted.emit(run.id)
