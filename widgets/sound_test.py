"""The sound test at the beginning of a shift 试音: the sounds are played, and the person says that they were heard.

Until then the lamp asks for it. Without a device there is nothing to test; the lamp says that instead.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

from console.domain.errors import UserError
from console.domain.facts import SignedOn
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.messages import Messages
from widgets.sound import NAMES, Play
from widgets.tick import Tick

ANSWER_S = 20
"""So long after the sounds a second press counts as the answer."""
APART_MS = 1500


class SoundTest(QObject):
    """`told` is called with None while the test is due, and with the time it was answered."""

    def __init__(
        self,
        desk: Desk,
        tick: Tick,
        player: Mapping[str, Play],
        messages: Messages,
        told: Callable[[datetime | None], None],
    ) -> None:
        super().__init__()
        self._desk, self._tick, self._player, self._messages, self._told = desk, tick, player, messages, told
        self._played_at: float | None = None
        self._left: list[str] = []
        self._next = QTimer(self)
        self._next.setInterval(APART_MS)
        self._next.timeout.connect(self._play_next)
        self.close = desk.picture.observe(self._take_in)
        self.tested_at: datetime | None = None
        told(None)

    def _take_in(self, changes: Changes) -> None:
        """Another person sits here: he hears for himself."""
        for fact in changes.facts:
            if isinstance(fact.body, SignedOn) and fact.seat == self._desk.seat:
                self._played_at, self.tested_at = None, None
                self._told(None)

    def press(self) -> None:
        """Play the sounds; pressed again within 20 s: they were heard. UserError without a device."""
        if not self._player:
            raise UserError(QCoreApplication.translate("SoundTest", "本机没有声音设备：接上音箱或耳机后重新打开程序"))
        now = self._tick.steady()
        if self._played_at is not None and now - self._played_at <= ANSWER_S:
            self._played_at, self.tested_at = None, self._tick.now()
            self._next.stop()
            self._told(self.tested_at)
            self._messages.info(QCoreApplication.translate("SoundTest", "试音通过"))
            return
        self._played_at, self._left = now, list(NAMES)
        self._play_next()
        self._next.start()
        asked = QCoreApplication.translate("SoundTest", "试音：听到各种提示音后再按 Ctrl+Alt+S；听不到请检查音箱")
        self._messages.info(asked)

    @Slot()
    def _play_next(self) -> None:
        if not self._left:
            self._next.stop()
            return
        play = self._player.get(self._left.pop(0))
        if play is not None:
            play()
