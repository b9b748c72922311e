"""The register 点位登记 in a window: the form as a sheet over queue and map, never over an incident being written."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from console.services.desk import Desk
from widgets.panels.cover import Cover
from widgets.panels.site_form import LastSignals, SiteForm
from widgets.tasks import Tasks
from widgets.theme import Theme

MOST = 1180
"""The sheet's greatest width and height at scale 1."""


class Register(QObject):
    """`open` for looking up, `register_alarm` for the account of an alarm that nobody knows."""

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, ground: QWidget, place: Callable[[], QRect]) -> None:
        super().__init__(ground)
        self.form = SiteForm(desk, theme, tasks)
        self.cover = Cover(ground, theme, self.form, place, MOST)
        self.form.left.connect(self.cover.hide)
        self.close = self.form.close_panel

    def read_signals_by(self, last_signals: LastSignals) -> None:
        """Where a site's last signals are read."""
        self.form.last_signals = last_signals

    def open(self, site: str = "") -> None:
        """Shift+F4."""
        self.cover.open()
        self.form.open(site)

    def register_alarm(self, alarm: str) -> None:
        """F4: the record of the alarm's account, begun with what is known of it."""
        self.cover.open()
        self.form.register_alarm(alarm)

    @property
    def unsaved(self) -> bool:
        """Whether something typed in the form is not saved."""
        return self.form.unsaved

    def refresh(self) -> None:
        """Another person sits here, or nobody: the sheet goes, and nothing of his is left in it."""
        self.cover.hide()
        self.form.refresh()
