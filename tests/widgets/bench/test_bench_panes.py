"""The bench's panes: live frames, steps, lines, latency, quality, the simulated panel; each by what a person sees."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.site import LineState
from console.domain.test_run import StepState, TestStep
from console.services.bench_wire import simulated_protocols
from console.services.frame_words import frame_words
from console.services.health import Lamp
from console.services.line_figures import LineFigures
from console.services.line_tap import Frame
from console.services.quality import CELLS, LineQuality, Quality
from drivers.protocols import codec_for
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame
from drivers.report import Report
from tests.support import EVENING
from widgets.models.bench_frames import MOST, FrameRow, FramesModel
from widgets.models.bench_steps import StepsModel, figure_text
from widgets.panels.bench.add_line import AddLineSheet
from widgets.panels.bench.ask_window import AskWindowSheet
from widgets.panels.bench.frames import FramesPane, rows_of
from widgets.panels.bench.latency import LatencyPane, top_of
from widgets.panels.bench.lines import LinesPane, line_row
from widgets.panels.bench.quality import QualityPane
from widgets.panels.bench.simulated import SimulatedPane
from widgets.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


def row(number: int = 0, line: str = "A1", kind: str = "signal") -> FrameRow:
    return FrameRow(EVENING, line, bytes([number % 256]), f"账号 {number}", kind)  # type: ignore[arg-type]


def reports(raw: bytes) -> list[Report]:
    return codec_for("surgard").feed(raw)


def test_that_live_frames_keep_qts_rules_while_they_come_are_filtered_and_held(qtmodeltester: ModelTester) -> None:
    model = FramesModel(always="测试台")
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.add([row(1), row(2, "B1")])
    model.show_only("A1")
    model.add([row(3), row(4, "B1"), row(5, "测试台")])
    assert [shown.words for shown in model.rows] == ["账号 1", "账号 3", "账号 5"]
    model.pause(True)
    model.add([row(6), row(7, "B1")])
    assert (model.waiting, model.rowCount()) == (1, 3)
    model.pause(False)
    assert model.rows[-1].words == "账号 6"
    model.show_only("", "账号 7")
    assert [shown.words for shown in model.rows] == ["账号 7"]


def test_that_a_fast_line_never_holds_more_rows_than_the_bound() -> None:
    model = FramesModel()
    for _ in range(3):
        model.add([row(number) for number in range(MOST - 100)])
    assert model.rowCount() == MOST
    model.pause(True)
    model.add([row(number) for number in range(MOST + 50)])
    model.pause(False)
    assert model.rowCount() == MOST


def test_that_heartbeats_can_be_left_out() -> None:
    model = FramesModel()
    model.add([row(1, kind="heartbeat"), row(2)])
    model.show_only("", heartbeats=False)
    assert [shown.words for shown in model.rows] == ["账号 2"]


def test_that_a_frame_is_told_in_words_and_its_answer_with_its_delay() -> None:
    (report,) = reports(signal_frame("1234", "120", "R", "01", "003"))
    assert frame_words(report) == "账号 1234 · R120 紧急报警 · 分区 01 · 防区 003"
    heard, answer = rows_of(Frame("A1", report, 10.0, 10.003, 10.0034), lambda at: EVENING + timedelta(seconds=at))
    assert (heard.arrow, heard.hex[:5]) == ("←", "35 30")
    assert (answer.arrow, answer.hex, answer.words) == ("→", "06", "ACK · 入库 3.0 ms 后应答")
    assert answer.delay_ms == pytest.approx(3.4)
    (unread,) = reports(b"5011 181234E1200?003\x14")
    assert frame_words(unread).startswith("✗ 无法解析")
    (beat,) = reports(heartbeat_frame())
    assert frame_words(beat) == "心跳"


def test_that_the_pane_shows_what_passes_and_measures_it_to_the_paint(qtbot: QtBot, theme: Theme) -> None:
    import time

    pane = FramesPane(theme, ManualClock(EVENING))
    qtbot.addWidget(pane)
    pane.resize(900, 400)
    with qtbot.waitExposed(pane):
        pane.show()
    (report,) = reports(signal_frame())
    now = time.monotonic()
    pane.show_frame(Frame("A1", report, now, now, now))
    qtbot.waitUntil(lambda: len(pane.screen_ms("A1")) == 1)
    assert 0 <= pane.screen_ms("A1")[0] < 60_000
    pane.search.setText("防区 777")
    assert pane.model.rowCount() == 0
    pane.search.clear()
    assert "ACK" in pane.text()
    pane.close_pane()


@pytest.mark.parametrize("size", [QSize(420, 300), QSize(1400, 700)])
def test_that_frames_of_any_length_are_painted_at_any_width(qtbot: QtBot, theme: Theme, size: QSize) -> None:
    pane = FramesPane(theme, ManualClock(EVENING))
    qtbot.addWidget(pane)
    pane.resize(size)
    pane.add(
        [
            FrameRow(EVENING, "A1", bytes(range(256)) * 2, "很长 " * 60, "garbage"),
            FrameRow(EVENING, "A1", b"", "", "other"),
        ]
    )
    pane.show()
    assert not pane.grab().isNull()
    tall = pane.view.visualRect(pane.model.index(0)).height()
    pane.hex.setChecked(False)
    assert pane.view.visualRect(pane.model.index(0)).height() < tall
    pane.close_pane()


def step(place: int, state: StepState = StepState.WAITING, **more: object) -> TestStep:
    return TestStep(id=f"r/{place}", run="r", code=str(place), place=place, title="按下", state=state, **more)  # type: ignore[arg-type]


def test_that_steps_change_where_they_stand(qtmodeltester: ModelTester) -> None:
    model = StepsModel()
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    changed: list[int] = []
    model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))
    model.show([step(1), step(0)])
    model.show([step(0, StepState.RUNNING), step(1)])
    assert changed == [0]
    model.show([])
    assert model.rowCount() == 0


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (step(0), "待测"),
        (step(0, StepState.PASSED, figure=11.8, unit="ms"), "11.8 ms"),
        (step(0, StepState.RUNNING, needed=10, seen=6), "6 / 10"),
        (step(0, StepState.PASSED, note="E301 new"), "E301 new"),
        (step(0, StepState.SKIPPED, note="无备电"), "跳过"),
    ],
)
def test_that_a_steps_figure_is_said_shortly(found: TestStep, said: str) -> None:
    assert figure_text(found) == said


def figures(**more: object) -> LineFigures:
    known: dict[str, object] = {
        "line": "A1", "protocol": "surgard", "address": "/dev/ttyUSB0", "state": LineState.UP, "since": EVENING,
        "last_heard": EVENING - timedelta(seconds=12), "why": "", "frames": 100, "heartbeats": 50, "garbage": 0,
        "naks": 0, "bytes_in": 0, "bytes_out": 0, "stored_ms": (), "answered_ms": (),
    }  # fmt: skip
    return LineFigures(**known | more)  # type: ignore[arg-type]


def test_that_a_line_says_what_it_is_where_it_is_and_how_it_does() -> None:
    good = line_row(figures(), "FT232R 0403:6001", 2.0, EVENING)
    assert (good.title, good.where) == ("A1 · Sur-Gard", "ttyUSB0 · FT232R 0403:6001")
    assert (good.now, good.rate, good.lamp) == ("收到 00:12 前", "2.0 帧/分", Lamp.GOOD)
    lost = line_row(figures(state=LineState.LOST, since=EVENING - timedelta(seconds=41)), "", None, EVENING)
    assert (lost.now, lost.lamp) == ("中断 00:41", Lamp.BAD)
    noisy = line_row(figures(garbage=9), "", 2.0, EVENING)
    assert (noisy.rate, noisy.lamp) == ("2.0 帧/分 · 坏帧 9", Lamp.WARN)
    fleet = line_row(figures(peers=86), "", 2.0, EVENING)
    assert fleet.now == "在线 86"


def test_that_lines_keep_their_places_and_the_chosen_one(qtbot: QtBot, theme: Theme) -> None:
    pane = LinesPane(theme, lambda _: "")
    qtbot.addWidget(pane)
    chosen: list[str] = []
    pane.chosen.connect(chosen.append)
    pane.show_lines({"A1": figures(), "B1": figures(line="B1")}, EVENING)
    assert pane.line == "A1"
    pane.choose("B1")
    pane.show_lines({"A1": figures(), "B1": figures(line="B1", frames=130)}, EVENING + timedelta(seconds=30))
    assert (pane.line, chosen[-1]) == ("B1", "B1")
    QTest.mouseClick(pane.everything, Qt.MouseButton.LeftButton)
    assert chosen[-1] == ""
    pane.show_lines({"A1": figures()}, EVENING)
    assert (pane.list.count(), pane.line) == (1, "")


def test_that_latencies_are_told_with_median_and_worst(qtbot: QtBot, theme: Theme) -> None:
    pane = LatencyPane(theme)
    qtbot.addWidget(pane)
    pane.show_delays([], [], [])
    assert not pane.empty.isHidden()
    pane.show_delays([3.0] * 99 + [6.0], [4.0] * 100, [12.0] * 100)
    assert pane.said["stored"].text().startswith("■ 入库 P50 3.0 · P99 ")
    assert pane.empty.isHidden()
    assert top_of([[3.0], [12.0]]) == 20.0
    assert not pane.grab().isNull()


def test_that_a_day_of_quality_is_described_and_painted(qtbot: QtBot, theme: Theme) -> None:
    pane = QualityPane(theme)
    qtbot.addWidget(pane)
    pane.resize(500, 200)
    cells = (Quality.GOOD,) * (CELLS - 12) + (Quality.LOST,) * 12
    pane.cells.show_quality([LineQuality("A1", cells)], EVENING)
    assert pane.cells.accessibleDescription() == "A1 75% 正常"
    assert not pane.grab().isNull()


def test_that_the_simulated_panel_says_whether_it_is_the_benchs_own_wire(qtbot: QtBot, theme: Theme) -> None:
    pane = SimulatedPane(theme, simulated_protocols())
    qtbot.addWidget(pane)
    sent: list[tuple[str, ...]] = []
    pane.sent.connect(lambda *said: sent.append(said))
    pane.show_ports([("/dev/ttyUSB0", "FT232R")])
    QTest.mouseClick(pane.press, Qt.MouseButton.LeftButton)
    pane.port.setCurrentIndex(1)
    assert "真实端口" in pane.said.text()
    pane.code.setCurrentText("301 停电")
    QTest.mouseClick(pane.restore, Qt.MouseButton.LeftButton)
    assert sent == [
        ("surgard", "", "1234", "003", "120", "press"),
        ("surgard", "/dev/ttyUSB0", "1234", "003", "301", "restore"),
    ]


def test_that_a_line_is_added_by_keys_from_what_was_heard(qtbot: QtBot, theme: Theme) -> None:
    sheet = AddLineSheet(theme, [("surgard", "Sur-Gard"), ("contact-id", "Contact ID")])
    qtbot.addWidget(sheet)
    asked: list[str] = []
    sheet.detect_wanted.connect(asked.append)
    sheet.added.connect(asked.append)
    sheet.open_for([("/dev/ttyUSB0", "FT232R")], "A2")
    QTest.keyClick(sheet, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    sheet.show_proposals([("contact-id", "/dev/ttyUSB0@1200,7E1", "Contact ID · 收到 2 帧")])
    QTest.keyClicks(sheet.options, "supervise_s=30")
    QTest.keyClick(sheet.options, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["/dev/ttyUSB0", "A2=contact-id:/dev/ttyUSB0@1200,7E1,supervise_s=30"]
    sheet.show_proposals([])
    assert "没有听到" in sheet.told.text()


def test_that_a_test_window_is_asked_for_with_zones_and_a_reason(qtbot: QtBot, theme: Theme) -> None:
    sheet = AskWindowSheet(theme)
    qtbot.addWidget(sheet)
    asked: list[tuple[object, str]] = []
    sheet.asked.connect(lambda args, reason: asked.append((args, reason)))
    sheet.open_for("S001", "实验小学", {"003": "东门", "004": "西门"})
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "理由" in sheet.told.text()
    sheet.zones.item(1).setCheckState(Qt.CheckState.Unchecked)
    sheet.other.setText("007，008")
    sheet.reason.setText("季度测试")
    QTest.keyClick(sheet.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wanted = {"site": "S001", "zones": ["003", "007", "008"], "minutes": 30, "reason": "季度测试", "phone": ""}
    assert asked == [(wanted, "季度测试")]
