"""Symbols: what one frame shows of the scene, in pixels, the most urgent first.

The rank decides twice: labels are placed in its order, symbols are painted against it (the urgent one on top).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import product

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPixmap

from console.domain.incident import Incident
from console.domain.unit import Unit, UnitStatus
from widgets.map.motion import Freshness, freshness
from widgets.map.scene import Scene
from widgets.map.sprites import ALARM, INCIDENT, SITE, UNIT, Sprites
from widgets.map.viewport import Viewport
from widgets.paint import STATUS_COLORS
from widgets.selection import Chosen
from widgets.text import word


class Layer(StrEnum):
    """What a person may hide."""

    UNITS = "units"
    BEATS = "beats"
    SITES = "sites"
    RINGS = "rings"


class Kind(StrEnum):
    """What a symbol stands for."""

    UNIT = "unit"
    INCIDENT = "incident"
    ALARM = "alarm"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything a frame depends on besides the scene. `steady` is a steady clock in seconds."""

    view: Viewport
    steady: float
    clock: datetime
    layers: frozenset[Layer]
    chosen: Chosen
    best: str = ""
    hovered: tuple[Kind, str] | None = None
    bright: bool = True


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol at (px, py); `reach` is its radius, `ink` the theme's name of its label's colour."""

    kind: Kind
    key: str
    px: float
    py: float
    reach: float
    rank: int
    sprite: QPixmap
    label: str
    role: str = "small"
    ink: str = "text"

    @property
    def urgent(self) -> bool:
        """Selected, alarmed or under the mouse: its label must be read."""
        return self.rank <= ALARMED


CHOSEN, WAITING, HOVERED, ALARMED, BEST, UNITS, QUIET = 0, 1, 2, 3, 4, 7, 20
BY_PRIORITY = {1: 5, 2: 6, 3: 8, 4: 9}
"""Ranks: units stand between the pressing incidents and the others; no other kind has their rank."""

CELL = 2.5 * INCIDENT
"""Pixels of ground for which one symbol stands where hundreds are open: room for it and its label."""

REACH = 40
"""Pixels outside the pane at which a symbol may still show a part of itself."""


def symbols(scene: Scene, sprites: Sprites, frame: Frame, px: float) -> list[Symbol]:
    """All symbols in view, the most urgent first. `px` is the theme's scale."""
    found = [*_alarms(scene, sprites, frame, px), *_incidents(scene, sprites, frame, px)]
    if Layer.UNITS in frame.layers:
        found += beside(list(_units(scene, sprites, frame, px)), found, 14 * px)
    if Layer.SITES in frame.layers:
        found += _sites(scene, sprites, frame, px)
    return sorted(found, key=lambda symbol: (symbol.rank, symbol.key))


def beside(units: list[Symbol], incidents: list[Symbol], step: float) -> list[Symbol]:
    """Units that stand on an incident (they arrived) drawn beside it, so that neither hides the other."""
    cells: dict[tuple[int, int], list[Symbol]] = defaultdict(list)
    for incident in incidents:
        cells[int(incident.px // step), int(incident.py // step)].append(incident)
    crowd: Counter[str] = Counter()
    return [_moved_beside(unit, cells, crowd, step) for unit in units]


def _moved_beside(unit: Symbol, cells: dict[tuple[int, int], list[Symbol]], crowd: Counter[str], step: float) -> Symbol:
    column, line = int(unit.px // step), int(unit.py // step)
    for cell in product((column - 1, column, column + 1), (line - 1, line, line + 1)):
        for incident in cells.get(cell, ()):
            if abs(incident.px - unit.px) < step and abs(incident.py - unit.py) < step:
                crowd[incident.key] += 1
                right = incident.px + incident.reach + (crowd[incident.key] - 1) * 1.3 * step
                return replace(unit, px=right, py=incident.py + incident.reach)
    return unit


def _alarms(scene: Scene, sprites: Sprites, frame: Frame, px: float) -> Iterator[Symbol]:
    for key, placed in scene.alarms.items():
        at = frame.view.seen(placed.x, placed.y, REACH)
        if at is None:
            continue
        alarm = placed.what
        chosen = key == frame.chosen.alarm or (alarm.incident != "" and alarm.incident == frame.chosen.incident)
        waiting = alarm.unacknowledged
        name = scene.site_name(alarm)
        incident = scene.incidents.get(alarm.incident)
        text = f"{incident.what.short} {name}" if chosen and incident is not None else name
        sprite = sprites.alarm(waiting=waiting, bright=frame.bright or not waiting, chosen=chosen)
        rank = CHOSEN if chosen else WAITING if waiting else ALARMED
        role = "strong" if chosen else "symbol"
        yield Symbol(Kind.ALARM, key, *at, (ALARM / 2 + 9) * px, rank, sprite, text, role, "alarm")


def _incidents(scene: Scene, sprites: Sprites, frame: Frame, px: float) -> Iterator[Symbol]:
    """The selected one and the one under the mouse by themselves, on top; the others as the crowd lets them stand."""
    alarmed = scene.alarmed()
    ranked = {frame.chosen.incident: CHOSEN}
    if frame.hovered is not None and frame.hovered[0] is Kind.INCIDENT:
        ranked.setdefault(frame.hovered[1], HOVERED)
    for key, rank in ranked.items():
        placed = scene.incidents.get(key)
        at = frame.view.seen(placed.x, placed.y, REACH) if placed is not None and key not in alarmed else None
        if placed is not None and at is not None:
            yield _incident(rank, key, at, placed.what, 0, sprites, px)
    for key, at, below in scene.crowd.standing(frame.view, REACH, CELL * px, alarmed | ranked.keys()):
        incident = scene.incidents[key].what
        yield _incident(BY_PRIORITY[incident.priority], key, at, incident, below, sprites, px)


def _incident(
    rank: int, key: str, at: tuple[float, float], incident: Incident, below: int, sprites: Sprites, px: float
) -> Symbol:
    chosen = rank == CHOSEN
    text = f"{incident.short} {word(incident.title)}".strip() if rank <= HOVERED else incident.short
    text = f"{text} +{below}" if below else text
    role, reach = "strong" if chosen else "symbol", (INCIDENT / 2 + (6 if chosen else 0)) * px
    sprite = sprites.incident(incident.priority, chosen=chosen)
    return Symbol(Kind.INCIDENT, key, *at, reach, rank, sprite, text, role)


def _units(scene: Scene, sprites: Sprites, frame: Frame, px: float) -> Iterator[Symbol]:
    for key, unit in scene.units.items():
        place = scene.motion.where(key, frame.steady)
        at = frame.view.seen(*place, REACH) if place is not None else None
        if at is None:
            continue
        age = scene.motion.age_s(key, frame.clock)
        fresh = Freshness.LOST if unit.status is UnitStatus.LOST else freshness(age)
        chosen, best = key == frame.chosen.unit, key == frame.best
        hovered = frame.hovered == (Kind.UNIT, key)
        sprite = sprites.unit(STATUS_COLORS[unit.status], fresh, chosen=chosen, best=best)
        rank = CHOSEN if chosen else HOVERED if hovered else BEST if best else UNITS
        ink = "text" if fresh is Freshness.FRESH else "muted"
        reach = (UNIT / 2 + (4 if chosen or best else 0)) * px
        yield Symbol(Kind.UNIT, key, *at, reach, rank, sprite, unit_label(unit, fresh, age), "symbol", ink)


def unit_label(unit: Unit, fresh: Freshness, age_s: float | None) -> str:
    """The call sign; with the age of a stale fix, with 失联 for a lost one."""
    if fresh is Freshness.LOST:
        return QCoreApplication.translate("Map", "{unit} 失联").format(unit=unit.id)
    if fresh is Freshness.STALE and age_s is not None:
        return f"{unit.id} {int(age_s)} s"
    return unit.id


def _sites(scene: Scene, sprites: Sprites, frame: Frame, px: float) -> Iterator[Symbol]:
    alarmed = {placed.what.site for placed in scene.alarms.values()}
    sprite = sprites.site()
    for key, placed in scene.sites.items():
        at = frame.view.seen(placed.x, placed.y, REACH) if key not in alarmed else None
        if at is None:
            continue
        hovered = frame.hovered == (Kind.SITE, key)
        label = placed.what.name if hovered else ""
        yield Symbol(Kind.SITE, key, *at, SITE / 2 * px, HOVERED if hovered else QUIET, sprite, label)
