"""The line of a sheet that is worked by keys: what is typed stands in it, the sheet's own keys pass through it."""

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent
from typing_extensions import override

from widgets.panels.finder import ComposingLine
from widgets.panels.kept_list import STEPS


class SheetLine(ComposingLine):
    """Arrows and the keys of `is_own` go to the sheet and are no letters."""

    def __init__(self, is_own: Callable[[QKeyEvent], bool]) -> None:
        super().__init__()
        self._is_own = is_own

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS or self._is_own(event):
            event.ignore()
        else:
            super().keyPressEvent(event)
