"""The map itself: a plain widget that copies the base map and paints the live layer over it.

A hand on the map rules: while it drags, and for ten seconds after its last movement, the map never moves by
itself; what was selected outside then shows as an arrow at the edge. Where it does come to something it jumps: with
500 units a frame takes 20 ms, and a flight of twenty of them kept the next key waiting. Frames are asked for at most
five times a second while units move, and not at all while nothing does.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.geo.city import City
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.sight import Sight
from widgets.advice import Advice
from widgets.afterwards import Afterwards
from widgets.map.arrow import paint_arrow
from widgets.map.basemap import BaseMap
from widgets.map.ink import ink
from widgets.map.live import LiveLayer
from widgets.map.motion import freshness
from widgets.map.placing import Box
from widgets.map.scene import Scene
from widgets.map.symbols import Frame, Kind, Layer, Symbol, unit_label
from widgets.map.tips import tip
from widgets.map.viewport import Viewport, fitted
from widgets.selection import Chosen, Selection
from widgets.theme import Theme
from widgets.tick import Tick

HAND_S = 10.0
"""For so long after a hand moved the map, it stays where it was put."""

MOVE_MS, REST_MS = 200, 140
"""Frame time of moving units (5 Hz); how long after the last wheel step the true map is painted."""

GATHER_MS = 200
"""What the picture changes within this time is painted as one frame: with 500 incidents a frame takes 20 ms, and
a burst of alarms must not wait for one after another."""

STEP_PX = 80
WHEEL_STEP = 1.25
STRIP_PX = 120
SEEN_PX, COME_PX = 40, 56
"""What stands so far from the edge is in sight with its name; what the map comes to stands a little further in."""

GRIP_PX = 4
"""A press that moves less than this is a click."""


class MapCanvas(QWidget):
    """Shows a city and its scene. `menu_asked(unit, point on the screen)`: a right click on a unit's symbol."""

    menu_asked = Signal(str, QPoint)

    def __init__(
        self,
        city: City,
        desk: Desk,
        theme: Theme,
        selection: Selection,
        tick: Tick,
        advice: Advice,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._city, self._desk, self._theme, self._selection = city, desk, theme, selection
        self._tick, self._advice, self._steady = tick, advice, steady
        self.view = fitted(city.bounds, 900, 550)
        self._person = (desk.actor, desk.roles)
        self._home: Viewport | None = None
        self.scene = Scene(desk.picture, city.plane, steady(), Sight(desk).hidden)
        self.base = BaseMap(city, theme)
        self.live = LiveLayer(city, self.scene, theme)
        self.layers = frozenset(Layer)
        self.hovered: tuple[Kind, str] | None = None
        self._bright = True
        self._shown_ages: list[str] = []
        self._pressed: QPointF | None = None
        self._dragged = False
        self._touched = False
        self._last_hand = -HAND_S
        self._coming = False
        self._arrow: QRectF | None = None
        self._moving = QTimer(self, interval=MOVE_MS)
        self._moving.timeout.connect(self._on_frame)
        self._resting = QTimer(self, interval=REST_MS, singleShot=True)
        self._resting.timeout.connect(self.update)
        self._marking = Afterwards(self, self._mark)
        self._gathering = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._gathering.timeout.connect(self.update)
        self._settling = QTimer(self, interval=REST_MS, singleShot=True)
        self._settling.timeout.connect(self.update)
        self._frame = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("指挥一张图"))
        self._chosen = selection.chosen
        selection.changed.connect(self._on_chosen)
        tick.flash.connect(self._on_flash)
        tick.second.connect(self._on_second)
        theme.changed.connect(self._on_theme)
        self._tell()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(900, 550)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(240, 160)

    # -- what changes it -------------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Take in what the picture changed."""
        if not self.scene.apply(changes, self._steady()):
            return
        self._tell()
        self._keep_moving()
        if not self._gathering.isActive():
            self._gathering.start()

    def show_layers(self, layers: frozenset[Layer]) -> None:
        self.layers = layers
        if self.base.beats != (Layer.BEATS in layers):
            self.base.beats = Layer.BEATS in layers
            self.base.forget()
        self.update()

    def _tell(self) -> None:
        """Say to a screen reader what stands on the map, and ask for the flash while an alarm waits."""
        waiting = sum(placed.what.unacknowledged for placed in self.scene.alarms.values())
        self._tick.flash_for("map", waiting > 0)
        text = self.tr("警组 {units}，警情 {incidents}，未确认报警 {alarms}").format(
            units=len(self.scene.units), incidents=len(self.scene.incidents), alarms=waiting
        )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    @Slot(object)
    def _on_chosen(self, chosen: Chosen) -> None:
        self._coming = self._coming or chosen.incident != self._chosen.incident
        self._chosen = chosen
        self._marking.ask()

    def _mark(self) -> None:
        """Show what was chosen, and come to it unless a hand is on the map."""
        coming, self._coming = self._coming, False
        if coming and not self.held():
            self._come_to(self._chosen.incident)
        # Ranked here and not first in the frame: between the two the window answers keys.
        self._advice.best(self._chosen.incident)
        self.update()

    @Slot(object)
    def _on_flash(self, bright: bool) -> None:
        self._bright = bright
        if self.scene.alarms:
            self.update()

    @Slot(object)
    def _on_second(self, _now: object) -> None:
        if (self._desk.actor, self._desk.roles) != self._person:
            self._person = (self._desk.actor, self._desk.roles)
            self.scene.look_again()
            self._tell()
            self.update()
        self._keep_moving()
        ages = self._ages()
        if ages != self._shown_ages:
            self._shown_ages = ages
            self.update()

    def _ages(self) -> list[str]:
        """What the labels say of the units' fixes: a second in which nothing ages repaints nothing."""
        clock, age_s = self._desk.clock(), self.scene.motion.age_s
        return [
            unit_label(unit, freshness(age_s(key, clock)), age_s(key, clock)) for key, unit in self.scene.units.items()
        ]

    @Slot(object)
    def _on_theme(self, _theme: object) -> None:
        self.base.forget()
        self.live.sprites.forget()
        self.update()

    # -- how it moves ----------------------------------------------------------------------------------------

    def held(self) -> bool:
        """Whether a person's hand is on the map, or was within the last ten seconds."""
        return self._pressed is not None or self._steady() - self._last_hand < HAND_S

    def _by_hand(self, view: Viewport) -> None:
        self._last_hand = self._steady()
        if view.scale != self.view.scale:
            self._resting.start()
        self._go(view)

    def _go(self, view: Viewport) -> None:
        """To there at once; a choice that waits to be come to is overruled."""
        self._touched, self._coming = True, False
        self.view = view.kept_near(self._city.bounds)
        self.update()

    def zoom(self, factor: float) -> None:
        """A person zooms about the middle of the pane."""
        self._by_hand(self.view.zoomed(factor, self.view.width / 2, self.view.height / 2))

    def pan(self, dx: float, dy: float) -> None:
        """A person drags the ground by so many pixels."""
        self._by_hand(self.view.panned(dx, dy))

    def show_all(self) -> None:
        """The whole town; it refits itself again when the pane is resized."""
        self._by_hand(self._whole(self.width(), self.height()))
        self._touched = False

    def _whole(self, width: int, height: int) -> Viewport:
        """The town with every alarm that waits for a person."""
        return fitted(self._city.bounds, width, height).showing(self.scene.waiting(), self._theme.px(SEEN_PX))

    def centre_on_selected(self) -> None:
        """A person asks for the selected incident: this is a hand's movement too."""
        self._last_hand = self._steady()
        place = self.scene.place(self._chosen.incident)
        if place is not None:
            self._go(self.view.centred(*place))

    def go_to(self, lat: float, lon: float) -> None:
        """An officer in need is there (WGS-84): the map goes, wherever a hand had it; `go_back` brings it home."""
        self._home = self._home or self.view
        self._go(self.view.centred(*self._city.plane.to_metres(lat, lon)))

    @property
    def is_away(self) -> bool:
        """Whether it was taken somewhere and not brought back."""
        return self._home is not None

    def go_back(self) -> None:
        """★: what was looked at before."""
        if self._home is not None:
            home, self._home = self._home, None
            self._go(replace(home, width=self.view.width, height=self.view.height))

    def _come_to(self, incident: str) -> None:
        """Go to an incident that was selected elsewhere, if it is out of sight: no further than needed, and so
        that no waiting alarm is out of sight afterwards.
        """
        place = self.scene.place(incident)
        if place is not None and not self.view.shows(*place, self._theme.px(SEEN_PX)):
            self._go(self.view.showing([place, *self.scene.waiting()], self._theme.px(COME_PX)))

    def _keep_moving(self) -> None:
        if not self.scene.motion.anything_moves(self._steady()):
            self._moving.stop()
        elif not self._moving.isActive():
            self._moving.start()

    @Slot()
    def _on_frame(self) -> None:
        self._keep_moving()
        self.update()

    # -- hands -----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        here = event.position()
        if self._pressed is None:
            self._hover(self.symbol_at(here.x(), here.y()))
            return
        by = here - self._pressed
        if self._dragged or by.manhattanLength() >= GRIP_PX:
            self._dragged, self._pressed = True, here
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pan(by.x(), by.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        self.unsetCursor()
        if not self._dragged:
            self._click(event.position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 -- Qt's name
        """By the mouse the unit under it, by the keyboard's menu key the selected one."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        symbol = self.symbol_at(event.x(), event.y()) if by_mouse else self._shown_unit(self._chosen.unit)
        if symbol is not None and symbol.kind is Kind.UNIT:
            self._selection.choose_unit(symbol.key)
            self.menu_asked.emit(symbol.key, self.mapToGlobal(QPoint(round(symbol.px), round(symbol.py))))

    def _shown_unit(self, unit: str) -> Symbol | None:
        return next((each for each in self.live.shown if (each.kind, each.key) == (Kind.UNIT, unit)), None)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        self._hover(None)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 -- Qt's name
        turned = event.angleDelta().y() / 120
        if turned:
            here = event.position()
            self._by_hand(self.view.zoomed(WHEEL_STEP**turned, here.x(), here.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        pans = {
            Qt.Key.Key_Left: (STEP_PX, 0),
            Qt.Key.Key_Right: (-STEP_PX, 0),
            Qt.Key.Key_Up: (0, STEP_PX),
            Qt.Key.Key_Down: (0, -STEP_PX),
        }
        key = Qt.Key(event.key())
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif key in pans:
            self.pan(*pans[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(WHEEL_STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom(1 / WHEEL_STEP)
        elif key is Qt.Key.Key_0:
            self.show_all()
        elif key is Qt.Key.Key_C:
            self.centre_on_selected()
        else:
            super().keyPressEvent(event)

    def _click(self, at: QPointF) -> None:
        if self._arrow is not None and self._arrow.contains(at):
            self.centre_on_selected()
            return
        symbol = self.symbol_at(at.x(), at.y())
        if symbol is None:
            return
        if symbol.kind is Kind.UNIT:
            self._selection.choose_unit(symbol.key)
        elif symbol.kind is Kind.INCIDENT:
            self._selection.choose_incident(symbol.key)
        elif symbol.kind is Kind.ALARM:
            self._selection.choose_alarm(symbol.key, self.scene.alarms[symbol.key].what.incident)

    def symbol_at(self, px: float, py: float) -> Symbol | None:
        """The symbol under a point: the nearest, the more urgent of two as near. None over open ground."""
        reach = self._theme.px(12)
        near = [
            (round(max(abs(symbol.px - px), abs(symbol.py - py)) / 4), symbol.rank, symbol.key, symbol)
            for symbol in self.live.shown
            if max(abs(symbol.px - px), abs(symbol.py - py)) <= max(reach, symbol.reach)
        ]
        return min(near, key=lambda each: each[:3])[3] if near else None

    def _hover(self, symbol: Symbol | None) -> None:
        hovered = (symbol.kind, symbol.key) if symbol is not None else None
        if hovered != self.hovered:
            self.hovered = hovered
            self.setCursor(Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor)
            self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            symbol = self.symbol_at(event.x(), event.y())
            text = tip(self.scene, symbol, self._desk.clock) if symbol is not None else ""
            QToolTip.showText(event.globalPos() + QPoint(12, 12), text, self)
            return True
        return super().event(event)

    # -- painting --------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        super().resizeEvent(event)
        size, old = event.size(), event.oldSize()
        strip = size.width() == old.width() and abs(size.height() - old.height()) < self._theme.px(STRIP_PX)
        if self.isVisible() and strip and not self._frame.isNull():
            # The alarm strip came or went: what shows the alarm must not wait for a new map.
            self._settling.start()
        if not self._touched:
            self.view = self._whole(size.width(), size.height())
        else:
            self.view = self._resized(self.view, size)

    def _resized(self, was: Viewport, size: QSize) -> Viewport:
        """The same middle; but what was in sight and must be seen stays so, unless a hand is on the map."""
        view = was.resized(size.width(), size.height())
        place = self.scene.place(self._chosen.incident)
        needed = [*self.scene.waiting(), *([place] if place is not None else [])]
        margin = self._theme.px(SEEN_PX)
        kept = [point for point in needed if was.shows(*point, margin)]
        return view if self.held() else view.showing(kept, margin)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        painter = QPainter(self)
        # Of the surface really painted on: a screenshot may ask for another ratio than the screen has.
        ratio = painter.deviceTransform().m11()
        if self._settling.isActive() and self._frame.devicePixelRatio() == ratio:
            painter.fillRect(self.rect(), ink(self._theme, "ground"))
        else:
            self._paint_frame(ratio)
        painter.drawPixmap(0, 0, self._frame)
        painter.end()

    def _paint_frame(self, ratio: float) -> None:
        """The whole map as it stands, on a picture of its own: it is shown once more while the pane is resized."""
        size = self.size() * ratio
        if self._frame.size() != size:
            self._frame = QPixmap(size)
        self._frame.setDevicePixelRatio(ratio)
        painter = QPainter(self._frame)
        painter.setFont(self.font())
        self.live.sprites.use_ratio(ratio)
        best = self._advice.best(self._chosen.incident) if self._chosen.incident else None
        frame = Frame(
            view=self.view,
            steady=self._steady(),
            clock=self._desk.clock(),
            layers=self.layers,
            chosen=self._chosen,
            best=best.unit.id if best is not None else "",
            hovered=self.hovered,
            bright=self._bright,
        )
        self.base.draw(painter, self.view, ratio, moving=self._resting.isActive())
        corners = self.live.scale_and_origin(painter, self.view)
        self.live.paint(painter, frame, best, [*corners, *self._buttons()])
        self._paint_arrow(painter)
        if self.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _buttons(self) -> list[Box]:
        """Where buttons lie over the map."""
        boxes = [child.geometry() for child in self.children() if isinstance(child, QWidget) and child.isVisible()]
        return [(box.left(), box.top(), box.right(), box.bottom()) for box in boxes]

    def _paint_arrow(self, painter: QPainter) -> None:
        """The selected incident is out of sight: an arrow at the edge says where; a click goes there."""
        self._arrow = None
        placed = self.scene.incidents.get(self._chosen.incident)
        if placed is not None and not self.view.shows(placed.x, placed.y):
            text = self.tr("{incident} 在图外").format(incident=placed.what.short)
            self._arrow = paint_arrow(painter, self._theme, self.view, self.view.to_screen(placed.x, placed.y), text)
