"""What a technician stumbles over at the bench: keys below a sheet, what is simulated, what waits, what is live."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.account import Role
from console.domain.alarm import Alarm
from console.domain.approval import Approval
from console.domain.clock import ManualClock
from console.domain.site import LineState
from console.domain.test_run import RunState, StepState, TestRun
from console.services.bench_wire import NAME as BENCH
from console.services.line_figures import LineFigures
from console.services.line_tap import Frame
from console.services.line_words import explain
from console.services.lines import simulate
from drivers.protocols import codec_for
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from tests.support import EVENING
from tests.widgets.bench.test_bench_window import CTRL, SHIFT, Scene, _sheet, open_test_window, plug, scene, until
from widgets.models.bench_frames import MarkRole
from widgets.panels.bench.ask_window import AskWindowSheet
from widgets.panels.bench.frames import FramesPane, rows_of
from widgets.panels.bench.head import zones_text
from widgets.panels.bench.lines import line_row, trouble
from widgets.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


def frame(line: str, raw: bytes, at: float = 0.0) -> Frame:
    (report,) = codec_for("surgard").feed(raw)
    return Frame(line, report, at, at, at)


def test_that_what_was_simulated_is_named_in_its_row_on_any_line_and_is_no_figure_of_it(
    qtbot: QtBot, theme: Theme
) -> None:
    pane = FramesPane(theme, ManualClock(EVENING))
    qtbot.addWidget(pane)
    pane.resize(900, 400)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.show_line("A1")
    now = time.monotonic()
    for line in ("A1", BENCH, "B7"):
        pane.show_frame(frame(line, signal_frame(), now))
    qtbot.waitUntil(lambda: len(pane.screen_ms("")) > 0)
    marks = [pane.model.index(row).data(MarkRole) for row in range(pane.model.rowCount())]
    assert marks == ["", "", "模拟", "模拟"]
    assert "模拟" in pane.text()
    pane.repaint()
    # B7 stands on no screen: the paint that shows it one day is not its delay.
    assert (len(pane.screen_ms("A1")), pane.screen_ms("B7"), pane.screen_ms(BENCH)) == (1, [], [])
    pane.show_line("")
    assert pane.model.index(0).data(MarkRole) == "A1"


def test_that_an_answer_points_outwards_whatever_it_answers() -> None:
    heard, answered = rows_of(frame("A1", heartbeat_frame()), lambda _at: EVENING)
    assert (heard.arrow, answered.arrow) == ("←", "→")


def test_that_a_line_that_is_lost_says_why_without_a_mouse() -> None:
    figures = LineFigures(
        line="A1",
        protocol="surgard",
        address="/dev/ttyUSB7",
        state=LineState.LOST,
        since=EVENING,
        last_heard=None,
        why=explain("A1", LineState.LOST, "/dev/ttyUSB7 does not exist")[0],
        frames=0,
        heartbeats=0,
        garbage=0,
        naks=0,
        bytes_in=0,
        bytes_out=0,
        stored_ms=(),
        answered_ms=(),
    )
    assert line_row(figures, "", None, EVENING).where == "ttyUSB7 · 端口不存在"
    assert "插好后自动恢复" in trouble(figures)[1]


def test_that_the_sign_names_the_zones_that_are_not_live() -> None:
    assert zones_text(("003",)) == "003"
    assert zones_text(tuple("1234567")) == "1、2、3、4、5 等 7 个"


@pytest.mark.timeout(120)
async def test_that_below_a_sheet_no_key_presses_a_panel_and_ctrl_d_works_in_the_port_field(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        window, sheet = found.bench.window, found.bench.window.findChild(_sheet())
        assert sheet is not None
        sent: list[str] = []
        window.panes.simulated.sent.connect(lambda *what: sent.append(what[-1]))
        await found.key(Qt.Key.Key_N, CTRL)
        await until(lambda: sheet.isVisible())
        await found.key(Qt.Key.Key_F2)
        assert sent == []
        field = sheet.port.lineEdit()
        assert field is not None
        field.setText("/dev/ttyNOTHERE")
        QTest.keyClick(field, Qt.Key.Key_D, CTRL)
        await until(lambda: "端口不存在" in sheet.told.text())
        assert "自动恢复" not in sheet.told.text()
        QTest.keyClick(field, Qt.Key.Key_Escape)
        await found.key(Qt.Key.Key_F2)
        assert sent == ["press"]


async def test_that_the_site_field_never_names_another_site_than_the_one_under_test(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        plan = found.bench.window.panes.plan
        plan.choose_site("S001")
        await found.key(Qt.Key.Key_F, CTRL)
        field = plan.site.lineEdit()
        assert field is not None
        assert field.selectedText() == field.text() == "实验小学 · 1234"
        QTest.keyClicks(field, "77")
        plan.note.setFocus()
        assert field.text() == "实验小学 · 1234"
        assert plan.site_id == "S001"


async def _asked(found: Scene) -> None:
    window = found.bench.window
    await found.key(Qt.Key.Key_T, CTRL)
    window.ask_window.reason.setText("季度测试")
    QTest.keyClick(window.ask_window.reason, Qt.Key.Key_Return, CTRL)
    await until(lambda: bool(found.station.picture.state.all(Approval)))


async def test_that_a_test_window_asked_for_is_said_until_it_is_granted_and_is_not_asked_twice(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        window = found.bench.window
        plan = window.panes.plan
        plan.choose_site("S001")
        assert "真实报警" in plan.said.text() or "未报备" in plan.said.text()
        await _asked(found)
        await until(lambda: "待值班长批准" in plan.said.text())
        # Nobody has an account here: who could grant it is said as well.
        assert "没有人能批准" in found.messages.last[-1].text
        await until(lambda: window.window_cover.isHidden())
        await found.key(Qt.Key.Key_T, CTRL)
        assert window.window_cover.isHidden()
        (asked,) = found.station.picture.state.all(Approval)
        await found.as_person(Role.CHIEF, "010", "approval.decide", approval=asked.id, granted=True)
        await until(lambda: plan.test_window is not None)
        assert "批准前" not in plan.said.text()
        QTest.mouseClick(plan.window_end, Qt.MouseButton.LeftButton)
        await until(lambda: plan.test_window is None)


@pytest.mark.timeout(120)
async def test_that_a_press_that_went_live_during_a_test_is_told_at_the_bench(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        await plug(found)
        found.bench.window.panes.plan.choose_site("S001")
        await open_test_window(found)
        assert "003" in found.bench.window.panes.head.testing.text
        found.panel.press("1234", "004")
        await until(lambda: bool(found.station.picture.state.all(Alarm)))
        await until(lambda: "真实报警已送接警台：实验小学 防区 004" in found.messages.last[-1].text)


@pytest.mark.timeout(150)
async def test_that_a_press_held_back_by_a_really_broken_line_passes_its_step_though_its_bytes_are_the_last_ones_again(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        cable, plan = tmp_path / "cable", found.bench.window.panes.plan
        cable.symlink_to(found.path)
        found.station.add_line(f"A1=surgard:{cable}")
        lines = found.station.lines
        assert lines is not None
        await until(lambda: any(line.state is LineState.UP for line in lines))
        plan.choose_site("S001")
        await open_test_window(found)
        await found.key(Qt.Key.Key_F5)
        await until(found.step("press", StepState.RUNNING))
        found.panel.press("1234", "003")
        for code in ("restore", "tamper", "power", "ten"):
            await until(found.step(code, StepState.RUNNING))
            plan.note.setText("另行测试")
            await found.key(Qt.Key.Key_F7)
        await until(found.step("outage", StepState.RUNNING))
        cable.unlink()
        found.panel.stop()
        await until(lambda: any(line.state is LineState.LOST for line in lines))
        found.panel = simulate("X")
        found.panel.start()
        cable.symlink_to(found.path)
        await until(lambda: any(line.state is LineState.UP for line in lines))
        found.panel.press("1234", "003")
        await until(found.step("outage", StepState.PASSED))
        assert (found.steps()["outage"].figure or 0) >= 0
        assert found.steps()["outage"].note == "E120"


async def test_that_a_step_passed_by_hand_says_so_and_a_test_can_be_given_up_by_its_key(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        plan = found.bench.window.panes.plan
        plan.choose_site("S001")
        await found.key(Qt.Key.Key_F5)
        await until(found.step("press", StepState.RUNNING))
        await found.key(Qt.Key.Key_F6)
        await until(found.step("press", StepState.PASSED))
        assert found.steps()["press"].note == "人工确认"
        plan.note.setText("学校停电")
        await found.key(Qt.Key.Key_F9, SHIFT)
        await until(lambda: found.station.picture.state.all(TestRun)[0].state is RunState.ABANDONED)


def test_that_the_last_frame_stays_in_sight_when_the_room_shrinks(qtbot: QtBot, theme: Theme) -> None:
    pane = FramesPane(theme, ManualClock(EVENING))
    qtbot.addWidget(pane)
    pane.resize(700, 600)
    with qtbot.waitExposed(pane):
        pane.show()
    for _ in range(40):
        pane.show_frame(frame("A1", signal_frame(), time.monotonic()))
    bar = pane.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    pane.resize(700, 300)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    bar.setValue(0)
    pane.show_frame(frame("A1", signal_frame(), time.monotonic()))
    qtbot.waitUntil(lambda: pane.model.rowCount() == 82)
    assert bar.value() == 0


def test_that_the_filter_has_room_for_what_is_typed_on_a_narrow_pane(qtbot: QtBot, theme: Theme) -> None:
    pane = FramesPane(theme, ManualClock(EVENING))
    qtbot.addWidget(pane)
    pane.resize(pane.minimumSizeHint().width(), 400)
    with qtbot.waitExposed(pane):
        pane.show()
    assert pane.search.width() > pane.search.fontMetrics().horizontalAdvance("账号 1234 防区 003")
    assert pane.hex.width() >= pane.hex.sizeHint().width()


def test_that_the_duration_asked_for_can_be_read(qtbot: QtBot, theme: Theme) -> None:
    sheet = AskWindowSheet(theme)
    qtbot.addWidget(sheet)
    sheet.resize(560, 600)
    with qtbot.waitExposed(sheet):
        sheet.show()
    assert sheet.minutes.currentText() == "30 分钟"
    assert sheet.minutes.height() >= sheet.minutes.fontMetrics().height()
    assert max(sheet.minutes.itemData(at) for at in range(sheet.minutes.count())) == 120


async def test_that_who_must_sign_on_types_into_the_form_from_the_first_key(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async with scene(qapp, theme, tmp_path) as found:
        gate = found.bench.window.gate
        shown: list[bool] = []
        found.bench.window.panes.lines.list.setFocus = lambda *_: shown.append(False)  # type: ignore[method-assign]
        gate.show_mode = lambda: shown.append(True)  # type: ignore[method-assign]
        found.bench.window.start()
        assert shown == [False, True], "the form takes the keys last"
