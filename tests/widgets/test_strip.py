"""The alarm strip over a desk in memory: what it shows, that it holds its alarm, that it asks again."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from console.domain.account import Role
from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.facts import (
    AlarmMoved,
    AlarmPressedAgain,
    AlarmRaised,
    AlarmSecondPath,
    Fact,
    SiteRegistered,
    UnitMoved,
)
from console.domain.fold import fold
from console.domain.site import Site
from console.domain.unit import UnitStatus
from console.services.desk import Desk
from tests.support import MemoryJournal, tell
from tests.widgets.scene import BANK, SCHOOL, play_evening, raise_alarm, raise_garbage
from widgets.advice import Advice
from widgets.panels.strip import AlarmStrip
from widgets.theme import Theme
from widgets.tick import Tick


@pytest.fixture
def strip(desk: Desk, theme: Theme, tick: Tick, qtbot: QtBot) -> AlarmStrip:
    play_evening(desk, alarms=False)
    strip = AlarmStrip(desk, theme, tick, Advice(desk))
    qtbot.addWidget(strip)
    strip.resize(1900, 68)
    return strip


def acknowledge(desk: Desk, alarm: str, actor: str = "044") -> None:
    """By another seat, if not said otherwise."""
    journal = desk.journal
    assert isinstance(journal, MemoryJournal)
    body = AlarmMoved(alarm=alarm, act="acknowledge")
    journal.facts.append(Fact(seq=len(journal.facts) + 1, at=desk.clock(), actor=actor, seat="04", body=body))
    fold(journal.state, journal.facts[-1])
    desk.picture.apply(journal.facts[-1:])


def test_that_there_is_no_strip_without_an_unacknowledged_alarm(strip: AlarmStrip, desk: Desk) -> None:
    assert strip.isHidden()
    alarm = raise_alarm(desk, key="0192")
    assert not strip.isHidden()
    acknowledge(desk, alarm)
    assert strip.isHidden()
    assert strip.alarm == ""


def test_that_the_strip_names_site_spot_and_every_protocol_fact(strip: AlarmStrip, desk: Desk) -> None:
    raise_alarm(desk, SCHOOL, key="0192", age=6)
    assert strip._heading.text == "0192 一键报警 · 漳州市实验小学 · 东门值班室"
    facts = "学校 · 防区 003 · 120 紧急报警 · 账号 1234 · 线路A1（Sur-Gard） · 网格警区 05 · 最小应急单元 6 人"
    assert strip._facts.text.startswith(facts)
    assert strip._sign.elapsed == "00:06"
    assert strip._advised.text.startswith("建议 ")
    assert "1分钟圈内" in strip._rings.text


def test_that_only_who_may_call_a_keyholder_reads_his_number(strip: AlarmStrip, desk: Desk) -> None:
    raise_alarm(desk, SCHOOL, key="0192")
    desk.roles = (Role.AUDIT.value,)
    strip.refresh()
    assert strip._facts.text.endswith("联络员 校** 例：0****0001")


@pytest.mark.requirement("Z2-78")
def test_that_a_school_shows_its_liaison_officer_and_says_if_there_is_none(strip: AlarmStrip, desk: Desk) -> None:
    first = raise_alarm(desk, SCHOOL, key="0192")
    assert strip._facts.text.endswith("联络员 校安全主任（例） 例：000-2000001")
    acknowledge(desk, first)
    site = next(site for site in desk.picture.state.all(Site) if site.account == SCHOOL)
    tell(desk, SiteRegistered(site=replace(site, keyholder="", keyholder_phone="")))
    raise_alarm(desk, SCHOOL, key="0193")
    assert strip._facts.text.endswith("联络员未登记")


def test_that_an_unknown_account_says_first_what_to_do_for_a_narrow_strip_cuts_the_end(
    strip: AlarmStrip, desk: Desk
) -> None:
    stranger = Alarm(id="x", account="7E7E", line="A1", zone="001", event_code="120", received_at=desk.clock())
    tell(desk, AlarmRaised(incident="", alarm=stranger))
    assert strip._facts.text.startswith("账号未登记：派警前先核对地址 · ")


def test_that_further_presses_and_the_second_path_are_told(strip: AlarmStrip, desk: Desk) -> None:
    alarm = raise_alarm(desk, key="0192")
    tell(desk, AlarmPressedAgain(alarm=alarm, ingest_id="i2", at=desk.clock()))
    tell(desk, AlarmSecondPath(alarm=alarm, line="B1", ingest_id="i3"))
    assert "第2次按压" in strip._facts.text
    assert "双路径 A1 + B1" in strip._facts.text


def test_that_newer_and_graver_alarms_stack_and_never_replace_the_one_shown(strip: AlarmStrip, desk: Desk) -> None:
    first = raise_alarm(desk, SCHOOL, key="0191", age=1, priority=2)
    second = raise_alarm(desk, BANK, key="0192", age=3, zone="001")
    assert strip.alarm == first
    assert strip.others_button.text() == "另有 1 条 ▾"
    assert [alarm.id for alarm in strip.others()] == [second]
    acknowledge(desk, first)
    assert strip.alarm == second
    assert strip.others_button.isHidden()


def test_that_a_person_may_take_another_alarm_from_the_stack(strip: AlarmStrip, desk: Desk) -> None:
    raise_alarm(desk, SCHOOL, key="0191")
    second = raise_alarm(desk, BANK, key="0192")
    strip.take(second)
    assert strip.alarm == second
    strip.refresh()
    assert strip.alarm == second, "and it stays"


def test_that_a_silent_alarm_offers_no_call_back_and_a_bank_rings_only_its_security_office(
    strip: AlarmStrip, desk: Desk
) -> None:
    silent = raise_alarm(desk, SCHOOL, key="0191", silent=True, event_code="121")
    assert strip.verify_button.isHidden()
    assert "静默报警：不得回拨现场" in strip._facts.text
    acknowledge(desk, silent)
    raise_alarm(desk, BANK, key="0192")
    assert strip.verify_button.text() == "回拨保卫部"
    assert "保卫部 例：000-3000025（不得打柜台）" in strip.verify_button.toolTip()


@pytest.mark.parametrize(
    ("kind", "words"), [("duress", "胁迫 · 不得回拨"), ("holdup", "劫持 · 不得回拨"), ("panic", "静默 · 不得回拨")]
)
def test_that_a_silent_alarm_says_so_in_the_largest_words(strip: AlarmStrip, desk: Desk, kind: str, words: str) -> None:
    silent = raise_alarm(desk, SCHOOL, key="0191", silent=True, kind=kind)
    assert strip._silent.text == words
    assert not strip._silent.isHidden()
    acknowledge(desk, silent)
    raise_alarm(desk, BANK, key="0192")
    assert strip._silent.isHidden()
    assert strip._silent.text == ""


def test_that_unreadable_bytes_stand_on_the_strip_with_their_text_and_send_nobody(
    strip: AlarmStrip, desk: Desk
) -> None:
    raise_garbage(desk)
    assert strip._heading.text == "线路A1收到无法解析的报文"
    assert "未知字头 ZZ" in strip._facts.text
    assert "5A 5A 39 39 0D 14" in strip._facts.text
    assert strip.dispatch_button.isHidden()
    assert strip.verify_button.isHidden()
    assert not strip.acknowledge_button.isHidden()


def test_that_a_key_within_half_a_second_of_a_change_is_asked_again(
    strip: AlarmStrip, desk: Desk, clock: ManualClock
) -> None:
    raise_alarm(desk, SCHOOL, key="0192")
    assert not strip.settled()
    clock.advance(0.5)
    assert strip.settled()
    assert strip.unit is not None
    tell(desk, UnitMoved(unit=strip.unit.unit.id, status=UnitStatus.OUT_OF_SERVICE.value, reason="抛锚"))
    clock.advance(0.4)
    assert not strip.settled()
    assert strip._advised.text == "建议已变化，请再按一次"
    clock.advance(0.2)
    assert strip.settled()


def test_that_an_alarm_nobody_owns_for_ten_seconds_says_so(
    strip: AlarmStrip, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    raise_alarm(desk, key="0192", age=0)
    tick.second.emit(clock.advance(10))
    assert strip._sign.warning == ""
    tick.second.emit(clock.advance(1))
    assert strip._sign.warning == "无人确认"
    assert strip._sign.elapsed == "00:11"


def test_that_the_flash_runs_only_while_an_alarm_waits_and_can_be_stopped(
    strip: AlarmStrip, desk: Desk, tick: Tick
) -> None:
    assert not tick._flash_timer.isActive()
    alarm = raise_alarm(desk, key="0192")
    assert tick._flash_timer.isActive()
    assert tick._flash_timer.interval() >= 250, "at most 2 Hz"
    tick.allow_flash(False)
    assert not tick._flash_timer.isActive()
    tick.allow_flash(True)
    assert tick._flash_timer.isActive()
    acknowledge(desk, alarm)
    assert not tick._flash_timer.isActive()


def test_that_each_alarm_is_announced_once_and_to_a_screen_reader_at_once(
    strip: AlarmStrip, desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    spoken: list[tuple[str, object]] = []
    strip.announced.connect(told.append)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda e: spoken.append((e.message(), e.politeness())))
    first = raise_alarm(desk, SCHOOL, key="0191")
    raise_alarm(desk, BANK, key="0192")
    tell(desk, AlarmPressedAgain(alarm=first, ingest_id="i2", at=desk.clock()))
    assert told == ["alarm-0191", "alarm-0192"]
    assert spoken[0] == ("一键报警 · 漳州市实验小学 · 东门值班室", QAccessible.AnnouncementPoliteness.Assertive)


def test_that_an_acknowledged_alarm_pressed_again_comes_back_says_so_and_never_pushes_another_away(
    strip: AlarmStrip, desk: Desk, clock: ManualClock
) -> None:
    told: list[str] = []
    strip.announced.connect(told.append)
    first = raise_alarm(desk, SCHOOL, key="0191")
    tell(desk, AlarmMoved(alarm=first, act="annunciate"))
    acknowledge(desk, first)
    assert strip.isHidden()
    second = raise_alarm(desk, BANK, key="0192", priority=2)
    tell(desk, AlarmPressedAgain(alarm=first, ingest_id="i2", at=clock.advance(3600)))
    assert strip.alarm == second
    assert [alarm.id for alarm in strip.others()] == [first]
    assert told == [first, second, first]
    acknowledge(desk, second)
    assert strip.alarm == first
    assert "第2次按压" in strip._facts.text
    assert strip._sign.warning == "", "it waits since it was pressed again"


def test_that_its_own_acknowledged_alarm_stays_half_a_minute_and_what_waits_behind_it_flashes(
    strip: AlarmStrip, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    first, second = raise_alarm(desk, SCHOOL, key="0191"), raise_alarm(desk, BANK, key="0192", priority=2)
    acknowledge(desk, first, actor="031")
    assert (strip.alarm, strip.held, strip._rings.text) == (first, True, "已确认，待派警")
    assert (strip.acknowledge_button.text(), strip.others_button.text()) == ("下一条", "另有 1 条未确认 ▾")
    strip._flash(False)
    assert (strip._sign._bright, strip.others_button._fill) == (True, "")
    strip._flash(True)
    assert strip.others_button._fill == "danger"
    clock.advance(29)
    tick.second.emit(clock())
    assert strip.alarm == first
    clock.advance(1)
    tick.second.emit(clock())
    assert (strip.alarm, strip.held) == (second, False)


def test_that_a_press_on_the_alarm_held_on_the_strip_asks_for_it_anew(
    strip: AlarmStrip, desk: Desk, clock: ManualClock
) -> None:
    alarm = raise_alarm(desk, SCHOOL, key="0191")
    acknowledge(desk, alarm, actor="031")
    clock.advance(5)
    tell(desk, AlarmPressedAgain(alarm=alarm, ingest_id="i2", at=clock()))
    assert (strip.alarm, strip.held) == (alarm, False)
    assert not strip.settled(acknowledging=True), "F1 meant the next one a moment ago"
    assert strip.settled(), "F2 means the same as before"


def test_that_an_incident_without_a_place_says_that_it_has_none(strip: AlarmStrip, desk: Desk) -> None:
    account = next(site for site in desk.picture.state.all(Site) if site.account == SCHOOL)
    tell(desk, SiteRegistered(site=replace(account, lat=None, lon=None)))
    raise_alarm(desk, SCHOOL, key="0192")
    assert strip._advised.text == "地点未定位，无法推荐警组"


def test_that_a_clock_set_back_an_hour_refuses_no_key_and_still_calls_for_an_owner(
    desk: Desk, theme: Theme, clock: ManualClock, qtbot: QtBot
) -> None:
    seconds = [100.0]
    tick = Tick(clock, steady=lambda: seconds[0])
    play_evening(desk, alarms=False)
    strip = AlarmStrip(desk, theme, tick, Advice(desk))
    qtbot.addWidget(strip)
    raise_alarm(desk, SCHOOL, key="0192", age=0)
    clock.advance(-3600)
    seconds[0] += 0.4
    assert not strip.settled()
    seconds[0] += 0.1
    assert strip.settled()
    seconds[0] += 10
    tick.second.emit(clock())
    assert (strip._sign.warning, strip._sign.elapsed) == ("无人确认", "00:10")


def test_that_whatever_fails_while_the_strip_is_drawn_the_alarm_is_on_the_screen_and_told(
    desk: Desk, theme: Theme, tick: Tick, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs: list[type[BaseException]] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: bugs.append(kind))
    play_evening(desk, alarms=False)
    strip = AlarmStrip(desk, theme, tick, Advice(desk))
    qtbot.addWidget(strip)
    told: list[str] = []
    strip.announced.connect(told.append)
    for name in ("heading", "facts_line", "call_back"):
        monkeypatch.setattr(f"widgets.panels.strip.{name}", _broken)
    monkeypatch.setattr(Advice, "best", _broken)
    monkeypatch.setattr(Advice, "counts_within", _broken)
    alarm = raise_alarm(desk, SCHOOL, key="0192")
    assert not strip.isHidden()
    assert (strip.alarm, told) == (alarm, [alarm])
    assert strip._heading.text == "一键报警 · 账号 1234 · 防区 003"
    assert strip.verify_button.isHidden() or strip.verify_button.isEnabled()
    assert set(bugs) == {KeyError}


def _broken(*_: object, **__: object) -> None:
    raise KeyError("a bug of ours")


def test_that_a_pane_that_fails_before_it_keeps_no_alarm_from_the_strip(
    desk: Desk, theme: Theme, tick: Tick, qtbot: QtBot, expected_log: list[str]
) -> None:
    expected_log.append("ERROR")
    play_evening(desk, alarms=False)
    desk.picture.observe(_broken)
    desk.health.observe(_broken)
    tick.second.connect(_broken)
    strip = AlarmStrip(desk, theme, tick, Advice(desk))
    qtbot.addWidget(strip)
    alarm = raise_alarm(desk, SCHOOL, key="0192")
    assert (strip.alarm, strip.isHidden()) == (alarm, False)


def test_that_a_strip_that_was_not_told_sees_the_alarm_with_the_next_second(
    strip: AlarmStrip, desk: Desk, clock: ManualClock, tick: Tick
) -> None:
    strip._stop()
    alarm = raise_alarm(desk, SCHOOL, key="0192")
    assert strip.isHidden()
    tick.second.emit(clock.advance(1))
    assert strip.alarm == alarm
    assert not strip.isHidden()


def test_that_alarm_buttons_are_at_least_forty_four_pixels_high(strip: AlarmStrip, desk: Desk) -> None:
    raise_alarm(desk, key="0192")
    for button in (strip.acknowledge_button, strip.dispatch_button, strip.verify_button):
        assert button.sizeHint().height() >= 44


def test_that_buttons_ask_for_the_commands_of_their_keys(strip: AlarmStrip, desk: Desk, qtbot: QtBot) -> None:
    asked: list[str] = []
    strip.asked.connect(asked.append)
    raise_alarm(desk, key="0192")
    for button in (strip.acknowledge_button, strip.dispatch_button, strip.verify_button):
        button.click()
    assert asked == ["alarm.acknowledge", "alarm.dispatch", "alarm.callback"]
    alarm = desk.picture.state.get(Alarm, "alarm-0192")
    assert alarm is not None
    assert alarm.unacknowledged, "the strip itself decides nothing"
