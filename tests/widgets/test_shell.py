"""The small parts every window stands on: clock beat, tasks, selection, bugs, arrangement, input method, words."""

import asyncio
import gc
import sys
import weakref
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.errors import EnvironmentFault, UserError
from console.services.health import Health
from widgets import text
from widgets.arrangement import Arrangement
from widgets.bugs import Bugs
from widgets.collector import Collector
from widgets.idle import Idle
from widgets.input_method import choose_input_method
from widgets.messages import Message, Messages
from widgets.selection import Chosen, Selection
from widgets.tasks import Tasks
from widgets.tick import Tick

NOON = datetime(2026, 11, 21, 6, 32, 7, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "00:00"), (6, "00:06"), (1600, "26:40"), (3723, "1:02:03"), (86400 * 2 + 3840, "2天01:04")],
)
def test_that_elapsed_time_reads_as_a_clock(seconds: float, shown: str, qapp: QApplication) -> None:
    assert text.elapsed_text(seconds) == shown


def test_that_spans_distances_phones_and_stamps_read_as_people_say_them(qapp: QApplication) -> None:
    assert text.span_text(130) == "2分10秒"
    assert text.span_text(45) == "45秒"
    assert text.span_text(3900) == "1小时05分"
    assert text.late_text(80) == "超时 1分20秒"
    assert (text.distance_text(849.6), text.distance_text(1149)) == ("850 m", "1.1 km")
    assert (text.masked("13805966621"), text.masked("110")) == ("138****6621", "***")
    assert (text.clock_text(NOON), text.stamp_text(NOON), text.day_text(NOON)) == (
        "14:32:07",
        "14:32:07.250",
        "11月21日 周六",
    )


def test_that_the_beat_falls_on_full_seconds(qapp: QApplication) -> None:
    moments = [NOON]
    tick = Tick(lambda: moments[0])
    heard: list[datetime] = []
    tick.second.connect(heard.append)
    tick.start()
    assert heard == [NOON]
    assert tick._timer.interval() == 750
    tick.stop()
    assert not tick._timer.isActive()


def test_that_the_beat_gives_way_to_keys_for_less_than_a_quarter_of_a_second(qapp: QApplication) -> None:
    moments, seconds = [NOON.replace(microsecond=3_000)], [5.0]
    tick = Tick(lambda: moments[0], steady=lambda: seconds[0])
    heard: list[datetime] = []
    tick.second.connect(heard.append)
    tick.give_way()
    seconds[0] += 0.05
    tick._beat()
    assert heard == []
    assert tick._timer.interval() < 50
    seconds[0] += 0.06
    tick._beat()
    assert heard == moments, "the key is answered"
    tick.give_way()
    moments[0] = NOON.replace(microsecond=240_000)
    tick._beat()
    assert len(heard) == 2, "somebody types without an end"
    tick.stop()


def test_that_a_key_pressed_in_the_window_makes_the_beat_give_way(qtbot: QtBot) -> None:
    seconds, heard = [5.0], list[datetime]()
    tick = Tick(lambda: NOON.replace(microsecond=3_000), steady=lambda: seconds[0])
    window = QLineEdit()
    qtbot.addWidget(window)
    idle = Idle(window, tick, 0)
    with qtbot.waitExposed(window):
        window.show()
    tick._beat()  # Idle finds the window's handle with a beat.
    tick.second.connect(heard.append)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    assert window.text() == "a"
    tick._beat()
    assert heard == []
    assert idle.seconds == 0
    seconds[0] += 0.2
    tick._beat()
    assert len(heard) == 1
    tick.stop()


def test_that_selection_speaks_only_when_it_changes(qapp: QApplication) -> None:
    selection = Selection()
    heard: list[Chosen] = []
    selection.changed.connect(heard.append)
    selection.choose_incident("a")
    selection.choose_incident("a")
    selection.choose_unit("巡05")
    assert heard == [Chosen(incident="a"), Chosen(incident="a", unit="巡05")]


def test_that_an_alarm_chosen_before_is_not_meant_once_another_incident_is_chosen(qapp: QApplication) -> None:
    selection = Selection()
    selection.choose_incident("a")
    selection.choose_alarm("garbage")
    assert (selection.incident, selection.alarm) == ("", "garbage")
    selection.choose_incident("b")
    assert (selection.incident, selection.alarm) == ("b", "")
    selection.choose_alarm("x", "c")
    assert (selection.incident, selection.alarm) == ("c", "x")


async def _fail(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


async def test_that_a_refusal_is_told_and_a_fault_is_told_and_logged(
    tasks: Tasks, messages: Messages, expected_log: list[str]
) -> None:
    expected_log.append("slip: 打印机缺纸")
    tasks.start(_fail(UserError("警情已办结")), "close")
    tasks.start(_fail(EnvironmentFault("打印机缺纸", "请装纸")), "slip")
    await tasks.idle()
    assert messages.last == [Message("error", "警情已办结"), Message("error", "打印机缺纸；请装纸")]


async def test_that_our_own_bug_in_a_task_is_logged_and_told_and_others_go_on(
    tasks: Tasks, messages: Messages, expected_log: list[str]
) -> None:
    expected_log.append("ERROR widgets.tasks: queue")
    done = asyncio.Event()

    async def other() -> None:
        await asyncio.sleep(0.01)
        done.set()

    tasks.start(_fail(ZeroDivisionError()), "queue")
    tasks.start(other(), "other")
    await tasks.idle()
    assert done.is_set()
    assert "queue" in messages.last[0].text


async def test_that_stopping_cancels_what_runs(tasks: Tasks) -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(60)
            ended.append("done")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    tasks.start(long(), "long")
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await tasks.stop()
    assert ended == ["cancelled"]


def test_that_a_bug_is_told_once_a_minute_and_never_ends_the_program(
    expected_log: list[str], qapp: QApplication
) -> None:
    health, now = Health(), [0.0]
    bugs = Bugs(health, lambda: now[0])
    expected_log.append("CRITICAL widgets.bugs: bug in test_shell.py")

    def trip() -> None:
        try:
            raise KeyError("x")
        except KeyError:
            bugs.hook(*sys.exc_info())

    for _ in range(28):
        trip()
    assert bugs.count == 28
    assert "KeyError test_shell.py" in health.faults["bug:window"].what
    assert health.faults["bug:window"].remedy
    health.mended("bug:window")
    trip()
    assert "bug:window" not in health.faults, "the same place again within a minute"
    now[0] = 61
    trip()
    assert "bug:window" in health.faults


def test_that_the_hook_survives_whoever_shows_the_fault(expected_log: list[str], qapp: QApplication) -> None:
    expected_log += ["CRITICAL widgets.bugs: bug in test_shell.py", "ERROR"]
    health = Health()
    health.observe(lambda: [][0])
    bugs = Bugs(health)
    try:
        raise KeyError("x")
    except KeyError:
        bugs.hook(*sys.exc_info())
    assert "bug:window" in health.faults


def test_that_an_arrangement_is_kept_and_a_broken_file_only_means_the_usual_one(tmp_path: Path) -> None:
    kept = Arrangement(tmp_path / "data", "calltaker")
    assert kept.load() == {}
    kept.save({"columns": [1, 2, 3]})
    assert kept.load() == {"columns": [1, 2, 3]}
    (tmp_path / "data" / "window-calltaker.json").write_text("{broken", encoding="utf-8")
    assert kept.load() == {}
    kept.forget()
    assert list((tmp_path / "data").iterdir()) == []
    Arrangement(None, "calltaker").save({"columns": [1]})


def test_that_night_or_day_is_kept_beside_the_sizes_and_outlives_them(tmp_path: Path) -> None:
    kept = Arrangement(tmp_path, "calltaker")
    assert kept.theme == ""
    kept.keep_theme("day")
    kept.save({"columns": [1, 2, 3]})
    assert (kept.theme, kept.load()) == ("day", {"columns": [1, 2, 3]})
    kept.keep_theme("night")
    assert kept.load() == {"columns": [1, 2, 3]}
    kept.forget()
    assert (kept.theme, kept.load()) == ("night", {})


def test_that_fcitx_without_its_plugin_is_reached_through_ibus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    environment = {"XMODIFIERS": "@im=fcitx"}
    assert choose_input_method(environment, tmp_path)
    assert environment["QT_IM_MODULE"] == "ibus"
    folder = tmp_path / "platforminputcontexts"
    folder.mkdir()
    (folder / "libfcitx5platforminputcontextplugin.so").touch()
    kept = {"QT_IM_MODULE": "fcitx"}
    assert not choose_input_method(kept, tmp_path)
    assert kept["QT_IM_MODULE"] == "fcitx"
    assert not choose_input_method({}, tmp_path)


def test_that_the_collector_runs_with_the_beat_and_not_by_itself(tick: Tick, clock: ManualClock) -> None:
    class Node:
        pass

    one, other = Node(), Node()
    one.other, other.one = other, one  # type: ignore[attr-defined]
    gone = weakref.ref(one)
    collector = Collector(tick)
    assert not gc.isenabled()
    del one, other
    assert gone() is not None
    tick.second.emit(clock())
    assert gone() is None
    collector.close()
    assert gc.isenabled()


def test_that_messages_keep_the_last_fifty(messages: Messages) -> None:
    for n in range(60):
        messages.info(str(n))
    assert [message.text for message in messages.last] == [str(n) for n in range(10, 60)]
