"""Never another incident under the writing hand: what is chosen while a person writes waits on the bar, with its name.

F1 and F2 choose an incident while a caller is speaking. What is written keeps column and cursor until the person
opens the incident that waits.
"""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from console.domain.incident import Incident
from console.services.picture import Picture
from widgets.panels.waiting import WaitingBar
from widgets.text import word


class PuttingOff:
    """The incidents that wait for one column. `writing`: whether a new incident or an answer is being written."""

    def __init__(self, column: QWidget, bar: WaitingBar, picture: Picture, writing: Callable[[], bool]) -> None:
        self._column, self._bar, self._picture, self._writing = column, bar, picture, writing
        self.waiting: list[str] = []

    def must(self) -> bool:
        """Whether nothing else may be shown now in place of what is written.

        A list, the map or the command line with the focus is another place the person went to; a button is not.
        """
        if not self._writing():
            return False
        at = self._column.window().focusWidget()
        return at is None or self._column.isAncestorOf(at) or isinstance(at, QAbstractButton)

    def put_off(self, number: str) -> None:
        """Name the incident on the bar; what is written keeps column and cursor."""
        self.add(number)
        at, writing = self._column.window().focusWidget(), self._column.focusWidget()
        if writing is not None and at is not writing:
            writing.setFocus(Qt.FocusReason.OtherFocusReason)

    def add(self, number: str) -> None:
        """One more waits."""
        if number not in self.waiting:
            self.waiting.append(number)
        self.show()

    def done(self, number: str) -> None:
        """It is shown now."""
        if number in self.waiting:
            self.waiting.remove(number)

    def show(self) -> None:
        """The bar as it stands; what has ended meanwhile waits no more."""
        state = self._picture.state
        self.waiting = [n for n in self.waiting if (i := state.get(Incident, n)) is not None and i.open]
        self._bar.show_waiting({number: self._said_of(number) for number in self.waiting})

    def _said_of(self, number: str) -> str:
        """已派 巡05 · 0016 一键报警 · 漳州市实验小学: what has been done with an incident that waits."""
        incident = self._picture.state.get(Incident, number)
        sent = "、".join(order.unit for order in self._picture.orders(number) if order.open)
        alarms = self._picture.alarms(number)
        done = QCoreApplication.translate("PuttingOff", "已选")
        if sent:
            done = QCoreApplication.translate("PuttingOff", "已派 {units}").format(units=sent)
        elif alarms and not any(alarm.unacknowledged for alarm in alarms):
            done = QCoreApplication.translate("PuttingOff", "已确认")
        named = f"{incident.short} {word(incident.title)}".strip() if incident is not None else number
        return f"{done} · {named}"
