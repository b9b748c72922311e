"""What the person is working on: one incident, one unit, one alarm, shared by all panes of a window."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class Chosen:
    """Keys of what is selected; '' = nothing."""

    incident: str = ""
    unit: str = ""
    alarm: str = ""


class Selection(QObject):
    """The selection; `changed` carries the new `Chosen`, only when it differs from the old."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chosen = Chosen()

    @property
    def chosen(self) -> Chosen:
        return self._chosen

    @property
    def incident(self) -> str:
        return self._chosen.incident

    @property
    def unit(self) -> str:
        return self._chosen.unit

    @property
    def alarm(self) -> str:
        return self._chosen.alarm

    def choose_incident(self, number: str) -> None:
        """Another incident; an alarm chosen before is no longer meant."""
        self._take(replace(self._chosen, incident=number, alarm=""))

    def choose_unit(self, unit: str) -> None:
        self._take(replace(self._chosen, unit=unit))

    def choose_alarm(self, alarm: str, incident: str = "") -> None:
        """An alarm with its incident; '' for unreadable bytes, which have none."""
        self._take(replace(self._chosen, alarm=alarm, incident=incident))

    def _take(self, chosen: Chosen) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self.changed.emit(chosen)
