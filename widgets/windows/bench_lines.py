"""What the bench does with lines: adds one by listening at a port, drives the simulated panel, exports and captures."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from console.domain.clock import Clock
from console.domain.errors import EnvironmentFault, UserError
from console.services.bench_replay import Replay, is_capture
from console.services.bench_wire import Sent, SimulatedPanel, serial_ports
from console.services.detecting import listen_at
from console.services.lines import Lines
from widgets.panels.bench.add_line import AddLineSheet
from widgets.panels.bench.frames import FramesPane
from widgets.panels.bench.lines import LinesPane
from widgets.panels.bench.simulated import SimulatedPane
from widgets.panels.cover import Cover
from widgets.tasks import Tasks


class BenchLines(QObject):
    """`add_line` opens one more line for good and answers its name; `lines` are this process's, None before the start;
    `folder` takes captures and exports."""

    def __init__(
        self,
        tasks: Tasks,
        clock: Clock,
        panes: tuple[LinesPane, FramesPane, SimulatedPane],
        sheet: AddLineSheet,
        cover: Cover,
        *,
        add_line: Callable[[str], str],
        lines: Callable[[], Lines | None],
        folder: Path,
    ) -> None:
        super().__init__(cover)
        self._tasks, self._clock, self._cover, self._sheet = tasks, clock, cover, sheet
        self._list, self._frames, self._simulated = panes
        self._add_line, self._lines, self._folder = add_line, lines, folder
        self._stop_listening = Event()
        self._panel: SimulatedPanel | None = None
        self._panel_of = ("", "", "")
        self._replay: Replay | None = None
        self._replay_as = ""
        self._chooser = QFileDialog(cover.window())
        self._list.add_wanted.connect(self.open_sheet)
        self._list.chosen.connect(self._frames.show_line)
        sheet.detect_wanted.connect(self._detect)
        sheet.stopped.connect(self._stop_listening.set)
        sheet.added.connect(self._add)
        sheet.left.connect(cover.hide)
        self._frames.export_wanted.connect(self.export)
        self._frames.capture_wanted.connect(self._capture)
        self._simulated.sent.connect(self._send)
        self._simulated.replay_wanted.connect(self._choose_capture)
        self._chooser.fileSelected.connect(self._play)

    async def close(self) -> None:
        """Nothing listens or sends any more."""
        self._stop_listening.set()
        self._chooser.close()
        await self._end_replay()
        await self._unplug()

    # -- adding a line ---------------------------------------------------------------------------------------

    @Slot()
    def open_sheet(self) -> None:
        """Ctrl+N."""
        self._tasks.start(self._open_sheet(), self.tr("列出端口"))

    async def _open_sheet(self) -> None:
        ports = await asyncio.to_thread(serial_ports)
        self._simulated.show_ports(ports)
        taken = {line.name for line in self._lines() or ()}
        free = next(name for number in range(1, 1000) if (name := f"A{number}") not in taken)
        self._cover.open()
        self._sheet.open_for(ports, free)

    @Slot(str)
    def _detect(self, port: str) -> None:
        self._stop_listening = Event()
        self._sheet.show_listening(True)
        self._tasks.start(self._listen(port, self._stop_listening), self.tr("自动识别"))

    async def _listen(self, port: str, stop: Event) -> None:
        loop = asyncio.get_running_loop()

        def told(text: str) -> None:
            loop.call_soon_threadsafe(self._sheet.tell, text)

        try:
            rows = await asyncio.to_thread(listen_at, port, told, stop.is_set)
        except UserError as problem:
            self._sheet.show_listening(False)
            self._sheet.tell(str(problem), wrong=True)
            return
        if stop.is_set() and not rows:
            self._sheet.show_listening(False)
            self._sheet.tell(self.tr("已停止"))
        else:
            self._sheet.show_proposals(rows)

    @Slot(str)
    def _add(self, written: str) -> None:
        self._stop_listening.set()
        if is_capture(written):
            said = self.tr("捕获文件不能作为线路：其中的报警会当作真警。请用模拟面板的“回放捕获”（Ctrl+R）")
            self._sheet.tell(said, wrong=True)
            return
        try:
            name = self._add_line(written)
        except UserError as problem:
            self._sheet.tell(str(problem), wrong=True)
            return
        except EnvironmentFault as fault:
            self._tasks.messages.warn(str(fault))
            name = written.split("=", 1)[0]
        self._cover.hide()
        self._tasks.messages.info(self.tr("已添加线路 {name}，正在打开端口").format(name=name))

    # -- the simulated panel ---------------------------------------------------------------------------------

    @Slot(str, str, str, str, str, str)
    def _send(self, protocol: str, port: str, account: str, zone: str, event: str, what: str) -> None:
        self._tasks.start(self._sent(protocol, port, account, zone, event, what), self.tr("模拟面板"))

    async def _sent(self, protocol: str, port: str, account: str, zone: str, event: str, what: str) -> None:
        try:
            if self._panel is None or self._panel_of != (protocol, port, account):
                await self._unplug()
                self._panel = SimulatedPanel(protocol, account, port, self._frames.show_frame, self._show_sent)
                self._panel_of = (protocol, port, account)
            self._panel.send(zone, event, what)
        except UserError as problem:
            self._simulated.show_told(str(problem), wrong=True)

    def _show_sent(self, sent: Sent) -> None:
        self._simulated.show_told(sent.text, wrong=not sent.good)

    async def _unplug(self) -> None:
        panel, self._panel = self._panel, None
        if panel is not None:
            await asyncio.to_thread(panel.close)

    # -- replay ----------------------------------------------------------------------------------------------

    @Slot(str)
    def _choose_capture(self, protocol: str) -> None:
        self._replay_as = protocol
        self._chooser.setWindowTitle(self.tr("回放捕获文件"))
        self._chooser.setNameFilter(self.tr("捕获文件 (*.jsonl)"))
        if self._folder.is_dir():
            self._chooser.setDirectory(str(self._folder))
        self._chooser.open()

    @Slot(str)
    def _play(self, file: str) -> None:
        self._tasks.start(self.play(Path(file), self._replay_as), self.tr("回放捕获"))

    async def play(self, file: Path, protocol: str) -> None:
        """Show what is in a capture, at its pace; nothing of it leaves the bench."""
        await self._end_replay()
        try:
            self._replay = Replay(file, protocol, self._frames.show_frame, self._show_end)
        except UserError as problem:
            self._simulated.show_told(str(problem), wrong=True)
            return
        self._simulated.show_told(self.tr("正在回放 {file}（仅测试台）").format(file=file.name))

    def _show_end(self, frames: int) -> None:
        self._simulated.show_told(self.tr("回放完毕：{n} 帧（仅测试台）").format(n=frames))

    async def _end_replay(self) -> None:
        replay, self._replay = self._replay, None
        if replay is not None:
            await asyncio.to_thread(replay.close)

    # -- files -----------------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{name.replace('/', '-')}-{self._clock():%Y%m%dT%H%M%SZ}"

    @Slot()
    def export(self) -> None:
        """What is shown goes into a text file."""
        try:
            file = self._file(f"报文-{self._frames.model.line or '全部'}").with_suffix(".txt")
            file.write_text(self._frames.text(), encoding="utf-8")
        except OSError as problem:
            self._tasks.messages.error(self.tr("没有导出：{why}").format(why=problem.strerror))
            return
        self._tasks.messages.info(self.tr("已导出 {file}").format(file=file.name))

    @Slot(bool)
    def _capture(self, wanted: bool) -> None:
        lines = self._lines()
        if lines is None:
            return
        if not wanted:
            lines.tap.end_capture()
            self._tasks.messages.info(self.tr("捕获已结束，可用模拟面板的“回放捕获”（Ctrl+R）再看"))
            return
        try:
            file = self._file("捕获").with_suffix(".jsonl")
            lines.tap.capture_to(file)
        except OSError as problem:
            self._frames.capture.setChecked(False)
            self._tasks.messages.error(self.tr("不能捕获：{why}").format(why=problem.strerror))
            return
        self._tasks.messages.info(self.tr("正在捕获到 {file}").format(file=file))
