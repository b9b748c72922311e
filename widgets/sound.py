"""Sounds: one sound, one act it asks for (resources/sounds/README.md). Without an audio device the desk is silent
and says so on a lamp; it never fails because of sound.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLoggingCategory, QObject, QUrl, Slot

from console.domain.desk_facts import IncidentWoken
from console.domain.facts import DeadlinePassed
from console.domain.incident import Incident
from console.services.desk import Desk
from console.services.lateness import concerns
from console.services.picture import Changes
from console.services.safety import open_emergencies
from resources import ROOT
from widgets import qt_log
from widgets.tick import Tick
from widgets.waits import Waits

log = logging.getLogger(__name__)

NAMES = ("officer", "alarm", "alarm_louder", "notice", "late", "lamp")
EVERY_S = 2
"""Seconds between two rings of an alarm nobody has acknowledged."""

EARLY_S = 0.2
"""A beat this much early still rings, or the next would come a second late."""

LOUDNESS = {"alarm": 1.0}
NEVER_TURNED_DOWN = frozenset({"officer", "alarm_louder"})
"""Of the volume that is set; the others are softer than an alarm."""
SOFTER = 0.75
Play = Callable[[], object]


def loudness(name: str, volume: float) -> float:
    """How loud a sound is at a set volume, both 0–1. An officer in need and an alarm nobody takes are never
    turned down."""
    return 1.0 if name in NEVER_TURNED_DOWN else volume * LOUDNESS.get(name, SOFTER)


def open_player(volume: float) -> Mapping[str, Play]:
    """What plays each sound; empty when this machine has no audio device or lacks the libraries for one."""
    QLoggingCategory.setFilterRules("qt.multimedia.*=false")
    try:
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
    except ImportError as fault:
        log.info("no sound: %s", fault)
        return {}
    if not QMediaDevices.audioOutputs():
        return {}
    player: dict[str, Play] = {}
    for name in NAMES:
        effect = QSoundEffect()
        effect.setSource(QUrl.fromLocalFile(str(ROOT / "sounds" / f"{name}.wav")))
        effect.setVolume(loudness(name, volume))
        player[name] = effect.play
    return player


def audio_output() -> str | None:
    """The device sounds go to, by its name: '' if there is none, None if this machine lacks the libraries to say.

    For a program without a window: Qt's notes about missing sound servers go to the log.
    """
    qt_log.take_over()
    QLoggingCategory.setFilterRules("qt.multimedia.*=false")
    try:
        from PySide6.QtMultimedia import QMediaDevices
    except ImportError as fault:
        log.info("no sound: %s", fault)
        return None
    app = None if QCoreApplication.instance() else QCoreApplication(["console110"])
    device = QMediaDevices.defaultAudioOutput()
    name = "" if device.isNull() else device.description() or "?"
    if app is not None:
        app.shutdown()
    return name


class Sounds(QObject):
    """Listens to the picture, the lamps and the clock, and plays; `player` comes from `open_player`."""

    def __init__(self, desk: Desk, tick: Tick, player: Mapping[str, Play]) -> None:
        super().__init__()
        self._desk, self._tick, self._player = desk, tick, player
        self._waits = Waits(tick)
        self._rang_at: float | None = None
        self._faults = set(desk.health.faults)
        self._stops = (desk.picture.observe(self._take_in), desk.health.observe(self._lamps))
        tick.second.connect(self._beat)

    @property
    def available(self) -> bool:
        """Whether there is a device to play on."""
        return bool(self._player)

    def close(self) -> None:
        """Be silent."""
        for stop in self._stops:
            stop()

    def _play(self, name: str) -> None:
        play = self._player.get(name)
        if play is not None:
            play()

    def _say(self, name: str) -> None:
        """A sound below the alarm's: not while an alarm rings."""
        if not self._desk.picture.unacknowledged_alarms():
            self._play(name)

    def _take_in(self, changes: Changes) -> None:
        if self._officer() or self._desk.picture.unacknowledged_alarms():
            self._ring()
            return
        self._rang_at = None
        self._waits.follow(())
        desk = self._desk
        told = [fact.body for fact in changes.facts]
        if any(isinstance(body, DeadlinePassed) and concerns(body, desk.seat, desk.roles) for body in told):
            self._say("late")
        elif any(isinstance(row, Incident) and row.owner != desk.actor for row in changes.added) or any(
            isinstance(body, IncidentWoken) and body.why == "time" for body in told
        ):
            self._say("notice")

    def _lamps(self) -> None:
        faults = set(self._desk.health.faults)
        if faults - self._faults:
            self._say("lamp")
        self._faults = faults

    @Slot(object)
    def _beat(self, _now: datetime) -> None:
        self._ring()

    def _officer(self) -> bool:
        """Whether an officer's call for help sounds now: before everything else, until somebody acknowledges it."""
        running = open_emergencies(self._desk.picture.state)
        waits = bool(running) and running[0].acknowledged_at is None
        if waits and (self._rang_at is None or self._tick.steady() - self._rang_at >= EVERY_S - EARLY_S):
            self._rang_at = self._tick.steady()
            self._play("officer")
        return waits

    def _ring(self) -> None:
        """Every two seconds while an alarm waits; louder once nobody has taken it for 10 s. Silent ones: no siren."""
        waiting = self._desk.picture.unacknowledged_alarms()
        self._waits.follow(waiting)
        if self._officer() or not waiting:
            return
        now = self._tick.steady()
        if self._rang_at is not None and now - self._rang_at < EVERY_S - EARLY_S:
            return
        self._rang_at = now
        if all(alarm.silent for alarm in waiting):
            # Whoever forces somebody there may hear us by the telephone: a soft sound, and the large words.
            self._play("notice")
            return
        unowned = self._waits.longest > self._desk.reference.desk.unowned_s
        self._play("alarm_louder" if unowned else "alarm")
