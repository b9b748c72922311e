"""The technical lane, the bar of a running test and a flood, by real keys in the whole call-taker's window."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.domain.account import MACHINE
from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.equipment_facts import TestWindowOpened, TroubleOpened
from console.domain.facts import Fact
from console.domain.fold import fold
from console.domain.site import Site
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.services.desk import Desk
from console.services.equipment_clock import EquipmentClock
from tests.support import tell
from tests.widgets.held import repeat
from tests.widgets.incident.scene import keys
from tests.widgets.scene import SCHOOL, play_evening, raise_alarm
from tests.widgets.test_calltaker_window import Seat, scale, seat
from widgets.messages import Messages
from widgets.models.queue_row import incident_row
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick
from widgets.windows.technical import Technical

__all__ = ["scale", "seat"]

ALT = Qt.KeyboardModifier.AltModifier


class Scene:
    """A ground with the lane over it, and the evening's sites."""

    def __init__(self, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks, messages: Messages) -> None:
        self.desk, self.tasks, self.messages, self.tick = desk, tasks, messages, tick
        play_evening(desk, alarms=False)
        self.ground = QWidget()
        self.ground.resize(1100, 700)
        self.lane = Technical(desk, theme, tick, tasks, self.ground, self.ground.rect)
        self.counts: list[tuple[int, int]] = []
        self.floods: list[int] = []
        self.lane.counted.connect(self._count)
        self.lane.flooded.connect(self.floods.append)

    def _count(self, waiting: int, shelved: int) -> None:
        self.counts.append((waiting, shelved))

    @property
    def sites(self) -> list[Site]:
        return self.desk.picture.state.all(Site)

    def trouble(self, key: str, at: int = 0, **more: Any) -> None:
        now = self.desk.clock()
        said = {"kind": TroubleKind.AC_LOSS, "site": self.sites[at].id, "signal": key, "opened_at": now, "last_at": now}
        tell(self.desk, TroubleOpened(trouble=Trouble(id=key, **{**said, **more})))

    def rows(self) -> list[str]:
        items = self.lane.sheet.list
        return [items.item(n).text() for n in range(items.count())]

    def state(self, key: str) -> TroubleState:
        found = self.desk.picture.state.get(Trouble, key)
        assert found is not None
        return found.state

    async def press(self, key: Qt.Key, more: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.ground.focusWidget() or self.lane.sheet, key, more)
        await self.tasks.idle()

    def window(self) -> TestWindow:
        site = next(site for site in self.sites if site.account == SCHOOL)
        now = self.desk.clock()
        until = now + timedelta(minutes=30)
        row = TestWindow(id="w1", site=site.id, zones=("001", "003"), since=now, until=until, reason="季度测试")
        tell(self.desk, TestWindowOpened(window=row))
        return row


@pytest.fixture
def scene(desk: Desk, theme: Theme, tick: Tick, tasks: Tasks, messages: Messages, qtbot: QtBot) -> Scene:
    made = Scene(desk, theme, tick, tasks, messages)
    qtbot.addWidget(made.ground)
    made.ground.show()
    made.ground.activateWindow()
    return made


async def test_that_a_technical_event_is_counted_quietly_and_listed_with_its_place(scene: Scene) -> None:
    scene.trouble("t1", text="301 主机交流断电", zone="000")
    assert scene.counts[-1] == (1, 0)
    assert not scene.messages.last, "no message, no sound: it waits"
    scene.lane.open()
    (row,) = scene.rows()
    assert row.startswith(f"停电 · {scene.sites[0].name}\n14:30 起 · 未处理 · 301")


async def test_that_minutes_and_reason_and_alt_s_shelve_it_until_a_time_that_is_said(scene: Scene) -> None:
    scene.trouble("t1")
    scene.lane.open()
    keys(scene.lane.sheet.reason, "45 等供电")
    await scene.press(Qt.Key.Key_S, ALT)
    assert scene.state("t1") is TroubleState.SHELVED
    assert scene.counts[-1] == (0, 1)
    assert "已搁置至 15:15（031：等供电）" in scene.rows()[0]
    muted = scene.lane.sheet.list.item(0).foreground().color()
    assert muted == scene.lane.sheet._theme.color("muted")
    await scene.press(Qt.Key.Key_U, ALT)
    assert scene.state("t1") is TroubleState.OPEN


async def test_that_without_a_reason_nothing_is_shelved_or_closed_and_it_says_why(scene: Scene) -> None:
    scene.trouble("t1")
    scene.lane.open()
    for key, why in ((Qt.Key.Key_S, "理由"), (Qt.Key.Key_D, "处理结果")):
        await scene.press(key, ALT)
        assert why in scene.lane.sheet.told.text()
    assert scene.state("t1") is TroubleState.OPEN


async def test_that_more_than_an_hour_is_refused_in_words(scene: Scene) -> None:
    scene.trouble("t1")
    scene.lane.open()
    keys(scene.lane.sheet.reason, "61分钟 等供电")
    await scene.press(Qt.Key.Key_S, ALT)
    assert scene.messages.last[-1].text == "搁置时间须为 1–60 分钟"


async def test_that_the_arrows_choose_and_alt_d_closes_the_chosen_one(scene: Scene) -> None:
    scene.trouble("t1")
    scene.trouble("t2", at=1, opened_at=scene.desk.clock() + timedelta(seconds=1))
    scene.lane.open()
    await scene.press(Qt.Key.Key_Down)
    keys(scene.lane.sheet.reason, "已换电池")
    await scene.press(Qt.Key.Key_D, ALT)
    assert (scene.state("t1"), scene.state("t2")) == (TroubleState.OPEN, TroubleState.CLOSED)
    await scene.press(Qt.Key.Key_Escape)
    assert scene.lane.cover.isHidden()


async def test_that_rows_stay_chosen_while_others_come(scene: Scene) -> None:
    scene.trouble("t2")
    scene.lane.open()
    scene.trouble("t1", at=1, opened_at=scene.desk.clock() - timedelta(minutes=20))
    assert len(scene.rows()) == 2
    chosen = scene.lane.sheet.chosen
    assert chosen is not None
    assert chosen.key == "t2"


def three(scene: Scene) -> None:
    for n in range(3):
        scene.trouble(f"t{n}", at=n, opened_at=scene.desk.clock() + timedelta(seconds=n))


async def test_that_when_the_chosen_one_goes_nobody_is_chosen_until_a_person_does(scene: Scene) -> None:
    three(scene)
    scene.lane.open()
    sheet = scene.lane.sheet
    await scene.press(Qt.Key.Key_Down)
    keys(sheet.reason, "30 等技术员")
    await scene.desk.do("trouble.close", trouble="t1", reason="别席已处理")
    assert sheet.reason.hasFocus()
    for key in (Qt.Key.Key_S, Qt.Key.Key_D):
        await scene.press(key, ALT)
        assert sheet.told.text() == "该事件已处理或已按点位合并，请重新选择"
    assert [scene.state(key) for key in ("t0", "t2")] == [TroubleState.OPEN, TroubleState.OPEN]
    assert sheet.reason.text() == "30 等技术员"
    await scene.press(Qt.Key.Key_Down)
    await scene.press(Qt.Key.Key_S, ALT)
    assert [scene.state(key) for key in ("t0", "t2")] == [TroubleState.OPEN, TroubleState.SHELVED]


async def test_that_after_ones_own_closing_the_next_is_one_arrow_away_and_the_sheet_opens_on_the_first(
    scene: Scene,
) -> None:
    three(scene)
    scene.lane.open()
    keys(scene.lane.sheet.reason, "已换电池")
    await scene.press(Qt.Key.Key_D, ALT)
    assert scene.lane.sheet.chosen is None
    await scene.press(Qt.Key.Key_Down)
    chosen = scene.lane.sheet.chosen
    assert chosen is not None
    assert chosen.key == "t1", "it stands where the closed one stood"
    keys(scene.lane.sheet.reason, "已换电池")
    await scene.press(Qt.Key.Key_D, ALT)
    await scene.press(Qt.Key.Key_Escape)
    scene.lane.open()
    assert scene.lane.sheet.chosen is not None


async def test_that_a_held_key_and_another_commands_key_with_alt_in_it_do_nothing(scene: Scene) -> None:
    three(scene)
    scene.lane.open()
    keys(scene.lane.sheet.reason, "30 等技术员")
    for at in (scene.lane.sheet.reason, scene.lane.sheet):
        repeat(at, Qt.Key.Key_S, ALT)
        repeat(at, Qt.Key.Key_D, ALT)
        QTest.keyClick(at, Qt.Key.Key_S, ALT | Qt.KeyboardModifier.ControlModifier)
    await scene.tasks.idle()
    assert {scene.state(f"t{n}") for n in range(3)} == {TroubleState.OPEN}


async def test_that_an_empty_lane_says_that_all_is_well(scene: Scene) -> None:
    scene.lane.open()
    assert "没有技术事件" in scene.lane.sheet.told.text()
    assert not scene.lane.sheet.shelve.isEnabled()


def test_that_a_duress_codes_user_is_no_spot_in_the_queue(desk: Desk) -> None:
    play_evening(desk, alarms=False)
    raise_alarm(desk, SCHOOL, key="0198", silent=True, kind="duress", event_code="121", zone="003")
    raise_alarm(desk, SCHOOL, key="0199", zone="003")
    incidents = {incident.short: incident for incident in desk.picture.incidents()}
    forced, open_one = (incident_row(desk.picture, incidents[short]).second for short in ("0198", "0199"))
    assert "用户 003" in forced
    assert "东门" not in forced
    assert "防区 003" in open_one


# -- the whole window ----------------------------------------------------------------------------------------


async def test_that_ctrl_j_opens_the_lane_over_queue_and_map_and_never_over_the_strip(seat: Seat) -> None:
    window, desk = seat.taker.window, seat.station.desk
    strip, bar = window.panes.strip, window.technical.bar
    site = desk.picture.state.all(Site)[5]
    now = desk.clock()
    seen = {"site": site.id, "zones": ("001",), "since": now, "until": now + timedelta(minutes=30)}
    laid = TestWindow(id="w1", reason="季度测试", **seen)  # type: ignore[arg-type]
    fold(desk.picture.state, Fact(at=now, actor="010", seat="01", body=TestWindowOpened(window=laid)))
    asked = desk.act("trouble.raise", {"kind": "LINE_SILENT", "line": "B1", "at": now.isoformat()})
    await desk.carry_out(replace(asked, roles=MACHINE))
    await seat.taker.tasks.idle()
    assert window.panes.header.technical.text().startswith("技术 1")
    assert bar.isVisible()
    QTest.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    await seat.taker.tasks.idle()
    cover = window.technical.cover
    assert cover.isVisible()
    assert not cover.geometry().intersects(strip.geometry()), "an alarm is never covered"
    assert not cover.geometry().intersects(window.panes.incident.geometry().translated(window.columns.pos()))
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert cover.isHidden()
    QTest.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    await seat.taker.tasks.idle()
    QTest.keyClick(window, Qt.Key.Key_F9)
    await seat.taker.tasks.idle()
    assert cover.isHidden(), "Esc is the form's now: nothing would take the sheet away"
    assert window.panes.incident.isAncestorOf(window.focusWidget())


# -- flood ---------------------------------------------------------------------------------------------------


async def test_that_a_flood_groups_by_site_and_ends_by_itself(scene: Scene, clock: ManualClock) -> None:
    for n in range(10):
        scene.trouble(f"t{n}", at=n % 2, kind=list(TroubleKind)[n % 5])
    assert scene.floods[-1:] in ([], [0])
    alarm = raise_alarm(scene.desk, SCHOOL, key="0199", age=0)
    assert scene.floods[-1] == 11
    scene.lane.open()
    assert len(scene.rows()) == 2
    assert all("、" in row for row in scene.rows())
    assert scene.desk.picture.unacknowledged_alarms()[0].id == alarm, "the alarm has its own row as ever"
    keys(scene.lane.sheet.reason, "30 全市停电")
    await scene.press(Qt.Key.Key_S, ALT)
    assert len(scene.desk.picture.state.where(Trouble, state=TroubleState.SHELVED)) == 5, "its site's all"
    clock.advance(600)
    scene.tick.second.emit(clock().replace(second=0))
    assert scene.floods[-1] == 0
    assert len(scene.rows()) == 10


# -- a running test ------------------------------------------------------------------------------------------


async def test_that_a_running_test_is_told_in_yellow_with_what_is_left(scene: Scene, clock: ManualClock) -> None:
    assert scene.lane.bar.isHidden()
    scene.window()
    clock.advance(90)
    scene.tick.second.emit(clock())
    (row,) = scene.lane.bar.rows
    assert row.words.text.startswith("▶ 测试中 · 漳州市实验小学 · 防区 001、003 · 剩 28:30")
    asked: list[object] = []
    scene.lane.bar.asked.connect(asked.append)
    QTest.mouseClick(row.ends, Qt.MouseButton.LeftButton)
    assert asked == [f"结束报备 {SCHOOL}"]


async def test_that_it_goes_and_says_so_when_its_time_is_over(scene: Scene, clock: ManualClock) -> None:
    scene.window()
    clock.advance(1800)
    await EquipmentClock(scene.desk).look()
    assert scene.lane.bar.isHidden()
    assert "到时自动" in scene.messages.last[-1].text
    assert "恢复报警" in scene.messages.last[-1].text


async def test_that_what_goes_to_the_test_lane_touches_nothing_in_the_window(scene: Scene) -> None:
    scene.window()
    before = len(scene.counts)
    report = {"type": "signal", "raw_hex": "0a", "account": SCHOOL, "zone": "003", "event_code": "120"}
    args = {"ingest_id": "x", "line": "A1", "protocol": "surgard", "received_at": scene.desk.clock().isoformat()}
    act = scene.desk.act("intake.receive", {**args, "report": report})
    await scene.desk.carry_out(replace(act, roles=MACHINE))
    assert not scene.desk.picture.state.all(Alarm)
    assert len(scene.counts) == before
