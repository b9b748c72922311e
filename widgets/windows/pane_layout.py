"""The layout of the call-taker's window: sizes of panes, panes moved out to a second screen, the way back and undo.

A pane that is moved out is a window of its own with the same keys; closing it brings the pane home. What a person has
arranged is kept per role; every change can be taken back, and the usual layout is one key away.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from widgets.arrangement import Arrangement
from widgets.theme import Theme

SETTLED_MS = 400
"""A splitter that has stood still so long has been moved."""

STEPS = 20
"""So many changes may be taken back."""

QUEUE, INCIDENT, ROSTER = (0.224, 300, 620), (0.290, 390, 860), (0.34, 200, 620)
"""Usual sizes of panes: share of the window, least and most pixels at scale 1; the map takes what is left."""

Sizes = dict[str, list[int]]


class PaneWindow(QWidget):
    """One pane by itself. `closed`: the person wants it back in its place."""

    closed = Signal()

    def __init__(self, pane: QWidget, title: str) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setWindowTitle(title)
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(pane)
        pane.show()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        event.ignore()
        self.closed.emit()


class PaneLayout(QObject):
    """`panes` by their names: each pane, the splitter it lives in, and its place there."""

    changed = Signal()

    def __init__(
        self,
        window: QWidget,
        theme: Theme,
        arrangement: Arrangement,
        columns: QSplitter,
        rows: QSplitter,
        panes: Mapping[str, tuple[QWidget, QSplitter, int]],
        actions: Callable[[], list[QAction]],
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._arrangement = window, theme, arrangement
        self._columns, self._rows, self._panes, self._actions = columns, rows, panes, actions
        self.out: dict[str, PaneWindow] = {}
        self.by_person = False
        self._past: list[Sizes] = []
        self._now: Sizes = {}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLED_MS)
        self._settle.timeout.connect(self._settled)
        for splitter in (columns, rows):
            splitter.splitterMoved.connect(self._moved)

    # -- as it stands --------------------------------------------------------------------------------------------

    def sizes(self) -> Sizes:
        """Everything that is kept of it."""
        found = {"columns": self._columns.sizes(), "rows": self._rows.sizes(), "window": _place(self._window)}
        return found | {f"out_{name}": _place(window) for name, window in self.out.items()}

    def arrange(self) -> None:
        """The kept layout, else the usual one."""
        kept = self._arrangement.load()
        place = kept.get("window", [])
        if len(place) == 4:
            self._window.setGeometry(*place)
        self._apply(kept)
        self._now = self.sizes()

    def follow(self) -> None:
        """Another screen, another size: the usual layout follows until a person has made one."""
        if not self._arrangement.load() and not self.by_person:
            self._columns.setSizes(self._usual_columns())
            self._rows.setSizes(self._usual_rows())
            self._now = self.sizes()

    def _apply(self, kept: Mapping[str, list[int]]) -> None:
        for name in self._panes:
            place = kept.get(f"out_{name}", [])
            if len(place) == 4 and self._window.isVisible():
                self._take_out(name, QRect(*place))
            elif name in self.out:
                self._bring_home(name)
        self._columns.setSizes(kept.get("columns", self._usual_columns()))
        self._rows.setSizes(kept.get("rows", self._usual_rows()))

    def _usual(self, whole: int, pane: tuple[float, int, int]) -> int:
        share, least, most = pane
        return min(max(round(whole * share), self._theme.px(least)), self._theme.px(most))

    def _usual_columns(self) -> list[int]:
        whole = self._window.width() - 2 * self._columns.handleWidth()
        left, right = self._usual(whole, QUEUE), self._usual(whole, INCIDENT)
        return [left, max(1, whole - left - right), right]

    def _usual_rows(self) -> list[int]:
        whole = self._rows.height() or round(self._window.height() * 0.8)
        below = self._usual(whole, ROSTER)
        return [max(1, whole - below), below]

    # -- as a person changes it ----------------------------------------------------------------------------------

    @Slot()
    def _moved(self) -> None:
        self.by_person = True
        self._settle.start()

    @Slot()
    def _settled(self) -> None:
        now = self.sizes()
        if now != self._now:
            self._past = [*self._past, self._now][-STEPS:]
            self._now = now
            self.changed.emit()

    def toggle(self, name: str) -> bool:
        """Move a pane out to a window of its own, or home; answers whether it is out now."""
        self.by_person = True
        if name in self.out:
            self._bring_home(name)
        else:
            self._take_out(name, _second_screen(self._window))
        self._settled()
        return name in self.out

    def undo(self) -> bool:
        """The layout before the last change; False where nothing was changed."""
        if not self._past:
            return False
        self._apply(self._past.pop())
        self._now = self.sizes()
        self.changed.emit()
        return True

    def reset(self) -> None:
        """The usual layout, every pane at home; this too can be taken back."""
        before = self.sizes()
        self._arrangement.forget()
        self.bring_all_home()
        self.by_person = False
        self._apply({})
        self._past = [*self._past, before][-STEPS:]
        self._now = self.sizes()
        self.changed.emit()

    def keep(self) -> None:
        """A person's own layout is kept; the usual one follows the screen."""
        if self.by_person:
            self._arrangement.save(self.sizes())

    def show_out(self, visible: bool) -> None:
        """What is on the second screen is for whoever is signed on."""
        for window in self.out.values():
            window.setVisible(visible)

    def bring_all_home(self) -> None:
        """Nobody sits here any more, or the window goes: no pane stays behind by itself."""
        for name in list(self.out):
            self._bring_home(name)

    def _take_out(self, name: str, at: QRect) -> None:
        if name in self.out:
            return
        pane, _, _ = self._panes[name]
        window = PaneWindow(pane, pane.accessibleName())
        window.addActions(self._actions())
        window.closed.connect(self._close_asked)
        window.setGeometry(at)
        self.out[name] = window
        self._hide_empty()
        window.show()

    def _bring_home(self, name: str) -> None:
        window = self.out.pop(name)
        pane, splitter, place = self._panes[name]
        earlier = sum(
            other in self.out for other, (_, home, at) in self._panes.items() if home is splitter and at < place
        )
        splitter.insertWidget(place - earlier, pane)
        pane.show()
        window.hide()
        window.deleteLater()
        self._hide_empty()
        self._window.activateWindow()

    def _hide_empty(self) -> None:
        """Map and roster both gone: their column too."""
        self._rows.setVisible(self._rows.count() > 0)

    @Slot()
    def _close_asked(self) -> None:
        name = next((name for name, window in self.out.items() if window is self.sender()), "")
        if name:
            self.toggle(name)


def _place(window: QWidget) -> list[int]:
    at = window.geometry()
    return [at.x(), at.y(), at.width(), at.height()]


def _second_screen(window: QWidget) -> QRect:
    """The whole of another screen; where there is none the left of this window, so that the incident stays in sight."""
    here = window.screen()
    other = next((screen for screen in here.virtualSiblings() if screen is not here), None)
    if other is not None:
        return other.availableGeometry()
    whole = window.geometry()
    return QRect(whole.left(), whole.center().y(), whole.width() * 6 // 10, whole.height() // 2)
