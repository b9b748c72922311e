"""The map by hand: clicks, drags, wheel and keys; what it shows; and that it never moves under a hand."""

import math
import random
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.alarm import Alarm, AlarmState
from console.domain.clock import ManualClock
from console.domain.facts import AlarmMoved, AlarmRaised, IncidentEdited, IncidentOpened, UnitMoved
from console.domain.incident import Incident
from console.domain.unit import Position, UnitStatus
from console.geo.city import load_city
from console.services.desk import Desk
from resources import ROOT
from tests.support import tell
from tests.widgets.evening import GAS, play
from tests.widgets.later import a_moment_later
from widgets.advice import Advice
from widgets.map.canvas import HAND_S, MapCanvas
from widgets.map.crowd import MANY
from widgets.map.measure import measure_frames
from widgets.map.placing import Box, overlap
from widgets.map.symbols import Kind, Layer, Symbol
from widgets.map.tips import tip
from widgets.selection import Selection
from widgets.theme import Theme
from widgets.tick import Tick

CITY = load_city(ROOT / "map" / "demo_city.json")
FAR = "ZZ20261121-0183"


@dataclass
class Steady:
    """A steady clock by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def canvas(desk: Desk, theme: Theme, selection: Selection, tick: Tick, steady: Steady, qtbot: QtBot) -> MapCanvas:
    play(desk)
    canvas = MapCanvas(CITY, desk, theme, selection, tick, Advice(desk), steady)
    desk.picture.observe(canvas.apply)
    qtbot.addWidget(canvas)
    canvas.resize(915, 555)
    canvas.show()
    qtbot.waitExposed(canvas)
    painted(canvas)
    return canvas


def painted(canvas: MapCanvas) -> QImage:
    return canvas.grab().toImage()


def resized(canvas: MapCanvas, size: tuple[int, int]) -> None:
    """Another size, once the last frame no longer stands (as it does while the alarm strip comes or goes)."""
    canvas.resize(*size)
    while canvas._settling.isActive():
        QTest.qWait(20)


def symbol(canvas: MapCanvas, kind: Kind, key: str) -> Symbol:
    painted(canvas)
    return next(each for each in canvas.live.shown if (each.kind, each.key) == (kind, key))


def at(mark: Symbol) -> QPoint:
    return QPoint(round(mark.px), round(mark.py))


def click(canvas: MapCanvas, where: QPoint) -> None:
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=where)


def wheel(canvas: MapCanvas, where: QPoint, turns: float) -> None:
    here = QPointF(where)
    event = QWheelEvent(
        here,
        QPointF(canvas.mapToGlobal(where)),
        QPoint(),
        QPoint(0, int(120 * turns)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def drag(canvas: MapCanvas, start: QPoint, by: QPoint) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, start + by / 2)
    QTest.mouseMove(canvas, start + by)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + by)


def put(desk: Desk, number: str, x: float, y: float) -> None:
    lat, lon = CITY.plane.to_degrees(x, y)
    tell(desk, IncidentEdited(incident=number, new={"lat": lat, "lon": lon}, old={"lat": None, "lon": None}))


# -- what it shows -----------------------------------------------------------------------------------------------


def test_that_units_incidents_alarms_and_sites_all_stand_on_the_map(canvas: MapCanvas) -> None:
    canvas.show_all()
    painted(canvas)
    kinds = [mark.kind for mark in canvas.live.shown]
    assert kinds.count(Kind.UNIT) >= 28
    assert kinds.count(Kind.INCIDENT) == 8
    assert kinds.count(Kind.ALARM) == 2
    assert kinds.count(Kind.SITE) > 40


def test_that_an_incident_with_an_open_alarm_is_drawn_once(canvas: MapCanvas) -> None:
    assert "ZZ20261121-0194" not in [mark.key for mark in canvas.live.shown]


@pytest.mark.parametrize("size", [(600, 400), (915, 555), (2200, 1100)])
def test_that_no_two_labels_overlap(canvas: MapCanvas, selection: Selection, size: tuple[int, int]) -> None:
    canvas.resize(*size)
    selection.choose_incident(GAS)
    for factor in (1.0, 1.6, 0.5):
        canvas.zoom(factor)
        painted(canvas)
        boxes = list(canvas.live.labels.values())
        assert len(boxes) > 10
        assert not any(overlap(a, b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_that_the_selected_and_the_alarmed_are_named_even_in_a_crowd(
    canvas: MapCanvas, selection: Selection, desk: Desk
) -> None:
    spot = CITY.plane
    crowd = [
        Position(
            unit=unit.id, lat=spot.lat + (n % 6 - 3) * 0.0012, lon=spot.lon + (n // 6 - 3) * 0.0012, at=desk.clock()
        )
        for n, unit in enumerate(desk.picture.units())
    ]
    desk.picture.move(crowd)
    for number in (GAS, "ZZ20261121-0194"):
        new = {"lat": spot.lat, "lon": spot.lon}
        tell(desk, IncidentEdited(incident=number, new=new, old={"lat": None, "lon": None}))
    selection.choose_incident(GAS)
    painted(canvas)
    assert {GAS, "alarm-0194"} <= set(canvas.live.labels)


def gap(box: Box, mark: Symbol) -> float:
    """Pixels between a label and the edge of a symbol."""
    aside = max(box[0] - mark.px, mark.px - box[2], 0.0)
    above = max(box[1] - mark.py, mark.py - box[3], 0.0)
    return math.hypot(aside, above) - mark.reach


def check_that_labels_stand_by_their_own(canvas: MapCanvas) -> int:
    """Answers how many labels of incidents and alarms were looked at."""
    painted(canvas)
    marks = [mark for mark in canvas.live.shown if mark.kind in (Kind.ALARM, Kind.INCIDENT)]
    looked_at = 0
    for own in canvas.live.shown:
        box = canvas.live.labels.get(own.key)
        if box is None:
            continue
        looked_at += own in marks
        for other in marks:
            if (other.px, other.py) != (own.px, own.py):
                assert gap(box, other) >= gap(box, own) - 1e-6, (own.label, other.label)
    return looked_at


@pytest.mark.parametrize("size", [(915, 592), (640, 400)])
def test_that_in_a_crowd_no_label_stands_nearer_to_another_incident_than_to_its_own(
    canvas: MapCanvas, selection: Selection, desk: Desk, size: tuple[int, int]
) -> None:
    resized(canvas, size)
    rnd = random.Random(110)
    numbers = list(canvas.scene.incidents)
    looked_at = 0
    for spread in (300, 600, 1000, 1500, 2500, 4000):
        for number in numbers:
            put(desk, number, rnd.uniform(-spread, spread), rnd.uniform(-spread, spread))
        places = [CITY.plane.to_degrees(rnd.uniform(-spread, spread), rnd.uniform(-spread, spread)) for _ in range(31)]
        units = [unit.id for unit in desk.picture.units()]
        desk.picture.move(
            [
                Position(unit=unit, lat=lat, lon=lon, at=desk.clock())
                for unit, (lat, lon) in zip(units, places, strict=True)
            ]
        )
        selection.choose_incident(rnd.choice(numbers))
        looked_at += check_that_labels_stand_by_their_own(canvas)
    assert looked_at > 25


@pytest.mark.parametrize("size", [(915, 592), (640, 400)])
def test_that_alarms_side_by_side_are_each_named_at_their_own_symbol(
    canvas: MapCanvas, selection: Selection, desk: Desk, size: tuple[int, int]
) -> None:
    """The evening of the demo: a gas leak, a school, a bus and a bank within a few hundred metres."""
    resized(canvas, size)
    places = {
        GAS: (24.5152, 117.6531),
        "ZZ20261121-0193": (24.514393, 117.649481),
        "ZZ20261121-0194": (24.508527, 117.650161),
        "ZZ20261121-0192": (24.509232, 117.651704),
    }
    for number, place in places.items():
        put(desk, number, *CITY.plane.to_metres(*place))
    bank = Alarm(id="bank", incident="ZZ20261121-0192", site="S026", received_at=desk.clock())
    tell(desk, AlarmRaised(incident=bank.incident, alarm=bank))
    alarms = {"alarm-0193", "alarm-0194", "bank"}
    for selected in places:
        selection.choose_incident(selected)
        check_that_labels_stand_by_their_own(canvas)
        assert alarms | {GAS} <= set(canvas.live.labels)


def test_that_the_selected_incident_has_its_title_rings_and_a_way(canvas: MapCanvas, selection: Selection) -> None:
    assert symbol(canvas, Kind.INCIDENT, GAS).label == "0190"
    selection.choose_incident(GAS)
    assert symbol(canvas, Kind.INCIDENT, GAS).label == "0190 燃气泄漏"
    assert {"ring 1", "way", GAS} <= set(canvas.live.labels)
    canvas.show_layers(frozenset(Layer) - {Layer.RINGS})
    painted(canvas)
    assert "ring 1" not in canvas.live.labels


def test_that_units_on_scene_stand_beside_their_incident(canvas: MapCanvas, desk: Desk) -> None:
    place = canvas.scene.incidents[GAS].what
    assert place.lat is not None
    assert place.lon is not None
    for unit in ("巡13", "巡15"):
        desk.picture.move([Position(unit=unit, lat=place.lat, lon=place.lon, at=desk.clock())])
    marks = [symbol(canvas, Kind.INCIDENT, GAS), *(symbol(canvas, Kind.UNIT, unit) for unit in ("巡13", "巡15"))]
    for n, mark in enumerate(marks):
        assert canvas.symbol_at(mark.px, mark.py) == mark
        for other in marks[:n]:
            assert max(abs(mark.px - other.px), abs(mark.py - other.py)) >= 10


def test_that_a_hidden_layer_is_gone(canvas: MapCanvas) -> None:
    canvas.show_layers(frozenset({Layer.RINGS}))
    painted(canvas)
    assert {mark.kind for mark in canvas.live.shown} == {Kind.INCIDENT, Kind.ALARM}
    assert not any(key.startswith("beat") for key in canvas.live.labels)


def test_that_stale_and_lost_units_say_so_beside_their_symbol(canvas: MapCanvas, clock: ManualClock) -> None:
    canvas.show_all()
    assert symbol(canvas, Kind.UNIT, "巡11").label == "巡11 75 s"
    assert symbol(canvas, Kind.UNIT, "巡09").label == "巡09 失联"
    clock.advance(60)
    assert symbol(canvas, Kind.UNIT, "巡11").label == "巡11 失联"


def test_that_a_units_symbol_takes_the_colour_of_its_status(canvas: MapCanvas, desk: Desk, theme: Theme) -> None:
    def colour() -> QColor:
        mark = symbol(canvas, Kind.UNIT, "巡13")
        return painted(canvas).pixelColor(at(mark))

    assert colour() == theme.color("available")
    tell(desk, UnitMoved(unit="巡13", status=UnitStatus.ON_SCENE.value))
    assert colour() == theme.color("on_scene")


def test_that_a_units_symbol_slides_to_its_new_place(canvas: MapCanvas, desk: Desk, steady: Steady) -> None:
    old = symbol(canvas, Kind.UNIT, "巡13")
    was = desk.picture.positions["巡13"]
    desk.picture.move([Position(unit="巡13", lat=was.lat + 0.002, lon=was.lon, at=desk.clock())])
    assert canvas._moving.isActive()
    steady.now += 0.5
    half = symbol(canvas, Kind.UNIT, "巡13")
    steady.now += 0.6
    whole = symbol(canvas, Kind.UNIT, "巡13")
    assert old.py > half.py > whole.py
    canvas._on_frame()
    assert not canvas._moving.isActive()


def test_that_an_alarm_flashes_until_it_is_acknowledged_and_can_be_stilled(
    canvas: MapCanvas, desk: Desk, tick: Tick
) -> None:
    assert tick._flash_timer.isActive()
    mark = symbol(canvas, Kind.ALARM, "alarm-0194").sprite
    tick.flash.emit(False)
    assert symbol(canvas, Kind.ALARM, "alarm-0194").sprite is not mark
    tick.allow_flash(False)
    assert not tick._flash_timer.isActive()
    assert symbol(canvas, Kind.ALARM, "alarm-0194").sprite is mark
    tick.allow_flash(True)
    tell(desk, AlarmMoved(incident="ZZ20261121-0194", alarm="alarm-0194", act="acknowledge"))
    assert not tick._flash_timer.isActive()
    assert "未确认报警 0" in canvas.accessibleDescription()


def test_that_an_alarm_follows_its_incidents_place(canvas: MapCanvas, desk: Desk) -> None:
    canvas.show_all()
    before = symbol(canvas, Kind.ALARM, "alarm-0194")
    new = {"lat": CITY.plane.lat, "lon": CITY.plane.lon}
    tell(desk, IncidentEdited(incident="ZZ20261121-0194", new=new, old={"lat": None, "lon": None}))
    after = symbol(canvas, Kind.ALARM, "alarm-0194")
    assert (after.px, after.py) == canvas.view.to_screen(0, 0) != (before.px, before.py)


# -- what a hand does --------------------------------------------------------------------------------------------


def test_that_a_click_selects_a_unit_an_incident_or_an_alarm(canvas: MapCanvas, selection: Selection) -> None:
    canvas.show_all()
    click(canvas, at(symbol(canvas, Kind.UNIT, "巡13")))
    assert selection.unit == "巡13"
    click(canvas, at(symbol(canvas, Kind.INCIDENT, "ZZ20261121-0191")))
    assert selection.incident == "ZZ20261121-0191"
    click(canvas, at(symbol(canvas, Kind.ALARM, "alarm-0194")))
    assert (selection.alarm, selection.incident) == ("alarm-0194", "ZZ20261121-0194")


def test_that_a_right_click_on_a_unit_selects_it_and_asks_for_its_menu(
    canvas: MapCanvas, selection: Selection, qtbot: QtBot
) -> None:
    canvas.show_all()
    where = at(symbol(canvas, Kind.UNIT, "巡13"))
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        pointed = where if reason is QContextMenuEvent.Reason.Mouse else QPoint(0, 0)
        with qtbot.waitSignal(canvas.menu_asked) as asked:
            QApplication.sendEvent(canvas, QContextMenuEvent(reason, pointed, canvas.mapToGlobal(pointed)))
        assert asked.args == ["巡13", canvas.mapToGlobal(where)]
    assert selection.unit == "巡13"


def test_that_a_drag_moves_the_ground_and_selects_nothing(canvas: MapCanvas, selection: Selection) -> None:
    mark = symbol(canvas, Kind.UNIT, "巡13")
    drag(canvas, at(mark), QPoint(60, 40))
    moved = symbol(canvas, Kind.UNIT, "巡13")
    assert (moved.px - mark.px, moved.py - mark.py) == pytest.approx((60, 40))
    assert selection.unit == ""


def test_that_the_wheel_zooms_at_the_cursor(canvas: MapCanvas) -> None:
    mark = symbol(canvas, Kind.UNIT, "巡13")
    scale = canvas.view.scale
    wheel(canvas, at(mark), 2)
    after = symbol(canvas, Kind.UNIT, "巡13")
    assert canvas.view.scale < scale
    assert (after.px, after.py) == pytest.approx((mark.px, mark.py), abs=2)


@pytest.mark.parametrize(
    ("key", "bigger", "dx", "dy"),
    [
        (Qt.Key.Key_Plus, True, 0, 0),
        (Qt.Key.Key_Minus, False, 0, 0),
        (Qt.Key.Key_Left, None, 1, 0),
        (Qt.Key.Key_Right, None, -1, 0),
        (Qt.Key.Key_Up, None, 0, 1),
        (Qt.Key.Key_Down, None, 0, -1),
    ],
)
def test_that_keys_move_the_map(canvas: MapCanvas, key: Qt.Key, bigger: bool | None, dx: int, dy: int) -> None:
    before = canvas.view
    canvas.setFocus()
    QTest.keyClick(canvas, key)
    if bigger is None:
        x, y = canvas.view.to_screen(before.x, before.y)
        assert (x - before.width / 2, y - before.height / 2) == pytest.approx((80 * dx, 80 * dy))
    else:
        assert (canvas.view.scale < before.scale) is bigger
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view == before


def test_that_keys_with_ctrl_are_left_to_the_window(canvas: MapCanvas) -> None:
    before = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert canvas.view == before


# -- who moves the map -------------------------------------------------------------------------------------------


def away(canvas: MapCanvas, steady: Steady) -> None:
    """Zoomed in on another corner, the hand long gone."""
    canvas.zoom(8)
    canvas.pan(3000, 0)
    steady.now += HAND_S + 1


def test_that_an_incident_selected_elsewhere_comes_into_view(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    selection.choose_incident(FAR)
    a_moment_later()
    place = canvas.scene.place(FAR)
    assert place is not None
    assert canvas.view.shows(*place, 40)
    assert not canvas._moving.isActive()


def test_that_an_incident_in_view_moves_nothing(canvas: MapCanvas, selection: Selection) -> None:
    before = canvas.view
    selection.choose_incident("ZZ20261121-0191")
    a_moment_later()
    assert canvas.view == before


def test_that_the_map_never_moves_within_ten_seconds_of_a_hand(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    wheel(canvas, QPoint(100, 100), 1)
    steady.now += HAND_S - 1
    before = canvas.view
    selection.choose_incident(FAR)
    a_moment_later()
    assert canvas.view == before


def test_that_the_map_never_moves_while_it_is_dragged(canvas: MapCanvas, selection: Selection, steady: Steady) -> None:
    away(canvas, steady)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    steady.now += 60
    before = canvas.view
    selection.choose_incident(FAR)
    a_moment_later()
    assert canvas.view == before
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))


def test_that_a_hand_set_down_before_the_map_comes_stops_it(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    selection.choose_incident(FAR)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    before = canvas.view
    a_moment_later()
    assert canvas.view == before
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))


def test_that_a_choice_a_moment_ago_takes_the_map_neither_from_an_officer_in_need_nor_from_home(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    home = canvas.view
    lat, lon = CITY.plane.to_degrees(-3000.0, -2500.0)
    selection.choose_incident(FAR)
    canvas.go_to(lat, lon)
    at = canvas.view
    a_moment_later()
    assert canvas.view == at
    selection.choose_incident("ZZ20261121-0191")
    canvas.go_back()
    a_moment_later()
    assert canvas.view == home


def test_that_an_arrow_at_the_edge_leads_to_what_is_out_of_sight(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    canvas.pan(1, 0)
    selection.choose_incident(FAR)
    painted(canvas)
    arrow = canvas._arrow
    assert arrow is not None
    click(canvas, arrow.center().toPoint())
    a_moment_later()
    place = canvas.scene.place(FAR)
    assert place is not None
    assert canvas.view.shows(*place, 40)
    painted(canvas)
    assert canvas._arrow is None


def test_that_the_key_c_goes_to_the_selected_incident_at_once(canvas: MapCanvas, selection: Selection) -> None:
    selection.choose_incident(FAR)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_C)
    a_moment_later()
    assert canvas.view.to_screen(*(canvas.scene.place(FAR) or (0, 0))) == pytest.approx((457.5, 277.5), abs=1)


def test_that_a_resized_map_keeps_its_middle_once_a_hand_was_on_it(canvas: MapCanvas) -> None:
    whole = canvas.view.scale
    canvas.resize(600, 400)
    assert canvas.view.scale > whole
    canvas.zoom(2)
    before = canvas.view
    canvas.resize(915, 555)
    assert (canvas.view.x, canvas.view.y, canvas.view.scale) == (before.x, before.y, before.scale)


def wait_for_alarms_at(desk: Desk, *places: tuple[float, float]) -> None:
    """The scene's two alarm incidents wait for a person at these metres."""
    for number, (x, y) in zip(("ZZ20261121-0193", "ZZ20261121-0194"), places, strict=True):
        put(desk, number, x, y)
        fresh = Alarm(id=f"fresh-{number}", incident=number, received_at=desk.clock(), state=AlarmState.ANNUNCIATED)
        tell(desk, AlarmRaised(incident=number, alarm=fresh))


def outside_the_city(canvas: MapCanvas) -> float:
    """The share of the pane that shows no piece of the city."""
    west, south, east, north = CITY.bounds
    (left, top), (right, bottom) = canvas.view.to_screen(west, north), canvas.view.to_screen(east, south)
    across = min(right, canvas.width()) - max(left, 0)
    along = min(bottom, canvas.height()) - max(top, 0)
    return 1 - across * along / (canvas.width() * canvas.height())


@pytest.mark.parametrize("size", [(915, 592), (640, 400)])
def test_that_an_incident_at_the_edge_moves_the_map_only_as_far_as_it_must(
    canvas: MapCanvas, selection: Selection, desk: Desk, steady: Steady, size: tuple[int, int]
) -> None:
    tell(desk, AlarmMoved(incident="ZZ20261121-0194", alarm="alarm-0194", act="acknowledge"))
    canvas.resize(*size)
    west, south, east, north = CITY.bounds
    canvas.zoom(1.3)
    for x, y in ((west, south), (west, north), (east, south), (east, north), (0, south), (0, north)):
        steady.now += HAND_S + 1
        selection.choose_incident("")
        put(desk, FAR, x, y)
        before = canvas.view
        selection.choose_incident(FAR)
        a_moment_later()
        assert canvas.view.shows(x, y, 40)
        assert canvas.view.scale == before.scale
        assert outside_the_city(canvas) < 1 / 3
        px, py = canvas.view.to_screen(x, y)
        moved = (canvas.view.x - before.x, before.y - canvas.view.y)
        if moved != (0, 0):
            margins = [min(px, canvas.width() - px), min(py, canvas.height() - py)]
            assert any(by and margin == pytest.approx(56, abs=1) for by, margin in zip(moved, margins, strict=True))


@pytest.mark.parametrize("size", [(915, 592), (640, 400)])
def test_that_a_waiting_alarm_is_in_sight_wherever_the_map_comes_to(
    canvas: MapCanvas, selection: Selection, desk: Desk, steady: Steady, size: tuple[int, int]
) -> None:
    canvas.resize(*size)
    west, south, east, north = CITY.bounds
    rnd = random.Random(16)
    for _ in range(12):
        alarms = [(rnd.uniform(west, east), rnd.uniform(south, north)) for _ in range(2)]
        wait_for_alarms_at(desk, *alarms)
        put(desk, FAR, rnd.uniform(west, east), rnd.uniform(south, north))
        selection.choose_incident("")
        away(canvas, steady)
        selection.choose_incident(FAR)
        a_moment_later()
        for x, y in (*alarms, canvas.scene.place(FAR) or (0, 0)):
            assert canvas.view.shows(x, y, 20)


def test_that_the_whole_town_holds_every_waiting_alarm(canvas: MapCanvas, desk: Desk) -> None:
    west, south, east, north = CITY.bounds
    wait_for_alarms_at(desk, (west, south), (east, north))
    for size in ((915, 592), (640, 400), (400, 640)):
        canvas.resize(*size)
        canvas.show_all()
        assert canvas.view.shows(west, south, 20)
        assert canvas.view.shows(east, north, 20)


def test_that_the_strip_cuts_off_no_alarm_that_was_in_sight(canvas: MapCanvas, desk: Desk, steady: Steady) -> None:
    canvas.zoom(1.5)
    steady.now += HAND_S + 1
    top = canvas.view.to_metres(400, 45)
    wait_for_alarms_at(desk, top, (0, 0))
    canvas.resize(canvas.width(), canvas.height() - 75)
    assert canvas.view.shows(*top, 39)


def test_that_the_map_arrives_where_it_goes_when_the_pane_changes_on_the_way(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    selection.choose_incident(FAR)
    canvas.resize(canvas.width(), canvas.height() - 75)
    a_moment_later()
    assert (canvas.view.width, canvas.view.height) == (canvas.width(), canvas.height())
    x, y = canvas.scene.place(FAR) or (0, 0)
    assert canvas.view.shows(x, y, 39)


def test_that_a_map_never_painted_before_is_drawn_though_its_height_just_changed(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot
) -> None:
    play(desk)
    fresh = MapCanvas(CITY, desk, theme, selection, tick, Advice(desk))
    qtbot.addWidget(fresh)
    fresh.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    fresh.resize(640, 400)
    fresh.show()
    fresh.resize(640, 340)
    painted(fresh)
    assert len(fresh.live.shown) > 40


# -- words and speed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "key", "words"),
    [
        (Kind.UNIT, "巡13", "巡13 · 处警巡逻\n待命"),
        (Kind.INCIDENT, GAS, "◆2 0190 燃气泄漏"),
        (Kind.ALARM, "alarm-0194", "已声光提示 00:00"),
    ],
)
def test_that_the_tool_tip_says_what_it_is(canvas: MapCanvas, desk: Desk, kind: Kind, key: str, words: str) -> None:
    canvas.show_all()
    assert words in tip(canvas.scene, symbol(canvas, kind, key), desk.clock)


def test_that_a_hovered_site_shows_its_name(canvas: MapCanvas) -> None:
    canvas.show_all()
    painted(canvas)
    free = next(
        mark
        for mark in reversed(canvas.live.shown)
        if mark.kind is Kind.SITE and canvas.symbol_at(mark.px, mark.py) == mark and 200 < mark.px < 700
    )
    QTest.mouseMove(canvas, at(free))
    assert symbol(canvas, Kind.SITE, free.key).label == canvas.scene.sites[free.key].what.name
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.hovered is None


def test_that_a_second_repaints_only_when_something_aged(
    canvas: MapCanvas, desk: Desk, tick: Tick, clock: ManualClock, qtbot: QtBot
) -> None:
    class Counter(QObject):
        paints = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
            self.paints += event.type() is QEvent.Type.Paint
            return super().eventFilter(watched, event)

    desk.picture.move([replace(position, at=desk.clock()) for position in desk.picture.positions.values()])
    tick.second.emit(clock())
    qtbot.wait(300)
    counter = Counter()
    canvas.installEventFilter(counter)
    for seconds, paints in ((1, 0), (50, 0), (11, 1), (1, 2)):
        clock.advance(seconds)
        tick.second.emit(clock())
        QApplication.processEvents()
        assert counter.paints == paints
    assert not canvas._moving.isActive()


def test_that_frames_are_quick_enough_to_follow_a_hand(canvas: MapCanvas, desk: Desk, app: QApplication) -> None:
    times = measure_frames(app, canvas, desk, frames=30)
    assert (times.units, times.incidents) == (31, 10)
    assert 0 < times.median_ms < 50
    assert times.median_ms <= times.p95_ms <= times.worst_ms


def test_that_of_hundreds_on_top_of_each_other_the_gravest_is_drawn_with_how_many_lie_below(
    canvas: MapCanvas, selection: Selection, desk: Desk
) -> None:
    resized(canvas, (915, 592))
    rnd, total = random.Random(5), MANY + 200
    spots = [CITY.plane.to_degrees(rnd.uniform(-2500, 2500), rnd.uniform(-2500, 2500)) for _ in range(40)]
    before = len(canvas.scene.incidents)
    records = [
        Incident(
            number=f"ZZ20261121-{5000 + n}",
            priority=1 + n % 4,
            lat=spots[n % 40][0],
            lon=spots[n % 40][1],
            created_at=desk.clock(),
        )
        for n in range(total)
    ]
    tell(desk, *(IncidentOpened(incident=row.number, record=row) for row in records))
    selection.choose_incident("ZZ20261121-5003")
    canvas.grab()
    drawn = [symbol for symbol in canvas.live.shown if symbol.kind is Kind.INCIDENT]
    below = sum(int(symbol.label.rpartition("+")[2]) for symbol in drawn if "+" in symbol.label)
    assert len(drawn) < 120
    assert total <= len(drawn) + below <= total + before
    assert "ZZ20261121-5003" in {symbol.key for symbol in drawn}, "the chosen one is always drawn"
