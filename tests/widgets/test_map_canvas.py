"""The map by hand: clicks, drags, wheel and keys; what it shows; and that it never moves under a hand."""

from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.facts import AlarmMoved, IncidentEdited, UnitMoved
from console.domain.unit import Position, UnitStatus
from console.geo.city import load_city
from console.services.desk import Desk
from resources import ROOT
from tests.support import tell
from tests.widgets.evening import GAS, play
from widgets.advice import Advice
from widgets.map.canvas import HAND_S, MapCanvas
from widgets.map.measure import measure_frames
from widgets.map.placing import overlap
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


def settle(canvas: MapCanvas, steady: Steady) -> None:
    """Let an easing run to its end."""
    for _ in range(30):
        steady.now += 0.05
        canvas._on_frame()


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
    settle(canvas, steady)
    place = canvas.scene.place(FAR)
    assert place is not None
    assert canvas.view.shows(*place, 40)
    assert not canvas._moving.isActive()


def test_that_an_incident_in_view_moves_nothing(canvas: MapCanvas, selection: Selection, steady: Steady) -> None:
    before = canvas.view
    selection.choose_incident("ZZ20261121-0191")
    settle(canvas, steady)
    assert canvas.view == before


def test_that_the_map_never_moves_within_ten_seconds_of_a_hand(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    away(canvas, steady)
    wheel(canvas, QPoint(100, 100), 1)
    steady.now += HAND_S - 1
    before = canvas.view
    selection.choose_incident(FAR)
    settle(canvas, steady)
    assert canvas.view == before


def test_that_the_map_never_moves_while_it_is_dragged(canvas: MapCanvas, selection: Selection, steady: Steady) -> None:
    away(canvas, steady)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    steady.now += 60
    before = canvas.view
    selection.choose_incident(FAR)
    settle(canvas, steady)
    assert canvas.view == before
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))


def test_that_a_hand_stops_an_easing(canvas: MapCanvas, selection: Selection, steady: Steady) -> None:
    away(canvas, steady)
    selection.choose_incident(FAR)
    steady.now += 0.1
    canvas._on_frame()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    before = canvas.view
    settle(canvas, steady)
    assert canvas.view == before
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))


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
    settle(canvas, steady)
    place = canvas.scene.place(FAR)
    assert place is not None
    assert canvas.view.shows(*place, 40)
    painted(canvas)
    assert canvas._arrow is None


def test_that_the_key_c_goes_to_the_selected_incident_at_once(
    canvas: MapCanvas, selection: Selection, steady: Steady
) -> None:
    selection.choose_incident(FAR)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_C)
    settle(canvas, steady)
    assert canvas.view.to_screen(*(canvas.scene.place(FAR) or (0, 0))) == pytest.approx((457.5, 277.5), abs=1)


def test_that_a_resized_map_keeps_its_middle_once_a_hand_was_on_it(canvas: MapCanvas) -> None:
    whole = canvas.view.scale
    canvas.resize(600, 400)
    assert canvas.view.scale > whole
    canvas.zoom(2)
    before = canvas.view
    canvas.resize(915, 555)
    assert (canvas.view.x, canvas.view.y, canvas.view.scale) == (before.x, before.y, before.scale)


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
