"""Officers in need in a window: the bar, the map that goes there, and the way back to what was looked at before."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal, Slot

from console.domain.emergency import Emergency
from console.domain.incident import Incident
from console.domain.secrecy import is_hidden
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.safety import open_emergencies
from widgets.map.canvas import MapCanvas
from widgets.panels.emergency_bar import EmergencyBar, Need
from widgets.text import elapsed_text, said
from widgets.theme import Theme
from widgets.tick import Tick

FLASH = "emergency"


class Emergencies(QObject):
    """`asked` carries a command line: what the bar's buttons stand for."""

    asked = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, tick: Tick, canvas: MapCanvas | None) -> None:
        super().__init__()
        self._desk, self._tick, self._canvas = desk, tick, canvas
        self.bar = EmergencyBar(theme)
        self.bar.acknowledged.connect(self._acknowledge)
        self.bar.stopped.connect(self._stop)
        self.bar.back.connect(self.go_back)
        tick.second.connect(self._beat)
        tick.flash.connect(self.bar.flash)
        self.close = desk.picture.observe(self._take_in)
        self.refresh()

    def refresh(self) -> None:
        """Say what runs at this moment."""
        running, now = open_emergencies(self._desk.picture.state), self._tick.now()
        away = self._canvas is not None and self._canvas.is_away
        self.bar.show_needs([self._need(row, now) for row in running], away=away)
        self._tick.flash_for(FLASH, wanted=bool(running) and running[0].acknowledged_at is None)

    def _need(self, row: Emergency, now: datetime) -> Need:
        incident = self._desk.picture.state.get(Incident, row.incident)
        where = self._where(incident) if incident is not None else ""
        fix = self._desk.picture.positions.get(row.unit)
        seen = self.tr("定位 {age} 前").format(age=elapsed_text((now - fix.at).total_seconds())) if fix else ""
        known = self.tr("{who} 已确认").format(who=row.acknowledged_by) if row.acknowledged_at is not None else ""
        how = self.tr("安全核实无应答") if row.source == "clock" else ""
        since = elapsed_text((now - row.started_at).total_seconds())
        head = self.tr("民警紧急求助 {unit}").format(unit=row.unit)
        pieces = (head, since, how, where, seen or self.tr("没有定位"), known)
        return Need(row.unit, " · ".join(piece for piece in pieces if piece), bool(known))

    def _where(self, incident: Incident) -> str:
        """Its number, title and place; help has to find the place, what a secret incident is about it need not know."""
        hidden = is_hidden(incident, self._desk.actor, self._desk.roles)
        pieces = (incident.short, "" if hidden else said(incident.title), incident.place)
        return " ".join(piece for piece in pieces if piece)

    def _take_in(self, changes: Changes) -> None:
        fresh = [row for row in changes.added if isinstance(row, Emergency) and row.open]
        for row in fresh:
            fix = self._desk.picture.positions.get(row.unit)
            lat, lon = (fix.lat, fix.lon) if fix is not None else (row.lat, row.lon)
            if self._canvas is not None and lat is not None and lon is not None:
                self._canvas.go_to(lat, lon)
        if fresh or any(isinstance(row, Emergency) for row in (*changes.updated, *changes.removed)):
            self.refresh()

    @Slot(object)
    def _beat(self, _: object) -> None:
        if self.bar.needs:
            self.refresh()

    @Slot()
    def go_back(self) -> None:
        """★: the map as it was before it was taken away."""
        if self._canvas is not None:
            self._canvas.go_back()
        self.refresh()

    @Slot()
    def _acknowledge(self) -> None:
        """The one who stands on the bar, by name: a bare word would mean whoever comes first when it is carried out."""
        if self.bar.needs:
            self.asked.emit(f"应援 {self.bar.needs[0].unit}")

    @Slot()
    def _stop(self) -> None:
        self.asked.emit("解除")
