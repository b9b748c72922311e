"""What the map says of the symbol under the mouse, in two or three lines of plain text."""

from PySide6.QtCore import QCoreApplication

from console.domain.alarm import ALARM_LABELS
from console.domain.clock import Clock
from console.domain.incident import INCIDENT_LABELS
from widgets.map.scene import Scene
from widgets.map.symbols import Kind, Symbol
from widgets.models.unit_groups import status_word
from widgets.paint import SHAPES
from widgets.text import elapsed_text, span_text, word


def tip(scene: Scene, symbol: Symbol, clock: Clock) -> str:
    """The tool tip of a symbol; '' if the thing is gone meanwhile."""
    if symbol.kind is Kind.UNIT:
        return _unit(scene, symbol.key, clock)
    if symbol.kind is Kind.INCIDENT:
        return _incident(scene, symbol.key, clock)
    if symbol.kind is Kind.ALARM:
        return _alarm(scene, symbol.key, clock)
    placed = scene.sites.get(symbol.key)
    return "\n".join(part for part in (placed.what.name, placed.what.address) if part) if placed is not None else ""


def _unit(scene: Scene, key: str, clock: Clock) -> str:
    unit = scene.units.get(key)
    if unit is None:
        return ""
    elapsed = elapsed_text((clock() - unit.status_since).total_seconds())
    age = scene.motion.age_s(key, clock())
    seen = QCoreApplication.translate("Map", "定位 {span}前").format(span=span_text(age or 0))
    return f"{unit.id} · {word(unit.type)}\n{status_word(unit.status)} {elapsed}\n{seen}"


def _incident(scene: Scene, key: str, clock: Clock) -> str:
    placed = scene.incidents.get(key)
    if placed is None:
        return ""
    incident = placed.what
    elapsed = elapsed_text((clock() - incident.created_at).total_seconds())
    head = f"{SHAPES[incident.priority]}{incident.priority} {incident.short} {word(incident.title)}"
    return "\n".join(
        part for part in (head, incident.place, f"{word(INCIDENT_LABELS[incident.state])} {elapsed}") if part
    )


def _alarm(scene: Scene, key: str, clock: Clock) -> str:
    placed = scene.alarms.get(key)
    if placed is None:
        return ""
    alarm = placed.what
    elapsed = elapsed_text((clock() - alarm.received_at).total_seconds())
    return f"{scene.site_name(alarm)}\n{word(ALARM_LABELS[alarm.state])} {elapsed}"
