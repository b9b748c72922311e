"""Live frames 实时报文: what passes the chosen line as it passes, in hex and words, with each answer and its delay.

It can stand still, be filtered, exported to a text file and captured to a file that a line can play again. Delays to
the screen are taken when a row is really painted.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QListView
from typing_extensions import override

from console.domain.clock import Clock
from console.services.bench_wire import NAME as BENCH
from console.services.frame_words import frame_words, out_words
from console.services.line_tap import Frame, Tap, Tapped
from widgets.delegates.frames import FrameDelegate
from widgets.models.bench_frames import FrameRow, FramesModel, Kind
from widgets.panels.bench.pane import Pane
from widgets.panels.chip import Chip
from widgets.panels.parts import label
from widgets.text import said
from widgets.theme import Theme

BATCH_MS = 8
"""What passed within this time is shown together: a fast line must not paint each frame by itself."""
KEPT_DELAYS = 500


class FramesPane(Pane):
    """`export_wanted` and `capture_wanted` (on or off) are the switches' requests; `shown` carries how many ms a
    signal took to the screen."""

    export_wanted = Signal()
    capture_wanted = Signal(bool)
    shown = Signal(float)

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme, "")
        self._theme, self._clock = theme, clock
        self._screen_ms: dict[str, deque[float]] = {}
        self._follows = True
        self._unpainted: list[tuple[str, float]] = []
        self._passed: list[Frame] = []
        self._end_tap: Callable[[], None] = lambda: None
        self.model = FramesModel(self, BENCH)
        self.view = QListView()
        self._delegate = FrameDelegate(theme, self.view)
        self.search = QLineEdit()
        self.hex = Chip(theme, self.tr("十六进制"))
        self.words = Chip(theme, self.tr("解码"))
        self.heartbeats = Chip(theme, self.tr("心跳"))
        self.pause = Chip(theme, self.tr("F4 暂停"))
        self.capture = Chip(theme, self.tr("捕获"))
        self.export = Chip(theme, self.tr("导出"), tick=False)
        self.empty = label("", "muted")
        self._timer = QTimer(self)
        self._build()
        self._connect()
        self.show_line("")

    def _build(self) -> None:
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._delegate)
        self.view.setAccessibleName(self.tr("实时报文列表"))
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        # Rows are as wide as the view; a bar below would come and go with the one beside it.
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.search.setPlaceholderText(self.tr("筛选：账号、防区、十六进制…"))
        self.search.setAccessibleName(self.tr("筛选报文"))
        self.export.setCheckable(False)
        for switch in (self.hex, self.words, self.heartbeats):
            switch.setChecked(True)
        for switch in (self.hex, self.words, self.heartbeats, self.pause, self.capture, self.export):
            self.tools.addWidget(switch)
        self.pause.setToolTip(self.tr("画面停住，收发照常；再按继续"))
        self.capture.setToolTip(self.tr("把所有收发字节记入文件，可用模拟面板的“回放捕获”再看"))
        self.empty.setWordWrap(True)
        # In a row of its own: beside the switches it was three dots wide on a small screen.
        self.body.addWidget(self.search)
        self.body.addWidget(self.empty)
        self.body.addWidget(self.view, 1)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BATCH_MS)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._take_in)
        self.search.textChanged.connect(self._filter)
        self.heartbeats.toggled.connect(self._filter)
        self.pause.toggled.connect(self._pause)
        for switch in (self.hex, self.words):
            switch.toggled.connect(self._dress)
        self.capture.toggled.connect(self.capture_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.view.viewport().installEventFilter(self)
        bar = self.view.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._grown)
        for changed in (self.model.rowsInserted, self.model.rowsRemoved, self.model.modelReset):
            changed.connect(self._show_empty)

    def listen_to(self, tap: Tap) -> None:
        """Show what passes this tap from now on."""
        self._end_tap()
        self._end_tap = tap.listen(self._heard)

    def close_pane(self) -> None:
        """The window goes."""
        self._end_tap()
        self._timer.stop()

    def show_line(self, line: str) -> None:
        """Only this line's frames; '' for all of them."""
        self.title.setText(self.tr("实时报文 · {line}").format(line=line or self.tr("全部线路")))
        self.model.line = line
        self._filter()
        self.view.scrollToBottom()

    def add(self, rows: list[FrameRow]) -> None:
        """Rows below the last; the view follows while it stands at the end."""
        self.model.add(rows)
        self._show_waiting()

    # -- what passes -----------------------------------------------------------------------------------------

    def _heard(self, tapped: Tapped) -> None:
        if isinstance(tapped, Frame):
            self.show_frame(tapped)

    def show_frame(self, frame: Frame) -> None:
        """A frame that was settled, on a line or on the simulated panel's own wire."""
        self._passed.append(frame)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _take_in(self) -> None:
        passed, self._passed = self._passed, []
        now, steady = self._clock(), time.monotonic()
        rows: list[FrameRow] = []
        for frame in passed:
            rows += rows_of(frame, lambda at: now - timedelta(seconds=steady - at))
            if self._measured(frame, rows[-1]):
                self._unpainted.append((frame.line, frame.at))
        self.add(rows)

    def _measured(self, frame: Frame, row: FrameRow) -> bool:
        """A signal that nobody sees now has no time to the screen, and what was simulated is no line's figure."""
        return frame.report.type == "signal" and frame.line != BENCH and self.model.shows(row)

    def screen_ms(self, line: str) -> list[float]:
        """The last delays to the screen of a line, of all lines for '', in ms."""
        if line:
            return list(self._screen_ms.get(line, ()))
        return [delay for delays in self._screen_ms.values() for delay in delays]

    def keep_delay(self, line: str, ms: float) -> None:
        """One more delay to the screen."""
        self._screen_ms.setdefault(line, deque(maxlen=KEPT_DELAYS)).append(ms)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._unpainted:
            now, waited = time.monotonic(), self._unpainted
            self._unpainted = []
            for line, at in waited:
                self.keep_delay(line, (now - at) * 1000)
                self.shown.emit((now - at) * 1000)
        return super().eventFilter(watched, event)

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        self._follows = value >= self.view.verticalScrollBar().maximum() - self._theme.px(24)

    @Slot(int, int)
    def _grown(self, _least: int, most: int) -> None:
        """More rows, or less room for them (the seat was locked): who read the last one reads on."""
        if self._follows and not self.model.paused:
            self.view.verticalScrollBar().setValue(most)

    # -- switches --------------------------------------------------------------------------------------------

    @Slot()
    def _filter(self) -> None:
        self.model.show_only(self.model.line, self.search.text(), heartbeats=self.heartbeats.isChecked())

    @Slot(bool)
    def _pause(self, paused: bool) -> None:
        self.model.pause(paused)
        self._show_waiting()
        if not paused:
            self.view.scrollToBottom()

    @Slot()
    def _show_empty(self) -> None:
        """Why nothing stands here, and what to do."""
        self.empty.setVisible(not self.model.rowCount())
        filtered = self.search.text() or not self.heartbeats.isChecked()
        self.empty.setText(
            self.tr("没有符合筛选的报文；清空筛选、打开“心跳”可看到全部")
            if filtered
            else self.tr("还没有报文；在现场按一下按钮，或按 F2 用模拟面板发一帧")
        )

    def _show_waiting(self) -> None:
        n = self.model.waiting
        self.pause.show_text(self.tr("F4 继续（{n} 帧）").format(n=n) if self.model.paused else self.tr("F4 暂停"))

    @Slot()
    def _dress(self) -> None:
        self._delegate.with_hex, self._delegate.with_words = self.hex.isChecked(), self.words.isChecked()
        self.view.doItemsLayout()

    def text(self) -> str:
        """What is shown, as lines of text for the export."""
        return "".join(f"{self.model.data(self.model.index(row))}\n" for row in range(self.model.rowCount()))


def rows_of(frame: Frame, wall: Callable[[float], datetime]) -> list[FrameRow]:
    """A frame as heard, and its answer if one was written."""
    report = frame.report
    kinds: dict[str, Kind] = {"signal": "signal", "heartbeat": "heartbeat", "garbage": "garbage"}
    kind = kinds.get(report.type, "other")
    heard = FrameRow(wall(frame.at), frame.line, report.raw, said(frame_words(report)), kind)
    if frame.answered_at is None or not report.ack:
        return [heard]
    stored = ""
    if frame.stored_at is not None:
        pattern = QCoreApplication.translate("bench", " · 入库 {ms:.1f} ms 后应答")
        stored = pattern.format(ms=(frame.stored_at - frame.at) * 1000)
    delay = (frame.answered_at - frame.at) * 1000
    out: Kind = "heartbeat" if kind == "heartbeat" else "out"
    words = f"{said(out_words(report.ack))}{stored}"
    return [heard, FrameRow(wall(frame.answered_at), frame.line, report.ack, words, out, delay, out=True)]
