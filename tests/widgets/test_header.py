"""Lamps and the fault line: glyph, words and colour follow the desk's health, and say what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.equipment_facts import MessageQueued
from console.domain.facts import LineChanged
from console.domain.outbox import OutboxMessage
from console.domain.site import Line, LineState
from console.services.desk import Desk
from console.services.health import Lamp
from tests.support import tell
from tests.widgets.scene import play_evening
from widgets.panels.header import Header
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick


@pytest.fixture
def header(desk: Desk, theme: Theme, tick: Tick, qtbot: QtBot) -> Header:
    play_evening(desk, alarms=False)
    header = Header(desk, theme, tick, city="漳州", shift="一班", sound=False)
    qtbot.addWidget(header)
    header.resize(1900, 40)
    return header


def test_that_the_clock_shows_beijing_time_with_date_and_weekday(
    header: Header, tick: Tick, clock: ManualClock
) -> None:
    tick.second.emit(clock.advance(127))
    assert header.clock.text == "14:32:07 11月21日 周六"


def test_that_a_lost_line_turns_the_lamp_red_and_says_what_to_do(header: Header, desk: Desk) -> None:
    assert (header.lines.lamp, header.lines.text) == (Lamp.GOOD, "报警线路 1/1")
    line = desk.picture.state.get(Line, "A1")
    assert line is not None
    tell(desk, LineChanged(line=replace(line, state=LineState.LOST, why="设备已拔出：插回后自动恢复")))
    assert (header.lines.lamp, header.lines.text) == (Lamp.BAD, "报警线路 0/1")
    assert "A1 中断 设备已拔出" in header.lines.toolTip()


def test_that_a_line_another_seat_receives_is_no_fault_and_one_nobody_receives_is(header: Header, desk: Desk) -> None:
    desk.health.stands_by("A1", "由L1席接收（equipment-room）")
    assert (header.lines.lamp, header.lines.text) == (Lamp.GOOD, "报警线路 1/1")
    assert "A1 备用 由L1席接收（equipment-room）" in header.lines.toolTip()
    desk.health.fault("unattended:A1", "线路A1 无人接收：L1席（equipment-room）已停止", "启动该机的收信服务")
    assert (header.lines.lamp, header.lines.text) == (Lamp.BAD, "报警线路 0/1")
    assert "无人接收" in header.banner.text
    desk.health.mended("unattended:A1")
    desk.health.stands_by("A1", "")
    assert header.lines.lamp is Lamp.GOOD
    assert "备用" not in header.lines.toolTip()


def test_that_the_modem_has_its_own_lamp_and_counts_what_waits(header: Header, desk: Desk, clock: ManualClock) -> None:
    modem = Line(name="M1", protocol="at-modem", address="/dev/ttyUSB3", state=LineState.UP, since=clock())
    tell(desk, LineChanged(line=modem))
    assert (header.sms.lamp, header.sms.text) == (Lamp.GOOD, "短信")
    tell(desk, MessageQueued(message=OutboxMessage(id="m1", number="13811112222", text="收到", queued_at=clock())))
    assert (header.sms.lamp, header.sms.text) == (Lamp.GOOD, "短信 待发 1")
    tell(desk, LineChanged(line=replace(modem, state=LineState.SILENT)))
    assert (header.sms.lamp, header.sms.text) == (Lamp.BAD, "短信 中断")


def test_that_unsent_acts_are_counted_and_the_fault_line_names_the_remedy(header: Header, desk: Desk) -> None:
    assert header.banner.isHidden()
    desk.health.journal_up = False
    desk.health.fault("journal", "数据库没有应答", "检查磁盘空间")
    desk.health.spooled(3)
    assert (header.database.lamp, header.database.text) == (Lamp.BAD, "本机暂存 3 条未送达")
    assert header.banner.text == "数据库没有应答，照常接警派警，操作先存本机：检查磁盘空间"
    assert not header.banner.isHidden()
    desk.health.journal_answered(0.004)
    desk.health.spooled(0)
    assert (header.database.lamp, header.database.text) == (Lamp.GOOD, "数据库 4 ms")
    assert header.banner.isHidden()


def test_that_several_faults_are_counted_and_all_stand_in_the_tool_tip(header: Header, desk: Desk) -> None:
    desk.health.fault("a", "甲坏了", "修甲")
    desk.health.fault("b", "乙坏了", "修乙")
    assert header.banner.text == "甲坏了：修甲（另有 1 处故障）"
    assert "乙坏了：修乙" in header.banner.toolTip()


def test_that_the_database_comes_first_and_what_still_works_is_promised_only_with_a_spool(
    header: Header, desk: Desk
) -> None:
    desk.health.fault("feed", "看不到其他席位的变化", "检查网络")
    desk.health.fault("journal", "数据库无应答", "检查网络")
    assert header.banner.text == "数据库无应答，照常接警派警，操作先存本机：检查网络（另有 1 处故障）"
    desk.health.fault("spool", "本机暂存打不开", "检查磁盘空间")
    assert header.banner.text == "数据库无应答：检查网络（另有 2 处故障）"


def test_that_missing_things_are_drawn_as_off_and_a_silent_machine_says_so(header: Header) -> None:
    assert (header.sms.lamp, header.sms.text) == (Lamp.OFF, "短信 未接入")
    assert header.hotline.lamp is Lamp.OFF
    assert (header.loudspeaker.lamp, header.loudspeaker.text) == (Lamp.WARN, "无声音设备")
    assert "音箱" in header.loudspeaker.toolTip()


def test_that_incidents_of_the_last_ten_minutes_are_counted(
    header: Header, desk: Desk, tick: Tick, clock: ManualClock
) -> None:
    recent = sum(i.created_at > desk.clock() - timedelta(minutes=10) for i in desk.picture.incidents())
    assert header.recent.text == f"10分钟警情 {recent}"
    tick.second.emit(clock.advance(600))
    assert header.recent.text == "10分钟警情 0"


def test_that_technical_events_and_a_flood_are_counted(header: Header) -> None:
    assert header.technical.isHidden()
    header.show_technical(3, 2)
    assert not header.technical.isHidden()
    assert header.technical.text() == "技术 3（搁置 2） · Ctrl J"
    header.show_technical(0, 0)
    assert header.technical.isHidden()
    header.show_flood(14)
    assert header.recent.text == "洪峰 14/10分钟"
    header.show_flood(0)
    assert header.recent.text.startswith("10分钟警情")


def test_that_day_and_night_switch_with_one_press(header: Header, theme: Theme, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    with qtbot.waitSignal(header.theme_chosen):
        QTest.keyClick(header.night, Qt.Key.Key_Space)
    assert theme.tokens is DAY
    assert header.night.text() == "日间"
    QTest.keyClick(header.night, Qt.Key.Key_Space)
    assert theme.tokens is NIGHT
