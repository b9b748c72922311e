"""Buses on the map: one with an open alarm moves and drags its way around the press, the others are not there."""

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from console.domain.alarm import Alarm, AlarmState
from console.domain.facts import AlarmMoved, AlarmRaised, IncidentOpened
from console.domain.incident import Incident
from console.domain.unit import Position, vehicle_key
from console.geo.city import load_city
from console.services.desk import Desk
from resources import ROOT
from tests.support import EVENING, tell
from widgets.advice import Advice
from widgets.map.canvas import MapCanvas
from widgets.map.scene import Scene
from widgets.selection import Selection
from widgets.theme import Theme
from widgets.tick import Tick

CITY = load_city(ROOT / "map" / "demo_city.json")
NUMBER = "ZZ20261121-0199"
PHONE = "013800001111"


@pytest.fixture
def scene(desk: Desk) -> Scene:
    incident = Incident(
        number=NUMBER, title="公交报警", source="alarm", lat=24.5, lon=117.65, created_at=EVENING, kind="0206"
    )
    alarm = Alarm(id="a1", account=PHONE, protocol="jt808", incident=NUMBER, received_at=EVENING)
    tell(desk, IncidentOpened(incident=NUMBER, record=incident), AlarmRaised(incident=NUMBER, alarm=alarm))
    return Scene(desk.picture, CITY.plane, 0.0)


def drive(desk: Desk, scene: Scene, *seconds: int, phone: str = PHONE) -> bool:
    """Positions so many seconds after the press, a hundredth of a degree further each minute."""
    positions = [
        Position(unit=vehicle_key(phone), lat=24.5 + s / 6000, lon=117.65, at=EVENING + timedelta(seconds=s))
        for s in seconds
    ]
    return scene.apply(desk.picture.move(positions), 1.0)


def test_that_an_alarm_on_wheels_moves_and_its_incident_with_it(desk: Desk, scene: Scene) -> None:
    before = scene.place(NUMBER)
    assert drive(desk, scene, 5)
    placed = scene.alarms["a1"]
    assert before is not None
    assert (placed.x, placed.y) != before
    assert scene.place(NUMBER) == (placed.x, placed.y)


def test_that_the_way_is_that_of_thirty_seconds_before_and_after_in_order_and_once(desk: Desk, scene: Scene) -> None:
    drive(desk, scene, 5, 40)
    drive(desk, scene, -40, -30, 0, 5, 30)
    assert [(at - EVENING).total_seconds() for at, _, _ in scene.ways["a1"]] == [-30, 0, 5, 30]
    # What came late moved nobody back.
    assert scene.alarms["a1"].y > scene.ways["a1"][-1][2]


def test_that_a_bus_without_an_alarm_repaints_nothing(desk: Desk, scene: Scene) -> None:
    assert not drive(desk, scene, 1, phone="013899999999")
    assert not scene.motion.anything_moves(1.0)
    assert list(scene.ways) == []


def test_that_the_way_goes_with_the_alarm(desk: Desk, scene: Scene) -> None:
    drive(desk, scene, 0, 5)
    acts = ("annunciate", "acknowledge", "judge_false", "reset")
    end = desk.picture.observe(lambda changes: (scene.apply(changes, 2.0), None)[1])
    tell(desk, *(AlarmMoved(incident=NUMBER, alarm="a1", act=act, reason="误碰") for act in acts))
    end()
    assert desk.picture.state.all(Alarm)[0].state is AlarmState.RESET
    assert (scene.ways, "a1" in scene.alarms) == ({}, False)
    assert not drive(desk, scene, 10)


def test_that_the_way_is_drawn(
    desk: Desk, scene: Scene, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot
) -> None:
    canvas = MapCanvas(CITY, desk, theme, selection, tick, Advice(desk), lambda: 1.0)
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    drive(desk, scene, -30, 30)
    before = canvas.grab().toImage()
    canvas.scene.ways["a1"] = scene.ways["a1"]
    after = canvas.grab().toImage()
    assert before != after
