"""The window that is open now, and how another takes its place in another language while everything else goes on.

Lines, journal and watch belong to the station and notice nothing. The old window stops listening, what was typed is
kept, the person stays signed on; the new one opens at the same place and goes on where the old one was.
"""

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QRect, QSize, Qt, SignalInstance

from console.seat import Desktop
from console.station import Station
from widgets.arrangement import Arrangement
from widgets.collector import Collector
from widgets.tick import Tick


class OpenedWindow(Protocol):
    """The part of a window that a stage needs."""

    @property
    def closing(self) -> SignalInstance: ...
    @property
    def language_wanted(self) -> SignalInstance: ...
    def showMaximized(self) -> object: ...  # noqa: N802 -- Qt's name
    def setGeometry(self, place: QRect, /) -> object: ...  # noqa: N802 -- Qt's name
    def geometry(self) -> QRect: ...
    def windowState(self) -> Qt.WindowState: ...  # noqa: N802 -- Qt's name
    def setWindowState(self, state: Qt.WindowState, /) -> object: ...  # noqa: N802 -- Qt's name
    def resize(self, size: QSize, /) -> object: ...
    def show(self) -> object: ...
    def hide(self) -> object: ...
    def deleteLater(self) -> object: ...  # noqa: N802 -- Qt's name


class Opened(Protocol):
    """A window with what belongs to it and must live as long. `leave` ends it and keeps the person at the seat; its
    answer tells the next one's `resume` where he was."""

    @property
    def window(self) -> OpenedWindow: ...
    @property
    def tick(self) -> Tick: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def leave(self) -> Any: ...
    async def resume(self, place: Any) -> None: ...


Opener = Callable[[Desktop, Station], Opened]


class Stage:
    """One window at a time over one station. `closing` is called when a person closes it, `wanted` when he asks for
    another language ('' = the other one)."""

    def __init__(
        self,
        desktop: Desktop,
        station: Station,
        opener: Opener,
        *,
        closing: Callable[[], None],
        wanted: Callable[[str], None],
    ) -> None:
        self._desktop, self._station, self._opener = desktop, station, opener
        self._closing, self._wanted = closing, wanted
        self._forget: Callable[[], None] = lambda: None
        self.opened = self._build()

    def _build(self) -> Opened:
        self._forget = _others(self._station)
        opened = self._opener(self._desktop, self._station)
        opened.window.closing.connect(self._closing)
        opened.window.language_wanted.connect(self._wanted)
        self._collector = Collector(opened.tick)
        return opened

    async def start(self, size: QSize) -> None:
        """The loop runs."""
        self.opened.window.resize(size)
        self.opened.window.showMaximized()
        await self.opened.start()

    async def change_language(self, language: str) -> None:
        """The same window in another language."""
        old = self.opened
        place = await old.leave()
        self._collector.close()
        self._forget()
        self._desktop.speak(language or self._desktop.other_language)
        Arrangement(self._station.settings.data_folder, place.role).keep_language(self._desktop.language)
        self.opened = self._build()
        window = self.opened.window
        window.setGeometry(old.window.geometry())
        window.setWindowState(old.window.windowState())
        window.show()
        await self.opened.resume(place)
        old.window.hide()
        old.window.deleteLater()

    async def stop(self) -> None:
        """The window goes, and the seat with it."""
        self.opened.window.hide()
        await self.opened.stop()

    def close(self) -> None:
        """After the station has stopped."""
        self._collector.close()


def _others(station: Station) -> Callable[[], None]:
    """Remember who listens to the station now; the answer ends whoever came since."""
    picture, health, presence = station.picture.observers, station.health.observers, station.presence.observers

    def forget() -> None:
        station.picture.keep_only(picture)
        station.health.keep_only(health)
        station.presence.keep_only(presence)

    return forget
