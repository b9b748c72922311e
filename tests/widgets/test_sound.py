"""One sound, one act it asks for; without a device nothing rings and nothing fails."""

import sys
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QUrl

from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.facts import AlarmMoved, AlarmPressedAgain, DeadlinePassed, IncidentOpened
from console.domain.incident import Incident
from console.services.desk import Desk
from tests.support import tell
from tests.widgets.scene import play_evening, raise_alarm
from widgets.sound import NAMES, Sounds, open_player
from widgets.tick import Tick


class Ears(list[str]):
    """Hears what is played; keeps the sounds alive."""

    def __init__(self, desk: Desk, tick: Tick) -> None:
        super().__init__()
        self.sounds = Sounds(desk, tick, {name: partial(self.append, name) for name in NAMES})


@pytest.fixture
def ears(desk: Desk, tick: Tick) -> Ears:
    play_evening(desk, alarms=False)
    return Ears(desk, tick)


@pytest.mark.requirement("Z2-01")
def test_that_an_alarm_rings_at_once_every_two_seconds_and_louder_when_nobody_takes_it(
    ears: Ears, desk: Desk, tick: Tick, clock: ManualClock
) -> None:
    alarm = raise_alarm(desk, key="0192", age=0)
    assert ears == ["alarm"]
    for _ in range(14):
        tick.second.emit(clock.advance(1))
    assert ears == ["alarm"] * 6 + ["alarm_louder"] * 2
    tell(desk, AlarmMoved(alarm=alarm, act="acknowledge"))
    for _ in range(4):
        tick.second.emit(clock.advance(1))
    assert len(ears) == 8, "acknowledged: silent"
    assert desk.picture.state.get(Alarm, alarm) is not None


def test_that_a_silent_alarm_is_heard_softly_and_never_as_the_siren(
    ears: Ears, desk: Desk, tick: Tick, clock: ManualClock
) -> None:
    raise_alarm(desk, key="0192", age=0, silent=True)
    for _ in range(20):
        tick.second.emit(clock.advance(1))
    assert ears == ["notice"] * 11
    raise_alarm(desk, key="0193", age=0)
    tick.second.emit(clock.advance(2))
    assert ears[-1] in ("alarm", "alarm_louder"), "an open one beside it rings as ever"


def test_that_an_acknowledged_alarm_pressed_again_rings_again_and_a_clock_set_back_changes_nothing(
    desk: Desk, clock: ManualClock
) -> None:
    seconds = [100.0]
    play_evening(desk, alarms=False)
    tick = Tick(clock, steady=lambda: seconds[0])
    ears = Ears(desk, tick)
    alarm = raise_alarm(desk, key="0192", age=0)
    tell(desk, AlarmMoved(alarm=alarm, act="acknowledge"))
    clock.advance(7200)
    seconds[0] += 7200
    tell(desk, AlarmPressedAgain(alarm=alarm, ingest_id="i2", at=clock()))
    assert ears == ["alarm", "alarm"], "at once, and not louder: it waits since this press"
    clock.advance(-3600)
    for _ in range(11):
        seconds[0] += 1
        tick.second.emit(clock.advance(1))
    assert ears[2:] == ["alarm"] * 5
    seconds[0] += 1
    tick.second.emit(clock.advance(1))
    assert ears[-1] == "alarm_louder"


def test_that_only_the_alarm_is_heard_while_it_rings(ears: Ears, desk: Desk) -> None:
    raise_alarm(desk, key="0192", age=0)
    desk.health.fault("journal", "数据库没有应答")
    tell(desk, DeadlinePassed(subject="x", rule="arrive", step=1, due_at=desk.clock()))
    assert set(ears) == {"alarm"}


def test_that_lateness_a_new_incident_and_a_red_lamp_have_their_own_sounds(ears: Ears, desk: Desk) -> None:
    tell(desk, DeadlinePassed(subject="x", rule="arrive", step=1, due_at=desk.clock()))
    record = Incident(number="ZZ20261121-0300", created_at=desk.clock() - timedelta(seconds=1))
    tell(desk, IncidentOpened(incident=record.number, record=record))
    desk.health.fault("journal", "数据库没有应答")
    desk.health.fault("journal", "数据库没有应答")
    assert ears == ["late", "notice", "lamp"]


def test_that_the_set_volume_reaches_every_sound_and_an_alarm_nobody_takes_stays_loud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loud: dict[str, float] = {}

    class Effect:
        def setSource(self, source: QUrl) -> None:  # noqa: N802 -- Qt's name
            self.name = source.fileName().removesuffix(".wav")

        def setVolume(self, volume: float) -> None:  # noqa: N802 -- Qt's name
            loud[self.name] = volume

        def play(self) -> None:
            """As loud as it was told."""

    device = SimpleNamespace(audioOutputs=lambda: ["speaker"])
    multimedia = SimpleNamespace(QMediaDevices=device, QSoundEffect=Effect)
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", multimedia)
    assert set(open_player(0.5)) == set(NAMES)
    assert loud["alarm"] == 0.5
    assert loud["notice"] == loud["late"] == loud["lamp"] < 0.5
    open_player(0.0)
    assert {name for name, volume in loud.items() if volume} == {"alarm_louder", "officer"}


def test_that_without_a_device_nothing_rings_and_nothing_fails(desk: Desk, tick: Tick, clock: ManualClock) -> None:
    play_evening(desk, alarms=False)
    sounds = Sounds(desk, tick, {})
    raise_alarm(desk, key="0192")
    tick.second.emit(clock.advance(2))
    assert not sounds.available
