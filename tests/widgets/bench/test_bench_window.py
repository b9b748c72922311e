"""The bench worked by keys, from plugging a line to the sheet: real bytes on a real pseudo-terminal, a real database.

The panel at the far end is the simulator's, but the line, its journal, the test window's approval, the guide and the
sheet are those of the program. Nothing of it reaches the live queue.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.account import Role
from console.domain.alarm import Alarm
from console.domain.approval import Approval
from console.domain.clock import system_clock
from console.domain.outbox import OutboxMessage
from console.domain.site import LineState
from console.domain.test_run import StepState, TestRun, TestStep
from console.domain.test_window import TestWindow
from console.seat import Desktop
from console.seat_bench import Bench, open_bench
from console.services.lines import SimulatedLine, simulate
from console.settings import Settings
from console.station import Station, build_station
from drivers.capture import CaptureWriter
from drivers.protocols.surgard_panel import signal_frame
from drivers.simulator import Exchange
from widgets.messages import Messages
from widgets.theme import Theme

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
SITE = {
    "id": "S001",
    "name": "实验小学",
    "account": "1234",
    "zones": {"003": "东门值班室", "004": "西门"},
    "equipment": "LHD8000",
    "address": "延安北路 8 号",
}


@dataclass
class Scene:
    """The window over its station, and the panel at the far end of a cable that nobody has named a line yet."""

    bench: Bench
    station: Station
    messages: Messages
    panel: SimulatedLine

    async def key(self, key: Qt.Key, more: Qt.KeyboardModifier = NONE) -> None:
        """A real key press in the active window."""
        window = self.bench.window
        while QApplication.activeWindow() is not window:
            window.activateWindow()
            await asyncio.sleep(0.01)
        QTest.keyClick(window, key, more)
        await asyncio.sleep(0)

    async def as_person(self, role: Role, actor: str, name: str, **args: Any) -> Any:
        act = replace(self.station.desk.act(name, args), actor=actor, seat="01", roles=(role.value,))
        return await self.station.desk.carry_out(act)

    def steps(self) -> dict[str, TestStep]:
        return {step.code: step for step in self.station.picture.state.all(TestStep)}

    def step(self, code: str, state: StepState) -> Callable[[], bool]:
        return lambda: code in self.steps() and self.steps()[code].state is state

    @property
    def path(self) -> str:
        return self.panel.spec.split(":", 1)[1]


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def scene(qapp: QApplication, theme: Theme, folder: Path) -> AsyncIterator[Scene]:
    messages = Messages()
    station = build_station(Settings(data_folder=folder), f"sqlite:///{folder / 'bench.db'}", clock=system_clock)
    said: list[Exchange] = []
    panel = simulate("X", on_exchange=said.append)
    bench = open_bench(Desktop(qapp, theme, messages), station, keep=False)
    found = Scene(bench, station, messages, panel)
    await station.start()
    await found.as_person(Role.SYSTEM, "901", "site.register", site=SITE)
    bench.window.resize(1600, 900)
    bench.window.show()
    await bench.start()
    panel.start()
    try:
        yield found
    except AssertionError:
        # What the panel and the line made of each other: a press that waits for its answer is no lost one.
        print(*said, station.lines and station.lines.figures(), *station.picture.state.all(Alarm), sep="\n")
        raise
    finally:
        found.panel.stop()
        bench.window.hide()
        await bench.stop()
        await station.stop()
        # At once, by us: left to the collector, its parts would be torn apart in any order.
        shiboken6.delete(bench.window)


async def plug(found: Scene) -> None:
    """Ctrl+N, the port, Ctrl+D; then what was heard is taken with Ctrl+Enter."""
    window, sheet = found.bench.window, found.bench.window.findChild(_sheet())
    assert sheet is not None
    await found.key(Qt.Key.Key_N, CTRL)
    await until(lambda: sheet.isVisible())
    sheet.port.setCurrentText(found.path)
    QTest.keyClick(sheet, Qt.Key.Key_D, CTRL)
    await asyncio.sleep(0.3)
    for _ in range(2):
        found.panel.press("1234", "003", "602")
    await until(lambda: sheet.found.count() > 0)
    assert "Sur-Gard" in sheet.found.item(0).text()
    assert "无坏字节" in sheet.found.item(0).text()
    QTest.keyClick(sheet, Qt.Key.Key_Return, CTRL)
    lines = found.station.lines
    assert lines is not None
    await until(lambda: any(line.state is LineState.UP for line in lines))
    assert window.panes.lines.line in ("", "A1")


def _sheet() -> Any:
    from widgets.panels.bench.add_line import AddLineSheet

    return AddLineSheet


async def open_test_window(found: Scene) -> None:
    """Ctrl+T, the reason, Ctrl+Enter; the chief grants it at another seat."""
    window = found.bench.window
    await found.key(Qt.Key.Key_T, CTRL)
    assert window.ask_window.isVisible()
    window.ask_window.zones.item(1).setCheckState(Qt.CheckState.Unchecked)
    QTest.keyClicks(window.ask_window.phone, "13800000008")
    window.ask_window.reason.setText("季度测试")
    QTest.keyClick(window.ask_window.reason, Qt.Key.Key_Return, CTRL)
    await until(lambda: bool(found.station.picture.state.all(Approval)))
    assert not found.station.picture.state.all(TestWindow)
    (asked,) = found.station.picture.state.all(Approval)
    await found.as_person(Role.CHIEF, "010", "approval.decide", approval=asked.id, granted=True)
    await until(lambda: window.panes.plan.test_window is not None)


@pytest.mark.timeout(180)
async def test_that_the_bench_is_worked_by_keys_from_plugging_a_line_to_the_sheet(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        window, panel = found.bench.window, found.panel
        await plug(found)
        assert (tmp_path / "lines.txt").read_text(encoding="utf-8").strip().endswith(found.path)
        window.panes.plan.choose_site("S001")
        await open_test_window(found)
        await found.key(Qt.Key.Key_F5)
        await until(found.step("press", StepState.RUNNING))
        panel.press("1234", "003")
        await until(found.step("press", StepState.PASSED))
        figure = found.steps()["press"].figure
        assert figure is not None
        assert 0 <= figure <= 2000
        await until(found.step("restore", StepState.RUNNING))
        panel.press("1234", "003", "120", "R")
        await until(found.step("tamper", StepState.RUNNING))
        panel.press("1234", "003", "137")
        await until(found.step("tamper", StepState.PASSED))
        # It began by itself, while nobody stood at the cover: no figure.
        assert found.steps()["tamper"].figure is None
        await until(found.step("power", StepState.RUNNING))
        window.panes.plan.note.setText("主机无备电")
        await found.key(Qt.Key.Key_F7)
        await until(found.step("ten", StepState.RUNNING))
        for _ in range(10):
            panel.press("1234", "003")
        await until(found.step("ten", StepState.PASSED))
        assert found.steps()["ten"].seen == 10
        await until(found.step("outage", StepState.RUNNING))
        window.panes.plan.note.setText("单路通信")
        await found.key(Qt.Key.Key_F7)
        await until(found.step("outage", StepState.SKIPPED))
        # What a person does begins when he says so: its clock runs against him.
        assert found.step("callback", StepState.WAITING)()
        assert "按 F5 开始计时" in window.panes.plan.said.text()
        await found.key(Qt.Key.Key_F5)
        await until(found.step("callback", StepState.RUNNING))
        await found.key(Qt.Key.Key_F6)
        await until(found.step("callback", StepState.PASSED))
        await found.key(Qt.Key.Key_F9)
        folder = tmp_path / "acceptance"
        await until(lambda: len(list(folder.glob("*.json"))) == 1)
        (pdf,), (data,) = folder.glob("*.pdf"), folder.glob("*.json")
        said = "".join(page.extract_text() for page in PdfReader(pdf).pages).replace("\n", "")
        for expected in ("结论：合格", "实验小学", "LHD8000", "10/10", "主机无备电", "单路通信"):
            assert expected in said
        steps = {step["code"]: step for step in json.loads(data.read_text(encoding="utf-8"))["steps"]}
        assert steps["ten"]["seen"] == 10
        assert steps["power"]["state"] == "SKIPPED"
        await until(lambda: "验收单已生成" in found.messages.last[-1].text)
        assert found.station.picture.state.all(Alarm) == []
        texts = [message.text for message in found.station.picture.state.all(OutboxMessage)]
        assert "防区003 收到 3/10（连续 10 次按压）" in texts
        assert {message.number for message in found.station.picture.state.all(OutboxMessage)} == {"13800000008"}


@pytest.mark.timeout(120)
async def test_that_a_zone_outside_the_window_and_a_duress_code_go_live_from_the_bench_too(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        await plug(found)
        found.bench.window.panes.plan.choose_site("S001")
        await open_test_window(found)
        found.panel.press("1234", "004")
        found.panel.press("1234", "003", "121")
        await until(lambda: len(found.station.picture.state.all(Alarm)) == 2)
        assert {alarm.zone for alarm in found.station.picture.state.all(Alarm)} == {"003", "004"}
        await found.key(Qt.Key.Key_T, CTRL | SHIFT)
        await until(lambda: found.bench.window.panes.plan.test_window is None)
        found.panel.press("1234", "003")
        await until(lambda: len(found.station.picture.state.all(Alarm)) == 3)


@pytest.mark.timeout(120)
async def test_that_the_simulated_panel_on_the_benchs_own_wire_reaches_nobody(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        panes = found.bench.window.panes
        before = found.station.picture.seq
        await found.key(Qt.Key.Key_F2)
        await until(lambda: "已应答" in panes.simulated.said.text())
        QTest.mouseClick(panes.simulated.spoilt, Qt.MouseButton.LeftButton)
        await until(lambda: "坏帧" in panes.simulated.said.text())
        await until(lambda: any("E120" in row.words for row in panes.frames.model.rows))
        await until(lambda: any(row.kind == "garbage" for row in panes.frames.model.rows))
        await found.key(Qt.Key.Key_F4)
        assert panes.frames.model.paused
        assert found.station.picture.state.all(Alarm) == []
        assert found.station.picture.seq == before


@pytest.mark.timeout(120)
async def test_that_a_run_laid_down_is_taken_up_where_it_stood(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        found.bench.window.panes.plan.choose_site("S001")
        await found.key(Qt.Key.Key_F5)
        await until(found.step("press", StepState.RUNNING))
    async with scene(qapp, theme, tmp_path) as found:
        plan = found.bench.window.panes.plan
        plan.choose_site("S001")
        assert plan.step is not None
        assert plan.step.code == "press"
        plan.note.setText("按钮损坏")
        await found.key(Qt.Key.Key_F6, SHIFT)
        await until(found.step("press", StepState.FAILED))
        assert found.steps()["press"].note == "按钮损坏"
        assert len(found.station.picture.state.all(TestRun)) == 1


async def test_that_a_line_that_cannot_be_is_said_in_the_sheet_and_nothing_is_added(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        sheet = found.bench.window.findChild(_sheet())
        assert sheet is not None
        await found.key(Qt.Key.Key_N, CTRL)
        await until(lambda: sheet.isVisible())
        sheet.port.setCurrentText("/dev/ttyNOTHERE")
        QTest.keyClick(sheet, Qt.Key.Key_D, CTRL)
        await until(lambda: "端口不存在" in sheet.told.text())
        sheet.port.setCurrentText("tcp-listen://nowhere")
        QTest.keyClick(sheet, Qt.Key.Key_Return, CTRL)
        await until(lambda: "写法有误" in sheet.told.text())
        assert found.station.lines is not None
        assert list(found.station.lines) == []
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
        assert not sheet.isVisible()


@pytest.mark.timeout(120)
async def test_that_a_capture_is_replayed_on_the_bench_only_and_never_made_a_line(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    file = tmp_path / "school.jsonl"
    writer = CaptureWriter(file)
    writer.record("A1", "in", signal_frame("1234", "120", "E", "01", "003"), 0.0)
    writer.close()
    async with scene(qapp, theme, tmp_path) as found:
        sheet = found.bench.window.findChild(_sheet())
        assert sheet is not None
        await found.key(Qt.Key.Key_N, CTRL)
        await until(lambda: sheet.isVisible())
        sheet.port.setCurrentText(f"file:{file}")
        QTest.keyClick(sheet, Qt.Key.Key_Return, CTRL)
        await until(lambda: "不能作为线路" in sheet.told.text())
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
        before = found.station.picture.seq
        assert found.bench.window.bench_lines is not None
        await found.bench.window.bench_lines.play(file, "surgard")
        panes = found.bench.window.panes
        await until(lambda: "回放完毕：1 帧" in panes.simulated.said.text())
        await until(lambda: any("E120" in row.words for row in panes.frames.model.rows))
        assert found.station.picture.seq == before
        assert found.station.lines is not None
        assert list(found.station.lines) == []
